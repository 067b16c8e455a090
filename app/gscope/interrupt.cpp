// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/interrupt.h"

#include <array>
#include <csignal>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace gatescope::cli {

Interrupt::Interrupt() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0) return;
    const int signals = signalfd(-1, &set, SFD_CLOEXEC);
    m_wakeUp = eventfd(0, EFD_CLOEXEC);
    if (signals >= 0 && m_wakeUp >= 0) m_watcher = std::thread([this, signals] { watch(signals); });
}

Interrupt::~Interrupt() {
    if (m_watcher.joinable()) {
        const std::uint64_t one = 1;
        // An eventfd takes eight octets or blocks; it never takes fewer.
        [[maybe_unused]] const auto written = write(m_wakeUp, &one, sizeof one);
        m_watcher.join();
    }
    if (m_wakeUp >= 0) close(m_wakeUp);
}

void Interrupt::watch(int signals) {
    std::array<pollfd, 2> sources{{{signals, POLLIN, 0}, {m_wakeUp, POLLIN, 0}}};
    while (true) {
        if (poll(sources.data(), sources.size(), -1) < 0) continue;
        if (sources[1].revents != 0) break;
        signalfd_siginfo info{};
        if (read(signals, &info, sizeof info) != sizeof info) continue;
        if (m_stop.stop_requested()) _exit(128 + static_cast<int>(info.ssi_signo));
        m_stop.request_stop();
    }
    close(signals);
}

} // namespace gatescope::cli
