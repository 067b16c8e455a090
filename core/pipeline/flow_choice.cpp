// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/flow_choice.h"

#include "core/base/hash.h"

#include <algorithm>

namespace gatescope::pipeline {

namespace {

std::uint64_t hashOf(const Endpoint& end) {
    const auto& bytes = end.address.bytes();
    return mix64(hashBytes({reinterpret_cast<const char*>(bytes.data()), bytes.size()}), end.port);
}

/// The same for both directions.
std::uint64_t hashOf(const Endpoint& a, const Endpoint& b) {
    return hashOf(a) + hashOf(b);
}

} // namespace

FlowChoice::FlowChoice(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows) {
    for (const analysis::Row row : rows) {
        const std::size_t before = m_chosen.size();
        bool isKnown = false;
        const auto take = [&](analysis::Row one) {
            const PacketRef start = snapshot.flowStart(one);
            isKnown = isKnown || m_chosen.contains(start);
            choose(snapshot, one);
        };
        take(row);
        for (const analysis::Row part : snapshot.parts(row)) take(part);
        if (const analysis::Flow* flow = snapshot.connectionOf(row)) choose(flow->record);
        if (m_chosen.size() == before && !isKnown) ++m_rowsWithoutPackets;
    }
    for (const analysis::Flow& flow : snapshot.flows()) {
        const analysis::FlowRecord& record = flow.record;
        if (record.source != "packets" || m_chosen.contains(record.start())) continue;
        const auto [first, last] = m_between.equal_range(hashOf(record.client, record.server));
        const Ends ends = endsOf(record.client, record.server);
        if (std::any_of(first, last, [&](const auto& one) { return one.second.ends == ends; }))
            m_others.insert(record.start());
    }
}

void FlowChoice::choose(const analysis::Snapshot& snapshot, analysis::Row row) {
    if (snapshot.text(snapshot.code(analysis::FieldId::Source, row)) != "packets") return;
    if (const analysis::Flow* flow = snapshot.flowOf(snapshot.flowStart(row))) choose(flow->record);
}

void FlowChoice::choose(const analysis::FlowRecord& flow) {
    if (flow.source != "packets" || !m_chosen.insert(flow.start()).second) return;
    if (m_firstTime == kNoTime || flow.firstTime < m_firstTime) m_firstTime = flow.firstTime;
    m_lastTime = std::max(m_lastTime, flow.lastTime);
    const std::uint64_t hash = hashOf(flow.client, flow.server);
    const Ends ends = endsOf(flow.client, flow.server);
    const auto [first, last] = m_between.equal_range(hash);
    if (std::any_of(first, last, [&](const auto& one) { return one.second.ends == ends; })) return;
    m_between.emplace(hash, Between{ends, false});
}

bool FlowChoice::has(const packet::TcpSegment& segment) {
    const auto [first, last] = m_between.equal_range(hashOf(segment.source, segment.destination));
    if (first == last) return false;
    const Ends ends = endsOf(segment.source, segment.destination);
    const auto found = std::find_if(first, last, [&](const auto& one) { return one.second.ends == ends; });
    if (found == last) return false;
    Between& between = found->second;
    if (m_chosen.contains(segment.packet))
        between.isWanted = true;
    else if (m_others.contains(segment.packet))
        between.isWanted = false;
    return between.isWanted;
}

} // namespace gatescope::pipeline
