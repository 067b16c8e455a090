// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/snapshot_state.h"

#include "core/analysis/retry_findings.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <tuple>

namespace gatescope::analysis {

namespace {

PacketRef identityOf(const FlowRecord& record) {
    return record.start();
}

auto orderOf(const FlowRecord& record) {
    return std::tuple(record.firstTime == kNoTime, record.firstTime, record.start());
}

} // namespace

void FlowIndex::build(const PagedVector<FlowRecord>& records, std::size_t count) {
    std::vector<std::size_t> latest(count);
    std::iota(latest.begin(), latest.end(), std::size_t{0});
    std::sort(latest.begin(), latest.end(), [&](std::size_t a, std::size_t b) {
        return std::tuple(identityOf(records[a]), b) < std::tuple(identityOf(records[b]), a); // the newest first
    });
    latest.erase(
        std::unique(latest.begin(), latest.end(),
                    [&](std::size_t a, std::size_t b) { return identityOf(records[a]) == identityOf(records[b]); }),
        latest.end());
    // By identity so far: the n-th of them is found again by its place in the order of time.
    std::vector<std::uint32_t> byTime(latest.size());
    std::iota(byTime.begin(), byTime.end(), 0U);
    std::sort(byTime.begin(), byTime.end(), [&](std::uint32_t a, std::uint32_t b) {
        return orderOf(records[latest[a]]) < orderOf(records[latest[b]]);
    });
    m_flows.reserve(latest.size());
    m_byIdentity.resize(latest.size());
    for (const std::uint32_t at : byTime) {
        m_byIdentity[at] = static_cast<std::uint32_t>(m_flows.size());
        m_flows.push_back({m_flows.size() + 1, records[latest[at]]});
    }
}

const Flow* FlowIndex::find(PacketRef wanted) const {
    const auto at = std::partition_point(m_byIdentity.begin(), m_byIdentity.end(), [&](std::uint32_t place) {
        return identityOf(m_flows[place].record) < wanted;
    });
    if (at == m_byIdentity.end() || identityOf(m_flows[*at].record) != wanted) return nullptr;
    return &m_flows[*at];
}

void SessionIndex::build(const PagedVector<std::shared_ptr<const TlsRecord>>& records, std::size_t count,
                         const std::vector<std::shared_ptr<const TlsRecord>>& open) {
    m_sessions.reserve(count + open.size());
    for (std::size_t i = 0; i < count; ++i) m_sessions.push_back({0, records[i], false});
    for (const auto& record : open) m_sessions.push_back({0, record, true});
    // Within a connection the order of arrival stays: an outer session is told after the one inside it.
    std::ranges::stable_sort(m_sessions, {}, [](const TlsSession& session) {
        const TlsRecord& record = *session.record;
        return std::tuple(record.facts.firstTime == kNoTime, record.facts.firstTime, record.input, record.packet,
                          record.flowStart);
    });
    m_byFlow.resize(m_sessions.size());
    for (std::uint32_t i = 0; i < m_sessions.size(); ++i) {
        m_sessions[i].number = i + 1;
        m_byFlow[i] = i;
    }
    std::ranges::stable_sort(m_byFlow, {}, [this](std::uint32_t at) { return m_sessions[at].record->flowStart; });
}

const TlsSession* SessionIndex::find(PacketRef flowStart) const {
    const auto [from, to] = std::ranges::equal_range(
        m_byFlow, flowStart, {}, [this](std::uint32_t at) { return m_sessions[at].record->flowStart; });
    return from == to ? nullptr : &m_sessions[*std::prev(to)];
}

const SessionIndex& Snapshot::State::sessionIndex() const {
    std::call_once(m_sessionsOnce, [this] {
        if (store) m_sessionIndex.build(store->sessions, sessionRecords, openSessions);
    });
    return m_sessionIndex;
}

const FlowIndex& Snapshot::State::flowIndex() const {
    std::call_once(m_flowsOnce, [this] {
        if (store) m_flowIndex.build(store->flows, flowRecords);
    });
    return m_flowIndex;
}

const Attempts& Snapshot::State::attempts(const Snapshot& self) const {
    std::call_once(m_attemptsOnce, [&] { m_attempts = Attempts(self, *order); });
    return m_attempts;
}

std::vector<PlacedFinding> Snapshot::State::placeFindings(const Snapshot& self) const {
    std::vector<PlacedFinding> placed;
    placed.reserve(collected.size() + 1);
    for (const auto& entry : collected)
        placed.push_back({entry->finding, entry->row ? std::optional(self.shown(*entry->row)) : std::nullopt});
    for (auto& derived : retryFindings(self, attempts(self))) placed.push_back(std::move(derived));
    const auto place = [this](const std::optional<Row>& row) {
        return row ? static_cast<std::int64_t>((*ranks)[*row]) : std::int64_t{-1};
    };
    std::sort(placed.begin(), placed.end(), [&](const PlacedFinding& a, const PlacedFinding& b) {
        if (const int byPlace = comparePlace(a.finding, b.finding); byPlace != 0) return byPlace < 0;
        const auto rowA = place(a.row);
        const auto rowB = place(b.row);
        return std::tie(rowA, a.finding.flowStart, a.finding.evidence) <
               std::tie(rowB, b.finding.flowStart, b.finding.evidence);
    });
    if (findingsTotal > collected.size()) {
        Finding rest;
        rest.kind = &kFindingsLeftOut;
        rest.evidence.push_back(fmt::format("{} more findings", findingsTotal - collected.size()));
        placed.push_back({std::move(rest), std::nullopt});
    }
    return placed;
}

const std::vector<PlacedFinding>& Snapshot::State::findings(const Snapshot& self) const {
    std::call_once(m_findingsOnce, [&] { m_findings = placeFindings(self); });
    return m_findings;
}

} // namespace gatescope::analysis
