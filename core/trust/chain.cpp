// SPDX-License-Identifier: Apache-2.0
#include "core/trust/chain.h"

#include "core/trust/chain_words.h"
#include "core/trust/dn_text.h"
#include "core/trust/named_paths.h"
#include "core/trust/path_choice.h"
#include "core/trust/sent_chain.h"
#include "core/trust/trust_findings.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace gatescope::trust {

namespace {

bool isAboutTop(const Problem& problem) {
    return problem.kind == &kUnknownIssuer || problem.kind == &kUntrustedRoot;
}

bool isAboutHost(const Problem& problem) {
    return problem.kind == &kHostMismatch || problem.kind == &kCommonNameOnly;
}

bool isWeakness(const Problem& problem) {
    return problem.weight == Weight::StricterStacks && (problem.kind == &kWeakKey || problem.kind == &kWeakSignature);
}

bool anyRejects(const Problems& problems) {
    return std::ranges::find(problems, Weight::Rejects, &Problem::weight) != problems.end();
}

/// Of all that is wrong, what decides.
const Problem* worstOf(const Problems& problems) {
    const auto worst = std::ranges::min_element(problems, {}, [](const Problem& problem) {
        return std::pair(problem.weight, -static_cast<int>(problem.kind->severity));
    });
    return worst == problems.end() ? nullptr : &*worst;
}

/// A list of the tables has what the path ends in, or what it lacks.
bool endsInPublicCa(const PathVerdict& verdict) {
    if (verdict.rootByName != nullptr) return true;
    const Certificate& top = *verdict.path.certificates.back().certificate;
    if (publicRootOf(top.sha256) != nullptr) return true;
    const auto isSameKey = [&](const PublicRoot& root) {
        return top.subjectKeyId && !root.keyId.empty() && *top.subjectKeyId == root.keyId;
    };
    if (std::ranges::any_of(publicRootsNamed(top.subject), isSameKey)) return true;
    return !top.selfSigned && (!publicRootsNamed(top.issuer).empty() || !publicIntermediatesNamed(top.issuer).empty());
}

Problem privateCaProblem(const PathVerdict& verdict, const std::string& name) {
    const CertificateSet::Entry& top = verdict.path.certificates.back();
    Problem problem;
    problem.kind = &kPrivateCa;
    problem.certificate = top.certificate;
    problem.depth = static_cast<int>(verdict.path.certificates.size()) - 1;
    problem.evidence = {name, "in none of Mozilla's, Microsoft's, Apple's, Android's and Java's lists"};
    if (verdict.path.anchored) {
        problem.weight = Weight::StricterStacks;
        problem.concerns = "clients on which this CA was not installed";
    }
    return problem;
}

class ChainJudge {
public:
    explicit ChainJudge(const ChainQuestion& question)
        : m_question(question),
          m_sent(question.sent.begin(), question.sent.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                                    question.sent.size(), ChainQuestion::kMaxSent))),
          m_choice(leafOf(m_sent), m_sent, pools(question), pathQuestion(question)) {}

    ChainAnswer run() {
        m_answer.sent = m_question.sent;
        m_leaf = leafOf(m_sent);
        if (!m_question.host.empty()) m_host = checkHost(*m_leaf, m_question.host);
        for (Problem& problem : m_host) {
            problem.certificate = m_leaf;
            problem.depth = 0;
        }
        m_chain = checkSent(m_sent);
        std::vector<PathVerdict> verdicts;
        for (const ProfilePtr& profile : m_question.profiles)
            verdicts.push_back(m_choice.choose(profile.get(), m_question.at));
        if (verdicts.empty()) verdicts.push_back(m_choice.choose(nullptr, m_question.at));
        judgePrivateCa(verdicts);
        for (std::size_t i = 0; i < m_question.profiles.size(); ++i)
            m_answer.verdicts.push_back(judgeProfile(m_question.profiles[i], verdicts[i]));
        tellOf(verdicts[best()]);
        m_answer.headline = headlineOf(m_answer, m_question.host);
        return std::move(m_answer);
    }

private:
    static std::vector<const CertificateSet*> pools(const ChainQuestion& question) {
        std::vector<const CertificateSet*> pools;
        if (question.pool != nullptr) pools.push_back(question.pool);
        for (const ProfilePtr& profile : question.profiles) pools.push_back(&profile->certificates);
        return pools;
    }

    static PathQuestion pathQuestion(const ChainQuestion& question) {
        PathQuestion asked;
        asked.host = question.host;
        asked.at = question.at;
        if (question.revocations != nullptr) {
            asked.revocations = parseRevocationLists(*question.revocations);
            asked.listSigners = question.sent;
        }
        return asked;
    }

    void judgePrivateCa(const std::vector<PathVerdict>& verdicts) {
        for (std::size_t i = 0; i < m_question.profiles.size(); ++i)
            if (m_question.profiles[i]->isPublic() && verdicts[i].isAnchored()) return;
        if (std::ranges::any_of(verdicts, endsInPublicCa)) return;
        const std::vector<CertificateSet::Entry>& path = verdicts.front().path.certificates;
        m_answer.privateCa = path.size() > 1 || !path.front().certificate->selfSigned;
    }

    /// Everything that stands against the path, the rules that OpenSSL does not know included.
    Problems allProblems(const PathVerdict& verdict, TimeNs at) const {
        Problems problems = verdict.problems;
        if (std::ranges::any_of(m_host, isAboutHost)) std::erase_if(problems, isAboutHost);
        append(problems, m_host);
        append(problems, m_chain);
        append(problems, lint(verdict.path.certificates, extrasOf(verdict), at));
        if (!m_question.ocspResponse.empty())
            append(problems, checkStaple(m_question.ocspResponse, verdict.path.certificates, at));
        return problems;
    }

    static void append(Problems& problems, Problems more) {
        problems.insert(problems.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }

    std::vector<CertificatePtr> extrasOf(const PathVerdict& verdict) const {
        std::vector<CertificatePtr> extras;
        for (const CertificatePtr& sent : m_sent)
            if (std::ranges::none_of(verdict.path.certificates, [&](const CertificateSet::Entry& entry) {
                    return entry.certificate->sha256 == sent->sha256;
                }))
                extras.push_back(sent);
        return extras;
    }

    std::vector<MissingIssuer> missingOf(const PathVerdict& verdict) const {
        return missingIssuers(verdict.path.certificates, m_sent, isComplete(verdict));
    }

    static bool isComplete(const PathVerdict& verdict) {
        return verdict.path.anchored || verdict.path.certificates.back().certificate->selfSigned;
    }

    Problems missingProblems(const PathVerdict& verdict) const {
        Problems problems;
        if (!verdict.needsRepair) return problems;
        for (const MissingIssuer& missing : missingOf(verdict)) {
            if (missing.isRoot) continue;
            Problem problem;
            problem.kind = &kMissingIntermediate;
            problem.weight = Weight::Repairable;
            problem.certificate = missing.certificate;
            problem.evidence = {missing.name};
            if (!missing.addresses.empty())
                problem.evidence.push_back("can be fetched from " + missing.addresses.front());
            if (missing.certificate) problem.evidence.push_back("at hand: " + std::string(toString(missing.origin)));
            problem.evidence.emplace_back(kWhoRepairs);
            problem.concerns = "clients that do not fetch it: curl, Go, Java, Python, Node, rustls";
            problems.push_back(std::move(problem));
        }
        return problems;
    }

    Verdict verdictOf(const PathVerdict& verdict, const Problems& problems, const TrustProfile& profile) const {
        if (profile.roots() == 0) return Verdict::Undecided;
        if (verdict.limitReached && !verdict.isAnchored()) return Verdict::Undecided;
        if (anyRejects(problems) || !verdict.isAnchored()) return Verdict::Untrusted;
        return verdict.needsRepair ? Verdict::Untrusted : Verdict::Trusted;
    }

    ProfileVerdict judgeProfile(const ProfilePtr& profile, const PathVerdict& verdict) {
        ProfileVerdict judged;
        judged.profile = profile;
        judged.path = verdict.path.certificates;
        judged.problems = allProblems(verdict, m_question.at);
        append(judged.problems, missingProblems(verdict));
        judged.needsRepair = verdict.needsRepair;
        judged.verdict = verdictOf(verdict, judged.problems, *profile);
        if (verdict.path.anchored) judged.root = judged.path.back().certificate->subject;
        if (verdict.rootByName != nullptr) {
            judged.root = verdict.rootByName->subject;
            judged.byName = true;
        }
        judged.strictRefuse = judged.verdict == Verdict::Trusted && std::ranges::any_of(judged.problems, isWeakness);
        if (m_answer.privateCa && !verdict.isAnchored())
            for (Problem& problem : judged.problems)
                if (isAboutTop(problem)) problem = privateCaProblem(verdict, topNameOf(verdict));
        sortProblems(judged.problems);
        removeRepeated(judged.problems);
        giveReason(judged);
        if (m_question.now != kNoTime) {
            const PathVerdict later = m_choice.choose(profile.get(), m_question.now);
            const Verdict now = verdictOf(later, allProblems(later, m_question.now), *profile);
            if (now != judged.verdict) judged.now = now;
        }
        return judged;
    }

    static void giveReason(ProfileVerdict& judged) {
        if (judged.verdict == Verdict::Trusted) return;
        if (judged.profile->roots() == 0) {
            judged.reasonText = "No root of this list is at hand or known by name.";
            return;
        }
        const Problem* worst = worstOf(judged.problems);
        if (worst == nullptr || worst->weight > Weight::Repairable) {
            judged.reason = kTooManyPaths.id;
            judged.reasonText = "Not every path was tried.";
            return;
        }
        judged.reason = worst->kind == &kPrivateCa ? kPrivateCaReason : worst->kind->id;
        judged.reasonText = sentenceOf(*worst) + '.';
    }

    std::string topNameOf(const PathVerdict& verdict) const {
        if (verdict.rootByName != nullptr) return std::string(verdict.rootByName->subject);
        const Certificate& top = *verdict.path.certificates.back().certificate;
        return isComplete(verdict) ? top.subject : top.issuer;
    }

    /// The verdict that the tree on screen shows: the first that trusts, else the first that finds a root.
    std::size_t best() const {
        const auto rank = [](const ProfileVerdict& verdict) {
            return std::tuple(verdict.verdict != Verdict::Trusted, verdict.root.empty(), verdict.byName);
        };
        const auto found = std::ranges::min_element(m_answer.verdicts, {}, rank);
        return found == m_answer.verdicts.end() ? 0 : static_cast<std::size_t>(found - m_answer.verdicts.begin());
    }

    void tellOf(const PathVerdict& verdict) {
        m_answer.bestPath = verdict.path.certificates;
        m_answer.complete = isComplete(verdict);
        m_answer.topName = topNameOf(verdict);
        m_answer.missing = missingOf(verdict);
        Problems problems =
            m_answer.verdicts.empty() ? allProblems(verdict, m_question.at) : m_answer.verdicts[best()].problems;
        if (m_answer.verdicts.empty()) append(problems, missingProblems(verdict));
        if (m_answer.privateCa) {
            std::erase_if(problems, isAboutTop);
            problems.push_back(privateCaProblem(verdict, m_answer.topName));
            if (!m_answer.complete) problems.push_back(openEndProblem());
        } else {
            tellWhoRefuses(problems);
        }
        append(problems, checkInspection(verdict.path.certificates, m_answer.privateCa, m_question.at));
        append(problems, checkExpirySoon(verdict.path.certificates, m_question.at));
        if (verdict.limitReached) problems.push_back(limitProblem());
        sortProblems(problems);
        removeRepeated(problems);
        m_answer.problems = std::move(problems);
    }

    /// Of a private chain nobody can say whether the issuer that is not at hand is an intermediate or the root.
    Problem openEndProblem() const {
        Problem problem;
        problem.kind = &kUnknownIssuer;
        problem.weight = Weight::Repairable;
        problem.evidence = {m_answer.topName, "if it is an intermediate it has to be sent; a root has not"};
        for (const MissingIssuer& missing : m_answer.missing)
            for (const std::string& address : missing.addresses)
                problem.evidence.push_back("can be fetched from " + address);
        return problem;
    }

    /// The root is trusted by some only.
    void tellWhoRefuses(Problems& problems) const {
        if (m_answer.verdicts.empty() || m_answer.verdicts[best()].root.empty()) return;
        std::string titles;
        for (const ProfileVerdict& verdict : m_answer.verdicts)
            if (verdict.root.empty() && verdict.profile->roots() != 0)
                titles += (titles.empty() ? "" : ", ") + verdict.profile->title;
        if (titles.empty()) return;
        Problem problem;
        problem.kind = &kUntrustedRoot;
        problem.weight = Weight::StricterStacks;
        if (m_answer.complete) {
            problem.certificate = m_answer.bestPath.back().certificate;
            problem.depth = static_cast<int>(m_answer.bestPath.size()) - 1;
        }
        problem.evidence = {m_answer.topName, "not in the lists of " + titles};
        problem.concerns = titles;
        problems.push_back(std::move(problem));
    }

    static Problem limitProblem() {
        Problem problem;
        problem.kind = &kTooManyPaths;
        problem.weight = Weight::Remark;
        return problem;
    }

    const ChainQuestion& m_question;
    std::vector<CertificatePtr> m_sent;
    CertificatePtr m_leaf;
    PathChoice m_choice;
    Problems m_host, m_chain;
    ChainAnswer m_answer;
};

} // namespace

CertificatePtr leafOf(std::span<const CertificatePtr> sent) {
    if (sent.empty()) return nullptr;
    const auto issuedAnother = [&](const CertificatePtr& issuer) {
        return std::ranges::any_of(sent, [&](const CertificatePtr& other) {
            return other->sha256 != issuer->sha256 && !other->selfIssued && couldBeIssuedBy(*other, *issuer);
        });
    };
    if (!issuedAnother(sent.front()) || !sent.front()->isCa) return sent.front();
    const auto leaf =
        std::ranges::find_if(sent, [&](const CertificatePtr& each) { return !each->isCa && !issuedAnother(each); });
    return leaf == sent.end() ? sent.front() : *leaf;
}

ChainAnswer judgeChain(const ChainQuestion& question) {
    if (!question.sent.empty()) return ChainJudge(question).run();
    ChainAnswer answer;
    for (const ProfilePtr& profile : question.profiles) answer.verdicts.emplace_back().profile = profile;
    answer.headline = headlineOf(answer, question.host);
    return answer;
}

std::expected<std::vector<CertificatePtr>, DecodeError> servedChain(const ChainAnswer& answer) {
    if (answer.bestPath.empty()) return std::unexpected(DecodeError::Unsupported);
    // Of a private chain the last issuer may well be the root, unless something says where to fetch it.
    const auto mustBeSent = [&](const MissingIssuer& missing) {
        if (missing.isRoot || missing.certificate) return false;
        return missing.known != nullptr || !missing.addresses.empty() || answer.bestPath.size() == 1;
    };
    if (std::ranges::any_of(answer.missing, mustBeSent)) return std::unexpected(DecodeError::Unsupported);
    std::vector<CertificatePtr> served;
    for (const CertificateSet::Entry& entry : answer.bestPath)
        if (served.empty() || !entry.certificate->selfSigned) served.push_back(entry.certificate);
    return served;
}

} // namespace gatescope::trust
