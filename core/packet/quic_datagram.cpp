// SPDX-License-Identifier: Apache-2.0
#include "core/packet/quic_datagram.h"

namespace gatescope::packet {

namespace {

constexpr std::uint8_t kLongForm = 0x80;
constexpr std::uint8_t kFixedBit = 0x40;
/// RFC 9000, 17.2: of the versions that are in use.
constexpr std::uint8_t kMaxConnectionId = 20;
constexpr std::size_t kVersionEnd = 5;
/// RFC 9000, 10.3: nothing shorter can be a packet.
constexpr std::uint32_t kLeastShortPacket = 21;

constexpr bool isDigit(std::uint32_t octet) {
    return octet >= '0' && octet <= '9';
}

/// Registered versions, IETF drafts, reserved ones (RFC 9000, 15), Facebook's and Google's.
constexpr bool isKnownVersion(std::uint32_t version) {
    if (version == 1 || version == 0x6b3343cf || version == 0x709a50c4) return true;
    if ((version & 0xffffff00) == 0xff000000 && (version & 0xff) != 0) return true;
    if ((version & 0xfffffff0) == 0xfaceb000) return true;
    if ((version & 0x0f0f0f0f) == 0x0a0a0a0a) return true;
    const std::uint32_t letter = version >> 24;
    return (letter == 'Q' || letter == 'T') && isDigit(version >> 16 & 0xff) && isDigit(version >> 8 & 0xff) &&
           isDigit(version & 0xff);
}

/// Octets up to the end of both connection ids; 0: no packet has that.
std::uint32_t endOfConnectionIds(Layer payload) {
    std::uint32_t at = kVersionEnd;
    for (int id = 0; id < 2; ++id) {
        if (at >= payload.wire()) return 0;
        if (!payload.has(at + 1)) return at; // cut by the snap length: what is there fits
        const std::uint8_t length = payload.u8(at);
        if (length > kMaxConnectionId) return 0;
        at += 1U + length;
    }
    return at <= payload.wire() ? at : 0;
}

/// Google's Q046: one octet holds the lengths of both, each 0 or 8 (code 5).
bool hasOldLengths(Layer payload) {
    if (!payload.has(kVersionEnd + 1)) return payload.wire() > kVersionEnd;
    const std::uint8_t lengths = payload.u8(kVersionEnd);
    return lengths == 0x50 || lengths == 0x05 || lengths == 0x55;
}

// RFC 9000, 17.2.1: a list of versions, which must make sense, because version 0 alone is no sign of anything.
bool isNegotiation(Layer payload) {
    const std::uint32_t end = endOfConnectionIds(payload);
    if (end == 0 || end == payload.wire() || (payload.wire() - end) % 4 != 0) return false;
    if (!payload.has(end + 4)) return false;
    for (std::uint32_t at = end; payload.has(at + 4); at += 4)
        if (!isKnownVersion(payload.u32(at))) return false;
    return true;
}

bool isLongHeader(UdpPorts ports, Layer payload) {
    const std::uint32_t version = payload.u32(1);
    if (version == 0) return isNegotiation(payload);
    if ((payload.u8(0) & kFixedBit) == 0) return false;
    constexpr std::uint32_t kQ046 = 0x51303436;
    if (version == kQ046) return hasOldLengths(payload);
    if (!isKnownVersion(version) && !isQuicPort(ports)) return false;
    return endOfConnectionIds(payload) != 0;
}

} // namespace

bool isQuicPort(UdpPorts ports) {
    for (const std::uint16_t port : {ports.destination, ports.source}) {
        switch (port) {
        case 443:
        case 784: // DNS in the drafts of RFC 9250
        case 853:
        case 4433:
        case 8443:
            return true;
        default:
            break;
        }
    }
    return false;
}

QuicForm quicFormOf(UdpPorts ports, Layer payload) {
    if (!payload.has(kVersionEnd)) return QuicForm::None;
    const std::uint8_t first = payload.u8(0);
    if ((first & kLongForm) != 0) return isLongHeader(ports, payload) ? QuicForm::Long : QuicForm::None;
    const bool couldBe = (first & kFixedBit) != 0 && payload.wire() >= kLeastShortPacket;
    return couldBe ? QuicForm::Short : QuicForm::None;
}

} // namespace gatescope::packet
