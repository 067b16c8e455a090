// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/gscope/exit_status.h"
#include "core/analysis/retention.h"
#include "core/live/capture_request.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace gatescope::cli {

/// A capture as typed: for `gscope capture` and for --live.
struct CaptureOptions {
    std::vector<std::string> interfaces;
    std::string filter;
    std::string path;
    std::vector<std::string> rotations, stops; ///< `size:100M`, `time:10m`, ...
    std::uint32_t snapLength = live::CaptureRequest::kFullPackets;
    bool headersOnly = false;
    bool promiscuous = false;
    std::string buffer;
    std::string playedFile;
    bool playInTime = false;
};

/// -f, -w, -b, -a, -s, --headers-only, --promiscuous, --buffer, and those of tests. Not the interfaces.
void addCaptureOptions(CLI::App& command, CaptureOptions& options);

/// A capture as understood.
struct CapturePlan {
    live::CaptureRequest request;
    live::RingOptions ring;
    live::StopConditions stop;
};

/// Wrong use: a condition, size or time that is none, or the filter, with its column.
std::expected<CapturePlan, Failure> capturePlanOf(const CaptureOptions& options);

/// What goes with captures that still grow, as typed.
struct LiveOptions {
    CaptureOptions capture;
    bool follows = false;
    std::size_t keep = analysis::Retention{}.exchanges;
    std::string keepFor, stallAfter, every = "1s";
    bool endedOnly = false;

    bool captures() const { return !capture.interfaces.empty() || !capture.playedFile.empty(); }
};

/// --live, --follow and what goes with them. `showsCalls`: the rows are calls, which have an end.
void addLiveOptions(CLI::App& command, LiveOptions& options, bool showsCalls = false);
/// For verbs that need a capture that is complete: says so when --live or --follow is given.
void refuseLiveOptions(CLI::App& command);

struct LivePlan {
    CapturePlan capture; ///< when there is no input to follow
    analysis::Retention retention;
    TimeNs stallAfter = 0;
    std::chrono::nanoseconds every{};
};
std::expected<LivePlan, Failure> livePlanOf(const LiveOptions& options);

} // namespace gatescope::cli
