// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/grouping.h"
#include "core/report/result_rows.h"

#include <vector>

/// Token counts of several sources side by side. A source that says nothing is left out, never 0; the difference is
/// the gateway's count less the reported one, over the calls that have both.
namespace gatescope::report {

std::vector<Column> accountColumns(const std::vector<analysis::Field>& fields);
void writeAccounts(const analysis::Snapshot& snapshot, const std::vector<analysis::Group>& groups,
                   const std::vector<analysis::Field>& fields, const Selection& selection, RowWriter& writer);

/// One row a call of a model that has a count from anywhere.
std::vector<Column> callAccountColumns();
void writeCallAccounts(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows,
                       const Selection& selection, RowWriter& writer);

} // namespace gatescope::report
