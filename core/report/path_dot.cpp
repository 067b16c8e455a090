// SPDX-License-Identifier: Apache-2.0
#include "core/report/path_dot.h"

#include "core/report/escape.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace gatescope::report {

using analysis::PathEdge;
using analysis::PathGraph;
using analysis::PathNode;

namespace {

/// A quoted id of DOT. Control characters become visible escapes first; `\n` of our own breaks lines.
std::string quoted(const std::vector<std::string>& lines) {
    std::string text = "\"";
    for (const std::string& line : lines) {
        if (line.empty()) continue;
        if (text.size() > 1) text += "\\n";
        std::string shown;
        appendTerminalText(shown, line);
        for (const char c : shown) {
            if (c == '"' || c == '\\') text += '\\';
            text += c;
        }
    }
    return text + '"';
}

std::string exchangesText(const analysis::PathTotals& totals) {
    std::string text = fmt::format("{} exchange{}", totals.exchanges, totals.exchanges == 1 ? "" : "s");
    if (totals.errors != 0) text += fmt::format(", {} failed", totals.errors);
    if (totals.durationP95) text += fmt::format(", p95 {:.0f} ms", static_cast<double>(*totals.durationP95) / 1e6);
    return text;
}

std::string_view styleOf(path::Standing standing) {
    switch (standing) {
    case path::Standing::Claimed:
        return "dashed";
    case path::Standing::Inferred:
        return "dotted";
    default:
        return "solid";
    }
}

std::string colourOf(const analysis::PathTotals& totals) {
    const double share =
        totals.exchanges == 0 ? 0.0 : static_cast<double>(totals.errors) / static_cast<double>(totals.exchanges);
    return fmt::format("#{:02x}3030", 0x30 + static_cast<int>(std::lround(share * 0xa0)));
}

std::string nodeLine(const PathNode& node, std::size_t index) {
    const std::string title =
        node.groupedNodes == 0 ? std::string(toString(node.role)) : fmt::format("{} others", node.groupedNodes);
    std::string address = node.address;
    if (!address.empty()) address += fmt::format(" ({})", toString(node.kind));
    const std::string ports = node.ports > 1 ? fmt::format("{} source ports", node.ports) : std::string();
    return fmt::format("    n{} [label={}, style={}];\n", index,
                       quoted({title, address, node.name, node.subnet, ports, exchangesText(node.totals)}),
                       styleOf(node.standing));
}

std::string edgeLine(const PathEdge& edge) {
    const double width = 1.0 + std::log2(static_cast<double>(edge.totals.exchanges) + 1.0) / 2.0;
    return fmt::format("  n{} -> n{} [label={}, style={}, penwidth={:.1f}, color=\"{}\"];\n", edge.from, edge.to,
                       quoted({edge.gap ? "gap" : "", edge.label, exchangesText(edge.totals)}), styleOf(edge.standing),
                       width, colourOf(edge.totals));
}

} // namespace

std::string pathsAsDot(const PathGraph& graph) {
    std::string dot = "digraph paths {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n"
                      "  edge [fontname=\"sans-serif\"];\n";
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const path::Lane lane = graph.nodes[i].lane;
        if (i == 0 || graph.nodes[i - 1].lane != lane)
            dot += fmt::format("  subgraph \"cluster_{}\" {{\n    label=\"{}\";\n", toString(lane), title(lane));
        dot += nodeLine(graph.nodes[i], i);
        if (i + 1 == graph.nodes.size() || graph.nodes[i + 1].lane != lane) dot += "  }\n";
    }
    for (const PathEdge& edge : graph.edges) dot += edgeLine(edge);
    return dot + "}\n";
}

} // namespace gatescope::report
