// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/grouping.h"

#include <cstdint>
#include <span>
#include <vector>

namespace gatescope::analysis {

/// The totals of many sets of rows in one pass over the columns: `indexes[i]`, below `count`, is the set of `rows[i]`.
std::vector<Totals> indexedTotals(const Snapshot& snapshot, std::span<const Row> rows,
                                  std::span<const std::uint32_t> indexes, std::size_t count,
                                  TotalsKind kind = TotalsKind::WithPercentiles);

} // namespace gatescope::analysis
