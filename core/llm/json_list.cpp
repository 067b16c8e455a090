// SPDX-License-Identifier: Apache-2.0
#include "core/llm/json_list.h"

#include <algorithm>
#include <utility>

namespace gatescope::llm {

void JsonListSplitter::reset() {
    m_buffer.clear();
    m_told.clear();
    for (std::string* buffer : {&m_buffer, &m_told})
        if (buffer->capacity() > kKeptCapacity) std::string().swap(*buffer);
    m_depth = 0;
    m_inString = m_escaped = m_tooLong = m_lost = m_atLineStart = false;
    m_oversized = 0;
}

void JsonListSplitter::gap() {
    m_buffer.clear();
    m_depth = 0;
    m_inString = m_escaped = m_tooLong = m_atLineStart = false;
    m_lost = true;
}

void JsonListSplitter::keep(std::string_view part) {
    if (m_tooLong) return;
    if (part.size() <= m_maxObjectBytes - m_buffer.size()) {
        m_buffer.append(part);
        return;
    }
    m_tooLong = true;
    ++m_oversized;
    m_buffer.clear();
}

/// Drops what stands before the next object. False: there is none.
bool JsonListSplitter::findBeginning(Bytes& rest) {
    const std::string_view text = asText(rest);
    std::size_t at = 0;
    if (m_lost) {
        while (at < text.size() && !(m_atLineStart && text[at] == '{')) m_atLineStart = text[at++] == '\n';
    } else {
        at = std::min(text.find('{'), text.size());
    }
    rest = rest.subspan(at);
    if (rest.empty()) return false;
    m_lost = m_atLineStart = false;
    return true;
}

/// Place behind the end of the object under way; 0: it is not in this text.
std::size_t JsonListSplitter::endIn(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (m_escaped) {
            m_escaped = false;
        } else if (m_inString) {
            if (c == '\\')
                m_escaped = true;
            else if (c == '"')
                m_inString = false;
        } else if (c == '"') {
            m_inString = true;
        } else if (c == '{' || c == '[') {
            ++m_depth;
        } else if ((c == '}' || c == ']') && --m_depth == 0) {
            return at + 1;
        }
    }
    return 0;
}

std::optional<std::string_view> JsonListSplitter::take(Bytes& rest) {
    while (!rest.empty()) {
        if (m_depth == 0 && !findBeginning(rest)) return {};
        const std::string_view text = asText(rest);
        const std::size_t end = endIn(text);
        const bool whole = end != 0 && m_buffer.empty() && !m_tooLong && end <= m_maxObjectBytes;
        if (!whole) keep(text.substr(0, end == 0 ? text.size() : end));
        rest = rest.subspan(end == 0 ? rest.size() : end);
        if (end == 0) return {};
        if (whole) return text.substr(0, end);
        m_told.swap(m_buffer);
        m_buffer.clear();
        if (!std::exchange(m_tooLong, false)) return m_told;
    }
    return {};
}

} // namespace gatescope::llm
