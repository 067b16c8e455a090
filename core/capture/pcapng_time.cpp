// SPDX-License-Identifier: Apache-2.0
#include "core/capture/pcapng_time.h"

#include <limits>

namespace gatescope::capture {

namespace {

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
constexpr unsigned kNsDigits = 9;

std::uint64_t powerOfTen(unsigned exponent) {
    std::uint64_t power = 1;
    while (exponent-- != 0) power *= 10;
    return power;
}

UnsignedWide ticksToNs(std::uint64_t ticks, std::uint8_t resolution) {
    const unsigned exponent = resolution & 0x7fU;
    if ((resolution & 0x80U) != 0) return static_cast<UnsignedWide>(ticks) * kNsPerSecond >> exponent;
    if (exponent <= kNsDigits) return static_cast<UnsignedWide>(ticks) * powerOfTen(kNsDigits - exponent);
    constexpr unsigned kMostDigits =
        19; // 10^19 is the largest power that fits 64 bits; above, all ticks are below 1 ns
    if (exponent - kNsDigits > kMostDigits) return 0;
    return ticks / powerOfTen(exponent - kNsDigits);
}

} // namespace

TimeScale::TimeScale(std::uint8_t resolution, std::int64_t offsetSeconds)
    : m_offsetSeconds(offsetSeconds), m_resolution(resolution) {
    if (resolution > kNsDigits || offsetSeconds != 0) return;
    m_factor = powerOfTen(kNsDigits - resolution);
    m_plainEnd = static_cast<std::uint64_t>(std::numeric_limits<TimeNs>::max()) / m_factor + 1;
}

TimeScale::Time TimeScale::toTimeExactly(std::uint64_t ticks) const {
    constexpr Wide kEarliest = kNoTime + 1;
    constexpr Wide kLatest = std::numeric_limits<TimeNs>::max();
    // At most 2^64 * 10^9 and 2^63 * 10^9: their sum is far from the limits of 128 bits.
    const Wide offset = static_cast<Wide>(m_offsetSeconds) * kNsPerSecond;
    const Wide ns = static_cast<Wide>(ticksToNs(ticks, m_resolution)) + offset;
    if (ns < kEarliest) return {static_cast<TimeNs>(kEarliest), true};
    if (ns <= kLatest) return {static_cast<TimeNs>(ns), false};

    constexpr std::uint64_t kSignBit = 1ULL << 63U;
    const Wide negative = offset - static_cast<Wide>(ticksToNs(0 - ticks, m_resolution));
    const bool fits = (ticks & kSignBit) != 0 && negative >= kEarliest && negative <= kLatest;
    return {static_cast<TimeNs>(fits ? negative : kLatest), true};
}

} // namespace gatescope::capture
