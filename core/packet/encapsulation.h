// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatescope::packet {

/// What a packet can travel in beside its link layer.
enum class Encapsulation : std::uint8_t {
    None,
    // Decoded.
    Vxlan,
    VxlanGpe,
    Geneve,
    Gre,
    GreInUdp,
    Erspan,
    Ipv4InIp,
    Ipv6InIp,
    GtpU,
    Teredo,
    L2tp,
    PppInGre,
    Pppoe,
    Mpls,
    MplsInIp,
    EthernetInIp,
    ProviderBackbone,
    ServiceHeader,
    // Encrypted.
    Esp,
    Macsec,
    PppEncryption,
    // Known by name only.
    L2tpV3,
    PppMultilink,
    PppCompression
};
inline constexpr std::size_t kEncapsulations = static_cast<std::size_t>(Encapsulation::PppCompression) + 1;

constexpr bool isEncrypted(Encapsulation kind) {
    return kind >= Encapsulation::Esp && kind <= Encapsulation::PppEncryption;
}
constexpr bool isNotDecoded(Encapsulation kind) {
    return kind >= Encapsulation::L2tpV3;
}
constexpr bool isTunnel(Encapsulation kind) {
    return kind > Encapsulation::None && kind < Encapsulation::Esp;
}

/// For people: "VXLAN", "ERSPAN", ...
std::string_view toString(Encapsulation kind);

} // namespace gatescope::packet
