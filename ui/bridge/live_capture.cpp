// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/live_capture.h"

#include <mutex>
#include <utility>

namespace gatescope::ui {

/// Between the threads of a capture, which may outlive this object in the hands of an engine, and this object.
struct LiveCapture::Relay {
    std::mutex mutex;
    LiveCapture* to = nullptr; ///< null: nobody listens any more
    bool told = false;         ///< and not yet looked at

    void tell() {
        const std::lock_guard lock(mutex);
        if (!to || std::exchange(told, true)) return;
        QMetaObject::invokeMethod(to, &LiveCapture::collect, Qt::QueuedConnection);
    }
    void close() {
        const std::lock_guard lock(mutex);
        to = nullptr;
    }
};

LiveCapture::LiveCapture(LiveEngine::Start start, QObject* parent) : QObject(parent), m_start(std::move(start)) {}

LiveCapture::~LiveCapture() {
    letGo();
}

void LiveCapture::start(live::CaptureRequest request, live::RingOptions ring, live::StopConditions stop) {
    letGo();
    m_request = std::move(request);
    m_ring = std::move(ring);
    m_status = {};
    m_error.reset();
    m_stopWanted = false;
    m_relay = std::make_shared<Relay>();
    m_relay->to = this;
    auto job = [this, start = m_start, wanted = m_request, files = m_ring, stop,
                relay = m_relay](const std::stop_token&) -> NewestJob::Deliver {
        auto session = start(wanted, files, stop, [relay] { relay->tell(); });
        if (!session) {
            return [this, error = session.error()] {
                m_error = error;
                set(State::Failed);
                Q_EMIT failed();
            };
        }
        return [this, kept = std::shared_ptr<live::CaptureSession>(std::move(*session))] { onStarted(kept); };
    };
    m_job.ask(std::move(job));
    set(State::Starting);
}

void LiveCapture::onStarted(const std::shared_ptr<live::CaptureSession>& session) {
    m_session = session;
    m_status = m_session->status();
    if (m_stopWanted) m_session->stop();
    set(m_stopWanted ? State::Stopping : State::Running);
    Q_EMIT started();
    collect(); // it may have ended before anybody listened
}

void LiveCapture::stop() {
    if (m_state != State::Starting && m_state != State::Running) return;
    m_stopWanted = true;
    if (m_session) m_session->stop();
    set(State::Stopping);
}

void LiveCapture::collect() {
    if (!m_session) return;
    {
        const std::lock_guard lock(m_relay->mutex);
        m_relay->told = false;
    }
    m_status = m_session->status();
    const bool over = m_status.state == live::CaptureState::Ended && active();
    if (over) m_state = State::Ended;
    Q_EMIT statusChanged();
    if (over) Q_EMIT ended();
}

void LiveCapture::discard() {
    letGo();
    m_status = {};
    m_error.reset();
    set(State::Idle);
}

std::shared_ptr<capture::CaptureFeed> LiveCapture::feed() const {
    if (!m_session) return nullptr;
    return {m_session, &m_session->feed()};
}

void LiveCapture::set(State state) {
    m_state = state;
    Q_EMIT statusChanged();
}

void LiveCapture::letGo() {
    m_job.forget();
    if (m_relay) m_relay->close();
    m_relay.reset();
    if (!m_session) return;
    m_session->stop();
    // The last owner waits until the helper is gone and removes files: not in this thread.
    m_lettingGo.emplace_back([session = std::exchange(m_session, nullptr)]() mutable { session.reset(); });
}

} // namespace gatescope::ui
