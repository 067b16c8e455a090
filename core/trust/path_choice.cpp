// SPDX-License-Identifier: Apache-2.0
#include "core/trust/path_choice.h"

#include "core/trust/trust_findings.h"

#include <algorithm>
#include <utility>

namespace gatescope::trust {

namespace {

bool isRejection(const Problem& problem) {
    return problem.weight == Weight::Rejects;
}

bool isAboutDates(const Problem& problem) {
    return problem.kind == &kExpired || problem.kind == &kNotYetValid;
}

/// That no anchor was reached.
bool isAboutTop(const Problem& problem) {
    return problem.kind == &kUnknownIssuer || problem.kind == &kUntrustedRoot || problem.kind == &kSelfSignedLeaf;
}

/// Better verdicts come first.
auto rankOf(const PathVerdict& verdict) {
    const auto refusals = std::ranges::count_if(verdict.problems, isRejection);
    const auto stricter = std::ranges::count(verdict.problems, Weight::StricterStacks, &Problem::weight);
    const bool lacksIntermediate = verdict.gap != nullptr;
    // Of refused paths one that reaches a root of the client's tells more than one that ends somewhere else.
    return std::tuple(refusals != 0, refusals == 0 && verdict.needsRepair, !verdict.isAnchored(), refusals,
                      lacksIntermediate, stricter, verdict.needsRepair, verdict.rootByName != nullptr,
                      verdict.path.certificates.size());
}

/// The issuer of the last of the path has this name, and another key.
Problem namesakeProblem(const CandidatePath& path) {
    Problem problem;
    problem.kind = &kBadSignature;
    problem.certificate = path.certificates.back().certificate;
    problem.depth = static_cast<int>(path.certificates.size()) - 1;
    problem.evidence = {problem.certificate->subject,
                        "made with another key than that of the certificate at hand for its issuer, " +
                            path.namesake->subject};
    return problem;
}

std::string keyOf(const std::vector<CertificateSet::Entry>& path) {
    std::string key;
    for (const CertificateSet::Entry& entry : path)
        key.append(reinterpret_cast<const char*>(entry.certificate->sha256.data()), entry.certificate->sha256.size());
    return key;
}

bool holds(const TrustProfile& profile, const PublicRoot& root) {
    return profile.certificates.find(root.sha256) != nullptr ||
           std::ranges::find(profile.byName, &root) != profile.byName.end();
}

bool isValid(TimeNs notBefore, TimeNs notAfter, TimeNs at) {
    constexpr TimeNs kDay = 86'400'000'000'000;
    return at == kNoTime || (at >= notBefore && elapsed(notAfter, at) < kDay);
}

bool isKeyIdOf(std::string_view authorityKeyId, std::string_view keyId) {
    return authorityKeyId.empty() || keyId.empty() || authorityKeyId == keyId;
}

const PublicRoot* rootOf(const TrustProfile& profile, const PublicIntermediate& intermediate, TimeNs at) {
    for (const PublicRoot& root : publicRootsNamed(intermediate.issuer))
        if (isKeyIdOf(intermediate.authorityKeyId, root.keyId) && isValid(root.notBefore, root.notAfter, at) &&
            holds(profile, root))
            return &root;
    return nullptr;
}

} // namespace

bool PathVerdict::isRefused() const {
    return std::ranges::any_of(problems, isRejection);
}

bool needsRepair(const CandidatePath& path) {
    for (std::size_t i = 1; i < path.certificates.size(); ++i) {
        const CertificateSet::Entry& entry = path.certificates[i];
        const bool isTop = i + 1 == path.certificates.size();
        if (entry.origin != Origin::Sent && !(isTop && (path.anchored || entry.certificate->selfSigned))) return true;
    }
    return false;
}

PathChoice::PathChoice(CertificatePtr leaf, std::span<const CertificatePtr> sent,
                       std::vector<const CertificateSet*> pools, PathQuestion question)
    : m_leaf(std::move(leaf)), m_sent(sent), m_pools(std::move(pools)), m_question(std::move(question)) {}

CandidatePaths PathChoice::pathsOf(const TrustProfile* profile) {
    return buildPaths(
        m_leaf, m_sent, m_pools,
        [profile](const Certificate& certificate) {
            return profile != nullptr &&
                   (profile->isAnchor(certificate) || profile->rootByDigest(certificate) != nullptr);
        },
        PathLimits(), m_memory);
}

const Problems* PathChoice::timelessProblems(const CandidatePath& path, bool always) {
    std::vector<const Certificate*> certificates;
    for (const CertificateSet::Entry& entry : path.certificates) certificates.push_back(entry.certificate.get());
    const Key key(std::move(certificates), path.anchored);
    const auto known = m_problems.find(key);
    if (known != m_problems.end()) return &known->second;
    if (m_cost >= kMaxCost && !always) return nullptr;
    m_cost += checkCost(path);
    Problems problems = checkPathForAll(path, m_question);
    std::erase_if(problems, isAboutDates);
    return &m_problems.emplace(key, std::move(problems)).first->second;
}

void PathChoice::addByName(const TrustProfile& profile, TimeNs at, const CandidatePaths& paths,
                           std::vector<PathVerdict>& found) {
    std::vector<std::string> tried;
    for (const CandidatePath& whole : paths.paths) {
        if (whole.broken) continue;
        for (std::size_t length = 1; length <= whole.certificates.size() && tried.size() < kMaxByName; ++length) {
            const Certificate& top = *whole.certificates[length - 1].certificate;
            if (top.selfSigned) break;
            PathVerdict verdict;
            verdict.path.certificates.assign(whole.certificates.begin(),
                                             whole.certificates.begin() + static_cast<std::ptrdiff_t>(length));
            std::string key = keyOf(verdict.path.certificates);
            if (std::ranges::find(tried, key) != tried.end()) continue;
            tried.push_back(std::move(key));
            verdict.rootByName = profile.issuerByName(top, at);
            if (verdict.rootByName == nullptr && length == whole.certificates.size() && !whole.anchored)
                for (const PublicIntermediate& known : publicIntermediatesNamed(top.issuer)) {
                    if (!isKeyIdOf(top.authorityKeyId.value_or(""), known.subjectKeyId) ||
                        !isValid(known.notBefore, known.notAfter, at))
                        continue;
                    verdict.rootByName = rootOf(profile, known, at);
                    if (verdict.rootByName == nullptr) continue;
                    verdict.gap = &known;
                    break;
                }
            if (verdict.rootByName != nullptr) found.push_back(std::move(verdict));
        }
    }
}

PathVerdict PathChoice::choose(const TrustProfile* profile, TimeNs at) {
    const CandidatePaths paths = pathsOf(profile);
    std::vector<PathVerdict> verdicts;
    for (const CandidatePath& path : paths.paths) verdicts.emplace_back().path = path;
    if (profile != nullptr && !profile->byName.empty()) addByName(*profile, at, paths, verdicts);

    bool limitReached = paths.limitReached;
    const PathVerdict* best = nullptr;
    for (PathVerdict& verdict : verdicts) {
        const Problems* timeless = timelessProblems(verdict.path, best == nullptr);
        if (timeless == nullptr) {
            limitReached = true;
            continue;
        }
        verdict.problems = *timeless;
        if (verdict.rootByName != nullptr) std::erase_if(verdict.problems, isAboutTop);
        for (Problem& problem : checkDates(verdict.path, at)) verdict.problems.push_back(std::move(problem));
        if (verdict.path.namesake && !verdict.isAnchored()) verdict.problems.push_back(namesakeProblem(verdict.path));
        verdict.needsRepair = verdict.gap != nullptr || trust::needsRepair(verdict.path);
        if (best == nullptr || rankOf(verdict) < rankOf(*best)) best = &verdict;
    }
    PathVerdict chosen = *best;
    chosen.limitReached = limitReached;
    return chosen;
}

} // namespace gatescope::trust
