// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <thread>

namespace gatescope::cli {

/// Turns SIGINT and SIGTERM into a stop request while it lives; a second one ends the program at once. Make it before
/// any other thread, because threads inherit the blocked signals.
class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    std::stop_token token() const { return m_stop.get_token(); }

private:
    void watch(int signals);

    std::stop_source m_stop;
    int m_wakeUp = -1; ///< eventfd: the watcher shall end
    std::thread m_watcher;
};

} // namespace gatescope::cli
