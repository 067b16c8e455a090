// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/character_class.h"

#include <array>
#include <cstddef>
#include <iterator>

namespace gatescope::tokenizer {
namespace {

struct Range {
    std::uint32_t first;
    CharacterClass kind;
};

// Short names, because the table has thousands of them.
constexpr CharacterClass O = CharacterClass::Other, U = CharacterClass::Upper, L = CharacterClass::Lower,
                         B = CharacterClass::Letter, M = CharacterClass::Mark, N = CharacterClass::Number,
                         S = CharacterClass::Space, E = CharacterClass::LineEnd;
constexpr Range kRanges[] = {
#include "core/tokenizer/character_ranges.inc"
};

constexpr std::uint32_t kLastCodePoint = 0x10ffff;
constexpr unsigned kPageBits = 8;

/// For each page of 256 code points the range that its first one is in, so that a look-up begins near its answer.
constexpr auto kPages = [] {
    std::array<std::uint16_t, (kLastCodePoint >> kPageBits) + 1> pages{};
    std::size_t range = 0;
    for (std::size_t page = 0; page < pages.size(); ++page) {
        while (range + 1 < std::size(kRanges) && kRanges[range + 1].first <= page << kPageBits) ++range;
        pages[page] = static_cast<std::uint16_t>(range);
    }
    return pages;
}();

} // namespace

CharacterClass classOf(char32_t codePoint) {
    if (codePoint > kLastCodePoint) return CharacterClass::Other;
    const std::size_t page = codePoint >> kPageBits;
    std::size_t low = kPages[page];
    std::size_t high = page + 1 < kPages.size() ? kPages[page + 1] : std::size(kRanges) - 1;
    while (low < high) {
        const std::size_t middle = (low + high + 1) / 2;
        if (kRanges[middle].first <= codePoint)
            low = middle;
        else
            high = middle - 1;
    }
    return kRanges[low].kind;
}

} // namespace gatescope::tokenizer
