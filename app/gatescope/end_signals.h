// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QSocketNotifier>

#include <array>

/// SIGTERM, SIGINT and SIGHUP end the application as if it had nothing to ask: a capture is stopped, its files are
/// complete, and what it put into temporary folders is removed. One at a time, in the GUI thread.
class EndSignals {
public:
    EndSignals();
    ~EndSignals();
    EndSignals(const EndSignals&) = delete;
    EndSignals& operator=(const EndSignals&) = delete;

private:
    std::array<int, 2> m_ends;
    QSocketNotifier m_notifier;
};
