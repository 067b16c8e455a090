// SPDX-License-Identifier: Apache-2.0
#include "core/tls/visible_text.h"
#include "core/trust/chain.h"
#include "core/trust/days.h"
#include "core/trust/dn_text.h"
#include "core/trust/host_name.h"
#include "core/trust/named_paths.h"
#include "core/trust/trust_findings.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace gatescope::trust {

namespace {

constexpr std::string_view kPrivate = "private-ca";

std::string shortName(std::string_view subject) {
    const auto name = readDnText(subject);
    const std::string_view common = name ? name->value("CN") : std::string_view();
    return tls::visibleText(common.empty() ? subject : common);
}

bool holdsRoot(const TrustProfile& profile, const PublicRoot& root) {
    return profile.certificates.find(root.sha256) != nullptr ||
           std::ranges::any_of(profile.byName, [&](const PublicRoot* each) { return each->sha256 == root.sha256; });
}

bool isPublic(const TrustProfile& profile) {
    return profile.id != "custom" && profile.id != "system";
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : std::string(separator)) + part;
    return text;
}

/// Of the ways to a root over the same nearest one, the one that lasts longest; the longest last.
std::vector<NamedPath> distinct(std::vector<NamedPath> paths) {
    std::ranges::stable_sort(paths, std::ranges::greater(), &NamedPath::until);
    std::vector<NamedPath> kept;
    for (const NamedPath& path : paths) {
        const auto same = [&](const NamedPath& other) {
            return other.root == path.root && other.nearest == path.nearest;
        };
        if (std::ranges::none_of(kept, same)) kept.push_back(path);
    }
    std::ranges::reverse(kept);
    return kept;
}

class NameJudge {
public:
    NameJudge(const NamedCertificate& names, const std::string& host, TimeNs at, std::span<const ProfilePtr> profiles)
        : m_names(names), m_host(host), m_at(at), m_profiles(profiles), m_subject(readDnText(names.subject)),
          m_issuer(readDnText(names.issuer)) {
        for (const std::string_view name : publicNamesLike(names.issuer))
            std::ranges::move(namedPaths(name), std::back_inserter(m_paths));
        m_paths = distinct(std::move(m_paths));
        std::ranges::copy_if(m_paths, std::back_inserter(m_branches),
                             [](const NamedPath& path) { return path.root == path.nearest; });
        m_selfSigned = m_subject && m_issuer && comparableKey(*m_subject) == comparableKey(*m_issuer);
        m_knownOrganisation = m_issuer && m_paths.empty() && isPublicOrganisation(m_issuer->value("O"));
    }

    ChainAnswer run() {
        m_answer.namesOnly = true;
        m_answer.complete = !m_paths.empty();
        m_answer.privateCa = m_issuer && m_paths.empty() && !m_selfSigned && !m_knownOrganisation;
        m_answer.topName = topName();
        for (const ProfilePtr& profile : m_profiles) m_answer.verdicts.push_back(judge(profile));
        addProblems();
        m_answer.headline = headline();
        return std::move(m_answer);
    }

private:
    std::string issuerText() const {
        return m_issuer ? shortName(m_names.issuer) : std::string("an issuer that is not told");
    }

    std::string topName() const {
        const auto valid = std::ranges::find_if(m_branches.rbegin(), m_branches.rend(),
                                                [&](const NamedPath& path) { return path.isValidAt(m_at); });
        if (valid != m_branches.rend()) return std::string(valid->root->subject);
        if (!m_branches.empty()) return std::string(m_branches.back().root->subject);
        return m_issuer ? toRfc4514(*m_issuer) : std::string();
    }

    ProfileVerdict judge(const ProfilePtr& profile) const {
        ProfileVerdict verdict;
        verdict.profile = profile;
        verdict.byName = true;
        if (profile->roots() == 0) {
            verdict.reasonText = "No root of this list is at hand or known by name.";
        } else if (!m_issuer) {
            verdict.reasonText = "The header does not tell the issuer.";
        } else if (const std::string own = ownRoot(*profile); !own.empty()) {
            verdict.verdict = Verdict::Trusted;
            verdict.root = own;
            verdict.reasonText = "The list holds a certificate of the issuer's name.";
        } else if (!m_paths.empty()) {
            judgePaths(*profile, verdict);
        } else {
            judgeUnknown(*profile, verdict);
        }
        verdict.byName = !verdict.root.empty();
        return verdict;
    }

    /// A certificate that somebody installed, of a CA that is in no table.
    std::string ownRoot(const TrustProfile& profile) const {
        if (!m_paths.empty()) return {};
        const std::string key = comparableKey(*m_issuer);
        for (const CertificateSet::Entry& entry : profile.certificates.entries()) {
            if (entry.certificate->commonName != m_issuer->value("CN")) continue;
            const auto name = readDnText(entry.certificate->subject);
            if (name && comparableKey(*name) == key) return entry.certificate->subject;
        }
        return {};
    }

    /// `DigiCert Global Root G2 until 2026-08-25`
    static std::string pathText(const NamedPath& path) {
        const std::string over = path.root == path.nearest ? "" : " (over " + shortName(path.nearest->subject) + ')';
        return shortName(path.root->subject) + over + " until " + dayOf(path.until);
    }

    /// How the clients of a list go over that branch: the nearest root that they have, or one above it. Null: not at
    /// all.
    const NamedPath* heldPath(const TrustProfile& profile, const NamedPath& branch) const {
        const NamedPath* best = nullptr;
        const auto rank = [&](const NamedPath& path) {
            return std::tuple(path.isValidAt(m_at), path.root == path.nearest, path.until);
        };
        for (const NamedPath& path : m_paths) {
            if (path.nearest != branch.nearest || !holdsRoot(profile, *path.root)) continue;
            if (best == nullptr || rank(path) > rank(*best)) best = &path;
        }
        return best;
    }

    void judgePaths(const TrustProfile& profile, ProfileVerdict& verdict) const {
        const NamedPath* valid = nullptr;
        const NamedPath* other = nullptr;
        std::vector<std::string> held, lacked;
        for (const NamedPath& branch : m_branches) {
            const NamedPath* path = heldPath(profile, branch);
            (path != nullptr ? held : lacked).push_back(pathText(path != nullptr ? *path : branch));
            if (path != nullptr) (path->isValidAt(m_at) ? valid : other) = path;
        }
        if (held.empty()) {
            verdict.verdict = Verdict::Untrusted;
            verdict.reason = kUntrustedRoot.id;
            verdict.reasonText = "This list has none of the roots of the issuer: " + joined(lacked, ", ") + '.';
            return;
        }
        verdict.verdict = valid != nullptr ? Verdict::Trusted : Verdict::Untrusted;
        verdict.root = (valid != nullptr ? valid : other)->root->subject;
        if (valid == nullptr) verdict.reason = m_at < other->from ? kNotYetValid.id : kExpired.id;
        verdict.reasonText = (valid != nullptr     ? "By name: "
                              : m_at < other->from ? "Not yet, by name: "
                                                   : "No longer, by name: ") +
                             joined(held, ", then ");
        if (!lacked.empty()) verdict.reasonText += "; this list lacks " + joined(lacked, ", ");
        verdict.reasonText += '.';
    }

    void judgeUnknown(const TrustProfile& profile, ProfileVerdict& verdict) const {
        if (!isPublic(profile)) {
            verdict.reasonText =
                "No root of this list has the issuer's name; whether one of them certified the issuer, "
                "a name does not tell.";
            return;
        }
        if (m_knownOrganisation) {
            verdict.reasonText = "The organisation has public CAs, but none of this name is known as of " +
                                 std::string(publicIntermediateFacts().asOf) + '.';
            return;
        }
        verdict.verdict = Verdict::Untrusted;
        verdict.reason = m_selfSigned ? kSelfSignedLeaf.id : kPrivate;
        verdict.reasonText = m_selfSigned ? "The certificate names itself as its issuer."
                                          : "No public programme has a CA of this name: " + issuerText() + '.';
    }

    void add(const FindingKind& kind, Weight weight, std::vector<std::string> evidence, std::string concerns = {}) {
        m_answer.problems.push_back({&kind, weight, nullptr, -1, std::move(evidence), std::move(concerns)});
    }

    std::vector<std::string> titles(Verdict wanted) const {
        std::vector<std::string> list;
        for (const ProfileVerdict& verdict : m_answer.verdicts)
            if (verdict.verdict == wanted) list.push_back(verdict.profile->title);
        return list;
    }

    void addProblems() {
        if (m_selfSigned && m_paths.empty()) add(kSelfSignedLeaf, Weight::Rejects, {toRfc4514(*m_subject)});
        if (m_answer.privateCa)
            add(kPrivateCa, Weight::Rejects,
                {toRfc4514(*m_issuer), "no CA of this name is in the tables of public CAs"});
        addRefusals();
        addCrossSigns();
        addKey();
        std::vector<std::string> facts;
        if (!m_names.subject.empty()) facts.push_back(shortName(m_names.subject));
        if (!m_names.source.empty()) facts.push_back("from " + m_names.source);
        if (std::string text = hostText(); !text.empty()) facts.push_back(std::move(text));
        add(kNamesOnly, Weight::Remark, std::move(facts));
    }

    void addRefusals() {
        if (m_paths.empty()) return;
        for (const FindingKind* kind : {&kExpired, &kNotYetValid, &kUntrustedRoot}) {
            std::vector<std::string> refusing;
            for (const ProfileVerdict& verdict : m_answer.verdicts)
                if (verdict.reason == kind->id) refusing.push_back(verdict.profile->title + ": " + verdict.reasonText);
            if (refusing.empty()) continue;
            const bool all = titles(Verdict::Trusted).empty();
            refusing.insert(refusing.begin(), toRfc4514(*m_issuer));
            add(*kind, all ? Weight::Rejects : Weight::StricterStacks, std::move(refusing),
                all ? "" : "clients with these lists");
        }
    }

    /// What changes on the day when one of several paths ends, list by list.
    void addCrossSigns() {
        if (m_branches.size() < 2 || m_at == kNoTime) return;
        constexpr TimeNs kSoon = 90 * kDay;
        for (const NamedPath& path : m_branches) {
            const bool ended = !path.isValidAt(m_at) && m_at >= path.until;
            const bool last = &path == &m_branches.back();
            if (last || (!ended && elapsed(m_at, path.until) > kSoon)) continue;
            std::vector<std::string> facts{toRfc4514(*m_issuer)};
            for (const NamedPath& each : m_branches) facts.push_back("under " + pathText(each));
            std::vector<std::string> stay, leave;
            for (const ProfilePtr& profile : m_profiles) {
                if (heldPath(*profile, path) == nullptr) continue;
                const bool remains = std::ranges::any_of(m_branches, [&](const NamedPath& each) {
                    return each.until > path.until && heldPath(*profile, each) != nullptr;
                });
                (remains ? stay : leave).push_back(profile->title);
            }
            const std::string day = dayOf(path.until);
            if (!leave.empty()) facts.push_back("after " + day + " no path is left for: " + joined(leave, "; "));
            if (!stay.empty()) facts.push_back("after " + day + " another path is left for: " + joined(stay, "; "));
            add(ended ? kCrossSignExpired : kCrossSignExpires, Weight::Remark, std::move(facts),
                leave.empty() ? "clients that lack the other root" : joined(leave, "; "));
        }
    }

    /// Lengths of keys of elliptic curves are shorter than those of RSA ever were.
    void addKey() {
        constexpr unsigned kLargestCurve = 521, kLeastRsa = 2'048;
        if (m_names.keyBits > kLargestCurve && m_names.keyBits < kLeastRsa)
            add(kWeakKey, Weight::StricterStacks,
                {shortName(m_names.subject), "RSA " + std::to_string(m_names.keyBits)},
                "OpenSSL at level 2 (Debian, Python), rustls, NSS");
    }

    std::string hostText() const {
        const std::string_view common = m_subject ? m_subject->value("CN") : std::string_view();
        if (m_host.empty() || common.empty()) return {};
        const HostName host = readHostName(m_host);
        const bool match = !host.address && matchName(common, host) == NameMatch::Match;
        return match ? "the common name fits " + tls::visibleText(m_host)
                     : "whether it names " + tls::visibleText(m_host) +
                           " is not told: only the common name is, and that is another";
    }

    std::string headline() const {
        if (!m_issuer) return "The header does not tell who issued the certificate, so nothing can be said of it.";
        const std::string begin =
            "By names only (" + (m_names.source.empty() ? "no certificate" : m_names.source) + "): ";
        if (m_selfSigned && m_paths.empty()) return begin + "the certificate is self-signed; no public list trusts it.";
        if (m_answer.privateCa) return begin + "private CA: " + issuerText() + ", in no public programme.";
        if (m_paths.empty()) return begin + "no public CA of the name " + issuerText() + " is known.";
        const auto trusting = titles(Verdict::Trusted), refusing = titles(Verdict::Untrusted);
        std::vector<std::string> ways;
        for (const NamedPath& path : m_branches) ways.push_back(pathText(path));
        std::string text = begin + issuerText() + " leads to " + joined(ways, " and to ") + "; ";
        text += std::to_string(trusting.size()) + " of " + std::to_string(m_profiles.size()) + " lists trust it";
        if (m_at != kNoTime) text += " on " + dayOf(m_at);
        if (!refusing.empty()) text += ", not: " + joined(refusing, "; ");
        return text + '.';
    }

    const NamedCertificate& m_names;
    const std::string& m_host;
    TimeNs m_at;
    std::span<const ProfilePtr> m_profiles;
    std::optional<DnText> m_subject, m_issuer;
    std::vector<NamedPath> m_paths;    ///< every one, the longest last
    std::vector<NamedPath> m_branches; ///< those that end at the first public root
    bool m_selfSigned = false;
    bool m_knownOrganisation = false;
    ChainAnswer m_answer;
};

} // namespace

ChainAnswer judgeNames(const NamedCertificate& names, const std::string& host, TimeNs at,
                       std::span<const ProfilePtr> profiles) {
    return NameJudge(names, host, at, profiles).run();
}

} // namespace gatescope::trust
