// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/base/finding.h"
#include "core/capture/capture_feed.h"
#include "core/live/capture_request.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::live {

/// What happened to packets so far; told by the helper each second, and at the end.
struct CaptureCounts {
    std::uint64_t packets = 0;          ///< written
    std::uint64_t bytes = 0;            ///< of files
    std::uint64_t kernelDropped = 0;    ///< the helper was too slow, or the kernel's buffer too small
    std::uint64_t interfaceDropped = 0; ///< by the device or its driver
    std::uint64_t ownDropped = 0;       ///< the helper had to: the disk was full or too slow
    std::uint64_t copies = 0;           ///< second sights of a packet on `any`, not written
    std::uint64_t trimmedBytes = 0;     ///< bodies left out by `headersOnly`

    std::uint64_t dropped() const { return kernelDropped + interfaceDropped + ownDropped; }
};

struct InterfaceCounts {
    std::string name;
    std::uint64_t packets = 0;
    std::uint64_t kernelDropped = 0;
    std::uint64_t interfaceDropped = 0;
    bool isGone = false; ///< the capture goes on with the others
};

enum class CaptureState : std::uint8_t { Starting, Running, Stopping, Ended };

struct CaptureStatus {
    CaptureState state = CaptureState::Starting;
    CaptureCounts counts;
    std::vector<InterfaceCounts> interfaces;
    std::vector<std::string> files; ///< that are there now, oldest first
    std::uint64_t filesRemoved = 0; ///< by the ring
    std::uint64_t diskBytes = 0;    ///< of `files`
    std::uint64_t behindBytes = 0;  ///< written and not yet read by the engine
    int helperProcess = 0;          ///< 0: not running
    /// Why it ended: nothing when it was asked to, or a stop condition was reached. Everything flushed before is kept.
    std::optional<Error> error;
    std::string endedBecause; ///< `stopped`, `60 s are over`, `the interface eth0 is gone`, ...; empty while it runs
};

/// Where the helper is: beside this program, else where it is installed. CannotOpen: nowhere; says where it looked.
std::expected<std::string, Error> helperPath();

/// A capture by `gatescope-capture`: starts it, opens the files of the ring and passes their descriptors, hears what it
/// tells, and feeds what was written to the engine. This process never opens a device. Any thread.
class CaptureSession {
public:
    /// Returns when packets are being captured, or with the reason why not, within 10 s. CannotOpen: no such
    /// interface, no rights (the message then ends with the one command that gives them to the helper and to nothing
    /// else), no place to write. Usage: the filter, with its column.
    /// `changed` is called from a thread of the session: the status is another one, at most every 100 ms.
    static std::expected<std::unique_ptr<CaptureSession>, Error>
    start(CaptureRequest request, RingOptions ring, StopConditions stop = {}, std::function<void()> changed = {});
    /// Stops as `stop` does and waits; removes files of its own.
    virtual ~CaptureSession() = default;

    /// Asks the helper to end. What it has captured is written, and then the feed ends. Returns at once.
    virtual void stop() = 0;
    /// Waits until the helper is gone and every file is complete.
    virtual void waitUntilEnded() = 0;
    virtual CaptureStatus status() const = 0;
    /// To be read by one engine; ends with the capture. Lives no longer than the session.
    virtual capture::CaptureFeed& feed() = 0;
};

} // namespace gatescope::live
