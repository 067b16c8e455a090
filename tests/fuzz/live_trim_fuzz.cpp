// SPDX-License-Identifier: Apache-2.0
// Packets through the trimming of bodies and the table of copies. The first octet chooses the link type; each packet
// has two octets of length in front, and memory of exactly its size.
#include "core/live/header_trim.h"
#include "core/live/seen_packets.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

using namespace gatescope::live;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::array<std::uint16_t, 9> kLinkTypes{0, 1, 101, 108, 113, 228, 229, 276, 9};
    if (size == 0) return 0;
    const std::uint16_t linkType = kLinkTypes[data[0] % kLinkTypes.size()];
    HeaderTrimmer trimmer(true);
    SeenPackets seen(1, true);
    std::int64_t time = 0;
    for (std::size_t at = 1; at + 2 <= size;) {
        const std::size_t length = std::min<std::size_t>(data[at] + 256U * data[at + 1], size - at - 2);
        const std::vector<std::uint8_t> packet(data + at + 2, data + at + 2 + length);
        if (trimmer.keptBytes(linkType, packet) > packet.size()) std::abort();
        seen.isCopy(linkType, packet, static_cast<std::uint32_t>(length), data[at] & 1U, ++time);
        at += 2 + length;
    }
    return 0;
}
