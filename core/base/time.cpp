// SPDX-License-Identifier: Apache-2.0
#include "core/base/time.h"

#include <chrono>
#include <fmt/format.h>

namespace gatescope {

std::string formatTime(TimeNs time) {
    if (time == kNoTime) return {};
    constexpr TimeNs kSecond = 1'000'000'000;
    TimeNs seconds = time / kSecond;
    TimeNs rest = time % kSecond;
    if (rest < 0) {
        rest += kSecond;
        --seconds;
    }
    const std::chrono::sys_seconds at{std::chrono::seconds{seconds}};
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{at - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), rest);
}

} // namespace gatescope
