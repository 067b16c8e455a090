// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/packet/layer.h"

#include <cstdint>
#include <span>

/// Tunnels over UDP. A port alone makes no tunnel: the header must be one that its specification allows, else the
/// datagram is Outcome::OtherTraffic.
namespace gatescope::packet {

struct UdpPorts {
    std::uint16_t source = 0;
    std::uint16_t destination = 0;
};

/// Whether datagrams between these ports are looked into; `vxlanPorts` are destinations beside 4789 and 8472.
bool mayBeTunnel(UdpPorts ports, std::span<const std::uint16_t> vxlanPorts);

/// VXLAN (RFC 7348, also with group policy), VXLAN-GPE, Geneve (RFC 8926), GTP-U (TS 29.281), GRE in UDP (RFC 8086),
/// Teredo (RFC 4380), L2TP version 2 (RFC 2661), ESP in UDP (RFC 3948).
/// `payload` begins after the UDP header.
Unwrapped readUdpTunnel(UdpPorts ports, Layer payload, std::span<const std::uint16_t> vxlanPorts);

} // namespace gatescope::packet
