// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/grouping.h"

#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

namespace gatescope::analysis {

/// `10s`, `1m`, `15m`, `1h`, `1d`, in nanoseconds. At least a millisecond, at most 366 days.
std::expected<std::int64_t, Error> parseInterval(std::string_view text);

/// Buckets of one result; more would be of no use to a person and could fill the memory.
inline constexpr std::size_t kMaxBuckets = 100'000;

/// One bucket of one group.
struct SeriesPoint {
    TimeNs time = kNoTime; ///< begin of the bucket: a multiple of the interval since 1970-01-01T00:00:00Z
    std::size_t group = 0; ///< index into TimeSeries::groups
    Totals totals;
    std::vector<Row> rows; ///< in the order given
};

/// Totals by time and group. An exchange counts where its request began. Only buckets with exchanges are there.
struct TimeSeries {
    std::int64_t interval = 0;       ///< as asked, or a multiple of it where there would be more than kMaxBuckets
    std::vector<Group> groups;       ///< as `groupBy` gives them, most tokens first
    std::vector<SeriesPoint> points; ///< by time, then by group
    std::uint64_t withoutTime = 0;   ///< exchanges that could not be placed
};

TimeSeries timeSeries(const Snapshot& snapshot, const std::vector<Row>& rows, const std::vector<Field>& fields,
                      std::int64_t interval, bool reveal = false, TotalsKind kind = TotalsKind::WithPercentiles);

} // namespace gatescope::analysis
