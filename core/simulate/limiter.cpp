// SPDX-License-Identifier: Apache-2.0
#include "core/simulate/limiter.h"

#include <algorithm>
#include <cmath>

namespace gatescope::simulate {

namespace {

/// Rounding of many small refills must neither refuse an exact fit nor add a second to a wait.
constexpr double kTolerance = 1e-6;

std::int64_t wholeSeconds(std::int64_t nanoseconds) {
    return std::max<std::int64_t>(1, nanoseconds / kSecond + (nanoseconds % kSecond > 0));
}

} // namespace

void SlidingWindow::advance(TimeNs time) {
    m_now = std::max(m_now, time); // kNoTime is lower than any time
    while (m_first < m_bookings.size() && elapsed(m_bookings[m_first].time, m_now) >= kMinute) ++m_first;
    // Half of the array is past: drop it, so that memory follows what is in the window.
    if (m_first * 2 > m_bookings.size()) {
        m_bookings.erase(m_bookings.begin(), m_bookings.begin() + static_cast<std::ptrdiff_t>(m_first));
        m_first = 0;
    }
}

std::int64_t SlidingWindow::booked() const {
    return m_first < m_bookings.size() ? m_booked - m_bookings[m_first].before : 0;
}

/// Seconds until bookings of `excess` tokens, more than 0, have left the window.
std::int64_t SlidingWindow::waitFor(std::int64_t excess) const {
    if (excess > booked()) return wholeSeconds(kMinute);
    const auto first = m_bookings.begin() + static_cast<std::ptrdiff_t>(m_first);
    // The last booking that must go is the one before the first whose predecessors are enough.
    const auto enough = std::partition_point(
        first, m_bookings.end(), [&](const Booking& booking) { return booking.before - first->before < excess; });
    return wholeSeconds(kMinute - elapsed(std::prev(enough)->time, m_now));
}

Verdict SlidingWindow::ask(TimeNs time, std::optional<std::int64_t> estimate) {
    advance(time);
    // Without an estimate one token must be left.
    const std::int64_t need = estimate.value_or(1);
    const std::int64_t excess = booked() + m_reserved + need - m_limit;
    if (excess <= 0) return {};
    if (need > m_limit) return {false, std::nullopt};
    return {false, waitFor(excess)};
}

void SlidingWindow::book(TimeNs time, std::int64_t tokens, std::int64_t reserved) {
    advance(time);
    m_reserved -= reserved;
    if (tokens == 0) return;
    m_bookings.push_back({m_now, m_booked});
    m_booked += tokens;
}

std::int64_t SlidingWindow::remaining(TimeNs time) {
    advance(time);
    return std::max<std::int64_t>(0, m_limit - booked() - m_reserved);
}

TokenBucket::TokenBucket(std::int64_t limit, double capacityFactor)
    : m_limit(static_cast<double>(limit)), m_capacity(m_limit * capacityFactor), m_level(m_capacity) {}

void TokenBucket::advance(TimeNs time) {
    if (time <= m_now) return;
    const TimeNs passed = m_now == kNoTime ? 0 : elapsed(m_now, time);
    m_now = time;
    m_level = std::min(m_capacity, m_level + static_cast<double>(passed) * m_limit / static_cast<double>(kMinute));
}

Verdict TokenBucket::ask(TimeNs time, std::optional<std::int64_t> estimate) {
    advance(time);
    const double need = static_cast<double>(estimate.value_or(0));
    if (estimate ? m_level + kTolerance >= need : m_level > kTolerance) return {};
    if (need > m_capacity + kTolerance) return {false, std::nullopt};
    const double seconds = std::ceil((need - m_level) * 60 / m_limit - kTolerance);
    constexpr double kMost = 1e12; // any debt of any capture ends before; keeps the conversion defined
    return {false, std::max<std::int64_t>(1, static_cast<std::int64_t>(std::min(seconds, kMost)))};
}

void TokenBucket::book(TimeNs time, std::int64_t tokens, std::int64_t reserved) {
    advance(time);
    m_level = std::min(m_capacity, m_level - static_cast<double>(tokens - reserved));
}

std::int64_t TokenBucket::remaining(TimeNs time) {
    return std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(level(time) + kTolerance)));
}

double TokenBucket::level(TimeNs time) {
    advance(time);
    return m_level;
}

} // namespace gatescope::simulate
