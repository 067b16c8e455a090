// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/packet/tcp_segment.h"
#include "core/tcp/stream_consumer.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace gatescope::tcp {

/// Signed distance from `from` to `to` on the circle of sequence numbers (RFC 9293, 3.4).
inline std::int32_t sequenceDistance(std::uint32_t from, std::uint32_t to) {
    return static_cast<std::int32_t>(to - from);
}

/// A sequence or acknowledgement number further off than this belongs to another connection (the largest window is 1
/// GiB, those seen are far smaller).
inline constexpr std::int32_t kPlausibleDistance = 64 << 20;

/// A segment that could not be delivered yet: it came too early, or it answers something that has not come.
struct HeldSegment {
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgement = 0;
    std::uint32_t uncaptured = 0;
    bool hasAcknowledgement = false;
    Place place;
    std::vector<std::uint8_t> data;

    /// Octets with what keeping them costs, so that a limit in octets holds for tiny segments too.
    std::size_t cost() const { return data.size() + kOverhead; }
    static constexpr std::size_t kOverhead = 128; ///< this object and an allocation
    std::uint32_t end() const { return sequence + static_cast<std::uint32_t>(data.size()) + uncaptured; }
};

/// Segments that wait, in the order of their sequence numbers and without overlap. First copy wins.
class HeldSegments {
public:
    bool empty() const { return m_head == m_items.size(); }
    std::size_t count() const { return m_items.size() - m_head; }
    /// Sum of their costs.
    std::size_t bytes() const { return m_bytes; }
    const HeldSegment& front() const { return m_items[m_head]; }

    /// Keeps the parts of the segment that are not there yet. False: a part that was there already has other octets.
    bool insert(const packet::TcpSegment& segment, std::uint32_t sequence, Bytes data);
    HeldSegment takeFront();
    void clear();

private:
    void place(HeldSegment&& piece);
    /// Index of the first item that begins after `sequence`.
    std::size_t firstAfter(std::uint32_t sequence) const;

    std::vector<HeldSegment> m_items;
    std::size_t m_head = 0;
    std::size_t m_bytes = 0;
};

/// The last in-order segments of one direction, where they lie: a later copy can be held against them without keeping a
/// copy of everything. Only as long as the block of packets that carried them is there.
class RecentSegments {
public:
    void add(std::uint64_t block, std::uint32_t sequence, Bytes data) {
        if (block != m_block) {
            m_block = block;
            m_added = 0;
        }
        m_items[m_added++ % kKept] = {sequence, data};
    }
    /// False: octets that both have differ.
    bool agree(std::uint64_t block, std::uint32_t sequence, Bytes data) const;

private:
    /// Retransmissions reach back a few segments; the whole window would cost more than it finds.
    static constexpr std::size_t kKept = 8;
    struct Item {
        std::uint32_t sequence = 0;
        Bytes data;
    };
    std::array<Item, kKept> m_items;
    std::uint64_t m_block = 0;
    std::size_t m_added = 0;
};

/// One direction of a connection.
struct HalfStream {
    bool started = false; ///< `next` is known
    bool finDelivered = false;
    std::uint32_t next = 0;           ///< sequence number of the next octet to deliver
    std::uint32_t initial = 0;        ///< the SYN's own number; without a SYN the number that it would have had
    std::optional<std::uint32_t> fin; ///< sequence number of the FIN
    Place finPlace;
    std::optional<std::uint32_t> acked; ///< highest acknowledgement by the other end
    TimeNs waitingSince = kNoTime;      ///< when the hole at `next` was noticed; kNoTime: no hole
    TimeNs ackedPastSince = kNoTime;    ///< when the other end acknowledged octets past `next`
    std::uint32_t waitingPackets = 0;   ///< packets of the connection since then
    HeldSegments held;
    RecentSegments recent;

    /// The other end has what we have not: the octets at `next` exist and were not captured so far.
    bool isAckedPast() const {
        if (!started || !acked) return false;
        // An old acknowledgement seems to be ahead when more than 2 GiB went by since.
        const std::int32_t past = sequenceDistance(next, *acked);
        return past > (finReached() ? 1 : 0) && past <= kPlausibleDistance;
    }
    bool finReached() const { return started && fin && *fin == next; }
    void startAt(std::uint32_t sequence) {
        started = true;
        next = sequence;
        initial = sequence - 1;
    }
    void noteProgress() {
        waitingSince = kNoTime;
        ackedPastSince = kNoTime;
        waitingPackets = 0;
    }
};

} // namespace gatescope::tcp
