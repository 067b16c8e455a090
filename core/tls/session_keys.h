// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/cipher_suite.h"
#include "core/tls/hello.h"
#include "core/tls/key_schedule.h"
#include "core/tls/record_opener.h"
#include "core/tls/secret_store.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::tls {

/// Why records of a session stay closed.
enum class ClosedReason : std::uint8_t {
    None,
    NoSecrets,
    EphemeralKeys, ///< there is a private key, and it does not help
    HandshakeOnly, ///< secrets of the handshake, none of what follows
    NoHandshake,
    UnknownCipher,
    OldTicket, ///< it resumes a session that was not captured
    Lost,
    DoesNotVerify
};

/// What the two hellos agreed, and the keys that follow from it and from the secrets at hand. A renegotiation makes
/// another.
class SessionKeys {
public:
    /// Of handshake messages kept for the extended master secret; real ones need some 5 KB.
    static constexpr std::size_t kMaxTranscript = 256U << 10;

    /// `usesLearned`: what sessions taught in an earlier reading of the same captures.
    SessionKeys(std::shared_ptr<SecretStore> secrets, std::uint64_t generation, bool usesLearned)
        : m_secrets(std::move(secrets)), m_generation(generation), m_usesLearned(usesLearned) {}

    void setGeneration(std::uint64_t generation) { m_generation = generation; }
    void onClientHello(ClientHello&& hello);
    void onServerHello(ServerHello&& hello);
    /// TLS 1.2 and older: messages up to and with ClientKeyExchange, for the extended master secret.
    void onMessage(Bytes whole);
    void onClientKeyExchange(Bytes body);
    void onTicket(std::string&& ticket) { m_newTicket = std::move(ticket); }
    /// The server went on without a certificate (TLS 1.2 and older).
    void setResumed() { m_resumed = true; }

    const std::optional<ClientHello>& client() const { return m_client; }
    const std::optional<ServerHello>& server() const { return m_server; }
    bool isTls13() const;
    std::uint16_t version() const { return m_server ? m_server->version : 0; }

    /// TLS 1.3: gives the openers the keys that are known. At the ClientHello: those of early data.
    void installEarly(RecordOpener& client);
    void installTls13(std::array<RecordOpener*, 2> byPeer);
    /// TLS 1.2 and older, at the first ChangeCipherSpec: the keys of that end; null: there are none.
    std::unique_ptr<RecordCipher> cipherOf(Peer peer);
    /// TLS 1.3: the keys after the KeyUpdate of that end.
    std::unique_ptr<RecordCipher> updated(Peer peer);

    /// Why there are no keys; None: there are.
    ClosedReason reason() const { return m_reason; }
    /// Id and ticket of a session that was resumed and whose secret is not known.
    const std::vector<std::string>& resumedFrom() const { return m_resumedFrom; }

private:
    std::unique_ptr<RecordCipher> make(const TrafficKeys& keys) const;
    std::unique_ptr<RecordCipher> fromSecret(SecretLabel label);
    bool findMaster();
    std::optional<SecretBytes> masterFromPremaster();
    std::optional<SecretBytes> masterOfParent();
    void learn(std::string_view idOrTicket);

    std::shared_ptr<SecretStore> m_secrets; ///< may be null
    std::uint64_t m_generation;
    bool m_usesLearned;
    std::vector<std::string> m_resumedFrom;
    std::optional<ClientHello> m_client;
    std::optional<ServerHello> m_server;
    std::optional<CipherSuite> m_suite;
    bool m_resumed = false;
    std::string m_newTicket;
    std::vector<std::uint8_t> m_transcript;
    SecretBytes m_premaster;
    SecretBytes m_premasterHash; ///< of the transcript up to ClientKeyExchange
    SecretBytes m_master;
    std::optional<std::array<TrafficKeys, 2>> m_block;
    std::array<SecretBytes, 2> m_traffic; ///< TLS 1.3: of the moment, by indexOf(Peer)
    ClosedReason m_reason = ClosedReason::NoHandshake;
};

} // namespace gatescope::tls
