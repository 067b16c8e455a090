// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/retention.h"
#include "core/capture/capture_feed.h"
#include "core/pipeline/analysis_run.h"

#include <cstdint>
#include <functional>
#include <stop_token>

namespace gatescope::pipeline {

/// What the engine leaves out when it cannot keep up. Packets are never left out by it: they are on disk.
enum class Detail : std::uint8_t {
    Full,     ///< calls under way are told as they change
    EndsOnly, ///< calls are told when they end
};

struct LiveOptions {
    RunOptions run{};
    analysis::Retention retention{};
    /// A call under way of which nothing was seen for so long is a finding while it lasts. Azure's load balancers and
    /// ingress cut idle connections after 240 s.
    TimeNs stallAfter = 240'000'000'000;
    /// So far behind the writer, calls under way are no longer told, until it has caught up.
    std::uint64_t behindBytes = 32U << 20;
};

struct LiveProgress {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;       ///< of captures
    std::size_t captures = 0;      ///< begun
    std::uint64_t behindBytes = 0; ///< see capture::CaptureFeed
    /// Of the last packet that was read; against the clock it says how far behind the engine is.
    TimeNs latest = kNoTime;
    Detail detail = Detail::Full;
};

/// Reads what `feed` gives into `dataset` (made without inputs) while it comes: exchanges under way are in its
/// snapshots, calls that stall are findings, what retention does not keep is forgotten. Blocks until the feed ends
/// (then everything is in the dataset) or `stop` (within 100 ms); the dataset is finished then. `progress` is called
/// from this thread, every 100 ms.
RunResult follow(capture::CaptureFeed& feed, analysis::Dataset& dataset, const LiveOptions& options,
                 std::stop_token stop = {}, const std::function<void(const LiveProgress&)>& progress = {});

} // namespace gatescope::pipeline
