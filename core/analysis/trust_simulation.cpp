// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/trust_simulation.h"

#include "core/analysis/trust_chains.h"

#include <utility>

namespace gatescope::analysis {

namespace {

/// Certificates are added behind what is sent, but a root that is sent stays last.
std::vector<trust::CertificatePtr> changedChain(const std::vector<trust::CertificatePtr>& sent,
                                                const ChainChange& change) {
    if (!change.replace.empty()) return change.replace;
    std::vector<trust::CertificatePtr> changed = sent;
    const bool endsInRoot = changed.size() > 1 && changed.back()->selfSigned;
    changed.insert(changed.end() - (endsInRoot ? 1 : 0), change.add.begin(), change.add.end());
    return changed;
}

} // namespace

std::vector<TrustChain> withChange(const std::vector<TrustChain>& chains, const TrustSettings& settings,
                                   const ChainChange& change) {
    trust::CertificateSet pool;
    if (settings.pool) pool = *settings.pool;
    for (const TrustChain& chain : chains)
        for (const auto& certificate : chain.answer.sent) pool.add(certificate, trust::Origin::Capture);
    std::vector<TrustChain> changed;
    for (const TrustChain& chain : chains) {
        if (chain.answer.namesOnly) continue;
        TrustChain next = judgedChain(changedChain(chain.answer.sent, change), chain.ocspResponse, chain.host, chain.at,
                                      chain.source + ", changed", &pool, settings);
        next.number = chain.number;
        next.sessions = chain.sessions;
        next.rows = chain.rows;
        changed.push_back(std::move(next));
    }
    return changed;
}

void installRoots(TrustSettings& settings, const std::vector<trust::CertificatePtr>& roots) {
    for (trust::ProfilePtr& profile : settings.profiles) {
        auto changed = std::make_shared<trust::TrustProfile>(*profile);
        for (const auto& root : roots) changed->certificates.add(root, trust::Origin::User);
        profile = std::move(changed);
    }
}

TrustChain judgeFile(std::vector<trust::CertificatePtr> sent, const std::string& host, TimeNs at,
                     const TrustSettings& settings) {
    TrustChain chain = judgedChain(std::move(sent), {}, host, at, "file", settings.pool.get(), settings);
    chain.number = 1;
    return chain;
}

} // namespace gatescope::analysis
