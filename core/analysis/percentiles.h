// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace gatescope::analysis {

/// Median and 95th percentile by nearest rank: the smallest value that at least that share of all do not exceed.
struct PercentilePair {
    std::optional<std::int64_t> p50, p95;
};

/// Picks percentiles out of unsorted values. Values are counted into ranges first, so that only the few of one range
/// must be ordered: several times faster than selecting among all of them. Keeps its buffers from call to call.
class PercentilePicker {
public:
    PercentilePair pick(std::span<const std::int64_t> values);

private:
    static constexpr std::size_t kRanges = 1024;

    std::int64_t valueAt(std::span<const std::int64_t> values, std::size_t rank);

    std::array<std::uint32_t, kRanges> m_counts{};
    std::uint64_t m_lowest = 0;
    unsigned m_shift = 0;
    std::vector<std::int64_t> m_range; ///< scratch
};

} // namespace gatescope::analysis
