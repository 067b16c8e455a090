// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"
#include "core/capture/packet.h"
#include "core/packet/fragment_table.h"
#include "core/packet/tcp_segment.h"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace gatescope::packet {

/// Storage for datagrams put together from fragments; lives as long as the block of packets that completed them.
using KeptBytes = std::vector<std::unique_ptr<std::uint8_t[]>>;

/// From a captured packet to a TCP segment: link layer (Ethernet, 802.1Q and QinQ, Linux cooked v1 and v2, raw IP, BSD
/// null and loop), IPv4 with fragments, IPv6 with extension headers and fragments, TCP header.
/// Anything else is counted by what it was. Reads no more than was captured; bad input never stops it.
class PacketDecoder {
public:
    enum class Outcome : std::uint8_t {
        Tcp,          ///< `segment` is filled
        OtherTraffic, ///< not IP, or IP with something other than TCP
        Fragment,     ///< a piece of a datagram that is not whole yet
        Truncated,    ///< the capture ends inside the headers
        Malformed,    ///< a header contradicts itself
        UnknownLink   ///< a link type that is not decoded
    };
    static constexpr std::size_t kOutcomes = 6;

    explicit PacketDecoder(FragmentLimits limits = {}) : m_fragments(limits) {}

    Outcome decode(const capture::Packet& packet, TcpSegment& segment, KeptBytes& kept);

    /// How many packets had each outcome.
    const std::array<std::uint64_t, kOutcomes>& counts() const { return m_counts; }
    /// What the user should know of the packets seen so far: unknown link types, damaged headers, lost fragments.
    /// Call once, at the end of an input.
    std::vector<Finding> findings(std::uint32_t input) const;

private:
    Outcome decodeLink(const capture::Packet& packet, TcpSegment& segment, KeptBytes& kept);
    Outcome decodeEthernetPayload(std::uint16_t etherType, Bytes data, std::uint32_t wireLength, TcpSegment& segment,
                                  KeptBytes& kept);
    Outcome decodeIpByVersion(Bytes data, std::uint32_t wireLength, TcpSegment& segment, KeptBytes& kept);
    Outcome decodeIpv4(Bytes data, std::uint32_t wireLength, TcpSegment& segment, KeptBytes& kept);
    Outcome decodeIpv6(Bytes data, std::uint32_t wireLength, TcpSegment& segment, KeptBytes& kept);
    Outcome decodeTcp(Bytes data, std::uint32_t wireLength, TcpSegment& segment);
    Outcome addFragment(const FragmentKey& key, const Fragment& fragment, TcpSegment& segment, KeptBytes& kept);

    struct OddLink {
        std::uint16_t linkType = 0;
        std::uint64_t packets = 0;
        std::uint64_t firstPacket = 0;
    };
    /// Different unknown link types told apart; further ones are counted with the last.
    static constexpr std::size_t kMaxOddLinks = 8;

    FragmentTable m_fragments;
    std::array<std::uint64_t, kOutcomes> m_counts{};
    std::array<std::uint64_t, kOutcomes> m_firstPacket{};
    std::vector<OddLink> m_oddLinks;
};

} // namespace gatescope::packet
