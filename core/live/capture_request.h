// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gatescope::live {

/// What to capture.
struct CaptureRequest {
    static constexpr std::size_t kMaxInterfaces = 16;
    static constexpr std::uint32_t kFullPackets = 262'144;

    std::vector<std::string> interfaces;     ///< names; `any` is all of them, with copies of one packet counted once
    std::string filter{};                    ///< BPF, as libpcap writes it; empty: everything
    std::uint32_t snapLength = kFullPackets; ///< octets kept of a packet
    bool headersOnly = false;                ///< bodies are cut off before anything is written
    bool promiscuous = false;
    std::uint32_t bufferBytes = 16U << 20; ///< of the kernel, for each interface
    std::string playedFile{};              ///< for tests: a capture is played instead, and `interfaces` is empty
    bool playInTime = false;               ///< with the pauses between its packets; else as fast as it goes
};

/// Into which files. All limits: 0 is none.
struct RingOptions {
    /// The first file is named so when nothing rotates; else `NAME_00001_20261122T215411.pcapng` and so on. Empty: a
    /// folder of this session's own, which goes with it.
    std::string path{};
    std::uint64_t fileBytes = 64U << 20;
    TimeNs fileTime = 0;
    std::uint64_t filePackets = 0;
    std::uint32_t files = 0; ///< as many are kept, the oldest is removed

    /// Of a session that nobody told where to write.
    static constexpr std::uint32_t kOwnFiles = 16;
};

/// When to stop by itself. 0: never.
struct StopConditions {
    TimeNs time = 0;
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0; ///< of the files
    std::uint32_t files = 0;
};

} // namespace gatescope::live
