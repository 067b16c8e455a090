// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/live/ring_feed.h"

#include <chrono>
#include <expected>
#include <string>

namespace gatescope::live {

/// The running helper: started with an empty environment, with nothing open but its end of the control socket and
/// /dev/null, and gone at the latest when this is. The thread that starts it must live as long: the kernel ends the
/// helper with that thread.
class HelperProcess {
public:
    static std::expected<HelperProcess, Error> start(const std::string& program);
    HelperProcess(HelperProcess&& other) noexcept;
    HelperProcess& operator=(HelperProcess&&) = delete;
    ~HelperProcess();

    int socket() const { return m_socket.get(); }
    int process() const { return m_process; }
    void kill();
    /// Waits until it is gone, and kills it when that takes too long. How it went: empty if by itself, else in words.
    std::string wait(std::chrono::milliseconds most);

private:
    HelperProcess(int process, Descriptor socket) : m_process(process), m_socket(std::move(socket)) {}

    int m_process; ///< 0: gone
    Descriptor m_socket;
};

} // namespace gatescope::live
