// SPDX-License-Identifier: Apache-2.0
#include "core/capture/byte_source.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gatescope::capture {

namespace {

std::string systemReason(int code) {
    return std::generic_category().message(code);
}

class FileSource final : public ByteSource {
public:
    FileSource(int descriptor, bool owned, std::optional<std::uint64_t> fileSize, std::stop_token stop)
        : m_descriptor(descriptor), m_owned(owned), m_mayBlock(!fileSize), m_total(fileSize.value_or(0)),
          m_stop(std::move(stop)) {}
    ~FileSource() override {
        if (m_owned) ::close(m_descriptor);
    }

    std::size_t read(std::uint8_t* to, std::size_t count) override {
        while (!m_ended) {
            if (m_mayBlock && !waitForData()) return 0;
            const ssize_t got = ::read(m_descriptor, to, count);
            if (got > 0) {
                m_taken += static_cast<std::uint64_t>(got);
                return static_cast<std::size_t>(got);
            }
            if (got == 0) {
                m_ended = true;
            } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
                m_mayBlock = true;
            } else if (errno != EINTR) {
                fail(errno);
            }
        }
        return 0;
    }
    const std::optional<Error>& error() const override { return m_error; }
    std::uint64_t bytesTaken() const override { return m_taken; }
    std::uint64_t totalBytes() const override { return m_total; }

private:
    /// Waits in short turns, because a silent pipe must not outlast the user's wish to stop.
    bool waitForData() {
        constexpr int kTurnMs = 50;
        while (!m_stop.stop_requested()) {
            pollfd wait{m_descriptor, POLLIN, 0};
            const int ready = ::poll(&wait, 1, kTurnMs);
            if (ready > 0 || (ready < 0 && errno != EINTR)) return true; // trouble shows in the read that follows
        }
        m_ended = true;
        m_error = Error{ErrorKind::Stopped, "stopped; everything before is kept"};
        return false;
    }
    void fail(int code) {
        m_ended = true;
        if (m_taken == 0)
            m_error = Error{ErrorKind::CannotOpen, fmt::format("cannot be read: {}", systemReason(code))};
        else
            m_error =
                Error{ErrorKind::Damaged, fmt::format("reading stopped at byte {}: {}", m_taken, systemReason(code))};
    }

    int m_descriptor;
    bool m_owned;
    bool m_mayBlock; ///< a pipe or a device
    bool m_ended = false;
    std::uint64_t m_taken = 0;
    std::uint64_t m_total;
    std::stop_token m_stop;
    std::optional<Error> m_error;
};

class MemorySource final : public ByteSource {
public:
    MemorySource(Bytes bytes, std::size_t mostAtOnce) : m_bytes(bytes), m_mostAtOnce(mostAtOnce) {}

    std::size_t read(std::uint8_t* to, std::size_t count) override {
        std::size_t take = std::min(count, m_bytes.size() - m_taken);
        if (m_mostAtOnce != 0) take = std::min(take, m_mostAtOnce);
        if (take != 0) std::memcpy(to, m_bytes.data() + m_taken, take);
        m_taken += take;
        return take;
    }
    const std::optional<Error>& error() const override { return m_error; }
    std::uint64_t bytesTaken() const override { return m_taken; }
    std::uint64_t totalBytes() const override { return m_bytes.size(); }

private:
    Bytes m_bytes;
    std::size_t m_mostAtOnce;
    std::size_t m_taken = 0;
    std::optional<Error> m_error;
};

} // namespace

std::expected<std::unique_ptr<ByteSource>, Error> openFile(const std::string& path, std::stop_token stop) {
    const bool standardInput = path == "-";
    const int descriptor = standardInput ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return std::unexpected(Error{ErrorKind::CannotOpen, fmt::format("cannot be opened: {}", systemReason(errno))});
    struct stat status{};
    std::optional<std::uint64_t> fileSize;
    if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
        fileSize = static_cast<std::uint64_t>(status.st_size);
        // Only a hint: the kernel then reads further ahead.
        ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    return std::make_unique<FileSource>(descriptor, !standardInput, fileSize, std::move(stop));
}

std::unique_ptr<ByteSource> openMemory(Bytes bytes, std::size_t mostAtOnce) {
    return std::make_unique<MemorySource>(bytes, mostAtOnce);
}

} // namespace gatescope::capture
