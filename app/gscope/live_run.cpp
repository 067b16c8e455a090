// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/live_run.h"

#include "core/capture/followed_input.h"

#include <fmt/format.h>
#include <utility>

namespace gatescope::cli {

std::expected<std::unique_ptr<LiveRun>, Failure> LiveRun::ofCapture(const LivePlan& plan,
                                                                    pipeline::RunOptions options) {
    auto session = live::CaptureSession::start(plan.capture.request, plan.capture.ring, plan.capture.stop);
    if (!session) return std::unexpected(failureOf(session.error()));
    std::unique_ptr<LiveRun> run(new LiveRun);
    run->m_session = *std::move(session);
    run->begin(plan, std::move(options));
    return run;
}

std::expected<std::unique_ptr<LiveRun>, Failure> LiveRun::ofInput(const std::string& input, const LivePlan& plan,
                                                                  pipeline::RunOptions options) {
    auto feed = capture::followInput(input);
    if (!feed)
        return std::unexpected(failureOf({feed.error().kind, fmt::format("{}: {}", input, feed.error().message)}));
    std::unique_ptr<LiveRun> run(new LiveRun);
    run->m_followed = *std::move(feed);
    run->begin(plan, std::move(options));
    return run;
}

LiveRun::~LiveRun() {
    stop();
}

void LiveRun::begin(const LivePlan& plan, pipeline::RunOptions options) {
    pipeline::LiveOptions live;
    live.run = std::move(options);
    live.retention = plan.retention;
    live.stallAfter = plan.stallAfter;
    m_reader = std::jthread([this, live = std::move(live)](const std::stop_token& stop) {
        capture::CaptureFeed& feed = m_session ? m_session->feed() : *m_followed;
        pipeline::RunResult result =
            pipeline::follow(feed, m_dataset, live, stop, [this](const pipeline::LiveProgress& progress) {
                const std::scoped_lock lock(m_mutex);
                m_progress = progress;
            });
        const std::scoped_lock lock(m_mutex);
        m_result = std::move(result);
        m_isOver = true;
        m_ended.notify_all();
    });
}

void LiveRun::stop() {
    m_session ? m_session->stop() : static_cast<void>(m_reader.request_stop());
}

bool LiveRun::isOverWithin(std::chrono::milliseconds patience) {
    std::unique_lock lock(m_mutex);
    return m_ended.wait_for(lock, patience, [this] { return m_isOver; });
}

pipeline::LiveProgress LiveRun::progress() const {
    const std::scoped_lock lock(m_mutex);
    return m_progress;
}

std::optional<live::CaptureStatus> LiveRun::captured() const {
    return m_session ? std::optional(m_session->status()) : std::nullopt;
}

} // namespace gatescope::cli
