// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/grouping.h"
#include "core/analysis/time_series.h"
#include "core/analysis/token_flow.h"
#include "core/cost/cost.h"
#include "core/report/result_rows.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Rows of totals: groups, links of the token flow, points of a time series. All end with the same columns of totals.
/// Keys arrive masked. Unknown sums are left out, never 0. With prices (a pricer that is not nullptr) there are three
/// more columns: cost (left out where no call is priced), currency and unpriced.
namespace gatescope::report {

/// `exchanges` ... `last_time` of the contract, then those that came later.
std::vector<Column> totalsColumns(bool withCost = false);

/// The columns that go with any totals when there are prices: cost, currency, unpriced.
std::vector<Column> costColumns();
/// The cells of `costColumns`. They refer to the texts given and to `amountText`, which this sets.
std::vector<Cell> costCells(const cost::CostTotals& totals, std::string_view currency, std::string& amountText);

std::vector<Column> groupColumns(const std::vector<analysis::Field>& fields, bool withCost = false);
void writeGroups(const std::vector<analysis::Group>& groups, const std::vector<analysis::Field>& fields,
                 const Selection& selection, RowWriter& writer, cost::Pricer* pricer = nullptr);

/// One row a link; of a flow with a single layer, one row a node, without `to`. A merged node is `other (12)`.
std::vector<Column> flowColumns(bool withCost = false);
void writeFlow(const analysis::TokenFlow& flow, const std::vector<analysis::Field>& fields, const Selection& selection,
               RowWriter& writer, cost::Pricer* pricer = nullptr);
/// How a node is written: its name, `other (12)`, or nothing for "no value".
std::string nodeName(const analysis::FlowNode& node);

/// A line that a series is held against, in tokens and model calls a minute; absent: none.
struct RateLimits {
    std::optional<std::int64_t> tokensPerMinute, callsPerMinute;
};

/// One row a bucket and group, with its rates; with limits also whether they were passed.
std::vector<Column> seriesColumns(const std::vector<analysis::Field>& fields, const RateLimits& limits = {},
                                  bool withCost = false);
void writeSeries(const analysis::TimeSeries& series, const std::vector<analysis::Field>& fields,
                 const RateLimits& limits, const Selection& selection, RowWriter& writer,
                 cost::Pricer* pricer = nullptr);

} // namespace gatescope::report
