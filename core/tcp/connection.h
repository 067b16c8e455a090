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
    bool closed = false;         ///< the consumer was told; only late copies are expected
    bool ignoresAnswers = false; ///< order between the directions was given up, to get on
    bool saidGap = false;
    std::array<const FindingKind*, 4> said{}; ///< one finding of a kind for a connection
    Connection* previous = nullptr;
    Connection* next = nullptr;

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

/// Connections in the order of their last packet.
struct ConnectionTable::Chain {
    Connection* first() const { return m_first; }
    Connection* after(const Connection* item) const { return item->next; }

    void append(Connection* item) {
        item->previous = m_last;
        item->next = nullptr;
        (m_last != nullptr ? m_last->next : m_first) = item;
        m_last = item;
    }
    void remove(Connection* item) {
        (item->previous != nullptr ? item->previous->next : m_first) = item->next;
        (item->next != nullptr ? item->next->previous : m_last) = item->previous;
        item->previous = item->next = nullptr;
    }
    void moveToEnd(Connection* item) {
        if (item == m_last) return;
        remove(item);
        append(item);
    }

private:
    Connection* m_first = nullptr;
    Connection* m_last = nullptr;
};

} // namespace gatescope::tcp
