// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/live/capture_session.h"
#include "core/live/helper_process.h"
#include "core/live/helper_protocol.h"
#include "core/live/ring_feed.h"
#include "core/live/ring_files.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace gatescope::live {

/// One capture: a thread that starts the helper, hears it, and keeps the ring.
class SessionThread final : public CaptureSession {
public:
    static constexpr std::chrono::seconds kTimeToStart{10};
    static constexpr std::chrono::seconds kTimeToStop{5}; ///< then the helper is killed
    static constexpr std::chrono::milliseconds kTellEvery{100};

    struct Parts {
        StartMessage orders;
        std::string helper; ///< its path
        Descriptor played;
        std::unique_ptr<RingFiles> files;
    };
    SessionThread(Parts parts, std::function<void()> changed);
    ~SessionThread() override;

    /// Waits until packets are captured; else says why they are not.
    std::optional<Error> begin();

    void stop() override;
    void waitUntilEnded() override;
    CaptureStatus status() const override;
    capture::CaptureFeed& feed() override { return m_feed; }

private:
    using Clock = std::chrono::steady_clock;

    void run();
    void giveOrders(HelperProcess& helper);
    bool giveFirstFile(HelperProcess& helper);
    void hear(HelperProcess& helper);
    void wait(const HelperProcess& helper);
    bool takeMessages(HelperProcess& helper);
    bool take(HelperProcess& helper, const HelperMessage& message);
    bool takeReport(HelperProcess& helper, const ReportMessage& report);
    bool beginNext(HelperProcess& helper);
    bool giveSpare(HelperProcess& helper);
    void finish(const std::string& howItWent);
    void publishFiles();
    void tell(bool now);
    void noteDrops();
    void readDeviceDrops();

    Parts m_parts;
    std::function<void()> m_changed;
    RingFeed m_feed;
    Descriptor m_wake; ///< an eventfd: somebody wants it to stop

    // The thread's own.
    std::optional<EndedMessage> m_end;
    std::optional<Error> m_trouble; ///< of this side
    std::uint32_t m_file = 1;
    std::uint64_t m_knownWhole = 0;    ///< octets of the newest file, as the helper said
    std::uint64_t m_completeBytes = 0; ///< of the files before it
    std::vector<std::uint64_t> m_droppedBefore;
    Clock::time_point m_devicesRead{};
    bool m_saidHello = false, m_isRunning = false, m_hasUntold = false;
    std::optional<Clock::time_point> m_killAt;
    Clock::time_point m_told{};

    mutable std::mutex m_lock;
    std::condition_variable m_stateChanged;
    CaptureStatus m_status;

    std::thread m_thread;
};

} // namespace gatescope::live
