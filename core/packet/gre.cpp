// SPDX-License-Identifier: Apache-2.0
#include "core/packet/gre.h"

namespace gatescope::packet {

namespace {

// The first 16 bits of the header.
constexpr std::uint16_t kHasChecksum = 0x8000;
constexpr std::uint16_t kHasRouting = 0x4000;
constexpr std::uint16_t kHasKey = 0x2000;
constexpr std::uint16_t kHasSequence = 0x1000;
constexpr std::uint16_t kHasAcknowledgement = 0x0080; // version 1 only
constexpr std::uint16_t kVersion = 0x0007;

// Protocols that are not EtherTypes of anything outside GRE.
constexpr std::uint16_t kErspan = 0x88be; // types I and II
constexpr std::uint16_t kErspanIII = 0x22eb;
constexpr std::uint16_t kWccp = 0x883e;

/// RFC 1701: source route entries, the last of which is empty.
std::expected<Layer, Outcome> skipRouting(Layer packet) {
    while (packet.has(4)) {
        const std::size_t length = packet.u8(3);
        const bool isLast = packet.u16(0) == 0 && length == 0;
        if (!packet.has(4 + length)) return std::unexpected(packet.lacks(4 + length));
        packet = packet.after(4 + length);
        if (isLast) return packet;
    }
    return std::unexpected(packet.lacks(4));
}

/// Type I has no header; type II has one of eight octets, and GRE then has a sequence number.
Unwrapped readErspan(Layer packet, bool hasSequence) {
    constexpr std::size_t kHeader = 8;
    if (!hasSequence) return Content{Encapsulation::Erspan, kEtherTransparent, packet};
    if (!packet.has(kHeader)) return std::unexpected(packet.lacks(kHeader));
    if (packet.u8(0) >> 4 != 1) return std::unexpected(Outcome::OtherTraffic);
    return Content{Encapsulation::Erspan, kEtherTransparent, packet.after(kHeader)};
}

Unwrapped readErspanIII(Layer packet) {
    constexpr std::size_t kHeader = 12;
    constexpr std::size_t kSubHeader = 8;
    if (!packet.has(kHeader)) return std::unexpected(packet.lacks(kHeader));
    if (packet.u8(0) >> 4 != 2) return std::unexpected(Outcome::OtherTraffic);
    const std::uint16_t flags = packet.u16(10);
    const std::size_t length = kHeader + ((flags & 1) != 0 ? kSubHeader : 0);
    if (!packet.has(length)) return std::unexpected(packet.lacks(length));
    switch (flags >> 10 & 0x1f) { // frame type
    case 0:
        return Content{Encapsulation::Erspan, kEtherTransparent, packet.after(length)};
    case 2:
        return Content{Encapsulation::Erspan, kEtherIpByVersion, packet.after(length)};
    default:
        return std::unexpected(Outcome::OtherTraffic);
    }
}

/// The redirect header of WCCP version 2 is there unless an IPv4 header follows at once.
Unwrapped readWccp(Layer packet, Encapsulation kind) {
    if (!packet.has(1)) return std::unexpected(packet.lacks(1));
    if (packet.u8(0) >> 4 == 4) return Content{kind, kEtherIpv4, packet};
    if (!packet.has(4)) return std::unexpected(packet.lacks(4));
    return Content{kind, kEtherIpv4, packet.after(4)};
}

/// RFC 2637, 4.1.
Unwrapped readVersion1(Layer packet, std::uint16_t flags) {
    if (packet.u16(2) != kEtherPpp || (flags & kHasKey) == 0) return std::unexpected(Outcome::OtherTraffic);
    if ((flags & kHasSequence) == 0) return std::unexpected(Outcome::OtherTraffic); // an acknowledgement only
    const std::size_t length = (flags & kHasAcknowledgement) != 0 ? 16 : 12;
    if (!packet.has(length)) return std::unexpected(packet.lacks(length));
    return Content{Encapsulation::PppInGre, kEtherPpp, packet.after(length)};
}

} // namespace

Unwrapped readGre(Layer packet, Encapsulation kind) {
    if (!packet.has(4)) return std::unexpected(packet.lacks(4));
    const std::uint16_t flags = packet.u16(0);
    const std::uint16_t protocol = packet.u16(2);
    if ((flags & kVersion) == 1) return readVersion1(packet, flags);
    if ((flags & kVersion) != 0) return std::unexpected(Outcome::OtherTraffic);
    std::size_t length = 4;
    if ((flags & (kHasChecksum | kHasRouting)) != 0) length += 4;
    if ((flags & kHasKey) != 0) length += 4;
    if ((flags & kHasSequence) != 0) length += 4;
    if (!packet.has(length)) return std::unexpected(packet.lacks(length));
    Layer inner = packet.after(length);
    if ((flags & kHasRouting) != 0) {
        const auto behind = skipRouting(inner);
        if (!behind) return std::unexpected(behind.error());
        inner = *behind;
    }
    switch (protocol) {
    case kErspan:
        return readErspan(inner, (flags & kHasSequence) != 0);
    case kErspanIII:
        return readErspanIII(inner);
    case kWccp:
        return readWccp(inner, kind);
    case kEtherIpv4:
    case kEtherIpv6:
    case kEtherTransparent:
    case kEtherMpls:
    case kEtherMplsUpstream:
    case kEtherPpp:
    case kEtherServiceHeader:
    case kEtherVlan:
    case kEtherQinQ:
        return Content{kind, protocol, inner};
    default:
        return std::unexpected(Outcome::OtherTraffic);
    }
}

} // namespace gatescope::packet
