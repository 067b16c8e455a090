// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/packet/layer.h"

/// Headers between the link layer and IP. Each takes a packet from the first octet of its header on.
namespace gatescope::packet {

/// Labels of one stack. RFC 3032 has no limit; networks use up to about ten.
inline constexpr unsigned kMaxMplsLabels = 16;

/// RFC 1661, 1662: address and control may be there, the protocol may be one octet.
Unwrapped readPpp(Layer packet);
/// RFC 2516: one session packet.
Unwrapped readPppoe(Layer packet);
/// RFC 3032: the label stack. What follows is known by its first four bits (RFC 4928): IPv4, IPv6, or a pseudowire with
/// a control word (RFC 4385), or an Ethernet pseudowire without one (RFC 4448) if it looks like that.
Unwrapped readMpls(Layer packet, Encapsulation kind = Encapsulation::Mpls);
/// IEEE 802.1ah: the I-TAG, whose customer addresses and type are an Ethernet frame.
Unwrapped readProviderBackbone(Layer packet);
/// RFC 8300: base header with its length in words and the next protocol.
Unwrapped readServiceHeader(Layer packet);

} // namespace gatescope::packet
