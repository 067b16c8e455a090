// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/packet/encapsulation.h"
#include "core/packet/outcome.h"

#include <cstddef>
#include <cstdint>
#include <expected>

namespace gatescope::packet {

/// What is left of a packet after the headers before it: the octets that were captured, and how many there were on the
/// wire. Two words, so that it travels in registers. Reading past `size()` is the caller's bug: ask `has` first.
class Layer {
public:
    Layer() = default;
    /// `wire` is raised to the number of captured octets: a capture cannot hold more than there was.
    Layer(Bytes captured, std::uint32_t wire)
        : m_data(captured.data()), m_size(static_cast<std::uint32_t>(captured.size())),
          m_wire(wire > m_size ? wire : m_size) {}

    std::uint32_t size() const { return m_size; } ///< octets captured
    std::uint32_t wire() const { return m_wire; } ///< octets on the wire, never fewer than `size()`
    bool has(std::size_t octets) const { return m_size >= octets; }
    /// Why `has(octets)` is false.
    Outcome lacks(std::size_t octets) const { return m_wire < octets ? Outcome::Malformed : Outcome::Truncated; }

    const std::uint8_t* data() const { return m_data; }
    Bytes bytes() const { return {m_data, m_size}; }
    std::uint8_t u8(std::size_t at) const { return m_data[at]; }
    std::uint16_t u16(std::size_t at) const { return loadBigEndian<std::uint16_t>(m_data + at); }
    std::uint32_t u32(std::size_t at) const { return loadBigEndian<std::uint32_t>(m_data + at); }

    /// Without the first `octets`, which must have been captured.
    Layer after(std::size_t octets) const {
        const auto gone = static_cast<std::uint32_t>(octets);
        return Layer(m_data + gone, m_size - gone, m_wire - gone);
    }
    /// As a length field says: padding and trailers are cut off, octets that were not captured are known to be missing.
    Layer ofLength(std::uint32_t wire) const { return Layer(m_data, m_size > wire ? wire : m_size, wire); }

private:
    Layer(const std::uint8_t* data, std::uint32_t size, std::uint32_t wire)
        : m_data(data), m_size(size), m_wire(wire) {}

    const std::uint8_t* m_data = nullptr;
    std::uint32_t m_size = 0;
    std::uint32_t m_wire = 0;
};

/// EtherType values (IEEE 802 Numbers, IANA). They name what a header carries, whatever the header's own numbering is.
enum EtherType : std::uint16_t {
    kEtherIpv4 = 0x0800,
    kEtherVlan = 0x8100,
    kEtherArp = 0x0806,
    kEtherTransparent = 0x6558, ///< an Ethernet frame inside something (RFC 1701)
    kEtherPpp = 0x880b,
    kEtherMpls = 0x8847,
    kEtherMplsUpstream = 0x8848, ///< also multicast (RFC 5332)
    kEtherPppoeSession = 0x8864,
    kEtherIpv6 = 0x86dd,
    kEtherQinQ = 0x88a8,
    kEtherMacsec = 0x88e5,
    kEtherProviderBackbone = 0x88e7, ///< IEEE 802.1ah, I-TAG
    kEtherServiceHeader = 0x894f,    ///< NSH, RFC 8300
    kEtherOldQinQ = 0x9100,
    kEtherOldQinQ2 = 0x9200,
    kEtherOldQinQ3 = 0x9300,
    kEtherVnTag = 0x8926,     ///< Cisco VN-Tag
    kEtherBridgeTag = 0x893f, ///< IEEE 802.1BR, E-TAG
    /// Ours: IPv4 or IPv6, as its first four bits say. IEEE reserves the value.
    kEtherIpByVersion = 0xffff
};

/// What one header carries.
struct Content {
    Encapsulation kind = Encapsulation::None; ///< what was taken off, when that should be counted as a tunnel
    std::uint16_t etherType = 0;              ///< what `inner` begins with
    Layer inner;
};
/// Why there is nothing inside to go on with, or what there is.
using Unwrapped = std::expected<Content, Outcome>;

/// Whether an Ethernet frame with a payload that is known begins here. For headers that do not say what they carry.
bool looksLikeEthernet(Layer frame);

} // namespace gatescope::packet
