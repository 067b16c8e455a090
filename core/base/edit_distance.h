// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace gatescope {

/// Levenshtein distance in octets. Work and memory are the product of the lengths: for words that people type.
std::size_t editDistance(std::string_view a, std::string_view b);

/// The word nearest to a mistyped one, or an empty view when none is near or `typed` is longer than any word.
std::string_view nearestWord(std::string_view typed, std::span<const std::string_view> known);

} // namespace gatescope
