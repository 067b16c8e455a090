// SPDX-License-Identifier: Apache-2.0
#include "core/base/edit_distance.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace gatescope {

std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

std::string_view nearestWord(std::string_view typed, std::span<const std::string_view> known) {
    constexpr std::size_t kLongest = 64;
    if (typed.empty() || typed.size() > kLongest) return {};
    std::string_view best;
    std::size_t bestDistance = kLongest;
    for (const std::string_view word : known) {
        const std::size_t distance = editDistance(typed, word);
        if (distance >= bestDistance || distance > std::max<std::size_t>(2, word.size() / 3)) continue;
        best = word;
        bestDistance = distance;
    }
    return best;
}

} // namespace gatescope
