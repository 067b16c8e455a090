// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/verb.h"
#include "core/analysis/path_graph.h"
#include "core/report/path_dot.h"
#include "core/report/path_rows.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

namespace gatescope::cli {

namespace {

constexpr const char* kPathsFooter =
    "Nothing is trusted that you do not name, not even private addresses. Hops are seen (in packets), proven (the\n"
    "hop that took the connection says so and is trusted, or is the gateway), claimed (by a header), or inferred.\n"
    "JSON has one row a path with its hops in a list; CSV and TSV have one row a hop. --fields with the name of a\n"
    "hop's field gives rows of hops in any format.\n\n"
    "  gscope paths capture.pcapng\n"
    "  gscope paths --trusted 10.0.9.0/24 --format jsonl capture.pcapng\n"
    "  gscope paths --topology topology.json                     checks the topology alone";

/// What the rows are.
enum class PathsView : std::uint8_t { Report, Paths, Hops, Dot };

/// Paths of what the inputs hold.
class PathsOfInputs final : public CaptureVerb {
public:
    std::string_view name() const override { return "paths"; }
    std::string_view purpose() const override { return {}; }

    void declare(CLI::App& command) override {
        addInputOptions(command, m_options);
        command.get_option("INPUT")->required(false);
        command.add_flag("--per-hop", m_perHop, "One row a hop, in JSON too");
        command.add_flag("--dot", m_dot, "The graph of all paths, for Graphviz");
        addResultOptions(command, m_options);
        addFieldsOption(command, m_options);
        addOutputOptions(command, m_options);
        command.footer(kPathsFooter);
    }

    const Options& options() const { return m_options; }

protected:
    std::expected<void, Failure> prepare() override {
        auto trust = trustOf(m_options.trust);
        if (!trust) return std::unexpected(trust.error());
        m_trust = *std::move(trust);
        m_view = view();
        m_columns = m_view == PathsView::Paths ? report::pathColumns() : report::hopColumns();
        auto selection = selectionOf(m_options, m_columns, {});
        if (!selection) return std::unexpected(selection.error());
        m_selection = *std::move(selection);
        return {};
    }

    std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                       const std::stop_token& stop) override {
        const analysis::PathGraph graph = analysis::pathGraph(results.snapshot, results.rows, {m_trust, 0},
                                                              [&stop] { return stop.stop_requested(); });
        for (const auto& placed : graph.findings)
            m_worst = std::max(m_worst, std::optional(placed.finding.kind->severity));
        if (m_view == PathsView::Report) {
            report::writePathReport(results.snapshot, graph, destination.writer, destination.file);
            return {};
        }
        if (m_view == PathsView::Dot) {
            destination.file.write(report::pathsAsDot(graph));
            return {};
        }
        report::RowWriter writer(destination.writer, report::chosen(m_columns, m_selection), destination.file);
        m_view == PathsView::Paths ? report::writePaths(results.snapshot, graph, m_selection, writer)
                                   : report::writeHops(results.snapshot, graph, m_selection, writer);
        writer.finish();
        return {};
    }

    std::optional<Severity> worstOwnFinding() const override { return m_worst; }

private:
    PathsView view() const {
        if (m_dot) return PathsView::Dot;
        if (m_perHop) return PathsView::Hops;
        const bool isJson = m_options.format == "json" || m_options.format == "jsonl";
        if (m_options.fields.empty())
            return isJson ? PathsView::Paths : m_options.format == "table" ? PathsView::Report : PathsView::Hops;
        // A field that only hops have asks for rows of hops.
        const bool fitsPaths = selectionOf(m_options, report::pathColumns(), {}).has_value();
        const bool fitsHops = selectionOf(m_options, report::hopColumns(), {}).has_value();
        return fitsPaths && (isJson || !fitsHops) ? PathsView::Paths : PathsView::Hops;
    }

    bool m_perHop = false;
    bool m_dot = false;
    PathsView m_view = PathsView::Report;
    std::shared_ptr<const path::Trust> m_trust;
    std::vector<report::Column> m_columns;
    report::Selection m_selection;
    std::optional<Severity> m_worst;
};

class PathsVerb final : public Verb {
public:
    std::string_view name() const override { return "paths"; }
    std::string_view purpose() const override { return "Which way calls came: every hop, and who says so"; }

    void declare(CLI::App& command) override { m_ofInputs.declare(command); }

    std::expected<ExitStatus, Failure> run(std::stop_token stop) override {
        const Options& options = m_ofInputs.options();
        if (!options.inputs.empty()) return m_ofInputs.run(std::move(stop));
        if (options.trust.topology.empty() && options.trust.trusted.empty())
            return std::unexpected(Failure{ExitStatus::WrongUse, "INPUT is required, or --topology alone to check it"});
        return checkTopologyAlone(options);
    }

private:
    static std::expected<ExitStatus, Failure> checkTopologyAlone(const Options& options) {
        const auto format = formatOf(options);
        if (!format) return std::unexpected(format.error());
        const auto failOn = failOnOf(options);
        if (!failOn) return std::unexpected(failOn.error());
        const auto columns = report::findingColumns();
        const auto selection = selectionOf(options, columns, {"severity", "id", "title", "evidence", "fix"});
        if (!selection) return std::unexpected(selection.error());
        const auto trust = trustOf(options.trust);
        if (!trust) return std::unexpected(trust.error());
        auto file = FileOutput::open(options.output, {options.trust.topology});
        if (!file) return std::unexpected(file.error());

        std::vector<analysis::PlacedFinding> findings;
        bool isBad = false;
        for (Finding& finding : path::checkTopology(**trust)) {
            isBad = isBad || (*failOn && finding.kind->severity >= **failOn);
            findings.push_back({std::move(finding), std::nullopt});
        }
        std::ranges::stable_sort(findings, std::ranges::greater(),
                                 [](const auto& placed) { return placed.finding.kind->severity; });
        report::RowWriter writer({*format, (*file)->terminalWidth()}, report::chosen(columns, *selection), **file);
        report::writeFindings(analysis::Snapshot(), findings, *selection, writer);
        writer.finish();
        if (auto done = (*file)->commit(); !done) return std::unexpected(done.error());
        if (findings.empty() && !options.quiet) say("the topology has no conflict that we know of");
        return isBad ? ExitStatus::Found : ExitStatus::Done;
    }

    PathsOfInputs m_ofInputs;
};

} // namespace

std::unique_ptr<Verb> makePathsVerb() {
    return std::make_unique<PathsVerb>();
}

} // namespace gatescope::cli
