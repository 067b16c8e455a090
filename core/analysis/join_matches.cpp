// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/join_matches.h"

#include "core/analysis/join_connections.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

namespace gatescope::analysis {

namespace {

using Index = JoinGroups::Index;

/// Head and framing that a gateway counts and a body does not: the limit of most servers for a head, and the sizes of
/// the chunks of a long stream.
constexpr std::int64_t kMostFraming = 64 * 1024;

class MatchTies {
public:
    MatchTies(const Snapshot& raw, const std::vector<JoinRecord>& records, JoinGroups& groups,
              const std::vector<ClockOffset>& offsets)
        : m_raw(raw), m_records(records), m_groups(groups), m_offsets(offsets) {}

    void tie() {
        for (Index index = 0; index < m_records.size(); ++index) {
            const JoinRecord& record = m_records[index];
            const bool isNamed = record.method != StringPool::kNone && record.path != StringPool::kNone &&
                                 record.status != kNoNumber && record.start != kNoTime;
            const bool isTied = record.isPackets ? m_groups.isJoined(index) : m_groups.hasPackets(index);
            if (!isNamed || isTied) continue;
            Alike& alike = m_alike[{record.method, record.path, record.status}];
            (record.isPackets ? alike.packets : alike.logs)[record.input].push_back(index);
        }
        for (auto& [key, alike] : m_alike) tieAlike(alike);
    }

private:
    using ByInput = std::map<std::uint32_t, std::vector<Index>>; ///< lists in the order of time
    struct Alike {
        ByInput logs, packets;
    };

    /// Whoever fits two is left alone, on either side.
    void tieAlike(Alike& alike) {
        const auto startOf = [this](Index index) { return m_records[index].start; };
        for (ByInput* side : {&alike.logs, &alike.packets})
            for (auto& [input, list] : *side) std::ranges::stable_sort(list, {}, startOf);
        for (const auto& [input, logs] : alike.logs)
            for (const Index log : logs) {
                const auto packets = onlyFit(log, alike.packets);
                if (packets && onlyFit(*packets, alike.logs) == log) m_groups.tie(log, *packets, JoinRule::UniqueMatch);
            }
    }

    /// The one record of the other side that fits.
    std::optional<Index> onlyFit(Index index, const ByInput& others) const {
        const auto startOf = [this](Index other) { return m_records[other].start; };
        const JoinRecord& record = m_records[index];
        std::optional<Index> found;
        for (const auto& [input, list] : others) {
            const Clocks clocks =
                record.isPackets ? clocksOf(input, record.input).reversed() : clocksOf(record.input, input);
            const TimeNs middle = saturated(record.start, clocks.offset);
            std::size_t looked = 0;
            for (auto at = std::ranges::lower_bound(list, saturated(middle, -clocks.slack), {}, startOf);
                 at != list.end() && startOf(*at) <= saturated(middle, clocks.slack); ++at) {
                if (++looked > kMostLooked) return {};
                if (!(record.isPackets ? fits(*at, index) : fits(index, *at))) continue;
                if (found) return {};
                found = *at;
            }
        }
        return found;
    }

    struct Clocks {
        std::int64_t offset, slack;
        Clocks reversed() const { return {-offset, slack}; }
    };
    Clocks clocksOf(std::uint32_t log, std::uint32_t packets) const {
        const auto offset = offsetBetween(m_offsets, log, packets);
        return {offset.value_or(0), offset ? kComparedClocksNs : kGuessedClocksNs};
    }

    bool fits(Index log, Index packets) const {
        const JoinRecord& a = m_records[log];
        const JoinRecord& b = m_records[packets];
        if (a.peer.port != 0 && b.peer.port != 0 && a.peer.address == b.peer.address && a.peer.port != b.peer.port)
            return false; // another connection of the same client
        return sizesFit(Direction::Request, a.row, b.row) && sizesFit(Direction::Response, a.row, b.row);
    }

    bool sizesFit(Direction direction, Row log, Row packets) const {
        const std::int64_t counted = m_raw.loggedBytes(direction, log);
        const FieldId field = direction == Direction::Request ? FieldId::RequestBytes : FieldId::ResponseBytes;
        const std::int64_t body = m_raw.number(field, packets);
        const std::int64_t stated = m_raw.number(field, log);
        if (stated != kNoNumber && body != kNoNumber && stated != body) return false;
        return counted == kNoNumber || body == kNoNumber || (counted >= body && counted - body <= kMostFraming);
    }

    static TimeNs saturated(TimeNs time, std::int64_t by) {
        TimeNs sum = 0;
        if (!__builtin_add_overflow(time, by, &sum)) return sum;
        return by < 0 ? std::numeric_limits<TimeNs>::min() + 1 : std::numeric_limits<TimeNs>::max();
    }

    /// A match rests on time, so clocks that were not compared get little room.
    static constexpr std::int64_t kGuessedClocksNs = 5'000'000'000;
    /// Among so many calls at once nothing is unique.
    static constexpr std::size_t kMostLooked = 10'000;

    const Snapshot& m_raw;
    const std::vector<JoinRecord>& m_records;
    JoinGroups& m_groups;
    const std::vector<ClockOffset>& m_offsets;
    /// By method, path and status: those that are not tied yet.
    std::map<std::tuple<StringPool::Code, StringPool::Code, std::int64_t>, Alike> m_alike;
};

} // namespace

void tieByMatch(const Snapshot& raw, const std::vector<JoinRecord>& records, JoinGroups& groups,
                const std::vector<ClockOffset>& offsets) {
    MatchTies(raw, records, groups, offsets).tie();
}

} // namespace gatescope::analysis
