// SPDX-License-Identifier: Apache-2.0
#include "core/packet/encapsulations.h"

namespace gatescope::packet {

bool looksLikeEthernet(Layer frame) {
    if (!frame.has(15)) return false;
    const unsigned version = frame.u8(14) >> 4;
    switch (frame.u16(12)) {
    case kEtherIpv4:
        return version == 4;
    case kEtherIpv6:
        return version == 6;
    case kEtherArp:
    case kEtherVlan:
    case kEtherQinQ:
    case kEtherMpls:
    case kEtherPppoeSession:
        return true;
    default:
        return false;
    }
}

Unwrapped readPpp(Layer packet) {
    if (!packet.has(2)) return std::unexpected(packet.lacks(2));
    if (packet.u8(0) == 0xff && packet.u8(1) == 0x03) packet = packet.after(2);
    if (!packet.has(2)) return std::unexpected(packet.lacks(2));
    const bool isCompressed = (packet.u8(0) & 1) != 0; // RFC 1661, 2: the low octet is odd, the high one even
    const std::uint16_t protocol = isCompressed ? packet.u8(0) : packet.u16(0);
    const Layer inner = packet.after(isCompressed ? 1 : 2);
    switch (protocol) { // IANA, PPP numbers
    case 0x0021:
        return Content{Encapsulation::None, kEtherIpv4, inner};
    case 0x0057:
        return Content{Encapsulation::None, kEtherIpv6, inner};
    case 0x0281:
    case 0x0283:
        return Content{Encapsulation::None, kEtherMpls, inner};
    case 0x003d:
        return Content{Encapsulation::PppMultilink, 0, inner};
    case 0x0053:
    case 0x0055:
        return Content{Encapsulation::PppEncryption, 0, inner};
    case 0x00fb:
    case 0x00fd:
        return Content{Encapsulation::PppCompression, 0, inner};
    default:
        return std::unexpected(Outcome::OtherTraffic);
    }
}

Unwrapped readPppoe(Layer packet) {
    constexpr std::size_t kHeader = 6;
    if (!packet.has(kHeader)) return std::unexpected(packet.lacks(kHeader));
    // Version and type 1; the code of a session packet is 0.
    if (packet.u8(0) != 0x11 || packet.u8(1) != 0) return std::unexpected(Outcome::OtherTraffic);
    return Content{Encapsulation::Pppoe, kEtherPpp, packet.after(kHeader)};
}

namespace {

/// What stands below the last label of a stack that does not say so.
Unwrapped readPseudowire(Layer packet, Encapsulation kind) {
    constexpr std::size_t kControlWord = 4;
    constexpr std::size_t kToTellApart = kControlWord + 15;
    if (!packet.has(kToTellApart) && packet.wire() >= kToTellApart) return std::unexpected(Outcome::Truncated);
    const bool beginsLikeControlWord = packet.has(kToTellApart) && packet.u8(0) >> 4 == 0;
    if (beginsLikeControlWord && looksLikeEthernet(packet.after(kControlWord)))
        return Content{kind, kEtherTransparent, packet.after(kControlWord)};
    if (looksLikeEthernet(packet)) return Content{kind, kEtherTransparent, packet};
    return std::unexpected(Outcome::OtherTraffic);
}

} // namespace

Unwrapped readMpls(Layer packet, Encapsulation kind) {
    constexpr std::uint32_t kBottomOfStack = 0x100;
    for (unsigned labels = 0; labels < kMaxMplsLabels; ++labels) {
        if (!packet.has(4)) return std::unexpected(packet.lacks(4));
        const bool isLast = (packet.u32(0) & kBottomOfStack) != 0;
        packet = packet.after(4);
        if (!isLast) continue;
        if (!packet.has(1)) return std::unexpected(packet.lacks(1));
        switch (packet.u8(0) >> 4) {
        case 4:
            return Content{kind, kEtherIpv4, packet};
        case 6:
            return Content{kind, kEtherIpv6, packet};
        default:
            return readPseudowire(packet, kind);
        }
    }
    return std::unexpected(Outcome::Malformed);
}

Unwrapped readProviderBackbone(Layer packet) {
    constexpr std::size_t kTag = 4;
    if (!packet.has(kTag)) return std::unexpected(packet.lacks(kTag));
    return Content{Encapsulation::ProviderBackbone, kEtherTransparent, packet.after(kTag)};
}

Unwrapped readServiceHeader(Layer packet) {
    if (!packet.has(8)) return std::unexpected(packet.lacks(8));
    const std::uint16_t first = packet.u16(0);
    const std::size_t length = (first & 0x3fU) * 4U;
    if (first >> 14 != 0 || length < 8) return std::unexpected(Outcome::Malformed);
    if ((first & 0x2000) != 0) return std::unexpected(Outcome::OtherTraffic); // operations, no user's packet
    if (!packet.has(length)) return std::unexpected(packet.lacks(length));
    const Layer inner = packet.after(length);
    switch (packet.u8(3)) {
    case 1:
        return Content{Encapsulation::ServiceHeader, kEtherIpv4, inner};
    case 2:
        return Content{Encapsulation::ServiceHeader, kEtherIpv6, inner};
    case 3:
        return Content{Encapsulation::ServiceHeader, kEtherTransparent, inner};
    case 5:
        return Content{Encapsulation::ServiceHeader, kEtherMpls, inner};
    default:
        return std::unexpected(Outcome::OtherTraffic);
    }
}

} // namespace gatescope::packet
