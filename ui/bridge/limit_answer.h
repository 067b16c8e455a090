// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/simulate/limit_simulation.h"
#include "ui/bridge/time_span.h"

#include <QString>

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace gatescope::ui {

/// One bucket of a simulation: what the policy would have done beside what really happened.
struct LimitBucket {
    TimeNs time = 0;
    std::uint64_t admitted = 0, refused429 = 0, refused403 = 0;
    std::uint64_t answered = 0, observed429 = 0, failed = 0, unanswered = 0;
};

/// The calls of one counter, or of all: along the time and one by one.
struct LimitView {
    std::optional<std::uint32_t> key; ///< absent: all counters
    std::int64_t interval = 0;
    std::optional<TimeSpan> span;
    std::vector<LimitBucket> buckets; ///< by time, only those with calls
    std::vector<std::uint32_t> calls; ///< indexes into LimitResult::calls, by time
};

/// Empty when stopped.
std::optional<LimitView> limitView(const simulate::LimitResult& result, std::optional<std::uint32_t> key,
                                   std::int64_t mostBuckets, std::stop_token stop);

/// Name of a counter: `sampleproject1 + TestAgent`; `all calls` without a key.
QString counterName(const simulate::KeyParts& key, const std::vector<analysis::Field>& fields);
/// `4,300 calls: 3,900 let through, 380 refused with 429, 20 with 403. Really 176 got 429; 40 of them in both.`
QString limitSummary(const simulate::LimitResult& result);
/// For the limit line of the token flow, one counter for everything shown.
QString limitVerdict(const simulate::LimitResult& result);

} // namespace gatescope::ui
