// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"

namespace gatescope::path {

inline constexpr FindingKind kProxyProtocol{
    "path.proxy-protocol", Severity::Info, "The connection begins with a PROXY header",
    "A load balancer, or Azure Private Link, says for whom it opened this connection. Nobody else vouches for that "
    "address; the client that is shown elsewhere is the one in the packets.",
    "Where such headers are expected, make sure that only the load balancer can reach this port: anybody else could "
    "name "
    "any address."};
inline constexpr FindingKind kFoundryClaimWithoutProxy{
    "path.foundry-claim-without-proxy", Severity::High, "Foundry headers without the marks of the data proxy",
    "The request says that a Foundry agent sent it, but nothing shows the proxy through which agents leave. Any caller "
    "can write these headers, and a policy may give it a limit or an identity because of them.",
    "Let the gateway accept Foundry headers only from the subnet of the agents, and check the token's claims."};

inline constexpr FindingKind kCgnatFromUntrusted{
    "path.cgnat-from-untrusted", Severity::High, "An address of Microsoft-managed compute is only claimed",
    "X-Forwarded-For names an address of 100.64.0.0/10, but the hop that wrote it is not trusted. Any machine in the "
    "network can write this header.",
    "If the hop is the subnet of your agents, name it as trusted; else find out who sends these requests."};

inline constexpr FindingKind kFrontDoorBypass{
    "path.front-door-bypass", Severity::High, "The request did not come through your Front Door",
    "X-Azure-FDID is missing or holds another profile's id, so the request reached the gateway past the edge and its "
    "firewall rules.",
    "Let the gateway refuse requests without the id of your Front Door."};

inline constexpr FindingKind kForwardedHostMismatch{
    "path.forwarded-host-mismatch", Severity::Medium, "Headers name different hosts",
    "The host in x-forwarded-path, Host and DISGUISED-HOST should be the same gateway. A rewrite on the way or an "
    "invented header makes them differ.",
    "Find the hop that rewrites the host."};

inline constexpr FindingKind kTlsInconsistent{
    "path.tls-inconsistent", Severity::Medium, "Headers disagree on the TLS connection",
    "The JA4 fingerprint, X-Forwarded-TlsVersion and x-arr-ssl tell of one connection to the front end. When they "
    "disagree, a proxy stands between, or the headers come from several requests.",
    ""};

inline constexpr FindingKind kPrivateCa{
    "path.private-ca", Severity::High, "The gateway's certificate may come from a private authority",
    "x-arr-ssl names an issuer that is none of the well-known public ones in our lists. Foundry agents trust public "
    "authorities only, and a certificate that they do not trust fails without a clear message.",
    "Check the issuer; give the gateway a certificate of a public authority if it is private."};

inline constexpr FindingKind kReservedOverlap{
    "path.reserved-overlap", Severity::High, "A subnet overlaps a reserved range",
    "Networks of Foundry agents, and those peered with them, must not overlap ranges that Foundry, Container Apps or "
    "Azure use themselves. Traffic to such addresses never leaves the platform.",
    "Choose another range for the subnet."};

inline constexpr FindingKind kSubnetOverlap{
    "path.subnet-overlap", Severity::Medium, "Two subnets overlap",
    "An address in both cannot be told apart, and peered networks must not overlap.",
    "Correct the ranges in the topology, or the networks themselves."};

inline constexpr FindingKind kSubnetNotPrivate{
    "path.subnet-not-private", Severity::High, "A subnet of agents or private endpoints is not in RFC 1918",
    "Foundry supports 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16 for the subnets of agents and private endpoints; "
    "public and shared (CGNAT) addresses are not supported.",
    "Choose a range within RFC 1918."};

inline constexpr FindingKind kAgentSubnetSmall{
    "path.agent-subnet-small", Severity::Medium, "The subnet of the agents is too small",
    "The subnet that is delegated to the agents needs at least 32 addresses (/27); 256 (/24) are recommended.",
    "Give the agents a larger subnet."};

inline constexpr FindingKind kClaimsDisagree{
    "path.claims-disagree", Severity::Medium, "What tells of the hops disagrees",
    "Packets, CLIENT-IP, X-Forwarded-For and the other headers name different addresses for the same hop. Either a "
    "hop lies between that none of them lists, or a header was invented.",
    "If the address in the packets is a proxy or the gateway of yours, name its network as trusted or in the "
    "topology."};

inline constexpr FindingKind kMultiSubnetProject{
    "path.multi-subnet-project", Severity::Medium, "One project arrives from several subnets or TLS clients",
    "Calls of one Foundry project come through one proxy as a rule, so from one subnet and with one JA4 fingerprint. "
    "A second one means another proxy, a moved subnet, or someone else using the project's name.",
    "Check the subnets; the evidence names them."};

inline constexpr FindingKind kTooManyWays{
    "path.too-many-ways", Severity::Low, "Some exchanges are not in the picture",
    "There are more different ways than are kept. Invented X-Forwarded-For headers make as many as there are requests.",
    "Filter for a part of the exchanges."};

inline constexpr FindingKind kMiridMismatch{
    "id.mirid-mismatch", Severity::High, "The token belongs to another project",
    "The claim xms_mirid of the bearer token names the Foundry project whose identity it is, and openai-project names "
    "another one. The token was decoded, not verified.",
    "Let the gateway take the project from the token instead of the header."};

inline constexpr FindingKind kModelMismatch{
    "id.model-mismatch", Severity::Medium, "Header and request name different models",
    "x-ms-foundry-model-id names another model than the URL or, where the URL names none, the body. A gateway rerouted "
    "the call, or the caller does not say the truth.",
    ""};

inline constexpr FindingKind kClientRequestIdConstant{
    "id.client-request-id-constant", Severity::Info, "x-ms-client-request-id is the same in all requests",
    "A request id changes with each request. One that stays behaves like an identity.",
    "Compare it with the claims oid and appid of the token."};

inline constexpr FindingKind kAgentVersionInId{
    "id.agent-version-bucket", Severity::Info, "The agent's id holds its version",
    "Limits and metrics that use x-ms-foundry-agent-id as it is start anew with each published version of the agent.",
    "Cut the id at its last colon."};

inline constexpr FindingKind kSecretInUrl{
    "sec.secret-in-url", Severity::High, "A secret stands in a URL",
    "URLs are written to logs and passed on in Referer. The evidence names the parameters, not their values.",
    "Send the credential in a header, and replace it: it has been logged."};

/// The same in captures and in files that people pass around: a capture always holds what was sent.
inline constexpr FindingKind kSecretInCapture{"sec.secret-in-capture", Severity::Info, "The capture holds credentials",
                                              "A header with a credential was sent and can be read in this capture.",
                                              "Mask the file before you share it."};
inline constexpr FindingKind kSecretInLog{
    "sec.secret-in-capture", Severity::High, "A log or dump holds credentials that are not masked",
    "Whoever can read the file can use the credential.",
    "Mask the file, replace the credential, and keep the header out of the log's configuration."};

inline constexpr FindingKind kSpilloverSteering{
    "sec.spillover-steering", Severity::Medium, "The caller chooses the spillover deployment",
    "The request carries x-ms-spillover-deployment, with which a caller decides what is billed by the token.",
    "Remove the header in the gateway's policy."};

inline constexpr FindingKind kImdsTarget{
    "sec.imds-target", Severity::High, "A request goes to the instance metadata service",
    "169.254.169.254 gives out tokens of the machine's identity. A request to it that passes a gateway or a tool is a "
    "sign of server-side request forgery.",
    "Find out what made the request, and block the address."};

inline constexpr FindingKind kHeaderNotLogged{
    "log.header-not-logged", Severity::Low, "The log has no header that says who called",
    "None of the headers that name project and agent is in this log. Not logged does not mean not sent.",
    "Add the headers to the log's settings."};

} // namespace gatescope::path
