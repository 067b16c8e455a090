// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::analysis {

/// Where the total tokens of a set of calls are known from. A call may stand in several places.
struct TokenAccounts {
    std::int64_t reported = 0;  ///< by the answer itself
    std::int64_t gateway = 0;   ///< by a header of the gateway
    std::int64_t log = 0;       ///< by a log
    std::int64_t estimated = 0; ///< our own count, of calls that nothing reports
    std::uint64_t reportedCalls = 0, gatewayCalls = 0, logCalls = 0, estimatedCalls = 0;
    std::uint64_t unknownCalls = 0; ///< calls of a model with no count at all
    std::uint64_t bothCalls = 0;    ///< calls with a reported and a gateway count
    std::int64_t difference = 0;    ///< gateway less reported, over those calls
};

TokenAccounts reconcile(const Snapshot& snapshot, const std::vector<Row>& rows);

} // namespace gatescope::analysis
