// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

namespace gatescope::capture {

/// When a capture begins and ends.
struct CaptureSpan {
    TimeNs first = kNoTime;
    std::optional<TimeNs> last; ///< absent: not known without reading all of it
};

/// Octets read at most at each end of a file.
inline constexpr std::size_t kSpanBytes = 256 * 1024;

/// Looks at both ends of a capture that is a regular file. The end is known of whole files that are not compressed; it
/// is the time of the last packet, not the latest one. Nothing: no file, no capture, or no packet with a time in it.
std::optional<CaptureSpan> spanOf(const std::string& path, const std::stop_token& stop = {});

} // namespace gatescope::capture
