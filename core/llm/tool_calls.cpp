// SPDX-License-Identifier: Apache-2.0
#include "core/llm/tool_calls.h"

#include <limits>

namespace gatescope::llm {

namespace {

char plainCharacter(char c) {
    const auto octet = static_cast<unsigned char>(c);
    return c == ',' || c == ';' || octet <= 0x20 || octet == 0x7f ? '_' : c;
}

} // namespace

void ToolCalls::add(std::string_view name) {
    if (m_count != std::numeric_limits<std::uint32_t>::max()) ++m_count;
    name = name.substr(0, kMaxName);
    if (name.empty() || m_full) return;
    if (m_joined.size() + name.size() + 1 > kMaxJoined) {
        m_full = true;
        name = "...";
    }
    if (!m_joined.empty()) m_joined += ',';
    for (const char c : name) m_joined += plainCharacter(c);
}

void ToolCalls::addPiece(std::uint64_t place, std::string_view id, std::string_view name) {
    // The last call at a place is the one that goes on.
    for (auto open = m_open.rbegin(); open != m_open.rend(); ++open) {
        if (open->place != place) continue;
        if (name.empty() || id.empty() || open->id == id) return;
        break;
    }
    if (name.empty()) return;
    if (m_open.size() < kMaxOpen) m_open.push_back({place, std::string(id)});
    add(name);
}

void ToolCalls::clear() {
    m_open.clear();
    m_joined.clear();
    m_count = 0;
    m_full = false;
}

} // namespace gatescope::llm
