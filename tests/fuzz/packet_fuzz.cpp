// SPDX-License-Identifier: Apache-2.0
// Input: the link type's index, options (bit 0: port 53 is VXLAN; bit 1: packets come from two inputs by turns), then
// packets, each with a length octet (and how much longer it was on the wire) before it.
#include "core/packet/packet_decoder.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

using namespace gatescope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // New types go to the end: the seeds know the others by their place.
    constexpr auto kLinks =
        std::to_array<std::uint16_t>({0,  1,   12,  14,  101, 108, 113, 228, 229, 276, 999, 9,   50,
                                      51, 100, 104, 109, 117, 138, 166, 204, 205, 219, 239, 240, 258});
    if (size < 3) return 0;
    const std::uint16_t link = kLinks[data[0] % kLinks.size()];
    packet::PacketOptions options;
    options.fragments.maxDatagrams = 8;
    options.fragments.maxHeldBytes = 4'096;
    options.fragments.maxPieces = 16;
    if ((data[1] & 1) != 0) options.vxlanPorts = {53};
    const bool twoInputs = (data[1] & 2) != 0;
    packet::PacketDecoder decoder(options);
    packet::KeptBytes kept;
    std::uint64_t count = 0;
    volatile std::uint32_t sum = 0;
    for (std::size_t at = 2; at + 2 <= size;) {
        const std::size_t length = std::min<std::size_t>(data[at], size - at - 2);
        const std::uint8_t more = data[at + 1];
        // A copy of exactly that size, so that the first octet read past the end is seen.
        const std::vector<std::uint8_t> bytes(data + at + 2, data + at + 2 + length);
        at += 2 + length;
        capture::Packet packet;
        packet.data = bytes;
        packet.linkType = link;
        packet.originalLength = static_cast<std::uint32_t>(length + more);
        ++count;
        packet.number = packetRef(twoInputs ? static_cast<std::uint32_t>(count % 2) : 0, count);
        packet.time = static_cast<TimeNs>(count) * (more % 7 == 0 ? 40'000'000'000 : 1'000);
        packet::TcpSegment segment;
        if (decoder.decode(packet, segment, kept) != packet::PacketDecoder::Outcome::Tcp) continue;
        // Touched, so that a sanitizer sees a payload that lies elsewhere.
        for (const std::uint8_t octet : segment.payload) sum = sum + octet;
    }
    std::uint64_t counted = 0;
    for (std::size_t i = 0; i < packet::kOutcomes; ++i) counted += decoder.packets(static_cast<packet::Outcome>(i));
    if (counted != count) std::abort();
    for (const Finding& finding : decoder.findings())
        if (!finding.input || !finding.packet || *finding.packet == 0 || *finding.packet > count) std::abort();
    return 0;
}
