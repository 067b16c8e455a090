// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/grouping.h"
#include "ui/bridge/time_span.h"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

namespace gatescope::ui {

/// What began in one piece of time.
struct TimeBucket {
    TimeNs time = 0; ///< its begin
    analysis::Totals totals;
};

/// Totals along the time. Only buckets with exchanges are there, in order.
struct TimeBuckets {
    std::int64_t interval = 0;    ///< ns; 0: nothing could be placed
    std::optional<TimeSpan> span; ///< whole buckets, from the first to the last
    std::vector<TimeBucket> buckets;
    std::uint64_t withoutTime = 0;
};

/// At most `most` buckets, of a usual length. Empty when stopped.
TimeBuckets bucketsOf(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows, std::int64_t most,
                      std::stop_token stop = {});

/// `count` of a bucket as a rate per minute.
double perMinute(double count, std::int64_t interval);
/// `tokens/min, mean over 500 ms`: a rate over less than a minute is no count of a minute, and is said to be a rate.
QString rateUnit(const QString& what, std::int64_t interval);

} // namespace gatescope::ui
