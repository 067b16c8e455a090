// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"

namespace gatescope::analysis {

inline constexpr FindingKind kCallWithoutPackets{
    "join.no-packets", Severity::Info, "The log tells of a call that no packets show",
    "Nothing ties this record to an exchange or connection of the captures: it passed elsewhere, before or after the "
    "capture, or the log does not say enough.",
    "Capture where the gateway takes its calls, and log the client's address with its port."};

inline constexpr FindingKind kCallWithoutLog{
    "join.no-log", Severity::Info, "No log explains this call or connection",
    "The captures show it, and no record of the logs fits: the gateway did not log it, its log is of another time, or "
    "the call never reached the gateway.",
    "Compare the time spans of log and capture, and the sampling of the log."};

inline constexpr FindingKind kClocksDiffer{
    "join.clocks-differ", Severity::Low, "The clocks of log and capture differ",
    "Times of the log are not those of the capture. Records are tied by ids first, and the difference is allowed for.",
    "Compare the clocks of gateway and capturing host."};

} // namespace gatescope::analysis
