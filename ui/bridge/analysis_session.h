// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/path/trust.h"
#include "core/pipeline/analysis_run.h"
#include "ui/bridge/newest_job.h"

#include <QObject>
#include <QStringList>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace gatescope::ui {

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
    /// The same inputs again.
    void reload();
    /// Stops reading; what was read stays, and `finished` follows with `stopped`.
    void cancel();
    /// Back to nothing open.
    void close();

    /// Whom to believe about clients, now and in what is opened later. A snapshot follows when something is open.
    void setTrust(std::shared_ptr<const path::Trust> trust);
    const std::shared_ptr<const path::Trust>& trust() const { return m_trust; }

    /// As given; the snapshot's inputs are those read.
    const QStringList& paths() const { return m_paths; }
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
    void finished();

private:
    class Run;
    /// What the given paths stand for.
    struct Inputs {
        std::vector<std::string> paths;
        std::vector<pipeline::InputResult> unusable; ///< folders
        std::size_t skipped = 0;
    };
    static Inputs lookIntoFolders(const std::vector<std::string>& given, const std::stop_token& stop);
    void start(Inputs inputs);
    void collect();
    void retire();

    Analyse m_analyse;
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
    std::optional<analysis::Snapshot> m_snapshot;
    std::optional<pipeline::RunResult> m_result;
    std::uint64_t m_generation = 0;
    qint64 m_elapsedMs = 0;
    bool m_cancelled = false;
};

} // namespace gatescope::ui
