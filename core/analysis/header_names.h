// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/paged_vector.h"
#include "core/base/string_pool.h"
#include "core/http/message.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace gatescope::analysis {

/// The names of one message's header fields, in their order. Messages of one program share theirs, so a row keeps the
/// number of its list instead of its names.
struct HeaderNames {
    std::vector<StringPool::Code> names; ///< as sent
    std::vector<StringPool::Code> lower; ///< in lower case, by the same index

    /// Index of the first field of that name, or -1.
    std::ptrdiff_t find(StringPool::Code lowerName) const;
};

/// All lists of names. Writer side except `operator[]`.
class HeaderNameTable {
public:
    explicit HeaderNameTable(StringPool& pool);

    /// Number of the list of names of `headers`; appends the codes of its values to `values`.
    std::uint32_t add(const http::HeaderList& headers, std::vector<StringPool::Code>& values);
    const HeaderNames& operator[](std::uint32_t list) const { return m_lists[list]; }
    /// True when `lowerName` is the name of any header field.
    bool isName(StringPool::Code lowerName) const { return m_lowerNames.contains(lowerName); }

private:
    /// What only the writer needs of a list.
    struct Writing {
        std::vector<StringPool::Code> lastValues; ///< most values repeat from one message to the next
        std::uint32_t nextWithHash = 0;
    };

    /// A value that differs from the one in the message before.
    struct Fresh {
        std::uint32_t index = 0;
        std::uint32_t hash = 0;
    };

    std::uint32_t findOrCreate(const http::HeaderList& headers);
    bool equal(const HeaderNames& list, const http::HeaderList& headers) const;
    std::uint32_t create(const http::HeaderList& headers, std::uint64_t hash);

    StringPool& m_pool;
    PagedVector<HeaderNames> m_lists; ///< number 0: no header field
    PagedVector<Writing> m_writing;
    std::unordered_map<std::uint64_t, std::uint32_t> m_byHash;
    std::vector<Fresh> m_fresh;               ///< of the message that is being added
    std::array<std::uint32_t, 64> m_recent{}; ///< last list by number of fields: one client's messages look alike
    std::unordered_set<StringPool::Code> m_lowerNames;
};

/// ASCII letters in lower case.
std::string toLower(std::string_view text);

} // namespace gatescope::analysis
