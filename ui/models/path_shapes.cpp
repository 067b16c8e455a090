// SPDX-License-Identifier: Apache-2.0
// The drawing of the paths, and what is said of its parts.
#include "ui/models/path_shapes.h"

#include "ui/bridge/text.h"

#include <algorithm>
#include <limits>
#include <map>

namespace gatescope::ui {
using namespace analysis;
namespace {

constexpr double kManyErrors = 0.1; ///< of the calls

QString rate(const PathTotals& totals) {
    if (totals.firstTime == kNoTime || totals.lastTime == kNoTime || totals.lastTime <= totals.firstTime) return {};
    if (totals.exchanges < 2) return {};
    const double minutes = static_cast<double>(totals.lastTime - totals.firstTime) / 60e9;
    const double perMinute = static_cast<double>(totals.exchanges - 1) / minutes;
    return QStringLiteral("%1 a minute").arg(QString::number(perMinute, 'f', perMinute < 10 ? 1 : 0));
}

QStringList totalLines(const PathTotals& totals) {
    QStringList lines;
    QString calls = counted(totals.exchanges, "call", "calls");
    if (const QString each = rate(totals); !each.isEmpty()) calls += QStringLiteral(", ") + each;
    lines << calls;
    if (totals.errors > 0) {
        lines << QStringLiteral("%1 (%2), of which 429: %3")
                     .arg(counted(totals.errors, "error", "errors"), errorText(totals).section(QChar(' '), 0, -2),
                          countText(totals.throttled));
    } else {
        lines << QStringLiteral("no errors");
    }
    lines << (totals.totalTokens ? wholeText(*totals.totalTokens) + QStringLiteral(" tokens")
                                 : QStringLiteral("tokens unknown"));
    if (totals.durationP95) lines << QStringLiteral("95 % took up to ") + durationText(*totals.durationP95);
    return lines;
}

QString nodeTitle(const PathNode& node) {
    if (node.groupedNodes > 0) return QStringLiteral("%1 others").arg(countText(node.groupedNodes));
    QString text = roleTitle(node.role);
    if (!node.address.empty()) text += QChar(' ') + toText(node.address);
    return text;
}

QStringList factLines(const PathNode& node) {
    QStringList lines;
    if (!node.name.empty()) lines << QStringLiteral("Name: ") + toText(node.name);
    if (!node.address.empty()) {
        QString range = rangeBadge(node.kind);
        if (!node.rangeName.empty()) range += QStringLiteral(", ") + toText(node.rangeName);
        lines << QStringLiteral("Address range: ") + range;
    }
    if (!node.subnet.empty()) lines << QStringLiteral("Subnet: ") + toText(node.subnet);
    lines << QStringLiteral("Standing: ") + standingText(node.standing);
    if (node.ports > 1) {
        lines << QStringLiteral("%1 source ports: a NAT or many connections").arg(countText(node.ports));
    }
    return lines;
}

QString evidenceLine(const path::Evidence& evidence) {
    return QStringLiteral("%1 %2: %3")
        .arg(evidence.against ? QStringLiteral("✗ against:") : QStringLiteral("✓ for:"), toText(evidence.source),
             toText(evidence.value));
}

QString nodeWords(const PathNode& node) {
    QStringList lines{nodeTitle(node)};
    lines += factLines(node);
    lines += totalLines(node.totals);
    for (const auto& each : node.evidence) lines << evidenceLine(each);
    return lines.join(QChar('\n'));
}

QString edgeTitle(const PathGraph& graph, const PathEdge& edge) {
    return nodeTitle(graph.nodes[edge.from]) + QStringLiteral(" → ") + nodeTitle(graph.nodes[edge.to]);
}

QStringList edgeFacts(const PathEdge& edge) {
    QStringList lines;
    if (!edge.label.empty()) lines << toText(edge.label);
    lines << QStringLiteral("Standing: ") + standingText(edge.standing);
    if (edge.gap) lines << QStringLiteral("Something lies between the two that nothing shows.");
    return lines + totalLines(edge.totals);
}

double sizeOf(const PathTotals& totals, PathMeasure measure) {
    if (measure == PathMeasure::Calls) return static_cast<double>(totals.exchanges);
    return static_cast<double>(std::max<std::int64_t>(totals.totalTokens.value_or(0), 0));
}

QString sizeText(const PathTotals& totals, PathMeasure measure) {
    if (measure == PathMeasure::Calls) return counted(totals.exchanges, "call", "calls");
    return totals.totalTokens ? shortCount(*totals.totalTokens) + QStringLiteral(" tokens")
                              : QStringLiteral("tokens unknown");
}

Tone healthTone(const PathTotals& totals) {
    if (totals.errors == 0) return Tone::BarReceive;
    return static_cast<double>(totals.errors) < kManyErrors * static_cast<double>(totals.exchanges) ? Tone::Warning
                                                                                                    : Tone::Bad;
}

HopNode hopNode(const PathNode& node, std::size_t lane, PathMeasure measure) {
    HopNode shown;
    shown.lane = lane;
    shown.key = QStringLiteral("%1|%2|%3").arg(toText(toString(node.role)), toText(node.address), toText(node.name)) +
                (node.groupedNodes > 0 ? QStringLiteral("|others") : QString());
    const TimeNs first = node.totals.firstTime;
    shown.since = first == kNoTime ? std::numeric_limits<TimeNs>::max() : first;
    shown.glyph = roleGlyph(node.role);
    shown.grouped = node.groupedNodes > 0;
    shown.role = shown.grouped ? nodeTitle(node) : roleTitle(node.role);
    shown.address = toText(node.address);
    if (!node.address.empty()) {
        shown.badge = rangeBadge(node.kind);
        shown.tone = rangeTone(node.kind);
    }
    if (node.ports > 1) shown.nat = QStringLiteral("%1 ports").arg(countText(node.ports));
    QStringList names;
    if (!node.subnet.empty()) names << toText(node.subnet);
    if (!node.name.empty()) names << toText(node.name);
    shown.name = names.join(QStringLiteral(" · "));
    shown.note = sizeText(node.totals, measure);
    // Of what kind they are stands on the lines that lead here.
    shown.warning = errorText(node.totals).section(QChar(' '), 0, -2);
    shown.line = lineOf(node.standing);
    shown.words = nodeWords(node);
    return shown;
}

HopEdge hopEdge(const PathGraph& graph, const PathEdge& edge, PathMeasure measure) {
    HopEdge shown;
    shown.from = edge.from;
    shown.to = edge.to;
    shown.size = sizeOf(edge.totals, measure);
    shown.line = lineOf(edge.standing);
    shown.gap = edge.gap;
    shown.tone = healthTone(edge.totals);
    shown.label.push_back({sizeText(edge.totals, measure), Tone::Text});
    if (edge.totals.errors > 0) {
        shown.label.push_back({QStringLiteral("! ") + errorText(edge.totals), shown.tone});
    }
    if (edge.totals.durationP95) {
        shown.label.push_back({QStringLiteral("p95 ") + durationText(*edge.totals.durationP95), Tone::Muted});
    }
    if (edge.gap) shown.label.push_back({QStringLiteral("gap"), Tone::Muted});
    if (!edge.label.empty()) shown.label.push_back({toText(edge.label), Tone::Muted});
    shown.words = (QStringList{edgeTitle(graph, edge)} + edgeFacts(edge)).join(QChar('\n'));
    return shown;
}

QString page(const QString& title, const QStringList& lines, const std::vector<path::Evidence>& evidence) {
    QString html = QStringLiteral("<p><b>%1</b></p><p>").arg(title.toHtmlEscaped());
    QStringList escaped;
    for (const auto& line : lines) escaped << line.toHtmlEscaped();
    html += escaped.join(QStringLiteral("<br>")) + QStringLiteral("</p>");
    if (evidence.empty()) return html;
    html += QStringLiteral("<p><b>Evidence</b> (of the first call)<br>");
    escaped.clear();
    for (const auto& each : evidence) escaped << evidenceLine(each).toHtmlEscaped();
    return html + escaped.join(QStringLiteral("<br>")) + QStringLiteral("</p>");
}

} // namespace

HopGraphData hopGraphOf(const PathGraph& graph, PathMeasure measure) {
    HopGraphData data;
    std::map<path::Lane, std::size_t> lanes;
    for (const auto& node : graph.nodes) lanes.emplace(node.lane, 0);
    for (auto& [lane, index] : lanes) {
        index = static_cast<std::size_t>(data.lanes.size());
        data.lanes << toText(title(lane));
    }
    for (const auto& node : graph.nodes) data.nodes.push_back(hopNode(node, lanes[node.lane], measure));
    for (const auto& edge : graph.edges) data.edges.push_back(hopEdge(graph, edge, measure));
    return data;
}

QString nodePage(const PathNode& node) {
    return page(nodeTitle(node), factLines(node) + totalLines(node.totals), node.evidence);
}

QString edgePage(const PathGraph& graph, const PathEdge& edge) {
    return page(edgeTitle(graph, edge), edgeFacts(edge), {});
}

QString pathPage(const PathGraph& graph, const PathSummary& path) {
    QStringList lines;
    for (const auto node : path.nodes) {
        lines << nodeTitle(graph.nodes[node]) + QStringLiteral(" – ") + standingText(graph.nodes[node].standing);
    }
    const auto& example = path.example;
    QString client = QStringLiteral("Effective client: ");
    client += example.effectiveClientText.empty() ? QStringLiteral("not known") : toText(example.effectiveClientText);
    if (!example.effectiveClientText.empty()) {
        client += example.verifiedBy ? QStringLiteral(", verified by ") + toText(example.verifiedBy->toString())
                                     : QStringLiteral(", verified by nobody");
    }
    lines << client;
    return page(QStringLiteral("Path of %1").arg(counted(path.totals.exchanges, "call", "calls")), lines, {});
}

} // namespace gatescope::ui
