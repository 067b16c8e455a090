// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"

namespace gatescope::live {

inline constexpr FindingKind kKernelDropped{
    "live.kernel-dropped", Severity::High, "The kernel dropped packets",
    "Its buffer was full because the capture helper did not take packets out fast enough. Calls are missing, and gaps "
    "in "
    "others are gaps of the capture, not of the network.",
    "Give a larger buffer (--buffer), a capture filter (-f), a snap length (-s) or --headers-only; write to a faster "
    "disk."};
inline constexpr FindingKind kInterfaceDropped{
    "live.interface-dropped", Severity::High, "The network device dropped packets",
    "The device or its driver had no room for them. No program on this machine got them, so what it served may have "
    "suffered too.",
    "Look at `ip -s link` and `ethtool -S`; give the device more buffers with `ethtool -G`."};
inline constexpr FindingKind kOwnDropped{
    "live.own-dropped", Severity::High, "Captured packets could not be written",
    "The disk took no more. Everything that was written before is whole; these packets are lost.",
    "Make room, let the ring keep fewer files (-b files:N), or write to another disk."};
inline constexpr FindingKind kEndedEarly{"live.ended-early", Severity::High, "The capture ended before it was asked to",
                                         "Calls that were under way look unfinished, and what came later was not seen. "
                                         "All that was written before is whole.",
                                         "The evidence has the reason; start again when it is gone."};
inline constexpr FindingKind kRingOvertookReading{
    "live.ring-overtook-reading", Severity::High, "Files of the ring were removed before they were read",
    "The limit of the disk goes before everything. What these files held is missing from all numbers, and connections "
    "that reached into them look broken.",
    "Keep more or larger files (-b files:N, -b size:N), or capture less with a filter."};

} // namespace gatescope::live
