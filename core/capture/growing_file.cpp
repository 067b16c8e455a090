// SPDX-License-Identifier: Apache-2.0
#include "core/capture/growing_file.h"

#include "core/capture/capture_feed.h"

#include <cerrno>
#include <condition_variable>
#include <fcntl.h>
#include <fmt/format.h>
#include <mutex>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gatescope::capture {

namespace {

constexpr std::chrono::milliseconds kLookEvery{10};

std::string systemReason(int code) {
    return std::generic_category().message(code);
}

} // namespace

void pauseUnlessStopped(const std::stop_token& stop, std::chrono::milliseconds duration) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, duration, [] { return false; });
}

std::expected<std::unique_ptr<GrowingFile>, Error> GrowingFile::open(const std::string& path, std::stop_token stop,
                                                                     std::shared_ptr<GrowthNote> note,
                                                                     IsComplete isComplete) {
    const auto cannot = [](const std::string& reason) {
        return std::unexpected(Error{ErrorKind::CannotOpen, fmt::format("cannot be opened: {}", reason)});
    };
    // A pipe that took the file's place must not hold us in open().
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return cannot(systemReason(errno));
    struct stat status{};
    if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        ::close(descriptor);
        return cannot("not a regular file");
    }
    return std::unique_ptr<GrowingFile>(
        new GrowingFile(descriptor, path, std::move(stop), std::move(note), std::move(isComplete)));
}

GrowingFile::GrowingFile(int descriptor, std::string path, std::stop_token stop, std::shared_ptr<GrowthNote> note,
                         IsComplete isComplete)
    : m_descriptor(descriptor), m_path(std::move(path)), m_stop(std::move(stop)), m_note(std::move(note)),
      m_isComplete(std::move(isComplete)) {}

GrowingFile::~GrowingFile() {
    ::close(m_descriptor);
    m_note->isDone.store(true, std::memory_order_relaxed);
}

std::size_t GrowingFile::read(std::uint8_t* to, std::size_t count) {
    m_idle = false;
    for (auto waited = std::chrono::milliseconds::zero(); !m_ended; waited += kLookEvery) {
        if (const std::size_t got = readNow(to, count); got != 0) return got;
        if (m_ended) return 0;
        if (m_stop.stop_requested()) return stopped();
        if (waited < CaptureFeed::kPatience) {
            pauseUnlessStopped(m_stop, kLookEvery);
            continue;
        }
        const bool isComplete = m_isComplete && m_isComplete();
        std::string trouble = isComplete ? std::string() : whatHappened();
        if (!isComplete && trouble.empty()) return sayIdle();
        // What was written between the last look and the end of the writing still belongs to it.
        if (const std::size_t got = readNow(to, count); got != 0) return got;
        m_ended = true;
        if (!isComplete) fail(ErrorKind::Damaged, std::move(trouble));
    }
    return 0;
}

std::uint64_t GrowingFile::totalBytes() const {
    struct stat status{};
    return ::fstat(m_descriptor, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : m_taken;
}

std::size_t GrowingFile::readNow(std::uint8_t* to, std::size_t count) {
    for (;;) {
        const ssize_t got = ::read(m_descriptor, to, count);
        if (got > 0) {
            m_taken += static_cast<std::uint64_t>(got);
            m_note->taken.store(m_taken, std::memory_order_relaxed);
            return static_cast<std::size_t>(got);
        }
        if (got == 0) return 0;
        if (errno == EINTR) continue;
        fail(m_taken == 0 ? ErrorKind::CannotOpen : ErrorKind::Damaged,
             fmt::format("cannot be read behind byte {}: {}", m_taken, systemReason(errno)));
        return 0;
    }
}

std::size_t GrowingFile::sayIdle() {
    m_idle = true;
    return 0;
}

std::size_t GrowingFile::stopped() {
    fail(ErrorKind::Stopped, "stopped; everything before is kept");
    return 0;
}

void GrowingFile::fail(ErrorKind kind, std::string message) {
    m_ended = true;
    m_error = Error{kind, std::move(message)};
}

/// Empty: the file at the path is still the one that is read, and nothing was taken from it.
std::string GrowingFile::whatHappened() const {
    struct stat mine{};
    struct stat there{};
    if (::fstat(m_descriptor, &mine) != 0) return {};
    if (static_cast<std::uint64_t>(mine.st_size) < m_taken)
        return fmt::format("the file was cut to {} octets after {} had been read; what was read is kept", mine.st_size,
                           m_taken);
    if (::stat(m_path.c_str(), &there) != 0) {
        // A network file system that is away for a moment says other things.
        if (errno != ENOENT) return {};
        return fmt::format("the file was removed after {} octets had been read; what was read is kept", m_taken);
    }
    if (there.st_ino == mine.st_ino && there.st_dev == mine.st_dev) return {};
    return fmt::format("the file was replaced by another after {} octets had been read; what was read is kept",
                       m_taken);
}

} // namespace gatescope::capture
