// SPDX-License-Identifier: Apache-2.0
#include "core/http/event_stream.h"

namespace gatescope::http {

void EventStreamDecoder::reset() {
    clearEvent();
    m_line.clear();
    for (std::string* buffer : {&m_line, &m_name, &m_data})
        if (buffer->capacity() > kKeptCapacity) std::string().swap(*buffer);
    m_sawCr = false;
    m_atStart = true;
    m_lineTooLong = false;
    m_oversized = 0;
}

void EventStreamDecoder::gap() {
    clearEvent();
    m_line.clear();
    m_sawCr = false;
    m_atStart = false;
    // What follows may be the rest of a line: only a blank line after it says where an event begins.
    m_lineTooLong = true;
    m_dropping = true;
}

void EventStreamDecoder::drop() {
    if (!m_dropping) ++m_oversized;
    clearEvent();
    m_dropping = true;
}

void EventStreamDecoder::extendLine(std::string_view part) {
    if (m_lineTooLong) return;
    if (m_line.size() + part.size() > m_maxEventBytes) {
        m_lineTooLong = true;
        m_line.clear();
        drop();
        return;
    }
    m_line.append(part);
}

void EventStreamDecoder::field(std::string_view text, bool ownText) {
    const std::size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    std::string_view value = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "data") {
        data(value, ownText);
    } else if (name == "event") {
        m_hasName = !value.empty();
        m_nameView = value;
        if (ownText) m_nameView = m_name.assign(value);
    }
}

void EventStreamDecoder::data(std::string_view value, bool ownText) {
    if (!m_hasData) {
        m_hasData = true;
        m_dataView = value;
        if (ownText) m_dataView = m_data.assign(value);
        return;
    }
    if (m_dataView.size() + 1 + value.size() > m_maxEventBytes) {
        drop();
        return;
    }
    if (m_dataView.data() != m_data.data()) m_data.assign(m_dataView);
    m_data += '\n';
    m_data += value;
    m_dataView = m_data;
}

void EventStreamDecoder::keepViews() {
    if (m_hasName && m_nameView.data() != m_name.data()) m_nameView = m_name.assign(m_nameView);
    if (m_hasData && m_dataView.data() != m_data.data()) m_dataView = m_data.assign(m_dataView);
}

} // namespace gatescope::http
