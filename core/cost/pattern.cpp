// SPDX-License-Identifier: Apache-2.0
#include "core/cost/pattern.h"

#include <algorithm>
#include <vector>

namespace gatescope::cost {

std::string lowerCase(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    return lower;
}

std::string regionId(std::string_view text) {
    std::string id = lowerCase(text);
    std::erase(id, ' ');
    return id;
}

bool Pattern::matches(std::string_view value) const {
    if (value.empty()) return matchesAnything();
    const std::string_view pattern = m_text;
    std::size_t p = 0;
    std::size_t v = 0;
    std::size_t star = std::string_view::npos; // the last `*`, and how much of the value it has taken
    std::size_t taken = 0;
    while (v < value.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            taken = v;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == value[v])) {
            ++p;
            ++v;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            v = ++taken;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

Narrowness Pattern::narrowness() const {
    const auto wild =
        static_cast<std::size_t>(std::ranges::count_if(m_text, [](char c) { return c == '*' || c == '?'; }));
    return {wild == 0, m_text.size() - wild};
}

std::optional<bool> Pattern::meets(const Pattern& other, std::uint64_t& budget) const {
    const std::string_view a = m_text;
    const std::string_view b = other.m_text;
    const std::uint64_t steps = (a.size() + 1) * (b.size() + 1);
    if (steps > budget) return std::nullopt;
    budget -= steps;
    // meet[j]: what is left of `a` from i and of `b` from j have a value in common; i runs from the end.
    std::vector<char> next(b.size() + 1), meet(b.size() + 1);
    for (std::size_t i = a.size() + 1; i-- > 0;) {
        std::swap(next, meet);
        for (std::size_t j = b.size() + 1; j-- > 0;) {
            const bool endA = i == a.size();
            const bool endB = j == b.size();
            bool found = endA && endB;
            if (!endA && a[i] == '*') found = next[j] || (!endB && meet[j + 1]);
            if (!found && !endB && b[j] == '*') found = meet[j + 1] || (!endA && next[j]);
            if (!found && !endA && !endB && a[i] != '*' && b[j] != '*')
                found = (a[i] == b[j] || a[i] == '?' || b[j] == '?') && next[j + 1];
            meet[j] = found;
        }
    }
    return meet[0] != 0;
}

} // namespace gatescope::cost
