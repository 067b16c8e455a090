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
    "The capture was taken with a snap length that cuts inside the headers up to TCP, those of tunnels included; those "
    "packets were skipped.",
    "Capture with the full length (tcpdump -s 0)."};
inline constexpr FindingKind kMalformedHeaders{
    "packet.malformed-headers", Severity::Low, "Packets whose headers contradict themselves",
    "A header of the link layer, of a tunnel, of IP or of TCP has an impossible length; those packets were skipped.",
    ""};
inline constexpr FindingKind kTooManyTunnels{
    "packet.too-many-tunnels", Severity::Medium, "Packets inside more tunnels than are taken off",
    "These packets have tunnels inside tunnels beyond the limit of eight; they were skipped. No network does that on "
    "purpose: a loop that wraps its own packets again and again does.",
    "Look at the first of these packets; a mirror session that mirrors its own output is the usual cause."};
inline constexpr FindingKind kLostFragments{
    "packet.lost-fragments", Severity::Medium, "IP datagrams that lack a fragment",
    "Some pieces of fragmented datagrams were never captured; the segments inside them count as lost.", ""};
inline constexpr FindingKind kUnsupportedEncapsulation{
    "packet.unsupported-encapsulation", Severity::Medium, "Packets in an encapsulation that is not decoded",
    "What travels inside these packets was not looked at, so calls that they carried are missing here.",
    "Capture where the traffic is outside that encapsulation, such as on the gateway itself."};
inline constexpr FindingKind kEncryptedIp{
    "packet.encrypted-ip", Severity::Low, "Packets encrypted below TCP",
    "IPsec, MACsec or an encrypted PPP link hides what these packets carry; calls inside them are missing here.",
    "Capture on a machine or interface that sees the traffic before it is encrypted or after it is decrypted."};
inline constexpr FindingKind kQuicNotDecoded{
    "packet.quic-not-decoded", Severity::Info, "QUIC traffic: HTTP/3 is not decoded",
    "These UDP packets look like QUIC, over which HTTP/3 runs. Only the hellos of their connections are read (server "
    "name, version, protocols, JA4); their content is not decoded, so calls made that way are missing here.",
    "To see them, let the client or the gateway use HTTP/2 or HTTP/1.1, for instance by blocking UDP port 443."};
inline constexpr FindingKind kTunnels{
    "packet.tunnels", Severity::Info, "Packets that travelled in tunnels",
    "The outer headers were taken off; addresses and ports shown are those of the innermost packet. A packet inside "
    "several kinds counts for each.",
    ""};
inline constexpr FindingKind kNoTcp{
    "packet.no-tcp", Severity::Medium, "No TCP in this capture",
    "Packets were read, but none of them carries TCP that can be seen. Calls over QUIC (HTTP/3), inside IPsec or in a "
    "tunnel on an unusual port are not seen.",
    "Check the capture's filter and interface. If VXLAN uses a port of your own, name it with --vxlan-port."};

} // namespace gatescope::packet
