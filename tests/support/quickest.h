// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace gatescope {

/// The least of the times, in any unit, that up to five calls of `round` give; no more calls once one is within
/// `limit`. A machine that is busy with something else makes one round slow, a wait in our own code makes all of them
/// slow.
template <typename Round>
std::int64_t quickest(std::int64_t limit, Round&& round) {
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (int i = 0; i < 5 && least > limit; ++i) least = std::min<std::int64_t>(least, round());
    return least;
}

} // namespace gatescope
