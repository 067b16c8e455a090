// SPDX-License-Identifier: Apache-2.0
#include "core/trust/sent_chain.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace gatescope::trust {

namespace {

constexpr std::size_t kMostMissing = 8; // real chains have three at most

std::string_view idOf(const std::optional<std::string>& keyId) {
    return keyId ? std::string_view(*keyId) : std::string_view();
}

/// Unknown ids contradict nothing.
bool mayBeSameKey(std::string_view a, std::string_view b) {
    return a.empty() || b.empty() || a == b;
}

/// Of the rows with this name and key, the one that lasts longest.
const PublicIntermediate* rowOf(std::string_view name, std::string_view keyId) {
    const PublicIntermediate* best = nullptr;
    for (const PublicIntermediate& row : publicIntermediatesNamed(name))
        if (mayBeSameKey(row.subjectKeyId, keyId) && (best == nullptr || row.notAfter > best->notAfter)) best = &row;
    return best;
}

const PublicIntermediate* rowOf(const Certificate& certificate) {
    for (const PublicIntermediate& row : publicIntermediatesNamed(certificate.subject))
        if (row.sha256 == certificate.sha256) return &row;
    return nullptr;
}

bool isPublicRoot(std::string_view name, std::string_view keyId) {
    return std::ranges::any_of(publicRootsNamed(name),
                               [&](const PublicRoot& root) { return mayBeSameKey(root.keyId, keyId); });
}

/// Used to build the path, and not sent.
MissingIssuer atHand(const CertificateSet::Entry& entry, const Certificate& below) {
    MissingIssuer missing;
    missing.name = entry.certificate->subject;
    missing.keyId = idOf(entry.certificate->subjectKeyId);
    missing.addresses = below.caIssuers;
    missing.certificate = entry.certificate;
    missing.origin = entry.origin;
    missing.known = rowOf(*entry.certificate);
    missing.isRoot = entry.certificate->selfSigned || publicRootOf(entry.certificate->sha256) != nullptr;
    return missing;
}

/// From where nothing is at hand upwards, as far as the table knows.
void addUnknown(const Certificate& top, std::vector<MissingIssuer>& list) {
    MissingIssuer next;
    next.name = top.issuer;
    next.keyId = idOf(top.authorityKeyId);
    next.addresses = top.caIssuers;
    while (list.size() < kMostMissing) {
        const bool repeated =
            std::ranges::any_of(list, [&](const auto& other) { return !other.certificate && other.name == next.name; });
        if (next.name.empty() || repeated) return;
        next.isRoot = isPublicRoot(next.name, next.keyId);
        next.known = next.isRoot ? nullptr : rowOf(next.name, next.keyId);
        list.push_back(next);
        if (next.known == nullptr) return;
        MissingIssuer above;
        above.name = next.known->issuer;
        above.keyId = next.known->authorityKeyId;
        if (!next.known->caIssuers.empty()) above.addresses.emplace_back(next.known->caIssuers);
        next = std::move(above);
    }
}

} // namespace

std::vector<MissingIssuer> missingIssuers(std::span<const CertificateSet::Entry> path,
                                          std::span<const CertificatePtr> sent, bool complete) {
    std::vector<MissingIssuer> list;
    if (path.empty()) return list;
    const auto wasSent = [&](const Certificate& certificate) {
        return std::ranges::any_of(
            sent, [&](const CertificatePtr& other) { return other && other->sha256 == certificate.sha256; });
    };
    for (std::size_t place = 1; place < path.size() && list.size() < kMostMissing; ++place)
        if (!wasSent(*path[place].certificate)) list.push_back(atHand(path[place], *path[place - 1].certificate));
    const Certificate& top = *path.back().certificate;
    if (!complete && !top.selfIssued) addUnknown(top, list);
    return list;
}

} // namespace gatescope::trust
