// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/tls/session_facts.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::tls {

/// What the first octets of a UDP datagram say about QUIC (RFC 8999; RFC 9000, 17).
struct QuicHeader {
    bool isLong = false;
    std::uint32_t version = 0; ///< of a long header
    std::string destination;   ///< connection id, of a long header; at most 20 octets
    std::string source;
};
/// Nothing: it is no QUIC packet with a long header that we know.
std::optional<QuicHeader> parseQuicLongHeader(Bytes datagram);
/// `1`, `2`, `draft-29`, `Q046`, `negotiation`, ...; a number that is not known as `0x...`.
std::string quicVersionName(std::uint32_t version);

/// One QUIC connection as far as its Initial packets show it: their keys follow from the connection id of the first
/// one (RFC 9001, 5.2; RFC 9369), so the hellos can be read without any secret. Everything behind is not decoded, only
/// counted.
class QuicConnection {
public:
    static constexpr std::size_t kMaxHelloBytes = 64U << 10; ///< of CRYPTO data held to put a hello together
    QuicConnection();
    ~QuicConnection();

    /// One datagram, either way. `direction` as the caller numbers the ends; the one that sent the first Initial is
    /// the client.
    void feed(unsigned direction, Bytes datagram, const Place& place);
    /// Nothing follows.
    void close();

    std::optional<unsigned> clientDirection() const;
    std::uint32_t version() const;
    /// `overQuic` is set; steps are datagrams. `ended`: `complete` when both ends sent packets of 1-RTT, `no-answer`,
    /// `server-alert:NAME` and `client-alert:NAME` (CONNECTION_CLOSE of type 0x1c with a TLS alert in an Initial),
    /// `cut`, `began-before-capture`.
    const SessionFacts& facts() const;
    SessionFacts takeFacts();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace gatescope::tls
