// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tcp/connection_table.h"

#include <array>
#include <memory>
#include <optional>

namespace gatescope::tcp {

/// A connection as its table keeps it. Private to core/tcp.
struct ConnectionTable::Connection {
    std::uint64_t hash = 0;
    ConnectionInfo info;
    std::array<HalfStream, 2> half;
    std::unique_ptr<StreamConsumer> consumer;
    std::optional<TimeNs> resetAt;
    unsigned strangers = 0;      ///< segments in a row whose numbers are far from this connection's
    TimeNs movedAt = kNoTime;    ///< packet time of its place in the chain
    bool closed = false;         ///< the consumer was told; only late copies are expected
    bool ignoresAnswers = false; ///< order between the directions was given up, to get on
    bool saidGap = false;
    std::array<const FindingKind*, 4> said{};               ///< one finding of a kind for a connection
    std::array<std::optional<std::uint32_t>, 2> synNumbers; ///< by Side
    /// Places in two chains: by last packet, and (while something waits) by how long it has waited.
    struct Link {
        Connection* previous = nullptr;
        Connection* next = nullptr;
    };
    std::array<Link, 2> links;
    bool isHolding = false; ///< in the chain of those where something waits

    std::size_t heldBytes() const { return half[0].held.bytes() + half[1].held.bytes(); }

    bool isOpen() const { return !closed; }
    bool joins(const Endpoint& a, const Endpoint& b) const {
        return (info.ends[0] == a && info.ends[1] == b) || (info.ends[0] == b && info.ends[1] == a);
    }
    Side sideOf(const Endpoint& source) const { return info.ends[0] == source ? Side::First : Side::Second; }

    /// Something waits, or a FIN may have become due.
    bool needsAttention() const {
        return !half[0].held.empty() || !half[1].held.empty() || (half[0].finReached() && !half[0].finDelivered) ||
               (half[1].finReached() && !half[1].finDelivered);
    }
    /// The side whose hole must be given up first: one that has later octets, else the one that the other side answers.
    Side firstHole() const {
        for (const Side side : {Side::First, Side::Second}) {
            const HalfStream& stream = half[indexOf(side)];
            if (!stream.held.empty() &&
                (!stream.started || sequenceDistance(stream.next, stream.held.front().sequence) > 0))
                return side;
        }
        return half[0].held.empty() ? Side::First : Side::Second;
    }
    /// True when this kind was said before; remembers it otherwise.
    bool reported(const FindingKind& kind) {
        for (const FindingKind*& slot : said) {
            if (slot == &kind) return true;
            if (slot == nullptr) {
                slot = &kind;
                return false;
            }
        }
        return true;
    }
};

/// Connections in the order in which they were appended.
struct ConnectionTable::Chain {
    enum Use : std::size_t { ByLastPacket, ByWaiting };
    explicit Chain(Use use) : m_use(use) {}

    Connection* first() const { return m_first; }

    void append(Connection* item) {
        linkOf(item) = {m_last, nullptr};
        (m_last != nullptr ? linkOf(m_last).next : m_first) = item;
        m_last = item;
    }
    void remove(Connection* item) {
        Connection::Link& link = linkOf(item);
        (link.previous != nullptr ? linkOf(link.previous).next : m_first) = link.next;
        (link.next != nullptr ? linkOf(link.next).previous : m_last) = link.previous;
        link = {};
    }
    void moveToEnd(Connection* item) {
        if (item == m_last) return;
        remove(item);
        append(item);
    }

private:
    Connection::Link& linkOf(Connection* item) const { return item->links[m_use]; }

    Use m_use;
    Connection* m_first = nullptr;
    Connection* m_last = nullptr;
};

} // namespace gatescope::tcp
