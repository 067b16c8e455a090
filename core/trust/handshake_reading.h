// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/session_facts.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace gatescope::trust {

// What the records of a session were, as far as somebody without keys can say: from their types, and in TLS 1.3 from
// their sizes alone (RFC 8446, 5.2: an encrypted record is its content, one octet of type, padding, and a tag of 16).

/// A record's, or a close's, part in the handshake.
enum class Act : std::uint8_t {
    ClientHello,
    RetryRequest,
    ServerHello,
    Handshake, ///< any other message, or one that cannot be told
    CertificateRequest,
    EmptyCertificate, ///< the client has none to show
    Certificate,      ///< of the client
    Finished,
    Ticket,
    Alert,
    Data,    ///< of the server in TLS 1.3 without keys: anything behind its handshake, tickets too
    Strange, ///< of a size that fits nothing: padded in an unusual way, or merged
    ChangeCipherSpec,
    Fin,
    Reset,
    Gap,
    NotTls
};

struct Event {
    Act act = Act::Handshake;
    tls::Peer from = tls::Peer::Client;
    std::optional<std::uint8_t> alert; ///< Alert: which one, where it can be read
    bool warning = false;              ///< Alert: readable, and the sender goes on
    bool inClear = true;               ///< nothing about it was encrypted
    std::uint32_t length = 0;          ///< of the record
    std::uint32_t count = 1;
    PacketRef packet = 0;
    TimeNs time = kNoTime;
};

struct HandshakeReading {
    std::vector<Event> events; ///< in the order of the wire
    bool tls13 = false;
    bool flightSeen = false;        ///< the server's flight up to its end, with a certificate in it
    bool earlyDataInTheWay = false; ///< early data that was refused hides where the client's Finished is
};

HandshakeReading readHandshake(const tls::SessionFacts& facts);

/// Length of an encrypted record of TLS 1.3 that holds a Finished: 53 or 69.
std::uint32_t finishedRecordLength(std::uint16_t cipherSuite);
/// JSSE (Java) adds so many octets of padding to encrypted alerts and handshake messages.
inline constexpr std::uint32_t kJssePadding = 16;
/// One octet of inner type and the tag.
inline constexpr std::uint32_t kSealing = 17;

/// The server's encrypted records of TLS 1.3 from its hello to the client's answer.
struct ServerFlight {
    std::vector<std::uint32_t> lengths;
    bool lost = false; ///< octets of it were never captured
    /// Position of the Finished that has a record of its own; then each message before it has one too.
    std::optional<std::size_t> finished;
    std::uint32_t padding = 0; ///< kJssePadding where the Finished shows it
};
ServerFlight serverFlight(const tls::SessionFacts& facts);

/// The middle part of a JA4, which tells the client's stack; empty: none.
std::string_view middleOf(std::string_view ja4);

} // namespace gatescope::trust
