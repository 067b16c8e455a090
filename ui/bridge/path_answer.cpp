// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/path_answer.h"

#include <QStringList>

#include <algorithm>
#include <map>
#include <set>

namespace gatescope::ui {
using namespace analysis;
namespace {

/// Empty when any part is not known.
QString all(const QStringList& conditions) {
    if (conditions.contains(QString())) return {};
    QStringList distinct;
    for (const auto& each : conditions) {
        if (!distinct.contains(each)) distinct << each;
    }
    return distinct.join(QStringLiteral(" && "));
}

void addConditions(PathAnswer& answer) {
    const auto& graph = answer.graph;
    for (const auto& node : graph.nodes) {
        answer.nodeConditions.push_back(node.groupedNodes > 0 ? QString()
                                                              : QString::fromStdString(nodeCondition(node)));
    }
    for (const auto& edge : graph.edges) {
        answer.edgeConditions.push_back(all({answer.nodeConditions[edge.from], answer.nodeConditions[edge.to]}));
    }
    for (const auto& path : graph.paths) {
        QStringList parts;
        for (const auto node : path.nodes) parts << answer.nodeConditions[node];
        answer.pathConditions.push_back(all(parts));
    }
}

void addFindings(PathAnswer& answer, const Snapshot& snapshot) {
    struct Gathered {
        PathFinding finding;
        std::set<std::int64_t> ids;
    };
    std::map<std::string_view, Gathered> byKind;
    for (const auto& [finding, row] : answer.graph.findings) {
        if (!finding.kind) continue;
        auto& gathered = byKind[finding.kind->id];
        auto& each = gathered.finding;
        if (each.count++ == 0) {
            each.kind = finding.kind;
            each.evidence = finding.evidence;
        }
        if (!row || *row >= snapshot.size()) continue;
        if (!each.firstRow) each.firstRow = row;
        if (gathered.ids.size() < PathAnswer::kMostIds)
            gathered.ids.insert(snapshot.id(*row));
        else
            each.allRows = each.allRows && gathered.ids.contains(snapshot.id(*row));
    }
    for (auto& [id, gathered] : byKind) {
        QStringList ids;
        for (const auto each : gathered.ids) ids << QString::number(each);
        if (ids.size() == 1) gathered.finding.condition = QStringLiteral("id == %1").arg(ids.front());
        if (ids.size() > 1) {
            gathered.finding.condition = QStringLiteral("id in {%1}").arg(ids.join(QStringLiteral(", ")));
        }
        answer.findings.push_back(std::move(gathered.finding));
    }
    std::stable_sort(answer.findings.begin(), answer.findings.end(), [](const auto& a, const auto& b) {
        return std::pair(a.kind->severity, a.count) > std::pair(b.kind->severity, b.count);
    });
}

} // namespace

PathAnswer pathAnswerOf(PathGraph graph, const Snapshot& snapshot) {
    PathAnswer answer{
        .graph = std::move(graph), .nodeConditions = {}, .edgeConditions = {}, .pathConditions = {}, .findings = {}};
    addConditions(answer);
    addFindings(answer, snapshot);
    return answer;
}

std::optional<PathAnswer> answerPaths(const PathQuestion& question, std::stop_token stop) {
    auto graph =
        pathGraph(question.snapshot, *question.rows, {.trust = question.trust, .maxNodesPerLane = question.top},
                  [stop] { return stop.stop_requested(); });
    if (stop.stop_requested()) return std::nullopt;
    return pathAnswerOf(std::move(graph), question.snapshot);
}

} // namespace gatescope::ui
