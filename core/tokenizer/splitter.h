// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/encoding.h"

#include <cstddef>
#include <string_view>

namespace gatescope::tokenizer {

/// The next piece at the start of a text.
struct Piece {
    std::size_t bytes = 0; ///< never 0 for text that is not empty
    /// The end of the text was looked at: with more text behind it the piece could be another.
    bool open = false;
};

/// What the encoding's pattern matches at the start of `text`, which is well-formed UTF-8 and not empty, taken as if
/// the text ended there. Linear in what is looked at; that is the piece and one character, but for runs of letters or
/// blanks, of which a part may be looked at up to three times.
///
/// The patterns are those of tiktoken as js-tiktoken carries them, with the meaning that JavaScript gives them: `\s`
/// has U+FEFF and lacks U+0085. In the words of the pattern, cl100k_base is
///     's|'t|'re|'ve|'m|'ll|'d (ASCII, any case) | [^\r\n L N]? L+ | N{1,3} | ' '? [^\s L N]+ [\r\n]* | \s* [\r\n]+ |
///     \s+ (?!\S) | \s+
/// and in o200k_base a word ends where a lower-case run is followed by an upper-case letter, marks belong to words, the
/// contraction belongs to the word before it, and slashes may follow the line ends.
Piece nextPiece(std::string_view text, Encoding encoding);

} // namespace gatescope::tokenizer
