// SPDX-License-Identifier: Apache-2.0
#include "core/trust/handshake_reading.h"
#include "core/trust/judgement.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace gatescope::trust {

namespace {

constexpr TimeNs kSecond = 1'000'000'000;
/// Fewer distances than that are equal by chance.
constexpr std::size_t kLeastPeriods = 4;
/// Probes keep their period better than that, in most of their distances.
constexpr double kPeriodTolerance = 0.05, kMostPeriods = 0.8;
/// Retries: each distance is longer than the one before by more than chance and jitter explain.
constexpr double kGrowth = 1.3;
constexpr std::size_t kLeastGrowing = 3; ///< distances in a row
constexpr TimeNs kFirstRetry = 5 * kSecond;

/// What tells the server's chain from others without keys: the length of its Certificate record, read or worked out
/// from the certificates. 0: not known. A flight in one record varies by some octets with its signature.
std::uint64_t chainMark(const tls::SessionFacts& facts) {
    if (facts.serverCertificates) {
        std::uint64_t length = 4 + 1 + 3 + kSealing;
        for (const std::string& der : facts.serverCertificates->der) length += 3 + der.size() + 2;
        return length;
    }
    constexpr std::uint64_t kCoalesced = std::uint64_t{1} << 32;
    constexpr std::uint64_t kVariation = 16;
    const ServerFlight flight = serverFlight(facts);
    if (flight.lost || flight.lengths.empty()) return 0;
    const std::uint64_t largest = *std::ranges::max_element(flight.lengths);
    return flight.finished ? largest - std::min<std::uint64_t>(flight.padding, largest)
                           : kCoalesced + largest / kVariation;
}

/// Sessions that can be compared: one stack (an address may hide several clients), one chain.
using LaneKey = std::pair<std::string_view, std::uint64_t>;
using Lane = std::vector<std::size_t>;

bool isFixedPeriod(std::vector<TimeNs> gaps) {
    if (gaps.size() < kLeastPeriods) return false;
    const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
    std::ranges::nth_element(gaps, middle);
    const TimeNs median = *middle;
    if (median < kSecond) return false;
    const auto near = std::ranges::count_if(gaps, [&](TimeNs gap) {
        const double share = static_cast<double>(gap) / static_cast<double>(median);
        return share > 1 - kPeriodTolerance && share < 1 + kPeriodTolerance;
    });
    return static_cast<double>(near) >= kMostPeriods * static_cast<double>(gaps.size());
}

/// Positions in the lane whose sessions belong to a row of retries.
void markGrowing(const std::vector<TimeNs>& gaps, const Lane& lane, std::vector<SessionContext>& contexts) {
    std::size_t begin = 0; // of the row at hand, as an index of gaps
    const auto close = [&](std::size_t end) {
        if (end - begin >= kLeastGrowing && gaps[begin] <= kFirstRetry)
            for (std::size_t i = begin; i <= end; ++i) contexts[lane[i]].growingGaps = true;
    };
    for (std::size_t i = 1; i < gaps.size(); ++i) {
        if (gaps[i - 1] > 0 && static_cast<double>(gaps[i]) >= kGrowth * static_cast<double>(gaps[i - 1])) continue;
        close(i);
        begin = i;
    }
    if (!gaps.empty()) close(gaps.size());
}

bool isUnusedResumption(const GroupMember& member) {
    if (member.verdict.signature != Signature::S10 || !member.facts || member.exchanges != 0) return false;
    return member.facts->ended.find("-after-finished") != std::string::npos;
}

void fill(std::span<const GroupMember> group, const Lane& lane, std::vector<SessionContext>& contexts) {
    SessionContext common;
    common.siblings = lane.size();
    std::map<Signature, std::size_t> bySignature;
    std::vector<TimeNs> gaps;
    gaps.reserve(lane.size());
    for (std::size_t i = 0; i < lane.size(); ++i) {
        const GroupMember& member = group[lane[i]];
        ++bySignature[member.verdict.signature];
        if (member.verdict.outcome == TrustOutcome::Accepted) ++common.siblingsAccepted;
        if (i != 0) gaps.push_back(elapsed(group[lane[i - 1]].facts->firstTime, member.facts->firstTime));
    }
    common.fixedPeriod = isFixedPeriod(gaps);
    for (const std::size_t index : lane) {
        contexts[index] = common;
        contexts[index].siblingsLikeThis = bySignature[group[index].verdict.signature];
    }
    if (!common.fixedPeriod) markGrowing(gaps, lane, contexts);
}

} // namespace

std::vector<SessionContext> siblingContexts(std::span<const GroupMember> group) {
    std::vector<SessionContext> contexts(group.size());
    std::map<LaneKey, Lane> lanes;
    std::map<std::string_view, std::size_t> unused;
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (!group[i].facts) continue;
        const std::string_view stack = middleOf(group[i].facts->ja4);
        lanes[{stack, chainMark(*group[i].facts)}].push_back(i);
        if (isUnusedResumption(group[i])) ++unused[stack];
    }
    for (const auto& [key, lane] : lanes) fill(group, lane, contexts);
    for (std::size_t i = 0; i < group.size(); ++i)
        if (group[i].facts)
            if (const auto at = unused.find(middleOf(group[i].facts->ja4)); at != unused.end())
                contexts[i].siblingsResumedUnused = at->second;
    return contexts;
}

} // namespace gatescope::trust
