// SPDX-License-Identifier: Apache-2.0
#include "core/live/own_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace gatescope::live {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kPrefix = "gatescope-live-";
constexpr std::string_view kFilePrefix = "capture";

std::string temporaryPlace() {
    const char* place = std::getenv("TMPDIR");
    return place != nullptr && *place == '/' ? place : "/tmp";
}

/// The lock on a folder of this user, kept until the descriptor is closed; -1: somebody has it, or it is none of ours.
int lockOf(const std::string& path) {
    const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) return -1;
    struct stat status{};
    struct stat there{};
    // It may have been removed between its making and its locking.
    const bool isOurs = ::fstat(folder, &status) == 0 && status.st_uid == ::geteuid() &&
                        ::flock(folder, LOCK_EX | LOCK_NB) == 0 && ::lstat(path.c_str(), &there) == 0 &&
                        there.st_ino == status.st_ino && there.st_dev == status.st_dev;
    if (isOurs) return folder;
    ::close(folder);
    return -1;
}

/// The names in a folder that begin so.
std::vector<std::string> namesIn(const std::string& path, std::string_view prefix) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error))
        if (std::string name = at->path().filename().string(); name.starts_with(prefix))
            names.push_back(std::move(name));
    return names;
}

void removeLocked(const std::string& path, int lock) {
    for (const std::string& name : namesIn(path, kFilePrefix)) ::unlinkat(lock, name.c_str(), 0);
    ::rmdir(path.c_str());
    ::close(lock);
}

void removeAbandoned(const std::string& place) {
    for (const std::string& name : namesIn(place, kPrefix)) {
        const std::string path = place + '/' + name;
        if (const int lock = lockOf(path); lock >= 0) removeLocked(path, lock);
    }
}

} // namespace

std::expected<OwnFolder, Error> OwnFolder::create() {
    const std::string place = temporaryPlace();
    removeAbandoned(place);
    std::error_code ignored;
    constexpr int kAttempts = 3; // another program that starts may take a new folder for an abandoned one
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        std::string path = fmt::format("{}/{}XXXXXX", place, kPrefix);
        if (::mkdtemp(path.data()) == nullptr)
            return std::unexpected(Error{ErrorKind::CannotOpen, fmt::format("cannot write {}: {}", path,
                                                                            std::generic_category().message(errno))});
        if (const int lock = lockOf(path); lock >= 0) return OwnFolder(std::move(path), lock);
        // Where folders cannot be locked nobody takes this one for abandoned, and it works without.
        if (fs::exists(path, ignored)) return OwnFolder(path, ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }
    return std::unexpected(Error{ErrorKind::CannotOpen, fmt::format("no folder of its own in {}", place)});
}

OwnFolder::~OwnFolder() {
    if (m_lock >= 0) removeLocked(m_path, m_lock);
}

} // namespace gatescope::live
