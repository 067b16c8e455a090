// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace gatescope::ui {

/// Runs the newest job in a thread of its own; a job overtaken by a newer one is dropped.
///
/// Lives in the GUI thread. A job must hold all that it reads (snapshots are cheap to copy) and look at its stop token
/// now and then; its answer is handed over in the GUI thread.
class NewestJob : public QObject {
    Q_OBJECT
public:
    using Deliver = std::function<void()>;               ///< runs in the GUI thread; may be empty
    using Job = std::function<Deliver(std::stop_token)>; ///< runs in the thread of the jobs; throws nothing

    enum class Pace {
        Yielding, ///< gives way to the GUI thread (ui/bridge/thread_pace.h)
        Full,     ///< for jobs that start programs, which would give way as well
    };

    explicit NewestJob(QObject* parent = nullptr, Pace pace = Pace::Yielding);
    /// Stops a job under way and waits for it.
    ~NewestJob() override;

    /// `urgent`: a job under way is given up. Else it is finished and delivered first.
    void ask(Job job, bool urgent = true);
    /// Forgets what was asked; nothing is delivered.
    void forget();
    /// Something was asked and has not been delivered yet.
    bool busy() const { return m_delivered != m_asked; }

private:
    void work(std::stop_token stop, Pace pace);
    void deliver();

    std::uint64_t m_asked = 0;     ///< GUI thread only
    std::uint64_t m_delivered = 0; ///< GUI thread only

    std::mutex m_mutex; ///< guards what follows
    std::condition_variable_any m_wake;
    Job m_next;
    std::uint64_t m_nextNumber = 0;
    std::stop_source m_current;
    Deliver m_answer;
    std::uint64_t m_answerNumber = 0;
    std::uint64_t m_epoch = 0; ///< grows with `forget`
    std::jthread m_thread;
};

} // namespace gatescope::ui
