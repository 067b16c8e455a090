// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"

#include <cstdint>

namespace gatescope::capture {

/// Turns the ticks of one interface into nanoseconds. Any resolution and offset is taken without overflow.
/// Source: draft-ietf-opsawg-pcapng, if_tsresol and if_tsoffset.
class TimeScale {
public:
    struct Time {
        TimeNs value = kNoTime;
        bool impossible = false; ///< outside of what TimeNs can say; see toTime
    };

    static constexpr std::uint8_t kMicroseconds = 6; ///< when the option is missing

    /// `resolution`: ticks per second are 10^n, or 2^n if the top bit is set, n being the lower seven bits.
    explicit TimeScale(std::uint8_t resolution = kMicroseconds, std::int64_t offsetSeconds = 0);

    /// Ticks count from 1970 and have no sign. Where that gives a time beyond TimeNs, they are read as negative if that
    /// gives one within (some programs write times before 1970 that way, and their differences then stay right), else
    /// the latest time stands in.
    Time toTime(std::uint64_t ticks) const {
        if (ticks < m_plainEnd) return {static_cast<TimeNs>(ticks * m_factor), false};
        return toTimeExactly(ticks);
    }

private:
    Time toTimeExactly(std::uint64_t ticks) const;

    std::uint64_t m_factor = 1;   ///< nanoseconds per tick, for ticks of a nanosecond or longer
    std::uint64_t m_plainEnd = 0; ///< below, a multiplication is all; 0 if never
    std::int64_t m_offsetSeconds;
    std::uint8_t m_resolution;
};

} // namespace gatescope::capture
