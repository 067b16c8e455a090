// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/chain.h"

#include <span>
#include <vector>

namespace gatescope::trust {

// What is wrong with a chain whatever anybody trusts. judgeChain collects all of them.

/// Order, duplicates, certificates that belong to nothing, a root among them, more than one leaf.
Problems checkSent(std::span<const CertificatePtr> sent);
/// The leaf's names against `host`: which is near, and why it does not match (RFC 9525, 6).
Problems checkHost(const Certificate& leaf, std::string_view host);
/// Rules that OpenSSL does not enforce, with who does: CN only, no EKU, long validity, odd serial, weak keys of unused
/// certificates, ... `path` as judged, leaf first; `extra`: sent and not on the path.
Problems lint(std::span<const CertificateSet::Entry> path, std::span<const CertificatePtr> extra, TimeNs at);
/// Issuers that are needed and not sent, with what the tables and the pool know of them.
std::vector<MissingIssuer> missingIssuers(std::span<const CertificateSet::Entry> path,
                                          std::span<const CertificatePtr> sent, bool complete);
/// The stapled response (RFC 6960): its status, dates and signature.
Problems checkStaple(std::string_view response, std::span<const CertificateSet::Entry> path, TimeNs at);
/// The issuer is no public one and the leaf is young, as an inspecting proxy makes them.
Problems checkInspection(std::span<const CertificateSet::Entry> path, bool privateCa, TimeNs at);
/// An intermediate, or a cross-signed root, that expires within 90 days of `at` although the leaf lives longer, and the
/// paths that remain.
Problems checkExpirySoon(std::span<const CertificateSet::Entry> path, TimeNs at);

} // namespace gatescope::trust
