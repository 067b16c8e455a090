// SPDX-License-Identifier: Apache-2.0
#include "core/packet/link_layer.h"

#include "core/capture/packet.h"
#include "core/packet/encapsulations.h"

namespace gatescope::packet {

namespace {

/// LINKTYPE_ values beside those of capture/packet.h.
enum : std::uint16_t {
    kLinkPpp = 9,
    kLinkPppHdlc = 50,
    kLinkPppEther = 51,
    kLinkAtmRfc1483 = 100,
    kLinkCiscoHdlc = 104,
    kLinkEnc = 109,
    kLinkPflog = 117,
    kLinkAppleIpOverIeee1394 = 138,
    kLinkPppPppd = 166,
    kLinkPppWithDirection = 204,
    kLinkCiscoHdlcWithDirection = 205,
    kLinkMpls = 219,
    kLinkNflog = 239,
    kLinkNetAnalyzer = 240,
    kLinkPktap = 258
};

/// A header of fixed length with the EtherType at a fixed place.
Unwrapped readFixed(Layer packet, std::size_t length, std::size_t typeAt) {
    if (!packet.has(length)) return std::unexpected(Outcome::Truncated);
    return Content{Encapsulation::None, packet.u16(typeAt), packet.after(length)};
}
/// A header of fixed length before something that is known.
Unwrapped skip(Layer packet, std::size_t length, std::uint16_t etherType) {
    if (!packet.has(length)) return std::unexpected(Outcome::Truncated);
    return Content{Encapsulation::None, etherType, packet.after(length)};
}

/// Cisco HDLC (RFC 1547, 4.3.1): address, control, EtherType.
Unwrapped readCiscoHdlc(Layer packet) {
    return readFixed(packet, 4, 2);
}

/// PPP in HDLC-like framing, or Cisco HDLC, told apart by the address (LINKTYPE_PPP_HDLC).
Unwrapped readPppHdlc(Layer packet) {
    if (packet.has(1) && (packet.u8(0) == 0x0f || packet.u8(0) == 0x8f)) return readCiscoHdlc(packet);
    return readPpp(packet);
}

/// LINKTYPE_PPP_PPPD: the address octet is replaced by the direction; the control octet stays.
Unwrapped readPppOfPppd(Layer packet) {
    if (!packet.has(2)) return std::unexpected(Outcome::Truncated);
    return readPpp(packet.after(packet.u8(1) == 0x03 ? 2 : 1));
}

Unwrapped readAfterDirection(Layer packet, Unwrapped (*read)(Layer)) {
    if (!packet.has(1)) return std::unexpected(Outcome::Truncated);
    return read(packet.after(1));
}

/// LINKTYPE_PFLOG: the header's length, without its padding to four octets, is its first octet.
Unwrapped readPflog(Layer packet) {
    if (!packet.has(1)) return std::unexpected(Outcome::Truncated);
    const std::size_t length = (packet.u8(0) + 3U) & ~3U;
    if (length < 4) return std::unexpected(Outcome::Malformed);
    return skip(packet, length, kEtherIpByVersion);
}

/// LINKTYPE_NFLOG: family, version, resource, then attributes in the byte order of the machine that captured; one of
/// them is the packet, which begins with the IP header.
Unwrapped readNflog(Layer packet) {
    constexpr std::uint16_t kPayload = 9; // NFULA_PAYLOAD
    constexpr std::uint32_t kHead = 4;
    if (!packet.has(kHead)) return std::unexpected(Outcome::Truncated);
    Layer rest = packet.after(kHead);
    while (rest.has(4)) {
        std::uint32_t length = loadLittleEndian<std::uint16_t>(rest.data());
        std::uint16_t type = loadLittleEndian<std::uint16_t>(rest.data() + 2);
        // The types are small numbers, so the wrong order shows.
        if ((type & 0x7fff) > 0xff) {
            length = rest.u16(0);
            type = rest.u16(2);
        }
        if (length < kHead) return std::unexpected(Outcome::Malformed);
        if ((type & 0x7fff) == kPayload)
            return Content{Encapsulation::None, kEtherIpByVersion, rest.after(kHead).ofLength(length - kHead)};
        const std::uint32_t padded = (length + 3U) & ~3U;
        if (!rest.has(padded))
            return std::unexpected(rest.wire() > padded ? Outcome::Truncated : Outcome::OtherTraffic);
        rest = rest.after(padded);
    }
    return std::unexpected(rest.wire() > rest.size() ? Outcome::Truncated : Outcome::OtherTraffic);
}

/// LINKTYPE_PKTAP, of macOS: the header's length, then the link type of what follows, little-endian.
Unwrapped readPktap(Layer packet) {
    constexpr std::uint32_t kDltRaw = 12; // a DLT_ value, not a LINKTYPE_ one; the others that occur are the same
    if (!packet.has(12)) return std::unexpected(Outcome::Truncated);
    const auto length = loadLittleEndian<std::uint32_t>(packet.data());
    const auto inner = loadLittleEndian<std::uint32_t>(packet.data() + 8);
    if (length < 12) return std::unexpected(Outcome::Malformed);
    if (!packet.has(length)) return std::unexpected(packet.lacks(length));
    if (inner == capture::kLinkEthernet) return Content{Encapsulation::None, kEtherTransparent, packet.after(length)};
    if (inner == kDltRaw) return Content{Encapsulation::None, kEtherIpByVersion, packet.after(length)};
    if (inner == capture::kLinkNull) return skip(packet.after(length), 4, kEtherIpByVersion);
    return std::unexpected(Outcome::UnknownLink);
}

} // namespace

Unwrapped readLinkLayer(std::uint16_t linkType, Layer packet) {
    switch (linkType) {
    case capture::kLinkEthernet:
        return Content{Encapsulation::None, kEtherTransparent, packet};
    case capture::kLinkLinuxSll:
        return readFixed(packet, 16, 14);
    case capture::kLinkLinuxSll2:
        return readFixed(packet, 20, 0);
    case capture::kLinkNull:
    case capture::kLinkLoop:
        // The family number differs between systems and is in either byte order; the IP version says the same.
        return skip(packet, 4, kEtherIpByVersion);
    case capture::kLinkRaw:
    case capture::kLinkRawOld1:
    case capture::kLinkRawOld2:
    case capture::kLinkIpv4:
    case capture::kLinkIpv6:
        return Content{Encapsulation::None, kEtherIpByVersion, packet};
    case kLinkPpp:
    case kLinkPppHdlc:
        return readPppHdlc(packet);
    case kLinkPppEther:
        return readPppoe(packet);
    case kLinkPppPppd:
        return readPppOfPppd(packet);
    case kLinkPppWithDirection:
        return readAfterDirection(packet, readPpp);
    case kLinkCiscoHdlc:
        return readCiscoHdlc(packet);
    case kLinkCiscoHdlcWithDirection:
        return readAfterDirection(packet, readCiscoHdlc);
    case kLinkAtmRfc1483:
        return Content{Encapsulation::None, 0, packet}; // LLC, as behind an Ethernet length field
    case kLinkAppleIpOverIeee1394:
        return readFixed(packet, 18, 16);
    case kLinkEnc:
        return skip(packet, 12, kEtherIpByVersion);
    case kLinkPflog:
        return readPflog(packet);
    case kLinkMpls:
        return Content{Encapsulation::None, kEtherMpls, packet};
    case kLinkNflog:
        return readNflog(packet);
    case kLinkNetAnalyzer:
        return skip(packet, 4, kEtherTransparent);
    case kLinkPktap:
        return readPktap(packet);
    default:
        return std::unexpected(Outcome::UnknownLink);
    }
}

} // namespace gatescope::packet
