// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/base/ip_address.h"
#include "core/base/packet_ref.h"
#include "core/base/time.h"

#include <cstdint>

namespace gatescope::packet {

/// TCP header flags (RFC 9293, 3.1).
enum TcpFlag : std::uint8_t { kFin = 0x01, kSyn = 0x02, kRst = 0x04, kPsh = 0x08, kAck = 0x10 };

/// One decoded TCP segment. `payload` points into the packet block, or into a reassembled datagram kept with it.
struct TcpSegment {
    Endpoint source;
    Endpoint destination;
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgement = 0;
    std::uint16_t window = 0;
    std::uint8_t flags = 0;
    std::uint32_t uncaptured = 0; ///< payload octets after `payload` that were on the wire but not in the capture
    Bytes payload;
    PacketRef packet = 0;
    /// Of the IP identification and the TCP checksum: the same for the same packet captured twice, on two interfaces or
    /// on both sides of a bridge, and different for one that was sent again.
    /// 0: not known.
    std::uint32_t fingerprint = 0;
    TimeNs time = kNoTime;
    std::uint64_t flowHash = 0; ///< the same for both directions

    bool has(TcpFlag flag) const { return (flags & flag) != 0; }
};

} // namespace gatescope::packet
