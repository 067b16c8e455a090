// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gatescope::tls {

/// A row of a registry. Tables are sorted by value, which a static_assert beside each of them checks.
struct NamedValue {
    std::uint16_t value;
    std::string_view name;
};

constexpr bool isSorted(std::span<const NamedValue> table) {
    return std::ranges::adjacent_find(table, std::ranges::greater_equal{}, &NamedValue::value) == table.end();
}

/// Empty: not in the table.
constexpr std::string_view nameIn(std::span<const NamedValue> table, std::uint16_t value) {
    const auto row = std::ranges::lower_bound(table, value, {}, &NamedValue::value);
    return row != table.end() && row->value == value ? row->name : std::string_view();
}

/// `0x1a2b`, `0x1a`.
std::string numberOf(std::uint16_t value);
std::string numberOf(std::uint8_t value);

/// The name, or the number of a value that has none.
template <typename Number>
std::string nameOrNumber(std::span<const NamedValue> table, Number value) {
    const std::string_view name = nameIn(table, value);
    return name.empty() ? numberOf(value) : std::string(name);
}

} // namespace gatescope::tls
