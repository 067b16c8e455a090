// SPDX-License-Identifier: Apache-2.0
#include "core/tcp/half_stream.h"

#include <algorithm>
#include <cstring>

namespace gatescope::tcp {

bool HeldSegments::insert(const packet::TcpSegment& segment, std::uint32_t sequence, Bytes data) {
    bool agrees = true;
    const std::uint32_t base = sequence;
    const auto size = static_cast<std::int32_t>(data.size());
    std::int32_t from = 0; // offset into `data` of what is not placed yet
    std::vector<HeldSegment> pieces;
    const auto keep = [&](std::int32_t until, std::uint32_t cut) {
        if (until <= from && cut == 0) return;
        HeldSegment piece;
        piece.sequence = base + static_cast<std::uint32_t>(from);
        piece.acknowledgement = segment.acknowledgement;
        piece.hasAcknowledgement = segment.has(packet::kAck);
        piece.uncaptured = cut;
        piece.place = {segment.packet, segment.time};
        piece.data.assign(data.begin() + from, data.begin() + until);
        pieces.push_back(std::move(piece));
    };
    std::uint32_t uncaptured = segment.uncaptured;
    // Only the item before may reach into this segment.
    for (std::size_t i = std::max(m_head + 1, firstAfter(base)) - 1; i < m_items.size(); ++i) {
        const HeldSegment& item = m_items[i];
        const std::int32_t itemFrom = sequenceDistance(base, item.sequence);
        const std::int32_t itemEnd = sequenceDistance(base, item.end());
        if (itemEnd <= from) continue;
        if (itemFrom >= size) { // what was cut off ends at the latest where captured octets are
            if (itemFrom - size < static_cast<std::int64_t>(uncaptured))
                uncaptured = static_cast<std::uint32_t>(itemFrom - size);
            break;
        }
        if (itemFrom > from) {
            keep(itemFrom, 0);
            from = itemFrom;
        }
        const std::int32_t common = std::min(size, itemFrom + static_cast<std::int32_t>(item.data.size()));
        if (common > from && std::memcmp(data.data() + from, item.data.data() + (from - itemFrom),
                                         static_cast<std::size_t>(common - from)) != 0)
            agrees = false;
        from = std::max(from, itemEnd);
    }
    if (from <= size) keep(size, uncaptured);
    for (HeldSegment& piece : pieces) place(std::move(piece));
    return agrees;
}

void HeldSegments::place(HeldSegment&& piece) {
    m_bytes += piece.cost();
    const std::size_t where = firstAfter(piece.sequence);
    m_items.insert(m_items.begin() + static_cast<std::ptrdiff_t>(where), std::move(piece));
}

std::size_t HeldSegments::firstAfter(std::uint32_t sequence) const {
    const auto where = std::upper_bound(
        m_items.begin() + static_cast<std::ptrdiff_t>(m_head), m_items.end(), sequence,
        [](std::uint32_t wanted, const HeldSegment& item) { return sequenceDistance(wanted, item.sequence) > 0; });
    return static_cast<std::size_t>(where - m_items.begin());
}

HeldSegment HeldSegments::takeFront() {
    HeldSegment first = std::move(m_items[m_head]);
    m_bytes -= first.cost();
    if (++m_head == m_items.size()) clear();
    return first;
}

void HeldSegments::clear() {
    m_items.clear();
    if (m_items.capacity() > 64) m_items.shrink_to_fit();
    m_head = 0;
    m_bytes = 0;
}

bool RecentSegments::agree(std::uint64_t block, std::uint32_t sequence, Bytes data) const {
    if (block != m_block) return true;
    const auto size = static_cast<std::int32_t>(data.size());
    for (std::size_t i = 0; i < std::min(m_added, kKept); ++i) {
        const std::int32_t at = sequenceDistance(sequence, m_items[i].sequence);
        const std::int32_t from = std::max(at, 0);
        const std::int32_t until = std::min(at + static_cast<std::int32_t>(m_items[i].data.size()), size);
        if (at > kPlausibleDistance || at < -kPlausibleDistance || from >= until) continue;
        if (std::memcmp(data.data() + from, m_items[i].data.data() + (from - at),
                        static_cast<std::size_t>(until - from)) != 0)
            return false;
    }
    return true;
}

} // namespace gatescope::tcp
