// SPDX-License-Identifier: Apache-2.0
#include "core/simulate/key_findings.h"

#include "core/simulate/simulate_findings.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>

namespace gatescope::simulate {

using analysis::Field;
using analysis::FieldId;

namespace {

constexpr std::size_t kMostEvidence = 5;
constexpr std::size_t kMostLetters = 80; ///< of one value

/// Evidence with an end: what does not fit is counted.
class Evidence {
public:
    void add(std::string text) {
        if (m_lines.size() < kMostEvidence)
            m_lines.push_back(std::move(text));
        else
            ++m_more;
    }
    bool empty() const { return m_lines.empty(); }
    std::vector<std::string> take() {
        if (m_more != 0) m_lines.push_back(fmt::format("and {} more", m_more));
        return std::move(m_lines);
    }

private:
    std::vector<std::string> m_lines;
    std::size_t m_more = 0;
};

bool isVersionedHeader(const Field& field) {
    return field.id == FieldId::RequestHeader && field.header == "x-ms-foundry-agent-id";
}

std::string withoutVersion(const std::string& agent) {
    const std::size_t colon = agent.rfind(':');
    return colon == agent.npos ? agent : agent.substr(0, colon);
}

/// The key as it would be without versions; nothing where the key has no version in it.
std::optional<KeyParts> unversioned(const std::vector<Field>& fields, const KeyParts& key) {
    KeyParts rest;
    bool found = false;
    for (std::size_t i = 0; i < fields.size() && i < key.size(); ++i) {
        if (fields[i].id == FieldId::AgentVersion) {
            found = found || key[i].has_value();
            continue;
        }
        rest.push_back(key[i]);
        if (!isVersionedHeader(fields[i]) || !key[i] || key[i]->find(':') == key[i]->npos) continue;
        rest.back() = withoutVersion(*key[i]);
        found = true;
    }
    return found ? std::optional(std::move(rest)) : std::nullopt;
}

std::optional<Finding> sharedBuckets(const KeyedCalls& calls) {
    Evidence evidence;
    for (std::size_t i = 0; i < calls.keys.size(); ++i) {
        if (calls.payers[i] < 2) continue;
        const bool missing = std::ranges::any_of(calls.keys[i], isPlaceholder);
        evidence.add(fmt::format("{}: {} payers{}", keyText(calls.fields, calls.keys[i]), calls.payers[i],
                                 missing ? ", a value is missing" : ""));
    }
    if (evidence.empty()) return std::nullopt;
    return Finding{&kSharedBucket, evidence.take(), {}, {}, {}};
}

std::optional<Finding> versionSplits(const KeyedCalls& calls) {
    if (std::ranges::none_of(calls.fields, holdsAgentVersion)) return std::nullopt;
    std::map<KeyParts, std::size_t> counters;
    for (const KeyParts& key : calls.keys)
        if (auto rest = unversioned(calls.fields, key)) ++counters[*std::move(rest)];
    if (counters.empty()) return std::nullopt;
    std::vector<Field> fields;
    for (const Field& field : calls.fields)
        if (field.id != FieldId::AgentVersion) fields.push_back(field);
    Evidence evidence;
    for (const bool split : {true, false})
        for (const auto& [key, count] : counters)
            if ((count > 1) == split)
                evidence.add(fmt::format("{}: {} counter{}", keyText(fields, key), count, split ? "s" : ""));
    return Finding{&kAgentVersionBucket, evidence.take(), {}, {}, {}};
}

} // namespace

std::string keyText(const std::vector<Field>& fields, const KeyParts& key) {
    if (fields.empty()) return "all calls";
    std::string text;
    for (std::size_t i = 0; i < fields.size() && i < key.size(); ++i) {
        if (!text.empty()) text += ", ";
        std::string value = key[i] ? *key[i] : "(none)";
        if (value.size() > kMostLetters) value = value.substr(0, kMostLetters) + "...";
        text += fields[i].name() + '=' + value;
    }
    return text;
}

bool isPlaceholder(const std::optional<std::string>& part) {
    static constexpr std::array<std::string_view, 6> kWords{"", "none", "null", "undefined", "unknown", "-"};
    if (!part) return true;
    std::string lower = *part;
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return std::ranges::find(kWords, lower) != kWords.end();
}

bool holdsAgentVersion(const Field& field) {
    return field.id == FieldId::AgentVersion || isVersionedHeader(field);
}

std::vector<Finding> keyFindings(const KeyedCalls& calls) {
    std::vector<Finding> findings;
    if (auto shared = sharedBuckets(calls)) findings.push_back(*std::move(shared));
    if (auto split = versionSplits(calls)) findings.push_back(*std::move(split));
    return findings;
}

void addLimitFindings(const LimitPolicy& policy, LimitResult& result) {
    Evidence tooLarge, debt;
    for (const KeyOutcome& key : result.keys) {
        if (key.unsatisfiable != 0)
            tooLarge.add(fmt::format("{}: {} {}", keyText(policy.key, key.key), key.unsatisfiable,
                                     key.unsatisfiable == 1 ? "call" : "calls"));
        if (policy.algorithm == LimitAlgorithm::TokenBucket && policy.tokensPerMinute && key.longestWait > 60)
            debt.add(fmt::format("{}: up to {} s", keyText(policy.key, key.key), key.longestWait));
    }
    if (!tooLarge.empty())
        result.findings.insert(result.findings.begin(), {&kUnsatisfiable, tooLarge.take(), {}, {}, {}});
    if (!debt.empty()) result.findings.push_back({&kDebt, debt.take(), {}, {}, {}});
}

} // namespace gatescope::simulate
