// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/packet/layer.h"

#include <cstdint>
#include <string>

namespace gatescope::packet {

/// Takes off the link layer of any link type but Ethernet, whose frames come back as `kEtherTransparent`:
/// Linux cooked v1 and v2, raw IP, BSD null, loop, enc and pflog, PPP in its forms, PPPoE, Cisco HDLC, NFLOG, PKTAP,
/// MPLS, LLC over ATM, IP over IEEE 1394, Hilscher netANALYZER. Outcome::UnknownLink when the type is not decoded.
/// Source: https://www.tcpdump.org/linktypes.html and the page of each type.
Unwrapped readLinkLayer(std::uint16_t linkType, Layer packet);

/// `105 (IEEE 802.11)`; the number alone when it has no name that is known here.
std::string describeLinkType(std::uint16_t linkType);

} // namespace gatescope::packet
