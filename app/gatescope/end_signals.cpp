// SPDX-License-Identifier: Apache-2.0
#include "app/gatescope/end_signals.h"

#include <QCoreApplication>

#include <atomic>
#include <csignal>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr std::array kSignals{SIGTERM, SIGINT, SIGHUP};

/// A handler has no other way to know where to write.
std::atomic<int> wakingEnd{-1};

void noteSignal(int) {
    const char one = 1;
    [[maybe_unused]] const auto wrote = ::write(wakingEnd.load(std::memory_order_relaxed), &one, 1);
}

std::array<int, 2> connectedEnds() {
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) ends = {-1, -1};
    return ends;
}

} // namespace

EndSignals::EndSignals() : m_ends(connectedEnds()), m_notifier(m_ends[0], QSocketNotifier::Read) {
    if (m_ends[0] < 0) return;
    QObject::connect(&m_notifier, &QSocketNotifier::activated, [] { QCoreApplication::exit(0); });
    wakingEnd = m_ends[1];
    for (const int number : kSignals) std::signal(number, noteSignal);
}

EndSignals::~EndSignals() {
    for (const int number : kSignals) std::signal(number, SIG_DFL);
    m_notifier.setEnabled(false);
    for (const int end : m_ends)
        if (end >= 0) ::close(end);
}
