// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/join_groups.h"

#include <cstdint>
#include <map>
#include <vector>

namespace gatescope::analysis {

/// What became of the connections whose content nobody could read.
struct FlowJoins {
    std::map<std::uint32_t, std::uint64_t> closed; ///< by input: how many there are
    std::map<std::uint32_t, std::uint64_t> joined; ///< by input: of those, how many a log explains
    std::vector<std::uint32_t> unexplained;        ///< indices into Snapshot::flows
};

/// Ties records to connections by the client's address and port within the life of the connection, and through them
/// to the exchanges in it.
FlowJoins tieByConnections(const Snapshot& raw, const std::vector<JoinRecord>& records, JoinGroups& groups,
                           const std::vector<ClockOffset>& offsets);

/// What to add to the times of `log` to get those of `other`; nothing when it is not known.
std::optional<std::int64_t> offsetBetween(const std::vector<ClockOffset>& offsets, std::uint32_t log,
                                          std::uint32_t other);

/// Access logs state times in whole seconds, and clocks that were compared still differ a little.
inline constexpr std::int64_t kComparedClocksNs = 2'000'000'000;
/// Gateways and the hosts that capture keep time by NTP: without a pair to compare, clocks may differ by this much.
inline constexpr std::int64_t kUncomparedClocksNs = 60'000'000'000;

} // namespace gatescope::analysis
