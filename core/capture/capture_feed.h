// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/base/finding.h"
#include "core/capture/byte_source.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace gatescope::capture {

/// One capture of a feed.
struct FedCapture {
    std::string path;                  ///< to open again for details; empty: it cannot be
    std::string name;                  ///< as shown: a file's name, `tcp://127.0.0.1:57012`, `-`
    std::unique_ptr<ByteSource> bytes; ///< ends when the capture is complete; idle while nothing comes
};

/// Captures that are read while they are written, one after the other: the files of a ring, one growing file, a stream.
/// One thread reads; whoever writes lives in others.
class CaptureFeed {
public:
    /// How long a source waits before it says that it is idle. Rows must be on screen within 200 ms of their packets.
    static constexpr std::chrono::milliseconds kPatience{50};

    virtual ~CaptureFeed() = default;

    /// Waits for the next capture. Nothing: no more will come, or `stop` was requested. CannotOpen: it was there and
    /// cannot be read; the one behind it may be.
    virtual std::expected<std::optional<FedCapture>, Error> next(const std::stop_token& stop) = 0;
    /// What went wrong or was passed over since the last call: files that were overwritten before they were read.
    virtual std::vector<Finding> takeFindings() { return {}; }
    /// Octets that are written and not yet read; 0 where nobody can know.
    virtual std::uint64_t behindBytes() const { return 0; }
};

} // namespace gatescope::capture
