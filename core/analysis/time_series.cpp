// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/time_series.h"

#include "core/analysis/totals_adder.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace gatescope::analysis {

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSecond = 1000 * kMillisecond;
constexpr std::int64_t kDay = 86'400 * kSecond;
constexpr std::int64_t kLongest = 366 * kDay;

struct Unit {
    std::string_view name;
    std::int64_t length;
};
constexpr Unit kUnits[] = {
    {"ms", kMillisecond}, {"s", kSecond}, {"m", 60 * kSecond}, {"h", 3600 * kSecond}, {"d", kDay}};

std::unexpected<Error> notAnInterval(std::string_view text) {
    return std::unexpected(Error{ErrorKind::Usage, fmt::format("\"{}\" is no interval: give a whole number and a unit, "
                                                               "such as 10s, 1m, 15m, 1h or 1d",
                                                               text)});
}

/// Begin of the bucket that a time lies in, also before 1970.
TimeNs floorTo(TimeNs time, std::int64_t interval) {
    const std::int64_t rest = time % interval;
    return time - (rest < 0 ? rest + interval : rest);
}

/// The interval asked for, or a multiple of it that gives few enough buckets.
std::int64_t fitting(std::int64_t interval, TimeNs first, TimeNs last) {
    const auto span = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first);
    const std::uint64_t most = kMaxBuckets - 1; // the first and the last one may be in part
    const std::uint64_t buckets = span / static_cast<std::uint64_t>(interval);
    if (buckets < most) return interval;
    const std::uint64_t times = buckets / most + 1;
    std::int64_t wider = 0;
    return __builtin_mul_overflow(interval, static_cast<std::int64_t>(times), &wider) ? interval : wider;
}

} // namespace

std::expected<std::int64_t, Error> parseInterval(std::string_view text) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || number <= 0) return notAnInterval(text);
    for (const Unit& unit : kUnits) {
        if (std::string_view(stop, end) != unit.name) continue;
        if (number > kLongest / unit.length)
            return std::unexpected(Error{ErrorKind::Usage, fmt::format("\"{}\" is too long: at most 366d", text)});
        return number * unit.length;
    }
    return notAnInterval(text);
}

TimeSeries timeSeries(const Snapshot& snapshot, const std::vector<Row>& rows, const std::vector<Field>& fields,
                      std::int64_t interval, bool reveal) {
    TimeSeries series;
    series.groups = groupBy(snapshot, rows, fields, reveal);
    TimeNs first = kNoTime;
    TimeNs last = kNoTime;
    for (const Group& group : series.groups) {
        if (group.totals.firstTime == kNoTime) continue;
        first = first == kNoTime ? group.totals.firstTime : std::min(first, group.totals.firstTime);
        last = std::max(last, group.totals.lastTime);
    }
    series.interval = first == kNoTime ? interval : fitting(interval, first, last);

    TotalsAdder adder(snapshot);
    std::vector<std::pair<TimeNs, Row>> placed;
    std::vector<Row> bucket;
    for (std::size_t g = 0; g < series.groups.size(); ++g) {
        placed.clear();
        for (const Row row : series.groups[g].rows) {
            const TimeNs time = snapshot.startTime(row);
            if (time == kNoTime)
                ++series.withoutTime;
            else
                placed.emplace_back(floorTo(time, series.interval), row);
        }
        // Rows mostly come in the order of time, and then this is one look at each.
        const auto byTime = [](const auto& a, const auto& b) { return a.first < b.first; };
        if (!std::is_sorted(placed.begin(), placed.end(), byTime))
            std::stable_sort(placed.begin(), placed.end(), byTime);
        for (std::size_t i = 0; i < placed.size();) {
            const TimeNs begin = placed[i].first;
            bucket.clear();
            for (; i < placed.size() && placed[i].first == begin; ++i) bucket.push_back(placed[i].second);
            series.points.push_back({begin, g, adder.totals(bucket)});
        }
    }
    std::sort(series.points.begin(), series.points.end(), [](const SeriesPoint& a, const SeriesPoint& b) {
        return std::pair(a.time, a.group) < std::pair(b.time, b.group);
    });
    return series;
}

} // namespace gatescope::analysis
