// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatescope::cli {

/// `; did you mean 'exchanges'?`: the known words nearest to a mistyped one, or an empty text when none is near.
std::string suggestion(std::string_view typed, const std::vector<std::string>& known);
/// The same, and then all known words: `; did you mean 'cost'? Known: tokens, calls, cost`.
std::string suggestionOf(std::string_view typed, const std::vector<std::string>& known);

} // namespace gatescope::cli
