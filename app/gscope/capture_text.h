// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/live/capture_session.h"

#include <string>

namespace gatescope::cli {

/// `1234 packets, 5.6 MB, none dropped`; losses by who lost them.
std::string countsText(const live::CaptureCounts& counts);
/// The last word on a capture: counts, and the files that it left.
std::string endText(const live::CaptureStatus& status, const std::string& path);

} // namespace gatescope::cli
