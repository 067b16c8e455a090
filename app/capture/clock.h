// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"

#include <ctime>

namespace gatescope::helper {

inline TimeNs readClock(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return TimeNs{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}
inline TimeNs wallClock() {
    return readClock(CLOCK_REALTIME);
}
inline TimeNs steadyClock() {
    return readClock(CLOCK_MONOTONIC);
}

} // namespace gatescope::helper
