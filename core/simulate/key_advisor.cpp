// SPDX-License-Identifier: Apache-2.0
#include "core/simulate/key_advisor.h"

#include "core/analysis/header_inventory.h"
#include "core/simulate/key_findings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace gatescope::simulate {

using analysis::Field;
using analysis::FieldId;
using analysis::FieldType;
using analysis::Row;
using analysis::Snapshot;
using Candidate = std::vector<Field>;

namespace {

constexpr std::size_t kMostCandidates = 24;
constexpr std::array<std::string_view, 3> kGrades{"good", "partial", "poor"};

/// Nearly every call has a value of its own: no counter ever fills.
constexpr double kMostDistinctShare = 0.5;
constexpr std::uint64_t kFewCalls = 10; ///< below, many values say nothing
constexpr double kWholeCoverage = 0.995;
constexpr double kHighGini = 0.8;

Candidate named(std::initializer_list<FieldId> ids) {
    Candidate candidate;
    for (const FieldId id : ids) candidate.push_back({id, FieldType::Text, {}});
    return candidate;
}

/// Headers behind the named fields: asking for both would say everything twice.
bool isNamedField(std::string_view header) {
    static constexpr std::array<std::string_view, 5> kBehind{"openai-project", "x-ms-foundry-project-id",
                                                             "x-ms-foundry-model-id", "authorization", "traceparent"};
    return std::ranges::find(kBehind, header) != kBehind.end();
}

/// Values of one key that are worth something, with their tokens.
struct KeyUse {
    std::uint64_t calls = 0;
    std::vector<std::int64_t> tokens;
};

KeyUse useOf(const KeyedCalls& keyed) {
    std::vector<std::int64_t> tokens(keyed.keys.size(), 0);
    std::vector<std::uint64_t> calls(keyed.keys.size(), 0);
    for (std::size_t i = 0; i < keyed.keyOf.size(); ++i) {
        tokens[keyed.keyOf[i]] += billedTokens(keyed.calls.list[i]).orZero();
        ++calls[keyed.keyOf[i]];
    }
    KeyUse use;
    for (std::size_t key = 0; key < tokens.size(); ++key) {
        if (std::ranges::any_of(keyed.keys[key], isPlaceholder)) continue;
        use.calls += calls[key];
        use.tokens.push_back(tokens[key]);
    }
    return use;
}

/// What a field tells about a call.
enum class Says : std::uint8_t { Who, Where, What, Proxy };

Says saysOf(const Field& field) {
    switch (field.id) {
    case FieldId::Model:
    case FieldId::RequestedModel:
    case FieldId::Deployment:
    case FieldId::Connection:
    case FieldId::Api:
    case FieldId::Host:
    case FieldId::Path:
    case FieldId::Method:
        return Says::What;
    case FieldId::Client:
    case FieldId::EffectiveClient:
        return Says::Where;
    case FieldId::Ja4:
        return Says::Proxy;
    case FieldId::RequestHeader:
        break;
    default:
        return Says::Who;
    }
    const std::string& name = field.header;
    if (name == "x-azure-ja4-fingerprint" || name == "user-agent" || name.starts_with("x-stainless-") ||
        name.starts_with("x-k8se-") || name.starts_with("x-ms-containerapp-") || name == "x-site-deployment-id")
        return Says::Proxy;
    if (name == "x-real-ip" || name == "true-client-ip" || name.ends_with("clientip") || name.ends_with("socketip"))
        return Says::Where;
    return Says::Who;
}

/// The best of them: agent and model together still say who.
Says saysOf(const Candidate& fields) {
    Says best = Says::Proxy;
    for (const Field& field : fields) best = std::min(best, saysOf(field));
    return best;
}

/// A caller can send any of them itself.
bool comesFromCaller(const Field& field) {
    switch (field.id) {
    case FieldId::Project:
    case FieldId::ProjectId:
    case FieldId::Agent:
    case FieldId::AgentVersion:
    case FieldId::Connection:
    case FieldId::RequestedModel:
    case FieldId::Model:
        return true;
    case FieldId::RequestHeader: {
        const auto* known = analysis::headerKnowledge(field.header, "req");
        return known == nullptr || known->trust == "client" || known->trust == "client-append" ||
               known->trust == "platform";
    }
    default:
        return false;
    }
}

std::string percent(double share) {
    return fmt::format("{:.{}f} %", share * 100, share > 0.99 && share < 1 ? 2 : 0);
}

/// Grade and reason, from the plainest obstacle down.
void judge(KeyAdvice& advice, std::uint64_t calls) {
    const bool versioned = std::ranges::any_of(advice.fields, holdsAgentVersion);
    const bool isEachItsOwn =
        calls >= kFewCalls && static_cast<double>(advice.distinct) > kMostDistinctShare * static_cast<double>(calls);
    const auto say = [&](KeyGrade grade, std::string reason) {
        advice.grade = grade;
        advice.reason = std::move(reason);
    };
    if (advice.distinct == 0) return say(KeyGrade::Poor, "no call has a value: all would share one counter");
    if (isEachItsOwn)
        return say(KeyGrade::Poor,
                   fmt::format("{} values in {} calls: nearly each call would have a counter of its own, so nothing is "
                               "ever limited",
                               advice.distinct, calls));
    if (advice.coverage < kWholeCoverage)
        return say(advice.coverage >= 0.5 ? KeyGrade::Partial : KeyGrade::Poor,
                   fmt::format("only {} of the calls have a value; the others would share one counter",
                               percent(advice.coverage)));
    if (const Says says = saysOf(advice.fields); says != Says::Who)
        return say(KeyGrade::Partial, says == Says::What ? "says what was called, not who called"
                                      : says == Says::Where
                                          ? "says where calls came from; callers behind one address share a counter"
                                          : "says which program or proxy sent the call, not who called");
    if (advice.distinct == 1) return say(KeyGrade::Partial, "one value for all: callers are not told apart here");
    if (versioned) return say(KeyGrade::Partial, "each published version of an agent would get a counter of its own");
    std::string reason = fmt::format("every call has a value, {} tell the callers apart", advice.distinct);
    if (advice.gini && *advice.gini > kHighGini) reason += "; a few of them use most tokens";
    if (advice.callerSets)
        reason += "; callers set it themselves, so refuse calls that do not come through the platform";
    say(KeyGrade::Good, std::move(reason));
}

KeyAdvice adviceOn(const KeyedCalls& keyed, const LimitPolicy& policy) {
    const Candidate& fields = keyed.fields;
    const std::uint64_t calls = keyed.calls.list.size();
    const KeyUse use = useOf(keyed);
    KeyAdvice advice;
    advice.fields = fields;
    advice.coverage = calls == 0 ? 0 : static_cast<double>(use.calls) / static_cast<double>(calls);
    advice.distinct = use.tokens.size();
    advice.gini = gini(use.tokens);
    advice.callerSets = std::ranges::all_of(fields, comesFromCaller);
    if (policy.tokensPerMinute || policy.tokenQuota) {
        const LimitResult result = replayLimits(keyed, policy);
        advice.throttled = result.totals.refused429 + result.totals.refused403;
    }
    judge(advice, calls);
    return advice;
}

} // namespace

std::string_view toString(KeyGrade grade) {
    return kGrades[static_cast<std::size_t>(grade)];
}

std::optional<double> gini(std::vector<std::int64_t> values) {
    if (values.size() < 2) return std::nullopt;
    std::ranges::sort(values);
    double sum = 0, weighted = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        sum += static_cast<double>(values[i]);
        weighted += static_cast<double>(i + 1) * static_cast<double>(values[i]);
    }
    if (sum <= 0) return std::nullopt;
    const auto count = static_cast<double>(values.size());
    return std::max(0.0, 2 * weighted / (count * sum) - (count + 1) / count);
}

std::vector<Candidate> candidateKeys(const Snapshot& snapshot, const std::vector<Row>& rows) {
    std::vector<Candidate> candidates{named({FieldId::ProjectId, FieldId::Agent}),
                                      named({FieldId::ProjectId}),
                                      named({FieldId::Project}),
                                      named({FieldId::Project, FieldId::Agent}),
                                      named({FieldId::Agent}),
                                      named({FieldId::Caller}),
                                      named({FieldId::EffectiveClient}),
                                      named({FieldId::Connection}),
                                      named({FieldId::Model}),
                                      named({FieldId::Deployment})};
    std::vector<Row> models;
    for (const Call& call : callsOf(snapshot, rows).list) models.push_back(call.row);
    for (const analysis::HeaderUse& use : analysis::headerInventory(snapshot, models)) {
        if (candidates.size() == kMostCandidates) break;
        const bool identifies = use.sensitivity == analysis::Sensitivity::Id ||
                                use.sensitivity == analysis::Sensitivity::Personal ||
                                use.name == "ocp-apim-subscription-key" || use.name == "api-key";
        if (use.direction == analysis::Direction::Request && identifies && !isNamedField(use.name))
            candidates.push_back({{FieldId::RequestHeader, FieldType::Text, use.name}});
    }
    return candidates;
}

std::vector<KeyAdvice> adviseKeys(const Snapshot& snapshot, const std::vector<Row>& rows,
                                  const std::vector<Candidate>& candidates, const LimitPolicy& policy,
                                  const std::stop_token& stop) {
    std::vector<KeyAdvice> advice;
    KeyedCalls keyed;
    keyed.calls = callsOf(snapshot, rows);
    for (const Candidate& fields : candidates) {
        if (stop.stop_requested()) break;
        assignKeys(snapshot, fields, false, keyed);
        advice.push_back(adviceOn(keyed, policy));
    }
    std::ranges::stable_sort(advice, [](const KeyAdvice& a, const KeyAdvice& b) {
        if (a.grade != b.grade) return a.grade < b.grade;
        if (const Says says = saysOf(a.fields), other = saysOf(b.fields); says != other) return says < other;
        if (a.coverage != b.coverage) return a.coverage > b.coverage;
        return a.gini.value_or(1) < b.gini.value_or(1);
    });
    return advice;
}

} // namespace gatescope::simulate
