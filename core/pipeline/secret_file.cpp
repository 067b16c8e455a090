// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/secret_file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gatescope::pipeline {

namespace {

std::unexpected<Error> failed(const std::string& path, int code) {
    return std::unexpected(
        Error{ErrorKind::CannotOpen, fmt::format("{}: {}", path, std::generic_category().message(code))});
}

FileState stateOf(const struct stat& status) {
    constexpr std::int64_t kNsPerSecond = 1'000'000'000;
    return {.device = status.st_dev,
            .inode = status.st_ino,
            .size = static_cast<std::uint64_t>(status.st_size),
            .changedNs = status.st_mtim.tv_sec * kNsPerSecond + status.st_mtim.tv_nsec,
            .isRegular = S_ISREG(status.st_mode)};
}

} // namespace

FileState fileState(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return {};
    return stateOf(status);
}

std::expected<SecretFile, Error> SecretFile::open(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0) return failed(path, errno);
    SecretFile file(descriptor, path);
    struct stat status{};
    if (::fstat(descriptor, &status) != 0) return failed(path, errno);
    if (S_ISDIR(status.st_mode)) return failed(path, EISDIR);
    file.m_state = stateOf(status);
    return file;
}

SecretFile::~SecretFile() {
    if (m_descriptor >= 0) ::close(m_descriptor);
}

SecretFile::SecretFile(SecretFile&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1)), m_path(std::move(other.m_path)), m_state(other.m_state) {}

bool SecretFile::seek(std::uint64_t offset) const {
    return ::lseek(m_descriptor, static_cast<off_t>(offset), SEEK_SET) == static_cast<off_t>(offset);
}

std::expected<bool, Error> SecretFile::read(SecretText& to, std::size_t count) const {
    const std::size_t before = to.size();
    to.resize(before + count);
    for (;;) {
        const ssize_t got = ::read(m_descriptor, to.data() + before, count);
        if (got < 0 && errno == EINTR) continue;
        to.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got < 0) return failed(m_path, errno);
        return got > 0;
    }
}

} // namespace gatescope::pipeline
