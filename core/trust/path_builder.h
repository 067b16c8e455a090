// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/certificate_set.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace gatescope::trust {

/// Leaf first. The last certificate is an anchor, or the last for which an issuer was found.
struct CandidatePath {
    std::vector<CertificateSet::Entry> certificates;
    bool anchored = false;
    /// A signature on the way does not verify: no issuer of that name did, and this one has the name and key id.
    bool broken = false;
    /// Of a path that ends without an issuer: one that was sent, or an anchor, has the issuer's name and another key.
    CertificatePtr namesake;
};

struct PathLimits {
    std::size_t depth = 12;    ///< certificates
    std::size_t steps = 3'000; ///< issuers looked at
    std::size_t paths = 64;    ///< that reach an anchor, and as many that do not
    /// Estimated microseconds for verifying signatures: chains with 16k-bit keys, or many keys, are cut short.
    std::uint64_t signatureCost = 60'000;
};

struct CandidatePaths {
    std::vector<CandidatePath> paths; ///< never empty
    bool limitReached = false;        ///< there may be others
};

/// Every path without a repeated certificate (and without a repeated pair of name and key) from the leaf through `sent`
/// and `pools` to a certificate that `isAnchor` accepts, or to where no issuer is found. Signatures are verified on the
/// way, each once. Anchored ones come first, then unbroken ones, then shorter ones; Anchors must be in `sent` or
/// `pools`, too.
CandidatePaths buildPaths(const CertificatePtr& leaf, std::span<const CertificatePtr> sent,
                          std::span<const CertificateSet* const> pools,
                          const std::function<bool(const Certificate&)>& isAnchor, const PathLimits& limits = {});

/// Remembers across calls which certificate issued which; for paths of one chain to the anchors of several profiles.
class IssuerMemory {
public:
    /// isIssuedBy() where the cost allows it; nullopt: the cost is used up.
    std::optional<bool> isIssuedBy(const Certificate& certificate, const Certificate& issuer, std::uint64_t limit);

private:
    std::map<std::pair<const Certificate*, const Certificate*>, bool> m_known;
    std::uint64_t m_cost = 0;
};
CandidatePaths buildPaths(const CertificatePtr& leaf, std::span<const CertificatePtr> sent,
                          std::span<const CertificateSet* const> pools,
                          const std::function<bool(const Certificate&)>& isAnchor, const PathLimits& limits,
                          IssuerMemory& memory);

/// Estimated microseconds that a signature made with this key costs to verify, on one core of 2020.
std::uint64_t signatureCost(const Certificate& issuer);

} // namespace gatescope::trust
