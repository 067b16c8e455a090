// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/analysis_session.h"

#include "core/pipeline/folder_inputs.h"
#include "core/pipeline/reading_again.h"
#include "ui/bridge/text.h"
#include "ui/bridge/thread_pace.h"

#include <QElapsedTimer>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace gatescope::ui {
namespace {

constexpr std::chrono::milliseconds kPublishEvery{100};

std::vector<std::string> toPaths(const QStringList& list) {
    std::vector<std::string> paths;
    for (const auto& path : list) paths.push_back(path.toLocal8Bit().toStdString());
    return paths;
}

} // namespace

/// A reading thread and a publishing thread over one dataset. The threads write into the mailbox; the GUI thread
/// empties it when it is told to, so a slow GUI gets fewer snapshots, never a queue of them.
class AnalysisSession::Run {
public:
    struct Mail {
        std::optional<analysis::Snapshot> snapshot;
        std::optional<pipeline::Progress> progress;
        std::optional<pipeline::LiveProgress> liveProgress;
        std::optional<pipeline::RunResult> result;
    };
    /// Fills the dataset, in the reading thread; tells how far it is with `progressed`.
    using Work = std::function<pipeline::RunResult(Run&, std::stop_token)>;

    /// `notify` is called from the threads of the run: mail is there.
    Run(std::vector<std::string> inputs, std::shared_ptr<const path::Trust> trust, Work work,
        std::function<void()> notify)
        : m_dataset(std::make_shared<analysis::Dataset>(std::move(inputs))), m_notify(std::move(notify)) {
        if (trust) m_dataset->setTrust(std::move(trust));
        m_clock.start();
        // The work goes with its thread: what it holds, such as a feed, may take a moment to let go.
        m_reader = std::jthread([this, read = std::move(work)](std::stop_token stop) {
            yieldToGui();
            auto result = read(*this, stop);
            const std::lock_guard lock(m_mutex);
            m_result = std::move(result);
            m_elapsedMs = m_clock.elapsed();
            m_wake.notify_all();
        });
        m_publisher = std::jthread([this] {
            yieldToGui();
            publish();
        });
    }
    void progressed(const pipeline::Progress& progress) {
        const std::lock_guard lock(m_mutex);
        m_mail.progress = progress;
    }
    void progressed(const pipeline::LiveProgress& progress) {
        const std::lock_guard lock(m_mutex);
        m_mail.liveProgress = progress;
    }
    const std::shared_ptr<analysis::Dataset>& dataset() const { return m_dataset; }
    void stop() { m_reader.request_stop(); }
    bool ended() const {
        const std::lock_guard lock(m_mutex);
        return m_ended;
    }
    qint64 elapsedMs() const {
        const std::lock_guard lock(m_mutex);
        return m_elapsedMs;
    }
    Mail takeMail() {
        const std::lock_guard lock(m_mutex);
        m_told = false;
        return std::exchange(m_mail, {});
    }

private:
    void publish() {
        std::uint64_t published = 0;
        std::unique_lock lock(m_mutex);
        for (bool last = false; !last;) {
            m_wake.wait_for(lock, kPublishEvery, [this] { return m_result.has_value(); });
            last = m_result.has_value();
            lock.unlock();
            const std::uint64_t changes = m_dataset->changes();
            std::optional<analysis::Snapshot> snapshot;
            if (changes != published || last) snapshot = m_dataset->snapshot();
            published = changes;
            lock.lock();
            if (snapshot) m_mail.snapshot = std::move(snapshot);
            if (last) {
                m_mail.result = std::exchange(m_result, std::nullopt);
                m_ended = true;
            }
            tell();
        }
    }
    void tell() {
        const bool mail = m_mail.snapshot || m_mail.progress || m_mail.liveProgress || m_mail.result;
        if (!mail || m_told) return;
        m_told = true;
        m_notify();
    }

    std::shared_ptr<analysis::Dataset> m_dataset;
    std::function<void()> m_notify;
    QElapsedTimer m_clock;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    Mail m_mail;
    std::optional<pipeline::RunResult> m_result;
    qint64 m_elapsedMs = 0;
    bool m_told = false;
    bool m_ended = false;
    std::jthread m_publisher; ///< joined last: it waits for the reader's result
    std::jthread m_reader;
};

AnalysisSession::AnalysisSession(Analyse analyse, QObject* parent) : QObject(parent), m_analyse(std::move(analyse)) {
    connect(&m_secrets, &SecretsReader::answered, this, &AnalysisSession::onSecretsRead);
}

AnalysisSession::~AnalysisSession() {
    retire();
    for (const auto& run : m_retired) run->stop();
}

void AnalysisSession::open(const QStringList& paths) {
    m_readingAgain = false;
    m_readings = 0;
    openInputs(paths);
}

void AnalysisSession::onSecretsRead(const SecretsAnswer& answer) {
    // Whoever is told may open something, and then these secrets are used already.
    const bool again = answer.anythingNew() && answer.others.isEmpty() && !m_paths.isEmpty();
    Q_EMIT secretsRead(answer);
    if (!again) return;
    m_readings = 0;
    readAgain();
}

void AnalysisSession::readAgain() {
    m_readingAgain = true;
    openInputs(QStringList(m_paths));
}

void AnalysisSession::reset() {
    retire();
    m_paths.clear();
    m_live.reset();
    m_snapshot.reset();
    m_result.reset();
    m_elapsedMs = 0;
    m_cancelled = false;
    m_unusable.clear();
    m_skippedFiles = 0;
}

void AnalysisSession::openInputs(const QStringList& paths) {
    reset();
    m_paths = paths;
    auto given = toPaths(paths);
    m_lookingIntoFolders = std::ranges::any_of(given, pipeline::isFolder);
    Q_EMIT opened();
    if (!m_lookingIntoFolders) return start({.paths = std::move(given), .unusable = {}});
    m_looking.ask([this, given = std::move(given)](const std::stop_token& stop) -> NewestJob::Deliver {
        return [this, inputs = lookIntoFolders(given, stop)] { start(inputs); };
    });
}

AnalysisSession::Inputs AnalysisSession::lookIntoFolders(const std::vector<std::string>& given,
                                                         const std::stop_token& stop) {
    Inputs inputs;
    for (const std::string& path : given) {
        if (!pipeline::isFolder(path)) {
            inputs.paths.push_back(path);
            continue;
        }
        auto found = pipeline::inputsInFolder(path, stop);
        if (!found) {
            pipeline::InputResult unusable;
            unusable.path = path;
            unusable.error = std::move(found).error();
            inputs.unusable.push_back(std::move(unusable));
            continue;
        }
        inputs.skipped += found->skipped;
        std::ranges::move(found->paths, std::back_inserter(inputs.paths));
    }
    return inputs;
}

void AnalysisSession::start(Inputs inputs) {
    m_lookingIntoFolders = false;
    m_unusable = std::move(inputs.unusable);
    m_skippedFiles = inputs.skipped;
    pipeline::RunOptions options;
    options.secrets = secrets();
    auto work = [analyse = m_analyse, options, paths = inputs.paths](Run& run, const std::stop_token& stop) {
        return analyse(paths, *run.dataset(), options, stop,
                       [&run](const pipeline::Progress& progress) { run.progressed(progress); });
    };
    launch(std::move(inputs.paths), std::move(work));
}

void AnalysisSession::follow(LiveInput input) {
    m_readingAgain = false;
    m_readings = 0;
    reset();
    m_live = std::move(input);
    Q_EMIT opened();
    startFollowing();
}

void AnalysisSession::startFollowing() {
    auto options = m_live->options;
    options.run.secrets = secrets();
    options.run.trust = m_trust;
    auto work = [input = *m_live, options](Run& run, const std::stop_token& stop) {
        auto feed = input.open(stop);
        if (feed) {
            return input.follow(**feed, *run.dataset(), options, stop,
                                [&run](const pipeline::LiveProgress& progress) { run.progressed(progress); });
        }
        run.dataset()->finish();
        pipeline::InputResult unusable;
        unusable.path = toUtf8(input.title);
        unusable.error = feed.error();
        pipeline::RunResult result;
        result.inputs.push_back(std::move(unusable));
        return result;
    };
    if (m_live->isCapture) m_live->open = nullptr; // whoever captures decides how long that lives
    launch({}, std::move(work));
}

void AnalysisSession::launch(std::vector<std::string> inputs,
                             std::function<pipeline::RunResult(Run&, std::stop_token)> work) {
    m_run = std::make_unique<Run>(std::move(inputs), m_trust, std::move(work), [this] {
        QMetaObject::invokeMethod(this, &AnalysisSession::collect, Qt::QueuedConnection);
    });
    m_dataset = m_run->dataset();
}

void AnalysisSession::setTrust(std::shared_ptr<const path::Trust> trust) {
    m_trust = std::move(trust);
    if (!m_dataset) return;
    m_trusting.ask([this, dataset = m_dataset, wanted = m_trust](const std::stop_token&) -> NewestJob::Deliver {
        dataset->setTrust(wanted);
        return [this, dataset, snapshot = dataset->snapshot()] {
            if (dataset != m_dataset || running()) return; // a run publishes by itself
            m_snapshot = snapshot;
            ++m_generation;
            Q_EMIT snapshotChanged();
        };
    });
}

void AnalysisSession::reload() {
    if (!m_paths.isEmpty()) return open(QStringList(m_paths));
    if (m_live && m_live->open) follow(LiveInput(*m_live));
}

void AnalysisSession::cancel() {
    m_cancelled = running() || m_lookingIntoFolders;
    if (m_run) m_run->stop();
    if (!m_lookingIntoFolders) return;
    m_looking.forget();
    start({}); // nothing to read, and an end as of any run
    m_run->stop();
}

void AnalysisSession::close() {
    reset();
    Q_EMIT closed();
}

void AnalysisSession::retire() {
    m_dataset.reset();
    m_trusting.forget();
    m_looking.forget();
    m_lookingIntoFolders = false;
    if (!m_run) return;
    m_run->stop();
    m_retired.push_back(std::move(m_run));
}

void AnalysisSession::collect() {
    std::erase_if(m_retired, [](const auto& run) {
        run->takeMail(); // so that its end is told as well
        return run->ended();
    });
    if (!m_run) return;
    auto mail = m_run->takeMail();
    if (mail.progress) Q_EMIT progressChanged(*mail.progress);
    if (mail.liveProgress) Q_EMIT liveProgressChanged(*mail.liveProgress);
    if (mail.snapshot) {
        m_snapshot = std::move(mail.snapshot);
        ++m_generation;
        Q_EMIT snapshotChanged();
    }
    if (!mail.result || !m_run) return;
    m_elapsedMs = m_run->elapsedMs();
    m_result = std::move(mail.result);
    m_result->stopped |= m_cancelled; // also when there was nothing left to stop
    m_result->inputs.insert(m_result->inputs.end(), m_unusable.begin(), m_unusable.end());
    m_run.reset();
    const bool again = !m_cancelled && !m_live;
    if (again && pipeline::isWorthReadingAgain(*m_result, toPaths(m_paths), ++m_readings)) return readAgain();
    Q_EMIT finished();
}

} // namespace gatescope::ui
