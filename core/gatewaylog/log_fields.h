// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

namespace gatescope::gatewaylog {

/// One record as a tree of named values, whatever it was: a JSON object or a row of a table. Names are compared without
/// regard to ASCII case, because exports differ in it. Views live as long as the text that was read and until the
/// reader's next record.
class LogFields {
public:
    using Index = std::uint32_t;
    static constexpr Index kNone = ~Index{0};
    static constexpr Index kRoot = 0;

    enum class Kind : std::uint8_t { Null, Boolean, Integer, Real, Text, Object, List };
    struct Member {
        std::string_view name;      ///< as written; empty in a list
        std::uint32_t nameHash = 0; ///< hashOf(name)
        Kind kind = Kind::Null;
        Index next = kNone;       ///< the member after this one
        Index first = kNone;      ///< of an object or list: its first member
        std::string_view text;    ///< of a Text: escapes undone
        std::int64_t integer = 0; ///< of an Integer; of a Boolean 0 or 1
        double real = 0;          ///< of a Real and of an Integer
    };

    /// The member of `object` with that name; names with dots are looked for as they are, see `at` for a way down.
    Index find(std::string_view name, Index object = kRoot) const;
    /// Way down through objects: `at("properties", "lastError", "reason")`.
    template <typename... Names>
    Index at(std::string_view name, Names... deeper) const {
        const Index found = find(name);
        if constexpr (sizeof...(deeper) == 0)
            return found;
        else
            return down(found, {std::string_view(deeper)...});
    }
    const Member& operator[](Index index) const { return m_members[index]; }

    // A value as what is asked for; nothing when it is absent, null, empty, `-` or of another type.
    std::optional<std::string_view> text(Index index) const;
    /// Integer, a Real without fraction, or a Text of digits: some exports write numbers as text.
    std::optional<std::int64_t> integer(Index index) const;
    std::optional<double> real(Index index) const;
    std::optional<bool> boolean(Index index) const;

    /// Calls `visit(index)` for each member of an object or list; nothing for any other kind.
    template <typename Visit>
    void forEach(Index object, Visit&& visit) const {
        if (object == kNone) return;
        for (Index at = m_members[object].first; at != kNone; at = m_members[at].next) visit(at);
    }

    /// Of a name in any case.
    static constexpr std::uint32_t hashOf(std::string_view name);

    // For those who fill it.
    void clear();
    /// Appends a member to `object`, whose last member so far is `after` (kNone: it has none).
    Index add(Index object, Index after, const Member& member) {
        const auto index = static_cast<Index>(m_members.size());
        m_members.push_back(member);
        m_members[index].nameHash = hashOf(member.name);
        (after == kNone ? m_members[object].first : m_members[after].next) = index;
        return index;
    }
    /// Changes a member, such as a Text that turned out to be JSON.
    Member& edit(Index index) { return m_members[index]; }
    void rename(Index index, std::string_view name);

private:
    Index down(Index object, std::initializer_list<std::string_view> names) const;

    std::vector<Member> m_members{Member{}};
};

namespace detail {

template <typename Word>
constexpr std::uint64_t loadName(const char* at) {
    if (std::is_constant_evaluated()) {
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < sizeof(Word); ++i)
            word |= static_cast<std::uint64_t>(static_cast<unsigned char>(at[i])) << (8 * i);
        return word;
    }
    Word word;
    std::memcpy(&word, at, sizeof word);
    return word;
}

/// Sets the bit that tells lower from upper case in every octet. Other octets may become alike: it is only a hash.
constexpr std::uint64_t mixName(std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ (word | 0x2020202020202020U)) * 0x9e3779b97f4a7c15U;
    return hash ^ (hash >> 29);
}

} // namespace detail

// Whole words, because every name of every record passes here; the last word overlaps the one before.
constexpr std::uint32_t LogFields::hashOf(std::string_view name) {
    const char* at = name.data();
    const std::size_t size = name.size();
    std::uint64_t hash = size;
    if (size >= 8) {
        for (std::size_t i = 0; i + 8 < size; i += 8)
            hash = detail::mixName(hash, detail::loadName<std::uint64_t>(at + i));
        hash = detail::mixName(hash, detail::loadName<std::uint64_t>(at + size - 8));
    } else if (size >= 4) {
        hash = detail::mixName(hash, detail::loadName<std::uint32_t>(at) |
                                         detail::loadName<std::uint32_t>(at + size - 4) << 32);
    } else if (size != 0) {
        hash = detail::mixName(hash, detail::loadName<std::uint8_t>(at) |
                                         detail::loadName<std::uint8_t>(at + size / 2) << 8 |
                                         detail::loadName<std::uint8_t>(at + size - 1) << 16);
    }
    return static_cast<std::uint32_t>(hash >> 32);
}

} // namespace gatescope::gatewaylog
