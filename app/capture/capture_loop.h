// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/capture/devices.h"
#include "app/capture/pcapng_files.h"
#include "core/live/header_trim.h"
#include "core/live/helper_protocol.h"
#include "core/live/seen_packets.h"

#include <csignal>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace gatescope::helper {

/// This end of the control socket. What does not belong to the protocol closes it.
class Control {
public:
    explicit Control(int socket) : m_socket(socket) {}

    /// Takes what has come. Does not wait.
    void read();
    /// For up to 10 s. False: it is not there.
    bool waitFor(const std::function<bool()>& isThere);
    /// Left out when there is no room.
    void send(const live::HelperMessage& message);
    /// For up to 2 s: a parent that was halted has not read what came before.
    void waitForRoom() const;

    /// The parent is gone, or no good.
    bool isClosed() const { return m_isClosed; }
    bool wantsStop() const { return m_wantsStop; }
    const std::optional<live::StartMessage>& start() const { return m_start; }
    bool hasFile() const { return !m_files.empty(); }
    int takePlayedFile() { return std::exchange(m_played, -1); }
    void giveFilesTo(PcapngFiles& files);

private:
    bool take(live::Received& received);

    int m_socket;
    int m_played = -1;
    bool m_isClosed = false, m_wantsStop = false;
    std::optional<live::StartMessage> m_start;
    std::vector<std::pair<std::uint32_t, int>> m_files;
    std::uint32_t m_lastFile = 0;
};

class CaptureLoop {
public:
    static constexpr int kMostAtOnce = 4096; ///< packets, before the parent is heard again
    static constexpr TimeNs kFlushEvery = 20'000'000;
    static constexpr TimeNs kCountEvery = 1'000'000'000;

    CaptureLoop(Control& control, Devices& devices, const volatile std::sig_atomic_t& stopSignal);
    live::EndedMessage run();

private:
    void wait();
    void takePackets();
    void take(const Devices::Packet& packet);
    bool goOnInNextFile();
    void tell();
    void flushAndCount(TimeNs now);
    std::optional<live::EndedMessage> end(TimeNs now) const;

    Control& m_control;
    Devices& m_devices;
    const volatile std::sig_atomic_t& m_stopSignal;
    const live::StartMessage& m_orders;
    PcapngFiles m_files;
    live::SeenPackets m_seen;
    live::HeaderTrimmer m_trimmer;
    live::ReportMessage m_report;
    std::vector<pollfd> m_polled;
    TimeNs m_began = 0, m_flushed = 0, m_counted = 0;
    std::uint64_t m_taken = 0;
    bool m_hasEnoughFiles = false, m_isDrained = true, m_waitsForFile = false;
};

} // namespace gatescope::helper
