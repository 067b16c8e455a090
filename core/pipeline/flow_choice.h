// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/packet/tcp_segment.h"

#include <cstdint>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace gatescope::pipeline {

/// Which packets belong to chosen connections, when they come in the order of the analysis. Connections between the
/// same ends follow one another, so each packet belongs to the one that began last.
class FlowChoice {
public:
    FlowChoice(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows);

    bool has(const packet::TcpSegment& segment);

    std::size_t connections() const { return m_chosen.size(); }
    std::uint64_t rowsWithoutPackets() const { return m_rowsWithoutPackets; }
    /// From the first to the last of the chosen connections.
    TimeNs firstTime() const { return m_firstTime; }
    TimeNs lastTime() const { return m_lastTime; }

private:
    using Ends = std::pair<Endpoint, Endpoint>; ///< the lower one first
    static Ends endsOf(const Endpoint& a, const Endpoint& b) { return a < b ? Ends(a, b) : Ends(b, a); }
    void choose(const analysis::Snapshot& snapshot, analysis::Row row);
    void choose(const analysis::FlowRecord& flow);

    /// What goes on between two ends.
    struct Between {
        Ends ends;
        bool isWanted = false;
    };
    /// By a hash of the ends, so that a packet of no interest costs one look.
    std::unordered_multimap<std::uint64_t, Between> m_between;
    std::unordered_set<PacketRef> m_chosen; ///< starts of connections
    std::unordered_set<PacketRef> m_others; ///< of those between the same ends that are not chosen
    std::uint64_t m_rowsWithoutPackets = 0;
    TimeNs m_firstTime = kNoTime;
    TimeNs m_lastTime = kNoTime;
};

} // namespace gatescope::pipeline
