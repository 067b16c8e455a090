// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/ip_address.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gatescope::path {

/// What an address is by its range alone. Source: resources/special-address-ranges.json (RFC 6598, 1918, 6890, 4193,
/// Azure documents named there).
enum class AddressKind : std::uint8_t {
    Public,
    Cgnat,   ///< 100.64.0.0/10
    Private, ///< RFC 1918, unique local
    LinkLocal,
    AzurePlatform, ///< 168.63.129.16, 169.254.169.254
    Loopback,
    Documentation,
    Reserved ///< never a real source: this network, multicast, benchmarking, ...
};
/// `public`, `cgnat`, `private`, `link-local`, `azure-platform`, `loopback`, `documentation`, `reserved`.
std::string_view toString(AddressKind kind);

/// A range of resources/special-address-ranges.json, compiled in.
struct SpecialRange {
    std::string_view cidr;
    std::string_view name;    ///< `Foundry agent platform reserved`
    std::string_view role;    ///< `agent-container`, `aca-ingress`, `customer-vnet`, ...
    std::string_view trust;   ///< may it be suggested as a trusted proxy: `suggest`, `ask`, `no`
    std::string_view meaning; ///< one or two sentences
};

/// Classified address. IPv4-mapped and NAT64 addresses are unwrapped first.
struct AddressClass {
    AddressKind kind = AddressKind::Public;
    /// Ranges that hold the address, longest prefix first; empty for ordinary public space.
    std::vector<const SpecialRange*> ranges;
};
AddressClass classify(const IpAddress& address);
/// The address itself, or the IPv4 address inside a NAT64 one (64:ff9b::/96); mapped ones are IPv4 already.
IpAddress unwrapped(const IpAddress& address);

const std::vector<SpecialRange>& specialRanges();

} // namespace gatescope::path
