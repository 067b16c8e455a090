// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"

#include <QString>

namespace gatescope::ui {

/// A piece of time: from `from`, up to but without `to`.
struct TimeSpan {
    TimeNs from = 0;
    TimeNs to = 0;
    TimeNs length() const { return to - from; }
    bool contains(TimeNs time) const { return time >= from && time < to; }
    bool operator==(const TimeSpan&) const = default;
};

/// `18:21:03 – 18:24:40 (3 min 37 s)` in UTC; tenths and less only where the span is short.
QString spanText(const TimeSpan& span, bool withDate = false);
/// A time of day that tells marks apart which are `step` from each other: `18:21`, `18:21:03`, `18:21:03.250`.
QString tickText(TimeNs time, std::int64_t step, bool withDate = false);
/// The shortest of the usual steps (1, 2, 5, 10, 15, 30 of a unit) that makes at most `most` pieces of `length`;
/// at least a millisecond.
std::int64_t usualStep(std::int64_t length, std::int64_t most);

} // namespace gatescope::ui
