// SPDX-License-Identifier: Apache-2.0
#include "core/llm/wait_time.h"

#include "core/http/message.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace gatescope::llm {

namespace {

constexpr double kNsPerSecond = 1e9;
constexpr double kMaxSeconds = 10.0 * 366 * 24 * 3600;

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
bool isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::optional<std::int64_t> nanoseconds(double seconds) {
    if (!(seconds >= 0) || seconds > kMaxSeconds) return {};
    return std::llround(seconds * kNsPerSecond);
}

/// The plain decimal number at the beginning of `text`, which moves on behind it.
std::optional<double> takeNumber(std::string_view& text) {
    if (text.empty() || !isDigit(text.front())) return {};
    double number = 0;
    const auto [stop, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc{}) return {};
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    return number;
}

std::optional<double> wholeNumber(std::string_view text) {
    text = trimmed(text);
    const auto number = takeNumber(text);
    return text.empty() ? number : std::nullopt;
}

/// Seconds of the unit that `text` begins with; it moves on behind it. 0: no unit of time.
double takeUnit(std::string_view& text) {
    struct Unit {
        std::string_view name;
        double seconds;
    };
    constexpr std::array<Unit, 21> kUnits{
        {{"ms", 0.001},  {"millisecond", 0.001}, {"milliseconds", 0.001}, {"s", 1},         {"sec", 1},
         {"secs", 1},    {"second", 1},          {"seconds", 1},          {"second(s)", 1}, {"m", 60},
         {"min", 60},    {"mins", 60},           {"minute", 60},          {"minutes", 60},  {"h", 3600},
         {"hr", 3600},   {"hour", 3600},         {"hours", 3600},         {"d", 86400},     {"day", 86400},
         {"days", 86400}}};
    std::size_t length = 0;
    while (length < text.size() && isLetter(text[length])) ++length;
    for (const Unit& unit : kUnits) {
        if (!http::equalsIgnoreCase(text.substr(0, length), unit.name)) continue;
        text.remove_prefix(length);
        return unit.seconds;
    }
    return 0;
}

/// `41 seconds`, `1.2s`, `6m0s`, `02:10:34`.
std::optional<double> takeDuration(std::string_view text) {
    double sum = 0;
    bool found = false;
    while (!text.empty() && isDigit(text.front())) {
        const auto number = takeNumber(text);
        if (!number) return {};
        if (!found && text.starts_with(':')) {
            text.remove_prefix(1);
            const auto minutes = takeNumber(text);
            if (!minutes || !text.starts_with(':')) return {};
            text.remove_prefix(1);
            const auto seconds = takeNumber(text);
            if (!seconds) return {};
            return *number * 3600 + *minutes * 60 + *seconds;
        }
        while (text.starts_with(' ')) text.remove_prefix(1);
        const double unit = takeUnit(text);
        if (unit == 0) break;
        sum += *number * unit;
        found = true;
    }
    return found ? std::optional(sum) : std::nullopt;
}

std::size_t findIgnoringCase(std::string_view text, std::string_view word, std::size_t from) {
    for (std::size_t at = from; at + word.size() <= text.size(); ++at)
        if (http::equalsIgnoreCase(text.substr(at, word.size()), word)) return at;
    return std::string_view::npos;
}

} // namespace

std::optional<std::int64_t> secondsOfHttpDate(std::string_view date) {
    // Sun, 06 Nov 1994 08:49:37 GMT
    constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    date = trimmed(date);
    if (date.size() != 29 || date.substr(3, 2) != ", " || date.substr(25) != " GMT") return {};
    const auto number = [&](std::size_t at, std::size_t digits) {
        int value = 0;
        for (const char c : date.substr(at, digits)) value = isDigit(c) && value >= 0 ? value * 10 + (c - '0') : -1;
        return value;
    };
    unsigned month = 0;
    for (unsigned i = 0; i < kMonths.size(); ++i)
        if (date.substr(8, 3) == kMonths[i]) month = i + 1;
    const int day = number(5, 2);
    const int year = number(12, 4);
    const int hour = number(17, 2);
    const int minute = number(20, 2);
    const int second = number(23, 2);
    if (month == 0 || day < 1 || year < 1970 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
        second > 60 || date[7] != ' ' || date[11] != ' ' || date[16] != ' ' || date[19] != ':' || date[22] != ':')
        return {};
    const std::chrono::year_month_day calendar{std::chrono::year(year), std::chrono::month(month),
                                               std::chrono::day(static_cast<unsigned>(day))};
    if (!calendar.ok()) return {};
    const std::int64_t days = std::chrono::sys_days(calendar).time_since_epoch().count();
    return days * 86400 + hour * 3600 + minute * 60 + second;
}

std::optional<std::int64_t> waitOfMilliseconds(std::string_view value) {
    const auto number = wholeNumber(value);
    return number ? nanoseconds(*number / 1000) : std::nullopt;
}

std::optional<std::int64_t> waitOfRetryAfter(std::string_view value, std::string_view date) {
    if (const auto number = wholeNumber(value)) return nanoseconds(*number);
    const auto until = secondsOfHttpDate(value);
    const auto now = secondsOfHttpDate(date);
    if (!until || !now) return {};
    return *until <= *now ? 0 : nanoseconds(static_cast<double>(*until - *now));
}

std::optional<std::int64_t> waitInText(std::string_view text) {
    /// Words between the phrase and the number: `in`, `after`, `for`, `at least`.
    constexpr std::size_t kMaxBetween = 16;
    for (const std::string_view phrase : {"try again", "retry after", "retry in", "wait", "replenished in"}) {
        for (std::size_t at = findIgnoringCase(text, phrase, 0); at != std::string_view::npos;
             at = findIgnoringCase(text, phrase, at + 1)) {
            const std::string_view rest = text.substr(at + phrase.size());
            const std::size_t digit = rest.substr(0, kMaxBetween).find_first_of("0123456789.");
            if (digit == std::string_view::npos || rest[digit] == '.') continue; // the sentence ends
            if (const auto seconds = takeDuration(rest.substr(digit))) return nanoseconds(*seconds);
        }
    }
    return {};
}

} // namespace gatescope::llm
