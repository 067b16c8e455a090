// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/attempts.h"

#include <vector>

namespace gatescope::analysis {

/// Callers whose calls took more than two attempts (`retry.amplification`), one finding each.
std::vector<PlacedFinding> retryFindings(const Snapshot& snapshot, const Attempts& attempts);

} // namespace gatescope::analysis
