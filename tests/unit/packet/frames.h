// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/packet/packet_decoder.h"
#include "tests/support/capture_builder.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Headers built octet by octet after their specifications.
namespace gatescope::test {

using packet::PacketDecoder;
using Outcome = PacketDecoder::Outcome;

/// RFC 9293: ports 40000 and 80, sequence 1000, acknowledgement 2000, PSH and ACK.
inline std::string tcpSegment(std::string_view payload, std::string_view options = {}) {
    return Octets()
        .u16(40'000)
        .u16(80)
        .u32(1'000)
        .u32(2'000)
        .u8(static_cast<unsigned>(5 + options.size() / 4) << 4)
        .u8(0x18)
        .u16(512)
        .u16(0)
        .u16(0)
        .text(options)
        .text(payload)
        .str();
}
/// RFC 791: from 10.0.0.1 to 10.0.0.2. `fragment`: flags and offset as they stand in the header.
inline std::string ipv4(std::string_view payload, unsigned protocol = 6, unsigned fragment = 0, unsigned id = 7,
                        std::string_view options = {}, int totalLength = -1) {
    const auto length = totalLength >= 0 ? static_cast<unsigned>(totalLength)
                                         : static_cast<unsigned>(20 + options.size() + payload.size());
    return Octets()
        .u8(0x40 | static_cast<unsigned>(5 + options.size() / 4))
        .u8(0)
        .u16(length)
        .u16(id)
        .u16(fragment)
        .u8(64)
        .u8(protocol)
        .u16(0)
        .u32(0x0a000001)
        .u32(0x0a000002)
        .text(options)
        .text(payload)
        .str();
}
/// RFC 8200: from 2001:db8::1 to 2001:db8::2.
inline std::string ipv6(std::string_view payload, unsigned next = 6, int payloadLength = -1) {
    const auto length =
        payloadLength >= 0 ? static_cast<unsigned>(payloadLength) : static_cast<unsigned>(payload.size());
    return Octets()
        .u32(0x60000000)
        .u16(length)
        .u8(next)
        .u8(64)
        .u32(0x20010db8)
        .u32(0)
        .u32(0)
        .u32(1)
        .u32(0x20010db8)
        .u32(0)
        .u32(0)
        .u32(2)
        .text(payload)
        .str();
}
inline std::string ethernet(unsigned etherType, std::string_view payload) {
    return std::string("\x02\0\0\0\0\2\x02\0\0\0\0\1", 12) + Octets().u16(etherType).text(payload).str();
}

/// Decodes packets one after the other.
class Decoding {
public:
    explicit Decoding(packet::PacketOptions options = {}) : decoder(std::move(options)) {}

    /// `original`: octets on the wire; as many as were captured when 0.
    Outcome operator()(unsigned linkType, std::string_view bytes, std::size_t original = 0) {
        // A copy of exactly that size, so that a sanitizer sees the first octet read past the end.
        m_copies.emplace_back(bytes.begin(), bytes.end());
        capture::Packet packet;
        packet.data = {m_copies.back().data(), m_copies.back().size()};
        packet.originalLength = static_cast<std::uint32_t>(original == 0 ? bytes.size() : original);
        packet.linkType = static_cast<std::uint16_t>(linkType);
        packet.number = packetRef(input, ++m_number);
        packet.time = time;
        segment = {};
        return decoder.decode(packet, segment, m_kept);
    }
    std::string payload() const { return std::string(asText(segment.payload)); }

    PacketDecoder decoder;
    packet::TcpSegment segment;
    TimeNs time = 1'000'000'000;
    std::uint32_t input = 0; ///< of the packets that come next

private:
    std::vector<std::vector<std::uint8_t>> m_copies;
    packet::KeptBytes m_kept;
    std::uint64_t m_number = 0;
};

/// All evidence of the findings of that kind.
inline std::string evidenceOf(const std::vector<Finding>& findings, std::string_view id) {
    std::string text;
    for (const Finding& finding : findings)
        if (finding.kind->id == id)
            for (const std::string& one : finding.evidence) text += (text.empty() ? "" : "; ") + one;
    return text;
}

} // namespace gatescope::test
