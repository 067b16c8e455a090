// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"
#include "core/base/ip_address.h"
#include "core/http/message.h"
#include "core/path/address_class.h"
#include "core/path/trust.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::path {

/// How well a hop is known, best first.
enum class Standing : std::uint8_t {
    Seen,    ///< in packets
    Proven,  ///< the hop that received the connection says so, and it is trusted or is the gateway itself
    Claimed, ///< a header says so, which any caller could have written
    Inferred ///< nothing says so directly; it must be there
};
/// `seen`, `proven`, `claimed`, `inferred`.
std::string_view toString(Standing standing);

/// Columns of the drawing, left to right.
enum class Lane : std::uint8_t {
    ManagedCompute,
    ClientNetwork,
    DelegatedSubnet,
    PrivateEndpoint,
    Edge,
    Gateway,
    Backend,
    Model
};
/// `managed-compute`, `client-network`, `delegated-subnet`, `private-endpoint`, `edge`, `gateway`, `backend`, `model`.
std::string_view toString(Lane lane);
/// For people: `Microsoft-managed compute`, ...
std::string_view title(Lane lane);

/// `agent`, `client`, `app-ingress`, `data-proxy`, `proxy`, `private-endpoint`, `front-door`, `app-gateway`,
/// `front-end`, `gateway`, `backend`, `model`, `firewall`.
enum class Role : std::uint8_t {
    Agent,
    Client,
    AppIngress,
    DataProxy,
    Proxy,
    PrivateEndpoint,
    FrontDoor,
    AppGateway,
    FrontEnd,
    Gateway,
    Backend,
    Model,
    Firewall
};
std::string_view toString(Role role);

/// One thing that speaks for a hop or against it.
struct Evidence {
    std::string
        source; ///< `x-forwarded-for`, `packets`, `log`, `topology`: a header's name in lower case, or whence else
    std::string value; ///< the part that speaks; never a secret
    bool against = false;
};

struct Hop {
    Role role = Role::Client;
    Lane lane = Lane::ClientNetwork;
    Standing standing = Standing::Claimed;
    std::optional<IpAddress> address;
    std::uint16_t port = 0; ///< 0: not known
    std::string text;       ///< what stands in its place when it is no address: `unknown`, `_hidden`, a name
    AddressClass addressClass;
    std::string name;   ///< app, revision, site, host, backend, deployment
    std::string subnet; ///< its name in the topology
    bool trusted = false;
    bool gapBefore = false; ///< something must lie between the hop before and this one that nothing shows
    std::vector<Evidence> evidence;
};

/// What one request says of its way. Empty views and absent endpoints: not known.
struct PathInput {
    const http::HeaderList* request = nullptr;
    const http::HeaderList* response = nullptr;
    std::string_view method, target, host, model;
    std::string_view requestedModel;
    std::string_view project;
    std::optional<Endpoint> packetClient, packetServer; ///< as the packets say
    std::optional<Endpoint> logPeer; ///< immediate peer of the gateway, by its log; port 0: not logged
    std::string_view tls;
    std::string_view ja4; ///< from the client hello
    std::string_view backend;
    bool publicIssuer = false;   ///< the issuer that x-arr-ssl names is a public authority, as far as the caller knows
    bool headersComplete = true; ///< false: a log that names only some of the request's header fields
};

struct SourcePath {
    std::vector<Hop> hops; ///< from the origin to the model
    std::optional<IpAddress> effectiveClient;
    std::string effectiveClientText;     ///< the address, or what the list holds in its place; empty: not known
    std::optional<IpAddress> verifiedBy; ///< the trusted hop that saw the effective client; none: nobody did
    std::vector<std::size_t> clientHops; ///< indices of the hops that came from X-Forwarded-For or Forwarded
    std::vector<Finding> findings;       ///< `path.*`, `id.*`, `sec.*` that this request alone shows
};

/// Deterministic; nothing is trusted that `trust` does not name.
SourcePath readPath(const PathInput& input, const Trust& trust);

/// What the effective client depends on. Empty and absent: not known.
struct ClientClaims {
    std::string_view forwardedFor, forwarded; ///< X-Forwarded-For, Forwarded: several fields as one list
    std::string_view clientIp, socketIp;      ///< CLIENT-IP, X-Azure-SocketIP
    std::optional<Endpoint> logPeer, packetClient;
};

/// Only the effective client, for columns; the same as `readPath` finds.
struct EffectiveClient {
    std::string text;
    std::optional<IpAddress> address;
    std::optional<IpAddress> verifiedBy;
};
EffectiveClient effectiveClient(const ClientClaims& claims, const Trust& trust);

/// A peer that the request itself names as the source of the connection to the front end: CLIENT-IP, X-Azure-SocketIP.
std::optional<Endpoint> statedPeer(const http::HeaderList& request);

} // namespace gatescope::path
