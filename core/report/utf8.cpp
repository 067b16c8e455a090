// SPDX-License-Identifier: Apache-2.0
#include "core/report/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace gatescope::report {

namespace {

struct Range {
    char32_t first, last;
};

// The blocks that matter in practice, after Unicode's EastAsianWidth.txt (W and F) and general category Mn.
constexpr std::array kWide{Range{0x1100, 0x115f},   Range{0x2e80, 0x303e},   Range{0x3041, 0xa4cf},
                           Range{0xac00, 0xd7a3},   Range{0xf900, 0xfaff},   Range{0xfe30, 0xfe6f},
                           Range{0xff00, 0xff60},   Range{0xffe0, 0xffe6},   Range{0x1f300, 0x1f64f},
                           Range{0x1f680, 0x1f6ff}, Range{0x1f900, 0x1f9ff}, Range{0x20000, 0x3fffd}};
constexpr std::array kCombining{Range{0x0300, 0x036f}, Range{0x0483, 0x0489}, Range{0x0591, 0x05bd},
                                Range{0x0610, 0x061a}, Range{0x064b, 0x065f}, Range{0x200b, 0x200d},
                                Range{0x20d0, 0x20f0}, Range{0xfe00, 0xfe0f}, Range{0xfe20, 0xfe2f}};
constexpr std::array kUnsafe{Range{0x00, 0x1f},     Range{0x7f, 0x9f},     Range{0x061c, 0x061c},
                             Range{0x200e, 0x200f}, Range{0x2028, 0x202e}, Range{0x2066, 0x2069},
                             Range{0xfeff, 0xfeff}, Range{0xfff9, 0xfffb}, Range{0xe0000, 0xe007f}};

bool isIn(const auto& ranges, char32_t value) {
    return std::ranges::any_of(ranges, [&](const Range& range) { return value >= range.first && value <= range.last; });
}

} // namespace

Scalar scalarAt(std::string_view text, std::size_t at) {
    const auto octet = [&](std::size_t index) { return static_cast<std::uint8_t>(text[index]); };
    const std::uint8_t first = octet(at);
    if (first < 0x80) return {first, 1, true};
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
    const Scalar invalid{first, 1, false};
    if (first < 0xc2 || first > 0xf4 || text.size() - at < length) return invalid;
    char32_t value = first & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((octet(at + i) & 0xc0) != 0x80) return invalid;
        value = value << 6 | (octet(at + i) & 0x3fU);
    }
    if (value < kSmallest[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return invalid;
    return {value, length, true};
}

bool isValidUtf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const Scalar scalar = scalarAt(text, at);
        if (!scalar.valid) return false;
        at += scalar.length;
    }
    return true;
}

bool isUnsafeToShow(char32_t value) {
    if (value >= 0x20 && value < 0x7f) return false;
    return isIn(kUnsafe, value);
}

std::size_t columnsOf(char32_t value) {
    if (value < 0x300) return 1;
    return isIn(kCombining, value) ? 0 : isIn(kWide, value) ? 2 : 1;
}

std::size_t columnsOf(std::string_view text) {
    std::size_t columns = 0;
    for (std::size_t at = 0; at < text.size();) {
        const Scalar scalar = scalarAt(text, at);
        columns += columnsOf(scalar.value);
        at += scalar.length;
    }
    return columns;
}

} // namespace gatescope::report
