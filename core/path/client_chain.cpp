// SPDX-License-Identifier: Apache-2.0
#include "core/path/client_chain.h"

#include "core/path/hop_building.h"

namespace gatescope::path {

namespace {

std::vector<HopNode> listedHops(const ForwardedFor& list, const Forwarded& forwarded) {
    if (!list.entries.empty()) return list.entries;
    std::vector<HopNode> nodes;
    for (const ForwardedElement& element : forwarded.elements)
        if (!element.forText.empty()) nodes.push_back(element.forNode());
    return nodes;
}

std::optional<Endpoint> endpointIn(std::string_view value) {
    const HopNode node = readHopNode(value);
    return node.address ? std::optional(Endpoint{*node.address, node.port}) : std::nullopt;
}

} // namespace

ClientChain::ClientChain(const ClientClaims& claims, const Trust& trust)
    : list(readForwardedFor(claims.forwardedFor)), forwarded(readForwarded(claims.forwarded)),
      listSource(list.entries.empty() && !forwarded.elements.empty() ? "forwarded" : "x-forwarded-for"),
      statedPeer(endpointIn(claims.clientIp)) {
    const std::vector<HopNode> listed = listedHops(list, forwarded);
    const bool byClientIp = statedPeer.has_value();
    if (!statedPeer) statedPeer = endpointIn(claims.socketIp);
    std::vector<HopNode> peers;
    const auto add = [&](const std::optional<Endpoint>& peer) {
        if (!peer) return;
        std::string& text = m_peerTexts[peers.size()];
        text = peer->port == 0 ? peer->address.toString() : peer->toString();
        peers.push_back(peerNode(*peer, text));
    };
    if (byClientIp || listed.empty()) add(statedPeer);
    add(claims.logPeer);
    add(claims.packetClient);
    chain = evaluateHops(listed, peers, trust);
}

EffectiveClient effectiveClient(const ClientClaims& claims, const Trust& trust) {
    const ClientChain chain(claims, trust);
    return clientOf(chain.chain);
}

EffectiveClient clientOf(const HopChain& chain) {
    EffectiveClient result;
    if (!chain.client) return result;
    const HopNode& node = chain.items[*chain.client].node;
    result.address = node.address;
    result.text = node.address ? node.address->toString() : std::string(node.text.substr(0, kMaxEvidence));
    if (const auto* verifier = chain.verifier()) result.verifiedBy = verifier->node.address;
    return result;
}

std::optional<Endpoint> statedPeer(const http::HeaderList& request) {
    for (const char* name : {"client-ip", "x-azure-socketip"})
        if (const auto value = request.find(name))
            if (const auto peer = endpointIn(*value)) return peer;
    return std::nullopt;
}

} // namespace gatescope::path
