// SPDX-License-Identifier: Apache-2.0
#include "core/simulate/limit_simulation.h"

#include "core/simulate/event_order.h"
#include "core/simulate/key_findings.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <variant>

namespace gatescope::simulate {

namespace {

using Estimate = std::optional<std::int64_t>;

/// The minute of UTC that holds a time, and its begin.
std::int64_t minuteOf(TimeNs time) {
    return time / kMinute - (time % kMinute < 0);
}

TimeNs beginOf(std::int64_t minute) {
    TimeNs time = 0;
    return __builtin_mul_overflow(minute, kMinute, &time) ? std::numeric_limits<TimeNs>::min() + 1 : time;
}

/// Both limits of one key.
class Counter {
public:
    explicit Counter(const LimitPolicy& policy) {
        if (policy.tokensPerMinute && policy.algorithm == LimitAlgorithm::SlidingWindow)
            m_rate.emplace<SlidingWindow>(*policy.tokensPerMinute);
        else if (policy.tokensPerMinute)
            m_rate.emplace<TokenBucket>(*policy.tokensPerMinute, policy.capacityFactor);
        if (policy.tokenQuota) m_quota.emplace(*policy.tokenQuota, policy.period, policy.weekStart);
    }

    Verdict askRate(TimeNs time, const Estimate& estimate) {
        return withRate(Verdict{}, [&](auto& rate) { return rate.ask(time, estimate); });
    }
    Verdict askQuota(TimeNs time, const Estimate& estimate) {
        return m_quota ? m_quota->ask(time, estimate) : Verdict{};
    }
    void reserve(std::int64_t estimate) {
        withRate(0, [&](auto& rate) { return rate.reserve(estimate), 0; });
        if (m_quota) m_quota->reserve(estimate);
    }
    void book(TimeNs time, std::int64_t tokens, std::int64_t reserved) {
        withRate(0, [&](auto& rate) { return rate.book(time, tokens, reserved), 0; });
        if (m_quota) m_quota->book(time, tokens, reserved);
    }
    Count remaining(TimeNs time) {
        return withRate(Count(), [&](auto& rate) { return Count(rate.remaining(time)); });
    }

private:
    template <typename Result, typename Use>
    Result withRate(Result without, Use&& use) {
        if (auto* window = std::get_if<SlidingWindow>(&m_rate)) return use(*window);
        if (auto* bucket = std::get_if<TokenBucket>(&m_rate)) return use(*bucket);
        return without;
    }

    std::variant<std::monostate, SlidingWindow, TokenBucket> m_rate;
    std::optional<QuotaWindow> m_quota;
};

/// Finds minutes in which calls came and none was let through. Calls arrive by time.
class StarvationWatch {
public:
    void see(TimeNs time, bool admitted, KeyOutcome& outcome) {
        if (const std::int64_t minute = minuteOf(time); minute != m_minute) {
            finish(outcome);
            m_minute = minute;
            m_fed = false;
        }
        m_fed = m_fed || admitted;
    }
    void finish(KeyOutcome& outcome) const {
        if (m_minute == kNone || m_fed) return;
        ++outcome.starvedMinutes;
        if (outcome.firstStarved == kNoTime) outcome.firstStarved = beginOf(m_minute);
    }

private:
    static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::min();
    std::int64_t m_minute = kNone;
    bool m_fed = false;
};

class DeviationSum {
public:
    void add(std::int64_t predicted, std::int64_t observed) {
        const std::int64_t difference = std::abs(predicted - observed);
        ++m_deviation.compared;
        m_sum += static_cast<double>(difference);
        m_deviation.maxAbsolute = std::max(m_deviation.maxAbsolute, difference);
    }
    Deviation get() const {
        Deviation deviation = m_deviation;
        if (deviation.compared != 0) deviation.meanAbsolute = m_sum / static_cast<double>(deviation.compared);
        return deviation;
    }

private:
    Deviation m_deviation;
    double m_sum = 0;
};

TimeNs earlier(TimeNs a, TimeNs b) {
    return a == kNoTime ? b : b == kNoTime ? a : std::min(a, b);
}

class Replay {
public:
    Replay(const KeyedCalls& keyed, const LimitPolicy& policy)
        : m_keyed(keyed), m_calls(keyed.calls.list), m_policy(policy), m_counters(keyed.keys.size(), Counter(policy)),
          m_watches(keyed.keys.size()), m_reserved(m_calls.size()) {
        m_result.keys.resize(keyed.keys.size());
        m_result.calls.resize(m_calls.size());
        m_result.withoutTime = keyed.calls.withoutTime;
    }

    LimitResult run() {
        forEachEvent(m_calls, [&](std::size_t i) { request(i); }, [&](std::size_t i) { answer(i); });
        for (std::size_t key = 0; key < m_result.keys.size(); ++key) finish(key);
        m_result.consumed = m_consumed.get();
        m_result.remaining = m_remaining.get();
        m_result.findings = keyFindings(m_keyed);
        addLimitFindings(m_policy, m_result);
        return std::move(m_result);
    }

private:
    bool isEstimated(const Call& call) const { return m_policy.estimatePrompt || call.stream; }

    void request(std::size_t index) {
        const Call& call = m_calls[index];
        const std::uint32_t key = m_keyed.keyOf[index];
        KeyOutcome& outcome = m_result.keys[key];
        CallOutcome& said = m_result.calls[index];
        said = {call.row, call.start, key, 200, call.status, {}, {}, {}};
        count(call, outcome);

        const Count estimate = isEstimated(call) ? promptEstimate(call, m_policy.estimator) : Count();
        if (isEstimated(call) && !estimate.known()) ++outcome.withoutEstimate;
        Verdict verdict = m_counters[key].askRate(call.start, estimate.value());
        if (!verdict.admitted) {
            said.predictedStatus = 429;
        } else if (verdict = m_counters[key].askQuota(call.start, estimate.value()); !verdict.admitted) {
            said.predictedStatus = 403;
        }
        m_watches[key].see(call.start, verdict.admitted, outcome);
        if (verdict.admitted)
            admit(index, estimate, outcome);
        else
            refuse(verdict, said, outcome);
    }

    static void count(const Call& call, KeyOutcome& outcome) {
        ++outcome.exchanges;
        if (call.status == 429) ++outcome.observed429;
        const Count billed = billedTokens(call);
        outcome.billedTokens += billed.orZero();
        outcome.withUsage += billed.known();
    }

    void admit(std::size_t index, Count estimate, KeyOutcome& outcome) {
        ++outcome.admitted;
        Counter& counter = m_counters[m_keyed.keyOf[index]];
        if (m_calls[index].end == kNoTime) return bookUnanswered(index, estimate, outcome);
        m_reserved[index] = estimate;
        counter.reserve(estimate.orZero());
    }

    void bookUnanswered(std::size_t index, Count estimate, KeyOutcome& outcome) {
        m_counters[m_keyed.keyOf[index]].book(m_calls[index].start, estimate.orZero(), 0);
        note(estimate, true, m_result.calls[index], outcome);
    }

    void refuse(const Verdict& verdict, CallOutcome& said, KeyOutcome& outcome) {
        ++(said.predictedStatus == 429 ? outcome.refused429 : outcome.refused403);
        if (said.predictedStatus == 429 && said.observedStatus == 429) ++m_result.agreed429;
        if (outcome.firstRefused == kNoTime) outcome.firstRefused = said.time;
        said.remaining = m_counters[said.key].remaining(said.time);
        if (!verdict.retryAfter) {
            ++outcome.unsatisfiable;
            return;
        }
        said.retryAfter = Count(*verdict.retryAfter);
        if (said.predictedStatus == 429) outcome.longestWait = std::max(outcome.longestWait, *verdict.retryAfter);
    }

    void answer(std::size_t index) {
        CallOutcome& said = m_result.calls[index];
        if (said.predictedStatus != 200) return;
        const Call& call = m_calls[index];
        KeyOutcome& outcome = m_result.keys[said.key];
        const Count actual = bookingOf(call);
        const Count fallback = isEstimated(call) ? m_reserved[index] : promptEstimate(call, m_policy.estimator);
        const Count booked = actual.known() ? actual : fallback;
        m_counters[said.key].book(call.end, booked.orZero(), m_reserved[index].orZero());
        note(booked, !actual.known(), said, outcome);
        said.remaining = m_counters[said.key].remaining(call.end);
        compare(call, said, actual);
    }

    /// What the gateway counts once the answer is there.
    Count bookingOf(const Call& call) const {
        if (!isEstimated(call) || call.images.orZero() == 0) return billedTokens(call);
        if (!call.output.known()) return billedTokens(call);
        return Count(promptEstimate(call, m_policy.estimator).orZero() + call.output.orZero());
    }

    static void note(Count booked, bool byEstimate, CallOutcome& said, KeyOutcome& outcome) {
        said.booked = booked;
        outcome.bookedTokens += booked.orZero();
        outcome.bookedCalls += booked.known();
        outcome.bookedByEstimate += booked.known() && byEstimate;
        outcome.withoutTokens += !booked.known();
    }

    void compare(const Call& call, const CallOutcome& said, Count actual) {
        if (call.gatewayTokens.known() && actual.known() && !call.countedByGateway)
            m_consumed.add(actual.orZero(), call.gatewayTokens.orZero());
        if (!call.remainingTokens.known() || !said.remaining.known()) return;
        if (call.limitTokens.known() && call.limitTokens != Count(m_policy.tokensPerMinute.value_or(0)))
            ++m_result.otherLimit;
        else
            m_remaining.add(said.remaining.orZero(), call.remainingTokens.orZero());
    }

    void finish(std::size_t key) {
        KeyOutcome& outcome = m_result.keys[key];
        m_watches[key].finish(outcome);
        outcome.key = m_keyed.keys[key];
        outcome.payers = m_keyed.payers[key];
        KeyOutcome& totals = m_result.totals;
        for (const auto member :
             {&KeyOutcome::exchanges, &KeyOutcome::admitted, &KeyOutcome::refused429, &KeyOutcome::refused403,
              &KeyOutcome::observed429, &KeyOutcome::withUsage, &KeyOutcome::bookedCalls, &KeyOutcome::bookedByEstimate,
              &KeyOutcome::withoutTokens, &KeyOutcome::withoutEstimate, &KeyOutcome::unsatisfiable,
              &KeyOutcome::starvedMinutes})
            totals.*member += outcome.*member;
        totals.bookedTokens += outcome.bookedTokens;
        totals.billedTokens += outcome.billedTokens;
        totals.firstRefused = earlier(totals.firstRefused, outcome.firstRefused);
        totals.firstStarved = earlier(totals.firstStarved, outcome.firstStarved);
        totals.longestWait = std::max(totals.longestWait, outcome.longestWait);
    }

    const KeyedCalls& m_keyed;
    const std::vector<Call>& m_calls;
    const LimitPolicy& m_policy;
    std::vector<Counter> m_counters;
    std::vector<StarvationWatch> m_watches;
    std::vector<Count> m_reserved;
    DeviationSum m_consumed, m_remaining;
    LimitResult m_result;
};

} // namespace

LimitResult replayLimits(const KeyedCalls& calls, const LimitPolicy& policy) {
    return Replay(calls, policy).run();
}

LimitResult simulateLimits(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows,
                           const LimitPolicy& policy, bool reveal) {
    return replayLimits(keyedCalls(snapshot, rows, policy.key, reveal), policy);
}

} // namespace gatescope::simulate
