// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/dataset_store.h"

#include <algorithm>
#include <compare>
#include <tuple>
#include <utility>

namespace gatescope::analysis {

namespace {

/// What decides the place of a row. No two exchanges of a capture have all of it in common, so the order does not
/// depend on who came first.
struct RowKey {
    TimeNs time;
    std::int64_t input;
    std::int64_t packet;
    std::int64_t flowStart;
    std::int64_t indexInFlow;
    Row row;

    auto operator<=>(const RowKey&) const = default;
};

RowKey keyOf(const std::vector<const Chunk*>& chunks, Row row) {
    const Chunk& chunk = *chunks[row >> kChunkBits];
    const std::size_t offset = row % kChunkRows;
    TimeNs time = startTimeOf(chunk, offset);
    if (time == kNoTime) time = std::numeric_limits<TimeNs>::max(); // whatever has no time comes last
    std::int64_t packet = chunk.numbers[static_cast<std::size_t>(FieldId::Packet)].get(offset);
    if (packet == kNoNumber) packet = chunk.startPacket.get(offset);
    return {time,
            chunk.numbers[static_cast<std::size_t>(FieldId::Input)].get(offset),
            packet,
            chunk.flowStart.get(offset),
            chunk.indexInFlow.get(offset),
            row};
}

} // namespace

TimeNs startTimeOf(const Chunk& chunk, std::size_t offset) {
    const TimeNs time = chunk.numbers[static_cast<std::size_t>(FieldId::Time)].get(offset);
    return time != kNoTime ? time : chunk.startTime.get(offset);
}

void RowOrder::update(const std::vector<const Chunk*>& chunks, std::size_t rows) {
    const std::size_t known = m_order->size();
    if (rows <= known || m_final) return;
    std::tie(m_order, m_ranks) = with(chunks, static_cast<Row>(known), static_cast<Row>(rows));
}

std::pair<RowOrder::Rows, RowOrder::Rows> RowOrder::with(const std::vector<const Chunk*>& chunks, Row first,
                                                         Row last) const {
    std::vector<RowKey> fresh;
    fresh.reserve(last - first);
    for (Row row = first; row < last; ++row) fresh.push_back(keyOf(chunks, row));
    std::sort(fresh.begin(), fresh.end());

    // Captures come nearly in order: everything before the first new row stays as it is.
    const auto stays = std::partition_point(m_order->begin(), m_order->end(),
                                            [&](Row row) { return keyOf(chunks, row) < fresh.front(); });
    std::vector<Row> merged;
    merged.reserve(m_order->size() + fresh.size());
    merged.assign(m_order->begin(), stays);
    auto old = stays;
    for (const RowKey& key : fresh) {
        while (old != m_order->end() && keyOf(chunks, *old) < key) merged.push_back(*old++);
        merged.push_back(key.row);
    }
    merged.insert(merged.end(), old, m_order->end());

    std::vector<Row> ranks(last);
    for (std::size_t place = 0; place < merged.size(); ++place) ranks[merged[place]] = static_cast<Row>(place);
    return {std::make_shared<const std::vector<Row>>(std::move(merged)),
            std::make_shared<const std::vector<Row>>(std::move(ranks))};
}

void RowOrder::leaveOut(const JoinIndex& joins) {
    if (std::exchange(m_final, true)) return;
    std::vector<Row> shown;
    shown.reserve(m_order->size());
    std::vector<Row> ranks(m_order->size());
    for (const Row row : *m_order) {
        if (joins.isHidden(row)) continue;
        ranks[row] = static_cast<Row>(shown.size());
        shown.push_back(row);
    }
    for (const auto& [row, by] : joins.shownBy) ranks[row] = ranks[by];
    m_order = std::make_shared<const std::vector<Row>>(std::move(shown));
    m_ranks = std::make_shared<const std::vector<Row>>(std::move(ranks));
}

} // namespace gatescope::analysis
