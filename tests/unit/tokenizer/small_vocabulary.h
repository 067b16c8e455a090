// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/vocabulary.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatescope::tests {

/// All single octets (ranks 0 to 255), then these tokens.
inline std::vector<std::string> withOctets(std::initializer_list<std::string_view> merges) {
    std::vector<std::string> tokens;
    for (unsigned octet = 0; octet < 256; ++octet) tokens.emplace_back(1, static_cast<char>(octet));
    for (const auto merge : merges) tokens.emplace_back(merge);
    return tokens;
}

inline std::vector<std::string_view> views(const std::vector<std::string>& tokens) {
    return {tokens.begin(), tokens.end()};
}

/// A vocabulary with some structure: words, blanks, runs, halves of characters.
inline tokenizer::Vocabulary smallVocabulary(tokenizer::Encoding encoding) {
    const auto tokens = withOctets({"th",           "he",
                                    "in",           "the",
                                    " t",           " the",
                                    "er",           "on",
                                    " a",           "an",
                                    "and",          " and",
                                    "ing",          "aa",
                                    "aaaa",         "bb",
                                    "ab",           "  ",
                                    "    ",         "\n\n",
                                    "\r\n",         "'s",
                                    "'re",          "\xf0\x9f",
                                    "\x98\x80",     "\xf0\x9f\x98\x80",
                                    "\xe4\xb8",     "\xef\xbf",
                                    "\xef\xbf\xbd", "12",
                                    "123",          "..",
                                    "...",          "aaa"});
    return std::move(*tokenizer::Vocabulary::fromTokens(views(tokens), encoding));
}

} // namespace gatescope::tests
