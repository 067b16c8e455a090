// SPDX-License-Identifier: Apache-2.0
#include "core/tls/visible_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace gatescope::tls {

namespace {

std::uint8_t octetAt(std::string_view text, std::size_t at) {
    return at < text.size() ? static_cast<std::uint8_t>(text[at]) : 0;
}

/// Octets of the character at `at`; 0: no UTF-8 (RFC 3629, 4).
std::size_t characterAt(std::string_view text, std::size_t at, char32_t& character) {
    const std::uint8_t first = octetAt(text, at);
    if (first < 0x80) {
        character = first;
        return 1;
    }
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4) return 0;
    character = first & (0x7fU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        const std::uint8_t octet = octetAt(text, at + i);
        if ((octet & 0xc0) != 0x80) return 0;
        character = character << 6 | (octet & 0x3f);
    }
    const bool isShortest = size == 2 || (size == 3 && character >= 0x800) || (size == 4 && character >= 0x10000);
    const bool isScalar = character <= 0x10ffff && (character < 0xd800 || character > 0xdfff);
    return isShortest && isScalar ? size : 0;
}

/// Control characters, and those that turn the direction of writing.
bool isControl(char32_t character) {
    return character < 0x20 || (character >= 0x7f && character < 0xa0) || character == 0x61c ||
           (character >= 0x200e && character <= 0x200f) || (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069);
}

} // namespace

std::string visibleText(std::string_view text) {
    std::string visible;
    visible.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        char32_t character = 0;
        const std::size_t size = characterAt(text, at, character);
        if (size != 0 && !isControl(character)) {
            visible.append(text.substr(at, size));
            at += size;
            continue;
        }
        for (const std::size_t end = at + std::max<std::size_t>(size, 1); at < end; ++at)
            fmt::format_to(std::back_inserter(visible), "\\{:02X}", octetAt(text, at));
    }
    return visible;
}

} // namespace gatescope::tls
