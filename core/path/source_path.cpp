// SPDX-License-Identifier: Apache-2.0
#include "core/path/source_path.h"

#include "core/http/message.h"
#include "core/path/hop_building.h"
#include "core/path/request_checks.h"
#include "core/path/text_scan.h"

#include <algorithm>

namespace gatescope::path {

namespace {

EffectiveClient clientOf(const HopChain& chain) {
    EffectiveClient result;
    if (!chain.client) return result;
    const HopNode& node = chain.items[*chain.client].node;
    result.address = node.address;
    result.text = node.address ? node.address->toString() : std::string(node.text.substr(0, kMaxEvidence));
    if (const auto* verifier = chain.verifier()) result.verifiedBy = verifier->node.address;
    return result;
}

/// The drawing goes from left to right only. What stands nearer to the gateway is known better, so the others give way.
void keepLanesInOrder(std::vector<Hop>& hops) {
    for (std::size_t i = hops.size(); i-- > 1;) hops[i - 1].lane = std::min(hops[i - 1].lane, hops[i].lane);
}

/// The first evidence of a hop from the list is its entry there.
std::vector<std::size_t> listedHops(const std::vector<Hop>& hops, std::string_view listSource) {
    std::vector<std::size_t> listed;
    for (std::size_t i = 0; i < hops.size(); ++i)
        if (!hops[i].evidence.empty() && hops[i].evidence.front().source == listSource) listed.push_back(i);
    return listed;
}

} // namespace

SourcePath readPath(const PathInput& input, const Trust& trust) {
    const RequestFacts facts(input, trust);
    SourcePath path;
    addServerSide(facts, clientSide(facts), path);
    keepLanesInOrder(path.hops);
    path.clientHops = listedHops(path.hops, facts.listSource);
    EffectiveClient client = clientOf(facts.chain);
    path.effectiveClient = client.address;
    path.effectiveClientText = std::move(client.text);
    path.verifiedBy = client.verifiedBy;
    path.findings = checkRequest(facts);
    return path;
}

EffectiveClient effectiveClient(std::string_view forwardedFor, const std::optional<Endpoint>& peer,
                                const Trust& trust) {
    const ForwardedFor list = readForwardedFor(forwardedFor);
    std::vector<HopNode> peers;
    std::string text;
    if (peer) {
        text = peer->toString();
        peers.push_back(peerNode(*peer, text));
    }
    return clientOf(evaluateHops(list.entries, peers, trust));
}

std::optional<Endpoint> statedPeer(const http::HeaderList& request) {
    for (const char* name : {"client-ip", "x-azure-socketip"}) {
        const auto value = request.find(name);
        if (!value) continue;
        const HopNode node = readHopNode(*value);
        if (node.address) return Endpoint{*node.address, node.port};
    }
    return std::nullopt;
}

} // namespace gatescope::path
