// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/retry_findings.h"

#include "core/analysis/masking.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>

namespace gatescope::analysis {

namespace {

constexpr FindingKind kAmplification{
    "retry.amplification", Severity::Medium, "Calls are tried more than twice",
    "Retries of the SDK, the gateway and the agent multiply: each attempt counts against the limits, and each one that "
    "is answered costs tokens. Success rates are about calls, not about attempts.",
    "Let one layer retry, and let it wait as long as the answer asks."};

constexpr std::uint32_t kManyAttempts = 3;
constexpr std::array kNames{FieldId::Project, FieldId::Agent, FieldId::Caller};

using CallerKey = std::array<StringPool::Code, kNames.size()>;

struct Caller {
    std::uint64_t calls = 0;    ///< that were repeated
    std::uint64_t attempts = 0; ///< of those, all together
    std::uint32_t most = 0;
    Row worst = 0;
};

std::string nameOf(const Snapshot& snapshot, const CallerKey& key) {
    std::string name;
    for (std::size_t i = 0; i < key.size(); ++i) {
        if (key[i] == StringPool::kNone) continue;
        const auto& info = fields()[static_cast<std::size_t>(kNames[i])];
        name += fmt::format("{}{} {}", name.empty() ? "" : ", ", info.name,
                            maskField(Field{info.id, info.type, {}}, snapshot.text(key[i])));
    }
    return name.empty() ? "a caller without a name" : name;
}

} // namespace

std::vector<PlacedFinding> retryFindings(const Snapshot& snapshot, const Attempts& attempts) {
    std::map<CallerKey, Caller> callers;
    for (const Row row : attempts.repeats()) {
        CallerKey key{};
        for (std::size_t i = 0; i < kNames.size(); ++i) key[i] = snapshot.code(kNames[i], row);
        Caller& caller = callers[key];
        const auto place = attempts.of(row);
        if (place.number == 2) {
            ++caller.calls;
            ++caller.attempts;
        }
        ++caller.attempts;
        if (place.number <= caller.most) continue;
        caller.most = place.number;
        caller.worst = place.first;
    }
    std::vector<PlacedFinding> findings;
    for (const auto& [key, caller] : callers) {
        if (caller.most < kManyAttempts) continue;
        Finding finding;
        finding.kind = &kAmplification;
        finding.evidence.push_back(fmt::format("{}: {} repeated calls took {} attempts, one of them {}",
                                               nameOf(snapshot, key), caller.calls, caller.attempts, caller.most));
        finding.input = static_cast<std::uint32_t>(snapshot.inputIndex(caller.worst));
        if (const auto packet = snapshot.number(FieldId::Packet, caller.worst); packet != kNoNumber)
            finding.packet = static_cast<std::uint64_t>(packet);
        if (const auto flow = snapshot.flowStart(caller.worst); flow != 0) finding.flowStart = flow;
        findings.push_back({std::move(finding), caller.worst});
    }
    return findings;
}

} // namespace gatescope::analysis
