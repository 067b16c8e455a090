// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/cost/cost.h"
#include "core/report/row_writer.h"

#include <vector>

namespace gatescope::report {

/// Columns of `writePricedExchanges`: all fields of an exchange, then cost and attribution.
std::vector<Column> pricedExchangeColumns(bool withPrices);
/// One row for each exchange. `pricer` may be nullptr: then only the attribution is added.
void writePricedExchanges(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows,
                          cost::Pricer* pricer, bool reveal, RowWriter& writer);

} // namespace gatescope::report
