// SPDX-License-Identifier: Apache-2.0
#include "core/path/path_headers.h"

#include <array>

namespace gatescope::path {

namespace {

using Member = std::string_view PathHeaders::*;

struct Taken {
    PathHeaderName name;
    Member member = nullptr;
};

constexpr std::array<Taken, 39> kTaken{{
    {{"client-ip", false, KeyPart::Addresses}, &PathHeaders::clientIp},
    {{"x-real-ip", false, KeyPart::Addresses}, &PathHeaders::realIp},
    {{"x-envoy-external-address", false, KeyPart::Addresses}, &PathHeaders::envoyExternal},
    {{"x-azure-socketip", false, KeyPart::Addresses}, &PathHeaders::socketIp},
    {{"x-azure-clientip", false, KeyPart::Addresses}, &PathHeaders::azureClientIp},
    {{"x-azure-fdid", false, KeyPart::Whole}, &PathHeaders::frontDoorId},
    {{"x-azure-ref", false, KeyPart::Presence}, &PathHeaders::frontDoorRef},
    {{"x-appgw-trace-id", false, KeyPart::Presence}, &PathHeaders::appGatewayTrace},
    {{"x-original-host", false, KeyPart::Whole}, &PathHeaders::originalHost},
    {{"x-arr-log-id", false, KeyPart::Presence}, &PathHeaders::arrLogId},
    {{"disguised-host", false, KeyPart::Whole}, &PathHeaders::disguisedHost},
    {{"x-site-deployment-id", false, KeyPart::Whole}, &PathHeaders::siteDeployment},
    {{"was-default-hostname", false, KeyPart::Whole}, &PathHeaders::defaultHostname},
    {{"x-appservice-proto", false, KeyPart::Whole}, &PathHeaders::appServiceProto},
    {{"x-forwarded-tlsversion", false, KeyPart::Whole}, &PathHeaders::forwardedTls},
    {{"x-azure-ja4-fingerprint", false, KeyPart::Whole}, &PathHeaders::ja4},
    {{"x-arr-ssl", false, KeyPart::Whole}, &PathHeaders::arrSsl},
    {{"x-k8se-app-name", false, KeyPart::Whole}, &PathHeaders::k8seApp},
    {{"x-k8se-app-namespace", false, KeyPart::Whole}, &PathHeaders::k8seNamespace},
    {{"x-k8se-protocol", false, KeyPart::Whole}, &PathHeaders::k8seProtocol},
    {{"x-ms-containerapp-name", false, KeyPart::Whole}, &PathHeaders::appName},
    {{"x-ms-containerapp-revision-name", false, KeyPart::Whole}, &PathHeaders::appRevision},
    {{"x-forwarded-path", false, KeyPart::Url}, &PathHeaders::forwardedPath},
    {{"x-original-url", false, KeyPart::Url}, &PathHeaders::originalUrl},
    {{"x-forwarded-host", false, KeyPart::Whole}, &PathHeaders::forwardedHost},
    {{"host", false, KeyPart::Whole}, &PathHeaders::host},
    {{"referer", false, KeyPart::Url}, &PathHeaders::referer},
    {{"authorization", false, KeyPart::Claim}, &PathHeaders::authorization},
    {{"x-ms-foundry-agent-id", false, KeyPart::Whole}, &PathHeaders::agentId},
    {{"x-ms-foundry-project-id", false, KeyPart::Whole}, &PathHeaders::projectId},
    {{"x-ms-foundry-model-id", false, KeyPart::Whole}, &PathHeaders::modelId},
    {{"openai-project", false, KeyPart::Whole}, &PathHeaders::project},
    {{"x-ms-spillover-deployment", false, KeyPart::Whole}, &PathHeaders::spillover},
    {{"x-ms-region", true, KeyPart::Whole}, &PathHeaders::region},
    {{"x-ms-deployment-name", true, KeyPart::Whole}, &PathHeaders::deployment},
    {{"x-ms-served-model", true, KeyPart::Whole}, &PathHeaders::servedModel},
    {{"x-envoy-upstream-service-time", true, KeyPart::Presence}, &PathHeaders::upstreamTime},
    {{"x-forwarded-for", false, KeyPart::Addresses}, nullptr},
    {{"forwarded", false, KeyPart::Whole}, nullptr},
}};

constexpr std::array<PathHeaderName, kTaken.size()> kNames = [] {
    std::array<PathHeaderName, kTaken.size()> names{};
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = kTaken[i].name;
    return names;
}();

void append(std::string& list, std::string_view value) {
    if (!list.empty()) list += ", ";
    list += value;
}

void take(PathHeaders& headers, const http::HeaderList::Field& field, bool isResponse) {
    for (const Taken& taken : kTaken) {
        if (taken.name.isResponse != isResponse || taken.name.name.size() != field.name.size() ||
            !http::equalsIgnoreCase(taken.name.name, field.name))
            continue;
        if (taken.member == nullptr)
            append(taken.name.name == "forwarded" ? headers.forwarded : headers.forwardedFor, field.value);
        else if ((headers.*taken.member).empty())
            headers.*taken.member = field.value;
        return;
    }
}

} // namespace

PathHeaders::PathHeaders(const http::HeaderList* request, const http::HeaderList* response) {
    for (const bool isResponse : {false, true}) {
        const http::HeaderList* const list = isResponse ? response : request;
        for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) take(*this, (*list)[i], isResponse);
    }
}

std::span<const PathHeaderName> pathHeaderNames() {
    return kNames;
}

} // namespace gatescope::path
