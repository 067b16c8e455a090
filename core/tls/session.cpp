// SPDX-License-Identifier: Apache-2.0
#include "core/tls/session.h"

#include "core/tls/ending.h"
#include "core/tls/names.h"
#include "core/tls/session_state.h"
#include "core/tls/tls_findings.h"

#include <algorithm>
#include <utility>

namespace gatescope::tls {

Session::State::State(SessionListener& toldTo, SessionOptions given)
    : listener(toldTo), options(std::move(given)), keys(options.secrets, options.generation, options.usesLearned),
      directions{Direction(*this, 0, options.middle), Direction(*this, 1, options.middle)}, client(options.client) {}

Session::Session(SessionListener& listener, SessionOptions options)
    : m_state(std::make_unique<State>(listener, std::move(options))) {}

Session::~Session() = default;

void Session::feed(unsigned direction, Bytes bytes, const Place& place) {
    m_state->note(place);
    m_state->directions[direction].feed(bytes, place);
}

void Session::gap(unsigned direction, std::uint64_t length, const Place& place) {
    m_state->note(place);
    m_state->directions[direction].gap(length, place);
}

void Session::fin(unsigned direction, const Place& place) {
    m_state->note(place);
    m_state->directions[direction].releaseHeld();
    m_state->tellLosses();
    m_state->addClosing(Step::Kind::Fin, direction, place);
    if (m_state->applicationStarted) m_state->listener.onApplicationEnd(m_state->peerOf(direction), place);
}

void Session::reset(unsigned direction, const Place& place) {
    m_state->note(place);
    m_state->directions[direction].releaseHeld();
    m_state->tellLosses();
    m_state->addClosing(Step::Kind::Reset, direction, place);
}

void Session::close(bool captureEnded) {
    for (auto& direction : m_state->directions) direction.releaseHeld();
    m_state->tellLosses();
    m_state->keepCertificates();
    judgeEnding(m_state->facts, captureEnded);
    m_state->reportAtEnd();
}

void Session::State::tellLosses() {
    for (auto& direction : directions) direction.tellLoss();
}

void Session::setGeneration(std::uint64_t generation) {
    m_state->keys.setGeneration(generation);
}

std::optional<unsigned> Session::clientDirection() const {
    return m_state->client;
}

const SessionFacts& Session::facts() const {
    return m_state->facts;
}

SessionFacts Session::takeFacts() {
    return std::move(m_state->facts);
}

bool Session::State::Direction::isSealed(const Record& record) const {
    if (m_isEncrypted) return true;
    switch (static_cast<RecordType>(record.type)) {
    case RecordType::ApplicationData:
        return true;
    case RecordType::Handshake:
        // In the middle of a connection only a hello is surely in the clear.
        if (m_state.helloSeen) return false;
        return record.fragment.empty() || (record.fragment[0] != 1 && record.fragment[0] != 2);
    case RecordType::Alert:
        return !m_state.helloSeen && record.fragment.size() != 2;
    default:
        return false;
    }
}

void Session::State::Direction::onRecord(const Record& record) {
    if (m_state.facts.firstPacket == 0) {
        m_state.facts.firstPacket = record.first.packet;
        m_state.facts.firstTime = record.first.time;
    }
    if (mustWait(record)) {
        if (m_heldOctets + record.size() <= kMaxHeld) return hold(record);
        m_state.isWaiting = false;
        releaseHeld();
    }
    take(record);
    m_state.releaseIfDecided();
}

bool Session::State::Direction::mustWait(const Record& record) const {
    if (!m_state.isWaiting || peer() != Peer::Client || m_state.isDecided()) return false;
    const auto type = static_cast<RecordType>(record.type);
    const bool isHello = type == RecordType::Handshake && !record.fragment.empty() && record.fragment[0] == 1;
    return type != RecordType::Alert && !isHello && !m_handshakes.isInMessage();
}

void Session::State::Direction::hold(const Record& record) {
    Held& held = m_held.emplace_back(Held{record, {record.fragment.begin(), record.fragment.end()}});
    held.record.fragment = held.octets;
    m_heldOctets += record.size();
}

void Session::State::Direction::releaseHeld() {
    m_heldOctets = 0;
    for (const Held& held : std::exchange(m_held, {})) take(held.record);
}

void Session::State::Direction::take(const Record& record) {
    Step step;
    step.from = peer();
    step.recordType = record.type;
    step.recordVersion = record.version;
    step.length = static_cast<std::uint32_t>(record.fragment.size());
    step.octets = record.size();
    step.packet = record.first.packet;
    step.time = record.last.time;
    m_step = &step;
    if (isSealed(record))
        openRecord(record, step);
    else
        takeContent(record.type, record.fragment, record, step);
    m_step = nullptr;
    step.from = peer(); // the record itself may have told who is who
    m_state.addStep(step);
}

bool Session::State::Direction::mayBeEarly() const {
    return peer() == Peer::Client && m_state.facts.earlyData != EarlyData::NotOffered &&
           !m_state.facts.finished[indexOf(Peer::Client)];
}

void Session::State::Direction::openRecord(const Record& record, Step& step) {
    step.encrypted = true;
    if (!m_opener.hasKeys()) {
        ClosedReason reason = m_state.keys.reason();
        if (reason == ClosedReason::NoHandshake && m_lostInTheClear) reason = ClosedReason::Lost;
        // Early data comes before anything is agreed; and keys of the handshake may be all there are.
        if (reason == ClosedReason::None || mayBeEarly()) reason = ClosedReason::NoSecrets;
        return noteSealed(record, reason, step);
    }
    const std::size_t keysBefore = m_opener.keysLeft();
    const auto opened = m_opener.open({record.type, record.version, record.fragment});
    if (!opened) {
        if (mayBeEarly()) return noteSealed(record, ClosedReason::NoSecrets, step);
        if (m_state.facts.lostOctets != 0) return noteSealed(record, ClosedReason::Lost, step);
        ++m_state.facts.recordsDamaged;
        return noteSealed(record, ClosedReason::DoesNotVerify, step);
    }
    ++m_state.facts.recordsDecrypted;
    step.opened = true;
    // The message that changed the keys was lost.
    if (m_state.keys.isTls13() && m_opener.keysLeft() < keysBefore && m_opener.keysLeft() == 1)
        m_state.facts.finished[indexOf(peer())] = true;
    if (opened->lostContent != 0 && m_state.applicationStarted)
        m_state.listener.onApplicationGap(peer(), opened->lostContent, record.first);
    takeContent(opened->record.type, opened->record.content, record, step);
}

void Session::State::Direction::noteSealed(const Record& record, ClosedReason reason, Step& step) {
    m_state.noteClosed(reason, record.first);
    if (peer() == Peer::Server) m_state.serverIsClosed = true;
    const auto type = static_cast<RecordType>(record.type);
    if (type == RecordType::Handshake) {
        step.contentType = record.type;
        step.messages[step.messageCount++] = HandshakeType::Encrypted;
        if (m_isEncrypted) m_state.facts.finished[indexOf(peer())] = true; // the first one after ChangeCipherSpec
    } else if (m_isEncrypted) {
        step.contentType = record.type;
        if (type == RecordType::ApplicationData)
            m_state.facts.applicationOctets[indexOf(peer())] += record.fragment.size();
    }
}

void Session::State::Direction::takeContent(std::uint8_t type, Bytes content, const Record& record, Step& step) {
    step.contentType = type;
    switch (static_cast<RecordType>(type)) {
    case RecordType::Handshake:
        m_handshakes.feed(content, record.last, *this);
        break;
    case RecordType::Alert:
        takeAlerts(content, record, step);
        break;
    case RecordType::ChangeCipherSpec:
        onChangeCipherSpec();
        break;
    case RecordType::ApplicationData:
        takeApplicationData(content, record);
        break;
    case RecordType::Heartbeat:
        break;
    }
}

void Session::State::Direction::takeAlerts(Bytes content, const Record& record, Step& step) {
    if (content.size() < 2) return;
    SessionFacts& facts = m_state.facts;
    step.alertLevel = content[0];
    step.alert = content[1];
    if (facts.alerts.size() < SessionFacts::kMaxAlerts) facts.alerts.push_back({peer(), content[0], content[1]});
    if (content[1] != 0) return;
    facts.closeNotify[indexOf(peer())] = true;
    if (m_state.applicationStarted) m_state.listener.onApplicationEnd(peer(), record.last);
}

void Session::State::Direction::takeApplicationData(Bytes content, const Record& record) {
    // The server never took early data that it refused; the client sends it again.
    const bool isRefused = peer() == Peer::Client && m_state.facts.earlyData == EarlyData::Rejected &&
                           !m_state.facts.finished[indexOf(Peer::Client)];
    if (content.empty() || isRefused) return;
    m_state.facts.applicationOctets[indexOf(peer())] += content.size();
    if (!m_state.applicationStarted) {
        m_state.applicationStarted = true;
        m_state.listener.onApplicationStart(m_state.facts.alpn);
    }
    // The first octet was on the wire when the record began, the others at the latest when it ended. That matters where
    // a message may begin; everywhere else one piece is better than two.
    const bool isTurn = m_state.lastDataFrom != peer();
    m_state.lastDataFrom = peer();
    if (isTurn && record.first.packet != record.last.packet) {
        m_state.listener.onApplicationData(peer(), content.first(1), record.first);
        content = content.subspan(1);
    }
    if (!content.empty()) m_state.listener.onApplicationData(peer(), content, record.last);
}

void Session::State::Direction::onChangeCipherSpec() {
    if (m_state.keys.isTls13()) return; // only for the looks (RFC 8446, D.4)
    SessionKeys& keys = m_state.keys;
    m_handshakes.reset();
    m_isEncrypted = true;
    if (!keys.server() || keys.server()->isRetryRequest) return; // may still become TLS 1.3, with early data
    if (peer() == Peer::Server && !m_state.certificateStage && !m_lostInTheClear) {
        m_state.facts.resumed = true;
        m_state.facts.clientCertificate = ClientCertificate::NotAsked;
        keys.setResumed();
    }
    m_opener.use(keys.cipherOf(peer()));
}

void Session::State::Direction::onLost(const LostRecords& lost) {
    if (peer() == Peer::Server) m_state.serverIsClosed = true; // what would have decided it may be gone
    releaseHeld();
    SessionFacts& facts = m_state.facts;
    facts.lostOctets += lost.octets;
    Step step;
    step.kind = Step::Kind::Gap;
    step.from = peer();
    step.length = static_cast<std::uint32_t>(std::min<std::uint64_t>(lost.octets, ~std::uint32_t{0}));
    step.octets = lost.octets;
    step.packet = lost.place.packet;
    step.time = lost.place.time;
    m_state.addStep(step);
    if (m_state.reasonPlace.packet == 0) m_state.reasonPlace = lost.place;
    m_handshakes.reset();
    if (!m_opener.hasKeys()) {
        m_lostInTheClear = true;
        return;
    }
    if (!lost.oneRecord) return m_opener.lose(lost.octets);
    const bool wasSealed = m_isEncrypted || lost.type == static_cast<std::uint8_t>(RecordType::ApplicationData);
    if (!wasSealed) return;
    m_opener.skipOne();
    const std::size_t overhead = m_opener.overhead();
    if (m_state.applicationStarted && lost.length > overhead)
        m_state.listener.onApplicationGap(peer(), lost.length - overhead, lost.place);
}

void Session::State::Direction::onNotTls(Bytes beginning, const Place& place) {
    Step step;
    step.kind = Step::Kind::NotTls;
    step.from = peer();
    step.length = static_cast<std::uint32_t>(beginning.size());
    step.octets = beginning.size();
    step.packet = place.packet;
    step.time = place.time;
    m_state.addStep(step);
    m_state.notTls = true;
    m_state.found(kNotTls, place, {peer() == Peer::Client ? "sent by the client" : "sent by the server"});
}

void Session::State::Direction::onMessage(const HandshakeMessage& message) {
    if (m_step && m_step->messageCount < Step::kMaxMessages) m_step->messages[m_step->messageCount++] = message.type;
    m_state.takeMessage(m_index, message);
}

void Session::State::Direction::onTooLong(const LongHandshakeMessage& message) {
    if (std::exchange(m_state.saidTooLong, true)) return;
    m_state.found(kMessageTooLong, message.first,
                  {handshakeTypeName(message.type), std::to_string(message.length) + " octets"});
}

} // namespace gatescope::tls
