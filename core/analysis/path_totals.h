// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/indexed_totals.h"
#include "core/analysis/path_graph.h"
#include "core/analysis/percentiles.h"

#include <cstdint>
#include <span>
#include <vector>

namespace gatescope::analysis {

/// Totals of paths, and of any sets of paths without going over the rows again.
class PathSums {
public:
    /// `indexes[i]`, below `count`, is the path of `rows[i]`.
    PathSums(const Snapshot& snapshot, std::span<const Row> rows, std::span<const std::uint32_t> indexes,
             std::size_t count);

    /// Of the paths with these numbers, each once.
    PathTotals of(std::span<const std::uint32_t> paths);

private:
    std::vector<Totals> m_totals;
    std::vector<std::size_t> m_begins;     ///< of each path's durations, and their end
    std::vector<std::int64_t> m_durations; ///< those that are known, path by path
    std::vector<std::int64_t> m_scratch;
    PercentilePicker m_picker;
};

} // namespace gatescope::analysis
