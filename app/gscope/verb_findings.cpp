// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/verb.h"

#include "core/analysis/path_graph.h"
#include "core/analysis/trust_answer.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace gatescope::cli {

namespace {

class FindingsVerb final : public CaptureVerb {
public:
    std::string_view name() const override { return "findings"; }
    std::string_view purpose() const override { return "Everything odd, worst first"; }

    void declare(CLI::App& command) override {
        addInputOptions(command, m_options);
        addLiveOptions(command, m_options.live);
        addResultOptions(command, m_options);
        addFieldsOption(command, m_options);
        addOutputOptions(command, m_options);
        command.footer("With --filter only the findings of the exchanges that match.\n\n"
                       "  gscope findings capture.pcapng\n"
                       "  gscope findings --fail-on medium --quiet capture.pcapng || echo look at it");
    }

protected:
    LiveKind liveKind() const override { return LiveKind::Rows; }

    std::expected<void, Failure> prepare() override {
        auto selection = selectionOf(m_options, m_columns,
                                     {"severity", "id", "packet", "line", "flow", "exchange", "title", "evidence"});
        if (!selection) return std::unexpected(selection.error());
        m_selection = *std::move(selection);
        return {};
    }

    std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                       const std::stop_token& stop) override {
        report::RowWriter writer = destination.rows(report::chosen(m_columns, m_selection));
        const analysis::Snapshot& snapshot = results.snapshot;
        auto findings = analysis::pathFindings(snapshot, results.rows, *snapshot.trust());
        if (m_options.filter.empty()) addTrust(snapshot, stop, findings);
        const auto severityOf = [](const analysis::PlacedFinding& placed) { return placed.finding.kind->severity; };
        if (!findings.empty()) m_worst = severityOf(*std::ranges::max_element(findings, {}, severityOf));
        findings.insert(findings.begin(), results.findings.begin(), results.findings.end());
        std::ranges::stable_sort(findings, std::ranges::greater(), severityOf);
        report::writeFindings(snapshot, findings, m_selection, writer, destination.numbering);
        writer.finish();
        return {};
    }

    std::optional<Severity> worstOwnFinding() const override { return m_worst; }

private:
    static void addTrust(const analysis::Snapshot& snapshot, const std::stop_token& stop,
                         std::vector<analysis::PlacedFinding>& findings) {
        const auto answer = analysis::trustAnswer(snapshot, analysis::publicTrust(), stop);
        if (!answer) return;
        for (auto& placed : analysis::trustFindings(snapshot, *answer)) findings.push_back(std::move(placed));
    }

    std::optional<Severity> m_worst; ///< of source paths and trust, which are worked out here
    const std::vector<report::Column> m_columns = report::findingColumns();
    report::Selection m_selection;
};

} // namespace

std::unique_ptr<Verb> makeFindingsVerb() {
    return std::make_unique<FindingsVerb>();
}

} // namespace gatescope::cli
