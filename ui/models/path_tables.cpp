// SPDX-License-Identifier: Apache-2.0
// The tables under the drawing of the paths.
#include "ui/bridge/text.h"
#include "ui/models/path_shapes.h"

#include <algorithm>

namespace gatescope::ui {
using namespace analysis;
namespace {

TableColumn words(const char* title, const char* meaning, const char* csv) {
    return {QLatin1String(title), QLatin1String(meaning), QLatin1String(csv), false};
}

TableColumn number(const char* title, const char* meaning, const char* csv) {
    return {QLatin1String(title), QLatin1String(meaning), QLatin1String(csv), true};
}

TableCell text(std::string_view words) {
    return words.empty() ? TableCell::missing() : TableCell::of(toText(words));
}

TableCell standing(path::Standing standing) {
    auto cell = text(path::toString(standing));
    if (lineOf(standing) != HopLine::Solid) cell.tone = Tone::Muted;
    return cell;
}

TableCell moment(TimeNs time, bool severalDays) {
    if (time == kNoTime) return TableCell::missing();
    return {toText(formatTime(time)), clockText(time, severalDays), Tone::Text};
}

void addTotals(CellTableModel::Row& row, const PathTotals& totals) {
    row.push_back(TableCell::count(totals.exchanges));
    row.push_back(TableCell::warning(totals.errors));
    row.push_back(TableCell::warning(totals.throttled));
    row.push_back(TableCell::sum(totals.totalTokens.value_or(0), totals.totalTokens.has_value()));
    row.push_back(TableCell::duration(totals.durationP95));
}

void addTotalColumns(std::vector<TableColumn>& columns) {
    columns.push_back(number("Calls", "Exchanges that came this way", "exchanges"));
    columns.push_back(number("Errors", "Status 400 and over, or no answer", "errors"));
    columns.push_back(number("429", "Answers 429", "throttled"));
    columns.push_back(number("Tokens", "Of the calls whose tokens are known", "total_tokens"));
    columns.push_back(number("p95", "95 % of the calls took up to", "duration_p95_ms"));
}

/// Short, for the chain of a path.
QString chainName(const PathNode& node) {
    if (node.groupedNodes > 0) return QStringLiteral("(others)");
    if (!node.address.empty()) return toText(node.address);
    return node.name.empty() ? roleTitle(node.role) : toText(node.name);
}

QString hopName(const PathNode& node) {
    if (node.groupedNodes > 0) return QStringLiteral("(%1 others)").arg(countText(node.groupedNodes));
    return roleTitle(node.role) + QChar(' ') + chainName(node);
}

QString chain(const PathGraph& graph, const PathSummary& path) {
    QStringList names;
    for (const auto node : path.nodes) names << chainName(graph.nodes[node]);
    return names.join(QStringLiteral(" › "));
}

/// The worst standing of a path's hops: what the whole of it rests on.
path::Standing weakest(const PathGraph& graph, const PathSummary& path) {
    auto worst = path::Standing::Seen;
    for (const auto node : path.nodes) worst = std::max(worst, graph.nodes[node].standing);
    return worst;
}

} // namespace

std::vector<TableColumn> pathColumns() {
    std::vector<TableColumn> columns{
        words("Path", "Hops from the origin to the model", "path"),
        words("Effective client", "The first address from the right that is not trusted", "effective_client"),
        words("Verified by", "The trusted hop that saw the effective client", "verified_by"),
        words("Rests on", "How well its least known hop is known", "standing")};
    addTotalColumns(columns);
    columns.push_back(words("First (UTC)", "First call that came this way", "first_time"));
    return columns;
}

std::vector<CellTableModel::Row> pathRows(const PathGraph& graph, bool severalDays) {
    std::vector<CellTableModel::Row> rows;
    for (const auto& path : graph.paths) {
        if (rows.size() == CellTableModel::kMaxRows) break;
        const auto& verified = path.example.verifiedBy;
        CellTableModel::Row row{TableCell::of(chain(graph, path)), text(path.example.effectiveClientText),
                                verified ? text(verified->toString()) : TableCell::missing(),
                                standing(weakest(graph, path))};
        addTotals(row, path.totals);
        row.push_back(moment(path.totals.firstTime, severalDays));
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<TableColumn> hopColumns() {
    std::vector<TableColumn> columns{
        words("Hop", "What it is", "role"),
        words("Address", "Without its port", "address"),
        words("Range", "Kind of the address range", "range"),
        words("Name", "App, site, host, backend, deployment", "name"),
        words("Subnet", "Its name among the trusted networks", "subnet"),
        words("Standing", "seen in packets, proven by the hop that received it, claimed by a header, inferred",
              "standing"),
        number("Ports", "Different source ports; many behind one address are a NAT or many connections", "ports")};
    addTotalColumns(columns);
    columns.push_back(words("Lane", "Where it stands in the drawing", "lane"));
    columns.push_back(words("First (UTC)", "First call through it", "first_time"));
    return columns;
}

std::vector<CellTableModel::Row> hopRows(const PathGraph& graph, bool severalDays) {
    std::vector<CellTableModel::Row> rows;
    for (const auto& node : graph.nodes) {
        if (rows.size() == CellTableModel::kMaxRows) break;
        auto range = TableCell::missing();
        if (!node.address.empty()) {
            range = TableCell::of(rangeBadge(node.kind));
            if (!node.rangeName.empty())
                range = TableCell::of(range.text + QStringLiteral(" · ") + toText(node.rangeName));
        }
        CellTableModel::Row row{TableCell::of(node.groupedNodes > 0 ? hopName(node) : roleTitle(node.role)),
                                text(node.address),
                                range,
                                text(node.name),
                                text(node.subnet),
                                standing(node.standing),
                                node.ports > 0 ? TableCell::count(node.ports) : TableCell::missing()};
        addTotals(row, node.totals);
        row.push_back(text(title(node.lane)));
        row.push_back(moment(node.totals.firstTime, severalDays));
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<TableColumn> hopLinkColumns() {
    std::vector<TableColumn> columns{
        words("From", "The hop that called", "from"), words("To", "The hop that was called", "to"),
        words("Standing", "seen in packets, proven by the hop that received it, claimed by a header, inferred",
              "standing"),
        words("Between", "Whether something lies between the two that nothing shows", "gap"),
        words("Protocol and host", "As far as they are known", "label")};
    addTotalColumns(columns);
    return columns;
}

std::vector<CellTableModel::Row> hopLinkRows(const PathGraph& graph) {
    std::vector<CellTableModel::Row> rows;
    for (const auto& edge : graph.edges) {
        if (rows.size() == CellTableModel::kMaxRows) break;
        CellTableModel::Row row{TableCell::of(hopName(graph.nodes[edge.from])),
                                TableCell::of(hopName(graph.nodes[edge.to])), standing(edge.standing),
                                TableCell::of(edge.gap ? QStringLiteral("gap: not shown") : QStringLiteral("direct")),
                                text(edge.label)};
        addTotals(row, edge.totals);
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<TableColumn> pathFindingColumns() {
    return {words("Severity", "How much it matters", "severity"),
            words("What", "What was found", "title"),
            number("Count", "How often", "count"),
            words("Evidence", "Of the first", "evidence"),
            words("What to do", "What can be done about it", "fix"),
            words("Id", "Stable name of the finding", "id")};
}

std::vector<CellTableModel::Row> pathFindingRows(const std::vector<PathFinding>& findings) {
    std::vector<CellTableModel::Row> rows;
    for (const auto& finding : findings) {
        QStringList evidence;
        for (const auto& each : finding.evidence) evidence << toText(each);
        auto severity = text(toString(finding.kind->severity));
        severity.tone = severityTone(finding.kind->severity);
        severity.glyph = severityGlyph(finding.kind->severity);
        rows.push_back({std::move(severity), text(finding.kind->title), TableCell::count(finding.count),
                        text(toUtf8(evidence.join(QStringLiteral("; ")))), text(finding.kind->fix),
                        text(finding.kind->id)});
    }
    return rows;
}

} // namespace gatescope::ui
