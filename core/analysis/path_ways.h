// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace gatescope::analysis {

/// Exchanges that say the same of their way, but for ports and ids of single requests: one of them is read for all.
struct PathWays {
    /// More different ways than anybody looks at come from invented headers; each costs some KiB.
    static constexpr std::size_t kMaxWays = 20'000;
    static constexpr std::uint32_t kNoWay = ~std::uint32_t{0};

    struct Way {
        Row firstRow = 0; ///< by id
        std::uint64_t exchanges = 0;
    };
    std::vector<Way> ways;              ///< in the order of their first rows' ids
    std::vector<std::uint32_t> indexes; ///< the way of each row given; kNoWay beyond the limit
    std::uint64_t beyondLimit = 0;      ///< exchanges without a way
};

/// The same ways for any order of arrival. Empty when `stopWanted` said yes.
PathWays pathWays(const Snapshot& snapshot, const std::vector<Row>& rows, const std::function<bool()>& stopWanted = {});

} // namespace gatescope::analysis
