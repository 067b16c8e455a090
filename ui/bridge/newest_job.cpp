// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/newest_job.h"

#include "ui/bridge/thread_pace.h"

#include <utility>

namespace gatescope::ui {

NewestJob::NewestJob(QObject* parent, Pace pace) : QObject(parent) {
    m_thread = std::jthread([this, pace](std::stop_token stop) { work(stop, pace); });
}

NewestJob::~NewestJob() {
    const std::lock_guard lock(m_mutex);
    m_current.request_stop();
    m_thread.request_stop();
}

void NewestJob::ask(Job job, bool urgent) {
    const std::lock_guard lock(m_mutex);
    if (urgent) m_current.request_stop();
    m_next = std::move(job);
    m_nextNumber = ++m_asked;
    m_wake.notify_all();
}

void NewestJob::forget() {
    const std::lock_guard lock(m_mutex);
    ++m_epoch;
    m_next = nullptr;
    m_answer = nullptr;
    m_current.request_stop();
    m_delivered = m_asked;
}

void NewestJob::work(std::stop_token stop, Pace pace) {
    if (pace == Pace::Yielding) yieldToGui();
    while (true) {
        std::unique_lock lock(m_mutex);
        if (!m_wake.wait(lock, stop, [this] { return static_cast<bool>(m_next); })) return;
        const Job job = std::exchange(m_next, nullptr);
        const auto number = m_nextNumber;
        const auto epoch = m_epoch;
        m_current = std::stop_source();
        const auto token = m_current.get_token();
        lock.unlock();
        auto answer = job(token);
        lock.lock();
        if (epoch != m_epoch || token.stop_requested()) continue;
        m_answer = std::move(answer);
        m_answerNumber = number;
        QMetaObject::invokeMethod(this, &NewestJob::deliver, Qt::QueuedConnection);
    }
}

void NewestJob::deliver() {
    std::unique_lock lock(m_mutex);
    const auto answer = std::exchange(m_answer, nullptr);
    if (m_answerNumber > m_delivered) m_delivered = m_answerNumber;
    lock.unlock();
    if (answer) answer();
}

} // namespace gatescope::ui
