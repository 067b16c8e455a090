// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/packet/layer.h"
#include "core/packet/udp_tunnels.h"

#include <array>
#include <cstddef>
#include <cstdint>

/// What makes a UDP datagram QUIC (RFC 8999, RFC 9000, 17). Short headers have nothing of their own that would tell:
/// they count on ports where QUIC is served, and on flows that showed a long header before.
namespace gatescope::packet {

enum class QuicForm : std::uint8_t {
    None,
    Long, ///< with a version: recognised by its fixed form, on any port
    Short ///< could be one
};

/// `payload` begins after the UDP header; what a snap length cut off is not needed.
QuicForm quicFormOf(UdpPorts ports, Layer payload);

/// IANA's ports for QUIC: HTTP/3 (and its usual second choice), DNS, and where tests of implementations listen.
bool isQuicPort(UdpPorts ports);

/// Flows that showed a long header, by their hash. Of flows that fall on the same place the last one counts.
class QuicFlowsSeen {
public:
    /// A capture with more connections at a time, all on unusual ports, loses some of their later packets.
    static constexpr std::size_t kPlaces = 1024;

    void add(std::uint64_t flowHash) {
        m_flows[flowHash % kPlaces] = flowHash;
        m_any = true;
    }
    bool any() const { return m_any; }
    bool has(std::uint64_t flowHash) const { return m_flows[flowHash % kPlaces] == flowHash; }

private:
    std::array<std::uint64_t, kPlaces> m_flows{};
    bool m_any = false;
};

} // namespace gatescope::packet
