// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

/// Counters of one key of the gateway policy llm-token-limit. Plain numbers in, plain numbers out; times must not go
/// back (a time before the last one counts as the last one). Tokens are 0 to kMaxCount.
///
/// Documented (Azure API Management, llm-token-limit, 2025-11): what is limited, the answers 429 and 403, that parallel
/// calls may overshoot, sliding window in classic tiers, token bucket in v2 tiers. Not documented, and inferred from
/// public traces: tokens are booked when the answer is there, the bucket's capacity, debt, rounding of the wait.
namespace gatescope::simulate {

inline constexpr std::int64_t kSecond = 1'000'000'000;
inline constexpr std::int64_t kMinute = 60 * kSecond;

/// What a limiter says to a request.
struct Verdict {
    bool admitted = true;
    /// Whole seconds until the same request would be let through if nothing else came, at least 1. Absent when
    /// admitted, and when no wait helps: the estimate alone is over the limit.
    std::optional<std::int64_t> retryAfter;
};

// Each of them is used in the same way: `ask` changes nothing but the clock; `reserve` holds the estimate of a request
// that is let through; `book` takes the estimate back and books what the answer says.

/// Classic tiers: tokens booked in the last 60 s. A booking leaves the window exactly 60 s after it was made. A
/// reserved estimate counts until it is booked. Reproduces the public trace limiterSlidingWindow.
class SlidingWindow {
public:
    /// `limit`: tokens per minute.
    explicit SlidingWindow(std::int64_t limit) : m_limit(limit) {}

    /// `estimate` absent: estimation is off, or nothing is known: let through while less than the limit is used.
    /// Otherwise let through while used and estimate together are not over the limit. While only reserved tokens are
    /// in the way, the wait is 60 s: they leave the window at the earliest then.
    Verdict ask(TimeNs time, std::optional<std::int64_t> estimate);
    void reserve(std::int64_t estimate) { m_reserved += estimate; }
    /// `reserved`: what `reserve` held for this call; 0: nothing.
    void book(TimeNs time, std::int64_t tokens, std::int64_t reserved);
    /// Left in the minute; never below 0.
    std::int64_t remaining(TimeNs time);

private:
    struct Booking {
        TimeNs time;
        std::int64_t before; ///< sum of all bookings ever made before this one
    };
    void advance(TimeNs time);
    std::int64_t booked() const;
    std::int64_t waitFor(std::int64_t excess) const;

    std::int64_t m_limit;
    std::vector<Booking> m_bookings;
    std::size_t m_first = 0;   ///< first booking that is still in the window
    std::int64_t m_booked = 0; ///< sum of all bookings ever made
    std::int64_t m_reserved = 0;
    TimeNs m_now = kNoTime;
};

/// v2 tiers: a bucket that fills with `limit` tokens a minute, at most up to `limit` times `capacityFactor` (an
/// assumption: 1). Debt is possible, so waits may be longer than 60 s.
///
/// The sources leave open how the wait is rounded: need = 1 token would give 186 s where a public trace has 180 s
/// (limit 10, 40 tokens). Here the wait ends when the level passes 0, which gives exactly 180 s.
class TokenBucket {
public:
    explicit TokenBucket(std::int64_t limit, double capacityFactor = 1.0);

    /// `estimate` absent: let through while the level is above 0; otherwise while it is not below the estimate.
    Verdict ask(TimeNs time, std::optional<std::int64_t> estimate);
    void reserve(std::int64_t estimate) { m_level -= static_cast<double>(estimate); }
    void book(TimeNs time, std::int64_t tokens, std::int64_t reserved);
    std::int64_t remaining(TimeNs time);
    /// Below 0: debt. Never above `capacity`.
    double level(TimeNs time);
    double capacity() const { return m_capacity; }

private:
    void advance(TimeNs time);

    double m_limit; ///< tokens a minute
    double m_capacity;
    double m_level;
    TimeNs m_now = kNoTime;
};

} // namespace gatescope::simulate
