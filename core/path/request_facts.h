// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/path/client_chain.h"
#include "core/path/container_app.h"
#include "core/path/forwarded_path.h"
#include "core/path/path_headers.h"
#include "core/path/source_path.h"

#include <optional>
#include <string>
#include <string_view>

namespace gatescope::path {

/// All that one request says of its way, read once: what the building of hops and the checks share. Refers to the input
/// and to itself, so it stays where it was made.
struct RequestFacts {
    RequestFacts(const PathInput& given, const Trust& believed);
    RequestFacts(const RequestFacts&) = delete;
    RequestFacts& operator=(const RequestFacts&) = delete;

    const PathInput& input;
    const Trust& trust;
    PathHeaders headers;
    ClientChain client;
    const ForwardedFor& list = client.list;
    const Forwarded& forwarded = client.forwarded;
    const std::string_view listSource = client.listSource;
    const std::optional<Endpoint>& statedPeer = client.statedPeer;
    const HopChain& chain = client.chain;

    ContainerApp app;                      ///< empty: no container app is named
    std::optional<ForwardedPath> wrapped;  ///< the request target itself holds a URL: seen before the data proxy
    std::optional<ForwardedPath> embedded; ///< x-forwarded-path holds one
    std::string_view host;                 ///< Host without its port

    bool hasFoundryHeaders = false; ///< x-ms-foundry-*
    bool hasDataProxy = false;      ///< the container app is the data proxy
    bool hasIngress = false;        ///< x-k8se-* or x-ms-containerapp-*
    bool hasFrontEnd = false;       ///< marks of an App Service front end
    bool hasAppGateway = false;
    bool hasFrontDoor = false;
    bool hasTrust = false; ///< the user named someone

    /// Index of the item of the chain with that address, the rightmost one.
    std::optional<std::size_t> itemOf(const std::optional<IpAddress>& address) const;
    /// What a field with one address says, if it is one.
    static std::optional<IpAddress> addressIn(std::string_view value);
    /// A subnet that the topology gives a part of our own: a hop there explains why claims and packets differ.
    bool isKnownHop(const IpAddress& address) const;
};

} // namespace gatescope::path
