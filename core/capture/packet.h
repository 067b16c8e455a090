// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/base/packet_ref.h"
#include "core/base/time.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace gatescope::capture {

/// LINKTYPE_ values (https://www.tcpdump.org/linktypes.html) that the packet room decodes.
enum LinkType : std::uint16_t {
    kLinkNull = 0,
    kLinkEthernet = 1,
    kLinkRawOld1 = 12,
    kLinkRawOld2 = 14,
    kLinkRaw = 101,
    kLinkLoop = 108,
    kLinkLinuxSll = 113,
    kLinkIpv4 = 228,
    kLinkIpv6 = 229,
    kLinkLinuxSll2 = 276,
};

/// One captured packet. `data` points into the block that carried it.
struct Packet {
    Bytes data;                       ///< what was captured
    std::uint32_t originalLength = 0; ///< octets on the wire; more than data.size() when a snap length cut it
    std::uint32_t interfaceIndex = 0; ///< counted over all sections of the file
    PacketRef number = 0;             ///< from 1, as Wireshark counts, with the input that it came from
    TimeNs time = kNoTime;
    std::uint16_t linkType = 0;
};

/// A run of packets and the bytes that they point into. Moved from the reader to the workers as a whole.
struct PacketBlock {
    std::unique_ptr<std::uint8_t[]> bytes;
    std::size_t capacity = 0;
    std::vector<Packet> packets;
};

} // namespace gatescope::capture
