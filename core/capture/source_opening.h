// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/byte_source.h"
#include "core/capture/capture_file.h"

namespace gatescope::capture {

/// openCapture over bytes from anywhere: memory in tests and fuzzers, later a live interface.
std::expected<std::unique_ptr<PacketSource>, Error> openCaptureFrom(std::unique_ptr<ByteSource> source,
                                                                    const ReaderLimits& limits = {});

} // namespace gatescope::capture
