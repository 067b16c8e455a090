// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"

// Everything that can be wrong with a chain or with a client's view of it. Which certificate, and the values, stand in
// the evidence.

namespace gatescope::trust {

inline constexpr FindingKind kMissingIntermediate{"trust.chain.missing-intermediate", Severity::High,
                                                  "An intermediate certificate was not sent", "", ""};
inline constexpr FindingKind kUnknownIssuer{"trust.chain.unknown-issuer", Severity::High,
                                            "The issuer of the last certificate is not at hand", "", ""};
inline constexpr FindingKind kPrivateCa{"trust.chain.private-ca", Severity::High, "The chain ends in a private CA", "",
                                        ""};
inline constexpr FindingKind kUntrustedRoot{"trust.chain.untrusted-root", Severity::High,
                                            "The root is not trusted by these clients", "", ""};
inline constexpr FindingKind kSelfSignedLeaf{"trust.chain.self-signed-leaf", Severity::High,
                                             "The server's certificate is self-signed", "", ""};
inline constexpr FindingKind kLeafNotFirst{"trust.chain.leaf-not-first", Severity::High,
                                           "The server's own certificate does not come first", "", ""};
inline constexpr FindingKind kWrongOrder{"trust.chain.wrong-order", Severity::Low, "The certificates are not in order",
                                         "", ""};
inline constexpr FindingKind kDuplicate{"trust.chain.duplicate", Severity::Low, "A certificate was sent twice", "", ""};
inline constexpr FindingKind kExtra{"trust.chain.extra", Severity::Low,
                                    "A certificate was sent that belongs to nothing", "", ""};
inline constexpr FindingKind kRootSent{"trust.chain.root-sent", Severity::Low, "The root was sent", "", ""};
inline constexpr FindingKind kSeveralLeaves{"trust.chain.several-leaves", Severity::Low,
                                            "More than one server certificate was sent", "", ""};
inline constexpr FindingKind kCrossSignExpires{"trust.chain.cross-sign-expires", Severity::Medium,
                                               "A cross-signed certificate of the chain expires soon", "", ""};
inline constexpr FindingKind kInspection{"trust.chain.inspection", Severity::High,
                                         "A proxy that inspects TLS seems to have made this certificate", "", ""};
inline constexpr FindingKind kTooManyPaths{"trust.chain.too-many-paths", Severity::Low, "Not every path was tried", "",
                                           ""};
inline constexpr FindingKind kNamesOnly{"trust.chain.names-only", Severity::Info, "Judged by names from a header", "",
                                        ""};
inline constexpr FindingKind kExpired{"trust.certificate.expired", Severity::High, "A certificate has expired", "", ""};
inline constexpr FindingKind kNotYetValid{"trust.certificate.not-yet-valid", Severity::High,
                                          "A certificate is not valid yet", "", ""};
inline constexpr FindingKind kExpiresSoon{"trust.certificate.expires-soon", Severity::Medium,
                                          "A certificate expires soon", "", ""};
inline constexpr FindingKind kLongValidity{"trust.certificate.long-validity", Severity::Low,
                                           "A certificate is valid for longer than public rules allow", "", ""};
inline constexpr FindingKind kHostMismatch{"trust.certificate.host-mismatch", Severity::High,
                                           "The certificate does not name this host", "", ""};
inline constexpr FindingKind kCommonNameOnly{"trust.certificate.common-name-only", Severity::High,
                                             "The host stands in the common name only", "", ""};
inline constexpr FindingKind kNotACa{"trust.certificate.not-a-ca", Severity::High,
                                     "An issuer is no certificate authority", "", ""};
inline constexpr FindingKind kPathLength{"trust.certificate.path-length", Severity::High,
                                         "More certificates below a CA than it allows", "", ""};
inline constexpr FindingKind kNameConstraints{"trust.certificate.name-constraints", Severity::High,
                                              "A name is outside of what the CA may certify", "", ""};
inline constexpr FindingKind kKeyUsage{"trust.certificate.key-usage", Severity::High,
                                       "The key may not be used for this", "", ""};
inline constexpr FindingKind kExtendedKeyUsage{"trust.certificate.extended-key-usage", Severity::High,
                                               "The certificate is not meant for TLS servers", "", ""};
inline constexpr FindingKind kWeakKey{"trust.certificate.weak-key", Severity::High, "A key is too short", "", ""};
inline constexpr FindingKind kWeakSignature{"trust.certificate.weak-signature", Severity::High,
                                            "A signature uses a weak digest", "", ""};
inline constexpr FindingKind kBadSignature{"trust.certificate.bad-signature", Severity::High,
                                           "A signature does not verify", "", ""};
inline constexpr FindingKind kCriticalExtension{"trust.certificate.critical-extension", Severity::High,
                                                "A critical extension that clients do not know", "", ""};
inline constexpr FindingKind kInvalid{"trust.certificate.invalid", Severity::High,
                                      "A certificate breaks the rules of X.509", "", ""};
inline constexpr FindingKind kLint{"trust.certificate.lint", Severity::Low,
                                   "Something unusual that strict clients refuse", "", ""};
inline constexpr FindingKind kRevoked{"trust.certificate.revoked", Severity::High, "A certificate is revoked", "", ""};
inline constexpr FindingKind kRevocationUnknown{"trust.certificate.revocation-unknown", Severity::Info,
                                                "Whether a certificate is revoked is not known", "", ""};
inline constexpr FindingKind kStapleBad{"trust.certificate.staple-bad", Severity::Medium,
                                        "The stapled OCSP response cannot be used", "", ""};
inline constexpr FindingKind kStapleMissing{"trust.certificate.staple-missing", Severity::Medium,
                                            "A certificate asks for a stapled OCSP response, and there is none", "",
                                            ""};
inline constexpr FindingKind kClientRejects{"trust.client.rejects", Severity::High,
                                            "A client does not trust the server's certificate", "", ""};
inline constexpr FindingKind kClientProbablyRejects{"trust.client.probably-rejects", Severity::Medium,
                                                    "A client probably does not trust the server's certificate", "",
                                                    ""};
inline constexpr FindingKind kClientCertificateWanted{"trust.client.certificate-wanted", Severity::High,
                                                      "The server wants a client certificate", "", ""};
inline constexpr FindingKind kNegotiationFailed{"trust.client.negotiation-failed", Severity::High,
                                                "Client and server could not agree", "", ""};
inline constexpr FindingKind kProfileOutdated{"trust.profile.outdated", Severity::Info,
                                              "A list of trusted roots is older than a year", "", ""};

} // namespace gatescope::trust
