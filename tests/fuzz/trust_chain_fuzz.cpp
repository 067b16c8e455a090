// SPDX-License-Identifier: Apache-2.0
// Input: an octet for the host, then certificates, each with its length in two octets in front. The first half is sent,
// the last is trusted, the rest is the pool. Whatever comes out keeps its promises.
#include "core/trust/chain.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <vector>

using namespace gatescope;
using namespace gatescope::trust;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

std::vector<CertificatePtr> certificatesIn(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kMax = 16;
    std::vector<CertificatePtr> certificates;
    while (size >= 2 && certificates.size() < kMax) {
        const std::size_t length = std::min<std::size_t>(std::size_t{data[0]} * 256 + data[1], size - 2);
        // A copy of exactly that size.
        const std::vector<char> exact(data + 2, data + 2 + length);
        if (const auto certificate = readCertificate({exact.data(), exact.size()}))
            certificates.push_back(*certificate);
        data += 2 + length;
        size -= 2 + length;
    }
    return certificates;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::array<std::string_view, 4> kHosts{"", "gw.example", "10.0.0.1", "a.b.gw.example."};
    if (size < 1) return 0;
    const std::vector<CertificatePtr> all = certificatesIn(data + 1, size - 1);
    ChainQuestion question;
    question.host = kHosts[data[0] % kHosts.size()];
    question.at = TimeNs{1'735'689'600} * 1'000'000'000; // 2025-01-01
    question.now = TimeNs{1'900'000'000} * 1'000'000'000;
    const std::size_t half = (all.size() + 1) / 2;
    question.sent.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(half));
    CertificateSet pool;
    for (std::size_t i = half; i < all.size(); ++i) pool.add(all[i], Origin::Capture);
    question.pool = &pool;
    auto profile = std::make_shared<TrustProfile>();
    profile->id = "custom";
    if (!all.empty()) profile->certificates.add(all.back(), Origin::User);
    question.profiles = {profile};

    const ChainAnswer answer = judgeChain(question);
    require(answer.verdicts.size() == 1 && !answer.headline.empty());
    require(answer.bestPath.empty() == question.sent.empty());
    require(std::ranges::is_sorted(answer.problems, {}, &Problem::weight));
    for (const Problem& problem : answer.problems) require(problem.kind != nullptr);
    const ProfileVerdict& verdict = answer.verdicts[0];
    if (verdict.verdict == Verdict::Trusted) {
        require(!verdict.root.empty() || verdict.path.back().certificate->subject.empty());
        require(verdict.path.back().certificate->sha256 == all.back()->sha256);
        for (std::size_t i = 1; i < verdict.path.size(); ++i)
            require(isIssuedBy(*verdict.path[i - 1].certificate, *verdict.path[i].certificate));
    }
    (void)servedChain(answer);
    return 0;
}
