// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace gatescope {

/// Nanoseconds since 1970-01-01T00:00:00Z, as the capture or the log says it. Nobody in core/ reads a clock.
using TimeNs = std::int64_t;

/// "Never happened, or not seen." Chosen so that no capture can contain it.
inline constexpr TimeNs kNoTime = std::numeric_limits<TimeNs>::min();

/// From `from` to `to`. Times in captures may be anything: a difference too large for the type becomes its limit.
inline TimeNs elapsed(TimeNs from, TimeNs to) {
    TimeNs difference = 0;
    if (!__builtin_sub_overflow(to, from, &difference)) return difference;
    return to < from ? std::numeric_limits<TimeNs>::min() : std::numeric_limits<TimeNs>::max();
}

/// RFC 3339 in UTC with nine digits: `2026-01-01T00:00:00.003660615Z`. kNoTime gives an empty string.
std::string formatTime(TimeNs time);

} // namespace gatescope
