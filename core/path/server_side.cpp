// SPDX-License-Identifier: Apache-2.0
#include "core/http/message.h"
#include "core/path/hop_building.h"
#include "core/path/well_known.h"

#include <algorithm>
#include <fmt/format.h>

namespace gatescope::path {

namespace {

/// What the packets' server is in this request's way.
enum class ServerIs : std::uint8_t { Nothing, DataProxy, FrontEnd, Gateway, Backend };

class ServerSideBuilder {
public:
    ServerSideBuilder(const RequestFacts& facts, ClientSide&& client, SourcePath& path)
        : m_facts(facts), m_client(std::move(client)), m_hops(path.hops), m_server(serverIs()) {}

    void build() {
        const auto behind = m_client.hops.end() - static_cast<std::ptrdiff_t>(m_client.behindFrontEnd);
        m_hops.insert(m_hops.end(), m_client.hops.begin(), behind);
        if (m_facts.hasFrontEnd) {
            add(frontEnd());
            for (; m_client.behindFrontEnd != 0; --m_client.behindFrontEnd)
                m_hops.push_back(
                    behindFrontEnd(*(m_client.hops.end() - static_cast<std::ptrdiff_t>(m_client.behindFrontEnd))));
        } else {
            m_hops.insert(m_hops.end(), behind, m_client.hops.end());
        }
        if (m_facts.wrapped) add(seenDataProxy());
        addGateway();
        addBackend();
        addModel();
    }

private:
    ServerIs serverIs() const {
        const auto& server = m_facts.input.packetServer;
        if (!server) return ServerIs::Nothing;
        if (m_facts.wrapped) return ServerIs::DataProxy;
        const Subnet* const subnet = m_facts.trust.subnetOf(server->address);
        if (subnet != nullptr && subnet->role == "backend") return ServerIs::Backend;
        if (isModelService(m_facts.host)) return ServerIs::Backend;
        const auto& client = m_facts.input.packetClient;
        const bool isFrontLeg = m_facts.hasFrontEnd && client && m_facts.statedPeer &&
                                unwrapped(client->address) == unwrapped(m_facts.statedPeer->address);
        return isFrontLeg ? ServerIs::FrontEnd : ServerIs::Gateway;
    }

    void add(Hop&& hop) {
        // Nobody shows who connected to the first hop of this side.
        if (m_isFirst && !m_hops.empty() && !m_client.isWitnessed) hop.gapBefore = true;
        m_isFirst = false;
        m_hops.push_back(std::move(hop));
    }

    void placeServer(Hop& hop) const {
        const Endpoint& server = *m_facts.input.packetServer;
        placeAddress(hop, server.address, server.port, m_facts.trust);
        hop.standing = Standing::Seen;
        hop.evidence.push_back(evidence("packets", server.toString()));
    }

    static void speaks(Hop& hop, std::string_view name, std::string_view value) {
        if (!value.empty()) hop.evidence.push_back(evidence(name, value));
    }

    bool peerIsPrivate() const {
        if (!m_facts.statedPeer) return false;
        return classify(m_facts.statedPeer->address).kind == AddressKind::Private;
    }

    Hop frontEnd() const {
        const PathHeaders& headers = m_facts.headers;
        Hop hop;
        hop.role = Role::FrontEnd;
        // A private source reaches this public service through a private endpoint only.
        const bool isBehindEdge = !m_hops.empty() && m_hops.back().lane >= Lane::Edge;
        hop.lane = peerIsPrivate() && !isBehindEdge ? Lane::PrivateEndpoint : Lane::Gateway;
        hop.name =
            (headers.siteDeployment.empty() ? headers.disguisedHost : headers.siteDeployment).substr(0, kMaxEvidence);
        // Packets from elsewhere mean that these marks are at best those of an earlier hop.
        const auto& packets = m_facts.input.packetClient;
        const bool contradicted = packets && m_facts.statedPeer &&
                                  unwrapped(packets->address) != unwrapped(m_facts.statedPeer->address) &&
                                  !m_facts.isKnownHop(packets->address);
        hop.standing = contradicted ? Standing::Claimed : Standing::Proven;
        speaks(hop, "disguised-host", headers.disguisedHost);
        speaks(hop, "x-arr-log-id", headers.arrLogId);
        speaks(hop, "x-site-deployment-id", headers.siteDeployment);
        speaks(hop, "was-default-hostname", headers.defaultHostname);
        speaks(hop, "x-forwarded-tlsversion", headers.forwardedTls);
        if (m_server == ServerIs::FrontEnd) placeServer(hop);
        return hop;
    }

    Hop behindFrontEnd(Hop hop) const {
        if (hop.role == Role::Client || hop.role == Role::Proxy) {
            hop.role = Role::Proxy;
            hop.lane = Lane::Edge;
            placeByTopology(hop, m_facts.trust);
        }
        return hop;
    }

    Hop seenDataProxy() const {
        Hop hop;
        hop.role = Role::DataProxy;
        hop.lane = Lane::ManagedCompute;
        hop.evidence.push_back(
            evidence("path", fmt::format("/v1/{}/{}", m_facts.wrapped->scheme, m_facts.wrapped->host)));
        if (m_server == ServerIs::DataProxy) placeServer(hop);
        return hop;
    }

    /// A container app that is not the data proxy is the gateway itself, and its upstream gets another Host.
    bool hostIsUpstream() const {
        const std::string_view forwarded = hostName(m_facts.headers.forwardedHost);
        return m_facts.hasIngress && !m_facts.hasDataProxy && !forwarded.empty() && !m_facts.host.empty() &&
               !http::equalsIgnoreCase(forwarded, m_facts.host);
    }

    void nameGateway(Hop& hop) const {
        const PathHeaders& headers = m_facts.headers;
        const auto take = [&](std::string_view source, std::string_view name) {
            if (name.empty()) return;
            if (hop.name.empty()) hop.name = name.substr(0, kMaxEvidence);
            speaks(hop, source, name);
        };
        if (m_facts.wrapped) return take("path", hostName(m_facts.wrapped->host));
        take("disguised-host", hostName(headers.disguisedHost));
        if (hostIsUpstream())
            take("x-forwarded-host", hostName(headers.forwardedHost));
        else if (!isModelService(m_facts.host))
            take("host", m_facts.host);
        if (m_facts.embedded) take("x-forwarded-path", hostName(m_facts.embedded->host));
        if (m_facts.hasIngress && !m_facts.hasDataProxy) take("x-ms-containerapp-name", m_facts.app.app);
    }

    /// Packets between the gateway and a backend show the gateway as the client.
    bool lastHopIsGateway() const {
        if (m_hops.empty()) return false;
        const Hop& last = m_hops.back();
        if (last.role == Role::Gateway) return true;
        const Subnet* const subnet =
            m_facts.input.packetServer ? m_facts.trust.subnetOf(m_facts.input.packetServer->address) : nullptr;
        const bool toBackend = subnet != nullptr && subnet->role == "backend";
        return m_server == ServerIs::Backend && last.standing == Standing::Seen && (toBackend || m_facts.hasFrontEnd);
    }

    void addGateway() {
        Hop hop;
        hop.role = Role::Gateway;
        hop.lane = Lane::Gateway;
        nameGateway(hop);
        if (lastHopIsGateway()) {
            Hop& last = m_hops.back();
            last.role = Role::Gateway;
            last.lane = Lane::Gateway;
            last.name = hop.name;
            last.evidence.insert(last.evidence.end(), hop.evidence.begin(), hop.evidence.end());
            if (m_server == ServerIs::Gateway) addServerAsBackend();
            return;
        }
        if (m_server == ServerIs::Backend && hop.name.empty()) return; // called without a gateway
        const bool isLogged = m_facts.input.logPeer.has_value();
        if (isLogged) hop.evidence.push_back(evidence("log", m_facts.input.logPeer->address.toString()));
        if (m_server == ServerIs::Gateway)
            placeServer(hop);
        else if (isLogged || (m_facts.hasFrontEnd && !m_facts.headers.disguisedHost.empty()))
            hop.standing = Standing::Proven;
        else if (hop.name.empty())
            hop.standing = Standing::Inferred;
        if (hop.name.empty() && m_hops.empty() && !hop.address) return; // the request says nothing
        hop.gapBefore = m_facts.wrapped.has_value();
        add(std::move(hop));
    }

    /// The gateway is the packets' client, so what it calls is its backend, of whatever name.
    void addServerAsBackend() {
        Hop hop;
        hop.role = Role::Backend;
        hop.lane = Lane::Backend;
        placeServer(hop);
        m_hops.push_back(std::move(hop));
        m_hasBackend = true;
    }

    void addBackend() {
        const PathHeaders& headers = m_facts.headers;
        Hop fresh;
        fresh.role = Role::Backend;
        fresh.lane = Lane::Backend;
        Hop& hop = m_hasBackend ? m_hops.back() : fresh;
        const bool isLogged = !m_facts.input.backend.empty();
        const bool answered = !headers.region.empty();
        if (isLogged) {
            hop.name = m_facts.input.backend.substr(0, kMaxEvidence);
            hop.standing = Standing::Proven;
            speaks(hop, "log", m_facts.input.backend);
        } else if (isModelService(m_facts.host) || hostIsUpstream()) {
            hop.name = m_facts.host.substr(0, kMaxEvidence);
            speaks(hop, "host", m_facts.host);
        } else if (answered) {
            hop.name = headers.region.substr(0, kMaxEvidence);
        }
        if (answered && hop.standing == Standing::Claimed) hop.standing = Standing::Proven;
        speaks(hop, "x-ms-region", headers.region);
        if (answered || isLogged) speaks(hop, "x-envoy-upstream-service-time", headers.upstreamTime);
        if (m_server == ServerIs::Backend) placeServer(hop);
        if (m_hasBackend || (hop.name.empty() && !hop.address)) return;
        m_hasBackend = true;
        add(std::move(hop));
    }

    void addModel() {
        if (m_facts.input.model.empty() || m_hops.empty()) return;
        const PathHeaders& headers = m_facts.headers;
        Hop hop;
        hop.role = Role::Model;
        hop.lane = Lane::Model;
        hop.name = m_facts.input.model.substr(0, kMaxEvidence);
        const bool answered = !headers.servedModel.empty() || !headers.deployment.empty();
        hop.standing = answered ? Standing::Proven : Standing::Claimed;
        speaks(hop, "x-ms-foundry-model-id", headers.modelId);
        const std::string deployment =
            m_facts.wrapped ? m_facts.wrapped->deployment : deploymentOf(m_facts.input.target);
        speaks(hop, "path", deployment);
        speaks(hop, "body", m_facts.input.requestedModel);
        speaks(hop, "x-ms-served-model", headers.servedModel);
        speaks(hop, "x-ms-deployment-name", headers.deployment);
        hop.gapBefore = !m_hasBackend;
        add(std::move(hop));
    }

    const RequestFacts& m_facts;
    ClientSide m_client;
    std::vector<Hop>& m_hops;
    ServerIs m_server;
    bool m_isFirst = true;
    bool m_hasBackend = false;
};

} // namespace

void addServerSide(const RequestFacts& facts, ClientSide&& client, SourcePath& path) {
    ServerSideBuilder(facts, std::move(client), path).build();
}

} // namespace gatescope::path
