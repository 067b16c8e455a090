// SPDX-License-Identifier: Apache-2.0
// Rules on what a key may be used for: RFC 5280, 4.2.1.3, 4.2.1.9, 4.2.1.10, 4.2.1.12.
#include "core/trust/certificate_access.h"
#include "core/trust/lint_rules.h"
#include "core/trust/openssl_object.h"
#include "core/trust/trust_findings.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>

namespace gatescope::trust {

namespace {

constexpr std::string_view kExtendedKeyUsageOid = "2.5.29.37", kAnyUsage = "2.5.29.37.0",
                           kServerAuth = "1.3.6.1.5.5.7.3.1", kBasicConstraintsOid = "2.5.29.19",
                           kNameConstraintsOid = "2.5.29.30";

bool lists(const std::vector<std::string>& usages, std::string_view usage) {
    return std::ranges::find(usages, usage) != usages.end();
}

void lintExtendedUsage(const LintSubject& subject, Problems& problems) {
    const auto& usages = subject->extendedKeyUsage;
    if (subject.isLeaf()) {
        if (!usages)
            note(subject, problems, kLint, Weight::StricterStacks, "no extendedKeyUsage",
                 "Apple's clients (since 2019); rules of public CAs");
        else if (lists(*usages, kAnyUsage))
            note(subject, problems, kLint, lists(*usages, kServerAuth) ? Weight::Remark : Weight::StricterStacks,
                 "extendedKeyUsage allows anything (anyExtendedKeyUsage)",
                 lists(*usages, kServerAuth) ? kRulesOnly
                                             : std::string_view("OpenSSL, rustls; Go and Chrome accept it"));
        if (hasCritical(*subject, kExtendedKeyUsageOid))
            note(subject, problems, kLint, Weight::Remark, "extendedKeyUsage is critical", kRulesOnly);
    } else if (subject->selfIssued && usages) {
        note(subject, problems, kLint, Weight::Remark, "a root with extendedKeyUsage", kRulesOnly);
    }
}

void lintLeafUsage(const LintSubject& subject, Problems& problems) {
    if (subject->isCa)
        note(subject, problems, kLint, Weight::StricterStacks, "the server's certificate is one of a CA",
             "rustls; Firefox where it is not self-signed");
    else if (subject->keyUsage && (*subject->keyUsage & Certificate::kKeyCertSign) != 0)
        note(subject, problems, kLint, Weight::StricterStacks, "keyCertSign in a certificate that is no CA",
             kStrictOpenSsl);
    if (!subject->allowsKeyUsage(Certificate::kDigitalSignature))
        note(subject, problems, kKeyUsage, Weight::StricterStacks,
             "keyUsage has no digitalSignature, with which TLS 1.3 and ECDHE work",
             "Chrome, Envoy and others with BoringSSL, GnuTLS, NSS");
    else if (subject->key == KeyKind::Rsa && !subject->allowsKeyUsage(Certificate::kKeyEncipherment))
        note(subject, problems, kLint, Weight::StricterStacks, "an RSA key whose keyUsage has no keyEncipherment",
             "NSS (measured with 3.87)");
}

void lintCaUsage(const LintSubject& subject, Problems& problems) {
    if (!subject->isCa) return;
    if (!hasCritical(*subject, kBasicConstraintsOid))
        note(subject, problems, kLint, Weight::StricterStacks, "basicConstraints of a CA is not critical",
             kStrictOpenSsl);
    if (!subject->keyUsage)
        note(subject, problems, kLint, Weight::StricterStacks, "a CA without keyUsage", kStrictOpenSsl);
    else if (subject->pathLength && (*subject->keyUsage & Certificate::kKeyCertSign) == 0)
        note(subject, problems, kLint, Weight::StricterStacks, "pathlen without keyCertSign", kStrictOpenSsl);
}

/// Neither permits nor excludes anything.
bool hasEmptyConstraints(const Certificate& certificate) {
    ERR_set_mark();
    const OpenSslPtr<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free> constraints(
        static_cast<NAME_CONSTRAINTS*>(X509_get_ext_d2i(x509Of(certificate), NID_name_constraints, nullptr, nullptr)));
    ERR_pop_to_mark();
    return constraints && sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees) <= 0 &&
           sk_GENERAL_SUBTREE_num(constraints->excludedSubtrees) <= 0;
}

void lintNameConstraints(const LintSubject& subject, Problems& problems) {
    if (!subject->hasNameConstraints) return;
    if (!subject->isCa)
        note(subject, problems, kLint, Weight::Remark, "nameConstraints in a certificate that is no CA",
             "RFC 5280, 4.2.1.10; clients accept it");
    if (!hasCritical(*subject, kNameConstraintsOid))
        note(subject, problems, kLint, Weight::Remark, "nameConstraints is not critical",
             "RFC 5280, 4.2.1.10; clients accept it");
    if (hasEmptyConstraints(*subject))
        note(subject, problems, kLint, Weight::StricterStacks, "nameConstraints without a name", "Go, Chrome");
}

} // namespace

void lintUsage(const LintSubject& subject, Problems& problems) {
    lintExtendedUsage(subject, problems);
    if (subject.isLeaf()) lintLeafUsage(subject, problems);
    if (!subject.isLeaf()) lintCaUsage(subject, problems);
    lintNameConstraints(subject, problems);
}

} // namespace gatescope::trust
