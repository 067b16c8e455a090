// SPDX-License-Identifier: Apache-2.0
#include "core/capture/growing_folder.h"

#include "core/capture/folder.h"
#include "core/capture/pcap_parser.h"
#include "core/capture/pcapng_parser.h"
#include "core/capture/stream_input.h"
#include "core/capture/unwrapping.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace gatescope::capture {

namespace {

/// So often even if the folder does not look changed: times of folders are coarse.
constexpr std::chrono::milliseconds kLookAnywayEvery{1000};
constexpr std::size_t kMarkBytes = 4;

bool isSame(const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/// Nothing: too short to say.
std::optional<bool> beginsLikeACapture(const std::string& path) {
    const OwnedDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    std::array<std::uint8_t, kMarkBytes> head{};
    const ssize_t got = file.get() < 0 ? -1 : ::read(file.get(), head.data(), head.size());
    if (got != static_cast<ssize_t>(kMarkBytes)) return std::nullopt;
    return looksLikePcap(head) || looksLikePcapng(head) || findWrapper(head) != Wrapper::None;
}

} // namespace

std::expected<GrowingFolder, Error> GrowingFolder::open(const std::string& path) {
    GrowingFolder folder(path);
    if (auto error = folder.look()) return std::unexpected(*std::move(error));
    folder.m_isBegun = true;
    return folder;
}

bool GrowingFolder::isDue() const {
    if (m_hasHalves || std::chrono::steady_clock::now() - m_lookedAt >= kLookAnywayEvery) return true;
    struct stat status{};
    return ::stat(m_path.c_str(), &status) == 0 && !isSame(status.st_mtim, m_folderChanged);
}

std::optional<Error> GrowingFolder::look() {
    struct stat status{};
    m_lookedAt = std::chrono::steady_clock::now();
    if (::stat(m_path.c_str(), &status) == 0) m_folderChanged = status.st_mtim;
    auto paths = filesInFolder(m_path);
    if (!paths) return std::move(paths).error();
    const Files before = std::exchange(m_files, {});
    m_hasHalves = false;
    m_waitingBytes = 0;
    for (const std::string& path : *paths) update(path, before);
    return std::nullopt;
}

void GrowingFolder::update(const std::string& path, const Files& before) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return;
    File file;
    const auto known = before.find(path);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const bool isSameFile = known != before.end() && known->second.device == status.st_dev &&
                            known->second.inode == status.st_ino && size >= known->second.taken;
    if (isSameFile) file = known->second;
    file.device = status.st_dev;
    file.inode = status.st_ino;
    file.changed = status.st_mtim;
    file.size = size;
    if (!isSameFile) file.wasFirst = !m_isBegun;
    if (!file.isGiven && !file.isCapture) {
        const std::optional<bool> isCapture = beginsLikeACapture(path);
        file.isCapture = isCapture.value_or(false);
        m_hasHalves = m_hasHalves || !isCapture;
    }
    if (!file.isGiven && file.isCapture) m_waitingBytes += size;
    m_files.emplace(path, file);
}

const std::string* GrowingFolder::first() const {
    const auto isBefore = [](const Files::value_type& a, const Files::value_type& b) {
        if (a.second.wasFirst != b.second.wasFirst) return a.second.wasFirst;
        const auto time = [](const File& file) { return std::pair(file.changed.tv_sec, file.changed.tv_nsec); };
        if (!a.second.wasFirst && time(a.second) != time(b.second)) return time(a.second) < time(b.second);
        return isNaturallyBefore(a.first, b.first);
    };
    const Files::value_type* found = nullptr;
    for (const auto& entry : m_files)
        if (entry.second.isCapture && !entry.second.isGiven && (found == nullptr || isBefore(entry, *found)))
            found = &entry;
    return found == nullptr ? nullptr : &found->first;
}

bool GrowingFolder::hasNext() {
    // A folder that cannot be read for a moment keeps the files that were known.
    if (isDue()) {
        Files kept = m_files;
        if (look()) m_files = std::move(kept);
    }
    return first() != nullptr;
}

std::optional<std::string> GrowingFolder::next() {
    if (!hasNext()) return std::nullopt;
    m_current = *first();
    File& file = m_files.at(m_current);
    file.isGiven = true;
    file.taken = 0;
    m_waitingBytes -= std::min(m_waitingBytes, file.size);
    return m_current;
}

void GrowingFolder::noteTaken(std::uint64_t taken) {
    if (const auto at = m_files.find(m_current); at != m_files.end()) at->second.taken = taken;
}

} // namespace gatescope::capture
