// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/time_span.h"

#include "ui/bridge/text.h"

#include <algorithm>
#include <array>

namespace gatescope::ui {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSecond = 1'000 * kMillisecond;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

constexpr std::array kSteps{
    kMillisecond,       2 * kMillisecond,
    5 * kMillisecond,   10 * kMillisecond,
    20 * kMillisecond,  50 * kMillisecond,
    100 * kMillisecond, 200 * kMillisecond,
    500 * kMillisecond, kSecond,
    2 * kSecond,        5 * kSecond,
    10 * kSecond,       15 * kSecond,
    30 * kSecond,       kMinute,
    2 * kMinute,        5 * kMinute,
    10 * kMinute,       15 * kMinute,
    30 * kMinute,       kHour,
    2 * kHour,          6 * kHour,
    12 * kHour,         kDay,
    2 * kDay,           7 * kDay,
    30 * kDay,          90 * kDay,
};

} // namespace

QString tickText(TimeNs time, std::int64_t step, bool withDate) {
    QString text = clockText(time, withDate);
    const auto dropped = step % kMinute == 0 ? 7 : step % kSecond == 0 ? 4 : 0;
    text.chop(std::min<qsizetype>(dropped, text.size()));
    return text;
}

QString spanText(const TimeSpan& span, bool withDate) {
    const bool exact = span.from % kSecond != 0 || span.to % kSecond != 0;
    const std::int64_t step = exact ? kMillisecond : kSecond;
    return QStringLiteral("%1 – %2 (%3)")
        .arg(tickText(span.from, step, withDate), tickText(span.to, step, withDate), durationText(span.length()));
}

std::int64_t usualStep(std::int64_t length, std::int64_t most) {
    const auto pieces = [&](std::int64_t step) { return length / step + 1; };
    for (const auto step : kSteps) {
        if (pieces(step) <= most) return step;
    }
    const auto days = length / std::max<std::int64_t>(most, 1) / kDay + 1;
    return days * kDay;
}

} // namespace gatescope::ui
