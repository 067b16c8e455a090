// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/time_series.h"

#include "core/analysis/indexed_totals.h"
#include "core/analysis/key_index.h"

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

/// Begin of the bucket that a time lies in, also before 1970; at the very end of the range the time itself.
TimeNs floorTo(TimeNs time, std::int64_t interval) {
    const std::int64_t rest = time % interval;
    const std::int64_t over = rest < 0 ? rest + interval : rest;
    TimeNs begin = 0;
    return __builtin_sub_overflow(time, over, &begin) ? time : begin;
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

std::vector<TimeNs> startTimes(const Snapshot& snapshot, const std::vector<Row>& rows) {
    std::vector<TimeNs> times(rows.size());
    snapshot.numbers(FieldId::Time, rows, times.data());
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (times[i] == kNoNumber) times[i] = snapshot.startTime(rows[i]); // the request was not seen
    return times;
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
                      std::int64_t interval, bool reveal, TotalsKind kind) {
    TimeSeries series;
    IndexedGroups grouped = indexedGroups(snapshot, rows, fields, reveal, TotalsKind::SumsOnly);
    series.groups = std::move(grouped.groups);
    TimeNs first = kNoTime;
    TimeNs last = kNoTime;
    for (const Group& group : series.groups) {
        if (group.totals.firstTime == kNoTime) continue;
        first = first == kNoTime ? group.totals.firstTime : std::min(first, group.totals.firstTime);
        last = std::max(last, group.totals.lastTime);
    }
    series.interval = first == kNoTime ? interval : fitting(interval, first, last);
    if (first == kNoTime) {
        series.withoutTime = rows.size();
        return series;
    }
    const TimeNs begin = floorTo(first, series.interval);
    const auto bucketOf = [&](TimeNs time) {
        const auto since = static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(begin);
        return static_cast<std::uint32_t>(since / static_cast<std::uint64_t>(series.interval));
    };
    // Differences as unsigned numbers cannot overflow, and a bucket never begins behind its last call.
    const auto beginOf = [&](std::uint32_t bucket) {
        return static_cast<TimeNs>(static_cast<std::uint64_t>(begin) +
                                   bucket * static_cast<std::uint64_t>(series.interval));
    };
    std::vector<Row> placed;
    std::vector<std::uint32_t> groups;
    std::vector<std::uint32_t> buckets;
    placed.reserve(rows.size());
    groups.reserve(rows.size());
    buckets.reserve(rows.size());
    const std::vector<TimeNs> starts = startTimes(snapshot, rows);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (starts[i] == kNoTime) continue;
        placed.push_back(rows[i]);
        groups.push_back(grouped.indexes[i]);
        buckets.push_back(bucketOf(starts[i]));
    }
    series.withoutTime = rows.size() - placed.size();
    const CombinedIndex both = combine(buckets, bucketOf(last) + std::size_t{1}, groups, series.groups.size());
    std::vector<Totals> totals = indexedTotals(snapshot, placed, both.indexes, both.pairs.size(), kind);
    auto lists = rowsByIndex(placed, both.indexes, both.pairs.size());
    series.points.reserve(totals.size());
    for (std::size_t i = 0; i < totals.size(); ++i) {
        const auto [bucket, group] = both.pairs[i];
        series.points.push_back({beginOf(bucket), group, totals[i], std::move(lists[i])});
    }
    std::sort(series.points.begin(), series.points.end(), [](const SeriesPoint& a, const SeriesPoint& b) {
        return std::pair(a.time, a.group) < std::pair(b.time, b.group);
    });
    return series;
}

} // namespace gatescope::analysis
