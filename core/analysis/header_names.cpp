// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/header_names.h"

#include "core/base/hash.h"

#include <algorithm>

namespace gatescope::analysis {

std::string toLower(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

std::ptrdiff_t HeaderNames::find(StringPool::Code lowerName) const {
    const auto at = std::find(lower.begin(), lower.end(), lowerName);
    return at == lower.end() ? -1 : at - lower.begin();
}

HeaderNameTable::HeaderNameTable(StringPool& pool) : m_pool(pool) {
    m_lists.push({});
    m_writing.push({});
}

bool HeaderNameTable::equal(const HeaderNames& list, const http::HeaderList& headers) const {
    if (list.names.size() != headers.size()) return false;
    for (std::size_t i = 0; i < headers.size(); ++i)
        if (m_pool.view(list.names[i]) != headers[i].name) return false;
    return true;
}

std::uint32_t HeaderNameTable::create(const http::HeaderList& headers, std::uint64_t hash) {
    if (m_lists.full()) return 0;
    HeaderNames list;
    list.names.reserve(headers.size());
    list.lower.reserve(headers.size());
    for (std::size_t i = 0; i < headers.size(); ++i) {
        list.names.push_back(m_pool.intern(headers[i].name));
        list.lower.push_back(m_pool.intern(toLower(headers[i].name)));
        m_lowerNames.insert(list.lower.back());
    }
    const auto number = static_cast<std::uint32_t>(m_lists.size());
    std::uint32_t& first = m_byHash[hash];
    m_writing.push({std::vector<StringPool::Code>(headers.size()), first});
    m_lists.push(std::move(list));
    first = number;
    return number;
}

std::uint32_t HeaderNameTable::findOrCreate(const http::HeaderList& headers) {
    if (headers.size() == 0) return 0;
    std::uint32_t& recent = m_recent[headers.size() % m_recent.size()];
    if (recent != 0 && equal(m_lists[recent], headers)) return recent;
    std::uint64_t hash = headers.size();
    for (std::size_t i = 0; i < headers.size(); ++i) hash = mix64(hash, hashBytes(headers[i].name));
    if (const auto found = m_byHash.find(hash); found != m_byHash.end())
        for (std::uint32_t list = found->second; list != 0; list = m_writing[list].nextWithHash)
            if (equal(m_lists[list], headers)) return recent = list;
    return recent = create(headers, hash);
}

std::uint32_t HeaderNameTable::add(const http::HeaderList& headers, std::vector<StringPool::Code>& values) {
    const std::uint32_t list = findOrCreate(headers);
    if (list == 0) return 0;
    auto& last = m_writing[list].lastValues;
    m_fresh.clear();
    for (std::uint32_t i = 0; i < headers.size(); ++i) {
        const std::string_view value = headers[i].value;
        if (last[i] != StringPool::kNone && m_pool.view(last[i]) == value) continue;
        const std::uint32_t hash = StringPool::hashOf(value);
        m_pool.expect(hash);
        m_fresh.push_back({i, hash});
    }
    for (const Fresh& fresh : m_fresh) last[fresh.index] = m_pool.intern(headers[fresh.index].value, fresh.hash);
    values.insert(values.end(), last.begin(), last.end());
    return list;
}

} // namespace gatescope::analysis
