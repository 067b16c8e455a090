// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/join_groups.h"

#include <algorithm>
#include <numeric>

namespace gatescope::analysis {

namespace {
std::uint32_t bitOf(JoinRule rule) {
    return 1U << static_cast<unsigned>(rule);
}
} // namespace

JoinGroups::JoinGroups(const std::vector<JoinRecord>& records)
    : m_records(records), m_leader(records.size()), m_groups(records.size()) {
    std::iota(m_leader.begin(), m_leader.end(), Index{0});
}

std::optional<JoinGroups::Index> JoinGroups::packetsOf(Index leader) const {
    const Group& group = m_groups[leader];
    if (group.members.empty()) return m_records[leader].isPackets ? std::optional(leader) : std::nullopt;
    const auto at = std::ranges::find_if(group.members, [this](Index member) { return m_records[member].isPackets; });
    return at == group.members.end() ? std::nullopt : std::optional(*at);
}

bool JoinGroups::tie(Index a, Index b, JoinRule rule) {
    const Index first = std::min(leader(a), leader(b));
    const Index second = std::max(leader(a), leader(b));
    if (first == second) return true;
    Group& kept = m_groups[first];
    Group& taken = m_groups[second];
    if (kept.members.empty()) kept.members.push_back(first);
    if (taken.members.empty()) taken.members.push_back(second);
    for (const Index old : kept.members)
        for (const Index added : taken.members)
            if (m_records[old].source == m_records[added].source) return false;
    merge(first, second, rule);
    return true;
}

void JoinGroups::tieSides(Index a, Index b) {
    const Index first = std::min(leader(a), leader(b));
    const Index second = std::max(leader(a), leader(b));
    if (first == second) return;
    for (const Index each : {first, second})
        if (m_groups[each].members.empty()) m_groups[each].members.push_back(each);
    merge(first, second, JoinRule::SequenceNumbers);
}

void JoinGroups::merge(Index first, Index second, JoinRule rule) {
    Group& kept = m_groups[first];
    Group& taken = m_groups[second];
    kept.rules |= taken.rules | bitOf(rule);
    for (const Index added : taken.members) {
        m_leader[added] = first;
        kept.members.push_back(added);
    }
    if (!kept.flow) kept.flow = taken.flow;
    if (!kept.loggedFlow) kept.loggedFlow = taken.loggedFlow;
    taken = {};
}

void JoinGroups::setFlow(Index index, std::uint32_t flow) {
    Group& group = m_groups[leader(index)];
    group.flow = flow;
    group.rules |= bitOf(JoinRule::ClientPort);
}

void JoinGroups::setLoggedFlow(Index index, std::uint32_t flow) {
    Group& group = m_groups[leader(index)];
    group.loggedFlow = flow;
    group.rules |= bitOf(JoinRule::ClientPort);
}

std::vector<JoinGroups::Group> JoinGroups::joined() const {
    std::vector<Group> found;
    for (Index index = 0; index < m_groups.size(); ++index) {
        const Group& group = m_groups[index];
        if (m_leader[index] != index || (group.members.size() < 2 && !group.flow && !group.loggedFlow)) continue;
        found.push_back(group);
        if (group.members.empty()) found.back().members.push_back(index);
    }
    return found;
}

} // namespace gatescope::analysis
