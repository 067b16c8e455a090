// SPDX-License-Identifier: Apache-2.0
#include "core/packet/packet_decoder.h"

#include "core/packet/encapsulations.h"
#include "core/packet/link_layer.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gatescope::packet {

namespace {

/// Up to here the field is a length and an LLC header follows (IEEE 802.3, 3.2.6); SNAP then holds the type (RFC 1042).
constexpr std::uint16_t kMaxEtherLength = 1500;
constexpr std::array<std::uint8_t, 6> kSnap{0xaa, 0xaa, 0x03, 0, 0, 0};
/// Stacked tags seen in the field: two; four leaves room.
constexpr unsigned kMaxTags = 4;

/// Octets of a tag behind the addresses, with the type that ends it; 0: no tag.
constexpr std::size_t tagLength(std::uint16_t etherType) {
    switch (etherType) {
    case kEtherVlan:
    case kEtherQinQ:
    case kEtherOldQinQ:
    case kEtherOldQinQ2:
    case kEtherOldQinQ3:
        return 4;
    case kEtherVnTag:
        return 6;
    case kEtherBridgeTag:
        return 8;
    default:
        return 0;
    }
}

} // namespace

PacketDecoder::PacketDecoder(PacketOptions options)
    : m_vxlanPorts(std::move(options.vxlanPorts)), m_fragments(options.fragments), m_inputs(1),
      m_counters(m_inputs.data()) {}

void PacketDecoder::changeInput(std::uint32_t input) {
    if (m_inputs.size() <= input) m_inputs.resize(input + 1U);
    m_counters = &m_inputs[input];
    m_input = input;
}

Outcome PacketDecoder::decode(const capture::Packet& packet, TcpSegment& segment, KeptBytes& kept) {
    segment.packet = packet.number;
    segment.time = packet.time;
    m_pieceOf.clear();
    if (inputOf(packet.number) != m_input) changeInput(inputOf(packet.number));
    const Target target{segment, kept};
    const Layer layer(packet.data, packet.originalLength);
    const Outcome outcome = packet.linkType == capture::kLinkEthernet ? decodeEthernet(layer, target)
                                                                      : decodeLinkLayer(packet.linkType, layer, target);
    m_counters->count(outcome, packet.number);
    return outcome;
}

Outcome PacketDecoder::decodeLinkLayer(std::uint16_t linkType, Layer packet, Target target) {
    const Unwrapped unwrapped = readLinkLayer(linkType, packet);
    if (!unwrapped && unwrapped.error() == Outcome::UnknownLink)
        m_counters->countLinkType(linkType, target.segment.packet);
    return decodeInside(unwrapped, target);
}

Outcome PacketDecoder::decodeEthernet(Layer frame, Target target) {
    constexpr std::size_t kHeader = 14;
    if (!frame.has(kHeader)) return Outcome::Truncated;
    const std::uint16_t etherType = frame.u16(12);
    if (etherType == kEtherIpv4) return decodeIpv4(frame.after(kHeader), target);
    return decodeEtherType(etherType, frame.after(kHeader), target);
}

Outcome PacketDecoder::decodeEtherType(std::uint16_t etherType, Layer packet, Target target) {
    unsigned tags = 0;
    while (const std::size_t length = tagLength(etherType)) {
        if (tags++ == kMaxTags) return Outcome::Malformed;
        if (!packet.has(length)) return Outcome::Truncated;
        etherType = packet.u16(length - 2);
        packet = packet.after(length);
    }
    if (etherType <= kMaxEtherLength) {
        constexpr std::size_t kSnapHeader = 8;
        if (!packet.has(kSnapHeader)) return packet.wire() < kSnapHeader ? Outcome::OtherTraffic : Outcome::Truncated;
        if (!std::equal(kSnap.begin(), kSnap.end(), packet.data())) return Outcome::OtherTraffic;
        etherType = packet.u16(6);
        packet = packet.after(kSnapHeader);
    }
    if (etherType == kEtherIpv4) return decodeIpv4(packet, target);
    if (etherType == kEtherIpv6) return decodeIpv6(packet, target);
    return decodeOtherType(etherType, packet, target);
}

Outcome PacketDecoder::decodeOtherType(std::uint16_t etherType, Layer packet, Target target) {
    switch (etherType) {
    case kEtherMpls:
    case kEtherMplsUpstream:
        return decodeInside(readMpls(packet), target);
    case kEtherPppoeSession:
        return decodeInside(readPppoe(packet), target);
    case kEtherProviderBackbone:
        return decodeInside(readProviderBackbone(packet), target);
    case kEtherServiceHeader:
        return decodeInside(readServiceHeader(packet), target);
    case kEtherMacsec:
        return decodeInside(Content{Encapsulation::Macsec, 0, packet}, target);
    default:
        return Outcome::OtherTraffic;
    }
}

Outcome PacketDecoder::decodeInside(const Unwrapped& unwrapped, Target target) {
    if (!unwrapped) return unwrapped.error();
    const Content& content = *unwrapped;
    if (content.kind == Encapsulation::None) return decodeContent(content, target);
    m_counters->countEncapsulation(content.kind, target.segment.packet);
    if (isEncrypted(content.kind)) return Outcome::Encrypted;
    if (isNotDecoded(content.kind)) return Outcome::NotDecoded;
    if (m_depth == kMaxTunnels) return Outcome::TooManyTunnels;
    ++m_depth;
    const Outcome outcome = decodeContent(content, target);
    --m_depth;
    return outcome;
}

Outcome PacketDecoder::decodeContent(const Content& content, Target target) {
    switch (content.etherType) {
    // These are names for what a tunnel carries. As the type of an Ethernet frame they mean nothing, which also keeps
    // frames from nesting without a tunnel that is counted.
    case kEtherTransparent:
        return decodeEthernet(content.inner, target);
    case kEtherIpByVersion:
        return decodeIpByVersion(content.inner, target);
    case kEtherPpp:
        return decodeInside(readPpp(content.inner), target);
    default:
        return decodeEtherType(content.etherType, content.inner, target);
    }
}

std::uint64_t PacketDecoder::packets(Outcome outcome) const {
    std::uint64_t sum = 0;
    for (const InputCounters& input : m_inputs) sum += input.packets(outcome);
    return sum;
}

std::vector<Finding> PacketDecoder::findings() const {
    std::vector<Finding> all;
    for (std::uint32_t input = 0; input < m_inputs.size(); ++input) {
        auto some = m_inputs[input].findings(input, m_fragments.lost(input));
        std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    return all;
}

} // namespace gatescope::packet
