// SPDX-License-Identifier: Apache-2.0
#include "core/path/trust.h"

#include "core/path/address_class.h"
#include "core/path/network_range.h"
#include "core/path/text_scan.h"

#include <algorithm>
#include <fmt/format.h>

namespace gatescope::path {

bool Trust::trusts(const IpAddress& address) const {
    const IpAddress plain = unwrapped(address);
    return std::ranges::any_of(subnets,
                               [&](const Subnet& subnet) { return subnet.trusted && subnet.range.contains(plain); });
}

const Subnet* Trust::subnetOf(const IpAddress& address) const {
    const IpAddress plain = unwrapped(address);
    const Subnet* smallest = nullptr;
    unsigned longest = 0;
    for (const Subnet& subnet : subnets) {
        if (!subnet.range.contains(plain)) continue;
        const auto range = NetworkRange::parse(subnet.cidr);
        const unsigned bits = range ? range->prefixBits() : 0;
        // Of equal ranges the one that says more: --trusted may repeat a subnet of the topology.
        const bool better = smallest == nullptr || bits > longest ||
                            (bits == longest && smallest->name.empty() && !subnet.name.empty());
        if (!better) continue;
        smallest = &subnet;
        longest = bits;
    }
    return smallest;
}

std::expected<Subnet, Error> parseTrusted(std::string_view text) {
    const std::string_view plain = trimmed(text);
    const auto range = Cidr::parse(plain);
    if (!range)
        return std::unexpected(
            Error{ErrorKind::Usage,
                  fmt::format("'{}' is no network; expected an address or a range such as 10.0.9.0/24", text)});
    Subnet subnet;
    subnet.cidr = plain;
    subnet.range = *range;
    subnet.trusted = true;
    return subnet;
}

} // namespace gatescope::path
