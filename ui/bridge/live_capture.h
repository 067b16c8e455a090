// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/live_engine.h"
#include "ui/bridge/newest_job.h"

#include <QObject>

#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace gatescope::ui {

/// One capture at a time, from asking for it until it is let go. Lives in the GUI thread and never blocks it; starting
/// and letting go happen in other threads.
class LiveCapture : public QObject {
    Q_OBJECT
public:
    enum class State {
        Idle,
        Starting,
        Running,
        Stopping,
        Ended, ///< as asked, or early: `status().error` says why then
        Failed ///< it never began: `error` says why
    };

    explicit LiveCapture(LiveEngine::Start start, QObject* parent = nullptr);
    /// Stops and waits.
    ~LiveCapture() override;

    bool possible() const { return static_cast<bool>(m_start); }
    /// Lets go of the one before.
    void start(live::CaptureRequest request, live::RingOptions ring, live::StopConditions stop);
    /// Asks it to end; `ended` follows when every file is complete.
    void stop();
    /// Forgets it, and with it the files that nobody named.
    void discard();

    State state() const { return m_state; }
    bool active() const {
        return m_state == State::Starting || m_state == State::Running || m_state == State::Stopping;
    }
    const live::CaptureRequest& request() const { return m_request; }
    const live::RingOptions& ring() const { return m_ring; }
    const live::CaptureStatus& status() const { return m_status; }
    const std::optional<Error>& error() const { return m_error; }
    /// What it captures, for an engine; keeps the capture and its files while it is held. Null before `started`.
    std::shared_ptr<capture::CaptureFeed> feed() const;

Q_SIGNALS:
    /// It runs: `feed` can be read.
    void started();
    /// It could not begin.
    void failed();
    /// State or numbers are others.
    void statusChanged();
    /// Nothing more will come. Early when `status().error` is set.
    void ended();

private:
    struct Relay;
    void onStarted(const std::shared_ptr<live::CaptureSession>& session);
    void collect();
    void set(State state);
    void letGo();

    LiveEngine::Start m_start;
    std::shared_ptr<Relay> m_relay;
    std::shared_ptr<live::CaptureSession> m_session;
    live::CaptureRequest m_request;
    live::RingOptions m_ring;
    live::CaptureStatus m_status;
    std::optional<Error> m_error;
    State m_state = State::Idle;
    bool m_stopWanted = false;
    std::vector<std::jthread> m_lettingGo;
    NewestJob m_job{nullptr, NewestJob::Pace::Full};
};

} // namespace gatescope::ui
