// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/json_walk.h"

#include "core/gatewaylog/json_records.h"
#include "core/llm/json_text.h"

#include <algorithm>

namespace gatescope::gatewaylog {

namespace {

/// Behind the value that begins at `at`; npos: it does not end.
std::size_t valueEnd(std::string_view text, std::size_t at) {
    if (text[at] == '{' || text[at] == '[') return jsonValueEnd(text, at);
    if (text[at] == '"') {
        const std::size_t quote = llm::closingQuote(text, at + 1);
        return quote == std::string_view::npos ? quote : quote + 1;
    }
    const std::size_t end = text.find_first_of(",]} \t\r\n", at);
    return end == at ? std::string_view::npos : end;
}

} // namespace

JsonWalk::JsonWalk(std::string_view text, std::size_t at) : m_text(text), m_at(at) {
    m_ended = m_damaged = at >= text.size() || (text[at] != '{' && text[at] != '[');
    if (m_ended) return;
    m_isObject = text[at] == '{';
    m_at = llm::skipBlanks(text, at + 1);
}

std::optional<JsonWalk::Item> JsonWalk::fail() {
    m_ended = m_damaged = true;
    return {};
}

std::optional<JsonWalk::Item> JsonWalk::next() {
    if (m_ended) return {};
    if (m_at < m_text.size() && m_text[m_at] == (m_isObject ? '}' : ']')) {
        m_ended = true;
        return {};
    }
    Item item;
    if (m_isObject) {
        if (m_at >= m_text.size() || m_text[m_at] != '"') return fail();
        const std::size_t quote = llm::closingQuote(m_text, m_at + 1);
        if (quote == std::string_view::npos) return fail();
        item.name = m_text.substr(m_at + 1, quote - m_at - 1);
        m_at = llm::skipBlanks(m_text, quote + 1);
        if (m_at >= m_text.size() || m_text[m_at] != ':') return fail();
        m_at = llm::skipBlanks(m_text, m_at + 1);
    }
    if (m_at >= m_text.size()) return fail();
    item.at = m_at;
    item.end = valueEnd(m_text, m_at);
    if (item.end == std::string_view::npos) return fail();
    m_at = llm::skipBlanks(m_text, item.end);
    const bool goesOn = m_at < m_text.size() && m_text[m_at] == ',';
    if (goesOn) m_at = llm::skipBlanks(m_text, m_at + 1);
    return item;
}

} // namespace gatescope::gatewaylog
