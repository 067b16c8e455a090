// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"
#include "core/simulate/calls.h"
#include "core/simulate/ptu_bucket.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::simulate {

/// Prices of one model; whoever has a price table fills them in. Absent: unpriced, which is not 0.
struct PtuRates {
    std::optional<double> input, cached, output; ///< standard, for a million tokens; `cached` absent: as `input`
    std::optional<double> ptuHour;
    std::string currency;
};

struct PtuPolicy {
    PtuModel model;
    std::int64_t ptu = 0;  ///< 0: nothing prepaid: everything goes to the standard deployment
    bool spillover = true; ///< to a standard deployment; false: refused calls get 429
    double depthSeconds = 60;
    std::int64_t assumedMaxTokens = 1000;
    std::int64_t interval = kMinute;                                     ///< of the rows
    std::int64_t standardTpm = 0, standardRpm = 0, rpmSliceSeconds = 10; ///< of the standard deployment; 0: no limit
    PromptEstimator estimator = PromptEstimator::Reported;
    double breakerTripSeconds = 60; ///< of BreakerPool; 0: as long as the refusal asks to wait
    PtuRates rates;
};

/// What happened in one bucket of time. Only buckets with calls are there.
struct PtuInterval {
    TimeNs time = kNoTime;
    double utilisation = 0; ///< highest, 1 is 100 %; nothing prepaid: 0
    std::uint64_t exchanges = 0, spilledExchanges = 0, refused = 0;
    std::int64_t spilledTokens = 0;     ///< billed tokens of the spilled calls, as far as they are known
    std::uint64_t spilledWithUsage = 0; ///< spilled calls whose tokens are known
};

/// The other way to spill: the gateway has a pool of the prepaid deployment (priority 1) and a standard one
/// (priority 2), and a circuit breaker that one 429 trips. The call that trips it gets the 429; while it is open
/// everything goes to the standard deployment, even what the prepaid one could take.
/// Source: Azure API Management, backends. One gateway instance; real ones each have a breaker of their own.
struct BreakerPool {
    std::uint64_t trips = 0; ///< as many calls got 429
    std::uint64_t spilledExchanges = 0;
    std::int64_t spilledTokens = 0; ///< billed tokens of those calls, as far as they are known
};

struct PtuResult {
    std::vector<PtuInterval> intervals; ///< by time
    std::int64_t interval = 0;          ///< as asked, or a multiple where there would be more than 100,000 buckets
    std::uint64_t exchanges = 0, spilledExchanges = 0, refused = 0;
    std::int64_t tokens = 0, spilledTokens = 0;
    std::uint64_t withUsage = 0;       ///< calls with reported tokens; 0: `tokens` is unknown, not 0
    std::uint64_t withoutUsage = 0;    ///< calls whose tokens are not known although something may have been generated
    std::uint64_t withoutEstimate = 0; ///< nothing known of the prompt: only `max_tokens` was taken
    std::uint64_t longContext = 0;     ///< spilled with 400 because the model takes no long prompts on prepaid capacity
    std::uint64_t withoutTime = 0;
    double peakUtilisation = 0, meanUtilisation = 0; ///< mean over the time from first to last call
    std::optional<std::int64_t>
        ptuWithoutSpill;                  ///< smallest purchasable number at which nothing spills, long prompts aside
    std::optional<BreakerPool> breaker;   ///< absent: nothing prepaid
    std::optional<PtuSize> sizeByFormula; ///< by the busiest minute
    TimeNs firstTime = kNoTime, lastTime = kNoTime;
    /// In PtuRates::currency; absent when a rate or the tokens are missing. The prepaid part is for the time from the
    /// first to the last call, in whole hours, because units are billed
    /// by the hour.
    double billedHours = 0;
    std::optional<double> costStandardOnly, costWithPtu, costWithoutSpill;
    std::vector<Finding> findings;
};

/// Replays the calls of one model. A call whose tokens are not known (really throttled, broken off) counts with its
/// prompt estimate and the mean output of the others, or with `max_tokens` where none reports any. A call that the
/// model or the gateway refused for another reason (4xx) takes nothing when it ends. `calls` as `callsOf` gives them,
/// of that model only.
PtuResult simulatePtu(const Calls& calls, const PtuPolicy& policy);

/// Rows whose `model` is that of the name, in any case.
std::vector<analysis::Row> rowsOfModel(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows,
                                       std::string_view model);

} // namespace gatescope::simulate
