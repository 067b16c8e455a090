// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/file_output.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gatescope::cli {

namespace {

std::unexpected<Failure> cannotWrite(const std::string& name, int error, ExitStatus status) {
    return std::unexpected(Failure{status, fmt::format("cannot write {}: {}", name, std::strerror(error))});
}

bool isSameFile(const struct stat& file, const std::string& path) {
    struct stat other{};
    return stat(path.c_str(), &other) == 0 && other.st_dev == file.st_dev && other.st_ino == file.st_ino;
}

/// The place that a rename must go to: symbolic links followed, so that a link stays a link.
std::string resolved(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr), &std::free);
    return real ? std::string(real.get()) : path;
}

} // namespace

FileOutput::FileOutput(int descriptor, std::string name) : m_descriptor(descriptor), m_name(std::move(name)) {}

FileOutput::~FileOutput() {
    if (m_descriptor > STDERR_FILENO) close(m_descriptor);
    if (!m_temporary.empty()) unlink(m_temporary.c_str());
}

std::expected<std::unique_ptr<FileOutput>, Failure> FileOutput::open(const std::string& path,
                                                                     const std::vector<std::string>& inputs) {
    if (path.empty() || path == "-")
        return std::unique_ptr<FileOutput>(new FileOutput(STDOUT_FILENO, "standard output"));
    struct stat existing{};
    const bool exists = stat(path.c_str(), &existing) == 0;
    if (exists) {
        for (const std::string& input : inputs)
            if (input != "-" && isSameFile(existing, input))
                return std::unexpected(
                    Failure{ExitStatus::WrongUse, fmt::format("{} is an input and is not overwritten", path)});
        if (S_ISDIR(existing.st_mode)) return cannotWrite(path, EISDIR, ExitStatus::WrongUse);
    }
    if (exists && !S_ISREG(existing.st_mode)) {
        const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
        if (descriptor < 0) return cannotWrite(path, errno, ExitStatus::WrongUse);
        return std::unique_ptr<FileOutput>(new FileOutput(descriptor, path));
    }
    const std::string target = resolved(path);
    std::string temporary = target + ".XXXXXX";
    const int descriptor = mkostemp(temporary.data(), O_CLOEXEC);
    if (descriptor < 0) return cannotWrite(path, errno, ExitStatus::WrongUse);
    const mode_t mask = umask(0);
    umask(mask);
    fchmod(descriptor, exists ? existing.st_mode & 0777 : 0666 & ~mask);
    std::unique_ptr<FileOutput> output(new FileOutput(descriptor, path));
    output->m_target = target;
    output->m_temporary = temporary;
    return output;
}

bool FileOutput::write(std::string_view bytes) {
    while (!bytes.empty() && m_error == 0) {
        const ssize_t written = ::write(m_descriptor, bytes.data(), bytes.size());
        if (written >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EINTR)
            m_error = errno;
    }
    return m_error == 0;
}

std::expected<void, Failure> FileOutput::commit() {
    if (m_error == EPIPE) return {};
    if (m_error != 0) return cannotWrite(m_name, m_error, ExitStatus::OwnError);
    if (m_temporary.empty()) return {};
    if (close(std::exchange(m_descriptor, -1)) != 0 || std::rename(m_temporary.c_str(), m_target.c_str()) != 0)
        return cannotWrite(m_name, errno, ExitStatus::OwnError);
    m_temporary.clear();
    return {};
}

namespace {

winsize terminalSize(int descriptor) {
    winsize size{};
    if (descriptor != STDOUT_FILENO || isatty(STDOUT_FILENO) == 0) return {};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size : winsize{};
}

} // namespace

std::size_t FileOutput::terminalWidth() const {
    return terminalSize(m_descriptor).ws_col;
}

std::size_t FileOutput::terminalHeight() const {
    return terminalSize(m_descriptor).ws_row;
}

} // namespace gatescope::cli
