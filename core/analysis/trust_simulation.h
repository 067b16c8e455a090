// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/trust_answer.h"

#include <vector>

namespace gatescope::analysis {

/// What somebody thinks of doing about a chain.
struct ChainChange {
    std::vector<trust::CertificatePtr> add;     ///< sent by the server as well
    std::vector<trust::CertificatePtr> replace; ///< sent instead; empty: what was sent
    bool changesSent() const { return !add.empty() || !replace.empty(); }
};

/// The same chains as they would be judged with the change, under the same numbers; `settings` holds what clients
/// would trust then. Chains known by names only are left out: nothing could be verified.
std::vector<TrustChain> withChange(const std::vector<TrustChain>& chains, const TrustSettings& settings,
                                   const ChainChange& change);

/// As if somebody had installed these roots in every client.
void installRoots(TrustSettings& settings, const std::vector<trust::CertificatePtr>& roots);

/// A chain that belongs to no capture, from a file.
TrustChain judgeFile(std::vector<trust::CertificatePtr> sent, const std::string& host, TimeNs at,
                     const TrustSettings& settings);

} // namespace gatescope::analysis
