// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/path/request_facts.h"

#include <string>
#include <string_view>
#include <vector>

namespace gatescope::path {

/// Evidence of at most `kMaxEvidence` octets: header values come from the network.
inline constexpr std::size_t kMaxEvidence = 200;
Evidence evidence(std::string_view source, std::string_view value, bool against = false);

/// Fills in what follows from the address alone: class, subnet, trust.
void placeAddress(Hop& hop, const IpAddress& address, std::uint16_t port, const Trust& trust);

/// Role and lane by the part that the topology gives the hop's subnet. False: it gives none.
bool placeByTopology(Hop& hop, const Trust& trust);

/// The hops of the chain, the furthest first, with the container apps between them: from the origin to whatever
/// connected to the front end or gateway. `behindFrontEnd` gets the number of hops at the end that come after the front
/// end: packets that were captured behind it.
struct ClientSide {
    std::vector<Hop> hops;
    std::size_t behindFrontEnd = 0;
    bool isWitnessed = false; ///< the last hop is seen in packets, or the receiver said that it connected
};
ClientSide clientSide(const RequestFacts& facts);

/// Front end, gateway, backend and model, appended to `path`.
void addServerSide(const RequestFacts& facts, ClientSide&& client, SourcePath& path);

} // namespace gatescope::path
