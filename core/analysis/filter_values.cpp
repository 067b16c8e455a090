// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/filter_values.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>

namespace gatescope::analysis {

namespace {

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

/// `whole * scale + fraction`, where `digits` are the decimals of one unit; `scale` is a power of ten.
std::optional<std::int64_t> scaled(std::int64_t whole, std::string_view digits, std::int64_t scale) {
    std::int64_t fraction = 0;
    std::int64_t unit = scale;
    for (const char c : digits) {
        if (!isDigit(c)) return std::nullopt;
        unit /= 10;
        fraction += unit * (c - '0');
    }
    std::int64_t result = 0;
    if (__builtin_mul_overflow(whole, scale, &result) || __builtin_add_overflow(result, fraction, &result))
        return std::nullopt;
    return result;
}

/// Takes exactly `count` digits off the front.
std::optional<int> takeDigits(std::string_view& text, std::size_t count) {
    if (text.size() < count || !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(count), isDigit))
        return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value * 10 + (text[i] - '0');
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, std::string_view anyOf) {
    if (text.empty() || anyOf.find(text[0]) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

/// Days since 1970-01-01.
std::optional<std::int64_t> takeDate(std::string_view& text) {
    const auto year = takeDigits(text, 4);
    if (!year || !take(text, "-")) return std::nullopt;
    const auto month = takeDigits(text, 2);
    if (!month || !take(text, "-")) return std::nullopt;
    const auto day = takeDigits(text, 2);
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date}.time_since_epoch().count();
}

/// Minutes of `hh:mm`.
std::optional<int> takeMinutes(std::string_view& text) {
    const auto hour = takeDigits(text, 2);
    if (!hour || *hour > 23 || !take(text, ":")) return std::nullopt;
    const auto minute = takeDigits(text, 2);
    if (!minute || *minute > 59) return std::nullopt;
    return *hour * 60 + *minute;
}

/// Minutes that local time is ahead of UTC; `text` must end behind it.
std::optional<int> takeOffset(std::string_view text) {
    if (text == "Z" || text == "z") return 0;
    const bool west = text.starts_with('-');
    if (!take(text, "+-")) return std::nullopt;
    const auto minutes = takeMinutes(text);
    if (!minutes || !text.empty()) return std::nullopt;
    return west ? -*minutes : *minutes;
}

} // namespace

std::optional<std::int64_t> parseInteger(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    // The lowest number stands for "no value" in columns.
    if (error != std::errc{} || end != text.data() + text.size() || value == std::numeric_limits<std::int64_t>::min())
        return std::nullopt;
    return value;
}

std::optional<double> parseDecimal(std::string_view text) {
    // from_chars would also take `inf` and `nan`.
    if (!std::all_of(text.begin(), text.end(), [](char c) { return isDigit(c) || c == '.' || c == '-'; }))
        return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::int64_t> parseMilliseconds(std::string_view text) {
    constexpr std::int64_t kNanoseconds = 1'000'000;
    const bool negative = take(text, "-");
    const auto point = text.find('.');
    const std::string_view digits = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
    if (point != std::string_view::npos && digits.empty()) return std::nullopt;
    const auto whole = parseInteger(text.substr(0, point));
    if (!whole || *whole < 0) return std::nullopt;
    const auto result = scaled(*whole, digits, kNanoseconds);
    return result && negative ? -*result : result;
}

std::optional<TimeNs> parseTime(std::string_view text) {
    constexpr std::int64_t kNanoseconds = 1'000'000'000;
    const auto days = takeDate(text);
    if (!days || !take(text, "Tt ")) return std::nullopt;
    const auto minutes = takeMinutes(text);
    if (!minutes || !take(text, ":")) return std::nullopt;
    const auto seconds = takeDigits(text, 2);
    if (!seconds || *seconds > 60) return std::nullopt; // 60: leap second
    std::string_view fraction;
    if (take(text, ".")) {
        const auto end = std::find_if_not(text.begin(), text.end(), isDigit);
        fraction = text.substr(0, static_cast<std::size_t>(end - text.begin()));
        if (fraction.empty()) return std::nullopt;
        text.remove_prefix(fraction.size());
    }
    const auto offset = takeOffset(text);
    if (!offset) return std::nullopt;
    return scaled(*days * 86'400 + (*minutes - *offset) * 60 + *seconds, fraction, kNanoseconds);
}

} // namespace gatescope::analysis
