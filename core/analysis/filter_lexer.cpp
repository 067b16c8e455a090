// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/filter_lexer.h"

#include <algorithm>
#include <array>

namespace gatescope::analysis {

namespace {

struct Spelling {
    std::string_view text;
    TokenKind kind;
};

constexpr std::array kKeywords = std::to_array<Spelling>({
    {"and", TokenKind::And},
    {"or", TokenKind::Or},
    {"not", TokenKind::Not},
    {"in", TokenKind::In},
    {"contains", TokenKind::Contains},
    {"matches", TokenKind::Matches},
});

/// Longer ones first.
constexpr std::array kSymbols = std::to_array<Spelling>({
    {"&&", TokenKind::And},
    {"||", TokenKind::Or},
    {"==", TokenKind::Equal},
    {"!=", TokenKind::NotEqual},
    {"<=", TokenKind::LessOrEqual},
    {">=", TokenKind::GreaterOrEqual},
    {"<", TokenKind::Less},
    {">", TokenKind::Greater},
    {"!", TokenKind::Not},
    {"~", TokenKind::Matches},
    {"(", TokenKind::Open},
    {")", TokenKind::Close},
    {"{", TokenKind::OpenSet},
    {"}", TokenKind::CloseSet},
    {",", TokenKind::Comma},
});

constexpr std::string_view kBlank = " \t\r\n";
/// What ends a word.
constexpr std::string_view kDelimiters = " \t\r\n\"'(){},&|=!<>~";

} // namespace

FilterToken FilterLexer::quoted() {
    FilterToken token{TokenKind::Quoted, m_at + 1, {}};
    for (std::size_t at = m_at + 1; at < m_text.size(); ++at) {
        const char c = m_text[at];
        if (c == '"') {
            m_at = at + 1;
            return token;
        }
        // Only `\"` and `\\` are escapes, so that a pattern like "\d+" needs no second backslash.
        const bool escape = c == '\\' && at + 1 < m_text.size() && (m_text[at + 1] == '"' || m_text[at + 1] == '\\');
        token.text += escape ? m_text[++at] : c;
    }
    token.kind = TokenKind::Wrong;
    token.text = m_text.substr(m_at);
    m_at = m_text.size();
    return token;
}

FilterToken FilterLexer::word() {
    const std::size_t end = std::min(m_text.find_first_of(kDelimiters, m_at), m_text.size());
    FilterToken token{TokenKind::Word, m_at + 1, std::string(m_text.substr(m_at, end - m_at))};
    for (const Spelling& keyword : kKeywords)
        if (keyword.text == token.text) token.kind = keyword.kind;
    m_at = end;
    return token;
}

FilterToken FilterLexer::symbol() {
    for (const Spelling& symbol : kSymbols) {
        if (!m_text.substr(m_at).starts_with(symbol.text)) continue;
        FilterToken token{symbol.kind, m_at + 1, std::string(symbol.text)};
        m_at += symbol.text.size();
        return token;
    }
    FilterToken token{TokenKind::Wrong, m_at + 1, std::string(1, m_text[m_at])};
    ++m_at;
    return token;
}

FilterToken FilterLexer::next() {
    m_at = std::min(m_text.find_first_not_of(kBlank, m_at), m_text.size());
    if (m_at == m_text.size()) return {TokenKind::End, m_at + 1, {}};
    if (m_text[m_at] == '"') return quoted();
    return kDelimiters.find(m_text[m_at]) == std::string_view::npos ? word() : symbol();
}

} // namespace gatescope::analysis
