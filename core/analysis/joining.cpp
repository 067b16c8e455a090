// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/joining.h"

#include "core/analysis/join_connections.h"
#include "core/analysis/join_groups.h"
#include "core/analysis/join_ids.h"
#include "core/analysis/join_matches.h"
#include "core/analysis/join_translated.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

namespace gatescope::analysis {

namespace {

constexpr std::array kRules{JoinRule::SequenceNumbers, JoinRule::CorrelationId, JoinRule::Traceparent,
                            JoinRule::ResponseId,      JoinRule::TransactionId, JoinRule::ClientPort,
                            JoinRule::UniqueMatch};

/// Of the logs of a call, the one that saw the whole of it comes first.
int knowledgeOf(std::string_view source) {
    constexpr std::array<std::string_view, 8> kWhole{"packets",    "har",         "apim-gateway", "envoy-json",
                                                     "nginx-json", "app-gateway", "kong",         "litellm"};
    const auto at = std::ranges::find(kWhole, source);
    return static_cast<int>(at - kWhole.begin());
}

class Joiner {
public:
    explicit Joiner(const Snapshot& raw) : m_raw(raw), m_records(joinRecordsOf(raw)), m_groups(m_records) {}

    JoinResult join() {
        tieTranslated(m_raw, m_records, m_groups);
        tieByIds(m_raw, m_records, m_groups);
        JoinResult result;
        result.offsets = clockOffsets(m_records, m_groups);
        const FlowJoins flows = tieByConnections(m_raw, m_records, m_groups, result.offsets);
        tieByMatch(m_raw, m_records, m_groups, result.offsets);
        collectCalls(result);
        result.unexplainedFlows = flows.unexplained;
        count(result, flows);
        return result;
    }

private:
    auto placeOf(JoinGroups::Index index) const {
        const JoinRecord& record = m_records[index];
        return std::tuple(knowledgeOf(m_raw.text(record.source)), record.input, record.order, record.row);
    }

    void collectCalls(JoinResult& result) {
        for (JoinGroups::Group& group : m_groups.joined()) {
            std::ranges::sort(group.members, {}, [this](JoinGroups::Index index) { return placeOf(index); });
            const bool hasLog = std::ranges::any_of(
                group.members, [this](JoinGroups::Index member) { return !m_records[member].isPackets; });
            JoinedCall call;
            for (const JoinGroups::Index member : group.members) {
                call.parts.push_back(m_records[member].row);
                // The other side of an address translation is no second call, and no record of another kind.
                if (member != group.members.front() && m_records[member].isPackets)
                    m_isOtherSide.insert(member);
                else if (hasLog || !m_records[member].isPackets)
                    m_isJoined.insert(member);
            }
            for (const JoinRule rule : kRules)
                if (group.rules >> static_cast<unsigned>(rule) & 1U) call.rules.push_back(rule);
            call.flow = group.flow;
            call.loggedFlow = group.loggedFlow;
            result.calls.push_back(std::move(call));
        }
    }

    void count(JoinResult& result, const FlowJoins& flows) {
        std::map<std::uint32_t, JoinCount> counts;
        const auto of = [&](std::uint32_t input) -> JoinCount& {
            JoinCount& entry = counts[input];
            entry.input = input;
            return entry;
        };
        for (JoinGroups::Index index = 0; index < m_records.size(); ++index) {
            if (m_isOtherSide.contains(index)) continue;
            const JoinRecord& record = m_records[index];
            JoinCount& entry = of(record.input);
            entry.isLog = !record.isPackets;
            ++entry.records;
            ++(m_isJoined.contains(index) ? entry.joined : entry.unjoined);
            if (!m_isJoined.contains(index)) result.unjoinedRows.push_back(record.row);
        }
        for (const auto& [input, closed] : flows.closed) of(input).flows = closed;
        for (const auto& [input, joined] : flows.joined) of(input).flowsJoined = joined;
        for (const auto& [input, entry] : counts) result.counts.push_back(entry);
    }

    const Snapshot& m_raw;
    std::vector<JoinRecord> m_records;
    JoinGroups m_groups;
    std::set<JoinGroups::Index> m_isJoined;
    std::set<JoinGroups::Index> m_isOtherSide;
};

/// Two records of one source are one call only on two sides of an address translation, so a second source must be
/// there, or connections for those of a log.
bool hasSides(const Snapshot& raw) {
    const auto& rows = raw.order();
    if (rows.empty()) return false;
    const StringPool::Code packets = raw.textCode("packets");
    const StringPool::Code first = raw.code(FieldId::Source, rows.front());
    const auto isOther = [&](Row row) { return raw.code(FieldId::Source, row) != first; };
    return std::ranges::any_of(rows, isOther) || (first != packets && !raw.flows().empty()) || hasTranslated(raw);
}

} // namespace

std::string_view toString(JoinRule rule) {
    constexpr std::array<std::string_view, kRules.size()> kWords{"sequence-numbers", "correlation-id", "traceparent",
                                                                 "response-id",      "transaction-id", "client-port",
                                                                 "unique-match"};
    return kWords[static_cast<std::size_t>(rule)];
}

std::string_view certaintyOf(JoinRule rule) {
    return rule == JoinRule::UniqueMatch ? "likely" : "sure";
}

JoinResult joinRecords(const Snapshot& raw) {
    if (!hasSides(raw)) return {};
    return Joiner(raw).join();
}

} // namespace gatescope::analysis
