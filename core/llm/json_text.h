// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gatescope::llm {

/// Octets of UTF-8 that a JSON string stands for (RFC 8259, 7), where `inside` is what is between its quotes. A lone
/// surrogate counts as the replacement character; an escape that is cut or unknown counts as it is written.
std::size_t unescapedOctets(std::string_view inside);

/// Place of the quote that closes the string whose inside begins at `from`; npos: the text ends before it.
std::size_t closingQuote(std::string_view text, std::size_t from);

/// unescapedOctets of a token that begins with its quote and may have blanks behind it; 0 for any other token.
std::size_t textOctets(std::string_view token);

/// Appends the UTF-8 that such a token stands for: as many octets as textOctets counts.
void appendText(std::string_view token, std::string& out);

constexpr bool isJsonBlank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
/// First place from `at` on that is no blank, or the text's size.
constexpr std::size_t skipBlanks(std::string_view text, std::size_t at) {
    while (at < text.size() && isJsonBlank(text[at])) ++at;
    return at;
}

} // namespace gatescope::llm
