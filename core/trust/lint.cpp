// SPDX-License-Identifier: Apache-2.0
#include "core/trust/ascii_text.h"
#include "core/trust/days.h"
#include "core/trust/lint_rules.h"
#include "core/trust/sent_chain.h"
#include "core/trust/trust_findings.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace gatescope::trust {

namespace {

constexpr TimeNs atDay(std::int64_t daysSince1970) {
    return daysSince1970 * kDay;
}

struct ValidityRule {
    TimeNs issuedFrom;
    std::int64_t days;
};
// CA/Browser Forum, Baseline Requirements, 6.3.2 (ballots 193, SC-031 by Apple's rule, SC-081): the last first.
constexpr std::array kPublicRules = {
    ValidityRule{atDay(21'623), 47},  // 2029-03-15
    ValidityRule{atDay(20'892), 100}, // 2027-03-15
    ValidityRule{atDay(20'527), 200}, // 2026-03-15
    ValidityRule{atDay(18'506), 398}, // 2020-09-01
    ValidityRule{atDay(17'591), 825}, // 2018-03-01
};
/// Apple, for every server certificate, whoever issued it: support document HT210176.
constexpr ValidityRule kAppleRule{atDay(18'078), 825}; // 2019-07-01

void lintValidity(const LintSubject& subject, Problems& problems) {
    if (!subject.isLeaf() || subject->notBefore == kNoTime || subject->notAfter == kNoTime) return;
    // Both ends count (RFC 5280, 4.1.2.5), and a day that has begun is one.
    const TimeNs span = elapsed(subject->notBefore, subject->notAfter);
    if (span < 0) return;
    const std::int64_t days = (span + 1'000'000'000) / kDay + ((span + 1'000'000'000) % kDay != 0 ? 1 : 0);
    const auto say = [&](const ValidityRule& rule, std::string_view concerns) {
        note(subject, problems, kLongValidity, Weight::StricterStacks,
             "valid for " + inDays(days) + ", from " + dayOf(subject->notBefore) + " to " + dayOf(subject->notAfter) +
                 "; " + std::to_string(rule.days) + " are allowed",
             concerns);
    };
    const auto issuedUnder = [&](const ValidityRule& rule) { return subject->notBefore >= rule.issuedFrom; };
    if (subject.publicCa) {
        const auto rule = std::ranges::find_if(kPublicRules, issuedUnder);
        if (rule != kPublicRules.end() && days > rule->days) say(*rule, "browsers and Apple's clients");
    } else if (issuedUnder(kAppleRule) && days > kAppleRule.days) {
        say(kAppleRule, "Apple's clients, also for private CAs");
    }
}

void lintTransparency(const LintSubject& subject, Problems& problems) {
    constexpr TimeNs kDemandedFrom = atDay(17'651); // 2018-04-30, Chrome's policy
    if (subject.isLeaf() && subject.publicCa && !subject->hasSctList && subject->notBefore >= kDemandedFrom)
        note(subject, problems, kNoSct, Weight::StricterStacks, "no SCT in the certificate",
             "browsers and Apple's clients only");
}

/// Certificates that were sent and are on no path: what would be wrong with them if they were used.
void lintExtra(const CertificatePtr& certificate, Problems& problems) {
    const auto say = [&](const FindingKind& kind, const std::string& text) {
        problems.push_back({&kind,
                            Weight::Remark,
                            certificate,
                            -1,
                            {certificate->subject, text + "; the certificate is not on the path"},
                            "nobody"});
    };
    const bool rsa = certificate->key == KeyKind::Rsa || certificate->key == KeyKind::RsaPss;
    const unsigned least = rsa || certificate->key == KeyKind::Dsa ? 2'048 : 224;
    if (certificate->keyBits != 0 && certificate->keyBits < least) say(kWeakKey, certificate->keyText);
    const bool weakDigest = certificate->signatureDigest == "SHA1" || certificate->signatureDigest.starts_with("MD");
    if (weakDigest && !certificate->selfIssued) say(kWeakSignature, "signed with " + certificate->signature);
}

bool leadsToPublicCa(const Certificate& top) {
    return publicRootOf(top.sha256) != nullptr || !publicRootsNamed(top.issuer).empty() ||
           !publicIntermediatesNamed(top.issuer).empty();
}

} // namespace

bool hasCritical(const Certificate& certificate, std::string_view oid) {
    return std::ranges::any_of(certificate.extensions,
                               [&](const auto& extension) { return extension.critical && extension.oid == oid; });
}

Problems lint(std::span<const CertificateSet::Entry> path, std::span<const CertificatePtr> extra, TimeNs at) {
    Problems problems;
    const bool publicCa = !path.empty() && leadsToPublicCa(*path.back().certificate);
    for (std::size_t place = 0; place < path.size(); ++place) {
        const LintSubject subject{path[place].certificate, static_cast<int>(place), place + 1 == path.size(), publicCa,
                                  at};
        lintNames(subject, problems);
        lintKey(subject, problems);
        lintUsage(subject, problems);
        lintForm(subject, problems);
        lintValidity(subject, problems);
        lintTransparency(subject, problems);
    }
    for (const CertificatePtr& certificate : extra)
        if (certificate) lintExtra(certificate, problems);
    return problems;
}

} // namespace gatescope::trust
