// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"
#include "core/capture/packet.h"
#include "core/packet/fragment_table.h"
#include "core/packet/input_counters.h"
#include "core/packet/layer.h"
#include "core/packet/quic_datagram.h"
#include "core/packet/tcp_segment.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace gatescope::packet {

/// Storage for datagrams put together from fragments; lives as long as the block of packets that completed them.
using KeptBytes = std::vector<std::unique_ptr<std::uint8_t[]>>;

struct PacketOptions {
    FragmentLimits fragments;
    std::vector<std::uint16_t> vxlanPorts; ///< destination ports of VXLAN beside 4789 and 8472
};

/// From a captured packet to a TCP segment: link layer (Ethernet with tags, and what link_layer.h lists), MPLS, PPPoE,
/// tunnels over IP (GRE and what gre.h lists, IP in IP, EtherIP, MPLS in IP) and over UDP (udp_tunnels.h), IPv4 and
/// IPv6 with fragments and extension headers, TCP header. The segment is that of the innermost packet. Anything else is
/// counted by what it was. Reads no more than was captured; bad input never stops it.
///
/// A datagram of QUIC (quic_datagram.h) fills the segment too, as far as it applies: the ends, the datagram as payload,
/// packet, time, fingerprint, hash. Only the outcome tells it from TCP between the same addresses and ports.
///
/// Packets of several inputs may come in any order; fragments may reach over inputs. One thread at a time.
class PacketDecoder {
public:
    using Outcome = packet::Outcome;
    /// Tunnels inside each other that are taken off. Real networks nest two or three.
    static constexpr unsigned kMaxTunnels = 8;

    explicit PacketDecoder(PacketOptions options = {});

    Outcome decode(const capture::Packet& packet, TcpSegment& segment, KeptBytes& kept);

    /// The datagrams that the last packet was a piece of, outermost first; all but the last are whole by it, and the
    /// last too if a segment came out. For whoever must keep the pieces of a datagram together.
    const std::vector<FragmentKey>& pieceOf() const { return m_pieceOf; }

    /// How many packets of all inputs had this outcome.
    std::uint64_t packets(Outcome outcome) const;
    /// What the user should know of the packets seen so far, by input: unknown link types, damaged headers, lost
    /// fragments, tunnels. Call once, at the end of all inputs.
    std::vector<Finding> findings() const;

private:
    /// Where the result of one packet goes.
    struct Target {
        TcpSegment& segment;
        KeptBytes& kept;
    };

    void changeInput(std::uint32_t input);
    Outcome decodeLinkLayer(std::uint16_t linkType, Layer packet, Target target);
    Outcome decodeEthernet(Layer frame, Target target);
    Outcome decodeEtherType(std::uint16_t etherType, Layer packet, Target target);
    Outcome decodeOtherType(std::uint16_t etherType, Layer packet, Target target);
    Outcome decodeInside(const Unwrapped& unwrapped, Target target);
    Outcome decodeContent(const Content& content, Target target);
    Outcome decodeIpByVersion(Layer packet, Target target);
    Outcome decodeIpv4(Layer packet, Target target);
    Outcome decodeIpv4Fragment(Layer packet, Layer payload, Target target);
    Outcome decodeIpv6(Layer packet, Target target);
    Outcome decodeIpv6Payload(std::uint8_t next, Layer packet, bool reassembled, Target target);
    Outcome decodeIpv6Fragment(Layer packet, Target target);
    Outcome decodeTransport(std::uint8_t protocol, Layer packet, Target target);
    Outcome decodeAuthenticated(Layer packet, Target target);
    Outcome decodeUdp(Layer packet, Target target);
    Outcome decodeTcp(Layer packet, TcpSegment& segment);
    /// `packet` begins with the UDP header.
    Outcome decodeQuic(Layer packet, TcpSegment& segment);
    /// The datagram that `piece` made whole, else why there is none.
    std::expected<Layer, Outcome> addFragment(const FragmentKey& key, Fragment fragment, Layer piece, Target target);
    bool isPlainUdp(const Fragment& fragment, Layer piece) const;

    std::vector<std::uint16_t> m_vxlanPorts;
    FragmentTable m_fragments;
    QuicFlowsSeen m_quicFlows; ///< on ports where nobody would look for QUIC
    std::vector<FragmentKey> m_pieceOf;
    std::vector<InputCounters> m_inputs; ///< by input
    InputCounters* m_counters = nullptr; ///< of the packet's input; points into m_inputs
    std::uint32_t m_input = 0;
    unsigned m_depth = 0; ///< tunnels around what is being decoded
};

} // namespace gatescope::packet
