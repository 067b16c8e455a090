// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <sys/stat.h>

namespace gatescope::capture {

/// The captures of a folder into which another program writes a ring. Only what begins like a capture counts, so an
/// empty file is waited for and notes beside the captures are passed over. One thread.
class GrowingFolder {
public:
    /// Error: CannotOpen.
    static std::expected<GrowingFolder, Error> open(const std::string& path);

    /// The next capture that was not given: what was there at the beginning in the natural order of the names, what
    /// came later by its time. A file that was given counts as new when another took its name or when it became
    /// shorter than what was `taken` of it.
    std::optional<std::string> next();
    bool hasNext();
    /// What was read of the capture that `next` gave last.
    void noteTaken(std::uint64_t taken);
    /// Of the captures that were not given yet, as of the last look.
    std::uint64_t waitingBytes() const { return m_waitingBytes; }

private:
    struct File {
        dev_t device = 0;
        ino_t inode = 0;
        std::uint64_t taken = 0;
        bool isGiven = false;
        bool isCapture = false;
        bool wasFirst = false; ///< there at the beginning
        timespec changed{};
        std::uint64_t size = 0;
    };
    using Files = std::map<std::string, File>;

    explicit GrowingFolder(std::string path) : m_path(std::move(path)) {}
    bool isDue() const;
    std::optional<Error> look();
    void update(const std::string& path, const Files& before);
    const std::string* first() const;

    std::string m_path;
    Files m_files;
    std::string m_current;
    timespec m_folderChanged{};
    std::chrono::steady_clock::time_point m_lookedAt;
    bool m_isBegun = false;   ///< the first look is over
    bool m_hasHalves = false; ///< files that do not yet say what they are
    std::uint64_t m_waitingBytes = 0;
};

} // namespace gatescope::capture
