// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/base/error.h"

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace gatescope::capture {

/// Bytes one after the other, from a file, a pipe, memory, or out of a compressed wrapper. One thread.
class ByteSource {
public:
    ByteSource() = default;
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;
    virtual ~ByteSource() = default;

    /// Up to `count` (not 0) bytes; may be fewer, so that a slow pipe is not waited for. 0: the end, or trouble, see
    /// error(). Both stay.
    virtual std::size_t read(std::uint8_t* to, std::size_t count) = 0;
    virtual const std::optional<Error>& error() const = 0;
    /// The last read gave 0 only because nothing came in time; another may give more. Sources that still grow say so,
    /// so that their reader can look at the clock in between.
    virtual bool idle() const { return false; }

    /// Bytes of the file itself taken so far (compressed ones if it is compressed) and its size, 0 if not known.
    virtual std::uint64_t bytesTaken() const = 0;
    virtual std::uint64_t totalBytes() const = 0;
};

/// Plain file, pipe or device. `-` is standard input, which is not closed. Error: CannotOpen. A read that waits for a
/// pipe ends within 50 ms of a stop, with an error of kind Stopped.
std::expected<std::unique_ptr<ByteSource>, Error> openFile(const std::string& path, std::stop_token stop = {});

/// Bytes in memory that outlive the source; at most `mostAtOnce` of them in one read (0: no such limit).
std::unique_ptr<ByteSource> openMemory(Bytes bytes, std::size_t mostAtOnce = 0);

} // namespace gatescope::capture
