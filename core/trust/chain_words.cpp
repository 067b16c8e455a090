// SPDX-License-Identifier: Apache-2.0
#include "core/trust/chain_words.h"

#include "core/trust/trust_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

namespace gatescope::trust {

std::string_view toString(Weight weight) {
    switch (weight) {
    case Weight::Rejects:
        return "rejects";
    case Weight::StricterStacks:
        return "stricter-stacks";
    case Weight::Repairable:
        return "repairable";
    case Weight::Remark:
        return "remark";
    }
    return {};
}

std::string_view toString(Verdict verdict) {
    switch (verdict) {
    case Verdict::Trusted:
        return "trusted";
    case Verdict::Untrusted:
        return "untrusted";
    case Verdict::Undecided:
        return "undecided";
    }
    return {};
}

std::string shortName(const Certificate& certificate) {
    if (!certificate.commonName.empty()) return certificate.commonName;
    return certificate.subject.empty() ? "a certificate without a subject" : certificate.subject;
}

std::string sentenceOf(const Problem& problem) {
    std::string sentence(problem.kind->title);
    for (std::size_t i = 0; i < problem.evidence.size() && i < 2; ++i)
        sentence += (i == 0 ? ": " : ", ") + problem.evidence[i];
    return sentence;
}

namespace {

/// `Mozilla, Apple and 3 others`.
std::string listOf(const std::vector<std::string>& names) {
    constexpr std::size_t kNamed = 3;
    std::string list;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i == kNamed && names.size() > kNamed + 1)
            return list + fmt::format(" and {} others", names.size() - kNamed);
        if (i != 0) list += i + 1 == names.size() ? " and " : ", ";
        list += names[i];
    }
    return list;
}

std::string worstProblem(const ChainAnswer& answer) {
    return answer.problems.empty() ? std::string() : sentenceOf(answer.problems.front());
}

/// What stands against the chain besides that nobody knows its CA.
std::string otherRefusals(const ChainAnswer& answer) {
    std::set<std::string_view> others;
    for (const Problem& problem : answer.problems)
        if (problem.weight == Weight::Rejects && problem.kind != &kPrivateCa && problem.kind != &kInspection)
            others.insert(problem.kind->id);
    if (others.empty()) return {};
    return fmt::format("; and {} more {} that every client refuses", others.size(),
                       others.size() == 1 ? "problem" : "problems");
}

} // namespace

std::string headlineOf(const ChainAnswer& answer, const std::string& host) {
    const std::string what = host.empty() ? "The chain" : "The chain for " + host;
    std::vector<std::string> trusting, refusing;
    for (const ProfileVerdict& verdict : answer.verdicts)
        (verdict.verdict == Verdict::Trusted ? trusting : refusing).push_back(verdict.profile->title);
    if (answer.bestPath.empty()) return "There is no certificate to judge.";
    if (answer.verdicts.empty())
        return answer.problems.empty() ? what + " has no problem; no list of roots was asked."
                                       : what + " has problems. " + worstProblem(answer) + '.';
    if (trusting.empty() && answer.privateCa)
        return fmt::format("Private CA: {} leads to {}, which is in no public programme{}.",
                           host.empty() ? "the chain" : "the chain for " + host, answer.topName, otherRefusals(answer));
    if (trusting.empty()) return fmt::format("{} is not trusted. {}.", what, worstProblem(answer));
    if (refusing.empty())
        return fmt::format("{} is trusted by all that were asked ({}).", what, answer.verdicts.size());
    return fmt::format("{} is trusted by {} of {}: not by {}.", what, trusting.size(), answer.verdicts.size(),
                       listOf(refusing));
}

void sortProblems(Problems& problems) {
    std::ranges::stable_sort(problems, {}, [](const Problem& problem) {
        return std::tuple(problem.weight, -static_cast<int>(problem.kind->severity),
                          static_cast<unsigned>(problem.depth));
    });
}

void removeRepeated(Problems& problems) {
    std::set<std::tuple<std::string_view, const Certificate*, std::string>> seen;
    std::erase_if(problems, [&](const Problem& problem) {
        // These two have many causes, each of which counts.
        const bool hasCauses = problem.kind == &kInvalid || problem.kind == &kLint || problem.certificate == nullptr;
        std::string cause;
        if (hasCauses)
            for (const std::string& line : problem.evidence) cause += line + '\n';
        return !seen.emplace(problem.kind->id, problem.certificate.get(), std::move(cause)).second;
    });
}

} // namespace gatescope::trust
