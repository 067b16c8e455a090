// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/flow_answer.h"

#include "core/analysis/masking.h"
#include "ui/bridge/text.h"

#include <QStringList>

namespace gatescope::ui {
using namespace analysis;
namespace {

/// Of a node with one value; empty when the value is masked on screen.
QString valueCondition(const Snapshot& snapshot, const Field& field, const FlowNode& node) {
    if (node.rows.empty()) return {};
    const auto text = rawText(snapshot, field, node.rows.front());
    if (text && maskField(field, *text) != *text) return {};
    return QString::fromStdString(equalsExpression(snapshot, field, node.rows.front()));
}

/// "Other" is everything that the nodes beside it are not.
QString otherCondition(const TokenFlow& flow, const std::vector<QString>& conditions, std::size_t other) {
    QStringList parts;
    for (std::size_t i = 0; i < flow.nodes.size(); ++i) {
        if (flow.nodes[i].layer != flow.nodes[other].layer || i == other) continue;
        if (conditions[i].isEmpty()) return {};
        parts << QStringLiteral("!(%1)").arg(conditions[i]);
    }
    return parts.join(QStringLiteral(" && "));
}

void addConditions(FlowAnswer& answer) {
    const auto& flow = answer.flow;
    answer.nodeConditions.resize(flow.nodes.size());
    for (std::size_t i = 0; i < flow.nodes.size(); ++i) {
        const auto& node = flow.nodes[i];
        if (node.merged == 0) {
            answer.nodeConditions[i] = valueCondition(answer.snapshot, answer.fields[node.layer], node);
        }
    }
    for (std::size_t i = 0; i < flow.nodes.size(); ++i) {
        if (flow.nodes[i].merged > 0) answer.nodeConditions[i] = otherCondition(flow, answer.nodeConditions, i);
    }
    for (const auto& link : flow.links) {
        const auto& from = answer.nodeConditions[link.from];
        const auto& to = answer.nodeConditions[link.to];
        const bool known = !from.isEmpty() && !to.isEmpty();
        answer.linkConditions.push_back(known ? QStringLiteral("%1 && %2").arg(from, to) : QString());
    }
}

/// False when stopped.
bool addCosts(FlowAnswer& answer, cost::Pricer& pricer, std::stop_token stop) {
    answer.currency = toText(pricer.table().currency());
    for (const auto& node : answer.flow.nodes) {
        if (stop.stop_requested()) return false;
        answer.nodeCosts.push_back(pricer.totals(node.rows));
    }
    for (const auto& link : answer.flow.links) {
        if (stop.stop_requested()) return false;
        answer.linkCosts.push_back(pricer.totals(link.rows));
    }
    return true;
}

} // namespace

std::optional<FlowAnswer> answerFlow(const FlowQuestion& question, std::stop_token stop) {
    FlowAnswer answer{.snapshot = question.snapshot,
                      .fields = question.fields,
                      .measure = question.measure,
                      .flow = {},
                      .nodeConditions = {},
                      .linkConditions = {},
                      .nodeCosts = {},
                      .linkCosts = {},
                      .currency = {},
                      .time = {},
                      .accounts = {}};
    std::optional<cost::Pricer> pricer;
    if (question.prices) pricer.emplace(question.snapshot, *question.prices);
    std::vector<double> weights;
    if (pricer && question.measure == FlowMeasure::Weight) weights = pricer->weights(*question.rows);
    if (stop.stop_requested()) return std::nullopt;
    answer.flow =
        tokenFlow(question.snapshot, *question.rows,
                  {.fields = question.fields, .measure = question.measure, .weights = weights, .top = question.top});
    if (stop.stop_requested()) return std::nullopt;
    addConditions(answer);
    if (pricer && !addCosts(answer, *pricer, stop)) return std::nullopt;
    answer.time = bucketsOf(question.snapshot, *question.rows, question.mostBuckets, stop);
    if (stop.stop_requested()) return std::nullopt;
    answer.accounts = reconcile(question.snapshot, *question.rows);
    if (stop.stop_requested()) return std::nullopt;
    return answer;
}

QString reconciliationText(const TokenAccounts& accounts) {
    const auto sum = [](std::int64_t tokens, std::uint64_t calls) {
        return calls == 0 ? QStringLiteral("–") : countText(static_cast<std::uint64_t>(tokens));
    };
    QString gateway = sum(accounts.gateway, accounts.gatewayCalls);
    if (accounts.bothCalls > 0 && accounts.reported > 0) {
        const double percent =
            100.0 * static_cast<double>(accounts.difference) / static_cast<double>(accounts.reported);
        gateway +=
            QStringLiteral(" (%1%2 %)").arg(percent > 0 ? QStringLiteral("+") : QString()).arg(percent, 0, 'f', 1);
    }
    QStringList parts{QStringLiteral("reported ") + sum(accounts.reported, accounts.reportedCalls),
                      QStringLiteral("gateway ") + gateway};
    if (accounts.logCalls > 0) parts << QStringLiteral("log ") + sum(accounts.log, accounts.logCalls);
    parts << QStringLiteral("estimated ") + sum(accounts.estimated, accounts.estimatedCalls)
          << QStringLiteral("unknown ") + counted(accounts.unknownCalls, "call", "calls");
    return parts.join(QStringLiteral("  /  "));
}

QString absentName(const Field& field) {
    const QString title =
        field.header.empty() ? toText(field.name()).replace(QChar('_'), QChar(' ')) : toText(field.header);
    return QStringLiteral("(no %1)").arg(title);
}

QString nodeName(const FlowNode& node, const std::vector<Field>& fields) {
    if (node.merged > 0) return QStringLiteral("other (%1)").arg(node.merged);
    const Field& field = fields[node.layer];
    if (!node.name) return absentName(field);
    // A value may be an empty text; a name on screen never is.
    return node.name->empty() ? QStringLiteral("(empty %1)").arg(toText(field.name())) : toText(*node.name);
}

} // namespace gatescope::ui
