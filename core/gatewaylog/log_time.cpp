// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/log_time.h"

#include "core/http/message.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace gatescope::gatewaylog {

namespace {

/// Reads a text from its front.
class Cursor {
public:
    explicit Cursor(std::string_view text) : m_rest(text) {}

    bool done() const { return m_rest.empty(); }
    char peek() const { return m_rest.empty() ? '\0' : m_rest.front(); }
    std::string_view rest() const { return m_rest; }
    bool take(char c) {
        if (peek() != c) return false;
        m_rest.remove_prefix(1);
        return true;
    }
    /// A number of `least` to `most` digits; -1: there is none.
    int number(std::size_t least, std::size_t most) {
        int value = 0;
        std::size_t digits = 0;
        while (digits < most && peek() >= '0' && peek() <= '9') {
            value = value * 10 + (m_rest.front() - '0');
            m_rest.remove_prefix(1);
            ++digits;
        }
        return digits < least ? -1 : value;
    }
    /// Digits behind a decimal point, as nanoseconds. More than nine are cut.
    std::int64_t fraction() {
        std::int64_t value = 0;
        std::int64_t unit = kSecond;
        while (peek() >= '0' && peek() <= '9') {
            unit /= 10;
            value += (m_rest.front() - '0') * unit;
            m_rest.remove_prefix(1);
        }
        return value;
    }
    void skipBlanks() {
        while (take(' ')) {
        }
    }
    bool takeWord(std::string_view word) {
        if (!http::equalsIgnoreCase(m_rest.substr(0, word.size()), word)) return false;
        m_rest.remove_prefix(word.size());
        return true;
    }

private:
    std::string_view m_rest;
};

TimeNs fromParts(std::int64_t seconds, std::int64_t nanoseconds) {
    TimeNs time = 0;
    if (__builtin_mul_overflow(seconds, kSecond, &time) || __builtin_add_overflow(time, nanoseconds, &time))
        return kNoTime;
    return time;
}

struct Moment {
    int year = -1, month = -1, day = -1;
    int hour = -1, minute = -1, second = 0;
    std::int64_t fraction = 0;
    int offsetMinutes = 0; ///< east of UTC

    TimeNs time() const {
        const std::chrono::year_month_day date{std::chrono::year{year},
                                               std::chrono::month(static_cast<unsigned>(month)),
                                               std::chrono::day(static_cast<unsigned>(day))};
        const bool clockIsRight = hour >= 0 && hour <= 24 && minute >= 0 && minute <= 59 && second >= 0 && second <= 60;
        if (year < 0 || month < 0 || day < 0 || !date.ok() || !clockIsRight) return kNoTime;
        const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
        return fromParts(((days * 24 + hour) * 60 + minute - offsetMinutes) * 60 + second, fraction);
    }
};

/// `hh:mm`, `hh:mm:ss`, `hh:mm:ss.fff`. False when it is not that.
bool readClock(Cursor& text, Moment& moment) {
    moment.hour = text.number(1, 2);
    if (moment.hour < 0 || !text.take(':')) return false;
    moment.minute = text.number(2, 2);
    if (moment.minute < 0) return false;
    if (!text.take(':')) return true;
    moment.second = text.number(2, 2);
    if (text.take('.') || text.take(',')) moment.fraction = text.fraction();
    return moment.second >= 0;
}

/// `Z`, `UTC`, `+hh:mm`, `+hhmm`, `+hh` or nothing, up to the end.
bool readZone(Cursor& text, Moment& moment) {
    text.skipBlanks();
    if (text.takeWord("UTC") || text.takeWord("GMT") || text.takeWord("Z")) return text.done();
    const bool west = text.peek() == '-';
    if (!text.take('+') && !text.take('-')) return text.done();
    const int hours = text.number(2, 2);
    text.take(':');
    const int minutes = text.done() ? 0 : text.number(2, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return false;
    moment.offsetMinutes = (west ? -1 : 1) * (hours * 60 + minutes);
    return text.done();
}

TimeNs isoTime(std::string_view value) {
    Cursor text(value);
    Moment moment;
    moment.year = text.number(4, 4);
    if (!text.take('-')) return kNoTime;
    moment.month = text.number(2, 2);
    if (!text.take('-')) return kNoTime;
    moment.day = text.number(2, 2);
    if (text.done()) {
        moment.hour = moment.minute = 0;
        return moment.time();
    }
    if (!text.take('T') && !text.take(' ') && !text.take('t')) return kNoTime;
    return readClock(text, moment) && readZone(text, moment) ? moment.time() : kNoTime;
}

/// `15/Jan/2026:10:00:00 +0000`
TimeNs nginxTime(std::string_view value) {
    constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
    Cursor text(value);
    Moment moment;
    moment.day = text.number(1, 2);
    if (!text.take('/')) return kNoTime;
    for (std::size_t i = 0; i < kMonths.size() && moment.month < 0; ++i)
        if (text.takeWord(kMonths[i])) moment.month = static_cast<int>(i) + 1;
    if (!text.take('/')) return kNoTime;
    moment.year = text.number(4, 4);
    if (!text.take(':')) return kNoTime;
    return readClock(text, moment) && readZone(text, moment) ? moment.time() : kNoTime;
}

/// `1/15/2026, 10:00:00.123 AM`
TimeNs displayTime(std::string_view value) {
    Cursor text(value);
    Moment moment;
    moment.month = text.number(1, 2);
    if (!text.take('/')) return kNoTime;
    moment.day = text.number(1, 2);
    if (!text.take('/')) return kNoTime;
    moment.year = text.number(4, 4);
    if (moment.month > 12) std::swap(moment.month, moment.day);
    text.take(',');
    text.skipBlanks();
    if (!readClock(text, moment)) return kNoTime;
    text.skipBlanks();
    text.takeWord("\u202f"); // a narrow blank, as browsers write it
    const bool afternoon = text.takeWord("PM");
    if (afternoon || text.takeWord("AM")) {
        if (moment.hour < 1 || moment.hour > 12) return kNoTime;
        moment.hour = moment.hour % 12 + (afternoon ? 12 : 0);
    }
    return text.done() ? moment.time() : kNoTime;
}

bool isNumber(std::string_view text) {
    return text.find_first_not_of("0123456789.") == std::string_view::npos;
}

TimeNs sum(TimeNs time, std::int64_t more) {
    TimeNs later = 0;
    return __builtin_add_overflow(time, more, &later) ? kNoTime : later;
}

TimeNs digitsTime(std::string_view text) {
    std::int64_t whole = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, whole);
    if (error != std::errc{}) return kNoTime;
    if (stop == end) return epochTime(whole);
    // A fraction is kept exact: a double has not enough digits for nanoseconds.
    Cursor rest(std::string_view(stop, static_cast<std::size_t>(end - stop)));
    if (!rest.take('.')) return kNoTime;
    const std::int64_t fraction = rest.fraction();
    const TimeNs base = epochTime(whole);
    if (!rest.done() || base == kNoTime) return kNoTime;
    constexpr std::int64_t kFirstMilliseconds = 100'000'000'000;
    return whole < kFirstMilliseconds ? fromParts(whole, fraction) : sum(base, fraction / 1000);
}

} // namespace

TimeNs epochTime(std::int64_t number) {
    constexpr std::int64_t kFirstMilliseconds = 100'000'000'000; // as seconds: the year 5138; as milliseconds: 1973
    std::int64_t unit = kSecond;
    for (std::int64_t scaled = number; unit > 1 && scaled >= kFirstMilliseconds; scaled /= 1000) unit /= 1000;
    TimeNs time = 0;
    return number < 0 || __builtin_mul_overflow(number, unit, &time) ? kNoTime : time;
}

TimeNs epochTime(double number) {
    constexpr double kLargest = 9.2e18;
    if (!(number >= 0 && number < kLargest)) return kNoTime;
    const double whole = std::floor(number);
    const TimeNs base = epochTime(static_cast<std::int64_t>(whole));
    if (whole >= 1e11 || base == kNoTime) return base;
    // Microseconds are what a double of this size can tell.
    return sum(base, static_cast<std::int64_t>(std::llround((number - whole) * 1e6)) * 1000);
}

TimeNs ticksTime(std::int64_t ticks) {
    constexpr std::int64_t kTicksAt1970 = 621'355'968'000'000'000;
    TimeNs time = 0;
    if (ticks <= 0 || __builtin_sub_overflow(ticks, kTicksAt1970, &time) || __builtin_mul_overflow(time, 100, &time))
        return kNoTime;
    return time;
}

LogTime parseTime(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    if (text.size() < 8 || text.size() > 64) return {};
    if (text[4] == '-') return {isoTime(text)};
    if (isNumber(text)) return {digitsTime(text)};
    if (const TimeNs time = nginxTime(text); time != kNoTime) return {time};
    if (const TimeNs time = displayTime(text); time != kNoTime) return {time, false};
    return {};
}

LogTime readTime(const LogFields& fields, LogFields::Index index) {
    if (index == LogFields::kNone) return {};
    const LogFields::Member& member = fields[index];
    switch (member.kind) {
    case LogFields::Kind::Text:
        return parseTime(member.text);
    case LogFields::Kind::Integer:
        return {epochTime(member.integer)};
    case LogFields::Kind::Real:
        return {epochTime(member.real)};
    default:
        return {};
    }
}

std::optional<std::int64_t> parseTimespan(std::string_view value) {
    Cursor text(value);
    const bool negative = text.take('-');
    std::int64_t days = 0;
    int hours = text.number(1, 8);
    if (hours >= 0 && text.take('.')) {
        days = hours;
        hours = text.number(2, 2);
    }
    if (hours < 0 || hours > 23 || !text.take(':')) return {};
    const int minutes = text.number(2, 2);
    if (minutes < 0 || minutes > 59 || !text.take(':')) return {};
    const int seconds = text.number(2, 2);
    if (seconds < 0 || seconds > 59) return {};
    const std::int64_t fraction = text.take('.') ? text.fraction() : 0;
    if (!text.done()) return {};
    const TimeNs span = fromParts(((days * 24 + hours) * 60 + minutes) * 60 + seconds, fraction);
    if (span == kNoTime) return {};
    return negative ? -span : span;
}

std::optional<std::int64_t> readDuration(const LogFields& fields, LogFields::Index index, std::int64_t unitNs) {
    if (const auto whole = fields.integer(index)) {
        std::int64_t duration = 0;
        if (*whole < 0 || __builtin_mul_overflow(*whole, unitNs, &duration)) return {};
        return duration;
    }
    const auto number = fields.real(index);
    if (!number) return {};
    const double duration = *number * static_cast<double>(unitNs);
    constexpr double kLargest = 9.2e18;
    if (!(duration >= 0 && duration < kLargest)) return {};
    return std::llround(duration);
}

TimeNs endOf(TimeNs begin, std::optional<std::int64_t> duration) {
    TimeNs end = 0;
    if (begin == kNoTime || !duration || __builtin_add_overflow(begin, *duration, &end)) return kNoTime;
    return end;
}

} // namespace gatescope::gatewaylog
