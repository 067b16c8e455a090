// SPDX-License-Identifier: Apache-2.0
#include "core/path/request_facts.h"

#include "core/path/address_class.h"
#include "core/path/well_known.h"

#include <algorithm>

namespace gatescope::path {

namespace {

ContainerApp appOf(const PathHeaders& headers) {
    for (const std::string_view name : {headers.appRevision, headers.k8seApp, headers.appName})
        if (!name.empty()) return readContainerApp(name);
    return {};
}

} // namespace

RequestFacts::RequestFacts(const PathInput& given, const Trust& believed)
    : input(given), trust(believed), headers(given.request, given.response),
      client({headers.forwardedFor, headers.forwarded, headers.clientIp, headers.socketIp, given.logPeer,
              given.packetClient},
             believed),
      app(appOf(headers)), wrapped(readForwardedPath(given.target)),
      embedded(readForwardedPath(headers.forwardedPath)) {
    host = hostName(given.host.empty() ? headers.host : given.host);
    hasFoundryHeaders = !headers.agentId.empty() || !headers.projectId.empty() || !headers.modelId.empty();
    hasIngress = !app.app.empty() || !headers.k8seNamespace.empty();
    hasDataProxy = app.isDataProxy;
    hasFrontEnd = !headers.arrLogId.empty() || !headers.disguisedHost.empty() || !headers.appServiceProto.empty() ||
                  !headers.siteDeployment.empty() || !headers.defaultHostname.empty();
    hasAppGateway = !headers.appGatewayTrace.empty();
    hasFrontDoor = !headers.frontDoorId.empty() || !headers.frontDoorRef.empty() || !headers.socketIp.empty();
    hasTrust = trust.trustedHops || std::ranges::any_of(trust.subnets, &Subnet::trusted);
}

std::optional<std::size_t> RequestFacts::itemOf(const std::optional<IpAddress>& address) const {
    if (!address) return std::nullopt;
    for (std::size_t i = chain.items.size(); i-- != 0;)
        if (chain.items[i].node.address == unwrapped(*address)) return i;
    return std::nullopt;
}

std::optional<IpAddress> RequestFacts::addressIn(std::string_view value) {
    return value.empty() ? std::nullopt : readHopNode(value).address;
}

bool RequestFacts::isKnownHop(const IpAddress& address) const {
    if (trust.trusts(address)) return true;
    const Subnet* const subnet = trust.subnetOf(address);
    return subnet != nullptr && !subnet->role.empty() && subnet->role != "customer";
}

} // namespace gatescope::path
