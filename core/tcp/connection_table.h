// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"
#include "core/tcp/half_stream.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace gatescope::tcp {

struct Limits {
    std::size_t maxConnections = 200'000;    ///< live at a time; about 600 octets each without held data
    std::size_t maxHeldPerStream = 1U << 20; ///< octets that wait in one direction, with what keeping them costs
    /// Octets that wait over all connections of this table. Over it, those go on that have waited longest.
    std::size_t maxHeldTotal = 24U << 20;
    TimeNs idleTimeout =
        4LL * 3600 * 1'000'000'000;         ///< a silent connection is dropped; a long run may take half an hour
    TimeNs closedTimeout = 60'000'000'000;  ///< an ended one is remembered, to tell late copies from a new connection
    TimeNs resetGrace = 2'000'000'000;      ///< octets sent before a RST may be captured after it
    TimeNs ackedPastGrace = 200'000'000;    ///< capture order is off by less than this
    std::uint32_t ackedPastPackets = 1'000; ///< or by less than this many packets of the connection
    TimeNs unseenPeerGrace = 5'000'000'000; ///< where the other end was not captured, nothing tells a loss but time
    /// The same packet captured twice comes sooner than anybody sends again (RFC 6298: a second, in practice 200 ms).
    TimeNs copyGrace = 150'000'000;
    std::size_t startSegments = 64;  ///< without a SYN the first segments may be out of order: wait for so many,
    TimeNs startGrace = 200'000'000; ///< or so long, or for the first acknowledgement
};

/// Makes and takes leave of the decoders of connections.
class ConnectionHandler {
public:
    virtual ~ConnectionHandler() = default;
    /// May give nullptr: the connection's bytes are then only counted.
    virtual std::unique_ptr<StreamConsumer> opened(const ConnectionInfo& info) = 0;
    /// After `onClosed`, when the connection is forgotten.
    virtual void forgotten(const ConnectionInfo& info, std::unique_ptr<StreamConsumer> consumer) = 0;
    virtual void found(Finding&& finding) = 0;
};

/// Packets that came more than once, because they were captured in more than one place.
struct CopyCount {
    std::uint64_t packets = 0;
    PacketRef first = 0;

    void add(const CopyCount& other) {
        if (other.packets == 0) return;
        first = packets == 0 ? other.first : std::min(first, other.first);
        packets += other.packets;
    }
};

/// All TCP connections of one worker, or of a share of them. Reassembles both directions of each: out of order,
/// retransmission, overlap (first copy wins), loss as a gap, sequence wrap, captures that start or end inside a
/// connection, keep-alives, RST, both FINs, port reuse, one direction only (RFC 9293). In-order segments pass without a
/// copy. Decisions about a connection depend on its own packets only, so the result does not depend on how connections
/// are spread over tables.
class ConnectionTable {
public:
    ConnectionTable(ConnectionHandler& handler, Limits limits = {});
    ~ConnectionTable();
    ConnectionTable(const ConnectionTable&) = delete;
    ConnectionTable& operator=(const ConnectionTable&) = delete;

    /// Hints for a segment that is added soon, in this order and with other work between: what is known of its
    /// connection is far away in memory.
    void expect(const packet::TcpSegment& segment) const {
        __builtin_prefetch(&m_slots[segment.flowHash & (m_slots.size() - 1)]);
    }
    void fetch(const packet::TcpSegment& segment) const;
    /// The payload must stay where it is until the next `sweep`.
    void add(const packet::TcpSegment& segment);
    /// At the end of a block of packets, before its bytes go away. Housekeeping: ends connections that were reset,
    /// closed or silent long enough before `now`.
    void sweep(TimeNs now);
    /// The capture is over: everything that waits is delivered, all connections end.
    void finish();

    std::size_t size() const { return m_count; }
    /// Packets that were captured twice; each counts once.
    const CopyCount& copies() const { return m_copies; }

private:
    struct Connection;
    struct Chain; ///< connections in the order of their last packet
    /// A segment that went by, to know it again. Small, because all of them are in use all the time.
    struct SeenSegment {
        std::uint32_t mark = 0;
        std::uint32_t time = 0; ///< in units of 2^20 ns, about a millisecond
    };
    struct Slot {
        std::uint64_t hash = 0;
        Connection* connection = nullptr;
    };

    Connection* find(const packet::TcpSegment& segment);
    Connection* create(const packet::TcpSegment& segment);
    void erase(Connection* connection);
    void growSlots();
    Chain& chainOf(const Connection& connection);
    bool startsNewConnection(const Connection& connection, const packet::TcpSegment& segment, Side side) const;

    void noteSyn(Connection& connection, Side side, const packet::TcpSegment& segment);
    void noteFin(Connection& connection, Side side, const packet::TcpSegment& segment);
    void noteReset(Connection& connection, Side side, const packet::TcpSegment& segment);
    void noteAcknowledgement(Connection& connection, Side from, const packet::TcpSegment& segment);
    void takePayload(Connection& connection, Side side, const packet::TcpSegment& segment);
    void hold(Connection& connection, Side side, const packet::TcpSegment& segment, std::uint32_t sequence, Bytes data);
    void deliver(Connection& connection, Side side, Bytes data, std::uint32_t uncaptured, const Place& place);
    void gap(Connection& connection, Side side, std::uint32_t length, const Place& place);
    /// Delivers whatever can be delivered by now, in both directions.
    void drain(Connection& connection);
    bool drainSide(Connection& connection, Side side);
    bool answersWhatIsMissing(const Connection& connection, Side side, bool hasAck, std::uint32_t ack) const;
    void startFromHeld(HalfStream& half, std::optional<std::uint32_t> acknowledged = {});
    /// Gives up holes that have been open too long; true when something moved.
    bool giveUpHoles(Connection& connection, TimeNs now, std::uint64_t packet);
    /// Declares the octets at the front of one direction lost, up to the next that are there; false: nothing is
    /// missing.
    bool giveUp(Connection& connection, Side side, const Place& place);
    /// Everything that waits goes on, whatever is missing.
    void letGo(Connection& connection, const Place& place);
    /// Keeps to the limit over all connections: those go on that have waited longest.
    void letGoOldest(const Place& place);
    void noteHolding(Connection& connection);
    bool isCopy(const packet::TcpSegment& segment, Side side);
    void dropHeld(HalfStream& half);
    void close(Connection& connection, CloseReason reason);
    /// For another reason than the connection itself gives.
    void closeEarly(Connection& connection, CloseReason reason);
    void report(Connection& connection, const FindingKind& kind, const Place& place, std::string evidence);

    ConnectionHandler& m_handler;
    Limits m_limits;
    std::vector<Slot> m_slots;
    std::size_t m_count = 0;
    std::size_t m_heldTotal = 0;
    std::uint64_t m_block = 1; ///< number of the block of packets that is being read
    std::unique_ptr<Chain> m_live;
    std::unique_ptr<Chain> m_reset;   ///< a RST was seen; late octets may follow
    std::unique_ptr<Chain> m_ended;   ///< closed; remembered for late copies
    std::unique_ptr<Chain> m_holding; ///< something waits, longest first
    std::vector<SeenSegment> m_seen;  ///< the last segments, by hash
    CopyCount m_copies;
    bool m_saidTooMany = false;
};

} // namespace gatescope::tcp
