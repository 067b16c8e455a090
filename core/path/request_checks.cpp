// SPDX-License-Identifier: Apache-2.0
#include "core/path/request_checks.h"

#include "core/http/message.h"
#include "core/path/arr_ssl.h"
#include "core/path/hop_building.h"
#include "core/path/ja4_text.h"
#include "core/path/path_findings.h"
#include "core/path/project_claim.h"
#include "core/path/text_scan.h"
#include "core/path/well_known.h"

#include <algorithm>
#include <fmt/format.h>

namespace gatescope::path {

namespace {

constexpr std::string_view kMetadataService = "169.254.169.254";

std::string told(std::string_view source, std::string_view value) {
    return fmt::format("{}: {}", source, value.substr(0, kMaxEvidence));
}

class RequestCheck {
public:
    explicit RequestCheck(const RequestFacts& facts) : m_facts(facts), m_headers(facts.headers) {}

    std::vector<Finding> run() {
        foundryClaim();
        cgnatClaim();
        frontDoor();
        hosts();
        tlsVersions();
        certificate();
        disagreements();
        project();
        model();
        urls();
        if (!m_headers.spillover.empty())
            add(kSpilloverSteering, {told("x-ms-spillover-deployment", m_headers.spillover)});
        metadataService();
        return std::move(m_findings);
    }

private:
    void add(const FindingKind& kind, std::vector<std::string> evidence) {
        Finding finding;
        finding.kind = &kind;
        finding.evidence = std::move(evidence);
        m_findings.push_back(std::move(finding));
    }

    bool hasCgnat() const {
        return std::ranges::any_of(m_facts.chain.items, [](const HopChain::Item& item) {
            return item.node.address && classify(*item.node.address).kind == AddressKind::Cgnat;
        });
    }

    void foundryClaim() {
        // What a log does not name may have been sent all the same.
        if (!m_facts.hasFoundryHeaders || !m_facts.input.headersComplete) return;
        if (m_facts.hasDataProxy || m_facts.embedded || m_facts.wrapped || hasCgnat()) return;
        std::vector<std::string> evidence;
        for (const auto& [name, value] : {std::pair("x-ms-foundry-agent-id", m_headers.agentId),
                                          std::pair("x-ms-foundry-project-id", m_headers.projectId),
                                          std::pair("x-ms-foundry-model-id", m_headers.modelId)})
            if (!value.empty()) evidence.push_back(told(name, value));
        evidence.push_back(
            "no x-k8se-app-name of a data proxy, no URL in x-forwarded-path, no address of 100.64.0.0/10");
        add(kFoundryClaimWithoutProxy, std::move(evidence));
    }

    void cgnatClaim() {
        const HopChain& chain = m_facts.chain;
        if (!chain.client) return;
        for (std::size_t i = 0; i < *chain.client; ++i) {
            const HopNode& node = chain.items[i].node;
            if (!node.address || classify(*node.address).kind != AddressKind::Cgnat) continue;
            // While the user has named nobody, the marks of the data proxy behind a private peer are all there can be.
            const auto& next = chain.items[*chain.client].node;
            const bool credible = !m_facts.hasTrust && m_facts.hasDataProxy && next.address &&
                                  classify(*next.address).kind == AddressKind::Private;
            if (!credible)
                add(kCgnatFromUntrusted, {told(m_facts.listSource, node.text),
                                          fmt::format("written by or before {}, which is not trusted", next.text)});
            return;
        }
    }

    void frontDoor() {
        if (!m_facts.trust.frontDoorId) return;
        if (m_headers.frontDoorId.empty() && !m_facts.input.headersComplete) return;
        if (equalWhereNotMasked(m_headers.frontDoorId, *m_facts.trust.frontDoorId)) return;
        add(kFrontDoorBypass, {m_headers.frontDoorId.empty() ? std::string("no x-azure-fdid")
                                                             : told("x-azure-fdid", m_headers.frontDoorId),
                               told("expected", *m_facts.trust.frontDoorId)});
    }

    void hosts() {
        // Behind the gateway the host is the backend's, and the other two are passed on.
        const std::string_view host = isModelService(m_facts.host) ? std::string_view() : m_facts.host;
        const std::string_view embedded = m_facts.embedded ? hostName(m_facts.embedded->host) : std::string_view();
        const std::string_view disguised = hostName(m_headers.disguisedHost);
        const auto differ = [](std::string_view a, std::string_view b) {
            return !a.empty() && !b.empty() && !equalWhereNotMasked(a, b);
        };
        if (!differ(host, embedded) && !differ(host, disguised) && !differ(embedded, disguised)) return;
        std::vector<std::string> evidence;
        for (const auto& [name, value] : {std::pair("host", m_facts.host), std::pair("x-forwarded-path", embedded),
                                          std::pair("disguised-host", disguised)})
            if (!value.empty()) evidence.push_back(told(name, value));
        add(kForwardedHostMismatch, std::move(evidence));
    }

    void tlsVersions() {
        const auto ja4 = readJa4(m_headers.ja4);
        const std::string_view stated = trimmed(m_headers.forwardedTls);
        if (!ja4 || stated.empty() || ja4->tlsVersion.empty()) return;
        if (ja4->tlsVersion == stated) return;
        add(kTlsInconsistent, {told("x-azure-ja4-fingerprint", m_headers.ja4), told("x-forwarded-tlsversion", stated)});
    }

    void certificate() {
        const auto arr = readArrSsl(m_headers.arrSsl);
        if (!arr || arr->isTrueOnly) return;
        const std::string_view host =
            hostName(m_headers.disguisedHost.empty() ? m_headers.host : m_headers.disguisedHost);
        if (!arr->subjectName.empty() && !host.empty() && !isModelService(host) && !covers(arr->subjectName, host))
            add(kTlsInconsistent, {told("x-arr-ssl subject", arr->subjectName), told("host", host)});
        const bool agentsExpected = m_facts.hasFoundryHeaders || m_facts.hasDataProxy;
        if (!agentsExpected || (arr->issuerName.empty() && arr->issuerOrganisation.empty())) return;
        if (!m_facts.input.publicIssuer && !isKnownPublicIssuer(arr->issuerName, arr->issuerOrganisation))
            add(kPrivateCa, {told("x-arr-ssl issuer", arr->issuer)});
    }

    /// The header names one of the certificate's names only. Platform certificates have further ones below the same
    /// domain (`*.REGION.azurewebsites.net`), so that much is believed.
    static bool covers(std::string_view name, std::string_view host) {
        if (certificateNameMatches(name, host)) return true;
        if (!name.starts_with("*.") || host.size() <= name.size() - 1) return false;
        return equalWhereNotMasked(host.substr(host.size() - (name.size() - 1)), name.substr(1));
    }

    void disagreements() {
        std::vector<std::string> evidence;
        peers(evidence);
        singleAddresses(evidence);
        lists(evidence);
        if (!evidence.empty()) add(kClaimsDisagree, std::move(evidence));
    }

    /// Packets or a log against CLIENT-IP. A known hop between the two is an explanation.
    void peers(std::vector<std::string>& evidence) const {
        const auto stated = RequestFacts::addressIn(m_headers.clientIp);
        if (!stated) return;
        const auto differs = [&](const std::optional<Endpoint>& peer) {
            return peer && unwrapped(peer->address) != *stated && !m_facts.isKnownHop(peer->address);
        };
        const bool packets = differs(m_facts.input.packetClient);
        const bool log = differs(m_facts.input.logPeer) && !isListed(m_facts.input.logPeer->address);
        if (!packets && !log) return;
        evidence.push_back(told("client-ip", stated->toString()));
        if (packets) evidence.push_back(told("packets from", m_facts.input.packetClient->address.toString()));
        if (log) evidence.push_back(told("log", m_facts.input.logPeer->address.toString()));
    }

    bool isListed(const IpAddress& address) const {
        const auto item = m_facts.itemOf(address);
        return item && m_facts.chain.items[*item].fromList;
    }

    /// Headers with one address must name a hop of the list.
    void singleAddresses(std::vector<std::string>& evidence) const {
        if (m_facts.list.entries.empty() && m_facts.forwarded.elements.empty()) return;
        for (const auto& [name, value] :
             {std::pair("x-envoy-external-address", m_headers.envoyExternal),
              std::pair("x-azure-socketip", m_headers.socketIp), std::pair("x-real-ip", m_headers.realIp)}) {
            const auto address = RequestFacts::addressIn(value);
            if (!address || m_facts.itemOf(address)) continue;
            evidence.push_back(fmt::format("{}: {} is not in {}", name, address->toString(), m_facts.listSource));
        }
    }

    void lists(std::vector<std::string>& evidence) const {
        if (m_facts.list.entries.empty() || m_facts.forwarded.elements.empty()) return;
        const auto addresses = [](const auto& nodes, auto&& nodeOf) {
            std::string text;
            for (const auto& node : nodes)
                if (const auto address = nodeOf(node).address) text += (text.empty() ? "" : ", ") + address->toString();
            return text;
        };
        const std::string listed = addresses(m_facts.list.entries, [](const HopNode& node) { return node; });
        const std::string standard =
            addresses(m_facts.forwarded.elements, [](const ForwardedElement& element) { return element.forNode(); });
        if (listed == standard || standard.empty()) return;
        evidence.push_back(told("x-forwarded-for", listed));
        evidence.push_back(told("forwarded", standard));
    }

    void project() {
        if (m_headers.project.empty()) return;
        const auto claim = readProjectClaim(m_headers.authorization);
        if (!claim || equalWhereNotMasked(claim->project, trimmed(m_headers.project))) return;
        add(kMiridMismatch,
            {told("openai-project", m_headers.project),
             told("xms_mirid", fmt::format("accounts/{}/projects/{}", claim->account, claim->project))});
    }

    void model() {
        const std::string_view id = trimmed(m_headers.modelId);
        const std::string_view named = id.substr(id.rfind('/') + 1);
        if (named.empty()) return;
        std::string deployment = m_facts.wrapped ? m_facts.wrapped->deployment : deploymentOf(m_facts.input.target);
        if (deployment.empty()) deployment = deploymentOf(m_headers.originalUrl);
        // With a deployment in the URL the body's model has no effect.
        const bool byUrl = !deployment.empty();
        const std::string_view asked = byUrl ? std::string_view(deployment) : m_facts.input.requestedModel;
        if (asked.empty() || equalWhereNotMasked(asked, named)) return;
        add(kModelMismatch, {told("x-ms-foundry-model-id", id), told(byUrl ? "deployment in the URL" : "body", asked)});
    }

    void urls() {
        std::vector<std::string> evidence;
        for (const auto& [name, url] : {std::pair("URL", m_facts.input.target), std::pair("referer", m_headers.referer),
                                        std::pair("x-forwarded-path", m_headers.forwardedPath),
                                        std::pair("x-original-url", m_headers.originalUrl)})
            if (const std::string parameters = secretParameters(url); !parameters.empty())
                evidence.push_back(told(name, parameters));
        if (!evidence.empty()) add(kSecretInUrl, std::move(evidence));
    }

    void metadataService() {
        const auto& server = m_facts.input.packetServer;
        std::string_view target = m_facts.input.target;
        if (const auto scheme = target.find("://"); scheme != std::string_view::npos && scheme < 8)
            target =
                target.substr(scheme + 3, std::min(target.find_first_of("/?", scheme + 3), target.size()) - scheme - 3);
        const auto names = [](std::string_view host) { return hostName(host) == kMetadataService; };
        const bool bySocket = server && server->address.toString() == kMetadataService;
        const bool isWrapped =
            (m_facts.wrapped && names(m_facts.wrapped->host)) || (m_facts.embedded && names(m_facts.embedded->host));
        if (!bySocket && !isWrapped && !names(m_facts.host) && !names(target)) return;
        add(kImdsTarget, {bySocket ? told("packets to", server->toString()) : told("host", kMetadataService)});
    }

    const RequestFacts& m_facts;
    const PathHeaders& m_headers;
    std::vector<Finding> m_findings;
};

} // namespace

std::string secretParameters(std::string_view url) {
    std::string names;
    std::string_view query = split(split(url, '?').second, '#').first;
    while (!query.empty()) {
        const auto [pair, rest] = split(query, '&');
        const auto [name, value] = split(pair, '=');
        query = rest;
        if (value.empty() || !isSecretParameter(name)) continue;
        if (!names.empty()) names += ", ";
        names += name;
        if (names.size() > kMaxEvidence) break;
    }
    return names;
}

std::vector<Finding> checkRequest(const RequestFacts& facts) {
    return RequestCheck(facts).run();
}

} // namespace gatescope::path
