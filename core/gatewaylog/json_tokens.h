// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gatewaylog/log_fields.h"
#include "core/llm/json_text.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gatescope::gatewaylog {

/// The tokens of a JSON text one after the other, where their beginnings are known already: of brackets, colons,
/// commas, strings, and of the words between (numbers and names).
class JsonTokens {
public:
    JsonTokens(std::string_view text, std::span<const std::uint32_t> places)
        : m_text(text), m_places(places), m_hasEscapes(text.find('\\') != std::string_view::npos) {}

    bool atEnd() const { return m_at == m_places.size(); }
    /// First octet of the token; NUL at the end.
    char first() const { return atEnd() ? '\0' : m_text[m_places[m_at]]; }
    void advance() {
        if (!atEnd()) ++m_at;
    }
    /// All of the token.
    std::string_view word() const {
        if (atEnd()) return {};
        const std::size_t from = m_places[m_at];
        std::size_t end = m_at + 1 == m_places.size() ? m_text.size() : m_places[m_at + 1];
        while (end > from + 1 && llm::isJsonBlank(m_text[end - 1])) --end;
        return m_text.substr(from, end - from);
    }
    /// Text of the token, which begins with a quote: a view of it, or of what its escapes stand for, appended to
    /// `unescaped`. False when it is no whole string or an escape in it is none (RFC 8259, 7). Half of a surrogate pair
    /// becomes the replacement character.
    bool text(std::string& unescaped, std::string_view& value) const {
        const std::string_view quoted = word();
        if (quoted.size() < 2 || quoted.back() != '"') return false;
        value = quoted.substr(1, quoted.size() - 2);
        if (!m_hasEscapes || value.find('\\') == std::string_view::npos) return true;
        return unescape(value, unescaped, value);
    }

private:
    static bool unescape(std::string_view inside, std::string& unescaped, std::string_view& value);

    std::string_view m_text;
    std::span<const std::uint32_t> m_places;
    std::size_t m_at = 0;
    bool m_hasEscapes; ///< most records have none, and then no string has to be searched for them
};

/// A number as JSON writes it (RFC 8259, 6); false for any other word. One that is no 64-bit integer is a Real.
bool readJsonNumber(std::string_view word, LogFields::Member& member);

} // namespace gatescope::gatewaylog
