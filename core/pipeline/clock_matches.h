// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pipeline/clocks.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace gatescope::pipeline {

/// One segment that stands in both captures.
struct ClockMatch {
    std::uint64_t flow = 0; ///< connection, as the second capture sees it
    bool forward = false;   ///< which of its directions
    TimeNs difference = 0;  ///< time in the second capture minus time in the first
};

/// What can be told from them; nothing when they are too few. `input` and `reference` are left to the caller.
std::optional<ClockEstimate> estimateFrom(const std::vector<ClockMatch>& matches, const ClockLimits& limits);

/// Segments at the beginning of a capture, by what stays the same on the way.
class ClockKeys {
public:
    /// From packets of `path` at or after `from`, up to the limits.
    static ClockKeys collect(const std::string& path, TimeNs from, const ClockLimits& limits,
                             const std::stop_token& stop);
    /// Looks for them in `path`, in packets at or after `from`. The keys' capture is the second of the matches.
    std::vector<ClockMatch> findIn(const std::string& path, TimeNs from, const ClockLimits& limits,
                                   const std::stop_token& stop) const;
    bool empty() const { return m_seen.empty(); }

private:
    struct Seen {
        TimeNs time = kNoTime;
        std::uint64_t flow = 0;
        std::uint32_t fingerprint = 0;
        bool forward = false;
        bool isRepeated = false;
    };
    std::unordered_map<std::uint64_t, Seen> m_seen;
};

} // namespace gatescope::pipeline
