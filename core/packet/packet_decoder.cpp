// SPDX-License-Identifier: Apache-2.0
#include "core/packet/packet_decoder.h"

#include "core/base/hash.h"
#include "core/packet/packet_findings.h"

#include <algorithm>
#include <string>

namespace gatescope::packet {

namespace {

using Outcome = PacketDecoder::Outcome;

// IEEE 802 Numbers.
constexpr std::uint16_t kEtherIpv4 = 0x0800;
constexpr std::uint16_t kEtherIpv6 = 0x86dd;
constexpr std::uint16_t kEtherVlan = 0x8100;
constexpr std::uint16_t kEtherQinQ = 0x88a8;
constexpr std::uint16_t kEtherOldQinQ = 0x9100;
/// Up to here the field is a length and an LLC header follows (IEEE 802.3, 3.2.6); SNAP then holds the type (RFC 1042).
constexpr std::uint16_t kMaxEtherLength = 1500;
constexpr std::array<std::uint8_t, 6> kSnap{0xaa, 0xaa, 0x03, 0, 0, 0};
/// Stacked tags seen in the field: two; four leaves room.
constexpr unsigned kMaxVlanTags = 4;

// IANA protocol numbers.
constexpr std::uint8_t kProtoHopByHop = 0;
constexpr std::uint8_t kProtoTcp = 6;
constexpr std::uint8_t kProtoRouting = 43;
constexpr std::uint8_t kProtoFragment = 44;
constexpr std::uint8_t kProtoAuthentication = 51;
constexpr std::uint8_t kProtoDestination = 60;
constexpr std::uint8_t kProtoMobility = 135;
/// RFC 8200, 4.1 lists eight extension headers, each at most once but one.
constexpr unsigned kMaxExtensionHeaders = 10;

std::uint32_t lessOf(std::uint32_t wireLength, std::size_t header) {
    return wireLength > header ? wireLength - static_cast<std::uint32_t>(header) : 0;
}

std::uint64_t hashFlow(const Endpoint& a, const Endpoint& b) {
    // Commutative over the two ends, so that both directions meet.
    const auto half = [](const Endpoint& end) {
        return mix64(loadLittleEndian<std::uint64_t>(end.address.bytes().data()) ^ end.port,
                     loadLittleEndian<std::uint64_t>(end.address.bytes().data() + 8));
    };
    return mix64(half(a) + half(b), 0);
}

} // namespace

PacketDecoder::Outcome PacketDecoder::decode(const capture::Packet& packet, TcpSegment& segment, KeptBytes& kept) {
    segment.packet = packet.number;
    segment.time = packet.time;
    const Outcome outcome = decodeLink(packet, segment, kept);
    const auto index = static_cast<std::size_t>(outcome);
    if (m_counts[index]++ == 0) m_firstPacket[index] = packet.number;
    return outcome;
}

PacketDecoder::Outcome PacketDecoder::decodeLink(const capture::Packet& packet, TcpSegment& segment, KeptBytes& kept) {
    const Bytes data = packet.data;
    const std::uint32_t wire = std::max(packet.originalLength, static_cast<std::uint32_t>(data.size()));
    const auto after = [&](std::size_t header) { return data.subspan(header); };
    switch (packet.linkType) {
    case capture::kLinkEthernet:
        if (data.size() < 14) return Outcome::Truncated;
        return decodeEthernetPayload(loadBigEndian<std::uint16_t>(data.data() + 12), after(14), lessOf(wire, 14),
                                     segment, kept);
    case capture::kLinkLinuxSll: // https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html
        if (data.size() < 16) return Outcome::Truncated;
        return decodeEthernetPayload(loadBigEndian<std::uint16_t>(data.data() + 14), after(16), lessOf(wire, 16),
                                     segment, kept);
    case capture::kLinkLinuxSll2: // https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html
        if (data.size() < 20) return Outcome::Truncated;
        return decodeEthernetPayload(loadBigEndian<std::uint16_t>(data.data()), after(20), lessOf(wire, 20), segment,
                                     kept);
    case capture::kLinkNull:
    case capture::kLinkLoop:
        // The family number differs between systems and is in either byte order; the IP version says the same.
        if (data.size() < 5) return Outcome::Truncated;
        return decodeIpByVersion(after(4), lessOf(wire, 4), segment, kept);
    case capture::kLinkRaw:
    case capture::kLinkRawOld1:
    case capture::kLinkRawOld2:
    case capture::kLinkIpv4:
    case capture::kLinkIpv6:
        return decodeIpByVersion(data, wire, segment, kept);
    default: {
        auto known = std::find_if(m_oddLinks.begin(), m_oddLinks.end(),
                                  [&](const OddLink& odd) { return odd.linkType == packet.linkType; });
        if (known == m_oddLinks.end()) {
            if (m_oddLinks.size() < kMaxOddLinks) m_oddLinks.push_back({packet.linkType, 0, packet.number});
            known = std::prev(m_oddLinks.end());
        }
        ++known->packets;
        return Outcome::UnknownLink;
    }
    }
}

PacketDecoder::Outcome PacketDecoder::decodeEthernetPayload(std::uint16_t etherType, Bytes data,
                                                            std::uint32_t wireLength, TcpSegment& segment,
                                                            KeptBytes& kept) {
    for (unsigned tags = 0; etherType == kEtherVlan || etherType == kEtherQinQ || etherType == kEtherOldQinQ; ++tags) {
        if (tags == kMaxVlanTags) return Outcome::Malformed;
        if (data.size() < 4) return Outcome::Truncated;
        etherType = loadBigEndian<std::uint16_t>(data.data() + 2);
        data = data.subspan(4);
        wireLength = lessOf(wireLength, 4);
    }
    if (etherType <= kMaxEtherLength && data.size() >= 8 && std::equal(kSnap.begin(), kSnap.end(), data.begin())) {
        etherType = loadBigEndian<std::uint16_t>(data.data() + 6);
        data = data.subspan(8);
        wireLength = lessOf(wireLength, 8);
    }
    if (etherType == kEtherIpv4) return decodeIpv4(data, wireLength, segment, kept);
    if (etherType == kEtherIpv6) return decodeIpv6(data, wireLength, segment, kept);
    return Outcome::OtherTraffic;
}

PacketDecoder::Outcome PacketDecoder::decodeIpByVersion(Bytes data, std::uint32_t wireLength, TcpSegment& segment,
                                                        KeptBytes& kept) {
    if (data.empty()) return Outcome::Truncated;
    switch (data[0] >> 4) {
    case 4:
        return decodeIpv4(data, wireLength, segment, kept);
    case 6:
        return decodeIpv6(data, wireLength, segment, kept);
    default:
        return Outcome::OtherTraffic;
    }
}

// RFC 791.
PacketDecoder::Outcome PacketDecoder::decodeIpv4(Bytes data, std::uint32_t wireLength, TcpSegment& segment,
                                                 KeptBytes& kept) {
    if (data.size() < 20) return Outcome::Truncated;
    const std::uint8_t* header = data.data();
    const std::size_t headerLength = (header[0] & 0x0fU) * 4U;
    std::uint32_t totalLength = loadBigEndian<std::uint16_t>(header + 2);
    if (header[0] >> 4 != 4 || headerLength < 20) return Outcome::Malformed;
    // Segmentation offload hands the capture packets whose length field is 0: the frame's length is then the truth.
    if (totalLength == 0) totalLength = wireLength;
    if (totalLength < headerLength) return Outcome::Malformed;
    if (data.size() < headerLength) return Outcome::Truncated;
    if (data.size() > totalLength) data = data.first(totalLength); // Ethernet padding or trailer

    const std::uint8_t protocol = header[9];
    segment.source.address = IpAddress::fromV4(header + 12);
    segment.destination.address = IpAddress::fromV4(header + 16);
    const std::uint16_t fragmentField = loadBigEndian<std::uint16_t>(header + 6);
    const Bytes payload = data.subspan(headerLength);
    const std::uint32_t payloadWire = lessOf(totalLength, headerLength);
    if ((fragmentField & 0x3fff) != 0) {
        if (protocol != kProtoTcp) return Outcome::OtherTraffic;
        if (payload.size() < payloadWire) return Outcome::Truncated;
        const FragmentKey key{segment.source.address, segment.destination.address,
                              loadBigEndian<std::uint16_t>(header + 4), protocol};
        return addFragment(key,
                           {static_cast<std::uint32_t>(fragmentField & 0x1fff) * 8, (fragmentField & 0x2000) == 0,
                            payload, segment.time},
                           segment, kept);
    }
    if (protocol != kProtoTcp) return Outcome::OtherTraffic;
    return decodeTcp(payload, payloadWire, segment);
}

// RFC 8200.
PacketDecoder::Outcome PacketDecoder::decodeIpv6(Bytes data, std::uint32_t wireLength, TcpSegment& segment,
                                                 KeptBytes& kept) {
    constexpr std::size_t kHeader = 40;
    if (data.size() < kHeader) return Outcome::Truncated;
    if (data[0] >> 4 != 6) return Outcome::Malformed;
    std::uint32_t payloadLength = loadBigEndian<std::uint16_t>(data.data() + 4);
    // 0 stands for a jumbogram or an offloaded packet: the frame's length is then the truth.
    if (payloadLength == 0) payloadLength = lessOf(wireLength, kHeader);
    std::uint8_t next = data[6];
    segment.source.address = IpAddress::fromV6(data.data() + 8);
    segment.destination.address = IpAddress::fromV6(data.data() + 24);
    data = data.subspan(kHeader);
    if (data.size() > payloadLength) data = data.first(payloadLength);
    std::uint32_t wire = payloadLength;

    for (unsigned count = 0; count < kMaxExtensionHeaders; ++count) {
        if (next == kProtoTcp) return decodeTcp(data, wire, segment);
        std::size_t length = 8;
        switch (next) {
        case kProtoHopByHop:
        case kProtoRouting:
        case kProtoDestination:
        case kProtoMobility:
            if (data.size() < 8) return Outcome::Truncated;
            length = (data[1] + 1U) * 8U;
            break;
        case kProtoAuthentication: // RFC 4302, 2.2: in 32-bit words, minus 2
            if (data.size() < 8) return Outcome::Truncated;
            length = (data[1] + 2U) * 4U;
            break;
        case kProtoFragment: {
            if (data.size() < 8) return Outcome::Truncated;
            const std::uint16_t field = loadBigEndian<std::uint16_t>(data.data() + 2);
            const FragmentKey key{segment.source.address, segment.destination.address,
                                  loadBigEndian<std::uint32_t>(data.data() + 4), data[0]};
            const bool whole = (field & 0xfff9) == 0; // an atomic fragment, RFC 6946
            if (!whole) {
                if (data[0] != kProtoTcp) return Outcome::OtherTraffic;
                if (data.size() < wire) return Outcome::Truncated;
                return addFragment(key, {field & 0xfff8U, (field & 1) == 0, data.subspan(8), segment.time}, segment,
                                   kept);
            }
            break;
        }
        default:
            return Outcome::OtherTraffic;
        }
        if (length > wire) return Outcome::Malformed;
        if (data.size() < length) return Outcome::Truncated;
        next = data[0];
        data = data.subspan(length);
        wire -= static_cast<std::uint32_t>(length);
    }
    return Outcome::Malformed;
}

PacketDecoder::Outcome PacketDecoder::addFragment(const FragmentKey& key, const Fragment& fragment, TcpSegment& segment,
                                                  KeptBytes& kept) {
    auto datagram = m_fragments.add(key, fragment);
    if (!datagram) return Outcome::Fragment;
    kept.push_back(std::move(datagram->bytes));
    return decodeTcp({kept.back().get(), datagram->size}, static_cast<std::uint32_t>(datagram->size), segment);
}

// RFC 9293, 3.1.
PacketDecoder::Outcome PacketDecoder::decodeTcp(Bytes data, std::uint32_t wireLength, TcpSegment& segment) {
    if (data.size() < 20) return wireLength < 20 ? Outcome::Malformed : Outcome::Truncated;
    const std::uint8_t* header = data.data();
    const std::size_t headerLength = (header[12] >> 4) * 4U;
    if (headerLength < 20 || headerLength > wireLength) return Outcome::Malformed;
    segment.source.port = loadBigEndian<std::uint16_t>(header);
    segment.destination.port = loadBigEndian<std::uint16_t>(header + 2);
    segment.sequence = loadBigEndian<std::uint32_t>(header + 4);
    segment.acknowledgement = loadBigEndian<std::uint32_t>(header + 8);
    segment.flags = header[13];
    segment.window = loadBigEndian<std::uint16_t>(header + 14);
    // A snap length that cuts the options leaves no payload, yet its length is known.
    segment.payload = data.size() > headerLength ? data.subspan(headerLength) : Bytes{};
    segment.uncaptured = wireLength - static_cast<std::uint32_t>(headerLength + segment.payload.size());
    segment.flowHash = hashFlow(segment.source, segment.destination);
    return Outcome::Tcp;
}

std::vector<Finding> PacketDecoder::findings(std::uint32_t input) const {
    std::vector<Finding> found;
    for (const OddLink& odd : m_oddLinks)
        found.push_back({&kUnknownLinkType,
                         {"link type " + std::to_string(odd.linkType), std::to_string(odd.packets) + " packets"},
                         input,
                         odd.firstPacket,
                         {}});
    const auto count = [&](Outcome outcome, const FindingKind& kind) {
        const auto index = static_cast<std::size_t>(outcome);
        if (m_counts[index] != 0)
            found.push_back({&kind, {std::to_string(m_counts[index]) + " packets"}, input, m_firstPacket[index], {}});
    };
    count(Outcome::Truncated, kTruncatedHeaders);
    count(Outcome::Malformed, kMalformedHeaders);
    if (m_counts[static_cast<std::size_t>(Outcome::Tcp)] == 0) count(Outcome::OtherTraffic, kNoTcp);
    if (const std::uint64_t lost = m_fragments.abandoned() + m_fragments.pending(); lost != 0)
        found.push_back({&kLostFragments, {std::to_string(lost) + " datagrams"}, input, {}, {}});
    return found;
}

} // namespace gatescope::packet
