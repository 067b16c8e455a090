// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"

#include <cstdint>
#include <span>
#include <vector>

namespace gatescope::live {

/// Tells the second sight of a packet. The rule: the same octets from the network header on, of the same length on the
/// wire, on another interface within 150 ms are a copy. The same octets on the same interface are a packet of their
/// own: an acknowledgement that was sent twice, for one. A router changes a packet, so behind it it is another.
///
/// Memory is bounded: where too many packets want one place, the oldest is forgotten, and its copy counts as a packet.
class SeenPackets {
public:
    static constexpr std::size_t kPlaces = 1U << 14;
    static constexpr std::size_t kChoices = 4; ///< places that one packet may have
    static constexpr TimeNs kWindow = 150'000'000;

    /// `seed`: a number that no sender can know. Without `isUsed` nothing is kept and nothing is a copy.
    SeenPackets(std::uint64_t seed, bool isUsed) : m_seed(seed), m_places(isUsed ? kPlaces : 0) {}
    bool isCopy(std::uint16_t linkType, std::span<const std::uint8_t> packet, std::uint32_t wireLength,
                std::uint64_t interface, TimeNs time);

private:
    struct Sight {
        std::uint64_t hash = 0, interface = 0;
        TimeNs time = kNoTime;
    };
    std::uint64_t m_seed;
    std::vector<Sight> m_places;
};

} // namespace gatescope::live
