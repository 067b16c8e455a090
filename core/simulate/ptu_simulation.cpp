// SPDX-License-Identifier: Apache-2.0
#include "core/simulate/ptu_simulation.h"

#include "core/simulate/event_order.h"
#include "core/simulate/simulate_findings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <span>

namespace gatescope::simulate {

using analysis::FieldId;
using analysis::Row;
using analysis::Snapshot;

namespace {

constexpr std::int64_t kMostIntervals = 100'000;
constexpr double kMillion = 1e6;
constexpr std::int64_t kHour = 60 * kMinute;

/// A call in normalised tokens.
struct Load {
    double estimate = 0;          ///< on arrival
    double actual = 0;            ///< when it ends; the estimate where nothing is known
    std::int64_t reservation = 0; ///< what a standard deployment counts: prompt and max_tokens
    bool isLong = false;          ///< refused by the prepaid deployment whatever its size
};

/// A request or an answer.
struct Event {
    TimeNs time;
    std::uint32_t call;
    bool isAnswer;
};

/// Tokens by kind, where usage was reported. A call of which only the total is known counts as input.
struct Parts {
    double input = 0, cached = 0, output = 0;
};

Parts partsOf(const Call& call) {
    const bool hasParts = call.input.known() || call.output.known();
    Parts parts;
    parts.input = static_cast<double>((hasParts ? call.input : call.total).orZero());
    parts.cached = std::min(parts.input, static_cast<double>(call.cached.orZero()));
    parts.output = static_cast<double>(call.output.orZero());
    return parts;
}

/// Refused for a reason that more capacity does not change: nothing was generated.
bool isCallersError(const Call& call) {
    constexpr std::uint16_t kTimeout = 408, kTooMany = 429;
    return call.status >= 400 && call.status < 500 && call.status != kTimeout && call.status != kTooMany;
}

bool isUnknown(const Call& call) {
    return !billedTokens(call).known() && !isCallersError(call);
}

/// Output tokens of an answer, on average; absent when no call reports any.
std::optional<double> meanOutput(const std::vector<Call>& calls) {
    double sum = 0, count = 0;
    for (const Call& call : calls) {
        if (!billedTokens(call).known()) continue;
        sum += partsOf(call).output;
        ++count;
    }
    return count > 0 ? std::optional(sum / count) : std::nullopt;
}

Load loadOf(const Call& call, const PtuPolicy& policy, const std::optional<double>& usualOutput) {
    const double ratio = policy.model.outputToInputRatio;
    const auto prompt = static_cast<double>(promptEstimate(call, policy.estimator).orZero());
    const double cached = std::min(prompt, static_cast<double>(call.cached.orZero()));
    const std::int64_t most = call.maxTokens.known() ? call.maxTokens.orZero() : policy.assumedMaxTokens;
    const Parts parts = partsOf(call);
    const bool isKnown = billedTokens(call).known();
    Load load;
    load.estimate = prompt - cached + ratio * static_cast<double>(most);
    if (isKnown)
        load.actual = parts.input - parts.cached + ratio * parts.output;
    else if (!isCallersError(call))
        load.actual = usualOutput ? prompt - cached + ratio * *usualOutput : load.estimate;
    load.reservation = static_cast<std::int64_t>(prompt) + most;
    load.isLong = !policy.model.longContext && (isKnown ? parts.input : prompt) > kLongContextTokens;
    return load;
}

std::vector<Event> eventsOf(const std::vector<Call>& calls) {
    std::vector<Event> events;
    events.reserve(2 * calls.size());
    forEachEvent(
        calls, [&](std::size_t i) { events.push_back({calls[i].start, static_cast<std::uint32_t>(i), false}); },
        [&](std::size_t i) { events.push_back({calls[i].end, static_cast<std::uint32_t>(i), true}); });
    return events;
}

double rateOf(std::int64_t ptu, const PtuPolicy& policy) {
    return static_cast<double>(ptu) * policy.model.inputTpmPerPtu / 60;
}

/// True when this many units take all calls, long prompts aside.
bool fits(std::int64_t ptu, std::span<const Event> events, std::span<const Load> loads, const PtuPolicy& policy) {
    PtuBucket bucket(rateOf(ptu, policy), policy.depthSeconds);
    for (const Event& event : events) {
        const Load& load = loads[event.call];
        if (load.isLong) continue;
        if (event.isAnswer)
            bucket.finish(event.time, load.actual, load.estimate);
        else if (!bucket.request(event.time, load.estimate).admitted)
            return false;
    }
    return true;
}

/// More units drain faster and hold more, so what fits once fits with more: bisection over what can be bought.
std::int64_t smallestFit(std::span<const Event> events, std::span<const Load> loads, const PtuPolicy& policy) {
    double sum = 0;
    for (const Load& load : loads) sum += std::max(load.estimate, load.actual);
    const PtuModel& model = policy.model;
    // A bucket that holds everything at once never refuses.
    const std::int64_t enough = purchasable(sum / (model.inputTpmPerPtu / 60 * policy.depthSeconds), model);
    std::int64_t low = 0, high = (enough - model.minimum) / model.step;
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        if (fits(model.minimum + middle * model.step, events, loads, policy))
            high = middle;
        else
            low = middle + 1;
    }
    return model.minimum + low * model.step;
}

/// Long prompts get 400, which does not trip the breaker: they are the caller's.
BreakerPool replayPool(const std::vector<Call>& calls, std::span<const Event> events, std::span<const Load> loads,
                       const PtuPolicy& policy) {
    PtuBucket bucket(rateOf(policy.ptu, policy), policy.depthSeconds);
    std::vector<bool> isPrepaid(calls.size());
    TimeNs closedFrom = kNoTime;
    BreakerPool pool;
    for (const Event& event : events) {
        const Load& load = loads[event.call];
        if (event.isAnswer) {
            if (isPrepaid[event.call]) bucket.finish(event.time, load.actual, load.estimate);
        } else if (event.time < closedFrom) {
            const Count billed = billedTokens(calls[event.call]);
            ++pool.spilledExchanges;
            pool.spilledTokens += billed.orZero();
        } else if (!load.isLong) {
            const auto verdict = bucket.request(event.time, load.estimate);
            isPrepaid[event.call] = verdict.admitted;
            if (verdict.admitted) continue;
            ++pool.trips;
            const double seconds =
                policy.breakerTripSeconds > 0 ? policy.breakerTripSeconds : std::ceil(verdict.retryAfterMs / 1000);
            const auto length = static_cast<TimeNs>(std::min(seconds, 1e9) * static_cast<double>(kSecond));
            if (__builtin_add_overflow(event.time, length, &closedFrom))
                closedFrom = std::numeric_limits<TimeNs>::max();
        }
    }
    return pool;
}

/// Begin of the interval that holds a time.
TimeNs floorTo(TimeNs time, std::int64_t interval) {
    std::int64_t into = time % interval;
    if (into < 0) into += interval;
    TimeNs begin = 0;
    return __builtin_sub_overflow(time, into, &begin) ? std::numeric_limits<TimeNs>::min() + 1 : begin;
}

/// The minute with the most normalised tokens, for the sizing formula.
std::optional<PtuSize> busiestMinute(const std::vector<Call>& calls, const PtuModel& model) {
    std::optional<PtuSize> most;
    for (std::size_t first = 0; first < calls.size();) {
        const TimeNs minute = floorTo(calls[first].start, kMinute);
        double count = 0, input = 0, output = 0, cached = 0;
        for (; first < calls.size() && floorTo(calls[first].start, kMinute) == minute; ++first) {
            if (!billedTokens(calls[first]).known()) continue;
            ++count;
            const Parts parts = partsOf(calls[first]);
            input += parts.input;
            output += parts.output;
            cached += parts.cached;
        }
        if (count == 0) continue;
        const PtuSize size = ptuSize({count, input / count, output / count, input > 0 ? cached / input : 0}, model);
        if (!most || size.normalisedTpm > most->normalisedTpm) most = size;
    }
    return most;
}

/// What tokens cost by the piece; absent where a rate is missing.
class StandardPrice {
public:
    explicit StandardPrice(const PtuRates& rates) : m_rates(rates) {}
    bool known() const { return m_rates.input && m_rates.output; }
    double of(const Call& call) const {
        const Parts parts = partsOf(call);
        return ((parts.input - parts.cached) * *m_rates.input + parts.cached * m_rates.cached.value_or(*m_rates.input) +
                parts.output * *m_rates.output) /
               kMillion;
    }

private:
    const PtuRates& m_rates;
};

class PtuReplay {
public:
    PtuReplay(const Calls& calls, const PtuPolicy& policy)
        : m_calls(calls.list), m_policy(policy),
          m_bucket(rateOf(std::max<std::int64_t>(1, policy.ptu), policy), policy.depthSeconds),
          m_standard(policy.standardTpm, policy.standardRpm, policy.rpmSliceSeconds), m_price(policy.rates) {
        m_result.withoutTime = calls.withoutTime;
        m_loads.reserve(m_calls.size());
        const std::optional<double> usualOutput = meanOutput(m_calls);
        for (const Call& call : m_calls) m_loads.push_back(loadOf(call, policy, usualOutput));
        m_spilled.resize(m_calls.size());
    }

    PtuResult run() {
        if (m_calls.empty()) return std::move(m_result);
        chooseInterval();
        const std::vector<Event> events = eventsOf(m_calls);
        for (const Event& event : events) {
            if (!event.isAnswer)
                request(event.call);
            else if (!m_spilled[event.call])
                m_bucket.finish(event.time, m_loads[event.call].actual, m_loads[event.call].estimate);
        }
        m_result.ptuWithoutSpill = smallestFit(events, m_loads, m_policy);
        if (m_policy.ptu > 0) m_result.breaker = replayPool(m_calls, events, m_loads, m_policy);
        m_result.sizeByFormula = busiestMinute(m_calls, m_policy.model);
        summarise();
        return std::move(m_result);
    }

private:
    void chooseInterval() {
        m_result.firstTime = m_calls.front().start;
        m_result.lastTime = m_calls.front().start;
        for (const Call& call : m_calls) m_result.lastTime = std::max({m_result.lastTime, call.start, call.end});
        const TimeNs span = elapsed(m_calls.front().start, m_calls.back().start);
        const std::int64_t asked = std::max<std::int64_t>(1, m_policy.interval);
        const std::int64_t times = span / asked / kMostIntervals + 1;
        if (__builtin_mul_overflow(asked, times, &m_result.interval))
            m_result.interval = std::numeric_limits<std::int64_t>::max();
    }

    PtuInterval& intervalOf(TimeNs time) {
        const TimeNs begin = floorTo(time, m_result.interval);
        auto& intervals = m_result.intervals;
        if (intervals.empty() || intervals.back().time != begin) intervals.push_back({begin, 0, 0, 0, 0, 0, 0});
        return intervals.back();
    }

    void request(std::uint32_t index) {
        const Call& call = m_calls[index];
        const Load& load = m_loads[index];
        PtuInterval& interval = intervalOf(call.start);
        ++interval.exchanges;
        const Count billed = billedTokens(call);
        m_result.tokens += billed.orZero();
        m_result.withoutUsage += isUnknown(call);
        m_result.withUsage += billed.known();
        m_result.withoutEstimate += !promptEstimate(call, m_policy.estimator).known();
        m_result.longContext += load.isLong;
        if (m_price.known()) m_standardCost += m_price.of(call);
        if (m_policy.ptu > 0 && !load.isLong && m_bucket.request(call.start, load.estimate).admitted) {
            m_processed += load.actual;
            interval.utilisation = std::max(interval.utilisation, m_bucket.utilisation(call.start));
            return;
        }
        if (m_policy.ptu > 0) interval.utilisation = std::max(interval.utilisation, m_bucket.utilisation(call.start));
        m_spilled[index] = true;
        spill(call, load, billed, interval);
    }

    void spill(const Call& call, const Load& load, Count billed, PtuInterval& interval) {
        if (!m_policy.spillover || !m_standard.request(call.start, load.reservation).admitted) {
            ++interval.refused;
            return;
        }
        ++interval.spilledExchanges;
        interval.spilledTokens += billed.orZero();
        interval.spilledWithUsage += billed.known();
        if (m_price.known()) m_spilledCost += m_price.of(call);
    }

    void summarise() {
        for (const PtuInterval& interval : m_result.intervals) {
            m_result.exchanges += interval.exchanges;
            m_result.spilledExchanges += interval.spilledExchanges;
            m_result.refused += interval.refused;
            m_result.spilledTokens += interval.spilledTokens;
            m_result.peakUtilisation = std::max(m_result.peakUtilisation, interval.utilisation);
        }
        const TimeNs span = elapsed(m_result.firstTime, m_result.lastTime);
        if (m_policy.ptu > 0 && span > 0)
            m_result.meanUtilisation = m_processed / (rateOf(m_policy.ptu, m_policy) * static_cast<double>(span) /
                                                      static_cast<double>(kSecond));
        const auto hours = static_cast<double>(std::max<std::int64_t>(1, span / kHour + (span % kHour > 0)));
        m_result.billedHours = hours;
        costs(hours);
        findings();
    }

    void costs(double hours) {
        if (m_price.known() && m_result.withUsage != 0) m_result.costStandardOnly = m_standardCost;
        const auto& hour = m_policy.rates.ptuHour;
        if (!hour) return;
        m_result.costWithoutSpill = static_cast<double>(*m_result.ptuWithoutSpill) * *hour * hours;
        if (m_policy.ptu > 0 && (m_price.known() || m_result.spilledExchanges == 0))
            m_result.costWithPtu = static_cast<double>(m_policy.ptu) * *hour * hours + m_spilledCost;
    }

    void findings() {
        const std::uint64_t outside = m_result.spilledExchanges + m_result.refused;
        if (m_policy.ptu > 0 && outside != 0)
            m_result.findings.push_back(
                {&kSpillShare,
                 {fmt::format("{} of {} calls, {} of {} tokens, with {} units", outside, m_result.exchanges,
                              m_result.spilledTokens, m_result.tokens, m_policy.ptu)},
                 {},
                 {},
                 {}});
        if (m_result.longContext != 0)
            m_result.findings.push_back({&kLongContext,
                                         {fmt::format("{} calls of {}", m_result.longContext, m_policy.model.model)},
                                         {},
                                         {},
                                         {}});
    }

    const std::vector<Call>& m_calls;
    const PtuPolicy& m_policy;
    PtuBucket m_bucket;
    StandardQuota m_standard;
    StandardPrice m_price;
    std::vector<Load> m_loads;
    std::vector<bool> m_spilled;
    double m_processed = 0, m_standardCost = 0, m_spilledCost = 0;
    PtuResult m_result;
};

bool sameName(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

} // namespace

PtuResult simulatePtu(const Calls& calls, const PtuPolicy& policy) {
    return PtuReplay(calls, policy).run();
}

std::vector<Row> rowsOfModel(const Snapshot& snapshot, const std::vector<Row>& rows, std::string_view model) {
    constexpr std::size_t kBlockRows = 1024;
    // Each code's answer is worked out once: 0 not asked yet, 1 no, 2 yes.
    std::vector<std::uint8_t> answers(snapshot.codeLimit(), 0);
    std::vector<Row> kept;
    std::array<StringPool::Code, kBlockRows> codes;
    for (std::size_t first = 0; first < rows.size(); first += kBlockRows) {
        const auto block = std::span(rows).subspan(first, std::min(kBlockRows, rows.size() - first));
        snapshot.codes(FieldId::Model, StringPool::kNone, block, codes.data());
        for (std::size_t i = 0; i < block.size(); ++i) {
            if (codes[i] == StringPool::kNone) continue;
            auto& answer = answers[codes[i]];
            if (answer == 0) answer = sameName(snapshot.text(codes[i]), model) ? 2 : 1;
            if (answer == 2) kept.push_back(block[i]);
        }
    }
    return kept;
}

} // namespace gatescope::simulate
