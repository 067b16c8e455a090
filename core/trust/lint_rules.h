// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/problem.h"

#include <string>
#include <string_view>
#include <utility>

namespace gatescope::trust {

/// A certificate of a path and where it stands there, for the rules that OpenSSL does not enforce.
struct LintSubject {
    const CertificatePtr& certificate;
    int depth = 0;         ///< leaf 0
    bool isTop = false;    ///< the last of the path
    bool publicCa = false; ///< the path leads to a public CA
    TimeNs at = kNoTime;

    bool isLeaf() const { return depth == 0; }
    const Certificate& operator*() const { return *certificate; }
    const Certificate* operator->() const { return certificate.get(); }
};

/// What `concerns` says for rules that several of them check.
inline constexpr std::string_view kStrictOpenSsl = "Python 3.13 and newer, whose default context sets X509_STRICT";
inline constexpr std::string_view kRulesOnly = "rules of public CAs; clients accept it";

/// Adds one; the certificate's subject goes first into the evidence.
inline void note(const LintSubject& subject, Problems& problems, const FindingKind& kind, Weight weight,
                 std::string text, std::string_view concerns) {
    problems.push_back({&kind,
                        weight,
                        subject.certificate,
                        subject.depth,
                        {subject->subject, std::move(text)},
                        std::string(concerns)});
}

void lintNames(const LintSubject& subject, Problems& problems);
void lintKey(const LintSubject& subject, Problems& problems);
void lintUsage(const LintSubject& subject, Problems& problems);
void lintForm(const LintSubject& subject, Problems& problems);

/// An extension of this object identifier is there and critical.
bool hasCritical(const Certificate& certificate, std::string_view oid);

} // namespace gatescope::trust
