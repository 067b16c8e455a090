// SPDX-License-Identifier: Apache-2.0
#include "core/live/helper_process.h"

#include "core/live/helper_protocol.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace gatescope::live {

namespace {

/// What posix_spawn is told: these descriptors, no signal blocked, each as the system has it.
class SpawnOptions {
public:
    explicit SpawnOptions(int socket) {
        ::posix_spawn_file_actions_init(&m_actions);
        ::posix_spawnattr_init(&m_attributes);
        for (const int standard : {0, 1, 2})
            ::posix_spawn_file_actions_addopen(&m_actions, standard, "/dev/null", O_RDWR, 0);
        ::posix_spawn_file_actions_adddup2(&m_actions, socket, kControlDescriptor);
        sigset_t signals;
        ::sigemptyset(&signals);
        ::posix_spawnattr_setsigmask(&m_attributes, &signals);
        ::sigfillset(&signals);
        ::posix_spawnattr_setsigdefault(&m_attributes, &signals);
        ::posix_spawnattr_setflags(&m_attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    SpawnOptions(const SpawnOptions&) = delete;
    SpawnOptions& operator=(const SpawnOptions&) = delete;
    ~SpawnOptions() {
        ::posix_spawn_file_actions_destroy(&m_actions);
        ::posix_spawnattr_destroy(&m_attributes);
    }
    int spawn(const std::string& program, pid_t& process) const {
        std::string name = program;
        char* arguments[] = {name.data(), nullptr};
        char* environment[] = {nullptr};
        return ::posix_spawn(&process, program.c_str(), &m_actions, &m_attributes, arguments, environment);
    }

private:
    posix_spawn_file_actions_t m_actions{};
    posix_spawnattr_t m_attributes{};
};

} // namespace

std::expected<HelperProcess, Error> HelperProcess::start(const std::string& program) {
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return std::unexpected(Error{ErrorKind::CannotOpen, fmt::format("no socket pair: {}", std::strerror(errno))});
    Descriptor ours(ends[0]);
    // A descriptor that already has the number keeps closing on exec, so it must have another one.
    Descriptor theirs(::fcntl(ends[1], F_DUPFD_CLOEXEC, kControlDescriptor + 1));
    ::close(ends[1]);
    pid_t process = 0;
    const int error = SpawnOptions(theirs.get()).spawn(program, process);
    if (error != 0)
        return std::unexpected(
            Error{ErrorKind::CannotOpen, fmt::format("cannot start {}: {}", program, std::strerror(error))});
    return HelperProcess(process, std::move(ours));
}

HelperProcess::HelperProcess(HelperProcess&& other) noexcept
    : m_process(std::exchange(other.m_process, 0)), m_socket(std::move(other.m_socket)) {}

HelperProcess::~HelperProcess() {
    m_socket.reset();
    wait(std::chrono::milliseconds(0));
}

void HelperProcess::kill() {
    if (m_process != 0) ::kill(m_process, SIGKILL);
}

std::string HelperProcess::wait(std::chrono::milliseconds most) {
    constexpr std::chrono::milliseconds kStep{2};
    int status = 0;
    for (auto waited = kStep; m_process != 0; waited += kStep) {
        const pid_t gone = ::waitpid(m_process, &status, WNOHANG);
        if (gone == m_process) break;
        if (gone < 0 && errno != EINTR) {
            m_process = 0;
            return "it vanished"; // somebody else waited for it
        }
        if (waited > most) kill();
        std::this_thread::sleep_for(kStep);
    }
    m_process = 0;
    if (WIFSIGNALED(status)) return fmt::format("killed by signal {}", WTERMSIG(status));
    return "";
}

} // namespace gatescope::live
