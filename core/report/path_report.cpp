// SPDX-License-Identifier: Apache-2.0
#include "core/path/trust_suggestion.h"
#include "core/report/cell_text.h"
#include "core/report/escape.h"
#include "core/report/path_rows.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <string>

namespace gatescope::report {

using analysis::PathGraph;
using analysis::PathSummary;
using path::Hop;

namespace {

std::string counted(std::uint64_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string headline(const PathSummary& summary, std::size_t number) {
    const analysis::PathTotals& totals = summary.totals;
    std::string text = fmt::format("Path {}: {}", number, counted(totals.exchanges, "exchange"));
    if (totals.errors != 0) text += ", " + counted(totals.errors, "error");
    if (totals.throttled != 0) text += fmt::format(", {} throttled", totals.throttled);
    if (totals.totalTokens) text += fmt::format(", {} tokens", *totals.totalTokens);
    if (totals.durationP95) {
        text += ", p95 ";
        appendDuration(text, *totals.durationP95);
        text += " ms";
    }
    const path::SourcePath& path = summary.example;
    if (path.effectiveClientText.empty()) return text;
    text += "; effective client ";
    appendTerminalText(text, path.effectiveClientText);
    if (path.verifiedBy) text += fmt::format(", verified by {}", path.verifiedBy->toString());
    return text;
}

/// Who speaks for the hop; `!` before those that speak against it.
std::string speakers(const Hop& hop) {
    std::string text;
    for (const path::Evidence& evidence : hop.evidence)
        text += fmt::format("{}{}{}", text.empty() ? "" : ", ", evidence.against ? "!" : "", evidence.source);
    return text;
}

std::string addressText(const Hop& hop) {
    if (!hop.address) return hop.text;
    return hop.port == 0 ? hop.address->toString() : Endpoint{*hop.address, hop.port}.toString();
}

std::string classText(const Hop& hop) {
    if (!hop.address) return {};
    std::string text(toString(hop.addressClass.kind));
    if (!hop.addressClass.ranges.empty()) text += fmt::format(" ({})", hop.addressClass.ranges.front()->name);
    return text;
}

void textCell(RowWriter& writer, std::string_view text) {
    text.empty() ? writer.missing() : writer.text(text);
}

void writeHopTable(const path::SourcePath& path, const WriterOptions& options, ByteSink& sink) {
    RowWriter writer(options,
                     {{"hop", ColumnType::Integer},
                      {"lane", ColumnType::Text},
                      {"role", ColumnType::Text},
                      {"address", ColumnType::Text},
                      {"class", ColumnType::Text},
                      {"name", ColumnType::Text},
                      {"subnet", ColumnType::Text},
                      {"standing", ColumnType::Text},
                      {"evidence", ColumnType::Text}},
                     sink);
    for (std::size_t h = 0; h < path.hops.size(); ++h) {
        const Hop& hop = path.hops[h];
        if (hop.gapBefore) {
            writer.missing();
            writer.missing();
            writer.text("(a gap)");
            for (int i = 0; i < 5; ++i) writer.missing();
            writer.text("nothing shows what lies here");
            writer.endRow();
        }
        writer.cell(static_cast<std::int64_t>(h + 1));
        writer.text(title(hop.lane));
        writer.text(toString(hop.role));
        textCell(writer, addressText(hop));
        textCell(writer, classText(hop));
        textCell(writer, hop.name);
        textCell(writer, hop.subnet);
        writer.text(fmt::format("{}{}", toString(hop.standing), hop.trusted ? ", trusted" : ""));
        textCell(writer, speakers(hop));
        writer.endRow();
    }
    writer.finish();
}

void writeFindingTable(const analysis::Snapshot& snapshot, const PathGraph& graph, const WriterOptions& options,
                       ByteSink& sink) {
    const std::vector<Column> columns = findingColumns();
    Selection selection;
    for (const char* name : {"severity", "id", "exchange", "title", "evidence"})
        selection.push_back(
            static_cast<std::size_t>(std::ranges::find(columns, name, &Column::name) - columns.begin()));
    RowWriter writer(options, chosen(columns, selection), sink);
    writeFindings(snapshot, graph.findings, selection, writer);
    writer.finish();
}

} // namespace

void writePathReport(const analysis::Snapshot& snapshot, const PathGraph& graph, const WriterOptions& options,
                     ByteSink& sink) {
    std::set<std::string> suggestions;
    for (std::size_t i = 0; i < graph.paths.size(); ++i) {
        if (!sink.write(headline(graph.paths[i], i + 1) + '\n')) return;
        writeHopTable(graph.paths[i].example, options, sink);
        sink.write("\n");
        if (const auto suggestion = path::suggestTrust(graph.paths[i].example)) suggestions.insert(suggestion->words);
    }
    if (graph.withoutPath != 0)
        sink.write(counted(graph.withoutPath, "exchange") + (graph.withoutPath == 1 ? " says" : " say") +
                   " nothing of the way\n\n");
    if (!graph.findings.empty()) {
        sink.write("Findings\n");
        writeFindingTable(snapshot, graph, options, sink);
    }
    if (!suggestions.empty()) sink.write(graph.findings.empty() ? "Trust\n" : "\nTrust\n");
    for (const std::string& words : suggestions)
        if (!sink.write(words + '\n')) return;
}

} // namespace gatescope::report
