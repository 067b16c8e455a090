// SPDX-License-Identifier: Apache-2.0
#include "core/tls/session_keys.h"

#include <utility>

namespace gatescope::tls {

namespace {

/// Suites of TLS 1.3 whose early secrets have that size (RFC 8446, B.4): which one was used the ServerHello tells, and
/// early data may come before it.
std::vector<std::uint16_t> earlySuites(std::size_t secretSize) {
    if (secretSize == 48) return {0x1302};
    return {0x1301, 0x1303, 0x1304, 0x1305};
}

} // namespace

bool SessionKeys::isTls13() const {
    return tls::isTls13(version());
}

void SessionKeys::onClientHello(ClientHello&& hello) {
    const bool isRetry = m_server && m_server->isRetryRequest;
    m_client = std::move(hello);
    m_server.reset();
    m_suite.reset();
    m_block.reset();
    m_master.clear();
    m_premaster.clear();
    m_newTicket.clear();
    m_resumed = false;
    m_reason = ClosedReason::NoHandshake;
    if (!isRetry) m_transcript.clear();
}

void SessionKeys::onServerHello(ServerHello&& hello) {
    m_server = std::move(hello);
    m_suite = findCipherSuite(m_server->cipherSuite);
}

void SessionKeys::onMessage(Bytes whole) {
    const bool isWanted = m_secrets && m_secrets->hasPrivateKeys() && m_premaster.empty();
    if (isWanted && m_transcript.size() + whole.size() <= kMaxTranscript)
        m_transcript.insert(m_transcript.end(), whole.begin(), whole.end());
}

void SessionKeys::onClientKeyExchange(Bytes body) {
    if (!m_secrets || !m_client || !m_suite || m_suite->keyExchange != KeyExchange::Rsa) return;
    // RFC 5246, 7.4.7.1: a vector; SSL 3.0 leaves its length out.
    Bytes encrypted = body;
    if (version() != kSsl3) {
        ByteReader reader(body);
        encrypted = reader.take(reader.u16());
        if (reader.failed()) return;
    }
    if (auto premaster = m_secrets->decryptPremaster(encrypted, m_client->legacyVersion)) {
        m_premaster = std::move(*premaster);
        if (m_server->extendedMasterSecret) m_premasterHash = transcriptHash(version(), *m_suite, m_transcript);
    }
    m_transcript = {};
}

std::unique_ptr<RecordCipher> SessionKeys::make(const TrafficKeys& keys) const {
    const bool encryptThenMac = m_server && m_server->encryptThenMac;
    return RecordCipher::create(isTls13() ? kTls13 : version(), *m_suite, keys, encryptThenMac);
}

std::unique_ptr<RecordCipher> SessionKeys::fromSecret(SecretLabel label) {
    const auto secret = m_secrets->find(label, m_client->random, m_generation);
    return secret ? make(trafficKeys(*m_suite, *secret)) : nullptr;
}

void SessionKeys::installEarly(RecordOpener& client) {
    if (!m_secrets || !m_client || !m_client->offersEarlyData) return;
    const auto secret = m_secrets->find(SecretLabel::ClientEarlyTraffic, m_client->random, m_generation);
    if (!secret) return;
    for (const std::uint16_t id : earlySuites(secret->size())) {
        const auto suite = findCipherSuite(id);
        if (suite) client.expect(RecordCipher::create(kTls13, *suite, trafficKeys(*suite, *secret), false));
    }
}

void SessionKeys::installTls13(std::array<RecordOpener*, 2> byPeer) {
    if (!m_suite) {
        m_reason = ClosedReason::UnknownCipher;
        return;
    }
    m_reason = ClosedReason::NoSecrets;
    if (!m_secrets || !m_client) return;
    constexpr std::array kHandshake{SecretLabel::ClientHandshakeTraffic, SecretLabel::ServerHandshakeTraffic};
    constexpr std::array kTraffic{SecretLabel::ClientTraffic, SecretLabel::ServerTraffic};
    unsigned handshake = 0;
    unsigned traffic = 0;
    for (const Peer peer : {Peer::Client, Peer::Server}) {
        if (auto cipher = fromSecret(kHandshake[indexOf(peer)])) {
            ++handshake;
            byPeer[indexOf(peer)]->expect(std::move(cipher));
        }
        if (auto secret = m_secrets->find(kTraffic[indexOf(peer)], m_client->random, m_generation)) {
            ++traffic;
            byPeer[indexOf(peer)]->expect(make(trafficKeys(*m_suite, *secret)));
            m_traffic[indexOf(peer)] = std::move(*secret);
        }
    }
    if (traffic == 2)
        m_reason = ClosedReason::None;
    else if (handshake != 0)
        m_reason = ClosedReason::HandshakeOnly;
}

std::unique_ptr<RecordCipher> SessionKeys::updated(Peer peer) {
    SecretBytes& secret = m_traffic[indexOf(peer)];
    if (secret.empty() || !m_suite) return nullptr;
    secret = nextTrafficSecret(*m_suite, secret);
    return make(trafficKeys(*m_suite, secret));
}

std::optional<SecretBytes> SessionKeys::masterFromPremaster() {
    if (m_premaster.empty()) return std::nullopt;
    if (m_server->extendedMasterSecret) return extendedMasterSecret(version(), *m_suite, m_premaster, m_premasterHash);
    return masterSecret(version(), *m_suite, m_premaster, m_client->random, m_server->random);
}

bool SessionKeys::findMaster() {
    auto master = m_secrets->find(SecretLabel::ClientRandom, m_client->random, m_generation);
    if (!master) master = masterFromPremaster();
    if (!master) master = masterOfParent();
    if (!master) {
        m_reason = ClosedReason::NoSecrets;
        if (m_secrets->hasPrivateKeys())
            m_reason = m_resumed                                  ? ClosedReason::OldTicket
                       : m_suite->keyExchange != KeyExchange::Rsa ? ClosedReason::EphemeralKeys
                                                                  : ClosedReason::NoSecrets;
        return false;
    }
    m_master = std::move(*master);
    m_reason = ClosedReason::None;
    m_resumedFrom.clear();
    if (!m_server->sessionId.empty()) learn(m_server->sessionId);
    return true;
}

std::optional<SecretBytes> SessionKeys::masterOfParent() {
    if (!m_server->sessionId.empty()) m_resumedFrom.push_back(m_server->sessionId);
    if (m_resumed && !m_client->ticket.empty()) m_resumedFrom.push_back(m_client->ticket);
    const bool useAll = m_usesLearned || m_secrets->hasPrivateKeys();
    for (const std::string& idOrTicket : m_resumedFrom)
        if (auto master = m_secrets->findSession(idOrTicket, useAll ? SecretStore::kAnyGeneration : m_generation))
            return master;
    if (!m_resumed) m_resumedFrom.clear();
    return std::nullopt;
}

void SessionKeys::learn(std::string_view idOrTicket) {
    // With a private key one worker reads all connections in their order, so that it may be used at once.
    m_secrets->addSession(idOrTicket, m_master,
                          m_secrets->hasPrivateKeys() ? m_generation : SecretStore::kLearnedGeneration);
}

std::unique_ptr<RecordCipher> SessionKeys::cipherOf(Peer peer) {
    if (!m_client || !m_server) {
        m_reason = ClosedReason::NoHandshake;
        return nullptr;
    }
    if (!m_suite) {
        m_reason = ClosedReason::UnknownCipher;
        return nullptr;
    }
    if (!m_secrets) {
        m_reason = ClosedReason::NoSecrets;
        return nullptr;
    }
    if (m_master.empty() && !findMaster()) return nullptr;
    // A ticket comes right before the server's ChangeCipherSpec, after that of the client.
    if (!m_newTicket.empty()) learn(std::exchange(m_newTicket, {}));
    if (!m_block) m_block = keyBlock(version(), *m_suite, m_master, m_client->random, m_server->random);
    auto cipher = make((*m_block)[indexOf(peer)]);
    if (!cipher) m_reason = ClosedReason::UnknownCipher;
    return cipher;
}

} // namespace gatescope::tls
