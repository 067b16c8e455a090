// SPDX-License-Identifier: Apache-2.0
#include "core/path/trusted_hops.h"

#include "core/path/address_class.h"

namespace gatescope::path {

namespace {

bool isTrusted(const HopNode& node, const Trust& trust) {
    return node.address && trust.trusts(*node.address);
}

/// The peer is not counted: it is the last item, whether the list had it already (a front end wrote it there) or not.
std::optional<std::size_t> byCount(const HopChain& chain, bool hasPeer, unsigned hops, bool useRemoteAddress) {
    const std::size_t received = chain.items.size() - (hasPeer ? 1 : 0);
    const std::size_t fromRight = useRemoteAddress ? hops : std::size_t{hops} + 1;
    if (fromRight != 0 && fromRight <= received) return received - fromRight;
    return hasPeer ? std::optional(received) : std::nullopt;
}

std::size_t byNetworks(const HopChain& chain) {
    std::size_t at = chain.items.size() - 1;
    while (at != 0 && chain.items[at].trusted) --at;
    return at;
}

} // namespace

HopNode peerNode(const Endpoint& peer, std::string_view text) {
    return {HopNode::Kind::Address, unwrapped(peer.address), peer.port, text};
}

HopChain evaluateHops(const std::vector<HopNode>& list, const std::vector<HopNode>& peers, const Trust& trust) {
    HopChain chain;
    for (const HopNode& node : list) chain.items.push_back({node, true, isTrusted(node, trust)});
    for (const HopNode& peer : peers) {
        if (!chain.items.empty() && chain.items.back().node.address == peer.address) continue;
        chain.items.push_back({peer, false, isTrusted(peer, trust)});
    }
    if (trust.trustedHops)
        chain.client = byCount(chain, !peers.empty(), *trust.trustedHops, trust.useRemoteAddress);
    else if (!chain.items.empty())
        chain.client = byNetworks(chain);
    return chain;
}

} // namespace gatescope::path
