// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope::cost {

/// An amount in some currency, exact: a whole number of 10^-15 of the currency's unit in 128 bits. One token at a price
/// of 9 decimals per million tokens is a whole number of those, so a sum of calls has no rounding error and does not
/// depend on the order of its parts. An amount that would pass the ends of the type (10^23 units) stays there.
class Money {
public:
    constexpr Money() = default;

    /// `quantity` pieces at `pricePerPiece` (10^-15 of a unit each).
    static Money product(std::int64_t quantity, std::int64_t pricePerPiece);

    Money& operator+=(Money other);
    friend Money operator+(Money a, Money b) { return a += b; }
    bool operator==(const Money&) const = default;
    bool operator<(const Money& other) const { return m_value < other.m_value; }

    bool isZero() const { return m_value == 0; }
    /// For widths and shares; not for sums.
    double toDouble() const;
    /// All digits that count, without a group separator, an exponent or trailing zeros: `0.000346`, `12`.
    std::string toString() const;

private:
    __extension__ using Wide = __int128;
    Wide m_value = 0;
};

/// A decimal number as people write it (`3.75`, `1e-3`), times 10^`scale`, rounded half up to a whole number. Nothing
/// when it is no number, is negative, or does not fit.
std::optional<std::int64_t> scaledDecimal(std::string_view text, int scale);

/// `value` / 10^`scale` with all digits that count: (1500, 6) gives `0.0015`.
std::string decimalText(std::int64_t value, int scale);

} // namespace gatescope::cost
