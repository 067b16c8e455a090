// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/time_buckets.h"

#include "core/analysis/time_series.h"
#include "ui/bridge/text.h"

#include <algorithm>

namespace gatescope::ui {
using namespace analysis;

TimeBuckets bucketsOf(const Snapshot& snapshot, const std::vector<Row>& rows, std::int64_t most, std::stop_token stop) {
    std::vector<std::int64_t> times(rows.size());
    snapshot.numbers(FieldId::Time, rows, times.data());
    std::erase(times, kNoNumber);
    TimeBuckets result;
    result.withoutTime = rows.size() - times.size();
    if (times.empty() || stop.stop_requested()) return result;
    const auto [first, last] = std::minmax_element(times.begin(), times.end());
    // Times come from the network: they may lie further apart than a difference can say.
    std::int64_t length = 0;
    if (__builtin_sub_overflow(*last, *first, &length)) length = std::numeric_limits<std::int64_t>::max() / 2;
    const auto series = timeSeries(snapshot, rows, {}, usualStep(length, most));
    result.interval = series.interval;
    for (const auto& point : series.points) result.buckets.push_back({point.time, point.totals});
    if (result.buckets.empty()) return result;
    const TimeNs from = result.buckets.front().time;
    TimeNs to = 0;
    const bool far = __builtin_add_overflow(result.buckets.back().time, result.interval, &to) ||
                     __builtin_sub_overflow(to, from, &length);
    if (!far) result.span = TimeSpan{from, to};
    return result;
}

double perMinute(double count, std::int64_t interval) {
    constexpr double kMinute = 60e9;
    return interval > 0 ? count * kMinute / static_cast<double>(interval) : 0;
}

QString rateUnit(const QString& what, std::int64_t interval) {
    constexpr std::int64_t kMinute = 60'000'000'000;
    const QString unit = what + QStringLiteral("/min");
    return interval <= 0 || interval == kMinute ? unit : unit + QStringLiteral(", mean over ") + durationText(interval);
}

} // namespace gatescope::ui
