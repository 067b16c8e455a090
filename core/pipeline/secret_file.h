// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/base/secret_bytes.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace gatescope::pipeline {

/// Which file a path leads to, and how it looked: whether something was written to it since, or it is another one.
struct FileState {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    std::int64_t changedNs = 0;
    bool isRegular = false;
    bool operator==(const FileState&) const = default;
    bool isSameFile(const FileState& other) const { return device == other.device && inode == other.inode; }
};
/// Of a file that is not there: all zero.
FileState fileState(const std::string& path);

/// A file with secrets, open for reading. What is read goes to wiped memory only.
class SecretFile {
public:
    /// CannotOpen, in words with the path: also for a folder.
    static std::expected<SecretFile, Error> open(const std::string& path);
    ~SecretFile();
    SecretFile(SecretFile&& other) noexcept;
    SecretFile& operator=(SecretFile&&) = delete;

    const FileState& state() const { return m_state; }
    /// False: a pipe, or out of reach.
    bool seek(std::uint64_t offset) const;
    /// Appends up to `count` octets to `to`. False: the file ended. An error is said with the path.
    std::expected<bool, Error> read(SecretText& to, std::size_t count) const;

private:
    SecretFile(int descriptor, std::string path) : m_descriptor(descriptor), m_path(std::move(path)) {}

    int m_descriptor;
    std::string m_path;
    FileState m_state;
};

} // namespace gatescope::pipeline
