// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/captures_between.h"

#include <algorithm>

namespace gatescope::pipeline {

std::vector<capture::SetMember> capturesBetween(const analysis::Snapshot& snapshot,
                                                const std::vector<std::string>& paths, TimeNs first, TimeNs last) {
    std::vector<capture::SetMember> members;
    const auto& spans = snapshot.captures();
    for (std::uint32_t input = 0; input < std::min(paths.size(), spans.size()); ++input) {
        const analysis::CaptureSpan& span = spans[input];
        if (!span.isCapture) continue;
        const bool isOutside = span.lastTime != kNoTime && (span.lastTime < first || span.firstTime > last);
        if (!isOutside) members.push_back({input, paths[input], span.clockOffset});
    }
    return members;
}

} // namespace gatescope::pipeline
