// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/clocks.h"

#include "core/capture/capture_span.h"
#include "core/pipeline/clock_matches.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace gatescope::pipeline {

namespace {

/// How far clocks may differ where the times of two captures overlap.
constexpr TimeNs kSlack = 60'000'000'000;

/// A capture that can take part.
struct Candidate {
    std::uint32_t input = 0;
    std::string path;
    capture::CaptureSpan span;
    std::uint32_t reference = 0;
    TimeNs offset = 0; ///< to the reference
};

/// How long two captures go on together; 0: they follow one another, as files of a ring buffer do, where a few packets
/// may be swapped at the border. Absent: not known.
std::optional<TimeNs> common(const capture::CaptureSpan& a, const capture::CaptureSpan& b) {
    if (!a.last || !b.last) return std::nullopt;
    const TimeNs both = elapsed(std::max(a.first, b.first), std::min(*a.last, *b.last));
    const TimeNs shorter = std::min(elapsed(a.first, *a.last), elapsed(b.first, *b.last));
    constexpr TimeNs kPartOfShorter = 20;
    return both < 0 || both < shorter / kPartOfShorter ? 0 : std::max<TimeNs>(both, 1);
}

/// One capture and how much it may have in common with another.
struct Pairing {
    const Candidate* other = nullptr;
    TimeNs common = 0; ///< 0: only the beginnings are compared
};

std::vector<Pairing> pairingsOf(const Candidate& one, const std::vector<Candidate>& before, bool areFew,
                                const ClockLimits& limits) {
    std::vector<Pairing> pairings;
    for (const Candidate& other : before) {
        const auto together = common(one.span, other.span);
        if ((together && *together != 0) || areFew) pairings.push_back({&other, together.value_or(0)});
    }
    std::ranges::stable_sort(pairings, std::ranges::greater{}, &Pairing::common);
    // Whoever has something in common is compared with these only.
    if (!pairings.empty() && pairings.front().common != 0)
        std::erase_if(pairings, [](const Pairing& pairing) { return pairing.common == 0; });
    if (pairings.size() > limits.maxCompared) pairings.resize(limits.maxCompared);
    return pairings;
}

TimeNs earlier(TimeNs time, TimeNs by) {
    return std::max(elapsed(by, time), kNoTime + 1);
}

/// What `one`'s clock is ahead of `other`'s.
std::optional<ClockEstimate> compare(const Candidate& one, const Pairing& pairing, const ClockLimits& given,
                                     const std::stop_token& stop) {
    const Candidate& other = *pairing.other;
    ClockLimits limits = given;
    TimeNs from = kNoTime + 1;
    if (pairing.common == 0)
        limits.maxBytes = std::min(limits.maxBytes, limits.maxBytesApart);
    else
        from = earlier(std::max(one.span.first, other.span.first), kSlack);
    // The one that begins later has less that the other cannot have.
    const bool isLater = one.span.first >= other.span.first;
    const ClockKeys keys = ClockKeys::collect(isLater ? one.path : other.path, from, limits, stop);
    if (keys.empty()) return std::nullopt;
    auto matches = keys.findIn(isLater ? other.path : one.path, from, limits, stop);
    if (!isLater)
        for (ClockMatch& match : matches) match.difference = elapsed(match.difference, 0);
    return estimateFrom(matches, limits);
}

bool isWorthCorrecting(const ClockEstimate& estimate, const ClockLimits& limits) {
    const TimeNs least = estimate.delay ? limits.minOffset : limits.minOffsetOneWay;
    return estimate.offset >= least || estimate.offset <= -least;
}

} // namespace

std::vector<ClockEstimate> estimateClocks(const std::vector<capture::SetMember>& members, const ClockLimits& limits,
                                          std::stop_token stop) {
    std::vector<ClockEstimate> estimates;
    if (members.size() < 2) return estimates;
    std::vector<Candidate> candidates;
    for (const capture::SetMember& member : members) {
        if (stop.stop_requested()) return estimates;
        const auto span = capture::spanOf(member.path, stop);
        if (!span) continue;
        Candidate one{member.input, member.path, *span, member.input, 0};
        std::optional<ClockEstimate> best;
        TimeNs total = 0;
        for (const Pairing& pairing : pairingsOf(one, candidates, members.size() <= limits.maxApart, limits)) {
            auto estimate = compare(one, pairing, limits, stop);
            if (!estimate || (best && estimate->packets <= best->packets)) continue;
            best = estimate;
            one.reference = pairing.other->reference;
            if (__builtin_add_overflow(estimate->offset, pairing.other->offset, &total)) total = estimate->offset;
        }
        if (best) {
            best->input = one.input;
            best->reference = one.reference;
            best->offset = total;
            one.offset = total;
            if (isWorthCorrecting(*best, limits)) estimates.push_back(*best);
        }
        candidates.push_back(std::move(one));
    }
    return estimates;
}

} // namespace gatescope::pipeline
