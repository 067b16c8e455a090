// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/nearest.h"

#include "core/base/edit_distance.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gatescope::cli {

std::string suggestion(std::string_view typed, const std::vector<std::string>& known) {
    constexpr std::size_t kMaxTyped = 64; // nobody types longer names; bounds the work
    if (typed.empty() || typed.size() > kMaxTyped) return {};
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const std::string& word : known) {
        const bool isPart = typed.size() >= 3 && word.find(typed) != word.npos;
        const std::size_t steps = isPart ? 1 : editDistance(typed, word);
        if (steps <= std::max<std::size_t>(1, word.size() / 3)) near.emplace_back(steps, word);
    }
    std::ranges::stable_sort(near, {}, &std::pair<std::size_t, std::string>::first);
    if (near.size() > 3) near.resize(3);
    std::vector<std::string> quoted;
    for (const auto& [steps, word] : near) quoted.push_back(fmt::format("'{}'", word));
    return quoted.empty() ? std::string() : fmt::format("; did you mean {}?", fmt::join(quoted, " or "));
}

std::string suggestionOf(std::string_view typed, const std::vector<std::string>& known) {
    const std::string near = suggestion(typed, known);
    return fmt::format("{}{}nown: {}", near, near.empty() ? "; k" : " K", fmt::join(known, ", "));
}

} // namespace gatescope::cli
