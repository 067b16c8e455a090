// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/trust_answer.h"

#include "core/trust/trust_findings.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <utility>

namespace gatescope::analysis {

namespace {

using trust::TrustOutcome;

/// From here on a judgement is said without "probably"; the marks of the signatures are set for it (docs/trust.md).
constexpr double kSure = 0.8;
/// Below, it is no more likely than its alternatives.
constexpr double kLikely = 0.5;

const FindingKind* kindOf(const trust::GroupJudgement& judgement) {
    if (judgement.confidence < kLikely) return nullptr;
    switch (judgement.outcome) {
    case TrustOutcome::Rejected:
        return judgement.confidence >= kSure ? &trust::kClientRejects : &trust::kClientProbablyRejects;
    case TrustOutcome::ClientCertificateRequired:
        return &trust::kClientCertificateWanted;
    case TrustOutcome::NegotiationFailed:
        return &trust::kNegotiationFailed;
    default:
        return nullptr;
    }
}

Finding placedAt(const FindingKind& kind, std::vector<std::string> evidence, const TlsRecord* record) {
    Finding finding;
    finding.kind = &kind;
    finding.evidence = std::move(evidence);
    if (record == nullptr) return finding;
    finding.input = record->input;
    if (record->packet != 0) finding.packet = record->packet;
    finding.flowStart = record->flowStart;
    return finding;
}

/// The first session of the group that ended as the group is judged.
const TlsRecord* exampleOf(const Snapshot& snapshot, const TrustAnswer& answer, const TrustGroup& group) {
    for (const std::size_t index : group.sessions)
        if (answer.sessions[index].verdict.outcome == group.judgement.outcome)
            return snapshot.tlsSessions()[answer.sessions[index].session].record.get();
    return nullptr;
}

void addGroups(const Snapshot& snapshot, const TrustAnswer& answer, std::vector<PlacedFinding>& findings) {
    for (const TrustGroup& group : answer.groups) {
        const FindingKind* kind = kindOf(group.judgement);
        if (kind == nullptr) continue;
        std::vector<std::string> evidence{group.judgement.sentence};
        evidence.insert(evidence.end(), group.judgement.because.begin(), group.judgement.because.end());
        findings.push_back({placedAt(*kind, std::move(evidence), exampleOf(snapshot, answer, group)), {}});
    }
}

/// A problem of several chains is told once, with the names that were asked for.
void addChains(const Snapshot& snapshot, const TrustAnswer& answer, std::vector<PlacedFinding>& findings) {
    struct Told {
        std::size_t finding = 0, chains = 1;
    };
    std::map<std::pair<const FindingKind*, std::vector<std::string>>, Told> told;
    for (const TrustChain& chain : answer.chains) {
        const TlsRecord* record = nullptr;
        if (!chain.sessions.empty())
            record = snapshot.tlsSessions()[answer.sessions[chain.sessions.front()].session].record.get();
        for (const trust::Problem& problem : chain.answer.problems) {
            const auto [known, isNew] = told.try_emplace({problem.kind, problem.evidence}, Told{findings.size()});
            if (!isNew) {
                ++known->second.chains;
                continue;
            }
            std::vector<std::string> evidence = problem.evidence;
            if (!chain.host.empty()) evidence.push_back("asked for: " + chain.host);
            if (!problem.concerns.empty()) evidence.push_back("who cares: " + problem.concerns);
            const std::optional<Row> row = chain.rows.empty() ? std::nullopt : std::optional(chain.rows.front());
            findings.push_back({placedAt(*problem.kind, std::move(evidence), record), row});
        }
    }
    for (const auto& [problem, place] : told)
        if (place.chains > 1)
            findings[place.finding].finding.evidence.push_back(fmt::format("the same in {} chains", place.chains));
}

} // namespace

std::vector<PlacedFinding> trustFindings(const Snapshot& snapshot, const TrustAnswer& answer) {
    std::vector<PlacedFinding> findings;
    addGroups(snapshot, answer, findings);
    addChains(snapshot, answer, findings);
    std::ranges::stable_sort(findings, std::ranges::greater(),
                             [](const PlacedFinding& placed) { return placed.finding.kind->severity; });
    return findings;
}

} // namespace gatescope::analysis
