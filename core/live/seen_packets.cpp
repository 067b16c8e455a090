// SPDX-License-Identifier: Apache-2.0
#include "core/live/seen_packets.h"

#include "core/live/header_trim.h"

#include <algorithm>
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
    const auto choices = std::span(m_places).subspan(hash % (kPlaces / kChoices) * kChoices, kChoices);
    Sight* place = &choices.front(); // of the same packet, else of the oldest
    for (Sight& one : choices) {
        if (one.hash == hash) {
            const TimeNs apart =
                one.time == kNoTime ? kWindow + 1 : std::max(elapsed(one.time, time), elapsed(time, one.time));
            if (one.interface != interface && apart <= kWindow) return true;
            place = &one;
            break;
        }
        if (one.time < place->time) place = &one;
    }
    *place = {hash, interface, time};
    return false;
}

} // namespace gatescope::live
