// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace gatescope {

/// 64-bit mix of two words (the 128-bit product folded), good enough for tables, not for anything secret.
inline std::uint64_t mix64(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a ^ 0x9e3779b97f4a7c15ULL) * (b ^ 0xbf58476d1ce4e5b9ULL);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// Hash of a byte string for in-memory tables. Stable within one build only.
inline std::uint64_t hashBytes(std::string_view text) {
    std::uint64_t state = text.size();
    const char* at = text.data();
    std::size_t left = text.size();
    while (left >= 8) {
        std::uint64_t word;
        std::memcpy(&word, at, 8);
        state = mix64(state, word);
        at += 8;
        left -= 8;
    }
    std::uint64_t word = 0;
    if (left != 0) std::memcpy(&word, at, left);
    return mix64(state, word);
}

} // namespace gatescope
