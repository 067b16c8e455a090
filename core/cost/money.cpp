// SPDX-License-Identifier: Apache-2.0
#include "core/cost/money.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace gatescope::cost {

namespace {

__extension__ using Wide = __int128;
constexpr int kMoneyScale = 15;
constexpr Wide kMost = ~(static_cast<Wide>(1) << 127);

/// Digits of `value` with the point `scale` places from the right; no zeros at the end of the fraction.
std::string placed(Wide value, int scale) {
    const bool negative = value < 0;
    std::string digits;
    while (value != 0 || digits.size() <= static_cast<std::size_t>(scale)) {
        const int digit = static_cast<int>(value % 10);
        digits += static_cast<char>('0' + (digit < 0 ? -digit : digit));
        value /= 10;
    }
    std::ranges::reverse(digits);
    const std::size_t point = digits.size() - static_cast<std::size_t>(scale);
    std::string text = negative ? "-" : "";
    text.append(digits, 0, point);
    const std::size_t last = digits.find_last_not_of('0');
    if (last != std::string::npos && last >= point) (text += '.').append(digits, point, last + 1 - point);
    return text;
}

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

/// A decimal number taken apart: `digits` without the point, times 10^`exponent`.
struct Decimal {
    std::string digits;
    int exponent = 0;
};

/// Takes the digits at the front.
std::string_view takeDigits(std::string_view& text) {
    const auto end = std::find_if_not(text.begin(), text.end(), isDigit);
    const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(digits.size());
    return digits;
}

std::optional<Decimal> parseDecimal(std::string_view text) {
    constexpr std::size_t kLongest = 400; // the longest double has 309 digits before its point
    if (text.size() > kLongest) return std::nullopt;
    const std::string_view whole = takeDigits(text);
    std::string_view fraction;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        fraction = takeDigits(text);
        if (fraction.empty()) return std::nullopt;
    }
    if (whole.empty()) return std::nullopt;
    int exponent = 0;
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('+')) text.remove_prefix(1);
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
        if (error != std::errc() || exponent < -1000 || exponent > 1000) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    }
    if (!text.empty()) return std::nullopt;
    Decimal decimal{std::string(whole), exponent - static_cast<int>(fraction.size())};
    decimal.digits += fraction;
    return decimal;
}

} // namespace

Money Money::product(std::int64_t quantity, std::int64_t pricePerPiece) {
    Money money;
    money.m_value = static_cast<Wide>(quantity) * pricePerPiece; // two words always fit in a double one
    return money;
}

Money& Money::operator+=(Money other) {
    if (__builtin_add_overflow(m_value, other.m_value, &m_value)) m_value = other.m_value < 0 ? -kMost : kMost;
    return *this;
}

double Money::toDouble() const {
    return static_cast<double>(m_value) / 1e15;
}

std::string Money::toString() const {
    return placed(m_value, kMoneyScale);
}

std::optional<std::int64_t> scaledDecimal(std::string_view text, int scale) {
    const auto decimal = parseDecimal(text);
    if (!decimal) return std::nullopt;
    const int exponent = decimal->exponent + scale;
    std::int64_t value = 0;
    // Digits that stand left of the last whole place; the first one right of it rounds.
    const auto whole = static_cast<std::ptrdiff_t>(decimal->digits.size()) + exponent;
    for (std::ptrdiff_t place = 0; place < whole; ++place) {
        const bool isGiven = place < static_cast<std::ptrdiff_t>(decimal->digits.size());
        const int digit = isGiven ? decimal->digits[static_cast<std::size_t>(place)] - '0' : 0;
        if (__builtin_mul_overflow(value, std::int64_t{10}, &value) ||
            __builtin_add_overflow(value, std::int64_t{digit}, &value))
            return std::nullopt;
    }
    const bool roundsUp = whole >= 0 && whole < static_cast<std::ptrdiff_t>(decimal->digits.size()) &&
                          decimal->digits[static_cast<std::size_t>(whole)] >= '5';
    if (roundsUp && __builtin_add_overflow(value, std::int64_t{1}, &value)) return std::nullopt;
    return value;
}

std::string decimalText(std::int64_t value, int scale) {
    return placed(value, scale);
}

} // namespace gatescope::cost
