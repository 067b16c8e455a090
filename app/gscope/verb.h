// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/gscope/file_output.h"
#include "app/gscope/inputs.h"
#include "app/gscope/live_writer.h"
#include "app/gscope/options.h"
#include "core/pipeline/analysis_run.h"
#include "core/pipeline/secrets.h"
#include "core/report/changed_rows.h"
#include "core/report/numbering.h"
#include "core/report/row_writer.h"

#include <expected>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace gatescope::cli {

/// One verb of the command line: declares its options, then runs.
class Verb {
public:
    virtual ~Verb() = default;
    virtual std::string_view name() const = 0;
    /// One line for the list of verbs.
    virtual std::string_view purpose() const = 0;
    /// Options and examples.
    virtual void declare(CLI::App& command) = 0;
    virtual std::expected<ExitStatus, Failure> run(std::stop_token stop) = 0;
};

std::unique_ptr<Verb> makeSummaryVerb();
std::unique_ptr<Verb> makeExchangesVerb();
std::unique_ptr<Verb> makeGroupsVerb();
std::unique_ptr<Verb> makeTokensVerb();
std::unique_ptr<Verb> makeSimulateVerb();
std::unique_ptr<Verb> makePathsVerb();
std::unique_ptr<Verb> makeTlsVerb();
std::unique_ptr<Verb> makeTrustVerb();
std::unique_ptr<Verb> makeProfilesVerb();
std::unique_ptr<Verb> makeHeadersVerb();
std::unique_ptr<Verb> makeBodyVerb();
std::unique_ptr<Verb> makeFollowVerb();
std::unique_ptr<Verb> makeFindingsVerb();
std::unique_ptr<Verb> makeExportVerb();
std::unique_ptr<Verb> makeCaptureVerb();
std::unique_ptr<Verb> makeInterfacesVerb();
std::unique_ptr<Verb> makeFieldsVerb();
std::unique_ptr<Verb> makeVersionVerb();

/// What reading the inputs gave.
struct Results {
    Inputs inputs;
    analysis::Snapshot snapshot;
    std::vector<analysis::Row> rows;               ///< that pass the filter, in the order of their ids
    std::vector<analysis::PlacedFinding> findings; ///< with a filter: only those of its rows
    pipeline::RunResult run;
    std::shared_ptr<pipeline::Secrets> secrets; ///< those given and those in the captures; never null
};

/// Where and how results are written.
struct Destination {
    report::ByteSink& file;
    report::WriterOptions writer;
    report::ChangedRows* changes = nullptr; ///< rows are written again and again, and only those that changed go on
    report::Numbering* numbering = nullptr; ///< rows need numbers that stay

    report::RowWriter rows(std::vector<report::Column> columns) const {
        return changes ? changes->writer(std::move(columns)) : report::RowWriter(writer, std::move(columns), file);
    }
};

/// How a verb shows what grows.
enum class LiveKind : std::uint8_t {
    None,   ///< it cannot
    Calls,  ///< calls as they come and go on; the verb has a writer of its own
    Rows,   ///< rows as they come
    Totals, ///< totals that change
    Page    ///< all of it again
};

/// A verb over captures: checks its options before anything is read, reads, writes, and works out the status.
class CaptureVerb : public Verb {
public:
    std::expected<ExitStatus, Failure> run(std::stop_token stop) final;

protected:
    /// Looks at the verb's own options; nothing was read yet.
    virtual std::expected<void, Failure> prepare() = 0;
    virtual std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                               const std::stop_token& stop) = 0;
    /// The worst of what the verb itself found, beside the findings of the inputs; for --fail-on, after `write`.
    virtual std::optional<Severity> worstOwnFinding() const { return std::nullopt; }
    virtual LiveKind liveKind() const { return LiveKind::None; }
    /// For LiveKind::Calls, when it is not a table on a terminal.
    virtual std::unique_ptr<LiveWriter> liveCalls(const Destination&, const analysis::Filter&) { return nullptr; }
    bool isLive() const { return m_options.live.captures() || m_options.live.follows; }
    /// True: captures are opened again after the analysis, so standard input must be kept.
    virtual bool readsAgain() const { return false; }

    Options m_options;

private:
    /// Options, understood.
    struct Asked {
        report::Format format;
        std::optional<Severity> failOn;
        analysis::Filter filter;
        pipeline::RunOptions options;
    };
    std::expected<Asked, Failure> understand();
    std::expected<void, Failure> checkSources();
    ExitStatus worseByFindings(ExitStatus status, const std::vector<analysis::PlacedFinding>& findings,
                               const Asked& asked) const;
    std::expected<ExitStatus, Failure> runInputs(const Asked& asked, const std::stop_token& stop);

    std::expected<ExitStatus, Failure> runLive(const Asked& asked, const std::stop_token& stop);
    std::unique_ptr<LiveWriter> liveWriter(const Asked& asked, FileOutput& file, const std::stop_token& stop);
    Results liveResults(const LiveView& view, const Asked& asked) const;
    std::expected<void, Failure> showUntilOver(LiveRun& run, LiveWriter& writer, const LivePlan& plan, bool hasScreen,
                                               const std::stop_token& stop);

    pipeline::RunResult analyse(const Inputs& inputs, analysis::Dataset& dataset, const pipeline::RunOptions& options,
                                const std::stop_token& stop) const;
    Results read(Inputs inputs, const analysis::Filter& filter, const pipeline::RunOptions& options,
                 const std::stop_token& stop) const;
};

/// Says what is wrong with an input unless quiet, and gives the status that follows from it.
ExitStatus tellError(const std::string& input, const Error& error, bool isQuiet);
/// Leaves the rows that the filter lets through, and with a filter only their findings.
void choose(Results& results, const std::vector<analysis::Row>& rows, const analysis::Filter& filter);

} // namespace gatescope::cli
