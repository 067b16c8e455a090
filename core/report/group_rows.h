// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/grouping.h"
#include "core/analysis/time_series.h"
#include "core/analysis/token_flow.h"
#include "core/report/result_rows.h"

#include <string>
#include <vector>

/// Rows of totals: groups, links of the token flow, points of a time series. All end with the same columns of totals.
/// Keys arrive masked. Unknown sums are left out, never 0.
namespace gatescope::report {

/// `exchanges` ... `last_time` of the contract, then those that came later.
std::vector<Column> totalsColumns();

std::vector<Column> groupColumns(const std::vector<analysis::Field>& fields);
void writeGroups(const std::vector<analysis::Group>& groups, const std::vector<analysis::Field>& fields,
                 const Selection& selection, RowWriter& writer);

/// One row a link; of a flow with a single layer, one row a node, without `to`. A merged node is `other (12)`.
std::vector<Column> flowColumns();
void writeFlow(const analysis::TokenFlow& flow, const std::vector<analysis::Field>& fields, const Selection& selection,
               RowWriter& writer);
/// How a node is written: its name, `other (12)`, or nothing for "no value".
std::string nodeName(const analysis::FlowNode& node);

/// One row a bucket and group.
std::vector<Column> seriesColumns(const std::vector<analysis::Field>& fields);
void writeSeries(const analysis::TimeSeries& series, const std::vector<analysis::Field>& fields,
                 const Selection& selection, RowWriter& writer);

} // namespace gatescope::report
