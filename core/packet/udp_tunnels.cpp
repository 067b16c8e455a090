// SPDX-License-Identifier: Apache-2.0
#include "core/packet/udp_tunnels.h"

#include "core/packet/gre.h"

#include <algorithm>

namespace gatescope::packet {

namespace {

// IANA port numbers; 8472 is what Linux used before there was one.
constexpr std::uint16_t kPortL2tp = 1701;
constexpr std::uint16_t kPortGtpU = 2152;
constexpr std::uint16_t kPortTeredo = 3544;
constexpr std::uint16_t kPortIpsec = 4500;
constexpr std::uint16_t kPortGreInUdp = 4754;
constexpr std::uint16_t kPortVxlan = 4789;
constexpr std::uint16_t kPortVxlanGpe = 4790;
constexpr std::uint16_t kPortGeneve = 6081;
constexpr std::uint16_t kPortVxlanOfLinux = 8472;

constexpr auto other() {
    return std::unexpected(Outcome::OtherTraffic);
}

// RFC 7348, 5, and draft-smith-vxlan-group-policy. The receiver is to ignore reserved bits; here they also tell VXLAN
// from something else, so they may only be set where an Ethernet frame plainly follows.
Unwrapped readVxlan(Layer packet) {
    constexpr std::size_t kHeader = 8;
    constexpr std::uint8_t kHasNetwork = 0x08;
    if (!packet.has(kHeader)) return packet.wire() < kHeader ? other() : std::unexpected(Outcome::Truncated);
    if ((packet.u8(0) & kHasNetwork) == 0) return other();
    const Layer inner = packet.after(kHeader);
    const bool isPlain = packet.u32(0) == 0x08000000 && packet.u8(7) == 0;
    if (!isPlain && !looksLikeEthernet(inner)) return other();
    return Content{Encapsulation::Vxlan, kEtherTransparent, inner};
}

// draft-ietf-nvo3-vxlan-gpe, 3.
Unwrapped readVxlanGpe(Layer packet) {
    constexpr std::size_t kHeader = 8;
    constexpr std::uint8_t kHasProtocol = 0x04;
    if (!packet.has(kHeader)) return packet.wire() < kHeader ? other() : std::unexpected(Outcome::Truncated);
    // Version 0, reserved bits clear, and not for operations.
    if ((packet.u8(0) & 0xf1) != 0 || packet.u16(1) != 0) return other();
    if ((packet.u8(0) & kHasProtocol) == 0) return readVxlan(packet);
    const Layer inner = packet.after(kHeader);
    switch (packet.u8(3)) {
    case 1:
        return Content{Encapsulation::VxlanGpe, kEtherIpv4, inner};
    case 2:
        return Content{Encapsulation::VxlanGpe, kEtherIpv6, inner};
    case 3:
        return Content{Encapsulation::VxlanGpe, kEtherTransparent, inner};
    case 4:
        return Content{Encapsulation::VxlanGpe, kEtherServiceHeader, inner};
    case 5:
        return Content{Encapsulation::VxlanGpe, kEtherMpls, inner};
    default:
        return other();
    }
}

// RFC 8926, 3.4.
Unwrapped readGeneve(Layer packet) {
    constexpr std::size_t kHeader = 8;
    if (!packet.has(kHeader)) return packet.wire() < kHeader ? other() : std::unexpected(Outcome::Truncated);
    const std::size_t length = kHeader + (packet.u8(0) & 0x3fU) * 4U;
    const std::uint16_t protocol = packet.u16(2);
    const bool isKnown = protocol == kEtherTransparent || protocol == kEtherIpv4 || protocol == kEtherIpv6 ||
                         protocol == kEtherMpls || protocol == kEtherServiceHeader;
    if (packet.u8(0) >> 6 != 0 || !isKnown) return other();
    if (!packet.has(length)) return std::unexpected(packet.lacks(length));
    return Content{Encapsulation::Geneve, protocol, packet.after(length)};
}

// TS 29.281, 5.1 and 5.2: version 1, protocol type GTP; only G-PDU carries a user's packet.
Unwrapped readGtpU(Layer packet) {
    constexpr std::uint8_t kUserPacket = 255;
    constexpr std::uint8_t kHasExtension = 0x04;
    if (!packet.has(8)) return packet.wire() < 8 ? other() : std::unexpected(Outcome::Truncated);
    const std::uint8_t flags = packet.u8(0);
    if ((flags & 0xf8) != 0x30 || packet.u8(1) != kUserPacket || packet.u16(2) > packet.wire() - 8) return other();
    Layer inner = packet.after(8);
    if ((flags & 0x07) != 0) { // any of the three brings all of the optional fields
        if (!inner.has(4)) return std::unexpected(inner.lacks(4));
        std::uint8_t next = (flags & kHasExtension) != 0 ? inner.u8(3) : 0;
        inner = inner.after(4);
        while (next != 0) {
            if (!inner.has(1)) return std::unexpected(inner.lacks(1));
            const std::size_t length = inner.u8(0) * 4U;
            if (length == 0) return std::unexpected(Outcome::Malformed);
            if (!inner.has(length)) return std::unexpected(inner.lacks(length));
            next = inner.u8(length - 1);
            inner = inner.after(length);
        }
    }
    if (!inner.has(1)) return std::unexpected(inner.lacks(1));
    const unsigned version = inner.u8(0) >> 4;
    if (version == 4 || version == 6) return Content{Encapsulation::GtpU, kEtherIpByVersion, inner};
    // 5G sessions may carry Ethernet; the header does not say so.
    if (!inner.has(15) && inner.wire() >= 15) return std::unexpected(Outcome::Truncated);
    return looksLikeEthernet(inner) ? Unwrapped(Content{Encapsulation::GtpU, kEtherTransparent, inner}) : other();
}

// RFC 4380, 5.1.1: authentication, then origin indication, both optional, then IPv6.
Unwrapped readTeredo(Layer packet) {
    constexpr std::uint16_t kAuthentication = 1;
    constexpr std::uint16_t kOrigin = 0;
    constexpr std::size_t kIpv6Header = 40;
    const auto lacks = [](Layer at, std::size_t octets) {
        return at.wire() < octets ? other() : std::unexpected(Outcome::Truncated);
    };
    if (!packet.has(2)) return lacks(packet, 2);
    if (packet.u16(0) == kAuthentication) {
        if (!packet.has(4)) return lacks(packet, 4);
        const std::size_t length = 13U + packet.u8(2) + packet.u8(3); // with nonce and confirmation
        if (!packet.has(length)) return lacks(packet, length);
        packet = packet.after(length);
        if (!packet.has(2)) return lacks(packet, 2);
    }
    if (packet.u16(0) == kOrigin) {
        if (!packet.has(8)) return lacks(packet, 8);
        packet = packet.after(8);
    }
    if (!packet.has(6)) return lacks(packet, 6);
    if (packet.u8(0) >> 4 != 6 || packet.wire() < kIpv6Header + packet.u16(4)) return other();
    return Content{Encapsulation::Teredo, kEtherIpv6, packet};
}

// RFC 2661, 3.1: data messages.
Unwrapped readL2tp(Layer packet) {
    constexpr std::uint16_t kIsControl = 0x8000;
    constexpr std::uint16_t kHasLength = 0x4000;
    constexpr std::uint16_t kHasSequence = 0x0800;
    constexpr std::uint16_t kHasOffset = 0x0200;
    constexpr std::uint16_t kReserved = 0x34f0;
    if (!packet.has(6)) return packet.wire() < 6 ? other() : std::unexpected(Outcome::Truncated);
    const std::uint16_t flags = packet.u16(0);
    if ((flags & 0x0f) == 3) return Content{Encapsulation::L2tpV3, 0, packet}; // RFC 3931, 4.1.2
    if ((flags & 0x0f) != 2 || (flags & (kIsControl | kReserved)) != 0) return other();
    std::size_t length = 6;
    if ((flags & kHasLength) != 0) length += 2;
    if ((flags & kHasSequence) != 0) length += 4;
    if ((flags & kHasOffset) != 0) {
        if (!packet.has(length + 2)) return std::unexpected(packet.lacks(length + 2));
        length += 2U + packet.u16(length);
    }
    if (!packet.has(length)) return std::unexpected(packet.lacks(length));
    return Content{Encapsulation::L2tp, kEtherPpp, packet.after(length)};
}

// RFC 3948, 2: keep-alives are one octet, key exchange begins with four zeros, the rest is ESP.
Unwrapped readIpsec(Layer packet) {
    if (!packet.has(4) || packet.u32(0) == 0) return other();
    return Content{Encapsulation::Esp, 0, packet};
}

bool isVxlanPort(std::uint16_t port, std::span<const std::uint16_t> more) {
    return port == kPortVxlan || port == kPortVxlanOfLinux || std::find(more.begin(), more.end(), port) != more.end();
}

using Reader = Unwrapped (*)(Layer);

Unwrapped readGreInUdp(Layer packet) {
    constexpr std::uint16_t kMustBeZero = 0x4fff; // RFC 8086, 5: all but the bits of checksum, key and sequence number
    if (packet.has(2) && (packet.u16(0) & kMustBeZero) != 0) return other();
    return readGre(packet, Encapsulation::GreInUdp);
}

Reader readerFor(UdpPorts ports, std::span<const std::uint16_t> vxlanPorts) {
    switch (ports.destination) {
    case kPortVxlanGpe:
        return readVxlanGpe;
    case kPortGeneve:
        return readGeneve;
    case kPortGtpU:
        return readGtpU;
    case kPortGreInUdp:
        return readGreInUdp;
    default:
        break;
    }
    if (isVxlanPort(ports.destination, vxlanPorts)) return readVxlan;
    // In these the well-known port is the server's, so answers come from it.
    for (const std::uint16_t port : {ports.destination, ports.source}) {
        if (port == kPortTeredo) return readTeredo;
        if (port == kPortL2tp) return readL2tp;
        if (port == kPortIpsec) return readIpsec;
    }
    return nullptr;
}

} // namespace

bool mayBeTunnel(UdpPorts ports, std::span<const std::uint16_t> vxlanPorts) {
    const Reader reader = readerFor(ports, vxlanPorts);
    return reader != nullptr && reader != readIpsec; // encrypted anyway
}

Unwrapped readUdpTunnel(UdpPorts ports, Layer payload, std::span<const std::uint16_t> vxlanPorts) {
    if (const Reader read = readerFor(ports, vxlanPorts)) return read(payload);
    return other();
}

} // namespace gatescope::packet
