// SPDX-License-Identifier: Apache-2.0
#include "core/live/seen_packets.h"

#include "core/live/header_trim.h"

#include <cstring>

namespace gatescope::live {

namespace {

std::uint64_t hashOf(std::span<const std::uint8_t> bytes, std::uint64_t hash) {
    const auto mix = [&](std::uint64_t word) {
        hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
        hash ^= hash >> 29;
    };
    std::uint64_t word = 0;
    for (; bytes.size() >= sizeof word; bytes = bytes.subspan(sizeof word)) {
        std::memcpy(&word, bytes.data(), sizeof word);
        mix(word);
    }
    word = bytes.size();
    for (const std::uint8_t byte : bytes) word = word << 8 | byte;
    mix(word);
    return hash;
}

} // namespace

bool SeenPackets::isCopy(std::uint16_t linkType, std::span<const std::uint8_t> packet, std::uint32_t wireLength,
                         std::uint64_t interface, TimeNs time) {
    if (m_places.empty()) return false;
    const auto network = findNetwork(linkType, packet);
    const std::size_t offset = network ? network->offset : 0;
    const std::uint64_t hash = hashOf(packet.subspan(offset), m_seed ^ (wireLength - offset));
    Sight& sight = m_places[hash % kPlaces];
    const TimeNs apart = sight.time == kNoTime ? kWindow + 1
                         : time > sight.time   ? time - sight.time
                                               : sight.time - time;
    if (sight.hash == hash && sight.interface != interface && apart <= kWindow) return true;
    sight = {hash, interface, time};
    return false;
}

} // namespace gatescope::live
