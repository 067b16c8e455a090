// SPDX-License-Identifier: Apache-2.0
// Rules on the names of a leaf: RFC 5280, 4.2.1.6; CA/Browser Forum, Baseline Requirements, 7.1.4.
#include "core/base/ip_address.h"
#include "core/trust/ascii_text.h"
#include "core/trust/lint_rules.h"
#include "core/trust/trust_findings.h"

#include <algorithm>
#include <array>

namespace gatescope::trust {

namespace {

using Kind = AlternativeName::Kind;

// Registries directly below a top-level domain that are most often seen; the whole list has thousands.
constexpr auto kRegistries = std::to_array<std::string_view>(
    {"co.uk",  "org.uk", "ac.uk",  "gov.uk", "me.uk", "com.au", "net.au", "org.au", "co.nz",  "co.jp",
     "or.jp",  "ac.jp",  "ne.jp",  "co.kr",  "co.in", "co.za",  "com.br", "com.cn", "com.hk", "com.mx",
     "com.sg", "com.tr", "com.tw", "com.ar", "co.il", "co.th",  "co.id",  "com.my", "com.ua", "com.pl"});

bool isRegistry(std::string_view domain) {
    return domain.find('.') == std::string_view::npos ||
           std::ranges::any_of(kRegistries,
                               [&](std::string_view registry) { return equalsIgnoreCase(domain, registry); });
}

/// Names of the same fault are told in one problem, the first of them by name.
class Faults {
public:
    void add(const AlternativeName& name) {
        if (m_count++ == 0) m_first = name.text;
    }
    void tell(const LintSubject& subject, Problems& problems, Weight weight, std::string_view what,
              std::string_view concerns) const {
        if (m_count == 0) return;
        std::string text = m_first + ": " + std::string(what);
        if (m_count > 1) text += " (and " + std::to_string(m_count - 1) + " more)";
        note(subject, problems, kLint, weight, std::move(text), concerns);
    }

private:
    std::string m_first;
    std::size_t m_count = 0;
};

void lintDnsNames(const LintSubject& subject, Problems& problems) {
    Faults underscores, registries, addresses, letters;
    for (const AlternativeName& name : subject->names) {
        if (name.kind != Kind::Dns) continue;
        const std::string_view text = name.octets;
        const bool plain = std::ranges::all_of(text, [](char letter) {
            return isLetter(letter) || isDigit(letter) || letter == '-' || letter == '.' || letter == '*' ||
                   letter == '_';
        });
        if (IpAddress::parse(text))
            addresses.add(name);
        else if (!plain || text.empty())
            letters.add(name);
        if (text.find('_') != std::string_view::npos) underscores.add(name);
        if (text.starts_with("*.") && isRegistry(text.substr(2))) registries.add(name);
    }
    underscores.tell(subject, problems, Weight::Remark, "a name with an underscore", kRulesOnly);
    registries.tell(subject, problems, Weight::StricterStacks, "a wildcard for all names of a registry",
                    "browsers; rules of public CAs");
    addresses.tell(subject, problems, Weight::Remark, "an address written as a DNS name, which no client finds there",
                   "clients that call by address");
    letters.tell(subject, problems, Weight::StricterStacks, "not the form of a DNS name",
                 "rustls and Go pass over it; browsers");
}

bool standsAmongNames(const Certificate& certificate) {
    const auto address = IpAddress::parse(certificate.commonName);
    return std::ranges::any_of(certificate.names, [&](const AlternativeName& name) {
        if (name.kind == Kind::Ip && address) return name.text == address->toString();
        return name.kind == Kind::Dns && equalsIgnoreCase(name.text, certificate.commonName);
    });
}

} // namespace

void lintNames(const LintSubject& subject, Problems& problems) {
    if (!subject.isLeaf()) return;
    const bool hasHosts = std::ranges::any_of(
        subject->names, [](const auto& name) { return name.kind == Kind::Dns || name.kind == Kind::Ip; });
    if (!hasHosts)
        note(subject, problems, kLint, Weight::StricterStacks, "no alternative name for a host",
             "all but curl, Node, Java and .NET, which still look at the common name");
    else if (!subject->commonName.empty() && !subject->namesCut && !standsAmongNames(*subject))
        note(subject, problems, kLint, Weight::Remark,
             "the common name " + subject->commonName + " is not among the alternative names", kRulesOnly);
    if (subject->subject.empty() && subject->hasAlternativeName && !hasCritical(*subject, "2.5.29.17"))
        note(subject, problems, kLint, Weight::StricterStacks, "no subject, and the alternative name is not critical",
             kStrictOpenSsl);
    lintDnsNames(subject, problems);
}

} // namespace gatescope::trust
