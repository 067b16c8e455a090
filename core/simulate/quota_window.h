// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/simulate/limiter.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatescope::simulate {

enum class QuotaPeriod : std::uint8_t { Hourly, Daily, Weekly, Monthly, Yearly };
/// `Hourly`, ...: the values of token-quota-period. Parsing takes any case.
std::string_view toString(QuotaPeriod period);
std::optional<QuotaPeriod> parseQuotaPeriod(std::string_view text);

/// 0 Sunday to 6 Saturday.
enum class Weekday : std::uint8_t { Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday };
std::string_view toString(Weekday day);
std::optional<Weekday> parseWeekday(std::string_view text);

/// From `begin` up to, not including, `end`. Saturates at the ends of time.
struct Period {
    TimeNs begin = kNoTime;
    TimeNs end = kNoTime;
};
/// The period that holds `time`: its UTC time cut to the unit (documented). The day on which weeks begin is not
/// documented, so it is a setting.
Period periodOf(TimeNs time, QuotaPeriod unit, Weekday weekStart = Weekday::Monday);

/// token-quota with token-quota-period: a fixed window in UTC; refused calls get 403. The wait goes to its end. A quota
/// that the estimate alone exceeds is refused without a wait.
class QuotaWindow {
public:
    QuotaWindow(std::int64_t quota, QuotaPeriod period, Weekday weekStart = Weekday::Monday)
        : m_quota(quota), m_unit(period), m_weekStart(weekStart) {}

    /// As SlidingWindow: used and estimate together not over the quota; without estimate used below it.
    Verdict ask(TimeNs time, std::optional<std::int64_t> estimate);
    void reserve(std::int64_t estimate) { m_reserved += estimate; }
    /// Tokens count in the period of the answer.
    void book(TimeNs time, std::int64_t tokens, std::int64_t reserved);
    std::int64_t remaining(TimeNs time);

private:
    void advance(TimeNs time);

    std::int64_t m_quota;
    QuotaPeriod m_unit;
    Weekday m_weekStart;
    Period m_period;
    std::int64_t m_used = 0;
    std::int64_t m_reserved = 0;
};

} // namespace gatescope::simulate
