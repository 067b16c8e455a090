// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"

#include <expected>
#include <string>
#include <utility>

namespace gatescope::live {

/// A folder for temporary files of one capture, mode 0700, locked while its program lives. Making one removes those of
/// programs that were killed: ours, of this user, with nobody's lock.
class OwnFolder {
public:
    /// In $TMPDIR, else /tmp. Error: CannotOpen.
    static std::expected<OwnFolder, Error> create();
    OwnFolder(OwnFolder&& other) noexcept
        : m_path(std::exchange(other.m_path, {})), m_lock(std::exchange(other.m_lock, -1)) {}
    OwnFolder& operator=(OwnFolder&&) = delete;
    /// Removes it with the captures that are in it; what others put there stays, and the folder then, too.
    ~OwnFolder();

    const std::string& path() const { return m_path; }

private:
    OwnFolder(std::string path, int lock) : m_path(std::move(path)), m_lock(lock) {}

    std::string m_path;
    int m_lock; ///< the folder itself
};

} // namespace gatescope::live
