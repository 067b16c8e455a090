// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/capture_feed.h"
#include "core/path/trust.h"
#include "core/pipeline/analysis_run.h"
#include "core/pipeline/live_run.h"
#include "ui/bridge/newest_job.h"
#include "ui/bridge/secrets_reader.h"

#include <QObject>
#include <QStringList>

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace gatescope::ui {

/// What is read while it is written.
struct LiveInput {
    /// The shape of pipeline::follow; tests put their own in its place.
    using Follow =
        std::function<pipeline::RunResult(capture::CaptureFeed&, analysis::Dataset&, const pipeline::LiveOptions&,
                                          std::stop_token, const std::function<void(const pipeline::LiveProgress&)>&)>;
    /// Called in the thread that reads, because connecting may take seconds.
    using OpenFeed = std::function<std::expected<std::shared_ptr<capture::CaptureFeed>, Error>(std::stop_token)>;

    QString title; ///< `eth0`, a file's name
    OpenFeed open;
    Follow follow;
    pipeline::LiveOptions options{};
    bool isCapture = false; ///< it cannot be opened again
};

/// One set of inputs at a time: opens, reads in the background, publishes what there is, stops.
///
/// Lives in the GUI thread and never blocks it. While reading, a snapshot is published at most every 100 ms, and a last
/// one always follows. After `finished` nothing more comes until the next `open`.
class AnalysisSession : public QObject {
    Q_OBJECT
public:
    /// The shape of pipeline::analyse; tests put their own in its place.
    using Analyse = std::function<pipeline::RunResult(const std::vector<std::string>&, analysis::Dataset&,
                                                      const pipeline::RunOptions&, std::stop_token,
                                                      const std::function<void(const pipeline::Progress&)>&)>;

    explicit AnalysisSession(Analyse analyse = pipeline::analyse, QObject* parent = nullptr);
    /// Stops a run and waits for it.
    ~AnalysisSession() override;

    /// Replaces what is open. A run that is still going on is stopped and forgotten. A folder stands for the captures
    /// and logs in it, which are looked for in the background.
    void open(const QStringList& paths);
    /// The same for what never ends by itself: calls under way are in the snapshots too, and `liveProgressChanged`
    /// tells how far it is. `cancel` ends it, or the feed does; what was read stays.
    void follow(LiveInput input);
    /// The same inputs again; a capture cannot be.
    void reload();
    /// Reads key logs and private keys in the background, for what is open and for what is opened later. `secretsRead`
    /// tells what they held. When there is something new in them, what is open is read again in place (`readingAgain`);
    /// files that hold no secrets are left to the caller, and then nothing is read again.
    void addSecrets(const std::vector<GivenFile>& files) { m_secrets.read(files); }
    bool readingSecrets() const { return m_secrets.busy(); }
    /// Never null.
    std::shared_ptr<pipeline::Secrets> secrets() const { return m_borrowed ? m_borrowed : m_secrets.secrets(); }
    /// Decrypts with those of another session.
    void useSecretsOf(const AnalysisSession& other) { m_borrowed = other.secrets(); }
    /// While `opened` is told, and until the next `open`: the same inputs are read once more, because more of them can
    /// be read now. Whoever shows them keeps what the user chose.
    bool readingAgain() const { return m_readingAgain; }
    /// Stops reading; what was read stays, and `finished` follows with `stopped`.
    void cancel();
    /// Back to nothing open.
    void close();

    /// Whom to believe about clients, now and in what is opened later. A snapshot follows when something is open.
    void setTrust(std::shared_ptr<const path::Trust> trust);
    const std::shared_ptr<const path::Trust>& trust() const { return m_trust; }

    /// As given; the snapshot's inputs are those read. Empty for what is followed.
    const QStringList& paths() const { return m_paths; }
    /// What is open is, or was, read while it was written.
    bool isLive() const { return m_live.has_value(); }
    bool isOpen() const { return isLive() || !m_paths.isEmpty(); }
    /// Of what is followed.
    QString liveTitle() const { return m_live ? m_live->title : QString(); }
    bool running() const { return m_run != nullptr || m_lookingIntoFolders; }
    /// Files of folders that are neither captures nor logs.
    std::size_t skippedFiles() const { return m_skippedFiles; }
    /// What has been published last.
    const std::optional<analysis::Snapshot>& snapshot() const { return m_snapshot; }
    /// Grows with each published snapshot.
    std::uint64_t generation() const { return m_generation; }
    const std::optional<pipeline::RunResult>& result() const { return m_result; }
    /// Wall time of the last run, reading only.
    qint64 elapsedMs() const { return m_elapsedMs; }

Q_SIGNALS:
    void opened();
    void closed();
    void snapshotChanged();
    void progressChanged(const gatescope::pipeline::Progress& progress);
    void liveProgressChanged(const gatescope::pipeline::LiveProgress& progress);
    void finished();
    void secretsRead(const gatescope::ui::SecretsAnswer& answer);

private:
    class Run;
    /// What the given paths stand for.
    struct Inputs {
        std::vector<std::string> paths;
        std::vector<pipeline::InputResult> unusable; ///< folders
        std::size_t skipped = 0;
    };
    static Inputs lookIntoFolders(const std::vector<std::string>& given, const std::stop_token& stop);
    void readAgain();
    void openInputs(const QStringList& paths);
    void reset();
    void startFollowing();
    void launch(std::vector<std::string> inputs, std::function<pipeline::RunResult(Run&, std::stop_token)> work);
    void onSecretsRead(const SecretsAnswer& answer);
    void start(Inputs inputs);
    void collect();
    void retire();

    Analyse m_analyse;
    SecretsReader m_secrets;
    std::shared_ptr<pipeline::Secrets> m_borrowed; ///< null: the own ones
    bool m_readingAgain = false;
    int m_readings = 0;                           ///< of the same inputs with the same secrets
    std::shared_ptr<const path::Trust> m_trust;   ///< null: nobody is trusted
    std::shared_ptr<analysis::Dataset> m_dataset; ///< of what is open
    NewestJob m_trusting;
    NewestJob m_looking;
    bool m_lookingIntoFolders = false;
    std::vector<pipeline::InputResult> m_unusable;
    std::size_t m_skippedFiles = 0;
    std::unique_ptr<Run> m_run;
    std::vector<std::unique_ptr<Run>> m_retired; ///< stopped, but their threads have not ended yet
    QStringList m_paths;
    std::optional<LiveInput> m_live;
    std::optional<analysis::Snapshot> m_snapshot;
    std::optional<pipeline::RunResult> m_result;
    std::uint64_t m_generation = 0;
    qint64 m_elapsedMs = 0;
    bool m_cancelled = false;
};

} // namespace gatescope::ui
