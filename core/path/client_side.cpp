// SPDX-License-Identifier: Apache-2.0
#include "core/path/hop_building.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace gatescope::path {

namespace {

struct SubnetPart {
    std::string_view name;
    Role role;
    Lane lane;
};
constexpr std::array<SubnetPart, 5> kSubnetParts{{{"agent-subnet", Role::Proxy, Lane::DelegatedSubnet},
                                                  {"private-endpoint", Role::PrivateEndpoint, Lane::PrivateEndpoint},
                                                  {"gateway", Role::Gateway, Lane::Gateway},
                                                  {"firewall", Role::Firewall, Lane::Edge},
                                                  {"backend", Role::Backend, Lane::Backend}}};

bool isCgnat(const Hop& hop) {
    return hop.address && hop.addressClass.kind == AddressKind::Cgnat;
}

bool isPrivate(const Hop& hop) {
    return hop.address && hop.addressClass.kind == AddressKind::Private;
}

/// Makes the hops of the chain's items and finds out what each of them is.
class ClientSideBuilder {
public:
    explicit ClientSideBuilder(const RequestFacts& facts) : m_facts(facts), m_items(facts.chain.items) {}

    ClientSide build() {
        m_witnessed = isWitnessed();
        for (std::size_t i = 0; i < m_items.size(); ++i) m_hops.push_back(hopOf(i));
        findAgent();
        for (std::size_t i = 0; i < m_hops.size(); ++i) assignRole(i);
        assignEdges();
        return assemble();
    }

private:
    bool isWitnessed() const {
        if (m_items.empty()) return false;
        const auto& last = m_items.back().node.address;
        if (!last) return false;
        const auto is = [&](const std::optional<Endpoint>& peer) { return peer && unwrapped(peer->address) == *last; };
        return is(m_facts.input.packetClient) || is(m_facts.input.logPeer) ||
               (is(m_facts.statedPeer) && !m_facts.headers.clientIp.empty());
    }

    Standing standingOf(std::size_t i) const {
        const bool last = i + 1 == m_items.size();
        const auto& packets = m_facts.input.packetClient;
        if (last && packets && m_items[i].node.address == unwrapped(packets->address)) return Standing::Seen;
        // Everything right of the effective client is trusted, so whoever stands right of a hop tells the truth.
        const bool vouchedFor = m_facts.chain.client && i >= *m_facts.chain.client;
        return m_witnessed && (last || vouchedFor) ? Standing::Proven : Standing::Claimed;
    }

    Hop hopOf(std::size_t i) const {
        const HopChain::Item& item = m_items[i];
        Hop hop;
        if (item.node.address)
            placeAddress(hop, *item.node.address, item.node.port, m_facts.trust);
        else
            hop.text = item.node.text.substr(0, kMaxEvidence);
        hop.standing = standingOf(i);
        if (item.fromList) hop.evidence.push_back(evidence(m_facts.listSource, item.node.text));
        if (hop.address) addSpeakers(hop, i);
        return hop;
    }

    /// What else names the address, and what names another one in its place.
    void addSpeakers(Hop& hop, std::size_t i) const {
        const PathHeaders& headers = m_facts.headers;
        const bool last = i + 1 == m_items.size();
        const auto speaks = [&](std::string_view name, std::string_view value) {
            const auto address = RequestFacts::addressIn(value);
            if (address == hop.address && m_facts.itemOf(address) == i) hop.evidence.push_back(evidence(name, value));
        };
        speaks("client-ip", headers.clientIp);
        speaks("x-envoy-external-address", headers.envoyExternal);
        speaks("x-real-ip", headers.realIp);
        speaks("x-azure-socketip", headers.socketIp);
        speaks("x-azure-clientip", headers.azureClientIp);
        if (m_facts.listSource != "forwarded")
            for (const ForwardedElement& element : m_facts.forwarded.elements)
                if (element.forNode().address == hop.address)
                    hop.evidence.push_back(evidence("forwarded", "for=" + element.forText));
        addPeers(hop, last);
        if (const Subnet* subnet = m_facts.trust.subnetOf(*hop.address); subnet != nullptr && !subnet->name.empty())
            hop.evidence.push_back(evidence("topology", fmt::format("{} {}", subnet->name, subnet->cidr)));
    }

    void addPeers(Hop& hop, bool last) const {
        const auto& log = m_facts.input.logPeer;
        if (log && unwrapped(log->address) == *hop.address)
            hop.evidence.push_back(evidence("log", log->port == 0 ? log->address.toString() : log->toString()));
        const auto& packets = m_facts.input.packetClient;
        if (!packets || !last || unwrapped(packets->address) != *hop.address) return;
        hop.evidence.push_back(evidence("packets", packets->toString()));
        const auto stated = RequestFacts::addressIn(m_facts.headers.clientIp);
        if (!stated || *stated == *hop.address) return;
        if (m_facts.isKnownHop(*hop.address))
            hop.evidence.push_back(evidence("topology", fmt::format("a known hop behind {}", stated->toString())));
        else
            hop.evidence.push_back(evidence("client-ip", m_facts.headers.clientIp, true));
    }

    /// The agent's container is the hop before the data proxy's own address.
    void findAgent() {
        const std::size_t count = m_hops.size();
        if (count == 0) return;
        if (m_facts.wrapped) {
            m_agent = count - 1;
            return;
        }
        if (!m_facts.hasDataProxy && !m_facts.hasFoundryHeaders) return;
        const auto stated =
            m_facts.itemOf(m_facts.statedPeer ? std::optional(m_facts.statedPeer->address) : std::nullopt);
        // The proxy's own address is of Microsoft's, too, when it stands in a managed virtual network.
        const std::size_t before = m_facts.hasDataProxy && m_witnessed ? stated.value_or(count - 1) : count;
        for (std::size_t i = before; i-- != 0 && !m_agent;)
            if (isCgnat(m_hops[i])) m_agent = i;
        if (!m_agent && m_facts.hasDataProxy) {
            m_agent = m_facts.itemOf(RequestFacts::addressIn(m_facts.headers.envoyExternal));
            if (!m_agent && stated && *stated != 0) m_agent = *stated - 1;
            if (!m_agent && !stated && count > 1) m_agent = count - 2;
        }
        if (!m_facts.hasDataProxy) return;
        const std::size_t next = m_agent ? *m_agent + 1 : 0;
        if (next < count && (m_agent || m_witnessed)) m_proxy = next;
    }

    void assignRole(std::size_t i) {
        Hop& hop = m_hops[i];
        const bool isClient = m_facts.chain.client ? i == *m_facts.chain.client : i + 1 == m_hops.size();
        const bool isFirst = i == 0;
        const bool isBehindClient = m_facts.chain.client && i > *m_facts.chain.client;
        hop.role = isClient || isFirst ? Role::Client : Role::Proxy;
        hop.lane = isCgnat(hop) && (isFirst || m_agent == i) ? Lane::ManagedCompute
                   : isBehindClient                          ? Lane::Edge
                                                             : Lane::ClientNetwork;
        if (isIngressAddress(hop) && !isFirst) {
            hop.role = Role::AppIngress;
            hop.lane = m_facts.hasDataProxy ? Lane::ManagedCompute : Lane::Edge;
        }
        if (m_agent == i) {
            hop.role = isCgnat(hop) || m_facts.hasDataProxy ? Role::Agent : Role::Client;
            if (hop.role == Role::Agent) hop.lane = Lane::ManagedCompute;
            nameAgent(hop);
        }
        if (m_proxy == i) {
            hop.role = Role::Proxy;
            // A managed virtual network shows no address of the customer.
            hop.lane = isPrivate(hop) ? Lane::DelegatedSubnet : Lane::ManagedCompute;
        }
        if (m_agent != i) placeByTopology(hop, m_facts.trust);
    }

    static bool isIngressAddress(const Hop& hop) {
        return !hop.addressClass.ranges.empty() && hop.addressClass.ranges.front()->role == "aca-ingress";
    }

    void nameAgent(Hop& hop) const {
        if (m_facts.headers.agentId.empty() || hop.role != Role::Agent) return;
        hop.name = readAgentId(m_facts.headers.agentId).name.substr(0, kMaxEvidence);
        hop.evidence.push_back(evidence("x-ms-foundry-agent-id", m_facts.headers.agentId));
    }

    /// Application Gateway connects last and Front Door before it, each from an address that the next hop lists.
    void assignEdges() {
        std::size_t next = m_hops.size();
        const auto assign = [&](bool isThere, Role role, bool& missing) {
            if (!isThere) return;
            const bool free = next > 1 && m_proxy != next - 1 && m_agent != next - 1 &&
                              m_hops[next - 1].address != RequestFacts::addressIn(m_facts.headers.socketIp) &&
                              (m_hops[next - 1].role == Role::Proxy || m_hops[next - 1].role == Role::Client);
            missing = !free;
            if (!free) return;
            --next;
            m_hops[next].role = role;
            m_hops[next].lane = Lane::Edge;
            addEdgeEvidence(m_hops[next]);
        };
        assign(m_facts.hasAppGateway, Role::AppGateway, m_addAppGateway);
        assign(m_facts.hasFrontDoor, Role::FrontDoor, m_addFrontDoor);
    }

    void addEdgeEvidence(Hop& hop) const {
        const PathHeaders& headers = m_facts.headers;
        const auto speaks = [&](std::string_view name, std::string_view value) {
            if (!value.empty()) hop.evidence.push_back(evidence(name, value));
        };
        if (hop.role == Role::AppGateway) {
            speaks("x-appgw-trace-id", headers.appGatewayTrace);
            speaks("x-original-host", headers.originalHost);
        } else {
            speaks("x-azure-fdid", headers.frontDoorId);
            speaks("x-azure-ref", headers.frontDoorRef);
            speaks("x-azure-socketip", headers.socketIp);
        }
    }

    Hop edgeWithoutAddress(Role role) const {
        Hop hop;
        hop.role = role;
        hop.lane = Lane::Edge;
        addEdgeEvidence(hop);
        return hop;
    }

    Hop agentWithoutAddress() const {
        Hop hop;
        hop.role = Role::Agent;
        hop.lane = Lane::ManagedCompute;
        nameAgent(hop);
        return hop;
    }

    Hop ingress() const {
        Hop hop;
        hop.role = Role::AppIngress;
        hop.lane = m_facts.hasDataProxy ? Lane::ManagedCompute : Lane::Edge;
        hop.standing = Standing::Inferred;
        for (const auto& [name, value] : {std::pair("x-k8se-app-namespace", m_facts.headers.k8seNamespace),
                                          std::pair("x-k8se-protocol", m_facts.headers.k8seProtocol)})
            if (!value.empty()) hop.evidence.push_back(evidence(name, value));
        return hop;
    }

    Hop dataProxy() const {
        Hop hop;
        hop.role = Role::DataProxy;
        hop.lane = Lane::ManagedCompute;
        hop.name = m_facts.app.app.substr(0, kMaxEvidence);
        const bool vouchedFor = m_proxy && m_items[*m_proxy].trusted && m_witnessed;
        hop.standing = vouchedFor ? Standing::Proven : Standing::Claimed;
        for (const auto& [name, value] : {std::pair("x-k8se-app-name", m_facts.headers.k8seApp),
                                          std::pair("x-ms-containerapp-name", m_facts.headers.appName),
                                          std::pair("x-ms-containerapp-revision-name", m_facts.headers.appRevision)})
            if (!value.empty()) hop.evidence.push_back(evidence(name, value));
        if (m_facts.embedded)
            hop.evidence.push_back(evidence(
                "x-forwarded-path", fmt::format("/v1/{}/{}", m_facts.embedded->scheme, m_facts.embedded->host)));
        return hop;
    }

    /// An origin that only a single header names, when there is no list that it could stand in.
    void addLonelyOrigin(ClientSide& side) const {
        if (!m_facts.list.entries.empty() || !m_facts.forwarded.elements.empty()) return;
        const PathHeaders& headers = m_facts.headers;
        for (const auto& [name, value] :
             {std::pair("x-envoy-external-address", headers.envoyExternal),
              std::pair("x-azure-clientip", headers.azureClientIp), std::pair("x-real-ip", headers.realIp)}) {
            const auto address = RequestFacts::addressIn(value);
            if (!address || m_facts.itemOf(address)) continue;
            Hop hop;
            placeAddress(hop, *address, 0, m_facts.trust);
            hop.lane = isCgnat(hop) ? Lane::ManagedCompute : Lane::ClientNetwork;
            hop.evidence.push_back(evidence(name, value));
            side.hops.push_back(std::move(hop));
            return;
        }
    }

    ClientSide assemble() {
        ClientSide side;
        side.isWitnessed = m_witnessed;
        addLonelyOrigin(side);
        const auto stated = m_facts.headers.clientIp.empty()
                                ? std::nullopt
                                : m_facts.itemOf(RequestFacts::addressIn(m_facts.headers.clientIp));
        const auto addApps = [&] {
            if (!m_facts.hasIngress) return;
            if (m_facts.hasDataProxy && !m_agent && !m_facts.headers.agentId.empty())
                side.hops.push_back(agentWithoutAddress());
            side.hops.push_back(ingress());
            if (m_facts.hasDataProxy) side.hops.push_back(dataProxy());
        };
        // Where the apps belong: behind the agent, or before the proxy's own address, or at the end.
        const std::size_t before = m_agent ? *m_agent + 1 : m_proxy ? *m_proxy : m_hops.size();
        for (std::size_t i = 0; i < m_hops.size(); ++i) {
            if (i == before) addApps();
            side.hops.push_back(std::move(m_hops[i]));
            if (stated && i > *stated) ++side.behindFrontEnd;
        }
        if (before == m_hops.size()) addApps();
        for (const auto& [missing, role] :
             {std::pair(m_addFrontDoor, Role::FrontDoor), std::pair(m_addAppGateway, Role::AppGateway)})
            if (missing)
                side.hops.insert(side.hops.end() - static_cast<std::ptrdiff_t>(side.behindFrontEnd),
                                 edgeWithoutAddress(role));
        return side;
    }

    const RequestFacts& m_facts;
    const std::vector<HopChain::Item>& m_items;
    std::vector<Hop> m_hops; ///< as m_items
    std::optional<std::size_t> m_agent, m_proxy;
    bool m_witnessed = false;
    bool m_addAppGateway = false;
    bool m_addFrontDoor = false;
};

} // namespace

Evidence evidence(std::string_view source, std::string_view value, bool against) {
    return {std::string(source), std::string(value.substr(0, kMaxEvidence)), against};
}

void placeAddress(Hop& hop, const IpAddress& address, std::uint16_t port, const Trust& trust) {
    hop.address = unwrapped(address);
    hop.port = port;
    hop.addressClass = classify(address);
    hop.trusted = trust.trusts(address);
    if (const Subnet* const subnet = trust.subnetOf(address)) hop.subnet = subnet->name;
}

bool placeByTopology(Hop& hop, const Trust& trust) {
    const Subnet* const subnet = hop.address ? trust.subnetOf(*hop.address) : nullptr;
    if (subnet == nullptr) return false;
    const auto part = std::ranges::find(kSubnetParts, subnet->role, &SubnetPart::name);
    if (part == kSubnetParts.end()) return false;
    hop.role = part->role;
    hop.lane = part->lane;
    return true;
}

ClientSide clientSide(const RequestFacts& facts) {
    return ClientSideBuilder(facts).build();
}

} // namespace gatescope::path
