// SPDX-License-Identifier: Apache-2.0
#include "core/base/string_pool.h"

#include "core/base/hash.h"

#include <cstring>
#include <stdexcept>

namespace gatescope {

StringPool::StringPool() : m_slots(1024), m_pages(std::make_unique<std::unique_ptr<std::string_view[]>[]>(kMaxPages)) {
    m_pages[0] = std::make_unique<std::string_view[]>(kPageSize);
    m_next = 1; // code 0 is "no value"
}

StringPool::~StringPool() = default;

std::size_t StringPool::slotOf(std::string_view text, std::uint32_t hash) const {
    const std::size_t mask = m_slots.size() - 1;
    std::size_t at = hash & mask;
    while (m_slots[at].code != kNone && (m_slots[at].hash != hash || view(m_slots[at].code) != text))
        at = (at + 1) & mask;
    return at;
}

std::uint32_t StringPool::hashOf(std::string_view text) {
    return static_cast<std::uint32_t>(hashBytes(text));
}

StringPool::Code StringPool::find(std::string_view text) const {
    return m_slots[slotOf(text, hashOf(text))].code;
}

StringPool::Code StringPool::intern(std::string_view text, std::uint32_t hash) {
    std::size_t at = slotOf(text, hash);
    if (m_slots[at].code != kNone) return m_slots[at].code;
    if ((static_cast<std::size_t>(m_next) + 1) * 2 > m_slots.size()) {
        grow();
        at = slotOf(text, hash);
    }
    const std::size_t page = m_next >> kPageBits;
    if (page >= kMaxPages) throw std::length_error("string pool is full"); // unreachable below 268 million strings
    if (!m_pages[page]) m_pages[page] = std::make_unique<std::string_view[]>(kPageSize);
    m_pages[page][m_next & (kPageSize - 1)] = store(text);
    m_slots[at] = {hash, m_next};
    return m_next++;
}

void StringPool::grow() {
    std::vector<Slot> old(m_slots.size() * 2);
    old.swap(m_slots);
    const std::size_t mask = m_slots.size() - 1;
    for (const Slot& slot : old) {
        if (slot.code == kNone) continue;
        std::size_t at = slot.hash & mask;
        while (m_slots[at].code != kNone) at = (at + 1) & mask;
        m_slots[at] = slot;
    }
}

std::string_view StringPool::store(std::string_view text) {
    if (text.empty()) return {}; // there may be no arena yet
    if (text.size() > kArenaBlock / 4) {
        // A long text gets a block of its own, kept behind the block in use.
        auto own = std::make_unique<char[]>(text.size());
        std::memcpy(own.get(), text.data(), text.size());
        const std::string_view kept{own.get(), text.size()};
        m_arenas.insert(m_arenas.begin(), std::move(own));
        return kept;
    }
    if (m_arenaUsed + text.size() > kArenaBlock) {
        m_arenas.push_back(std::make_unique<char[]>(kArenaBlock));
        m_arenaUsed = 0;
    }
    char* const at = m_arenas.back().get() + m_arenaUsed;
    std::memcpy(at, text.data(), text.size());
    m_arenaUsed += text.size();
    return {at, text.size()};
}

} // namespace gatescope
