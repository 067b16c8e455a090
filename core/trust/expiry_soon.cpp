// SPDX-License-Identifier: Apache-2.0
#include "core/trust/days.h"
#include "core/trust/other_issues.h"
#include "core/trust/sent_chain.h"
#include "core/trust/trust_findings.h"

#include <algorithm>
#include <string>
#include <utility>

namespace gatescope::trust {

namespace {

constexpr TimeNs kSoonForCa = 90 * kDay;
constexpr TimeNs kSoonForLeaf = 21 * kDay;

void add(Problems& problems, const FindingKind& kind, const CertificateSet::Entry& entry, std::size_t depth,
         std::vector<std::string> facts, std::string concerns = {}) {
    facts.insert(facts.begin(), entry.certificate->subject);
    problems.push_back(
        {&kind, Weight::Remark, entry.certificate, static_cast<int>(depth), std::move(facts), std::move(concerns)});
}

std::string untilText(const Certificate& certificate, TimeNs at) {
    return "until " + dayOf(certificate.notAfter) + ", " + inDays(wholeDays(at, certificate.notAfter)) + " from then";
}

/// Certificates that last a few weeks are renewed in their last third, as ACME clients do.
void checkLeaf(std::span<const CertificateSet::Entry> path, TimeNs at, Problems& problems) {
    const Certificate& leaf = *path.front().certificate;
    if (leaf.notAfter == kNoTime || leaf.notBefore == kNoTime || at > leaf.notAfter) return;
    const TimeNs soon = std::min(kSoonForLeaf, elapsed(leaf.notBefore, leaf.notAfter) / 3);
    if (elapsed(at, leaf.notAfter) < soon) add(problems, kExpiresSoon, path.front(), 0, {untilText(leaf, at)});
}

std::vector<std::string> otherIssuesOf(const Certificate& ca, TimeNs at) {
    std::vector<std::string> others;
    const std::string_view keyId = ca.subjectKeyId ? std::string_view(*ca.subjectKeyId) : std::string_view();
    for (const CaIssue& issue : issuesOf(ca.subject, keyId)) {
        const auto& digest = issue.root != nullptr ? issue.root->sha256 : issue.certified->sha256;
        // A day's begin is all that the table knows.
        if (digest == ca.sha256 || elapsed(at, issue.notAfter) < 0 || issue.notAfter <= ca.notAfter) continue;
        others.push_back("also " + issue.text);
    }
    return others;
}

void checkCa(std::span<const CertificateSet::Entry> path, std::size_t depth, TimeNs at, Problems& problems) {
    const Certificate& ca = *path[depth].certificate;
    const Certificate& leaf = *path.front().certificate;
    if (ca.notAfter == kNoTime || leaf.notAfter == kNoTime || ca.notAfter >= leaf.notAfter) return;
    const bool expired = at > ca.notAfter;
    if (!expired && elapsed(at, ca.notAfter) > kSoonForCa) return;
    std::vector<std::string> others = otherIssuesOf(ca, at);
    if (expired && others.empty()) return; // simply expired, which the check of the path says
    std::vector<std::string> facts{"this one is certified by " + ca.issuer};
    facts.push_back(expired ? "it expired on " + dayOf(ca.notAfter) : untilText(ca, at));
    facts.push_back("the server's certificate lasts until " + dayOf(leaf.notAfter));
    const bool another = !others.empty();
    std::ranges::move(others, std::back_inserter(facts));
    if (expired)
        return add(problems, kCrossSignExpired, path[depth], depth, std::move(facts),
                   "clients that know no other path");
    add(problems, another ? kCrossSignExpires : kExpiresSoon, path[depth], depth, std::move(facts),
        another ? "clients that know no other path" : "");
}

} // namespace

Problems checkExpirySoon(std::span<const CertificateSet::Entry> path, TimeNs at) {
    Problems problems;
    if (path.empty() || at == kNoTime) return problems;
    checkLeaf(path, at, problems);
    for (std::size_t depth = 1; depth < path.size(); ++depth) checkCa(path, depth, at, problems);
    return problems;
}

} // namespace gatescope::trust
