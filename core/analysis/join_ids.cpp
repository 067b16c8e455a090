// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/join_ids.h"

#include <algorithm>
#include <map>
#include <span>
#include <string_view>
#include <tuple>

namespace gatescope::analysis {

namespace {

using Index = JoinGroups::Index;

struct Keyed {
    std::string_view key;
    Index index;
};

/// Records of one key that one side tells of: a log format, or one hop of a capture. They are different calls.
using Side = std::vector<Index>;

class IdTies {
public:
    IdTies(const std::vector<JoinRecord>& records, JoinGroups& groups) : m_records(records), m_groups(groups) {}

    /// `uniqueOnly`: an id that several calls of one side may share ties only those that share it with nobody.
    void tie(std::vector<Keyed>& keyed, JoinRule rule, bool uniqueOnly = false) {
        m_uniqueOnly = uniqueOnly;
        std::ranges::sort(keyed, [this](const Keyed& a, const Keyed& b) {
            return std::tuple(a.key, m_records[a.index].start, m_records[a.index].input, m_records[a.index].order) <
                   std::tuple(b.key, m_records[b.index].start, m_records[b.index].input, m_records[b.index].order);
        });
        for (std::size_t first = 0; first < keyed.size();) {
            std::size_t last = first + 1;
            while (last < keyed.size() && keyed[last].key == keyed[first].key) ++last;
            if (last - first > 1 && last - first <= kMostOfOneKey)
                tieBucket({keyed.data() + first, last - first}, rule);
            first = last;
        }
        keyed.clear();
    }

private:
    /// An id that more records share is no id of a call.
    static constexpr std::size_t kMostOfOneKey = 256;

    void tieBucket(std::span<const Keyed> bucket, JoinRule rule) {
        std::map<StringPool::Code, Side> logs;                           ///< by format
        std::map<std::pair<std::uint32_t, StringPool::Code>, Side> hops; ///< by input and server
        for (const Keyed& entry : bucket) {
            const JoinRecord& record = m_records[entry.index];
            if (record.isPackets)
                hops[{record.input, record.server}].push_back(entry.index);
            else
                logs[record.source].push_back(entry.index);
        }
        if (logs.empty()) return;
        const Side* leading = nullptr; ///< the log with the most records of this key
        for (const auto& [source, side] : logs)
            if (!leading || side.size() > leading->size()) leading = &side;
        for (const auto& [source, side] : logs)
            if (&side != leading) tieSides(*leading, side, rule);
        tieHop(*leading, hops, rule);
    }

    template <typename Hops>
    void tieHop(const Side& log, const Hops& hops, JoinRule rule) {
        std::vector<std::pair<Side, Side>> pairings; // equal in length
        for (const auto& [place, hop] : hops) {
            auto pairing = pair(log, hop);
            if (!pairing.first.empty()) pairings.push_back(std::move(pairing));
        }
        if (pairings.empty()) return;
        // Of several hops the one whose connection the log names; else the outermost, which began first.
        const auto best = std::ranges::min_element(pairings, {}, [this](const auto& pairing) {
            const JoinRecord& inLog = m_records[pairing.first.front()];
            const JoinRecord& seen = m_records[pairing.second.front()];
            const bool samePort = inLog.peer.port != 0 && inLog.peer == seen.peer;
            const bool sameAddress = inLog.peer != Endpoint{} && inLog.peer.address == seen.peer.address;
            return std::tuple(!samePort, !sameAddress, seen.start, seen.input, seen.order);
        });
        for (std::size_t i = 0; i < best->first.size(); ++i) m_groups.tie(best->first[i], best->second[i], rule);
    }

    void tieSides(const Side& a, const Side& b, JoinRule rule) {
        const auto [left, right] = pair(a, b);
        for (std::size_t i = 0; i < left.size(); ++i) m_groups.tie(left[i], right[i], rule);
    }

    /// Which of `a` are which of `b`: one and one; else, status by status, as many of each, in the order of time.
    std::pair<Side, Side> pair(const Side& allOfA, const Side& allOfB) const {
        const Side a = untied(allOfA, allOfB);
        const Side b = untied(allOfB, allOfA);
        if (m_uniqueOnly && (allOfA.size() > 1 || allOfB.size() > 1)) return {};
        if (a.size() == 1 && b.size() == 1)
            return agree(a.front(), b.front()) ? std::pair(a, b) : std::pair(Side{}, Side{});
        std::map<std::int64_t, std::pair<Side, Side>> byStatus;
        for (const Index index : a) byStatus[m_records[index].status].first.push_back(index);
        for (const Index index : b) byStatus[m_records[index].status].second.push_back(index);
        std::pair<Side, Side> paired;
        for (const auto& [status, sides] : byStatus) {
            if (sides.first.size() != sides.second.size()) continue;
            paired.first.insert(paired.first.end(), sides.first.begin(), sides.first.end());
            paired.second.insert(paired.second.end(), sides.second.begin(), sides.second.end());
        }
        return paired;
    }

    /// Those that are not yet tied to anyone of `others`.
    Side untied(const Side& side, const Side& others) const {
        Side left;
        for (const Index index : side)
            if (std::ranges::none_of(others, [&](Index other) { return m_groups.together(index, other); }))
                left.push_back(index);
        return left;
    }

    /// Two attempts of a call share its trace; their answers tell them apart.
    bool agree(Index a, Index b) const {
        const std::int64_t left = m_records[a].status;
        const std::int64_t right = m_records[b].status;
        return left == kNoNumber || right == kNoNumber || left == right;
    }

    const std::vector<JoinRecord>& m_records;
    JoinGroups& m_groups;
    bool m_uniqueOnly = false;
};

} // namespace

void tieByIds(const Snapshot& raw, const std::vector<JoinRecord>& records, JoinGroups& groups) {
    IdTies ties(records, groups);
    std::vector<Keyed> keyed;
    const auto collect = [&](auto&& keyOf) {
        for (Index index = 0; index < records.size(); ++index)
            if (const std::string_view key = keyOf(records[index].row); !key.empty()) keyed.push_back({key, index});
    };
    const auto textOf = [&](FieldId field) {
        return [&raw, field](Row row) { return raw.text(raw.code(field, row)); };
    };
    collect(textOf(FieldId::CorrelationId));
    ties.tie(keyed, JoinRule::CorrelationId);

    collect([&](Row row) {
        const std::string_view parent = raw.text(raw.code(FieldId::Traceparent, row));
        return traceIdOf(parent).empty() ? std::string_view() : parent;
    });
    ties.tie(keyed, JoinRule::Traceparent);
    collect([&](Row row) {
        const std::string_view stated = raw.text(raw.code(FieldId::TraceId, row));
        return stated.empty() ? traceIdOf(raw.text(raw.code(FieldId::Traceparent, row))) : stated;
    });
    ties.tie(keyed, JoinRule::Traceparent, true);

    collect(textOf(FieldId::ResponseId));
    ties.tie(keyed, JoinRule::ResponseId);

    const StringPool::Code header = raw.headerCode("x-appgw-trace-id");
    collect([&](Row row) {
        const std::string_view stated = raw.text(raw.code(FieldId::TransactionId, row));
        return stated.empty() ? raw.text(raw.headerValue(Direction::Request, header, row)) : stated;
    });
    ties.tie(keyed, JoinRule::TransactionId);
}

std::vector<ClockOffset> clockOffsets(const std::vector<JoinRecord>& records, const JoinGroups& groups) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::int64_t>> differences;
    for (const JoinGroups::Group& group : groups.joined())
        for (const Index log : group.members)
            for (const Index packets : group.members) {
                const JoinRecord& a = records[log];
                const JoinRecord& b = records[packets];
                if (a.isPackets || !b.isPackets || a.start == kNoTime || b.start == kNoTime) continue;
                differences[{a.input, b.input}].push_back(elapsed(a.start, b.start));
            }
    std::vector<ClockOffset> offsets;
    for (auto& [inputs, list] : differences) {
        const auto middle = list.begin() + static_cast<std::ptrdiff_t>(list.size() / 2);
        std::ranges::nth_element(list, middle);
        offsets.push_back({inputs.first, inputs.second, *middle, list.size()});
    }
    return offsets;
}

} // namespace gatescope::analysis
