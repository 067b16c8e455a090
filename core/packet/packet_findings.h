// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"

namespace gatescope::packet {

inline constexpr FindingKind kUnknownLinkType{
    "packet.unknown-link-type", Severity::High, "Packets of a link type that is not decoded",
    "These packets were skipped, so calls that they carried are missing from every number here.",
    "Capture on an Ethernet, loopback or `any` interface, or convert the file to one of those link types."};
inline constexpr FindingKind kTruncatedHeaders{
    "packet.truncated-headers", Severity::Medium, "Packets captured too short to hold their headers",
    "The capture was taken with a snap length that cuts inside the IP or TCP header; those packets were skipped.",
    "Capture with the full length (tcpdump -s 0)."};
inline constexpr FindingKind kMalformedHeaders{
    "packet.malformed-headers", Severity::Low, "Packets whose headers contradict themselves",
    "An IP or TCP header has an impossible length; those packets were skipped.", ""};
inline constexpr FindingKind kNoTcp{"packet.no-tcp", Severity::Medium, "No TCP in this capture",
                                    "Packets were read, but none of them carries TCP in a form that is decoded. Calls "
                                    "inside tunnels, PPPoE or QUIC are "
                                    "not seen.",
                                    "Check the capture's filter and interface."};
inline constexpr FindingKind kLostFragments{
    "packet.lost-fragments", Severity::Medium, "IP datagrams that lack a fragment",
    "Some pieces of fragmented datagrams were never captured; the segments inside them count as lost.", ""};

} // namespace gatescope::packet
