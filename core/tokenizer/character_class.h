// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace gatescope::tokenizer {

/// What the splitting patterns ask about a character. General categories are those of Unicode 15.0; a character that
/// was added later is Other.
enum class CharacterClass : std::uint8_t {
    Other,   ///< neither of the following: punctuation, symbols, controls, unassigned
    Upper,   ///< Lu, Lt
    Lower,   ///< Ll
    Letter,  ///< Lm, Lo: in a word it passes for either case
    Mark,    ///< Mn, Mc, Me
    Number,  ///< Nd, Nl, No
    Space,   ///< white space of ECMAScript's `\s`, without the next
    LineEnd, ///< carriage return, line feed
    End      ///< no character: the end of the text
};

/// Class of a code point; Other above U+10FFFF.
CharacterClass classOf(char32_t codePoint);

} // namespace gatescope::tokenizer
