// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"
#include "core/gatewaylog/log_fields.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatescope::gatewaylog {

inline constexpr std::int64_t kMillisecond = 1'000'000;
inline constexpr std::int64_t kSecond = 1'000'000'000;

/// A time as a log writes it. kNoTime: there is none, or it is of no known form.
struct LogTime {
    TimeNs time = kNoTime;
    bool zoneKnown = true; ///< false: written for a display, and read as UTC
};

/// ISO 8601 with `T` or a blank, 0 to 9 digits of fraction, and `Z`, an offset or nothing (UTC); digits since 1970
/// (see epochTime), with or without a fraction; `15/Jan/2026:10:00:00 +0000` (nginx); `1/15/2026, 10:00:00.123 AM`
/// (display of the Azure portal: month first, unless only the second number can be a month).
LogTime parseTime(std::string_view text);
/// The same for a member, which may be a number.
LogTime readTime(const LogFields& fields, LogFields::Index index);

/// Since 1970, in seconds, milli-, micro- or nanoseconds: by magnitude. Nothing before 1973 can be told apart.
TimeNs epochTime(std::int64_t number);
TimeNs epochTime(double number);
/// Of .NET: steps of 100 ns since the year 1.
TimeNs ticksTime(std::int64_t ticks);

/// `[-][d.]hh:mm:ss[.fffffff]` (.NET) in nanoseconds.
std::optional<std::int64_t> parseTimespan(std::string_view text);

/// A number of units, such as kMillisecond, in nanoseconds; nothing when it is absent, negative or too large.
std::optional<std::int64_t> readDuration(const LogFields& fields, LogFields::Index index, std::int64_t unitNs);

/// `begin` plus `duration`; kNoTime when one of them is not known or the sum is no time.
TimeNs endOf(TimeNs begin, std::optional<std::int64_t> duration);

} // namespace gatescope::gatewaylog
