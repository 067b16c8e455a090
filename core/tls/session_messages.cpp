// SPDX-License-Identifier: Apache-2.0
#include "core/tls/hello_facts.h"
#include "core/tls/session_state.h"

#include <utility>

namespace gatescope::tls {

void Session::State::takeMessage(unsigned direction, const HandshakeMessage& message) {
    const Peer from = peerOf(direction);
    // Hellos begin a transcript, so that they come first.
    if (message.type == HandshakeType::ClientHello) onClientHello(direction, message);
    if (message.type == HandshakeType::ServerHello) onServerHello(direction, message);
    if (!keys.isTls13() && message.type != HandshakeType::HelloRequest) keys.onMessage(message.whole);
    switch (message.type) {
    case HandshakeType::EncryptedExtensions:
        onEncryptedExtensions(message);
        break;
    case HandshakeType::Certificate:
    case HandshakeType::CompressedCertificate:
        onCertificates(from, message);
        break;
    case HandshakeType::CertificateStatus:
        if (auto response = parseCertificateStatus(message.body); response && certificatesOf(from))
            certificatesOf(from)->ocspResponse = std::move(*response);
        break;
    case HandshakeType::CertificateRequest:
        if (facts.clientCertificate == ClientCertificate::Unknown ||
            facts.clientCertificate == ClientCertificate::NotAsked)
            facts.clientCertificate = ClientCertificate::Asked;
        break;
    case HandshakeType::ServerKeyExchange:
        onServerKeyExchange(message);
        break;
    case HandshakeType::ServerHelloDone:
        certificateStage = true;
        if (facts.clientCertificate == ClientCertificate::Unknown)
            facts.clientCertificate = ClientCertificate::NotAsked;
        break;
    case HandshakeType::ClientKeyExchange:
        keys.onClientKeyExchange(message.body);
        break;
    case HandshakeType::CertificateVerify:
        if (from == Peer::Server && keys.isTls13())
            facts.signatureScheme = parseCertificateVerify(message.body).value_or(facts.signatureScheme);
        break;
    case HandshakeType::NewSessionTicket:
        onTicket(message);
        break;
    case HandshakeType::KeyUpdate:
        onKeyUpdate(from);
        break;
    case HandshakeType::EndOfEarlyData:
        facts.earlyData = EarlyData::Accepted;
        break;
    case HandshakeType::Finished:
        onFinished(from);
        break;
    default:
        break;
    }
}

bool Session::State::isDecided() const {
    if (serverIsClosed) return true;
    if (!keys.server() || keys.server()->isRetryRequest) return keys.server().has_value();
    return !keys.isTls13() || facts.earlyData != EarlyData::Offered;
}

void Session::State::releaseIfDecided() {
    if (!isWaiting || !isDecided()) return;
    isWaiting = false;
    directionOf(Peer::Client).releaseHeld();
}

void Session::State::onClientHello(unsigned direction, const HandshakeMessage& message) {
    auto hello = parseClientHello(message.body);
    if (!hello) return;
    const bool isFirst = !helloSeen;
    helloSeen = true;
    if (isFirst && client.value_or(0) != direction)
        for (Step& step : facts.steps) step.from = otherPeer(step.from);
    if (isFirst) client = direction;
    if (peerOf(direction) != Peer::Client) return; // both ends claim to be the client: the first one is
    const bool isRetry = keys.server() && keys.server()->isRetryRequest;
    if (!facts.clientHelloSeen) {
        noteClientHello(facts, *hello);
    } else if (!isRetry && facts.laterRandoms.size() < SessionFacts::kMaxRenegotiations) {
        facts.laterRandoms.push_back(hello->random);
    }
    certificateStage = false;
    isWaiting = true;
    keys.onClientHello(std::move(*hello));
    if (!isRetry) keys.installEarly(directions[direction].opener());
}

void Session::State::onServerHello(unsigned direction, const HandshakeMessage& message) {
    auto hello = parseServerHello(message.body);
    if (!hello) return;
    if (!helloSeen) { // the client's is missing
        helloSeen = true;
        if (client.value_or(0) != 1 - direction)
            for (Step& step : facts.steps) step.from = otherPeer(step.from);
        client = 1 - direction;
    }
    // One answers each ClientHello.
    const bool isAnswered = keys.server() && !keys.server()->isRetryRequest;
    if (peerOf(direction) != Peer::Server || isAnswered) return;
    const bool isRetry = hello->isRetryRequest;
    if (facts.laterRandoms.empty()) noteServerHello(facts, *hello);
    keys.onServerHello(std::move(*hello));
    if (!keys.isTls13() || isRetry) return;
    for (Direction& each : directions) each.setEncrypted(false); // what ChangeCipherSpec said before the hello
    keys.installTls13({&directionOf(Peer::Client).opener(), &directionOf(Peer::Server).opener()});
}

void Session::State::onEncryptedExtensions(const HandshakeMessage& message) {
    const auto extensions = parseEncryptedExtensions(message.body);
    if (!extensions) return;
    if (extensions->alpn) facts.alpn = *extensions->alpn;
    if (facts.earlyData == EarlyData::Offered)
        facts.earlyData = extensions->acceptsEarlyData ? EarlyData::Accepted : EarlyData::Rejected;
}

void Session::State::onCertificates(Peer from, const HandshakeMessage& message) {
    auto certificate = message.type == HandshakeType::CompressedCertificate
                           ? parseCompressedCertificate(message.body)
                           : parseCertificate(message.body, keys.isTls13());
    if (from == Peer::Server) certificateStage = true;
    if (!certificate) return;
    if (from == Peer::Client)
        facts.clientCertificate = certificate->der.empty() ? ClientCertificate::Refused : ClientCertificate::Sent;
    // A renegotiation may show others; those of the beginning are what the session is known by.
    const bool isKnown =
        from == Peer::Server ? facts.serverCertificates != nullptr : facts.clientCertificates != nullptr;
    if (!isKnown && !certificate->der.empty()) certificatesOf(from) = std::move(*certificate);
}

void Session::State::onServerKeyExchange(const HandshakeMessage& message) {
    certificateStage = true;
    const auto exchange = parseServerKeyExchange(message.body, facts.cipherSuite, facts.version);
    if (!exchange || !facts.laterRandoms.empty()) return;
    facts.group = exchange->group.value_or(0);
    facts.signatureScheme = exchange->signatureScheme.value_or(0);
}

void Session::State::onTicket(const HandshakeMessage& message) {
    ++facts.tickets;
    if (keys.isTls13()) return;
    if (auto ticket = parseNewSessionTicket(message.body, false)) keys.onTicket(std::move(*ticket));
}

void Session::State::onKeyUpdate(Peer from) {
    ++facts.keyUpdates;
    directionOf(from).opener().replace(keys.updated(from));
}

void Session::State::onFinished(Peer from) {
    // The answer to a request for a certificate after the handshake ends with one too (RFC 8446, 4.6.2).
    const bool isFirst = !std::exchange(facts.finished[indexOf(from)], true);
    if (isFirst && keys.isTls13()) {
        directionOf(from).opener().advance();
        if (from == Peer::Server && facts.clientCertificate == ClientCertificate::Unknown)
            facts.clientCertificate = ClientCertificate::NotAsked;
    }
    keepCertificates();
}

void Session::State::keepCertificates() {
    CertificatePool& pool = options.certificates ? *options.certificates : ownPool;
    for (const Peer peer : {Peer::Client, Peer::Server}) {
        auto& message = certificatesOf(peer);
        if (!message) continue;
        (peer == Peer::Server ? facts.serverCertificates : facts.clientCertificates) = pool.share(std::move(*message));
        message.reset();
    }
}

} // namespace gatescope::tls
