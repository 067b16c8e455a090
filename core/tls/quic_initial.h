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
/// counted. The keys are kept until the hellos were read and Initial packets are over.
///
/// Versions of QUIC: 1, 2, drafts 22 to 34 and those of mvfst; of others only the version is known.
class QuicConnection {
public:
    static constexpr std::size_t kMaxHelloBytes = 64U << 10; ///< of CRYPTO data held to put a hello together
    /// Keys that are tried for packets that do not verify: a Retry, another version and a lost beginning take two.
    static constexpr unsigned kMaxKeyAttempts = 8;

    QuicConnection();
    ~QuicConnection();

    /// One datagram, either way. `direction` as the caller numbers the ends; 0 counts as the client as long as the
    /// packets do not tell.
    void feed(unsigned direction, Bytes datagram, const Place& place);
    /// Whether this datagram is of another connection between the same ends, which comes after this one (a port that is
    /// used again): an Initial to a connection id that nobody here has, when this one's handshake is over.
    bool isOfAnother(Bytes datagram) const;
    /// Nothing follows. `captureEnded`: because the capture does; else both ends were silent for long.
    void close(bool captureEnded);

    /// Known by an Initial that the client's keys open, and by packets that only one end may send.
    std::optional<unsigned> clientDirection() const;
    /// The last one seen in use; 0: none was.
    std::uint32_t version() const;
    /// `overQuic` is set; steps are datagrams, whose `recordType` is the QuicPacketType of their first packet. Of
    /// 1-RTT, datagrams of one end that follow each other are one step. `recordsDecrypted` and its like count packets.
    /// `ended`, once closed:
    ///
    /// - `complete`, `resumed`: both ends sent packets of 1-RTT.
    /// - `client-alert:NAME`, `server-alert:NAME`: CONNECTION_CLOSE with an alert of TLS, in an Initial. Later ones are
    ///   encrypted.
    /// - `client-closed-after-X`, `server-closed-after-X`: CONNECTION_CLOSE for another reason, in an Initial.
    /// - `no-answer`: the server sent nothing.
    /// - `no-common-version`: it answered with other versions, and the client tried none of them.
    /// - `stopped-after-X`: nothing followed, although the capture went on; what was said last is encrypted.
    /// - `began-before-capture`: there was no Initial.
    /// - `cut`: the capture ended first.
    ///
    /// X: `client-hello`, `server-hello`, `server-flight`.
    const SessionFacts& facts() const;
    SessionFacts takeFacts();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace gatescope::tls
