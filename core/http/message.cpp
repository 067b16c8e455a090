// SPDX-License-Identifier: Apache-2.0
#include "core/http/message.h"

#include <array>
#include <limits>

namespace gatescope::http {

namespace {

constexpr std::array<std::string_view, 6> kVersionNames{"http/1.0", "http/1.1", "h2", "h2c", "websocket", "h3"};

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

} // namespace

bool equalsIgnoreCase(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
    return true;
}

bool isEventStream(std::string_view contentType) {
    constexpr std::string_view kName = "text/event-stream";
    return contentType.size() >= kName.size() && equalsIgnoreCase(contentType.substr(0, kName.size()), kName);
}

void HeaderList::clear() {
    m_text.clear();
    m_entries.clear();
}

void HeaderList::add(std::string_view name, std::string_view value) {
    // Positions are 32 bits wide; whoever fills the list limits it far below that.
    constexpr std::size_t kMaxBytes = std::numeric_limits<std::uint32_t>::max();
    if (name.size() > kMaxBytes || value.size() > kMaxBytes || m_text.size() + name.size() + value.size() > kMaxBytes)
        return;
    if (m_entries.capacity() == 0) { // most messages have about so many, and growing costs more than room
        m_entries.reserve(16);
        m_text.reserve(512);
    }
    m_entries.push_back({static_cast<std::uint32_t>(m_text.size()), static_cast<std::uint32_t>(name.size()),
                         static_cast<std::uint32_t>(value.size())});
    m_text.append(name);
    m_text.append(value);
}

HeaderList::Field HeaderList::operator[](std::size_t index) const {
    const Entry& entry = m_entries[index];
    const std::string_view text = m_text;
    return {text.substr(entry.nameAt, entry.nameLength),
            text.substr(entry.nameAt + entry.nameLength, entry.valueLength)};
}

std::optional<std::string_view> HeaderList::find(std::string_view name) const {
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        if (m_entries[i].nameLength != name.size()) continue;
        const Field field = (*this)[i];
        if (equalsIgnoreCase(field.name, name)) return field.value;
    }
    return std::nullopt;
}

std::string_view toString(Version version) {
    return kVersionNames[static_cast<std::size_t>(version)];
}

} // namespace gatescope::http
