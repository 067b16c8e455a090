// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"
#include "core/simulate/calls.h"
#include "core/simulate/quota_window.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace gatescope::simulate {

enum class LimitAlgorithm : std::uint8_t {
    SlidingWindow, ///< classic tiers
    TokenBucket    ///< v2 tiers
};

/// One llm-token-limit policy. At least one of the two limits should be there; without any all calls pass.
struct LimitPolicy {
    std::vector<analysis::Field> key;            ///< counter-key; none: one counter for all
    std::optional<std::int64_t> tokensPerMinute; ///< 1 to kMaxCount; exceeded: 429
    std::optional<std::int64_t> tokenQuota;      ///< 1 to 10^12; exceeded: 403
    QuotaPeriod period = QuotaPeriod::Hourly;
    Weekday weekStart = Weekday::Monday;
    LimitAlgorithm algorithm = LimitAlgorithm::SlidingWindow;
    double capacityFactor = 1.0; ///< of the token bucket
    bool estimatePrompt = true;  ///< streamed calls are estimated whatever this says
    PromptEstimator estimator = PromptEstimator::Reported;
};

/// What the policy would have done with one call.
struct CallOutcome {
    analysis::Row row = 0;
    TimeNs time = kNoTime;
    std::uint32_t key = 0;             ///< index into LimitResult::keys
    std::uint16_t predictedStatus = 0; ///< 200: let through (whatever the model then says); 429; 403
    std::uint16_t observedStatus = 0;  ///< what really happened; 0: no answer was seen
    Count retryAfter;                  ///< seconds; unknown: let through, or waiting never helps
    Count remaining;                   ///< left in the minute, as a header of the answer would say; no rate: unknown
    Count booked;                      ///< unknown: refused, or nothing is known of its tokens
};

/// What the policy would have done with the calls of one key.
struct KeyOutcome {
    KeyParts key;
    std::uint64_t exchanges = 0, admitted = 0, refused429 = 0, refused403 = 0;
    std::uint64_t observed429 = 0;
    std::int64_t bookedTokens = 0;      ///< by the simulated limiter: of the calls that it let through
    std::int64_t billedTokens = 0;      ///< reported by all calls as they really happened
    std::uint64_t withUsage = 0;        ///< calls with reported tokens; 0: `billedTokens` is unknown, not 0
    std::uint64_t bookedCalls = 0;      ///< calls that booked something; 0: `bookedTokens` is unknown, not 0
    std::uint64_t bookedByEstimate = 0; ///< let through, but nothing was reported: their prompt estimate was booked
    std::uint64_t withoutTokens = 0;    ///< let through, but nothing is known of them: nothing was booked
    std::uint64_t withoutEstimate = 0;  ///< should have been estimated, but nothing is known: judged without estimate
    std::uint64_t unsatisfiable = 0;    ///< refused with an estimate over the whole limit: waiting never helps
    TimeNs firstRefused = kNoTime;
    TimeNs firstStarved = kNoTime; ///< begin of the first UTC minute with calls of which none was let through
    std::uint64_t starvedMinutes = 0;
    std::int64_t longestWait = 0; ///< greatest Retry-After of the limit a minute, in seconds; 0: none
    std::uint64_t payers = 0;     ///< distinct callers behind the key (project, agent name, application)
};

/// How far the prediction is from what headers of the gateway stated.
struct Deviation {
    std::uint64_t compared = 0;
    double meanAbsolute = 0; ///< tokens; only if compared != 0
    std::int64_t maxAbsolute = 0;
};

struct LimitResult {
    std::vector<KeyOutcome> keys;   ///< in the order of KeyedCalls::keys
    std::vector<CallOutcome> calls; ///< by time
    KeyOutcome totals;              ///< of all keys; its `key` is empty, its times are the first of all
    std::uint64_t withoutTime = 0;  ///< calls that could not be replayed
    std::uint64_t agreed429 = 0;    ///< refused with 429 in both worlds
    Deviation consumed;             ///< booked here against `gateway_tokens`, of calls let through
    Deviation remaining;            ///< against `remaining_tokens`, where its limit is ours or none is stated
    std::uint64_t otherLimit = 0;   ///< `remaining_tokens` of a limit that is not ours: not compared
    std::vector<Finding> findings;  ///< shared keys, keys split by version, unsatisfiable calls, debt; no secrets
};

/// Replays calls as they came: each request at its start, its tokens at its end.
///
/// What is booked: the reported total; for a streamed or estimated call with images the estimate for the prompt and the
/// reported output, as the gateway counts it. A call that the policy lets through but that reports nothing (really
/// refused, broken off) books its prompt estimate when its answer comes, without output, because nobody knows how long
/// its answer would have been; `bookedByEstimate` says how many. Without an estimate it books nothing.
/// A call without answer keeps its estimate booked from its request on.
/// Both limits are asked, the rate first; a call that one refuses leaves nothing in the other.
/// Of equal times answers come before requests, and requests in the order of ids: the result never depends on the
/// order of `rows`. Callers that really waited or gave up are not played otherwise than they behaved.
/// Counters of several gateways are one here; with real gateways each has its own.
/// The key of `policy` is not looked at: `calls` are keyed already.
LimitResult replayLimits(const KeyedCalls& calls, const LimitPolicy& policy);

/// `keyedCalls` (by `policy.key`) and `replayLimits` in one. To try many policies on one key, call them apart.
LimitResult simulateLimits(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows,
                           const LimitPolicy& policy, bool reveal = false);

} // namespace gatescope::simulate
