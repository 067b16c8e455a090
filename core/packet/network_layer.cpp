// SPDX-License-Identifier: Apache-2.0
// The part of PacketDecoder from IP on.
#include "core/base/hash.h"
#include "core/packet/encapsulations.h"
#include "core/packet/gre.h"
#include "core/packet/packet_decoder.h"
#include "core/packet/quic_datagram.h"
#include "core/packet/udp_tunnels.h"

#include <utility>

namespace gatescope::packet {

namespace {

// IANA protocol numbers.
constexpr std::uint8_t kProtoHopByHop = 0;
constexpr std::uint8_t kProtoIpv4 = 4;
constexpr std::uint8_t kProtoTcp = 6;
constexpr std::uint8_t kProtoUdp = 17;
constexpr std::uint8_t kProtoIpv6 = 41;
constexpr std::uint8_t kProtoRouting = 43;
constexpr std::uint8_t kProtoFragment = 44;
constexpr std::uint8_t kProtoGre = 47;
constexpr std::uint8_t kProtoEncrypted = 50;
constexpr std::uint8_t kProtoAuthentication = 51;
constexpr std::uint8_t kProtoDestination = 60;
constexpr std::uint8_t kProtoIpIp = 94;
constexpr std::uint8_t kProtoEtherIp = 97;
constexpr std::uint8_t kProtoL2tpV3 = 115;
constexpr std::uint8_t kProtoMobility = 135;
constexpr std::uint8_t kProtoMpls = 137;
constexpr std::uint8_t kProtoHostIdentity = 139;
constexpr std::uint8_t kProtoShim6 = 140;
constexpr std::uint8_t kProtoEthernet = 143;
/// RFC 8200, 4.1 lists eight extension headers, each at most once but one.
constexpr unsigned kMaxExtensionHeaders = 10;
constexpr std::size_t kUdpHeader = 8;

std::uint64_t hashFlow(const Endpoint& a, const Endpoint& b) {
    // Commutative over the two ends, so that both directions meet.
    const auto half = [](const Endpoint& end) {
        return mix64(loadLittleEndian<std::uint64_t>(end.address.bytes().data()) ^ end.port,
                     loadLittleEndian<std::uint64_t>(end.address.bytes().data() + 8));
    };
    return mix64(half(a) + half(b), 0);
}

/// Octets of an extension header, from its length field.
constexpr std::size_t extensionLength(std::uint8_t header, std::uint8_t lengthField) {
    // RFC 4302, 2.2: in 32-bit words, minus 2; the others in 64-bit words, minus 1.
    return header == kProtoAuthentication ? (lengthField + 2U) * 4U : (lengthField + 1U) * 8U;
}

/// Datagrams of these protocols are put together from fragments.
constexpr bool mayCarryTcp(std::uint8_t protocol) {
    switch (protocol) {
    case kProtoTcp:
    case kProtoUdp:
    case kProtoIpv4:
    case kProtoIpv6:
    case kProtoGre:
    case kProtoAuthentication:
    case kProtoDestination:
    case kProtoRouting:
    case kProtoIpIp:
    case kProtoEtherIp:
    case kProtoMpls:
    case kProtoEthernet:
        return true;
    default:
        return false;
    }
}

/// The identification goes into the upper half of a fingerprint, the TCP checksum into the lower.
constexpr std::uint32_t fingerprintOf(std::uint32_t identification) {
    return identification << 16;
}

UdpPorts udpPorts(Layer packet) {
    return {packet.u16(0), packet.u16(2)};
}

} // namespace

Outcome PacketDecoder::decodeIpByVersion(Layer packet, Target target) {
    if (!packet.has(1)) return Outcome::Truncated;
    switch (packet.u8(0) >> 4) {
    case 4:
        return decodeIpv4(packet, target);
    case 6:
        return decodeIpv6(packet, target);
    default:
        return Outcome::OtherTraffic;
    }
}

// RFC 791.
Outcome PacketDecoder::decodeIpv4(Layer packet, Target target) {
    if (!packet.has(20)) return Outcome::Truncated;
    const std::size_t headerLength = (packet.u8(0) & 0x0fU) * 4U;
    std::uint32_t totalLength = packet.u16(2);
    if (packet.u8(0) >> 4 != 4 || headerLength < 20) return Outcome::Malformed;
    // Segmentation offload hands the capture packets whose length field is 0: the frame's length is then the truth.
    if (totalLength == 0) totalLength = packet.wire();
    if (totalLength < headerLength) return Outcome::Malformed;
    if (!packet.has(headerLength)) return Outcome::Truncated;

    target.segment.source.address = IpAddress::fromV4(packet.data() + 12);
    target.segment.destination.address = IpAddress::fromV4(packet.data() + 16);
    target.segment.fingerprint = fingerprintOf(packet.u16(4));
    const Layer payload = packet.ofLength(totalLength).after(headerLength); // without Ethernet padding or trailer
    if ((packet.u16(6) & 0x3fff) != 0) return decodeIpv4Fragment(packet, payload, target);
    if (packet.u8(9) == kProtoTcp) return decodeTcp(payload, target.segment);
    return decodeTransport(packet.u8(9), payload, target);
}

Outcome PacketDecoder::decodeIpv4Fragment(Layer packet, Layer payload, Target target) {
    const TcpSegment& segment = target.segment;
    const std::uint16_t field = packet.u16(6);
    const FragmentKey key{segment.source.address, segment.destination.address, packet.u16(4), packet.u8(9)};
    const auto datagram = addFragment(key,
                                      {static_cast<std::uint32_t>(field & 0x1fff) * 8, (field & 0x2000) == 0,
                                       payload.bytes(), segment.time, segment.packet},
                                      payload, target);
    return datagram ? decodeTransport(key.protocol, *datagram, target) : datagram.error();
}

// RFC 8200.
Outcome PacketDecoder::decodeIpv6(Layer packet, Target target) {
    constexpr std::size_t kHeader = 40;
    if (!packet.has(kHeader)) return Outcome::Truncated;
    if (packet.u8(0) >> 4 != 6) return Outcome::Malformed;
    target.segment.source.address = IpAddress::fromV6(packet.data() + 8);
    target.segment.destination.address = IpAddress::fromV6(packet.data() + 24);
    target.segment.fingerprint = fingerprintOf(packet.u32(0)); // the lower bits of the flow label
    Layer payload = packet.after(kHeader);
    // 0 stands for a jumbogram or an offloaded packet: the frame's length is then the truth.
    if (packet.u16(4) != 0) payload = payload.ofLength(packet.u16(4));
    if (packet.u8(6) == kProtoTcp) return decodeTcp(payload, target.segment);
    return decodeIpv6Payload(packet.u8(6), payload, false, target);
}

Outcome PacketDecoder::decodeIpv6Payload(std::uint8_t next, Layer packet, bool reassembled, Target target) {
    for (unsigned count = 0; count < kMaxExtensionHeaders; ++count) {
        std::size_t length = 8;
        switch (next) {
        case kProtoHopByHop:
        case kProtoRouting:
        case kProtoDestination:
        case kProtoMobility:
        case kProtoAuthentication:
        case kProtoHostIdentity:
        case kProtoShim6:
            if (!packet.has(8)) return Outcome::Truncated;
            length = extensionLength(next, packet.u8(1));
            break;
        case kProtoFragment: {
            if (!packet.has(8)) return Outcome::Truncated;
            const bool isWhole = (packet.u16(2) & 0xfff9) == 0; // an atomic fragment, RFC 6946
            if (isWhole) break;
            // A datagram put together that is a fragment again: nobody may send that.
            return reassembled ? Outcome::Malformed : decodeIpv6Fragment(packet, target);
        }
        default:
            return decodeTransport(next, packet, target);
        }
        if (length > packet.wire()) return Outcome::Malformed;
        if (!packet.has(length)) return Outcome::Truncated;
        next = packet.u8(0);
        packet = packet.after(length);
    }
    return Outcome::Malformed;
}

Outcome PacketDecoder::decodeIpv6Fragment(Layer packet, Target target) {
    constexpr std::size_t kHeader = 8;
    const TcpSegment& segment = target.segment;
    const std::uint16_t field = packet.u16(2);
    const Layer piece = packet.after(kHeader);
    const FragmentKey key{segment.source.address, segment.destination.address, packet.u32(4), packet.u8(0)};
    const auto datagram = addFragment(
        key, {field & 0xfff8U, (field & 1) == 0, piece.bytes(), segment.time, segment.packet}, piece, target);
    return datagram ? decodeIpv6Payload(key.protocol, *datagram, true, target) : datagram.error();
}

std::expected<Layer, Outcome> PacketDecoder::addFragment(const FragmentKey& key, Fragment fragment, Layer piece,
                                                         Target target) {
    if (!mayCarryTcp(key.protocol)) return std::unexpected(Outcome::OtherTraffic);
    if (key.protocol == kProtoUdp) {
        // Only tunnels are wanted, and only the first piece has the ports.
        if (m_fragments.isSettled(key, fragment.time)) return std::unexpected(Outcome::OtherTraffic);
        if (isPlainUdp(fragment, piece)) {
            m_fragments.settle(key, fragment.time);
            return std::unexpected(Outcome::OtherTraffic);
        }
    }
    if (piece.size() < piece.wire()) return std::unexpected(Outcome::Truncated);
    m_pieceOf.push_back(key);
    auto datagram = m_fragments.add(key, fragment);
    if (!datagram) return std::unexpected(Outcome::Fragment);
    const auto size = static_cast<std::uint32_t>(datagram->size);
    target.kept.push_back(std::move(datagram->bytes));
    return Layer({target.kept.back().get(), size}, size);
}

bool PacketDecoder::isPlainUdp(const Fragment& fragment, Layer piece) const {
    return fragment.offset == 0 && piece.has(kUdpHeader) && !mayBeTunnel(udpPorts(piece), m_vxlanPorts);
}

Outcome PacketDecoder::decodeTransport(std::uint8_t protocol, Layer packet, Target target) {
    switch (protocol) {
    case kProtoTcp:
        return decodeTcp(packet, target.segment);
    case kProtoUdp:
        return decodeUdp(packet, target);
    case kProtoAuthentication:
        return decodeAuthenticated(packet, target);
    case kProtoGre:
        return decodeInside(readGre(packet), target);
    case kProtoIpv4:
    case kProtoIpIp:
        return decodeInside(Content{Encapsulation::Ipv4InIp, kEtherIpv4, packet}, target);
    case kProtoIpv6:
        return decodeInside(Content{Encapsulation::Ipv6InIp, kEtherIpv6, packet}, target);
    case kProtoMpls:
        return decodeInside(readMpls(packet, Encapsulation::MplsInIp), target);
    case kProtoEtherIp: // RFC 3378: a header of two octets
        if (!packet.has(2)) return packet.lacks(2);
        return decodeInside(Content{Encapsulation::EthernetInIp, kEtherTransparent, packet.after(2)}, target);
    case kProtoEthernet: // RFC 8986, 10.1
        return decodeInside(Content{Encapsulation::EthernetInIp, kEtherTransparent, packet}, target);
    case kProtoEncrypted:
        return decodeInside(Content{Encapsulation::Esp, 0, packet}, target);
    case kProtoL2tpV3:
        return decodeInside(Content{Encapsulation::L2tpV3, 0, packet}, target);
    default:
        return Outcome::OtherTraffic;
    }
}

// RFC 4302: of IPv4; IPv6 has it among its extension headers.
Outcome PacketDecoder::decodeAuthenticated(Layer packet, Target target) {
    if (!packet.has(8)) return packet.lacks(8);
    const std::size_t length = extensionLength(kProtoAuthentication, packet.u8(1));
    if (!packet.has(length)) return packet.lacks(length);
    const std::uint8_t next = packet.u8(0);
    if (next == kProtoAuthentication) return Outcome::Malformed; // twice without a tunnel between
    return decodeTransport(next, packet.after(length), target);
}

// RFC 768.
Outcome PacketDecoder::decodeUdp(Layer packet, Target target) {
    if (!packet.has(kUdpHeader)) return packet.wire() < kUdpHeader ? Outcome::OtherTraffic : Outcome::Truncated;
    // The length field is not used: offloading leaves wrong ones, and what is inside has a length of its own.
    const Unwrapped unwrapped = readUdpTunnel(udpPorts(packet), packet.after(kUdpHeader), m_vxlanPorts);
    if (!unwrapped && unwrapped.error() == Outcome::OtherTraffic) return decodeQuic(packet, target.segment);
    return decodeInside(unwrapped, target);
}

Outcome PacketDecoder::decodeQuic(Layer packet, TcpSegment& segment) {
    const UdpPorts ports = udpPorts(packet);
    const Layer payload = packet.after(kUdpHeader);
    const QuicForm form = quicFormOf(ports, payload);
    const bool onQuicPort = isQuicPort(ports);
    if (form == QuicForm::None) return Outcome::OtherTraffic;
    if (form == QuicForm::Short && !onQuicPort && !m_quicFlows.any()) return Outcome::OtherTraffic;
    segment.source.port = ports.source;
    segment.destination.port = ports.destination;
    segment.flowHash = hashFlow(segment.source, segment.destination);
    if (!onQuicPort) {
        if (form == QuicForm::Long)
            m_quicFlows.add(segment.flowHash);
        else if (!m_quicFlows.has(segment.flowHash))
            return Outcome::OtherTraffic;
    }
    segment.sequence = segment.acknowledgement = 0;
    segment.window = 0;
    segment.flags = 0;
    segment.fingerprint |= packet.u16(6); // the checksum, as of TCP
    segment.payload = payload.bytes();
    segment.uncaptured = payload.wire() - payload.size();
    return Outcome::Quic;
}

// RFC 9293, 3.1.
Outcome PacketDecoder::decodeTcp(Layer packet, TcpSegment& segment) {
    if (!packet.has(20)) return packet.lacks(20);
    const std::size_t headerLength = (packet.u8(12) >> 4) * 4U;
    if (headerLength < 20 || headerLength > packet.wire()) return Outcome::Malformed;
    segment.source.port = packet.u16(0);
    segment.destination.port = packet.u16(2);
    segment.sequence = packet.u32(4);
    segment.acknowledgement = packet.u32(8);
    segment.flags = packet.u8(13);
    segment.window = packet.u16(14);
    segment.fingerprint |= packet.u16(16);
    // A snap length that cuts the options leaves no payload, yet its length is known.
    segment.payload = packet.has(headerLength) ? packet.after(headerLength).bytes() : Bytes{};
    segment.uncaptured = packet.wire() - static_cast<std::uint32_t>(headerLength + segment.payload.size());
    segment.flowHash = hashFlow(segment.source, segment.destination);
    return Outcome::Tcp;
}

} // namespace gatescope::packet
