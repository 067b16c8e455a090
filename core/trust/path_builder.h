// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/certificate_set.h"

#include <functional>
#include <span>
#include <vector>

namespace gatescope::trust {

/// Leaf first. The last certificate is an anchor, or the last for which an issuer was found.
struct CandidatePath {
    std::vector<CertificateSet::Entry> certificates;
    bool anchored = false;
};

struct PathLimits {
    std::size_t depth = 12; ///< certificates
    std::size_t steps = 3'000;
    std::size_t paths = 64;
};

struct CandidatePaths {
    std::vector<CandidatePath> paths;
    bool limitReached = false; ///< there may be others
};

/// Every path without a repeated certificate (and without a repeated pair of name and key) from the leaf through `sent`
/// and `pool` to a certificate that `isAnchor` accepts, or to where no issuer is found. Signatures are verified on the
/// way. Anchored ones come first, shorter ones first.
CandidatePaths buildPaths(const CertificatePtr& leaf, std::span<const CertificatePtr> sent, const CertificateSet& pool,
                          const std::function<bool(const Certificate&)>& isAnchor, const PathLimits& limits = {});

} // namespace gatescope::trust
