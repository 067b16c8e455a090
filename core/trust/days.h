// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"

#include <cstdint>
#include <string>

namespace gatescope::trust {

inline constexpr TimeNs kDay = TimeNs{86'400} * 1'000'000'000;

/// `2026-08-25`; empty: not known.
inline std::string dayOf(TimeNs time) {
    return formatTime(time).substr(0, 10);
}

/// Whole days from one time to another, downwards; both known.
inline std::int64_t wholeDays(TimeNs from, TimeNs to) {
    const TimeNs passed = elapsed(from, to);
    return passed >= 0 ? passed / kDay : -((-(passed + 1)) / kDay) - 1;
}

/// `1 day`, `12 days`.
inline std::string inDays(std::int64_t days) {
    return std::to_string(days) + (days == 1 ? " day" : " days");
}

} // namespace gatescope::trust
