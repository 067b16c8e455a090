// SPDX-License-Identifier: Apache-2.0
#include "core/tcp/connection_table.h"

#include "core/base/hash.h"
#include "core/tcp/connection.h"
#include "core/tcp/tcp_findings.h"

#include <algorithm>

namespace gatescope::tcp {

namespace {
constexpr std::size_t kFirstSlots = 128;
/// Segments remembered to know copies: what goes by between the two places where a packet is captured.
constexpr std::size_t kSeenSegments = 256;
constexpr unsigned kSeenTimeShift = 20;
/// How far a connection's place in the order of last packets may be behind; far below every timeout.
constexpr TimeNs kMoveEvery = 1'000'000'000;
/// After its end a connection may still show copies of octets this far back: a large receive window.
constexpr std::int32_t kCopyDistance = 2 << 20;
/// Segments with far away numbers that are passed over; when more follow each other, both ends have gone on without us,
/// or others have taken their place.
constexpr unsigned kMaxStrangers = 3;

bool isFar(std::int32_t distance) {
    return distance > kPlausibleDistance || distance < -kPlausibleDistance;
}
} // namespace

ConnectionTable::ConnectionTable(ConnectionHandler& handler, Limits limits)
    : m_handler(handler), m_limits(limits), m_slots(kFirstSlots), m_live(std::make_unique<Chain>(Chain::ByLastPacket)),
      m_reset(std::make_unique<Chain>(Chain::ByLastPacket)), m_ended(std::make_unique<Chain>(Chain::ByLastPacket)),
      m_holding(std::make_unique<Chain>(Chain::ByWaiting)), m_seen(kSeenSegments) {}

ConnectionTable::~ConnectionTable() {
    for (Slot& slot : m_slots) delete slot.connection;
}

ConnectionTable::Connection* ConnectionTable::find(const packet::TcpSegment& segment) {
    const std::size_t mask = m_slots.size() - 1;
    for (std::size_t at = segment.flowHash & mask; m_slots[at].connection != nullptr; at = (at + 1) & mask)
        if (m_slots[at].hash == segment.flowHash && m_slots[at].connection->joins(segment.source, segment.destination))
            return m_slots[at].connection;
    return nullptr;
}

void ConnectionTable::fetch(const packet::TcpSegment& segment) const {
    const Slot& slot = m_slots[segment.flowHash & (m_slots.size() - 1)];
    if (slot.hash != segment.flowHash || slot.connection == nullptr) return;
    constexpr std::size_t kLine = 64;
    const auto* at = reinterpret_cast<const char*>(slot.connection);
    for (std::size_t offset = 0; offset < sizeof(Connection); offset += kLine) __builtin_prefetch(at + offset);
}

ConnectionTable::Connection* ConnectionTable::create(const packet::TcpSegment& segment) {
    if (m_count >= m_limits.maxConnections) {
        Connection* oldest = nullptr;
        for (const auto* chain : {m_ended.get(), m_reset.get(), m_live.get()})
            if (oldest == nullptr) oldest = chain->first();
        if (oldest->isOpen() && !m_saidTooMany) {
            m_saidTooMany = true;
            report(*oldest, kTooManyConnections, {segment.packet, segment.time},
                   std::to_string(m_limits.maxConnections));
        }
        closeEarly(*oldest, CloseReason::Abandoned);
        erase(oldest);
    }
    if ((m_count + 1) * 2 > m_slots.size()) growSlots();
    auto* connection = new Connection;
    connection->hash = segment.flowHash;
    connection->info.ends = {segment.source, segment.destination};
    connection->info.firstPacket = segment.packet;
    connection->info.firstTime = segment.time;
    connection->info.lastTime = segment.time;
    connection->movedAt = segment.time;
    if (segment.has(packet::kSyn)) connection->info.client = segment.has(packet::kAck) ? Side::Second : Side::First;
    const std::size_t mask = m_slots.size() - 1;
    std::size_t at = segment.flowHash & mask;
    while (m_slots[at].connection != nullptr) at = (at + 1) & mask;
    m_slots[at] = {segment.flowHash, connection};
    ++m_count;
    m_live->append(connection);
    connection->consumer = m_handler.opened(connection->info);
    return connection;
}

void ConnectionTable::growSlots() {
    std::vector<Slot> old(m_slots.size() * 2);
    old.swap(m_slots);
    const std::size_t mask = m_slots.size() - 1;
    for (const Slot& slot : old) {
        if (slot.connection == nullptr) continue;
        std::size_t at = slot.hash & mask;
        while (m_slots[at].connection != nullptr) at = (at + 1) & mask;
        m_slots[at] = slot;
    }
}

void ConnectionTable::erase(Connection* connection) {
    const std::size_t mask = m_slots.size() - 1;
    std::size_t at = connection->hash & mask;
    while (m_slots[at].connection != connection) at = (at + 1) & mask;
    // Linear probing without tombstones: later entries of the run move up where that shortens their way.
    for (std::size_t next = (at + 1) & mask; m_slots[next].connection != nullptr; next = (next + 1) & mask) {
        const std::size_t home = m_slots[next].hash & mask;
        if (((next - home) & mask) >= ((next - at) & mask)) {
            m_slots[at] = m_slots[next];
            at = next;
        }
    }
    m_slots[at] = {};
    --m_count;
    chainOf(*connection).remove(connection);
    if (connection->isHolding) m_holding->remove(connection);
    m_handler.forgotten(connection->info, std::move(connection->consumer));
    delete connection;
}

bool ConnectionTable::startsNewConnection(const Connection& connection, const packet::TcpSegment& segment,
                                          Side side) const {
    const HalfStream& half = connection.half[indexOf(side)];
    if (segment.has(packet::kSyn)) {
        // Another number: the port was used again. A copy, or a SYN captured after its data, has the known one.
        return half.started ? segment.sequence != half.initial : connection.closed;
    }
    if (segment.payload.empty()) return false;
    if (!connection.closed && half.started && isFar(sequenceDistance(half.next, segment.sequence)))
        return elapsed(connection.info.lastTime, segment.time) > m_limits.closedTimeout ||
               connection.strangers >= kMaxStrangers;
    if (!connection.closed)
        return connection.resetAt && elapsed(*connection.resetAt, segment.time) > m_limits.resetGrace;
    // Data after the end: a late copy has a number that this connection has used, the FIN's own included.
    const std::int32_t distance = sequenceDistance(half.next, segment.sequence);
    return !half.started || distance >= (half.finReached() ? 1 : 0) || distance < -kCopyDistance ||
           elapsed(connection.info.lastTime, segment.time) > m_limits.closedTimeout;
}

ConnectionTable::Chain& ConnectionTable::chainOf(const Connection& connection) {
    if (connection.closed) return *m_ended;
    return connection.resetAt ? *m_reset : *m_live;
}

void ConnectionTable::add(const packet::TcpSegment& segment) {
    Connection* connection = find(segment);
    if (connection != nullptr && startsNewConnection(*connection, segment, connection->sideOf(segment.source))) {
        closeEarly(*connection, CloseReason::Abandoned);
        erase(connection);
        connection = nullptr;
    }
    if (connection == nullptr) connection = create(segment);

    Connection& c = *connection;
    const Side side = c.sideOf(segment.source);
    if (isCopy(segment, side)) {
        ++c.info.copies;
        if (m_copies.packets++ == 0) m_copies.first = segment.packet;
    } else {
        ++c.info.packets;
    }
    c.info.lastTime = std::max(c.info.lastTime, segment.time);
    // Moving touches the neighbours: once in a while is enough, as the sweep looks at the last packet too.
    if (elapsed(c.movedAt, segment.time) >= kMoveEvery) {
        c.movedAt = c.info.lastTime;
        chainOf(c).moveToEnd(&c);
    }
    if (!c.isOpen()) return;

    if (segment.has(packet::kSyn)) noteSyn(c, side, segment);
    if (segment.has(packet::kAck)) noteAcknowledgement(c, side, segment);

    HalfStream& half = c.half[indexOf(side)];
    const bool smooth = half.started && half.next == segment.sequence && half.held.empty() && segment.uncaptured == 0 &&
                        !half.fin && !answersWhatIsMissing(c, side, segment.has(packet::kAck), segment.acknowledgement);
    if (smooth && !segment.payload.empty()) {
        c.strangers = 0;
        half.noteProgress();
        half.recent.add(m_block, segment.sequence, segment.payload);
        deliver(c, side, segment.payload, 0, {segment.packet, segment.time});
    } else if (!segment.payload.empty() || segment.uncaptured != 0) {
        takePayload(c, side, segment);
    }
    if (segment.has(packet::kFin) && !half.fin) noteFin(c, side, segment);
    if (segment.has(packet::kRst) && !c.resetAt) noteReset(c, side, segment);
    if (c.needsAttention()) drain(c);
    if (c.half[0].waitingSince != kNoTime || c.half[1].waitingSince != kNoTime)
        while (giveUpHoles(c, segment.time, segment.packet)) drain(c);
    if (m_heldTotal > m_limits.maxHeldTotal) letGoOldest({segment.packet, segment.time});
    if (c.isOpen() && c.half[0].finDelivered && c.half[1].finDelivered) close(c, CloseReason::Finished);
}

void ConnectionTable::noteSyn(Connection& c, Side side, const packet::TcpSegment& segment) {
    HalfStream& half = c.half[indexOf(side)];
    if (!c.info.client) c.info.client = segment.has(packet::kAck) ? otherSide(side) : side;
    c.synNumbers[indexOf(side)] = segment.sequence;
    const auto& client = c.synNumbers[indexOf(*c.info.client)];
    const auto& server = c.synNumbers[indexOf(otherSide(*c.info.client))];
    if (client && server) c.info.sequencePair = (static_cast<std::uint64_t>(*client) << 32) | *server;
    if (!half.started) half.startAt(segment.sequence + 1);
}

void ConnectionTable::noteFin(Connection& c, Side side, const packet::TcpSegment& segment) {
    HalfStream& half = c.half[indexOf(side)];
    const std::uint32_t fin = segment.sequence + (segment.has(packet::kSyn) ? 1U : 0U) +
                              static_cast<std::uint32_t>(segment.payload.size()) + segment.uncaptured;
    if (!half.started && half.held.empty()) { // this end sent nothing since the capture began, or it was not captured
        const std::int32_t missing = half.acked ? sequenceDistance(*half.acked, fin) : 0;
        half.startAt(missing > 0 && missing < kCopyDistance ? *half.acked : fin);
    }
    if (half.started) {
        const std::int32_t ahead = sequenceDistance(half.next, fin);
        if (ahead < 0 || ahead > kPlausibleDistance) return; // of another connection, or forged
    }
    half.fin = fin;
    half.finPlace = {segment.packet, segment.time};
}

void ConnectionTable::noteReset(Connection& c, Side side, const packet::TcpSegment& segment) {
    const HalfStream& half = c.half[indexOf(side)];
    const std::int32_t ahead = half.started ? sequenceDistance(half.next, segment.sequence) : 0;
    if (ahead > kPlausibleDistance || ahead < -kPlausibleDistance)
        return; // the receiver does not take it either, RFC 5961
    m_live->remove(&c);
    c.resetAt = segment.time;
    m_reset->append(&c);
    if (c.consumer) c.consumer->onReset(side, {segment.packet, segment.time});
}

void ConnectionTable::noteAcknowledgement(Connection& c, Side from, const packet::TcpSegment& segment) {
    HalfStream& peer = c.half[indexOf(otherSide(from))];
    if (!peer.started) {
        if (!peer.held.empty())
            startFromHeld(peer, segment.acknowledgement);
        else
            peer.acked = segment.acknowledgement;
        if (!peer.started) return;
    }
    const std::int32_t past = sequenceDistance(peer.next, segment.acknowledgement);
    if (past > kPlausibleDistance || past < -kPlausibleDistance) return;
    if (!peer.acked || sequenceDistance(*peer.acked, segment.acknowledgement) > 0) peer.acked = segment.acknowledgement;
    if (past > 0 && peer.isAckedPast()) {
        if (peer.ackedPastSince == kNoTime) peer.ackedPastSince = segment.time;
        if (peer.waitingSince == kNoTime) peer.waitingSince = segment.time;
    }
}

bool ConnectionTable::answersWhatIsMissing(const Connection& c, Side side, bool hasAck, std::uint32_t ack) const {
    const HalfStream& peer = c.half[indexOf(otherSide(side))];
    if (!hasAck || !peer.started || c.ignoresAnswers) return false;
    const std::int32_t past = sequenceDistance(peer.next, ack);
    return past > (peer.finReached() ? 1 : 0) && past <= kPlausibleDistance;
}

void ConnectionTable::takePayload(Connection& c, Side side, const packet::TcpSegment& segment) {
    HalfStream& half = c.half[indexOf(side)];
    std::uint32_t sequence = segment.sequence + (segment.has(packet::kSyn) ? 1 : 0);
    Bytes data = segment.payload;
    if (!half.started) {
        // Without a SYN the other end's acknowledgement says where we are; else the first segments are sorted first.
        const std::int32_t off = half.acked ? sequenceDistance(*half.acked, sequence) : 0;
        if (half.acked && off > -kPlausibleDistance && off < kPlausibleDistance) {
            half.startAt(*half.acked);
        } else {
            hold(c, side, segment, sequence, data);
            return;
        }
    }
    const std::int32_t ahead = sequenceDistance(half.next, sequence);
    if (isFar(ahead)) {
        ++c.strangers;
        return;
    }
    c.strangers = 0;
    if (ahead < 0) { // a copy, or a keep-alive probe; what it adds at its end is new
        const bool probe = ahead == -1 && data.size() == 1; // its octet means nothing, RFC 1122, 4.2.3.6
        if (!probe && !half.recent.agree(m_block, sequence, data))
            report(c, kConflictingOverlap, {segment.packet, segment.time}, {});
        const auto old = static_cast<std::size_t>(-static_cast<std::int64_t>(ahead));
        if (old >= data.size()) return;
        data = data.subspan(old);
        sequence = half.next;
    }
    if (half.fin) { // a sender sends nothing after its FIN, RFC 9293, 3.6
        const std::int32_t room = sequenceDistance(sequence, *half.fin);
        if (room <= 0) return;
        if (data.size() + segment.uncaptured > static_cast<std::size_t>(room)) {
            packet::TcpSegment before = segment;
            data = data.first(std::min(data.size(), static_cast<std::size_t>(room)));
            before.uncaptured = static_cast<std::uint32_t>(room) - static_cast<std::uint32_t>(data.size());
            hold(c, side, before, sequence, data);
            return;
        }
    }
    hold(c, side, segment, sequence, data);
}

void ConnectionTable::hold(Connection& c, Side side, const packet::TcpSegment& segment, std::uint32_t sequence,
                           Bytes data) {
    HalfStream& half = c.half[indexOf(side)];
    const bool beginsToWait = c.heldBytes() == 0;
    const std::size_t before = half.held.bytes();
    if (!half.held.insert(segment, sequence, data)) report(c, kConflictingOverlap, {segment.packet, segment.time}, {});
    m_heldTotal += half.held.bytes() - before;
    if (beginsToWait) noteHolding(c);
    if (half.waitingSince == kNoTime) half.waitingSince = segment.time;
}

void ConnectionTable::deliver(Connection& c, Side side, Bytes data, std::uint32_t uncaptured, const Place& place) {
    HalfStream& half = c.half[indexOf(side)];
    half.next += static_cast<std::uint32_t>(data.size());
    c.info.payloadBytes += data.size();
    if (c.consumer && !data.empty()) c.consumer->onData(side, data, place);
    if (uncaptured != 0) gap(c, side, uncaptured, place);
}

void ConnectionTable::gap(Connection& c, Side side, std::uint32_t length, const Place& place) {
    c.half[indexOf(side)].next += length;
    c.info.lostBytes += length;
    if (!c.saidGap) report(c, kGap, place, std::to_string(length) + " octets");
    c.saidGap = true;
    if (c.consumer) c.consumer->onGap(side, length, place);
}

void ConnectionTable::startFromHeld(HalfStream& half, std::optional<std::uint32_t> acknowledged) {
    half.startAt(half.held.front().sequence);
    // What the other end still asks for comes before what we have: the first segment is late.
    if (!acknowledged) return;
    const std::int32_t before = sequenceDistance(*acknowledged, half.next);
    if (before > 0 && before < kCopyDistance) half.startAt(*acknowledged);
}

bool ConnectionTable::drainSide(Connection& c, Side side) {
    HalfStream& half = c.half[indexOf(side)];
    bool moved = false;
    while (half.started && !half.held.empty() && !half.finReached()) {
        const HeldSegment& front = half.held.front();
        if (sequenceDistance(half.next, front.sequence) > 0) break;
        if (answersWhatIsMissing(c, side, front.hasAcknowledgement, front.acknowledgement)) break;
        HeldSegment segment = half.held.takeFront();
        m_heldTotal -= segment.cost();
        const auto old = static_cast<std::size_t>(sequenceDistance(segment.sequence, half.next));
        half.noteProgress();
        moved = true;
        if (old < segment.data.size()) {
            deliver(c, side, Bytes(segment.data).subspan(old), segment.uncaptured, segment.place);
        } else if (const std::int32_t rest = sequenceDistance(half.next, segment.end()); rest > 0) {
            gap(c, side, static_cast<std::uint32_t>(rest), segment.place);
        }
        if (!half.held.empty()) half.waitingSince = half.held.front().place.time;
        if (half.isAckedPast() && half.ackedPastSince == kNoTime) half.ackedPastSince = segment.place.time;
    }
    if (half.finReached() && !half.finDelivered) {
        half.finDelivered = true;
        dropHeld(half); // nothing can follow a FIN
        moved = true;
        if (c.consumer) c.consumer->onFin(side, half.finPlace);
    }
    return moved;
}

void ConnectionTable::drain(Connection& c) {
    while (drainSide(c, Side::First) || drainSide(c, Side::Second)) {
    }
}

bool ConnectionTable::giveUpHoles(Connection& c, TimeNs now, std::uint64_t packet) {
    for (const Side side : {Side::First, Side::Second}) {
        HalfStream& half = c.half[indexOf(side)];
        if (half.waitingSince == kNoTime) continue;
        ++half.waitingPackets;
        if (!half.started) {
            if (half.held.count() < m_limits.startSegments && elapsed(half.waitingSince, now) < m_limits.startGrace)
                continue;
            startFromHeld(half);
            return true;
        }
        const bool hole =
            half.held.empty() ? half.isAckedPast() : sequenceDistance(half.next, half.held.front().sequence) > 0;
        const bool full = half.held.bytes() > m_limits.maxHeldPerStream;
        if (!hole) {
            // In order, but it answers octets of the other direction that are missing: that hole must be given up.
            if (!full || half.held.empty() || c.ignoresAnswers) continue;
            report(c, kReassemblyLimit, {packet, now}, std::to_string(half.held.bytes()) + " octets held");
            if (!giveUp(c, otherSide(side), {packet, now})) c.ignoresAnswers = true;
            return true;
        }
        const bool peerSeen = half.acked.has_value();
        const bool ackedLong =
            half.ackedPastSince != kNoTime && (elapsed(half.ackedPastSince, now) >= m_limits.ackedPastGrace ||
                                               half.waitingPackets >= m_limits.ackedPastPackets);
        const bool unseenLong = !peerSeen && elapsed(half.waitingSince, now) >= m_limits.unseenPeerGrace;
        if (!ackedLong && !unseenLong && !full) continue;
        if (full) report(c, kReassemblyLimit, {packet, now}, std::to_string(half.held.bytes()) + " octets held");
        if (giveUp(c, side, {packet, now})) return true;
    }
    return false;
}

bool ConnectionTable::giveUp(Connection& c, Side side, const Place& place) {
    HalfStream& half = c.half[indexOf(side)];
    half.noteProgress();
    if (!half.started) {
        if (half.held.empty()) return false;
        startFromHeld(half);
        return true;
    }
    // To the next octets that we have, or to where the other end says it has them all.
    std::int32_t length = half.isAckedPast() ? sequenceDistance(half.next, *half.acked) : 0;
    Place where = place;
    if (!half.held.empty()) {
        const std::int32_t toHeld = sequenceDistance(half.next, half.held.front().sequence);
        if (toHeld <= 0) return false; // it is there, and waits for the other direction
        if (length == 0 || toHeld <= length) {
            length = toHeld;
            where = half.held.front().place;
        }
    }
    if (half.fin) {
        const std::int32_t toFin = sequenceDistance(half.next, *half.fin);
        if (toFin >= 0) length = length == 0 ? toFin : std::min(length, toFin);
    }
    if (length <= 0) return false;
    gap(c, side, static_cast<std::uint32_t>(length), where);
    if (!half.held.empty()) half.waitingSince = half.held.front().place.time;
    if (half.isAckedPast()) half.waitingSince = half.ackedPastSince = place.time;
    return true;
}

void ConnectionTable::dropHeld(HalfStream& half) {
    m_heldTotal -= half.held.bytes();
    half.held.clear();
}

void ConnectionTable::closeEarly(Connection& c, CloseReason reason) {
    if (c.isOpen()) close(c, c.resetAt ? CloseReason::Reset : reason);
}

void ConnectionTable::letGo(Connection& c, const Place& place) {
    drain(c);
    // Each turn gives up one hole; what it held back follows.
    const auto giveUpOne = [&] {
        const Side side = c.firstHole();
        return giveUp(c, side, place) || giveUp(c, otherSide(side), place);
    };
    while (giveUpOne()) drain(c);
    c.ignoresAnswers = true;
    drain(c);
    while (giveUpOne()) drain(c);
    for (HalfStream& half : c.half) dropHeld(half);
}

void ConnectionTable::letGoOldest(const Place& place) {
    while (m_heldTotal > m_limits.maxHeldTotal && m_holding->first() != nullptr) {
        Connection& oldest = *m_holding->first();
        if (oldest.heldBytes() != 0) {
            report(oldest, kReassemblyLimit, place, std::to_string(m_heldTotal) + " octets held by all connections");
            letGo(oldest, place);
            oldest.ignoresAnswers = false;
            if (oldest.half[0].finDelivered && oldest.half[1].finDelivered) close(oldest, CloseReason::Finished);
        }
        m_holding->remove(&oldest);
        oldest.isHolding = false;
    }
}

void ConnectionTable::noteHolding(Connection& c) {
    // Those where nothing waits any more stay in the chain until they come to its front, or wait again.
    if (c.isHolding) m_holding->remove(&c);
    c.isHolding = true;
    m_holding->append(&c);
}

bool ConnectionTable::isCopy(const packet::TcpSegment& segment, Side side) {
    if (segment.fingerprint == 0) return false;
    const std::uint64_t numbers = (static_cast<std::uint64_t>(segment.sequence) << 32) | segment.acknowledgement;
    const std::uint64_t rest = (static_cast<std::uint64_t>(segment.fingerprint) << 32) |
                               (static_cast<std::uint64_t>(segment.payload.size() & 0xffffff) << 8) | segment.flags;
    const std::uint64_t hash = mix64(numbers ^ (segment.flowHash + indexOf(side)), rest);
    const auto mark = static_cast<std::uint32_t>(hash >> 32);
    const auto time = static_cast<std::uint32_t>(static_cast<std::uint64_t>(segment.time) >> kSeenTimeShift);
    SeenSegment& seen = m_seen[hash % kSeenSegments];
    // Captured a little earlier or later.
    const std::uint32_t apart = time - seen.time + 1;
    if (seen.mark == mark && apart <= static_cast<std::uint32_t>(m_limits.copyGrace >> kSeenTimeShift)) return true;
    seen = {mark, time};
    return false;
}

void ConnectionTable::close(Connection& c, CloseReason reason) {
    letGo(c, {0, c.info.lastTime});
    if (c.consumer) c.consumer->onClosed(reason);
    chainOf(c).remove(&c);
    c.closed = true;
    m_ended->append(&c);
}

void ConnectionTable::sweep(TimeNs now) {
    ++m_block;
    while (Connection* c = m_reset->first()) {
        if (elapsed(c->info.lastTime, now) < m_limits.resetGrace * 2) break;
        close(*c, CloseReason::Reset);
    }
    while (Connection* c = m_ended->first()) {
        if (elapsed(c->info.lastTime, now) < m_limits.closedTimeout) break;
        erase(c);
    }
    while (Connection* c = m_live->first()) {
        if (elapsed(c->movedAt, now) < m_limits.idleTimeout) break;
        if (elapsed(c->info.lastTime, now) < m_limits.idleTimeout) {
            c->movedAt = c->info.lastTime;
            m_live->moveToEnd(c);
            continue;
        }
        close(*c, CloseReason::Abandoned);
        erase(c);
    }
}

void ConnectionTable::finish() {
    for (Chain* chain : {m_reset.get(), m_live.get(), m_ended.get()}) {
        while (Connection* c = chain->first()) {
            closeEarly(*c, CloseReason::CaptureEnd);
            erase(c);
        }
    }
}

void ConnectionTable::report(Connection& c, const FindingKind& kind, const Place& place, std::string evidence) {
    if (c.reported(kind)) return;
    Finding finding{&kind, {}, {}, {}, c.info.firstPacket};
    if (place.packet != 0) finding.packet = place.packet;
    if (!evidence.empty()) finding.evidence.push_back(std::move(evidence));
    m_handler.found(std::move(finding));
}

} // namespace gatescope::tcp
