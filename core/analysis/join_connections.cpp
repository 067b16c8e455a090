// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/join_connections.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

namespace gatescope::analysis {

namespace {

using Index = JoinGroups::Index;

std::int64_t distance(TimeNs time, TimeNs first, TimeNs last) {
    if (time < first) return elapsed(time, first);
    return time > last ? elapsed(last, time) : 0;
}

TimeNs shifted(TimeNs time, std::int64_t by) {
    TimeNs sum = 0;
    return __builtin_add_overflow(time, by, &sum) ? time : sum;
}

class ConnectionTies {
public:
    ConnectionTies(const Snapshot& raw, const std::vector<JoinRecord>& records, JoinGroups& groups,
                   const std::vector<ClockOffset>& offsets)
        : m_raw(raw), m_records(records), m_groups(groups), m_offsets(offsets) {
        for (std::uint32_t at = 0; at < raw.flows().size(); ++at) {
            const FlowRecord& flow = raw.flows()[at].record;
            if (flow.client.port != 0) m_byClient[flow.client].push_back(at);
        }
        for (Index index = 0; index < records.size(); ++index)
            if (records[index].isPackets) noteExchange(index);
    }

    FlowJoins tie() {
        std::map<std::uint32_t, std::vector<Index>> calls; ///< by connection
        for (Index index = 0; index < m_records.size(); ++index) {
            const JoinRecord& record = m_records[index];
            if (record.isPackets || record.peer.port == 0 || record.start == kNoTime) continue;
            if (const auto flow = connectionOf(record, true)) calls[*flow].push_back(index);
            if (const auto flow = connectionOf(record, false)) {
                m_groups.setLoggedFlow(index, *flow);
                m_explained.insert(*flow);
            }
        }
        for (auto& [flow, list] : calls) tieToConnection(flow, list);
        return summary();
    }

private:
    void noteExchange(Index index) {
        const Row row = m_records[index].row;
        const Flow* flow = m_raw.flowOf(m_raw.flowStart(row));
        if (flow) m_exchanges[static_cast<std::uint32_t>(flow->number - 1)].push_back(index);
    }

    /// The one connection that the record names and that lived then; nothing when there are two.
    std::optional<std::uint32_t> connectionOf(const JoinRecord& record, bool inPackets) const {
        const auto at = m_byClient.find(record.peer);
        if (at == m_byClient.end()) return {};
        std::optional<std::uint32_t> found;
        for (const std::uint32_t flow : at->second) {
            const FlowRecord& connection = m_raw.flows()[flow].record;
            if ((connection.source == "packets") != inPackets || connection.firstTime == kNoTime) continue;
            const auto offset = offsetBetween(m_offsets, record.input, connection.input);
            const std::int64_t slack = offset ? kComparedClocksNs : kUncomparedClocksNs;
            const TimeNs last = inPackets ? connection.lastTime : shifted(connection.firstTime, kLoggedLifeNs);
            if (distance(shifted(record.start, offset.value_or(0)), connection.firstTime, last) > slack) continue;
            if (found && inPackets) return {};
            found = flow; // of a firewall's rows the latest before the call: the port was used again since the others
        }
        return found;
    }

    void tieToConnection(std::uint32_t flow, std::vector<Index>& calls) {
        const auto seen = m_exchanges.find(flow);
        if (seen == m_exchanges.end()) { // content that nobody could read
            for (const Index call : calls) m_groups.setFlow(call, flow);
            m_explained.insert(flow);
            return;
        }
        std::erase_if(calls, [this](Index call) { return m_groups.hasPackets(call); });
        std::vector<Index> exchanges = seen->second;
        std::erase_if(exchanges, [this](Index index) { return m_groups.isJoined(index); });
        const auto byTime = [this](Index a, Index b) {
            return std::tuple(m_records[a].start, m_records[a].order) <
                   std::tuple(m_records[b].start, m_records[b].order);
        };
        std::ranges::sort(calls, byTime);
        std::ranges::sort(exchanges, byTime);
        // Requests of a connection come one after the other: the next one that looks the same is the same.
        auto next = exchanges.begin();
        for (const Index call : calls) {
            const auto at = std::find_if(next, exchanges.end(), [&](Index index) { return looksTheSame(call, index); });
            if (at == exchanges.end()) continue;
            m_groups.tie(call, *at, JoinRule::ClientPort);
            next = at + 1;
        }
    }

    bool looksTheSame(Index log, Index packets) const {
        const JoinRecord& a = m_records[log];
        const JoinRecord& b = m_records[packets];
        const auto fits = [](auto left, auto right, auto none) {
            return left == none || right == none || left == right;
        };
        const auto offset = offsetBetween(m_offsets, a.input, b.input);
        const std::int64_t slack = offset ? kComparedClocksNs : kUncomparedClocksNs;
        return fits(a.method, b.method, StringPool::kNone) && fits(a.path, b.path, StringPool::kNone) &&
               fits(a.status, b.status, kNoNumber) &&
               distance(shifted(a.start, offset.value_or(0)), b.start, b.start) <= slack;
    }

    FlowJoins summary() const {
        FlowJoins result;
        for (std::uint32_t at = 0; at < m_raw.flows().size(); ++at) {
            const FlowRecord& flow = m_raw.flows()[at].record;
            if (flow.payloadBytes == 0 && flow.source == "packets") continue; // nobody called anything on it
            if (m_exchanges.contains(at)) continue;
            ++result.closed[flow.input];
            if (m_explained.contains(at))
                ++result.joined[flow.input];
            else
                result.unexplained.push_back(at);
        }
        return result;
    }

    /// A firewall logs when a connection began. Gateways keep idle ones for minutes; after this the port may be
    /// another's.
    static constexpr std::int64_t kLoggedLifeNs = 3'600'000'000'000;

    const Snapshot& m_raw;
    const std::vector<JoinRecord>& m_records;
    JoinGroups& m_groups;
    const std::vector<ClockOffset>& m_offsets;
    std::map<Endpoint, std::vector<std::uint32_t>> m_byClient;         ///< connections, in the order of time
    std::unordered_map<std::uint32_t, std::vector<Index>> m_exchanges; ///< by connection
    std::set<std::uint32_t> m_explained;
};

} // namespace

std::optional<std::int64_t> offsetBetween(const std::vector<ClockOffset>& offsets, std::uint32_t log,
                                          std::uint32_t other) {
    const auto at = std::ranges::find_if(
        offsets, [&](const ClockOffset& offset) { return offset.log == log && offset.other == other; });
    return at == offsets.end() ? std::nullopt : std::optional(at->offsetNs);
}

FlowJoins tieByConnections(const Snapshot& raw, const std::vector<JoinRecord>& records, JoinGroups& groups,
                           const std::vector<ClockOffset>& offsets) {
    return ConnectionTies(raw, records, groups, offsets).tie();
}

} // namespace gatescope::analysis
