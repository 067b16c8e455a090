// SPDX-License-Identifier: Apache-2.0
// Input: the link type's index, then packets, each with a length octet (and how much longer it was on the wire) before
// it.
#include "core/packet/packet_decoder.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

using namespace gatescope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::array<std::uint16_t, 11> kLinks{0, 1, 12, 14, 101, 108, 113, 228, 229, 276, 999};
    if (size < 2) return 0;
    const std::uint16_t link = kLinks[data[0] % kLinks.size()];
    packet::FragmentLimits limits;
    limits.maxDatagrams = 8;
    limits.maxHeldBytes = 4'096;
    limits.maxPieces = 16;
    packet::PacketDecoder decoder(limits);
    packet::KeptBytes kept;
    std::uint64_t count = 0;
    volatile std::uint32_t sum = 0;
    for (std::size_t at = 1; at + 2 <= size;) {
        const std::size_t length = std::min<std::size_t>(data[at], size - at - 2);
        const std::uint8_t more = data[at + 1];
        // A copy of exactly that size, so that the first octet read past the end is seen.
        const std::vector<std::uint8_t> bytes(data + at + 2, data + at + 2 + length);
        at += 2 + length;
        capture::Packet packet;
        packet.data = bytes;
        packet.linkType = link;
        packet.originalLength = static_cast<std::uint32_t>(length + more);
        packet.number = ++count;
        packet.time = static_cast<TimeNs>(count) * (more % 7 == 0 ? 40'000'000'000 : 1'000);
        packet::TcpSegment segment;
        if (decoder.decode(packet, segment, kept) != packet::PacketDecoder::Outcome::Tcp) continue;
        // Touched, so that a sanitizer sees a payload that lies elsewhere.
        for (const std::uint8_t octet : segment.payload) sum = sum + octet;
    }
    std::uint64_t counted = 0;
    for (const std::uint64_t outcome : decoder.counts()) counted += outcome;
    if (counted != count) std::abort();
    (void)decoder.findings(0);
    return 0;
}
