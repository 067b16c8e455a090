// SPDX-License-Identifier: Apache-2.0
#include "core/packet/fragment_table.h"

#include <algorithm>
#include <cstring>

namespace gatescope::packet {

namespace {
constexpr std::uint32_t kMaxDatagram = 65'535;
}

std::optional<FragmentTable::Datagram> FragmentTable::add(const FragmentKey& key, const Fragment& fragment) {
    const auto size = static_cast<std::uint32_t>(fragment.data.size());
    if (fragment.offset + size > kMaxDatagram) {
        abandon(fragment.packet);
        return std::nullopt;
    }
    if (isSettled(key, fragment.time)) return std::nullopt;
    makeRoom(fragment.time);
    auto [at, isNew] = m_pending.try_emplace(key);
    Pending& pending = at->second;
    if (isNew) {
        pending.firstTime = fragment.time;
        pending.firstPacket = fragment.packet;
        pending.age = m_byAge.insert(m_byAge.end(), key);
    }
    if (fragment.last && !pending.totalSize) pending.totalSize = fragment.offset + size;
    insert(pending, fragment);
    if (pending.pieces.size() > m_limits.maxPieces) {
        abandon(pending.firstPacket);
        drop(at);
        return std::nullopt;
    }
    if (!pending.totalSize) return std::nullopt;

    std::uint32_t covered = 0;
    for (const Piece& piece : pending.pieces) {
        if (piece.offset != covered) return std::nullopt;
        covered += static_cast<std::uint32_t>(piece.data.size());
    }
    if (covered < *pending.totalSize) return std::nullopt;

    Datagram datagram{std::make_unique<std::uint8_t[]>(covered), *pending.totalSize};
    for (const Piece& piece : pending.pieces)
        if (!piece.data.empty()) std::memcpy(datagram.bytes.get() + piece.offset, piece.data.data(), piece.data.size());
    drop(at);
    m_settled[m_nextSettled++ % kSettledKept] = {key, fragment.time};
    return datagram;
}

void FragmentTable::settle(const FragmentKey& key, TimeNs time) {
    if (const auto at = m_pending.find(key); at != m_pending.end()) drop(at);
    m_settled[m_nextSettled++ % kSettledKept] = {key, time};
}

FragmentTable::Lost FragmentTable::lost(std::uint32_t input) const {
    Lost lost;
    if (input < m_abandoned.size()) lost = m_abandoned[input];
    for (const auto& [key, pending] : m_pending) {
        if (inputOf(pending.firstPacket) != input) continue;
        if (lost.datagrams++ == 0 || pending.firstPacket < lost.firstPacket) lost.firstPacket = pending.firstPacket;
    }
    return lost;
}

void FragmentTable::abandon(PacketRef firstPacket) {
    const std::uint32_t input = inputOf(firstPacket);
    if (m_abandoned.size() <= input) m_abandoned.resize(input + 1U);
    Lost& lost = m_abandoned[input];
    if (lost.datagrams++ == 0 || firstPacket < lost.firstPacket) lost.firstPacket = firstPacket;
}

bool FragmentTable::isSettled(const FragmentKey& key, TimeNs time) const {
    return std::any_of(m_settled.begin(), m_settled.end(), [&](const Settled& done) {
        return done.time != kNoTime && done.key == key && elapsed(done.time, time) <= kLateCopies &&
               elapsed(time, done.time) <= kLateCopies;
    });
}

void FragmentTable::insert(Pending& pending, const Fragment& fragment) {
    // Walk the holes that the new piece can fill; octets that are there already stay.
    std::uint32_t from = fragment.offset;
    const std::uint32_t end = fragment.offset + static_cast<std::uint32_t>(fragment.data.size());
    std::vector<Piece> fresh;
    const auto take = [&](std::uint32_t until) {
        if (until > from) {
            const auto* data = fragment.data.data() + (from - fragment.offset);
            fresh.push_back({from, {data, data + (until - from)}});
        }
    };
    for (const Piece& piece : pending.pieces) {
        const std::uint32_t pieceEnd = piece.offset + static_cast<std::uint32_t>(piece.data.size());
        if (pieceEnd <= from) continue;
        if (piece.offset >= end) break;
        take(piece.offset);
        from = std::max(from, pieceEnd);
    }
    take(end);
    for (Piece& piece : fresh) {
        pending.heldBytes += piece.data.size();
        m_heldBytes += piece.data.size();
        const auto where = std::upper_bound(pending.pieces.begin(), pending.pieces.end(), piece.offset,
                                            [](std::uint32_t offset, const Piece& p) { return offset < p.offset; });
        pending.pieces.insert(where, std::move(piece));
    }
}

void FragmentTable::drop(Table::iterator at) {
    m_heldBytes -= at->second.heldBytes;
    m_byAge.erase(at->second.age);
    m_pending.erase(at);
}

void FragmentTable::makeRoom(TimeNs now) {
    while (!m_byAge.empty()) {
        const auto oldest = m_pending.find(m_byAge.front());
        const bool expired = elapsed(oldest->second.firstTime, now) > m_limits.timeout;
        if (!expired && m_pending.size() < m_limits.maxDatagrams && m_heldBytes < m_limits.maxHeldBytes) return;
        abandon(oldest->second.firstPacket);
        drop(oldest);
    }
}

} // namespace gatescope::packet
