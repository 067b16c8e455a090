// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace gatescope {

/// Interned strings: equal text has equal code. Code 0 is "no value" and is not the empty string.
///
/// Append-only. One writer; a view or code once handed out stays valid and readable from any thread as long as the
/// reader learned of it through a synchronised hand-over (a dataset snapshot), because stored text and the code table
/// never move.
class StringPool {
public:
    using Code = std::uint32_t;
    static constexpr Code kNone = 0;

    StringPool();
    StringPool(const StringPool&) = delete;
    StringPool& operator=(const StringPool&) = delete;
    ~StringPool();

    Code intern(std::string_view text) { return intern(text, hashOf(text)); }
    /// The same in two steps, for several texts at once: the places of all are fetched before the first is looked at.
    static std::uint32_t hashOf(std::string_view text);
    void expect(std::uint32_t hash) const { __builtin_prefetch(&m_slots[hash & (m_slots.size() - 1)]); }
    Code intern(std::string_view text, std::uint32_t hash);
    /// Code of a text that is already there, else kNone. Writer side only.
    Code find(std::string_view text) const;
    /// Text of a code; kNone gives an empty view.
    std::string_view view(Code code) const { return m_pages[code >> kPageBits][code & (kPageSize - 1)]; }
    /// One more than the highest code.
    Code size() const { return m_next; }

private:
    static constexpr unsigned kPageBits = 12;
    static constexpr Code kPageSize = 1U << kPageBits;
    static constexpr std::size_t kMaxPages = 1U << 16; ///< 268 million strings
    static constexpr std::size_t kArenaBlock = 256 * 1024;

    std::string_view store(std::string_view text);
    std::size_t slotOf(std::string_view text, std::uint32_t hash) const;
    void grow();

    struct Slot {
        std::uint32_t hash = 0;
        Code code = kNone;
    };
    std::vector<Slot> m_slots;
    /// Fixed length, so that a reader never sees the table itself move.
    std::unique_ptr<std::unique_ptr<std::string_view[]>[]> m_pages;
    std::vector<std::unique_ptr<char[]>> m_arenas;
    std::size_t m_arenaUsed = kArenaBlock;
    Code m_next = 0;
};

} // namespace gatescope
