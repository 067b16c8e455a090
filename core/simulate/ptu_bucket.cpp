// SPDX-License-Identifier: Apache-2.0
#include "core/simulate/ptu_bucket.h"

#include <algorithm>
#include <cmath>

namespace gatescope::simulate {

namespace {

/// Rounding of a sum of many small amounts must not count as over 100 %.
constexpr double kTolerance = 1e-9;

constexpr double kMostPtu = 9e15; ///< the greatest whole number that a double counts exactly

} // namespace

void PtuBucket::advance(TimeNs time) {
    if (time <= m_now) return;
    const TimeNs passed = m_now == kNoTime ? 0 : elapsed(m_now, time);
    m_now = time;
    m_level = std::max(0.0, m_level - m_rate * static_cast<double>(passed) / static_cast<double>(kSecond));
}

PtuBucket::Verdict PtuBucket::request(TimeNs time, double estimate) {
    advance(time);
    const double full = m_rate * m_depth;
    if (m_level > full * (1 + kTolerance)) return {false, (m_level - full) / m_rate * 1000};
    m_level += estimate;
    return {};
}

void PtuBucket::finish(TimeNs time, double actual, double estimate) {
    advance(time);
    m_level = std::max(0.0, m_level + actual - estimate);
}

double PtuBucket::utilisation(TimeNs time) {
    advance(time);
    return m_level / (m_rate * m_depth);
}

Verdict StandardQuota::request(TimeNs time, std::int64_t reservation) {
    const auto begin = [&](TimeNs& since, std::int64_t length, std::int64_t& sum) {
        if (since != kNoTime && elapsed(since, time) < length) return;
        since = time;
        sum = 0;
    };
    begin(m_minute, kMinute, m_used);
    begin(m_sliceBegin, m_slice, m_calls);
    const auto wait = [&](TimeNs since, std::int64_t length) {
        const std::int64_t left = length - elapsed(since, time);
        return Verdict{false, std::max<std::int64_t>(1, left / kSecond + (left % kSecond > 0))};
    };
    // What was used when the call came decides; the call itself counts in any case.
    const bool isSpent = m_tokens != 0 && m_used >= m_tokens;
    const std::int64_t perSlice = std::max<std::int64_t>(1, m_requests * (m_slice / kSecond) / 60);
    const bool isBurst = m_requests != 0 && m_calls >= perSlice;
    m_used += reservation;
    ++m_calls;
    if (isSpent) return wait(m_minute, kMinute);
    if (isBurst) return wait(m_sliceBegin, m_slice);
    return {};
}

std::int64_t purchasable(double units, const PtuModel& model) {
    const double most = std::min(units, kMostPtu);
    if (!(most > static_cast<double>(model.minimum))) return model.minimum;
    const double steps =
        std::ceil((most - static_cast<double>(model.minimum)) / static_cast<double>(model.step) - 1e-9);
    return model.minimum + static_cast<std::int64_t>(std::max(0.0, steps)) * model.step;
}

PtuSize ptuSize(const PtuDemand& demand, const PtuModel& model) {
    PtuSize size;
    size.normalisedTpm = demand.callsPerMinute * (demand.promptTokens * (1 - demand.cacheRate) +
                                                  model.outputToInputRatio * demand.outputTokens);
    size.raw = size.normalisedTpm / model.inputTpmPerPtu;
    size.ptu = purchasable(size.raw, model);
    return size;
}

} // namespace gatescope::simulate
