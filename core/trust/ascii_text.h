// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

// Letters of ASCII only: host names, names of attributes and of headers know no others.

namespace gatescope::trust {

constexpr char lowered(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}
constexpr bool isDigit(char letter) {
    return letter >= '0' && letter <= '9';
}
constexpr bool isLetter(char letter) {
    return lowered(letter) >= 'a' && lowered(letter) <= 'z';
}
constexpr bool isBlank(char letter) {
    return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

/// Value of a hexadecimal digit; -1: it is none.
constexpr int hexValue(char letter) {
    if (isDigit(letter)) return letter - '0';
    const char lower = lowered(letter);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

inline std::string lowered(std::string_view text) {
    std::string result(text);
    for (char& letter : result) letter = lowered(letter);
    return result;
}

constexpr std::string_view trimmed(std::string_view text) {
    while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
    while (!text.empty() && isBlank(text.back())) text.remove_suffix(1);
    return text;
}

inline bool equalsIgnoreCase(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lowered(x) == lowered(y); });
}

} // namespace gatescope::trust
