// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"
#include "core/capture/capture_set.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

namespace gatescope::pipeline {

/// A clock that was compared with the one of another capture.
struct ClockEstimate {
    std::uint32_t input = 0;
    std::uint32_t reference = 0; ///< input whose clock is taken as right
    TimeNs offset = 0;           ///< this one's time minus the reference's, for the same moment: SetMember::clockOffset
    std::uint64_t packets = 0;   ///< segments seen in both that the estimate rests on
    TimeNs spread = 0;           ///< half of the single estimates lie within so much of the offset
    /// What a packet takes from one place to the other, one way. Known when segments of both directions of a connection
    /// were seen in both; without it the offset holds the delay as well.
    std::optional<TimeNs> delay;
};

/// How far the comparison goes, and what it takes for TCP.
struct ClockLimits {
    std::size_t keys = 20'000;             ///< segments of one capture that are looked for in another
    std::size_t enoughMatches = 2'000;     ///< after so many the rest is not looked at
    std::uint64_t maxBytes = 64U << 20;    ///< captured octets decoded of one capture for one comparison
    std::uint64_t maxSkipped = 512U << 20; ///< captured octets before the time of interest that are passed over
    std::size_t maxCompared = 3;        ///< captures that one is compared with, those of the longest common time first
    std::uint64_t minMatches = 4;       ///< segments seen in both of at least two connections,
    std::uint64_t minMatchesOfOne = 12; ///< or of one
    TimeNs minOffset = 100'000;         ///< a smaller difference is not worth a correction
    TimeNs minOffsetOneWay = 1'000'000; ///< likewise, where the delay is not known
    /// The times of captures whose clocks differ a lot may not overlap at all. Up to so many inputs are compared all
    /// the same, but only their beginnings.
    std::size_t maxApart = 16;
    std::uint64_t maxBytesApart = 4U << 20;
    std::vector<std::uint16_t> vxlanPorts{}; ///< as in RunOptions
};

/// Finds the same TCP segments in several captures and what their clocks differ by. A segment is known by its sequence
/// and acknowledgement numbers and its first octets, so that address translation and other segment lengths (offloading)
/// between the places do no harm; one that comes twice in a capture is not used. The first input of those that share
/// segments is the reference. Captures that share none, and those that hardly differ, are left out. Files of a ring
/// buffer, which follow one another, cost a look at both ends of each. Standard input and pipes cannot be read twice
/// and are left out. The members' own offsets are not looked at.
std::vector<ClockEstimate> estimateClocks(const std::vector<capture::SetMember>& members,
                                          const ClockLimits& limits = {}, std::stop_token stop = {});

} // namespace gatescope::pipeline
