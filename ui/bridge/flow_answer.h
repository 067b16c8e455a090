// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/reconciliation.h"
#include "core/analysis/token_flow.h"
#include "core/cost/cost.h"
#include "ui/bridge/time_buckets.h"

#include <QString>

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace gatescope::ui {

/// What the token flow page wants to know.
struct FlowQuestion {
    analysis::Snapshot snapshot;
    std::shared_ptr<const std::vector<analysis::Row>> rows;
    std::vector<analysis::Field> fields; ///< the layers, at least one
    analysis::FlowMeasure measure = analysis::FlowMeasure::Tokens;
    std::size_t top = 12;
    std::shared_ptr<const cost::PriceTable> prices; ///< null: nothing has a price
    std::int64_t mostBuckets = 120;
};

/// Everything the page shows, worked out off the GUI thread.
struct FlowAnswer {
    analysis::Snapshot snapshot;
    std::vector<analysis::Field> fields;
    analysis::FlowMeasure measure = analysis::FlowMeasure::Tokens;
    analysis::TokenFlow flow;
    /// By node and by link: the condition that lets exactly its exchanges through. Empty where that would show a
    /// masked value.
    std::vector<QString> nodeConditions, linkConditions;
    /// By node and by link; empty without a price table.
    std::vector<cost::CostTotals> nodeCosts, linkCosts;
    QString currency; ///< empty without a price table
    TimeBuckets time;
    analysis::TokenAccounts accounts;
};

/// Empty when stopped.
std::optional<FlowAnswer> answerFlow(const FlowQuestion& question, std::stop_token stop);

/// `reported 3,104,221 / gateway 9,882 (+1.2 %) / estimated – / unknown 12 calls`
QString reconciliationText(const analysis::TokenAccounts& accounts);

/// `(no project)` for an absent value of a field.
QString absentName(const analysis::Field& field);
/// Name of a node for people.
QString nodeName(const analysis::FlowNode& node, const std::vector<analysis::Field>& fields);

} // namespace gatescope::ui
