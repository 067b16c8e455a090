// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/byte_source.h"
#include "core/capture/capture_file.h"

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace gatescope::capture {

/// An input that was opened and looked at: a capture, or octets that may be a log.
struct InputFile {
    std::unique_ptr<PacketSource> capture; ///< null: it is none, and the members below hold
    std::unique_ptr<ByteSource> bytes;     ///< out of its wrapper, behind `head`
    std::vector<std::uint8_t> head;        ///< the beginning
    bool whole = false;                    ///< `head` is all there is
    std::string wrapper;                   ///< `gzip`, `zstd`, `lz4`; empty: none
    Error notCapture;                      ///< what `openCapture` says of it
};

/// Like `openCapture`, but what is no capture comes back as octets, of which up to `headBytes` were read to be looked
/// at. A pipe is waited for until it has sent so many or ends.
std::expected<InputFile, Error> openInput(const std::string& path, std::size_t headBytes, ReaderLimits limits = {},
                                          std::stop_token stop = {});

} // namespace gatescope::capture
