// SPDX-License-Identifier: Apache-2.0
#include "core/report/path_rows.h"

#include "core/path/forwarded_for.h"
#include "core/report/escape.h"
#include "core/report/selected_row.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <string>
#include <unordered_map>

namespace gatescope::report {

using analysis::PathGraph;
using analysis::PathSummary;
using analysis::PathTotals;
using path::Hop;

namespace {

/// A hop without a name is called by what stands in the place of its address.
std::string_view nameOf(const Hop& hop) {
    return hop.name.empty() ? std::string_view(hop.text) : std::string_view(hop.name);
}

std::string_view rangeOf(const Hop& hop) {
    return hop.addressClass.ranges.empty() ? std::string_view() : hop.addressClass.ranges.front()->name;
}

/// `x-forwarded-for: 100.64.9.87`; what speaks against the hop says so.
std::string evidenceText(const path::Evidence& evidence) {
    return fmt::format("{}{}: {}", evidence.against ? "against, " : "", evidence.source, evidence.value);
}

std::vector<std::string> evidenceTexts(const Hop& hop) {
    std::vector<std::string> texts;
    for (const path::Evidence& evidence : hop.evidence) texts.push_back(evidenceText(evidence));
    return texts;
}

/// The object of one hop; keys without a value are left out.
class HopObject {
public:
    explicit HopObject(std::string& out) : m_out(out) { m_out += '{'; }
    void text(std::string_view key, std::string_view value) {
        if (value.empty()) return;
        begin(key);
        appendJsonString(m_out, value);
    }
    void raw(std::string_view key, std::string_view value) {
        begin(key);
        m_out += value;
    }
    void end() { m_out += '}'; }

private:
    void begin(std::string_view key) {
        if (!m_isFirst) m_out += ',';
        m_isFirst = false;
        appendJsonString(m_out, key);
        m_out += ':';
    }
    std::string& m_out;
    bool m_isFirst = true;
};

void appendHop(std::string& out, const Hop& hop) {
    HopObject object(out);
    if (hop.address) {
        object.text("address", hop.address->toString());
        if (hop.port != 0) object.raw("port", std::to_string(hop.port));
        object.text("class", toString(hop.addressClass.kind));
        object.text("range", rangeOf(hop));
    }
    object.text("role", toString(hop.role));
    object.text("lane", toString(hop.lane));
    object.text("name", nameOf(hop));
    object.text("subnet", hop.subnet);
    object.text("standing", toString(hop.standing));
    if (hop.address) object.raw("trusted", hop.trusted ? "true" : "false");
    if (hop.gapBefore) object.raw("gap_before", "true");
    std::string evidence = "[";
    for (const std::string& text : evidenceTexts(hop)) {
        if (evidence.size() > 1) evidence += ',';
        appendJsonString(evidence, text);
    }
    object.raw("evidence", evidence + ']');
    object.end();
}

/// Ids of the findings of each path: those of its own requests, and those of many requests that were found at it.
class PathFindings {
public:
    explicit PathFindings(const PathGraph& graph) {
        for (const analysis::PlacedFinding& placed : graph.findings)
            if (placed.row) m_byRow[*placed.row].insert(placed.finding.kind->id);
    }
    std::vector<std::string_view> of(const PathSummary& summary) const {
        std::set<std::string_view> ids;
        for (const Finding& finding : summary.example.findings) ids.insert(finding.kind->id);
        if (const auto at = m_byRow.find(summary.firstRow); at != m_byRow.end())
            ids.insert(at->second.begin(), at->second.end());
        return {ids.begin(), ids.end()};
    }

private:
    std::unordered_map<analysis::Row, std::set<std::string_view>> m_byRow;
};

/// The columns that a path has beside its hops, and their cells.
std::vector<Column> totalColumns() {
    return {{"effective_client", ColumnType::Text}, {"verified_by", ColumnType::Text},
            {"separator", ColumnType::Text},        {"exchanges", ColumnType::Integer},
            {"errors", ColumnType::Integer},        {"throttled", ColumnType::Integer},
            {"total_tokens", ColumnType::Integer},  {"duration_ms_p95", ColumnType::Duration},
            {"first_time", ColumnType::Time},       {"last_time", ColumnType::Time},
            {"findings", ColumnType::TextList}};
}

class PathCells {
public:
    PathCells(const analysis::Snapshot& snapshot, const PathSummary& summary, const PathFindings& findings)
        : m_summary(summary), m_findings(findings.of(summary)) {
        if (summary.example.verifiedBy) m_verifiedBy = summary.example.verifiedBy->toString();
        const auto code = snapshot.code(analysis::FieldId::ForwardedFor, summary.firstRow);
        m_separator = path::toString(path::readForwardedFor(snapshot.text(code)).separator);
    }
    void addTo(SelectedRow& row) const {
        const PathTotals& totals = m_summary.totals;
        row.addText(m_summary.example.effectiveClientText).addText(m_verifiedBy).addText(m_separator);
        row.addCount(totals.exchanges).addCount(totals.errors).addCount(totals.throttled);
        row.addOptional(totals.totalTokens).addOptional(totals.durationP95);
        row.addTime(totals.firstTime).addTime(totals.lastTime).add(m_findings);
    }

private:
    const PathSummary& m_summary;
    std::vector<std::string_view> m_findings;
    std::string m_verifiedBy;
    std::string_view m_separator;
};

void addColumns(std::vector<Column>& columns, const std::vector<Column>& more) {
    columns.insert(columns.end(), more.begin(), more.end());
}

} // namespace

std::string hopsAsJson(const path::SourcePath& path) {
    std::string json = "[";
    for (const Hop& hop : path.hops) {
        if (json.size() > 1) json += ',';
        appendHop(json, hop);
    }
    return json + ']';
}

std::vector<Column> pathColumns() {
    std::vector<Column> columns{{"path", ColumnType::Integer}, {"hops", ColumnType::Json}};
    addColumns(columns, totalColumns());
    return columns;
}

void writePaths(const analysis::Snapshot& snapshot, const PathGraph& graph, const Selection& selection,
                RowWriter& writer) {
    SelectedRow row(selection, writer);
    const PathFindings findings(graph);
    for (std::size_t i = 0; i < graph.paths.size(); ++i) {
        const PathCells cells(snapshot, graph.paths[i], findings);
        const std::string hops = hopsAsJson(graph.paths[i].example);
        row.addCount(i + 1).add(std::string_view(hops));
        cells.addTo(row);
        row.end();
        if (writer.refused()) return;
    }
}

std::vector<Column> hopColumns() {
    std::vector<Column> columns{
        {"path", ColumnType::Integer},       {"hop", ColumnType::Integer},      {"lane", ColumnType::Text},
        {"role", ColumnType::Text},          {"address", ColumnType::Text},     {"port", ColumnType::Integer},
        {"class", ColumnType::Text},         {"range", ColumnType::Text},       {"name", ColumnType::Text},
        {"subnet", ColumnType::Text},        {"standing", ColumnType::Text},    {"trusted", ColumnType::Boolean},
        {"gap_before", ColumnType::Boolean}, {"evidence", ColumnType::TextList}};
    addColumns(columns, totalColumns());
    return columns;
}

void writeHops(const analysis::Snapshot& snapshot, const PathGraph& graph, const Selection& selection,
               RowWriter& writer) {
    SelectedRow row(selection, writer);
    const PathFindings findings(graph);
    for (std::size_t i = 0; i < graph.paths.size(); ++i) {
        const PathCells cells(snapshot, graph.paths[i], findings);
        const auto& hops = graph.paths[i].example.hops;
        for (std::size_t h = 0; h < hops.size(); ++h) {
            const Hop& hop = hops[h];
            const std::string address = hop.address ? hop.address->toString() : std::string();
            const std::vector<std::string> evidence = evidenceTexts(hop);
            row.addCount(i + 1).addCount(h + 1).addText(toString(hop.lane)).addText(toString(hop.role));
            row.addText(address).addIf(hop.port != 0, std::int64_t{hop.port});
            row.addIf(hop.address.has_value(), toString(hop.addressClass.kind)).addText(rangeOf(hop));
            row.addText(nameOf(hop)).addText(hop.subnet).addText(toString(hop.standing));
            row.addIf(hop.address.has_value(), std::int64_t{hop.trusted}).add(std::int64_t{hop.gapBefore});
            row.add(std::vector<std::string_view>(evidence.begin(), evidence.end()));
            cells.addTo(row);
            row.end();
            if (writer.refused()) return;
        }
    }
}

} // namespace gatescope::report
