// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/grouping.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gatescope::analysis {

/// What makes a link wide.
enum class FlowMeasure : std::uint8_t { Tokens, Exchanges, Weight };

struct FlowOptions {
    std::vector<Field> fields; ///< one layer each, from left to right; at least one
    FlowMeasure measure = FlowMeasure::Tokens;
    /// FlowMeasure::Weight: by Row (not by place in `rows`), such as a cost. NaN: unknown, adds nothing.
    std::span<const double> weights{};
    std::size_t top = 0; ///< nodes of a layer that are told apart; the rest is one node "other"; 0: all
    bool reveal = false; ///< secrets in names are masked unless set
};

/// One value of one layer.
struct FlowNode {
    std::size_t layer = 0;           ///< index into FlowOptions::fields
    std::optional<std::string> name; ///< absent: the exchange has no value there
    std::size_t merged = 0;          ///< values that this node stands for when it is "other"; else 0
    double size = 0;                 ///< by the measure
    Totals totals;
    std::vector<Row> rows; ///< in the order given
};

/// What goes from a node of one layer to a node of the next.
struct FlowLink {
    std::size_t from = 0, to = 0; ///< indexes into TokenFlow::nodes
    double size = 0;
    Totals totals;
    std::vector<Row> rows;
};

/// Where tokens go. Each exchange passes one node of each layer, so the totals of each layer are the same.
struct TokenFlow {
    std::vector<FlowNode> nodes; ///< by layer; in a layer the largest first, then by name, "other" last
    std::vector<FlowLink> links; ///< by layer; the largest first, then by names
    Totals totals;               ///< of all rows
};

TokenFlow tokenFlow(const Snapshot& snapshot, const std::vector<Row>& rows, const FlowOptions& options);

} // namespace gatescope::analysis
