// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace gatescope::report {

/// One Unicode scalar value out of a text that may be damaged.
struct Scalar {
    char32_t value = 0;     ///< the octet itself when invalid
    std::size_t length = 1; ///< octets; 1 when invalid
    bool valid = true;
};

/// Reads the scalar at `at`, which must be inside `text`. Overlong forms, surrogates, values over U+10FFFF and cut
/// sequences are invalid (Unicode 15, table 3-7).
Scalar scalarAt(std::string_view text, std::size_t at);

bool isValidUtf8(std::string_view text);

/// C0 and C1 controls, DEL, line and paragraph separators, and the marks that change the direction of text: what
/// could drive a terminal or make a line read differently from what it is.
bool isUnsafeToShow(char32_t value);

/// Terminal columns: 0 for combining marks, 2 for wide East Asian characters and emoji, else 1.
std::size_t columnsOf(char32_t value);
std::size_t columnsOf(std::string_view text);

} // namespace gatescope::report
