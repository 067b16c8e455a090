// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/capture_file.h"
#include "core/capture/capture_findings.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gatescope::capture {

/// What a parser learns besides packets.
struct CaptureNotes {
    SourceInfo info;
    FindingCounter findings;
};

/// Steps through the records of one file format. Does no I/O. One call per window of about a MiB, so that nothing
/// virtual is called per packet.
class RecordParser {
public:
    struct Step {
        std::size_t consumed = 0; ///< octets of whole records at the start of the window
        std::size_t wanted = 0;   ///< octets that must stand behind them before the next call can do more
        std::string damage;       ///< not empty: what is wrong with the record behind them, and where
    };

    RecordParser() = default;
    RecordParser(const RecordParser&) = delete;
    RecordParser& operator=(const RecordParser&) = delete;
    virtual ~RecordParser() = default;

    /// Appends the packets of all whole records in `window`, which starts at `offset` of the (unwrapped) capture.
    /// Packets point into the window.
    virtual Step parse(Bytes window, std::uint64_t offset, std::vector<Packet>& packets) = 0;

    /// Nothing more follows: what can only be told of the whole goes to the notes. Called once.
    virtual void finish() {}
};

} // namespace gatescope::capture
