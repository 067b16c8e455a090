// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatescope::analysis {

enum class TokenKind : std::uint8_t {
    End,
    Word,   ///< field, keyword, number, address, time or unquoted value
    Quoted, ///< `text` is without quotes and escapes
    Open,
    Close,
    OpenSet,
    CloseSet,
    Comma,
    And,
    Or,
    Not,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Contains,
    Matches,
    In,
    Wrong ///< no token of the language; `text` is what stands there
};

struct FilterToken {
    TokenKind kind = TokenKind::End;
    std::size_t column = 1; ///< in octets, from 1
    std::string text;       ///< as written, except for Quoted
};

/// Cuts a filter text into tokens, one at a time.
class FilterLexer {
public:
    explicit FilterLexer(std::string_view text) : m_text(text) {}
    FilterToken next();

private:
    FilterToken quoted();
    FilterToken word();
    FilterToken symbol();

    std::string_view m_text;
    std::size_t m_at = 0;
};

} // namespace gatescope::analysis
