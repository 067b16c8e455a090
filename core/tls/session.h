// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"
#include "core/tls/session_facts.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace gatescope::tls {

class CertificatePool;
class SecretStore;

/// Told what a session carries, once it can be read.
class SessionListener {
public:
    virtual ~SessionListener() = default;
    /// Before the first octet of application data: the protocol that was agreed (RFC 7301), empty where none was.
    virtual void onApplicationStart(std::string_view alpn) = 0;
    /// `data` is valid during the call only.
    virtual void onApplicationData(Peer from, Bytes data, const Place& place) = 0;
    /// So many octets of the content are lost; an estimate where padding may have been used.
    virtual void onApplicationGap(Peer from, std::uint64_t length, const Place& place) = 0;
    /// close_notify, or the connection's FIN.
    virtual void onApplicationEnd(Peer from, const Place& place) = 0;
    virtual void onFinding(Finding&& finding) = 0;
};

struct SessionOptions {
    bool middle = false;                          ///< the beginning of the connection was not captured
    std::shared_ptr<SecretStore> secrets;         ///< null: there are none
    std::uint64_t generation = ~std::uint64_t{0}; ///< SecretStore
    bool usesLearned = true;                      ///< what SecretStore::kLearnedGeneration is for
    std::optional<unsigned> client;               ///< its direction, by what TCP says; a ClientHello knows better
    CertificatePool* certificates = nullptr;      ///< lives longer; null: nothing is shared
};

/// Both directions of one TLS connection, SSL 3.0 to TLS 1.3 (RFC 8446, RFC 5246 and older): records, handshake,
/// decryption, and how it ended. Bytes may come in any split. Directions are numbered 0 and 1 by the caller; who is
/// the client the handshake tells.
class Session {
public:
    Session(SessionListener& listener, SessionOptions options);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void feed(unsigned direction, Bytes bytes, const Place& place);
    void gap(unsigned direction, std::uint64_t length, const Place& place);
    void fin(unsigned direction, const Place& place);
    void reset(unsigned direction, const Place& place);
    /// The connection is over. `captureEnded`: because the capture is, or it was too long silent.
    void close(bool captureEnded);

    /// Secrets up to that generation may be used from now on.
    void setGeneration(std::uint64_t generation);
    /// The direction of the client, as soon as it is known.
    std::optional<unsigned> clientDirection() const;
    /// What is known up to now; whole after `close`.
    const SessionFacts& facts() const;
    SessionFacts takeFacts();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace gatescope::tls
