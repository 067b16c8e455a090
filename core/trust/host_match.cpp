// SPDX-License-Identifier: Apache-2.0
#include "core/base/edit_distance.h"
#include "core/tls/visible_text.h"
#include "core/trust/ascii_text.h"
#include "core/trust/certificate_access.h"
#include "core/trust/host_name.h"
#include "core/trust/sent_chain.h"
#include "core/trust/trust_findings.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatescope::trust {

namespace {

using Kind = AlternativeName::Kind;

std::string quoted(std::string_view name) {
    return '\'' + std::string(name) + '\'';
}

bool isAddressOf(const AlternativeName& name, const IpAddress& address) {
    const auto& bytes = address.bytes();
    const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return name.kind == Kind::Ip && (name.octets == all || (address.isV4() && name.octets == all.substr(12)));
}

/// Why one name that could have been meant does not match; empty: it is simply another name.
std::string reasonOf(NameMatch match, std::string_view name) {
    switch (match) {
    case NameMatch::WildcardTooHigh:
        return quoted(name) + " stands for one label only, not for names two levels below";
    case NameMatch::WildcardForNone:
        return quoted(name) + " stands for names below the domain, not for the domain itself";
    case NameMatch::WildcardPartial:
        return quoted(name) + ": a wildcard for a part of a label is no longer allowed (RFC 9525, 6.3); OpenSSL by its "
                              "default still takes it";
    case NameMatch::WildcardElsewhere:
        return quoted(name) + ": a wildcard counts only as the whole first label (RFC 9525, 6.3)";
    case NameMatch::WildcardTopLevel:
        return quoted(name) +
               " would stand for a whole top-level domain, so OpenSSL, browsers and others do not take it";
    case NameMatch::LastDot:
        return quoted(name) + " has a dot at its end, which names in certificates may not have";
    case NameMatch::NotAscii:
        return quoted(name) + " is written with letters outside of ASCII; certificates need the form xn--";
    case NameMatch::ControlOctet:
        return quoted(name) + " holds an octet that no host name has";
    case NameMatch::Match:
    case NameMatch::Different:
        break;
    }
    return {};
}

/// The DNS name of the certificate that is nearest to the host: by labels from the right, then by letters.
std::string_view nearestName(std::span<const AlternativeName* const> names, std::string_view host) {
    constexpr std::size_t kCompared = 64; // editDistance takes the product of the lengths
    std::size_t labels = 0;
    for (const AlternativeName* name : names) labels = std::max(labels, sharedLabels(name->octets, host));
    std::string_view nearest;
    std::size_t least = 0, compared = 0;
    for (const AlternativeName* name : names) {
        if (sharedLabels(name->octets, host) != labels || name->octets.size() > 255) continue;
        if (++compared > kCompared) break;
        const std::size_t distance = editDistance(lowered(name->octets), host);
        if (nearest.empty() || distance < least) {
            nearest = name->text;
            least = distance;
        }
    }
    const bool near = labels >= 2 || (!nearest.empty() && least <= std::max<std::size_t>(2, host.size() / 4));
    return near ? nearest : std::string_view();
}

std::string listOf(const Certificate& leaf) {
    constexpr std::size_t kShown = 8;
    std::string text;
    std::size_t shown = 0, all = 0;
    for (const AlternativeName& name : leaf.names) {
        if (name.kind != Kind::Dns && name.kind != Kind::Ip) continue;
        if (++all > kShown) continue;
        text += (text.empty() ? "" : ", ") + name.text;
        ++shown;
    }
    if (all > shown) text += " and " + std::to_string(all - shown) + " more";
    return text;
}

class HostCheck {
public:
    HostCheck(const Certificate& leaf, std::string_view host) : m_leaf(leaf), m_host(readHostName(host)) {
        for (const AlternativeName& name : leaf.names)
            if (name.kind == Kind::Dns) m_dnsNames.push_back(&name);
    }

    Problems run() {
        const bool found = m_host.address ? hasAddress() : hasDnsName();
        if (found) return m_host.trailingDot ? trailingDot() : Problems();
        if (m_leaf.namesCut && openSslAccepts()) return {};
        return commonNameFits() ? commonNameOnly() : mismatch();
    }

private:
    bool hasAddress() const {
        return std::ranges::any_of(m_leaf.names, [&](const auto& name) { return isAddressOf(name, *m_host.address); });
    }
    bool hasDnsName() const {
        return std::ranges::any_of(
            m_dnsNames, [&](const auto* name) { return matchName(name->octets, m_host) == NameMatch::Match; });
    }

    /// Knows the names behind our limit, too.
    bool openSslAccepts() const {
        constexpr unsigned kFlags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
        X509* x509 = x509Of(m_leaf);
        if (m_host.address) return X509_check_ip_asc(x509, m_host.text.c_str(), kFlags) == 1;
        return X509_check_host(x509, m_host.text.data(), m_host.text.size(), kFlags, nullptr) == 1;
    }

    bool commonNameFits() const {
        if (!m_dnsNames.empty() || m_leaf.commonName.empty()) return false;
        if (m_host.address) {
            const auto named = IpAddress::parse(m_leaf.commonName);
            return named && *named == *m_host.address;
        }
        return matchName(m_leaf.commonName, m_host) == NameMatch::Match;
    }

    std::vector<std::string> evidence() const { return {m_leaf.subject, "asked for " + tls::visibleText(m_host.text)}; }

    Problems one(const FindingKind& kind, Weight weight, std::vector<std::string> evidence,
                 std::string concerns) const {
        Problem problem;
        problem.kind = &kind;
        problem.weight = weight;
        problem.depth = 0;
        problem.evidence = std::move(evidence);
        problem.concerns = std::move(concerns);
        return {std::move(problem)};
    }

    Problems trailingDot() const {
        auto facts = evidence();
        facts.push_back("the name matches, but the client asks for it with a dot at the end");
        return one(kHostMismatch, Weight::StricterStacks, std::move(facts),
                   "programs that leave the comparison to OpenSSL (Python); curl and Go take the dot off");
    }

    Problems commonNameOnly() const {
        auto facts = evidence();
        facts.push_back("the common name is " + m_leaf.commonName + ", and there is no alternative " +
                        (m_host.address ? "name with this address" : "DNS name"));
        return one(kCommonNameOnly, Weight::Rejects, std::move(facts),
                   "all but curl, Node, Java and .NET, which still look at the common name");
    }

    Problems mismatch() const {
        auto facts = evidence();
        const std::string list = listOf(m_leaf);
        if (!list.empty())
            facts.push_back("the certificate is for " + list);
        else if (m_leaf.commonName.empty())
            facts.push_back("the certificate names no host");
        else
            facts.push_back("the certificate has no alternative name for hosts; its common name is " +
                            m_leaf.commonName);
        if (m_host.address)
            addReasonsOfAddress(facts);
        else
            addReasonsOfName(facts);
        if (m_leaf.namesCut)
            facts.push_back("only its first " + std::to_string(Certificate::kMaxNames) + " names are shown");
        return one(kHostMismatch, Weight::Rejects, std::move(facts), {});
    }

    void addReasonsOfAddress(std::vector<std::string>& facts) const {
        const bool asDnsName = std::ranges::any_of(m_dnsNames, [&](const AlternativeName* name) {
            const auto address = IpAddress::parse(name->octets);
            return address && *address == *m_host.address;
        });
        const bool others = std::ranges::any_of(m_leaf.names, [](const auto& name) { return name.kind == Kind::Ip; });
        if (asDnsName)
            facts.push_back("the address stands there as a DNS name; clients look for it among the IP addresses only");
        else if (others)
            facts.push_back("it has IP addresses, but not this one");
        else
            facts.push_back(
                "it has no IP address; a client that calls by address needs one there, or has to call by name");
    }

    void addReasonsOfName(std::vector<std::string>& facts) const {
        constexpr std::size_t kMostReasons = 4;
        std::size_t reasons = 0;
        for (const AlternativeName* name : m_dnsNames) {
            const std::string reason = reasonOf(matchName(name->octets, m_host), name->text);
            if (!reason.empty() && reasons++ < kMostReasons) facts.push_back(reason);
        }
        if (m_host.text.find('_') != std::string::npos)
            facts.push_back("the host has an underscore, which host names may not have: public CAs do not certify it");
        if (m_host.unreadable) facts.push_back("the host is neither ASCII nor UTF-8");
        if (m_host.converted) facts.push_back("the host was converted to " + tls::visibleText(m_host.text));
        const auto isMail = [](const auto& name) { return name.kind == Kind::Email || name.kind == Kind::Uri; };
        if (m_dnsNames.empty() && std::ranges::any_of(m_leaf.names, isMail))
            facts.push_back("names of other kinds (mail, URI) do not count for hosts");
        const std::string_view nearest = reasons == 0 ? nearestName(m_dnsNames, m_host.text) : std::string_view();
        if (!nearest.empty()) facts.push_back("the nearest name is " + std::string(nearest));
    }

    const Certificate& m_leaf;
    HostName m_host;
    std::vector<const AlternativeName*> m_dnsNames;
};

} // namespace

Problems checkHost(const Certificate& leaf, std::string_view host) {
    return trimmed(host).empty() ? Problems() : HostCheck(leaf, host).run();
}

} // namespace gatescope::trust
