// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"

// Everything that can be wrong with a chain or with a client's view of it. Which certificate, and the values, stand in
// the evidence. What the clients do was measured with the stacks that docs/trust.md names.

namespace gatescope::trust {

// --- The chain as a whole

inline constexpr FindingKind kMissingIntermediate{
    "trust.chain.missing-intermediate", Severity::High, "An intermediate certificate was not sent",
    "The server has to send every certificate between its own and the root (RFC 8446, 4.4.2). Clients that fetch what "
    "is missing from the address in the certificate (.NET, Windows, macOS, Chrome) connect all the same, as long as "
    "that address can be reached; OpenSSL, curl, Python, Node, Go, Java and rustls refuse. So it works from a desk and "
    "fails in an agent. Behind a firewall .NET waits 15 seconds for the address and then closes without a word.",
    "Serve the leaf and then each intermediate, without the root: `gscope trust --fixed-bundle FILE` writes that file "
    "where the certificates are at hand. Azure API Management: import a PFX that holds the whole chain. nginx: all of "
    "it in the file of `ssl_certificate`. Envoy: in `certificate_chain`. LiteLLM: in the file of "
    "`--ssl_certfile_path`. Where the address in the evidence answers, the certificate can be fetched there."};
inline constexpr FindingKind kUnknownIssuer{
    "trust.chain.unknown-issuer", Severity::High, "The issuer of the last certificate is not at hand",
    "The chain ends below a root: who signed its last certificate was neither sent nor found in the capture, in the "
    "system's store or in files that were given. A client that does not have the issuer either refuses with unknown_ca "
    "(Go and GnuTLS: bad_certificate; Java: certificate_unknown).",
    "If the issuer is your own CA, give its certificate with --intermediates or --add-root and judge again. If it is "
    "an intermediate of a public CA, the server has to send it: get it from the CA's repository or from the address in "
    "the evidence."};
inline constexpr FindingKind kPrivateCa{
    "trust.chain.private-ca", Severity::High, "The chain ends in a private CA",
    "The root is in no public programme. Only clients on which somebody installed it trust this server. Compute that "
    "Microsoft manages, such as the runtime of Foundry agents, has the public roots and takes no others, so its calls "
    "fail: with unknown_ca from OpenSSL, with nothing at all from .NET on Linux, Node and asynchronous Python.",
    "Give the name that agents use a certificate of a public CA. Azure API Management: a custom domain with a public "
    "certificate, or its own NAME.azure-api.net; nginx, Envoy, LiteLLM: a public certificate (an ACME client fetches "
    "one), or a front with one (Application Gateway, Front Door). On machines of your own the root can be installed "
    "instead: update-ca-certificates, SSL_CERT_FILE or REQUESTS_CA_BUNDLE for Python, NODE_EXTRA_CA_CERTS for Node, "
    "keytool -importcert -cacerts for Java."};
inline constexpr FindingKind kUntrustedRoot{
    "trust.chain.untrusted-root", Severity::High, "The root is not trusted by these clients",
    "The chain is complete, but its root is not in the list of roots of the profile. Programmes differ: Microsoft's "
    "list is about twice as long as Mozilla's, and an old Java has the roots of its own year only. One client connects "
    "and another refuses (unknown_ca, in Java certificate_unknown).",
    "Use a certificate whose root all of them trust (profile strict-common), or serve the cross-signed intermediate "
    "that leads to such a root if your CA has one. On machines of your own update the store instead: the "
    "ca-certificates package, certifi, a newer JDK."};
inline constexpr FindingKind kSelfSignedLeaf{
    "trust.chain.self-signed-leaf", Severity::High, "The server's certificate is self-signed",
    "It vouches for itself, so nobody trusts it who did not install this very certificate. Usually it is the default "
    "of a program or image that was never replaced. OpenSSL clients say unknown_ca, Java, rustls and NSS "
    "certificate_unknown, Go and GnuTLS bad_certificate; .NET on Linux and Node close without an alert.",
    "Replace it by a certificate of a public CA for this name, with its intermediates. Check that the name in SNI is "
    "the one to which the right certificate is bound (custom domain of Azure API Management, `server_name` of nginx, "
    "`filter_chain_match` of Envoy): with another name the default certificate is served."};
inline constexpr FindingKind kLeafNotFirst{
    "trust.chain.leaf-not-first", Severity::High, "The server's own certificate does not come first",
    "The first certificate of the message is the one that is checked against the host and whose key signs the "
    "handshake (RFC 8446, 4.4.2). If a CA certificate comes first, every client refuses, and most servers do not even "
    "start with such a file.",
    "Put the leaf first in the file, then its issuer, and so on: `gscope trust --fixed-bundle FILE` writes that order. "
    "nginx, Envoy and LiteLLM take the file as it is; a PFX for Azure API Management has to be exported with the leaf "
    "that belongs to the key."};
inline constexpr FindingKind kWrongOrder{
    "trust.chain.wrong-order", Severity::Low, "The certificates are not in order",
    "Each certificate should certify the one before it. TLS 1.2 demands that; since TLS 1.3 clients have to cope with "
    "any order. All twelve stacks that were measured accepted leaf, root, intermediate. Small stacks in devices may "
    "not.",
    "Sort the file: leaf, its issuer, the issuer of that. `gscope trust --fixed-bundle FILE` writes it."};
inline constexpr FindingKind kDuplicate{
    "trust.chain.duplicate", Severity::Low, "A certificate was sent twice",
    "Harmless, but it makes every full handshake longer by the size of the certificate. It happens when a file that "
    "holds the whole chain already is joined with the bundle of the CA.",
    "Leave one of the two out of the file that the server serves."};
inline constexpr FindingKind kExtra{
    "trust.chain.extra", Severity::Low, "A certificate was sent that belongs to nothing",
    "It is on no path from the server's certificate upwards. Clients ignore it. Often it is the intermediate of the "
    "last year's certificate: then the right one is missing.",
    "Remove it, and check that the intermediate which signed the present leaf is there: compare the issuer of the leaf "
    "with the subjects of the others."};
inline constexpr FindingKind kRootSent{
    "trust.chain.root-sent", Severity::Low, "The root was sent",
    "Clients trust a root because they have it, never because a server sends it, so it only makes the handshake "
    "longer. Exception: a cross-signed certificate of the same name is no root and may be needed by old clients.",
    "Leave the self-signed certificate at the end of the file out."};
inline constexpr FindingKind kSeveralLeaves{
    "trust.chain.several-leaves", Severity::Low, "More than one server certificate was sent",
    "Only the first is used; a second one that is no CA cannot be part of the chain. It is often the certificate "
    "before the last renewal, and then the server still may serve the old one first.",
    "Keep the present leaf only. Compare the dates of both: the one in the first place is what clients judge."};
inline constexpr FindingKind kCrossSignExpires{
    "trust.chain.cross-sign-expires", Severity::Medium, "A cross-signed certificate of the chain expires soon",
    "The leaf is valid for longer than a certificate above it. On that day clients that know another path go on, and "
    "those that know only this one (older Java, old images, pinned bundles) refuse from one minute to the next, "
    "although nothing changed on the server.",
    "Ask the CA which intermediate replaces it, and serve that one. Test old clients against the other root first; the "
    "matrix of profiles shows who has it. Microsoft's Azure CAs changed from DigiCert Global Root G2 to Microsoft RSA "
    "Root CA 2017 in this way in 2026."};
inline constexpr FindingKind kCrossSignExpired{
    "trust.chain.cross-sign-expired", Severity::Medium, "One of the paths has expired, another has not",
    "The issuer of this certificate exists more than once: certified by different roots, with different dates. Some of "
    "those certificates have expired. Clients that know the other root go on; those that know only the root of the "
    "expired one refuse with certificate_expired or unknown_ca.",
    "Serve the intermediate that leads to the root which all clients have, and remove the expired one from the file. "
    "Update clients that lack the other root: the ca-certificates package, certifi, a newer JDK."};
inline constexpr FindingKind kInspection{
    "trust.chain.inspection", Severity::High, "A proxy that inspects TLS seems to have made this certificate",
    "The issuer is in no public programme and the certificate is only days old, or says that it was made for "
    "inspection. Firewalls that read TLS (Azure Firewall Premium, Zscaler and the like) make one for each name. "
    "Clients without the proxy's own root refuse; so do all that pin a certificate.",
    "Exempt the gateway's name from inspection (in Azure Firewall an application rule without TLS inspection), or "
    "install the proxy's root where the client runs. Into compute that Microsoft manages it cannot be installed. The "
    "same name seen from another network shows the true certificate."};
inline constexpr FindingKind kTooManyPaths{
    "trust.chain.too-many-paths", Severity::Low, "Not every path was tried",
    "The certificates can be put together in so many ways that the search stopped at its limit. The best path that was "
    "found is shown; a better one may exist.",
    "Serve only the certificates that belong to the chain, and give fewer extra ones."};
inline constexpr FindingKind kTooManyCertificates{
    "trust.chain.too-many-certificates", Severity::Low, "More certificates were sent than are looked at",
    "Real chains have two to five. Those above the limit were left out of the judgement. Java refuses more than ten.",
    "Serve the leaf and its intermediates only. A whole bundle of CAs in the file of the server is the usual reason."};
inline constexpr FindingKind kNamesOnly{
    "trust.chain.names-only", Severity::Info, "Judged by names from a header",
    "A header told subject and issuer, not the certificate. The names were looked up in the tables of public CAs; no "
    "signature, date or host name could be checked, and anybody can give a private CA a public name. A header that "
    "came with a request also shows that this client finished TLS: it trusts the certificate, or does not check.",
    "To be sure, give the certificates: `openssl s_client -connect HOST:443 -servername HOST -showcerts` prints them, "
    "and `gscope trust --pem FILE --host HOST` judges them."};

// --- One certificate: its time

inline constexpr FindingKind kExpired{
    "trust.certificate.expired", Severity::High, "A certificate has expired",
    "Its last day was before the time of the handshake. OpenSSL, Java, rustls and NSS clients say certificate_expired, "
    "Go and GnuTLS bad_certificate, Chrome certificate_unknown; .NET on Linux and Node say nothing. If it is not the "
    "leaf "
    "but a certificate above it, clients with another path still connect.",
    "Renew it and load it: Azure API Management takes a renewed Key Vault certificate by itself within hours if its "
    "identity may read the secret, otherwise import it again; nginx needs a reload, Envoy SDS or a restart, LiteLLM a "
    "restart. An expired intermediate or cross-sign is replaced in the served file. Check the clock of the client, "
    "too."};
inline constexpr FindingKind kNotYetValid{
    "trust.certificate.not-yet-valid", Severity::High, "A certificate is not valid yet",
    "Its first day lies after the time of the handshake. With a fresh certificate the usual reason is a clock that is "
    "behind, on the client or on the machine that captured. OpenSSL, Go, Java say bad_certificate, rustls and NSS "
    "certificate_expired.",
    "Check the clocks of client and capturing host (chronyc tracking). Else serve the certificate before it, or have "
    "the CA date it back by an hour, as public CAs do."};
inline constexpr FindingKind kExpiresSoon{
    "trust.certificate.expires-soon", Severity::Medium, "A certificate expires soon",
    "Every client will refuse after that moment. Public certificates last 200 days at most since March 2026 and become "
    "shorter, so a renewal that nobody automated is forgotten more often than before.",
    "Renew now and see that it is done by a program the next time: Key Vault with autorenewal for Azure API "
    "Management, an ACME client with a reload hook for nginx, SDS for Envoy."};
inline constexpr FindingKind kLongValidity{
    "trust.certificate.long-validity", Severity::Low, "A certificate is valid for longer than public rules allow",
    "For certificates of public CAs issued since March 2018 the limit is 825 days, since September 2020 398, since 15 "
    "March 2026 200, and from 15 March 2027 on 100. Apple also refuses leaves of private CAs that last longer than 825 "
    "days (issued since July 2019). Servers, agents and SDKs on OpenSSL, Go, Java, Node or .NET do not look at it.",
    "Issue it for a shorter time if Apple devices or browsers connect; for agents alone nothing needs to be done."};

// --- One certificate: its names

inline constexpr FindingKind kHostMismatch{
    "trust.certificate.host-mismatch", Severity::High, "The certificate does not name this host",
    "The client asked for a name that is in none of the certificate's alternative names (RFC 9525). Many clients check "
    "this only after the handshake (curl, requests, nginx as a client, .NET), so the server sees a handshake that "
    "worked and no request. A client that sends no SNI, or calls by address, gets the default certificate and lands "
    "here, too.",
    "Either call the gateway by a name that the certificate has (the evidence has the nearest), or issue one with this "
    "name in subjectAltName. Azure API Management: the host must be the custom domain or NAME.azure-api.net, and SNI "
    "must be sent. nginx as a client: proxy_ssl_server_name on and proxy_ssl_name. Envoy: sni and "
    "match_typed_subject_alt_names. LiteLLM: correct api_base."};
inline constexpr FindingKind kCommonNameOnly{
    "trust.certificate.common-name-only", Severity::High, "The host stands in the common name only",
    "The certificate has no alternative DNS name, and the host only in the subject's CN. Browsers, Go, rustls and "
    "urllib3 2 (requests) ignore the CN, as RFC 9525 demands; curl, Node, Java and .NET still look there when there is "
    "no alternative name. So one client connects and the next refuses.",
    "Issue the certificate again with the name in subjectAltName: openssl req -addext subjectAltName=DNS:NAME."};

// --- One certificate: what it may be used for

inline constexpr FindingKind kNotACa{
    "trust.certificate.not-a-ca", Severity::High, "An issuer is no certificate authority",
    "A certificate of the chain was signed by one that says CA:FALSE or does not say that it is a CA. Every client "
    "refuses (OpenSSL and NSS unknown_ca, Java and rustls certificate_unknown), because otherwise any server could "
    "issue certificates.",
    "Sign the leaf with a certificate that has basicConstraints CA:TRUE (critical) and keyUsage keyCertSign."};
inline constexpr FindingKind kPathLength{
    "trust.certificate.path-length", Severity::High, "More certificates below a CA than it allows",
    "A CA's pathlen says how many CAs may follow below it, and the chain has more. Every client refuses, each with a "
    "different alert: OpenSSL unknown_ca, NSS and Go bad_certificate, Java and rustls certificate_unknown.",
    "Issue the leaf from a CA that is allowed to, or have the upper CA issued with a larger pathlen."};
inline constexpr FindingKind kNameConstraints{
    "trust.certificate.name-constraints", Severity::High, "A name is outside of what the CA may certify",
    "A CA of the chain may certify only certain domains (RFC 5280, 4.2.1.10), and the certificate has a name outside. "
    "One such name is enough: the whole certificate is refused, also for its other names (certificate_unknown; NSS, Go "
    "and GnuTLS bad_certificate).",
    "Ask for a certificate without the name in the evidence, or from a CA that may certify it."};
inline constexpr FindingKind kKeyUsage{
    "trust.certificate.key-usage", Severity::High, "The key may not be used for this",
    "keyUsage does not allow what the certificate is used for: a server's key must allow digitalSignature (with RSA "
    "key exchange of TLS 1.2 keyEncipherment), a CA's keyCertSign. Clients differ: NSS refuses an RSA leaf without "
    "keyEncipherment, OpenSSL refuses a CA without keyCertSign.",
    "Issue it again with keyUsage digitalSignature and keyEncipherment (RSA) or digitalSignature (EC), and keyCertSign "
    "for the CA."};
inline constexpr FindingKind kExtendedKeyUsage{
    "trust.certificate.extended-key-usage", Severity::High, "The certificate is not meant for TLS servers",
    "extendedKeyUsage lists purposes and serverAuth is not among them. OpenSSL and rustls clients say "
    "unsupported_certificate, NSS and Java certificate_unknown, Go bad_certificate; GnuTLS's wget accepts it. A CA "
    "with such a list restricts all below it.",
    "Issue it with extendedKeyUsage serverAuth. A client certificate cannot serve as a server's; public CAs no longer "
    "put both purposes into one."};

// --- One certificate: key and signature

inline constexpr FindingKind kWeakKey{
    "trust.certificate.weak-key", Severity::High, "A key is too short",
    "RSA below 2048 bits or a curve below 224 bits. OpenSSL refuses it at security level 2, which is the default of "
    "Debian's and Ubuntu's OpenSSL (curl, Python) and answers bad_certificate; rustls says decrypt_error, NSS "
    "certificate_unknown. Node 20 (level 1), Go 1.19, Java 17 and GnuTLS accepted RSA of 1024 bits in measurements.",
    "Make a new key, RSA 2048 or EC P-256, and have the certificate issued for it. An intermediate or root with such a "
    "key has to be replaced by its CA."};
inline constexpr FindingKind kWeakSignature{
    "trust.certificate.weak-signature", Severity::High, "A signature uses a weak digest",
    "SHA-1 or MD5. Almost every client refuses: OpenSSL from level 1 on and with it Node, Python and curl "
    "(bad_certificate), Go, GnuTLS, rustls (decrypt_error), Chrome; Java 17 and NSS accepted SHA-1 of a private CA in "
    "measurements. The signature of a self-signed root on itself does not count.",
    "Have the certificate issued again with SHA-256 or better; for a private CA set default_md = sha256."};
inline constexpr FindingKind kBadSignature{
    "trust.certificate.bad-signature", Severity::High, "A signature does not verify",
    "The certificate names an issuer whose key did not make its signature. Either it was changed or cut, or there are "
    "two CAs of the same name with different keys and the wrong one was served, as after a renewal with a new key.",
    "Serve the issuer whose key id the certificate names; the evidence has both. Compare the file with the original."};

// --- One certificate: form

inline constexpr FindingKind kCriticalExtension{
    "trust.certificate.critical-extension", Severity::High, "A critical extension that clients do not know",
    "An extension is marked critical, so a client that does not know it has to refuse (RFC 5280, 4.2). OpenSSL, Go, "
    "Java, rustls and browsers all do.",
    "Issue it again without the extension, or with critical FALSE if it is information only."};
inline constexpr FindingKind kInvalid{
    "trust.certificate.invalid", Severity::High, "A certificate breaks the rules of X.509",
    "A field or extension cannot be read, stands twice, or contradicts another. Programs differ in what they overlook; "
    "strict ones (Go, rustls, Chrome) refuse to parse it.",
    "Issue it again with a current CA program, and look at it with openssl x509 -text: the evidence names the part."};
inline constexpr FindingKind kLint{
    "trust.certificate.lint", Severity::Low, "Something unusual that strict clients refuse",
    "A rule of RFC 5280 or of the CA/Browser Forum is not kept. Most agents and SDKs accept it, some clients do not: "
    "who cares is told with each. With certificates of a private CA these are often the only difference between a "
    "client that works and one that does not.",
    "Correct it with the next renewal; at once if one of the clients named is yours."};
inline constexpr FindingKind kNoSct{
    "trust.certificate.no-sct", Severity::Info, "No proof of Certificate Transparency",
    "A leaf of a public CA without SCTs in it. Chrome and Apple's clients want them, there or in TLS or in the staple, "
    "and show ERR_CERTIFICATE_TRANSPARENCY_REQUIRED. Agents on .NET, Python, Go, Java and Node never look.",
    "Nothing for agents. For browsers have the certificate issued with embedded SCTs, which is every CA's default."};

// --- Revocation

inline constexpr FindingKind kRevoked{
    "trust.certificate.revoked", Severity::High, "A certificate is revoked",
    "Its CA has withdrawn it, by the staple or by a list that was given. Most agents do not notice: of the measured "
    "stacks only GnuTLS acted on a staple. Browsers, Windows and .NET with revocation checks switched on refuse.",
    "Make a new key and a new certificate today: the CA may have withdrawn it because the key is known to others."};
inline constexpr FindingKind kRevocationUnknown{
    "trust.certificate.revocation-unknown", Severity::Info, "Whether a certificate is revoked is not known",
    "No staple and no list that was given covers it, or the OCSP responder answers that it does not know the "
    "certificate. Gatescope asks nobody on the network. Clients that do ask go on when they get no answer, as a rule.",
    "To be sure, fetch the CRL that the certificate names and give it with the certificates."};
inline constexpr FindingKind kStapleBad{
    "trust.certificate.staple-bad", Severity::Medium, "The stapled OCSP response cannot be used",
    "It is too old, of the future, for another certificate, an error message of the responder, or its signature is not "
    "that of the issuer or of somebody to whom the issuer gave that right. Most agent stacks ignore staples. Firefox "
    "and GnuTLS refuse a bad one, and with must-staple others do as well.",
    "Let the server fetch it again: nginx with ssl_stapling on, a resolver and the issuer in ssl_trusted_certificate; "
    "Envoy reads a file (ocsp_staple), so renew that in time. The server must reach the OCSP host."};
inline constexpr FindingKind kStapleMissing{
    "trust.certificate.staple-missing", Severity::Medium,
    "A certificate asks for a stapled OCSP response, and there is none",
    "The certificate has the TLS feature extension (must-staple, RFC 7633), and the server sent no staple. GnuTLS and "
    "Firefox refuse then; OpenSSL, Go, Java, Node and .NET do not look.",
    "Switch stapling on (ssl_stapling on; in nginx, ocsp_staple_policy in Envoy), or have it issued without "
    "must-staple: Azure API Management does not let you choose."};

// --- What clients did

inline constexpr FindingKind kClientRejects{
    "trust.client.rejects", Severity::High, "A client does not trust the server's certificate",
    "It ended the handshake with an alert on the certificate, or in a way that has no other good explanation. No "
    "request was sent, so nothing stands in the gateway's log. The evidence has the reason, as far as it can be read.",
    "See the problems of the chain for what to repair, and the profiles for who else is affected. If the chain is "
    "sound in all public profiles, the client has a list of roots of its own: look at its store or container image."};
inline constexpr FindingKind kClientProbablyRejects{
    "trust.client.probably-rejects", Severity::Medium, "A client probably does not trust the server's certificate",
    "It left after the server had shown its certificate, without an alert and without a request. .NET on Linux, Node, "
    "asynchronous Python and Java's HttpClient refuse in this way, but probes and spare connections look alike; the "
    "evidence has how sure it is and what speaks for it.",
    "To settle it: the client's own log (.NET AuthenticationException, Node UNABLE_TO_VERIFY_LEAF_SIGNATURE, Python "
    "CERTIFICATE_VERIFY_FAILED), a key log, or the served PEM with `gscope trust --pem`."};
inline constexpr FindingKind kClientCertificateWanted{
    "trust.client.certificate-wanted", Severity::High, "The server wants a client certificate",
    "The server asked for one, the client had none, and the server closed. The server's own certificate is not the "
    "problem. A server may also complete TLS and answer 400, 401 or 403 instead (nginx, policies of Azure API "
    "Management).",
    "Give the client a certificate, or do not ask for one on the host that agents call: 'Negotiate client certificate' "
    "of the custom domain in Azure API Management, ssl_verify_client in nginx, require_client_certificate in Envoy. "
    "Find out first whether the agents can present one at all."};
inline constexpr FindingKind kNegotiationFailed{
    "trust.client.negotiation-failed", Severity::High, "Client and server could not agree",
    "The server answered the ClientHello with an alert: no common version, no common cipher suite, no common protocol "
    "(ALPN), or no host of this name. The certificate was never shown, so it is not the reason.",
    "Look at the alert: protocol_version - allow TLS 1.2 on both ends; handshake_failure - let the cipher suites and "
    "the kind of key (RSA, EC) meet; unrecognized_name - bind the host to the gateway (custom domain, server_name, "
    "filter_chain_match)."};

inline constexpr FindingKind kProfileOutdated{
    "trust.profile.outdated", Severity::Info, "A list of trusted roots is older than a year",
    "Programmes add and remove roots every few months. Verdicts with this profile tell what a client of that age does, "
    "which may be just what is wanted for an old image.",
    "Refresh it from a file: `gscope profiles` says how."};

} // namespace gatescope::trust
