// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/simulate/calls.h"
#include "core/simulate/limiter.h"
#include "core/simulate/parameters.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::simulate {

/// Prepaid capacity (provisioned throughput units) as the documented leaky bucket: over 100 % 429, otherwise the
/// estimate goes in, is corrected when the call ends, and drains at a rate that the number of units sets. The depth of
/// the bucket is not documented. Tokens are normalised: input less cached, and `ratio` times output.
/// Source: Azure AI documentation, provisioned-throughput and provisioned-throughput-sizing.
class PtuBucket {
public:
    /// `tokensPerSecond` above 0; `depthSeconds` above 0.
    PtuBucket(double tokensPerSecond, double depthSeconds) : m_rate(tokensPerSecond), m_depth(depthSeconds) {}

    struct Verdict {
        bool admitted = true;
        double retryAfterMs = 0; ///< until the utilisation is 100 % again
    };
    /// Takes the estimate in when the utilisation is not over 1 before. Times must not go back.
    Verdict request(TimeNs time, double estimate);
    void finish(TimeNs time, double actual, double estimate);
    /// 1 is 100 %. Never below 0.
    double utilisation(TimeNs time);

private:
    void advance(TimeNs time);

    double m_rate, m_depth;
    double m_level = 0;
    TimeNs m_now = kNoTime;
};

/// Counters of a standard deployment: tokens a minute with the estimate and `max_tokens` on arrival, never corrected
/// and reset each minute; requests a minute on slices of some seconds. Refused calls count too.
/// Source: Azure AI documentation, quota. The minute is taken from the first request (not documented).
class StandardQuota {
public:
    /// 0: no such limit.
    StandardQuota(std::int64_t tokensPerMinute, std::int64_t requestsPerMinute, std::int64_t sliceSeconds)
        : m_tokens(tokensPerMinute), m_requests(requestsPerMinute), m_slice(sliceSeconds * kSecond) {}
    Verdict request(TimeNs time, std::int64_t reservation);

private:
    std::int64_t m_tokens, m_requests, m_slice;
    TimeNs m_minute = kNoTime, m_sliceBegin = kNoTime;
    std::int64_t m_used = 0, m_calls = 0;
};

/// Documented formula: input and output tokens a minute at the peak give the units, rounded up to what can be bought.
struct PtuDemand {
    double callsPerMinute = 0, promptTokens = 0, outputTokens = 0; ///< per call
    double cacheRate = 0;                                          ///< 0 to 1, of the prompt
};
struct PtuSize {
    double normalisedTpm = 0;
    double raw = 0;       ///< units before rounding
    std::int64_t ptu = 0; ///< what can be bought: minimum and steps
};
PtuSize ptuSize(const PtuDemand& demand, const PtuModel& model);
/// The smallest number that can be bought and is not below `units`.
std::int64_t purchasable(double units, const PtuModel& model);

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
    PtuRates rates;
};

/// What happened in one bucket of time. Only buckets with calls are there.
struct PtuInterval {
    TimeNs time = kNoTime;
    double utilisation = 0; ///< highest, 1 is 100 %; nothing prepaid: 0
    std::uint64_t exchanges = 0, spilledExchanges = 0, refused = 0;
    std::int64_t spilledTokens = 0; ///< billed tokens of those calls
};

struct PtuResult {
    std::vector<PtuInterval> intervals; ///< by time
    std::int64_t interval = 0;          ///< as asked, or a multiple where there would be more than 100,000 buckets
    std::uint64_t exchanges = 0, spilledExchanges = 0, refused = 0;
    std::int64_t tokens = 0, spilledTokens = 0;
    std::uint64_t withoutUsage = 0;    ///< replayed with their estimates; what they used is not known
    std::uint64_t withoutEstimate = 0; ///< nothing known of the prompt: only `max_tokens` was taken
    std::uint64_t longContext = 0;     ///< spilled with 400 because the model takes no long prompts on prepaid capacity
    std::uint64_t withoutTime = 0;
    double peakUtilisation = 0, meanUtilisation = 0; ///< mean over the time from first to last call
    std::optional<std::int64_t>
        ptuWithoutSpill;                  ///< smallest purchasable number at which nothing spills, long prompts aside
    std::optional<PtuSize> sizeByFormula; ///< by the busiest minute
    TimeNs firstTime = kNoTime, lastTime = kNoTime;
    /// In PtuRates::currency; absent when a rate or the tokens are missing. The prepaid part is for the time from the
    /// first to the last call, at least one hour, because units are billed by the hour.
    std::optional<double> costStandardOnly, costWithPtu, costWithoutSpill;
    std::vector<Finding> findings;
};

/// Replays the calls of one model. `calls` as `callsOf` gives them, of that model only.
PtuResult simulatePtu(const Calls& calls, const PtuPolicy& policy);

/// Rows whose `model` is that of the name, in any case.
std::vector<analysis::Row> rowsOfModel(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows,
                                       std::string_view model);

} // namespace gatescope::simulate
