// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/base/packet_ref.h"
#include "core/base/time.h"

#include <array>
#include <cstdint>

namespace gatescope::tls {

/// The packet that carried a piece.
struct Place {
    PacketRef packet = 0;
    TimeNs time = kNoTime;
};

enum class Peer : std::uint8_t { Client, Server };
constexpr Peer otherPeer(Peer peer) {
    return peer == Peer::Client ? Peer::Server : Peer::Client;
}
constexpr std::size_t indexOf(Peer peer) {
    return static_cast<std::size_t>(peer);
}

/// RFC 8446, 5.1 and RFC 6520.
enum class RecordType : std::uint8_t {
    ChangeCipherSpec = 20,
    Alert = 21,
    Handshake = 22,
    ApplicationData = 23,
    Heartbeat = 24
};

/// IANA, TLS HandshakeType. Values from the wire may be others.
enum class HandshakeType : std::uint8_t {
    HelloRequest = 0,
    ClientHello = 1,
    ServerHello = 2,
    NewSessionTicket = 4,
    EndOfEarlyData = 5,
    EncryptedExtensions = 8,
    Certificate = 11,
    ServerKeyExchange = 12,
    CertificateRequest = 13,
    ServerHelloDone = 14,
    CertificateVerify = 15,
    ClientKeyExchange = 16,
    Finished = 20,
    CertificateUrl = 21,
    CertificateStatus = 22,
    KeyUpdate = 24,
    CompressedCertificate = 25,
    NextProtocol = 67,
    MessageHash = 254,
    /// Ours, never on the wire: a handshake message that is encrypted, and whose type nobody can tell.
    Encrypted = 255
};

/// Versions as they are on the wire.
inline constexpr std::uint16_t kSsl3 = 0x0300;
inline constexpr std::uint16_t kTls10 = 0x0301;
inline constexpr std::uint16_t kTls11 = 0x0302;
inline constexpr std::uint16_t kTls12 = 0x0303;
inline constexpr std::uint16_t kTls13 = 0x0304;

/// Drafts of TLS 1.3 included.
constexpr bool isTls13(std::uint16_t version) {
    return version == kTls13 || (version >> 8) == 0x7f;
}

using Random = std::array<std::uint8_t, 32>;

/// RFC 8701: values that clients send to keep servers tolerant; no cipher, group, version or extension.
constexpr bool isGrease(std::uint16_t value) {
    return (value & 0x0f0f) == 0x0a0a && (value >> 8) == (value & 0xff);
}

} // namespace gatescope::tls
