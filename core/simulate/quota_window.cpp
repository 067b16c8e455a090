// SPDX-License-Identifier: Apache-2.0
#include "core/simulate/quota_window.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

namespace gatescope::simulate {

namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr std::array<std::string_view, 5> kPeriods{"Hourly", "Daily", "Weekly", "Monthly", "Yearly"};
constexpr std::array<std::string_view, 7> kDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                "Thursday", "Friday", "Saturday"};
constexpr std::int64_t kHour = 60 * kMinute;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

template <typename T, std::size_t N>
std::optional<T> parse(const std::array<std::string_view, N>& names, std::string_view text) {
    for (std::size_t i = 0; i < N; ++i)
        if (std::ranges::equal(names[i], text, {}, lower, lower)) return static_cast<T>(i);
    return std::nullopt;
}

TimeNs timeOf(sys_days day) {
    TimeNs time = 0;
    const std::int64_t count = day.time_since_epoch().count();
    if (!__builtin_mul_overflow(count, 24 * kHour, &time)) return time;
    // kNoTime is not a time.
    return count < 0 ? std::numeric_limits<TimeNs>::min() + 1 : std::numeric_limits<TimeNs>::max();
}

Period between(sys_days first, sys_days end) {
    return {timeOf(first), timeOf(end)};
}

sys_days dayOf(TimeNs time) {
    std::int64_t day = time / (24 * kHour);
    if (time % (24 * kHour) < 0) --day;
    return sys_days{days{day}};
}

Period hourOf(TimeNs time) {
    std::int64_t into = time % kHour;
    if (into < 0) into += kHour;
    TimeNs begin = 0, end = 0;
    if (__builtin_sub_overflow(time, into, &begin)) begin = std::numeric_limits<TimeNs>::min() + 1;
    if (__builtin_add_overflow(time, kHour - into, &end)) end = std::numeric_limits<TimeNs>::max();
    return {begin, end};
}

} // namespace

std::string_view toString(QuotaPeriod period) {
    return kPeriods[static_cast<std::size_t>(period)];
}

std::optional<QuotaPeriod> parseQuotaPeriod(std::string_view text) {
    return parse<QuotaPeriod>(kPeriods, text);
}

std::string_view toString(Weekday day) {
    return kDays[static_cast<std::size_t>(day)];
}

std::optional<Weekday> parseWeekday(std::string_view text) {
    return parse<Weekday>(kDays, text);
}

Period periodOf(TimeNs time, QuotaPeriod unit, Weekday weekStart) {
    using namespace std::chrono;
    const sys_days day = dayOf(time);
    const year_month_day date{day};
    switch (unit) {
    case QuotaPeriod::Hourly:
        break;
    case QuotaPeriod::Daily:
        return between(day, day + days{1});
    case QuotaPeriod::Weekly: {
        const days since = weekday{day} - weekday{static_cast<unsigned>(weekStart)};
        return between(day - since, day - since + days{7});
    }
    case QuotaPeriod::Monthly: {
        const year_month month = date.year() / date.month();
        return between(sys_days{month / 1}, sys_days{(month + months{1}) / 1});
    }
    case QuotaPeriod::Yearly:
        return between(sys_days{date.year() / January / 1}, sys_days{(date.year() + years{1}) / January / 1});
    }
    return hourOf(time);
}

void QuotaWindow::advance(TimeNs time) {
    if (m_period.end != kNoTime && time < m_period.end) return;
    m_period = periodOf(time, m_unit, m_weekStart);
    m_used = 0;
}

Verdict QuotaWindow::ask(TimeNs time, std::optional<std::int64_t> estimate) {
    advance(time);
    const std::int64_t need = estimate.value_or(1);
    if (m_used + m_reserved + need <= m_quota) return {};
    if (need > m_quota) return {false, std::nullopt};
    const TimeNs wait = elapsed(time, m_period.end);
    return {false, std::max<std::int64_t>(1, wait / kSecond + (wait % kSecond > 0))};
}

void QuotaWindow::book(TimeNs time, std::int64_t tokens, std::int64_t reserved) {
    advance(time);
    m_reserved -= reserved;
    m_used += tokens;
}

std::int64_t QuotaWindow::remaining(TimeNs time) {
    advance(time);
    return std::max<std::int64_t>(0, m_quota - m_used - m_reserved);
}

} // namespace gatescope::simulate
