// SPDX-License-Identifier: Apache-2.0
#include "core/trust/handshake_reading.h"

#include "core/tls/cipher_suite.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>

namespace gatescope::trust {

namespace {

using tls::Peer;
using tls::RecordType;
using tls::Step;

/// Two octets of content: RFC 8446, 6.
constexpr std::uint32_t kAlertRecord = 2 + kSealing;
/// Header, empty context, empty list: RFC 8446, 4.4.2.
constexpr std::uint32_t kEmptyCertificate = 4 + 1 + 3;
constexpr std::uint32_t kEndOfEarlyData = 4 + kSealing;
/// No certificate, signature and Finished together are shorter: the shortest in use (Ed25519) has some 250 octets.
constexpr std::uint64_t kLeastFlight = 300;

bool isPaddedOrNot(std::uint32_t length, std::uint32_t plain) {
    return length == plain || length == plain + kJssePadding;
}

class Reader {
public:
    explicit Reader(const tls::SessionFacts& facts)
        : m_facts(facts), m_finishedLength(finishedRecordLength(facts.cipherSuite)) {
        m_reading.tls13 = tls::isTls13(facts.version);
        m_reading.earlyDataInTheWay =
            m_reading.tls13 && !facts.resumed && facts.earlyData != tls::EarlyData::NotOffered;
        m_retryExpected = facts.helloRetried;
        m_reading.events.reserve(facts.steps.size() + 2);
    }

    HandshakeReading read() {
        for (const Step& step : m_facts.steps) take(step);
        if (m_serverFlight >= kLeastFlight) m_reading.flightSeen = true;
        return std::move(m_reading);
    }

private:
    void take(const Step& step) {
        switch (step.kind) {
        case Step::Kind::Fin:
            return add(Act::Fin, step);
        case Step::Kind::Reset:
            return add(Act::Reset, step);
        case Step::Kind::Gap:
            return add(Act::Gap, step);
        case Step::Kind::NotTls:
            return add(Act::NotTls, step);
        case Step::Kind::Datagram:
            return;
        case Step::Kind::Record:
            break;
        }
        if (!step.encrypted || step.opened) return takeReadable(step);
        if (!m_reading.tls13) return takeSealed12(step);
        step.from == Peer::Server ? takeSealedOfServer(step) : takeSealedOfClient(step);
    }

    void add(Act act, const Step& step) {
        m_reading.events.push_back(
            {act, step.from, step.alert, false, !step.encrypted, step.length, step.count, step.packet, step.time});
        if (act == Act::Finished) m_finished[tls::indexOf(step.from)] = true;
    }

    void takeReadable(const Step& step) {
        if (step.encrypted && step.from == Peer::Client && m_reading.flightSeen) m_clientAnswered = true;
        switch (static_cast<RecordType>(step.encrypted ? step.contentType : step.recordType)) {
        case RecordType::ChangeCipherSpec:
            return add(Act::ChangeCipherSpec, step);
        case RecordType::Alert:
            add(Act::Alert, step);
            m_reading.events.back().warning = isWarning(step);
            return;
        case RecordType::ApplicationData:
            // Early data is no sign of anything: it is sent before the server's certificate.
            return add(step.from == Peer::Client && !m_finished[0] ? Act::Handshake : Act::Data, step);
        default:
            return takeMessages(step);
        }
    }

    /// A warning of TLS 1.2 lets the session go on; in TLS 1.3 the level says nothing (RFC 8446, 6).
    bool isWarning(const Step& step) const {
        constexpr std::uint8_t kWarning = 1, kCloseNotify = 0, kUserCanceled = 90, kNoRenegotiation = 100;
        if (!step.alert || *step.alert == kCloseNotify) return false;
        return *step.alert == kUserCanceled || *step.alert == kNoRenegotiation ||
               (!m_reading.tls13 && step.alertLevel == kWarning);
    }

    void takeMessages(const Step& step) {
        if (step.messageCount == 0) return add(Act::Handshake, step);
        for (const tls::HandshakeType type : std::span(step.messages).first(step.messageCount)) takeMessage(type, step);
    }

    void takeMessage(tls::HandshakeType type, const Step& step) {
        using enum tls::HandshakeType;
        const bool ofServer = step.from == Peer::Server;
        switch (type) {
        case ClientHello:
            return add(Act::ClientHello, step);
        case ServerHello:
            add(m_retryExpected ? Act::RetryRequest : Act::ServerHello, step);
            m_retryExpected = false;
            return;
        case ServerHelloDone:
            m_reading.flightSeen = true;
            return add(Act::Handshake, step);
        case CertificateRequest:
            return add(Act::CertificateRequest, step);
        case Certificate:
        case CompressedCertificate:
            if (ofServer) return add(Act::Handshake, step);
            return add(m_facts.clientCertificate == tls::ClientCertificate::Refused ? Act::EmptyCertificate
                                                                                    : Act::Certificate,
                       step);
        case Finished:
            if (ofServer && m_reading.tls13) m_reading.flightSeen = true;
            return add(Act::Finished, step);
        case NewSessionTicket:
            return add(Act::Ticket, step);
        default:
            return add(Act::Handshake, step);
        }
    }

    /// Up to TLS 1.2 the type of a record stays visible; the first handshake record behind ChangeCipherSpec is the
    /// Finished.
    void takeSealed12(const Step& step) {
        switch (static_cast<RecordType>(step.recordType)) {
        case RecordType::Handshake:
            return add(m_finished[tls::indexOf(step.from)] ? Act::Handshake : Act::Finished, step);
        case RecordType::Alert:
            return add(Act::Alert, step);
        case RecordType::ApplicationData:
            return add(Act::Data, step);
        default:
            return add(Act::Handshake, step);
        }
    }

    /// The smallest message of a flight, EncryptedExtensions, needs 23 octets, so 19 is an alert wherever it stands.
    /// What comes before the client answered belongs to the flight, also tickets and settings that some servers send
    /// early.
    void takeSealedOfServer(const Step& step) {
        if (!m_clientAnswered) {
            m_serverFlight += std::uint64_t{step.length} * step.count;
            m_serverPads = step.length == m_finishedLength + kJssePadding;
        }
        const bool isAlert = step.length == kAlertRecord ||
                             (m_serverPads && m_clientAnswered && step.length == kAlertRecord + kJssePadding);
        if (isAlert) return add(Act::Alert, step);
        // A server that goes on has taken the client's Finished, also one inside a record that could not be told apart.
        if (m_clientProves) m_finished[tls::indexOf(Peer::Client)] = true;
        add(m_clientAnswered ? Act::Data : Act::Handshake, step);
    }

    void takeSealedOfClient(const Step& step) {
        if (m_serverFlight == 0 && !m_finished[tls::indexOf(Peer::Server)])
            return add(Act::Handshake, step); // early data
        m_clientAnswered = true;
        if (m_finished[tls::indexOf(Peer::Client)]) return takeBehindFinished(step);
        const std::uint32_t length = step.length;
        if (isPaddedOrNot(length, kAlertRecord)) return add(Act::Alert, step);
        if (isPaddedOrNot(length, kEmptyCertificate + kSealing)) return add(Act::EmptyCertificate, step);
        if (isPaddedOrNot(length, kEndOfEarlyData)) return add(Act::Handshake, step);
        if (isPaddedOrNot(length, m_finishedLength)) {
            m_clientPads = length != m_finishedLength;
            return add(Act::Finished, step);
        }
        if (isPaddedOrNot(length, m_finishedLength + kEmptyCertificate)) { // both in one record
            m_clientPads = length != m_finishedLength + kEmptyCertificate;
            add(Act::EmptyCertificate, step);
            return add(Act::Finished, step);
        }
        m_clientProves = length > m_finishedLength;
        add(m_clientProves ? Act::Certificate : Act::Strange, step);
    }

    void takeBehindFinished(const Step& step) {
        const bool isAlert =
            step.length == kAlertRecord || (m_clientPads && step.length == kAlertRecord + kJssePadding);
        if (isAlert) return add(Act::Alert, step);
        add(step.length <= kSealing ? Act::Handshake : Act::Data, step); // empty records carry nothing
    }

    const tls::SessionFacts& m_facts;
    HandshakeReading m_reading;
    std::uint32_t m_finishedLength;
    std::uint64_t m_serverFlight = 0; ///< encrypted octets of it
    std::array<bool, 2> m_finished{}; ///< by indexOf(Peer)
    bool m_retryExpected = false;
    bool m_clientAnswered = false;
    bool m_clientProves = false; ///< sent what can only be its certificate, perhaps with all that follows
    bool m_serverPads = false, m_clientPads = false;
};

} // namespace

HandshakeReading readHandshake(const tls::SessionFacts& facts) {
    return Reader(facts).read();
}

std::uint32_t finishedRecordLength(std::uint16_t cipherSuite) {
    const auto suite = tls::findCipherSuite(cipherSuite);
    return 4 + (suite && suite->prfHash == tls::Hash::Sha384 ? 48 : 32) + kSealing;
}

ServerFlight serverFlight(const tls::SessionFacts& facts) {
    ServerFlight flight;
    if (!tls::isTls13(facts.version)) return flight;
    const std::uint32_t finished = finishedRecordLength(facts.cipherSuite);
    for (const Step& step : facts.steps) {
        if (step.kind == Step::Kind::Gap) flight.lost = flight.lost || step.from == Peer::Server;
        const bool isSealed = step.kind == Step::Kind::Record && step.encrypted;
        if (step.from == Peer::Client && isSealed && !flight.lengths.empty()) break;
        if (step.kind == Step::Kind::Fin || step.kind == Step::Kind::Reset) break;
        if (step.from != Peer::Server || !isSealed) continue;
        flight.lengths.insert(flight.lengths.end(), std::min<std::uint32_t>(step.count, 16), step.length);
        // The first one of that size with something before it: tickets that follow are longer.
        if (!flight.finished && flight.lengths.size() > 2 && isPaddedOrNot(step.length, finished)) {
            flight.finished = flight.lengths.size() - 1;
            flight.padding = step.length - finished;
        }
    }
    return flight;
}

std::string_view middleOf(std::string_view ja4) {
    const std::size_t begin = ja4.find('_');
    if (begin == std::string_view::npos) return {};
    const std::size_t end = ja4.find('_', begin + 1);
    return ja4.substr(begin + 1, end == std::string_view::npos ? end : end - begin - 1);
}

} // namespace gatescope::trust
