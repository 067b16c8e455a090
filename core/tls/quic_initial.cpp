// SPDX-License-Identifier: Apache-2.0
#include "core/tls/quic_initial.h"

#include "core/tls/handshake_reader.h"
#include "core/tls/hello_facts.h"
#include "core/tls/names.h"
#include "core/tls/quic_crypto_stream.h"
#include "core/tls/quic_frames.h"
#include "core/tls/quic_keys.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <utility>

namespace gatescope::tls {

namespace {

constexpr std::uint8_t kFatal = 2;
/// RFC 9000, 20.1: CRYPTO_ERROR, 0x0100 and the alert.
constexpr std::uint64_t kAlertBase = 0x0100;
constexpr std::uint64_t kAlertLast = 0x01ff;

/// Connection ids that are remembered: two of each end, one more after a Retry, and some to spare.
constexpr std::size_t kMaxIds = 8;

std::string nameOf(Peer peer) {
    return peer == Peer::Client ? "client" : "server";
}

/// One end of the connection.
struct End {
    std::bitset<7> sent; ///< by QuicPacketType
    std::optional<std::uint64_t> largestNumber;
    QuicCryptoStream crypto{QuicConnection::kMaxHelloBytes};
    HandshakeReader handshakes;
    bool closed = false; ///< by CONNECTION_CLOSE without an alert

    bool has(QuicPacketType type) const { return sent[static_cast<std::size_t>(type)]; }
};

} // namespace

struct QuicConnection::State final : private QuicFrameSink, private HandshakeSink {
    SessionFacts facts;
    std::optional<unsigned> client;

    State() { facts.overQuic = true; }

    void feed(unsigned direction, Bytes datagram, const Place& place);
    bool isOfAnother(Bytes datagram) const;
    void close(bool captureEnded);

private:
    void onCrypto(std::uint64_t offset, Bytes data) override;
    void onConnectionClose(std::uint64_t error) override;
    void onMessage(const HandshakeMessage& message) override;
    void onTooLong(const LongHandshakeMessage&) override {}

    void takePacket(const QuicPacket& packet);
    void takeInitial(const QuicPacket& packet);
    bool openInitial(const QuicPacket& packet);
    bool tryKeys(std::uint32_t version, Bytes connectionId, Peer from, const QuicPacket& packet);
    void setClient(unsigned direction);
    void noteHeader(const QuicPacket& packet);
    void freeKeys();
    void addStep();
    void judge(bool captureEnded);
    void judgeUnfinished(bool captureEnded);
    void finish(Outcome outcome, std::string words);
    std::string lastOfServer() const;

    Peer peerOf(unsigned direction) const { return direction == client.value_or(0) ? Peer::Client : Peer::Server; }
    End& endOf(Peer peer) { return m_ends[peer == Peer::Client ? client.value_or(0) : 1 - client.value_or(0)]; }
    const End& endOf(Peer peer) const {
        return m_ends[peer == Peer::Client ? client.value_or(0) : 1 - client.value_or(0)];
    }

    std::array<End, 2> m_ends;      ///< by direction
    std::vector<std::string> m_ids; ///< connection ids in long headers
    std::optional<QuicInitialKeys> m_keys;
    unsigned m_attempts = 0;
    bool m_initialsOver = false;
    bool m_missedBeginning = false; ///< Initials came whose keys follow from an earlier one
    bool m_serverHelloSeen = false;
    std::vector<std::uint8_t> m_frames;
    // Of the datagram at hand.
    unsigned m_direction = 0;
    Place m_place;
    Step m_step;
};

void QuicConnection::State::feed(unsigned direction, Bytes datagram, const Place& place) {
    m_direction = direction;
    m_place = place;
    if (facts.firstPacket == 0) {
        facts.firstPacket = place.packet;
        facts.firstTime = place.time;
    }
    facts.lastTime = place.time;
    m_step = {};
    m_step.kind = Step::Kind::Datagram;
    m_step.recordType = static_cast<std::uint8_t>(QuicPacketType::Other);
    m_step.length = static_cast<std::uint32_t>(datagram.size());
    m_step.octets = datagram.size();
    m_step.packet = place.packet;
    m_step.time = place.time;
    bool isFirst = true;
    while (const auto packet = takeQuicPacket(datagram)) {
        if (isFirst) m_step.recordType = static_cast<std::uint8_t>(packet->type);
        isFirst = false;
        takePacket(*packet);
    }
    addStep();
}

void QuicConnection::State::takePacket(const QuicPacket& packet) {
    m_ends[m_direction].sent.set(static_cast<std::size_t>(packet.type));
    noteHeader(packet);
    switch (packet.type) {
    case QuicPacketType::Initial:
        takeInitial(packet);
        return;
    case QuicPacketType::Retry:
    case QuicPacketType::Negotiation: // RFC 9000, 17.2.1 and 17.2.5: of servers only, and in the clear
        setClient(1 - m_direction);
        return;
    case QuicPacketType::ZeroRtt: // RFC 9000, 17.2.3: of clients only
        setClient(m_direction);
        break;
    case QuicPacketType::Handshake:
    case QuicPacketType::OneRtt:
        // RFC 9001, 4.9.1: a client that sends these has done with Initial packets.
        if (client == m_direction && m_serverHelloSeen) freeKeys();
        break;
    case QuicPacketType::Other:
        break;
    }
    m_step.encrypted = true;
    ++facts.recordsNotDecrypted;
    if (packet.type == QuicPacketType::OneRtt || packet.type == QuicPacketType::ZeroRtt)
        facts.applicationOctets[indexOf(peerOf(m_direction))] += packet.whole.size();
}

void QuicConnection::State::noteHeader(const QuicPacket& packet) {
    // A first packet of a reserved version asks for negotiation (RFC 9000, 15); what follows it counts.
    if (packet.version != 0) facts.quicVersion = packet.version;
    if (packet.type == QuicPacketType::OneRtt) return;
    for (const Bytes id : {packet.destination, packet.source}) {
        const auto known = std::ranges::find(m_ids, asText(id));
        if (known == m_ids.end() && m_ids.size() < kMaxIds) m_ids.emplace_back(asText(id));
    }
}

bool QuicConnection::State::isOfAnother(Bytes datagram) const {
    const bool isHandshakeOver = m_ends[0].has(QuicPacketType::OneRtt) || m_ends[1].has(QuicPacketType::OneRtt);
    constexpr std::size_t kLeastFirst = 1200; // RFC 9000, 14.1
    if (!isHandshakeOver || datagram.size() < kLeastFirst) return false;
    const auto first = takeQuicPacket(datagram);
    return first && first->type == QuicPacketType::Initial &&
           std::ranges::find(m_ids, asText(first->destination)) == m_ids.end();
}

void QuicConnection::State::takeInitial(const QuicPacket& packet) {
    m_step.encrypted = true;
    if (m_initialsOver || !openInitial(packet)) {
        const bool isDamaged = m_keys && m_keys->version() == packet.version && !packet.isCut;
        ++(isDamaged ? facts.recordsDamaged : facts.recordsNotDecrypted);
        return;
    }
    ++facts.recordsDecrypted;
    m_step.opened = true;
    readQuicFrames(m_frames, *this);
}

bool QuicConnection::State::openInitial(const QuicPacket& packet) {
    const Peer from = peerOf(m_direction);
    if (packet.isCut || !QuicInitialKeys::isKnown(packet.version)) return false;
    if (m_keys) {
        if (packet.version != m_keys->version()) { // RFC 9368, 2.3: the server chose another, compatible one
            const std::string connectionId = m_keys->connectionId();
            if (tryKeys(packet.version, asBytes(connectionId), from, packet)) return true;
        } else if (m_keys->open(from, packet, m_ends[m_direction].largestNumber, m_frames)) {
            return true;
        }
    }
    // The client's first; after a Retry or a negotiation (RFC 9001, 5.2) its next.
    if (client && client != m_direction) return false;
    if (!tryKeys(packet.version, packet.destination, Peer::Client, packet)) {
        m_missedBeginning = !m_keys;
        return false;
    }
    m_missedBeginning = false;
    setClient(m_direction);
    return true;
}

bool QuicConnection::State::tryKeys(std::uint32_t version, Bytes connectionId, Peer from, const QuicPacket& packet) {
    if (m_keys && m_keys->version() == version && asBytes(m_keys->connectionId()).size() == connectionId.size() &&
        m_keys->connectionId() == asText(connectionId))
        return false; // tried already
    if (m_attempts == kMaxKeyAttempts) return false;
    ++m_attempts;
    auto keys = QuicInitialKeys::derive(version, connectionId);
    auto largest = m_ends[m_direction].largestNumber;
    if (!keys || !keys->open(from, packet, largest, m_frames)) return false;
    m_ends[m_direction].largestNumber = largest;
    m_keys = std::move(keys);
    return true;
}

void QuicConnection::State::setClient(unsigned direction) {
    if (client) return;
    if (direction != 0)
        for (Step& step : facts.steps) step.from = otherPeer(step.from);
    if (direction != 0) std::swap(facts.applicationOctets[0], facts.applicationOctets[1]);
    client = direction;
}

void QuicConnection::State::freeKeys() {
    m_initialsOver = true;
    m_keys.reset();
    m_frames = {};
    for (End& end : m_ends) {
        end.crypto.clear();
        end.handshakes.reset();
    }
}

void QuicConnection::State::onCrypto(std::uint64_t offset, Bytes data) {
    End& end = m_ends[m_direction];
    end.crypto.add(offset, data, [&](Bytes piece) { end.handshakes.feed(piece, m_place, *this); });
}

void QuicConnection::State::onConnectionClose(std::uint64_t error) {
    const Peer from = peerOf(m_direction);
    if (error < kAlertBase || error > kAlertLast) {
        endOf(from).closed = true;
        return;
    }
    const auto alert = static_cast<std::uint8_t>(error & 0xff);
    m_step.alert = alert;
    m_step.alertLevel = kFatal; // QUIC has no levels; each closes the connection (RFC 9001, 4.8)
    if (facts.alerts.size() < SessionFacts::kMaxAlerts) facts.alerts.push_back({from, kFatal, alert});
}

void QuicConnection::State::onMessage(const HandshakeMessage& message) {
    if (m_step.messageCount < Step::kMaxMessages) m_step.messages[m_step.messageCount++] = message.type;
    const bool fromClient = peerOf(m_direction) == Peer::Client;
    if (message.type == HandshakeType::ClientHello && fromClient && !facts.clientHelloSeen) {
        if (const auto hello = parseClientHello(message.body)) noteClientHello(facts, *hello);
    } else if (message.type == HandshakeType::ServerHello && !fromClient && !m_serverHelloSeen) {
        const auto hello = parseServerHello(message.body);
        if (!hello) return;
        noteServerHello(facts, *hello);
        m_serverHelloSeen = !hello->isRetryRequest;
    }
}

void QuicConnection::State::addStep() {
    m_step.from = peerOf(m_direction);
    auto& steps = facts.steps;
    const auto isLike = [&](const Step& last) {
        return last.from == m_step.from && last.recordType == m_step.recordType &&
               m_step.recordType == static_cast<std::uint8_t>(QuicPacketType::OneRtt);
    };
    if (steps.size() == SessionFacts::kMaxSteps || (!steps.empty() && isLike(steps.back()))) {
        ++steps.back().count;
        steps.back().octets += m_step.octets;
        return;
    }
    steps.push_back(m_step);
}

void QuicConnection::State::close(bool captureEnded) {
    freeKeys();
    judge(captureEnded);
    const bool isWholeRead = facts.recordsNotDecrypted == 0 && facts.recordsDamaged == 0;
    facts.decrypted = isWholeRead && facts.recordsDecrypted != 0;
    if (isWholeRead) return;
    facts.notDecryptedBecause = facts.recordsDecrypted != 0 || QuicInitialKeys::isKnown(facts.quicVersion)
                                    ? "QUIC is not decoded behind its hellos"
                                    : "version of QUIC not supported";
}

void QuicConnection::State::finish(Outcome outcome, std::string words) {
    facts.outcome = outcome;
    facts.ended = std::move(words);
}

std::string QuicConnection::State::lastOfServer() const {
    const End& server = endOf(Peer::Server);
    if (server.has(QuicPacketType::Handshake) || server.has(QuicPacketType::OneRtt)) return "server-flight";
    return m_serverHelloSeen ? "server-hello" : "client-hello";
}

void QuicConnection::State::judge(bool captureEnded) {
    const auto any = [&](QuicPacketType type) { return m_ends[0].has(type) || m_ends[1].has(type); };
    const bool hasBeginning = any(QuicPacketType::Initial) || any(QuicPacketType::Negotiation) ||
                              any(QuicPacketType::ZeroRtt) || any(QuicPacketType::Other);
    if (!hasBeginning) return finish(Outcome::Unknown, "began-before-capture");
    if (m_ends[0].has(QuicPacketType::OneRtt) && m_ends[1].has(QuicPacketType::OneRtt))
        return facts.resumed ? finish(Outcome::Resumed, "resumed") : finish(Outcome::Complete, "complete");
    if (m_missedBeginning) return finish(Outcome::Unknown, "began-before-capture");
    if (!facts.alerts.empty()) {
        const AlertSeen& alert = facts.alerts.front();
        return finish(Outcome::Failed, nameOf(alert.from) + "-alert:" + alertName(alert.description));
    }
    for (const Peer peer : {Peer::Server, Peer::Client})
        if (endOf(peer).closed)
            return finish(Outcome::Failed,
                          nameOf(peer) + "-closed-after-" + (peer == Peer::Server ? "client-hello" : lastOfServer()));
    judgeUnfinished(captureEnded);
}

void QuicConnection::State::judgeUnfinished(bool captureEnded) {
    const Outcome outcome = captureEnded ? Outcome::Cut : Outcome::Failed;
    const End& server = endOf(Peer::Server);
    if (server.sent.none()) return finish(outcome, "no-answer");
    std::bitset<7> negotiation;
    negotiation.set(static_cast<std::size_t>(QuicPacketType::Negotiation));
    if (server.sent == negotiation) return finish(outcome, "no-common-version");
    if (captureEnded) return finish(Outcome::Cut, "cut");
    finish(Outcome::Failed, "stopped-after-" + lastOfServer());
}

QuicConnection::QuicConnection() : m_state(std::make_unique<State>()) {}
QuicConnection::~QuicConnection() = default;

void QuicConnection::feed(unsigned direction, Bytes datagram, const Place& place) {
    m_state->feed(direction, datagram, place);
}
bool QuicConnection::isOfAnother(Bytes datagram) const {
    return m_state->isOfAnother(datagram);
}
void QuicConnection::close(bool captureEnded) {
    m_state->close(captureEnded);
}
std::optional<unsigned> QuicConnection::clientDirection() const {
    return m_state->client;
}
std::uint32_t QuicConnection::version() const {
    return m_state->facts.quicVersion;
}
const SessionFacts& QuicConnection::facts() const {
    return m_state->facts;
}
SessionFacts QuicConnection::takeFacts() {
    return std::move(m_state->facts);
}

} // namespace gatescope::tls
