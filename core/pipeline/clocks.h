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
    std::uint32_t reference = 0; ///< input that it was compared with; its clock is taken as right
    TimeNs offset = 0;           ///< this one's time minus the reference's, for the same moment
    std::uint64_t packets = 0;   ///< segments seen in both that the estimate rests on
    TimeNs spread = 0;           ///< half of the single estimates lie within so much of the offset
    /// What a packet takes from one place to the other, one way. Known when segments of both directions were seen;
    /// without it the offset holds the delay as well.
    std::optional<TimeNs> delay;
};

struct ClockLimits {
    std::size_t keys = 20'000;                 ///< segments of one capture that are looked for in the others
    std::uint64_t maxBytes = 64U << 20;        ///< captured octets read of one capture
    std::uint64_t minMatches = 12;             ///< segments seen in both, or fewer:
    std::uint64_t minMatchesOfConnections = 4; ///< if they are of at least two connections
    TimeNs maxOffset = 86'400'000'000'000;     ///< a day; a clock that is further off is not compared
};

/// Finds the same TCP segments in several captures (by sequence number, acknowledgement, length and content, so that
/// address translation between the places does no harm) and what their clocks differ by. Captures that share none are
/// left out; an offset of about the delay or less is 0 or nothing to correct, and that is the caller's to judge.
/// `members` without offsets. Standard input and pipes cannot be read twice and are left out.
std::vector<ClockEstimate> estimateClocks(const std::vector<capture::SetMember>& members,
                                          const ClockLimits& limits = {}, std::stop_token stop = {});

} // namespace gatescope::pipeline
