// SPDX-License-Identifier: Apache-2.0
// Rules on serial, version, key ids and what cannot be read: RFC 5280, 4.1.2.1, 4.1.2.2, 4.2.1.1, 4.2.1.2, 4.2.2.1.
#include "core/trust/lint_rules.h"
#include "core/trust/trust_findings.h"

#include <algorithm>

namespace gatescope::trust {

namespace {

constexpr std::string_view kAuthorityKeyId = "2.5.29.35", kSubjectKeyId = "2.5.29.14",
                           kAuthorityAccess = "1.3.6.1.5.5.7.1.1";

void lintSerial(const LintSubject& subject, Problems& problems) {
    constexpr std::size_t kMostOctets = 20; // RFC 5280, 4.1.2.2
    const std::string& serial = subject->serial;
    if (serial.starts_with('-'))
        note(subject, problems, kLint, Weight::StricterStacks, "a negative serial number", "Go 1.23 and newer");
    else if (std::ranges::all_of(serial, [](char digit) { return digit == '0'; }))
        note(subject, problems, kLint, Weight::Remark, "the serial number is 0", kRulesOnly);
    if (subject->serialOctets > kMostOctets)
        note(subject, problems, kLint, Weight::StricterStacks,
             "a serial number of " + std::to_string(subject->serialOctets) + " octets",
             "strict parsers; rules of public CAs");
}

void lintKeyIds(const LintSubject& subject, Problems& problems) {
    // Who is last is its own authority as a rule; there nobody asks.
    if (!subject.isTop && !subject->authorityKeyId)
        note(subject, problems, kLint, Weight::StricterStacks, "no authority key identifier", kStrictOpenSsl);
    if (subject->isCa && !subject.isLeaf() && !subject->subjectKeyId)
        note(subject, problems, kLint, Weight::StricterStacks, "a CA without subject key identifier", kStrictOpenSsl);
    if (hasCritical(*subject, kAuthorityKeyId) || hasCritical(*subject, kSubjectKeyId))
        note(subject, problems, kLint, Weight::StricterStacks, "a key identifier is critical", kStrictOpenSsl);
}

void lintUnreadable(const LintSubject& subject, Problems& problems) {
    for (const std::string& part : subject->unreadable) {
        if (part.starts_with("authority information access"))
            note(subject, problems, kLint, Weight::StricterStacks, "malformed: " + part, "strict parsers: Go, Chrome");
        else
            note(subject, problems, kInvalid, Weight::StricterStacks, "cannot be read: " + part,
                 "strict parsers: Go, rustls, Chrome");
    }
}

} // namespace

void lintForm(const LintSubject& subject, Problems& problems) {
    lintSerial(subject, problems);
    if (subject->version < 3)
        note(subject, problems, kLint, Weight::StricterStacks,
             "version " + std::to_string(subject->version) + " of X.509, which has no extensions",
             "rustls; browsers; rules of public CAs");
    else
        lintKeyIds(subject, problems);
    if (hasCritical(*subject, kAuthorityAccess))
        note(subject, problems, kLint, Weight::Remark, "authority information access is critical",
             "RFC 5280, 4.2.2.1; clients accept it");
    lintUnreadable(subject, problems);
}

} // namespace gatescope::trust
