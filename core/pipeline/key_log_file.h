// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/base/secret_bytes.h"
#include "core/pipeline/secret_file.h"
#include "core/tls/secret_store.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace gatescope::pipeline {

/// A key log that may still grow. Reads whole lines as they come; a last line without an end is read too, and again
/// once it has one. A file that was replaced or cut is read from its start. A pipe is read once.
class KeyLogFile {
public:
    KeyLogFile(std::string path, tls::SecretStore& store) : m_path(std::move(path)), m_store(store) {}

    const std::string& path() const { return m_path; }
    /// Everything from the start. CannotOpen; UnknownFormat: it has lines, and none is one of a key log; Usage: it is
    /// too long.
    std::expected<tls::KeyLogCount, Error> readAll();
    /// What was appended since. A file that cannot be read just now gives nothing.
    tls::KeyLogCount readNew();

private:
    static constexpr std::size_t kReadBytes = 256U << 10;
    static constexpr std::size_t kLongestLine = 64U << 10; ///< held until its end comes; what is longer is damaged
    static constexpr std::size_t kAnchorBytes = 256;       ///< more than a line

    std::expected<tls::KeyLogCount, Error> readFrom(const SecretFile& file, std::uint64_t offset);
    /// Adds the whole lines of `text` and takes them off it.
    tls::KeyLogCount takeLines(SecretText& text);
    /// The last line, whose end has not been written: if it is no good, perhaps it will be.
    tls::KeyLogCount takeRest(const SecretText& text, bool isKeyLog);
    bool continues(const SecretFile& file) const;

    std::string m_path;
    tls::SecretStore& m_store;
    FileState m_state;
    std::uint64_t m_offset = 0; ///< behind the last whole line
    SecretText m_anchor;        ///< the octets before it: others when the file was written anew
    bool m_inLongLine = false;
};

} // namespace gatescope::pipeline
