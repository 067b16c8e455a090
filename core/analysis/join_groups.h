// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/join_records.h"
#include "core/analysis/joining.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace gatescope::analysis {

/// Which records tell of the same call, as far as that is known. A call has one record of each log format, and one of
/// packets, or one for each side of an address translation (hops of a proxy are exchanges of their own).
class JoinGroups {
public:
    using Index = std::uint32_t; ///< into the records

    explicit JoinGroups(const std::vector<JoinRecord>& records);

    bool together(Index a, Index b) const { return leader(a) == leader(b); }
    bool hasPackets(Index index) const { return packetsOf(leader(index)).has_value(); }
    bool isJoined(Index index) const { return m_groups[leader(index)].members.size() > 1; }
    /// False when the two cannot be one call.
    bool tie(Index a, Index b, JoinRule rule);

    /// Records of packets from the two sides of an address translation; before any other tie.
    void tieSides(Index a, Index b);

    /// Connections are tied by the client's address and port.
    void setFlow(Index index, std::uint32_t flow);
    void setLoggedFlow(Index index, std::uint32_t flow);

    struct Group {
        std::vector<Index> members; ///< empty: the leader alone
        std::uint32_t rules = 0;    ///< a bit for each JoinRule
        std::optional<std::uint32_t> flow, loggedFlow;
    };
    /// Those with more than one part, in the order of their first records.
    std::vector<Group> joined() const;

private:
    void merge(Index first, Index second, JoinRule rule);
    Index leader(Index index) const { return m_leader[index]; }
    std::optional<Index> packetsOf(Index leader) const;

    const std::vector<JoinRecord>& m_records;
    std::vector<Index> m_leader; ///< by record: whose group it is in
    std::vector<Group> m_groups; ///< by leader
};

} // namespace gatescope::analysis
