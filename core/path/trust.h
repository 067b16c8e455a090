// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/base/finding.h"
#include "core/base/ip_address.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::path {

/// Whom the user believes. Nothing is trusted on its own, not even private ranges or CGNAT.
struct Subnet {
    std::string cidr; ///< as written
    Cidr range;
    std::string name; ///< for people: `agents`, `private endpoints`; may be empty
    std::string
        role; ///< `agent-subnet`, `private-endpoint`, `gateway`, `firewall`, `backend`, `customer`; may be empty
    bool trusted = false; ///< hops in it tell the truth about who called them
    std::string where;    ///< virtual network or site it belongs to; may be empty
};

struct Trust {
    std::vector<Subnet> subnets;
    std::optional<std::string> frontDoorId; ///< X-Azure-FDID that requests must carry
    /// Fixed count of trusted hops instead of networks (Envoy's xff_num_trusted_hops); `useRemoteAddress` as there.
    std::optional<unsigned> trustedHops;
    bool useRemoteAddress = true;

    bool trusts(const IpAddress& address) const;
    /// The smallest subnet that holds it.
    const Subnet* subnetOf(const IpAddress& address) const;
};

/// `10.0.9.0/24` or a single address. Error: Usage, says what is wrong.
std::expected<Subnet, Error> parseTrusted(std::string_view text);

/// A topology file: JSON, see resources/samples/topology.json. Errors: UnknownFormat with the line, Usage for a bad
/// range with its place in the file.
std::expected<Trust, Error> readTopology(std::string_view text);
/// The same as text, for the editor of the desktop.
std::string writeTopology(const Trust& trust);

/// What is wrong with the subnets themselves: overlap with ranges that Foundry agents, Container Apps or Azure reserve
/// (`path.reserved-overlap`), with each other, agent subnets outside RFC 1918 or too small.
std::vector<Finding> checkTopology(const Trust& trust);

} // namespace gatescope::path
