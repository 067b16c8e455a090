// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/simulate/limiter.h"
#include "core/simulate/parameters.h"

#include <cstdint>

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
/// Source: Azure AI documentation, quota. That a minute or slice begins with its first request is not documented.
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

} // namespace gatescope::simulate
