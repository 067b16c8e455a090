// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/header_drift.h"
#include "core/report/result_rows.h"

#include <vector>

namespace gatescope::report {

/// The columns of the header inventory, of the newer set where there is one, with `change` before them and what was
/// behind them. `change` is left out for a header that stayed as it was.
std::vector<Column> driftColumns();
void writeDrift(const std::vector<analysis::HeaderChange>& changes, const Selection& selection, RowWriter& writer);

} // namespace gatescope::report
