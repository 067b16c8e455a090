// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace gatescope::llm {

std::string percentDecoded(std::string_view text);
/// Value of a query parameter, percent-decoded; empty: it is not there.
std::string queryValue(std::string_view query, std::string_view name);

/// The segments of a path, each percent-decoded. Of a very long path only the last ones.
class Path {
public:
    static constexpr std::size_t kMaxSegments = 32;

    explicit Path(std::string_view path);

    std::size_t size() const { return m_size; }
    std::string_view operator[](std::size_t index) const { return m_segments[index]; }
    /// The segment `back` places before the last, or nothing.
    std::string_view fromEnd(std::size_t back) const { return back < m_size ? m_segments[m_size - 1 - back] : ""; }
    /// True when `words` stand at `index`.
    bool at(std::size_t index, std::initializer_list<std::string_view> words) const {
        return index + words.size() <= m_size && std::equal(words.begin(), words.end(), m_segments.begin() + index);
    }
    /// True when `words` stand just before the last `tail` segments.
    bool before(std::size_t tail, std::initializer_list<std::string_view> words) const {
        return tail + words.size() <= m_size && at(m_size - tail - words.size(), words);
    }
    bool endsWith(std::initializer_list<std::string_view> words) const { return before(0, words); }

private:
    std::array<std::string_view, kMaxSegments> m_segments;
    std::array<std::string, kMaxSegments> m_decoded;
    std::size_t m_size = 0;
};

} // namespace gatescope::llm
