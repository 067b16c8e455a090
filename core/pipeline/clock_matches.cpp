// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/clock_matches.h"

#include "core/base/hash.h"
#include "core/capture/capture_file.h"
#include "core/packet/packet_decoder.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

namespace gatescope::pipeline {

namespace {

/// Enough to tell segments apart, and within the first piece of any that was cut or put together on the way.
constexpr std::size_t kKeyOctets = 64;
/// Window probes and keep-alives carry an octet or so, again and again.
constexpr std::size_t kSmallestPayload = 8;

std::optional<std::uint64_t> keyOf(const packet::TcpSegment& segment) {
    const std::size_t sent = segment.payload.size() + segment.uncaptured;
    const std::size_t used = std::min(sent, kKeyOctets);
    if (sent < kSmallestPayload || segment.payload.size() < used) return std::nullopt;
    const std::uint64_t numbers = static_cast<std::uint64_t>(segment.sequence) << 32U | segment.acknowledgement;
    return mix64(numbers, hashBytes(asText(segment.payload.first(used))));
}

/// Decodes TCP segments of a capture from a time on. `take` says false when it has enough.
template <typename Take>
void forSegments(const std::string& path, TimeNs from, const ClockLimits& limits, const std::stop_token& stop,
                 const Take& take) {
    const auto source = capture::openCapture(path, {}, stop);
    if (!source) return;
    packet::PacketDecoder decoder({.fragments = {}, .vxlanPorts = limits.vxlanPorts});
    packet::TcpSegment segment;
    capture::PacketBlock block;
    std::uint64_t decoded = 0;
    std::uint64_t skipped = 0;
    while (!stop.stop_requested()) {
        const auto more = (*source)->read(block);
        if (!more || !*more) return;
        packet::KeptBytes kept;
        for (const capture::Packet& packet : block.packets) {
            if (packet.time < from) { // one without a time as well
                skipped += packet.data.size();
                continue;
            }
            decoded += packet.data.size();
            if (decoder.decode(packet, segment, kept) != packet::PacketDecoder::Outcome::Tcp) continue;
            if (const auto key = keyOf(segment); key && !take(*key, segment)) return;
        }
        if (decoded > limits.maxBytes || skipped > limits.maxSkipped) return;
    }
}

TimeNs median(std::vector<TimeNs>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

TimeNs between(TimeNs a, TimeNs b) {
    return a / 2 + b / 2 + (a % 2 + b % 2) / 2;
}

TimeNs magnitude(TimeNs value) {
    return value < 0 ? elapsed(value, 0) : value;
}

/// The differences of one connection, by direction.
struct FlowDifferences {
    std::vector<TimeNs> forward, backward;
};

/// Each difference with the delay of its connection taken off, and the delays of the connections.
struct Cleared {
    std::vector<TimeNs> offsets, delays;
};

Cleared clearOfDelay(std::map<std::uint64_t, FlowDifferences>& flows) {
    Cleared cleared;
    for (auto& [flow, differences] : flows) {
        if (differences.forward.empty() || differences.backward.empty()) continue;
        const TimeNs there = median(differences.forward);
        const TimeNs back = median(differences.backward);
        const TimeNs offset = between(there, back);
        cleared.delays.push_back(magnitude(elapsed(offset, there)));
        for (const TimeNs one : differences.forward) cleared.offsets.push_back(elapsed(elapsed(offset, there), one));
        for (const TimeNs one : differences.backward) cleared.offsets.push_back(elapsed(elapsed(offset, back), one));
    }
    return cleared;
}

} // namespace

std::optional<ClockEstimate> estimateFrom(const std::vector<ClockMatch>& matches, const ClockLimits& limits) {
    std::map<std::uint64_t, FlowDifferences> flows;
    for (const ClockMatch& match : matches) {
        FlowDifferences& flow = flows[match.flow];
        (match.forward ? flow.forward : flow.backward).push_back(match.difference);
    }
    if (matches.size() < (flows.size() >= 2 ? limits.minMatches : limits.minMatchesOfOne)) return std::nullopt;

    Cleared cleared = clearOfDelay(flows);
    ClockEstimate estimate;
    if (cleared.offsets.empty()) {
        for (const ClockMatch& match : matches) cleared.offsets.push_back(match.difference);
    } else {
        estimate.delay = median(cleared.delays);
    }
    estimate.packets = cleared.offsets.size();
    estimate.offset = median(cleared.offsets);
    for (TimeNs& offset : cleared.offsets) offset = magnitude(elapsed(estimate.offset, offset));
    estimate.spread = median(cleared.offsets);
    return estimate;
}

ClockKeys ClockKeys::collect(const std::string& path, TimeNs from, const ClockLimits& limits,
                             const std::stop_token& stop) {
    ClockKeys keys;
    forSegments(path, from, limits, stop, [&](std::uint64_t key, const packet::TcpSegment& segment) {
        const auto [at, isNew] = keys.m_seen.try_emplace(key);
        Seen& seen = at->second;
        if (isNew)
            seen = {segment.time, segment.flowHash, segment.fingerprint, segment.source < segment.destination, false};
        else if (segment.fingerprint == 0 || seen.fingerprint != segment.fingerprint) // else captured twice
            seen.isRepeated = true;
        return keys.m_seen.size() < limits.keys;
    });
    return keys;
}

std::vector<ClockMatch> ClockKeys::findIn(const std::string& path, TimeNs from, const ClockLimits& limits,
                                          const std::stop_token& stop) const {
    struct Found {
        ClockMatch match;
        std::uint32_t fingerprint = 0;
        bool isRepeated = false;
    };
    std::unordered_map<std::uint64_t, Found> found;
    forSegments(path, from, limits, stop, [&](std::uint64_t key, const packet::TcpSegment& segment) {
        const auto known = m_seen.find(key);
        if (known == m_seen.end() || known->second.isRepeated) return true;
        const Seen& seen = known->second;
        const auto [at, isNew] = found.try_emplace(key);
        if (isNew)
            at->second = {{seen.flow, seen.forward, elapsed(segment.time, seen.time)}, segment.fingerprint, false};
        else if (segment.fingerprint == 0 || at->second.fingerprint != segment.fingerprint)
            at->second.isRepeated = true;
        return found.size() < limits.enoughMatches;
    });
    std::vector<ClockMatch> matches;
    for (const auto& [key, one] : found)
        if (!one.isRepeated) matches.push_back(one.match);
    return matches;
}

} // namespace gatescope::pipeline
