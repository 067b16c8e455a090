// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cost/attribution.h"
#include "core/cost/cost.h"
#include "core/report/row_writer.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace gatescope::report {

struct FocusOptions {
    enum class Period : std::uint8_t { Day, Hour };
    Period period = Period::Day;  ///< in UTC
    bool onlyPriced = false;      ///< leave out what has no price; FOCUS allows no row without a cost
    std::string billingAccount{}; ///< empty: not known
    bool reveal = false;          ///< secrets in names are masked unless set
};

/// What was written, and what a person should know about it.
struct FocusSummary {
    cost::CostTotals totals;                     ///< of all rows given, those left out too
    std::uint64_t withoutCentre = 0;             ///< calls that no cost centre takes; 0 without rules
    std::array<std::uint64_t, 6> callsByLevel{}; ///< by cost::AttributionLevel
    std::vector<std::string> reasons;            ///< why calls have no price, each once; at most 10
};

/// The columns of FOCUS 1.2 (FinOps Open Cost and Usage Specification) that a capture can fill or that the
/// specification wants to be there, in the order of its chapters, then ours with the prefix `x_`.
std::vector<Column> focusColumns();

/// One row for each period, payer, model and meter; rows whose prices, certainty or attribution differ stay apart.
/// Costs are showback estimates at the prices of the table, and say so. Calls without a price have rows with empty
/// costs, never 0, unless `onlyPriced`. `x_Calls` counts each call in one of its rows only, so its sum is the number of
/// calls. Sorted by period, payer, model and meter.
FocusSummary writeFocus(cost::Pricer& pricer, std::span<const analysis::Row> rows, const FocusOptions& options,
                        RowWriter& writer);

} // namespace gatescope::report
