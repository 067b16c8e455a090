// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gatewaylog/log_fields.h"
#include "core/http/message.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatescope::gatewaylog {

/// Finds the columns of a format in one pass over a record: each member is looked up once, instead of each column
/// being searched for. Made at compile time:
///
///     enum Column : std::size_t { Time, Method, kColumns };
///     constexpr ColumnTable<kColumns> kTable{{"time", "method"}};
///     auto at = kTable.find(fields);  // at[Method] is an index or kNone
template <std::size_t Size>
class ColumnTable {
public:
    /// Names in the order of the format's enumeration, in any case.
    consteval explicit ColumnTable(const std::array<std::string_view, Size>& names) : m_names(names) {
        for (std::size_t column = 0; column < Size; ++column) {
            std::size_t slot = LogFields::hashOf(names[column]) % kSlots;
            while (m_slots[slot] != 0) slot = (slot + 1) % kSlots;
            m_slots[slot] = static_cast<std::uint8_t>(column + 1);
            m_hashes[column] = LogFields::hashOf(names[column]);
        }
    }

    struct Found {
        std::array<LogFields::Index, Size> at;
        LogFields::Index operator[](std::size_t column) const { return at[column]; }
    };
    Found find(const LogFields& fields, LogFields::Index object = LogFields::kRoot) const {
        Found found;
        found.at.fill(LogFields::kNone);
        findMore(fields, object, found);
        return found;
    }
    /// Adds those of another object of the record, where they were not found yet.
    void findMore(const LogFields& fields, LogFields::Index object, Found& found) const {
        fields.forEach(object, [&](LogFields::Index member) {
            const std::size_t column = columnOf(fields[member]);
            if (column < Size && found.at[column] == LogFields::kNone) found.at[column] = member;
        });
    }

private:
    static constexpr std::size_t slotsFor(std::size_t size) {
        std::size_t slots = 8;
        while (slots < 3 * size) slots *= 2;
        return slots;
    }
    static constexpr std::size_t kSlots = slotsFor(Size);
    static_assert(Size < 255);

    std::size_t columnOf(const LogFields::Member& member) const {
        for (std::size_t slot = member.nameHash % kSlots; m_slots[slot] != 0; slot = (slot + 1) % kSlots) {
            const std::size_t column = m_slots[slot] - 1U;
            if (m_hashes[column] != member.nameHash) continue;
            if (m_names[column] == member.name || http::equalsIgnoreCase(m_names[column], member.name)) return column;
        }
        return Size;
    }

    std::array<std::string_view, Size> m_names;
    std::array<std::uint32_t, Size> m_hashes{};
    std::array<std::uint8_t, kSlots> m_slots{};
};

} // namespace gatescope::gatewaylog
