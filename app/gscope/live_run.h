// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/gscope/live_options.h"
#include "core/analysis/dataset.h"
#include "core/live/capture_session.h"
#include "core/pipeline/live_run.h"

#include <chrono>
#include <condition_variable>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace gatescope::cli {

/// Analyses a capture while it is written, on a thread of its own. All functions are for one other thread.
class LiveRun {
public:
    /// What is captured now, by the helper. Not opened: no rights, no such interface; wrong use: the filter.
    static std::expected<std::unique_ptr<LiveRun>, Failure> ofCapture(const LivePlan& plan,
                                                                      pipeline::RunOptions options);
    /// What somebody else writes: see `capture::followInput`.
    static std::expected<std::unique_ptr<LiveRun>, Failure> ofInput(const std::string& input, const LivePlan& plan,
                                                                    pipeline::RunOptions options);
    ~LiveRun(); ///< stops
    LiveRun(const LiveRun&) = delete;
    LiveRun& operator=(const LiveRun&) = delete;

    /// Ends the capture; what was captured is still analysed. What somebody else writes is read no further.
    void stop();
    /// True as soon as nothing more comes; false after `patience`.
    bool isOverWithin(std::chrono::milliseconds patience);

    analysis::Snapshot snapshot() const { return m_dataset.snapshot(); }
    /// Grows with everything that is new.
    std::uint64_t changes() const { return m_dataset.changes(); }
    pipeline::LiveProgress progress() const;
    /// Nothing: somebody else writes.
    std::optional<live::CaptureStatus> captured() const;
    /// Once it is over.
    const pipeline::RunResult& result() const { return m_result; }

private:
    LiveRun() = default;
    void begin(const LivePlan& plan, pipeline::RunOptions options);

    analysis::Dataset m_dataset{{}};
    std::unique_ptr<live::CaptureSession> m_session;
    std::unique_ptr<capture::CaptureFeed> m_followed;
    mutable std::mutex m_mutex;
    std::condition_variable m_ended;
    bool m_isOver = false;
    pipeline::LiveProgress m_progress;
    pipeline::RunResult m_result;
    std::jthread m_reader; ///< last: joined before the rest goes
};

} // namespace gatescope::cli
