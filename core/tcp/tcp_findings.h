// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"

namespace gatescope::tcp {

inline constexpr FindingKind kGap{
    "tcp.gap", Severity::Medium, "Part of a connection was never captured",
    "The receiver acknowledged octets that are not in the capture. Exchanges that they belong to are marked "
    "incomplete.",
    "Capture closer to the traffic, with a larger buffer (tcpdump -B), or filter to the gateway's port."};
inline constexpr FindingKind kConflictingOverlap{"tcp.conflicting-overlap", Severity::High,
                                                 "A retransmission carried other octets than the first copy",
                                                 "Two copies of the same range differ; the first one is used. A broken "
                                                 "middlebox does this, or somebody who wants to "
                                                 "be seen differently by an inspector than by the server.",
                                                 ""};
inline constexpr FindingKind kReassemblyLimit{
    "tcp.reassembly-limit", Severity::Medium, "Too much data waited for a lost segment",
    "The limit for octets held back was reached, so the missing ones were given up as lost.", ""};
inline constexpr FindingKind kCopies{
    "tcp.duplicate-packets", Severity::Info, "Packets were captured twice",
    "The capture has more than one copy of the same packets: it was taken on two interfaces, on both sides of a bridge "
    "or in several places. Each counts once.",
    "To keep files small, capture on one interface, or drop the copies with editcap -d."};
inline constexpr FindingKind kTooManyConnections{
    "tcp.too-many-connections", Severity::Medium, "More connections at a time than the limit",
    "The connections that were idle longest were ended early; an exchange that was under way on them is incomplete.",
    ""};

} // namespace gatescope::tcp
