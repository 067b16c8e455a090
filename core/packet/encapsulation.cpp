// SPDX-License-Identifier: Apache-2.0
#include "core/packet/encapsulation.h"

#include <array>

namespace gatescope::packet {

std::string_view toString(Encapsulation kind) {
    static constexpr std::array<std::string_view, kEncapsulations> kNames{
        "no encapsulation", "VXLAN",          "VXLAN-GPE",    "Geneve",        "GRE",
        "GRE in UDP",       "ERSPAN",         "IPv4 in IP",   "IPv6 in IP",    "GTP-U",
        "Teredo",           "L2TP",           "PPP in GRE",   "PPPoE",         "MPLS",
        "MPLS in IP",       "Ethernet in IP", "IEEE 802.1ah", "NSH",           "IPsec ESP",
        "MACsec",           "PPP encryption", "L2TPv3",       "multilink PPP", "compressed PPP",
    };
    return kNames[static_cast<std::size_t>(kind)];
}

} // namespace gatescope::packet
