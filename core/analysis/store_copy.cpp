// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/store_copy.h"

#include <algorithm>

namespace gatescope::analysis {

namespace {

constexpr std::size_t kWorthIt = 10; ///< forgetting less than this part of what is kept would come too often

/// How many of `count` are too many, once it is worth it.
std::size_t tooMany(std::size_t count, std::size_t keep) {
    return keep != 0 && count > keep + keep / kWorthIt ? count - keep : 0;
}

std::int64_t numberOf(const Chunk& chunk, std::size_t offset, FieldId field) {
    return chunk.numbers[static_cast<std::size_t>(field)].get(offset);
}

TimeNs endOf(const Chunk& chunk, std::size_t offset) {
    const TimeNs start = startTimeOf(chunk, offset);
    const std::int64_t duration = numberOf(chunk, offset, FieldId::Duration);
    return start == kNoTime || duration == kNoNumber ? start : start + duration;
}

/// Rows stand in the order of their ends, nearly.
std::size_t tooOld(const Snapshot::State& state, TimeNs age, TimeNs now) {
    if (age == 0 || now == kNoTime) return 0;
    std::size_t row = 0;
    while (row < state.ended && endOf(state.chunk(static_cast<Row>(row)), row % kChunkRows) < now - age) ++row;
    return row * kWorthIt >= state.ended ? row : 0;
}

} // namespace

StoreCut cutFor(const Snapshot::State& state, const Retention& keep, TimeNs now) {
    if (state.complete) return {}; // what is joined cannot be cut
    StoreCut cut;
    cut.rows = static_cast<Row>(std::max(tooMany(state.ended, keep.exchanges), tooOld(state, keep.age, now)));
    cut.flows = tooMany(state.flowRecords, keep.others);
    cut.sessions = tooMany(state.sessionRecords, keep.others);
    return cut;
}

StoreCopy::StoreCopy(const Snapshot::State& from, const StoreCut& cut)
    : m_from(*from.store), m_cut(cut), m_rows(from.ended), m_flows(from.flowRecords), m_sessions(from.sessionRecords),
      m_to(std::make_shared<Store>(from.inputs->names)), m_codes(from.codes) {
    for (std::size_t row = cut.rows; row < m_rows; ++row) copyRow(from.chunk(static_cast<Row>(row)), row % kChunkRows);
    for (std::size_t i = cut.flows; i < m_flows; ++i) m_to->flows.push(m_from.flows[i]);
    for (std::size_t i = cut.sessions; i < m_sessions; ++i) m_to->sessions.push(m_from.sessions[i]);
}

void StoreCopy::takeRest(Store& from) {
    m_codes.resize(from.pool.size());
    for (; m_rows < from.rows; ++m_rows) copyRow(*from.chunks[m_rows >> kChunkBits], m_rows % kChunkRows);
    for (; m_flows < from.flows.size(); ++m_flows) m_to->flows.push(from.flows[m_flows]);
    for (; m_sessions < from.sessions.size(); ++m_sessions) m_to->sessions.push(from.sessions[m_sessions]);
    for (std::size_t i = 0; i < from.metrics.size(); ++i) m_to->metrics.push(from.metrics[i]);
    for (std::size_t i = m_to->inputs->names.size(); i < from.inputs->names.size(); ++i)
        m_to->addInput(from.inputs->names[i]);
    for (const auto& entry : from.findings.kept()) {
        CollectedFinding finding = *entry;
        if (finding.row && *finding.row < m_cut.rows) continue;
        if (finding.row) *finding.row -= m_cut.rows;
        m_to->findings.add(std::move(finding));
    }
    m_to->trust = from.trust;
    m_to->captures = from.captures;
    m_to->renumberings = from.renumberings + 1;
    if (from.followsClients()) m_to->followClients();
    if (from.clients) m_to->clients = makeClientColumns(*m_to); // they were worked out anew for another trust
}

void StoreCopy::copyRow(const Chunk& from, std::size_t offset) {
    const std::size_t at = m_to->rows % kChunkRows;
    if (at == 0) m_to->chunks.push_back(std::make_unique<Chunk>());
    Chunk& to = *m_to->chunks.back();
    // Widths grow to what the values need, whatever they begin with.
    for (std::size_t field = 0; field < kStoredFields; ++field) {
        to.numbers[field].set(at, from.numbers[field].get(offset), Width::Two);
        to.codes[field].set(at, codeOf(from.codes[field].get(offset)));
    }
    for (const auto column : {&Chunk::flowStart, &Chunk::indexInFlow, &Chunk::startTime, &Chunk::startPacket,
                              &Chunk::requestDigest, &Chunk::receivedBytes, &Chunk::sentBytes})
        (to.*column).set(at, (from.*column).get(offset), Width::Two);
    copyHeaders(from.headers.get(offset), to, at);
    ++m_to->rows;
}

void StoreCopy::copyHeaders(const HeaderRun& from, Chunk& to, std::size_t offset) {
    const std::uint32_t request = listOf(from.requestList);
    const std::uint32_t response = listOf(from.responseList);
    const std::size_t count =
        m_from.headerNames[from.requestList].names.size() + m_from.headerNames[from.responseList].names.size();
    m_values.clear();
    for (std::size_t i = 0; i < count; ++i) m_values.push_back(codeOf(from.values[i]));
    to.headers.set(offset, request, response, m_values);
}

StringPool::Code StoreCopy::codeOf(StringPool::Code old) {
    if (old == StringPool::kNone) return old;
    StringPool::Code& known = m_codes[old];
    if (known == StringPool::kNone) known = m_to->pool.intern(m_from.pool.view(old));
    return known;
}

std::uint32_t StoreCopy::listOf(std::uint32_t old) {
    if (old == 0) return 0;
    const auto [at, isNew] = m_lists.try_emplace(old);
    if (!isNew) return at->second;
    http::HeaderList names;
    for (const StringPool::Code name : m_from.headerNames[old].names) names.add(m_from.pool.view(name), {});
    m_values.clear();
    return at->second = m_to->headerNames.add(names, m_values);
}

} // namespace gatescope::analysis
