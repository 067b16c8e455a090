// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/trust_issuers.h"

#include "core/trust/trust_findings.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace gatescope::analysis {

namespace {

/// A company has a few domains behind its private CA; a proxy has all that are visited.
constexpr std::size_t kUnrelated = 3;

/// The last two labels: as near to "who owns it" as one comes without a list of public suffixes.
std::string ownerOf(std::string_view host) {
    const std::size_t last = host.rfind('.');
    if (last == host.npos || last == 0) return {};
    const std::size_t second = host.rfind('.', last - 1);
    return std::string(second == host.npos ? host : host.substr(second + 1));
}

bool isCandidate(const TrustChain& chain) {
    return chain.answer.privateCa && !chain.answer.sent.empty() && !chain.answer.sent.front()->selfSigned;
}

void addEvidence(TrustChain& chain, const std::string& told) {
    auto& problems = chain.answer.problems;
    const auto known = std::ranges::find(problems, &trust::kInspection, &trust::Problem::kind);
    if (known != problems.end()) {
        known->evidence.push_back(told);
        return;
    }
    const trust::CertificatePtr& leaf = chain.answer.sent.front();
    problems.push_back({&trust::kInspection,
                        trust::Weight::Remark,
                        leaf,
                        0,
                        {leaf->subject, told},
                        "clients without the proxy's root"});
}

} // namespace

void addSharedIssuers(std::vector<TrustChain>& chains) {
    std::map<std::string, std::set<std::string>> owners; ///< of the names, by issuer
    for (const TrustChain& chain : chains)
        if (isCandidate(chain))
            if (std::string owner = ownerOf(chain.host); !owner.empty())
                owners[chain.answer.sent.front()->issuerKey].insert(std::move(owner));
    for (TrustChain& chain : chains) {
        if (!isCandidate(chain)) continue;
        const auto names = owners.find(chain.answer.sent.front()->issuerKey);
        if (names == owners.end() || names->second.size() < kUnrelated) continue;
        std::string told = fmt::format("the same CA issued for {} unrelated domains:", names->second.size());
        std::size_t shown = 0;
        for (const std::string& owner : names->second)
            if (shown++ < kUnrelated) told += (shown == 1 ? " " : ", ") + owner;
        addEvidence(chain, told);
    }
}

} // namespace gatescope::analysis
