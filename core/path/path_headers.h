// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/message.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gatescope::path {

/// The header fields that say something of a request's way. Views refer to the lists given; empty: not there.
struct PathHeaders {
    PathHeaders(const http::HeaderList* request, const http::HeaderList* response);

    std::string forwardedFor, forwarded; ///< all fields of that name as one list
    std::string_view clientIp, realIp, envoyExternal;
    std::string_view socketIp, azureClientIp, frontDoorId, frontDoorRef;
    std::string_view appGatewayTrace, originalHost;
    std::string_view arrLogId, disguisedHost, siteDeployment, defaultHostname, appServiceProto;
    std::string_view forwardedTls, ja4, arrSsl;
    std::string_view k8seApp, k8seNamespace, k8seProtocol, appName, appRevision;
    std::string_view forwardedPath, originalUrl, forwardedHost, host, referer;
    std::string_view authorization, agentId, projectId, modelId, project;
    std::string_view spillover;
    std::string_view region, deployment, servedModel, upstreamTime; ///< of the response
};

/// Which part of a field's value can change the way that is read: what equal ways have in common.
enum class KeyPart : std::uint8_t {
    Whole,
    Addresses, ///< without ports
    Presence,  ///< ids of single requests
    Url,       ///< scheme, host, deployment, names of secret parameters
    Claim      ///< the project in a token
};
struct PathHeaderName {
    std::string_view name; ///< lower case
    bool isResponse = false;
    KeyPart part = KeyPart::Whole;
};
/// The names of all fields that `PathHeaders` takes.
std::span<const PathHeaderName> pathHeaderNames();

} // namespace gatescope::path
