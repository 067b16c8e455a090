// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/path_graph.h"
#include "core/analysis/path_ways.h"

#include <span>
#include <vector>

namespace gatescope::analysis {

/// The findings of single requests, equal ones put together with the number of their exchanges, and those that only
/// many requests show. Worst first, then by id. `read` holds the path of each way.
std::vector<PlacedFinding> wayFindings(const Snapshot& snapshot, std::span<const Row> rows, const PathWays& ways,
                                       std::span<const path::SourcePath> read, const path::Trust& trust);

} // namespace gatescope::analysis
