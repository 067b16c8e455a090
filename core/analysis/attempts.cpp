// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/attempts.h"

#include "core/analysis/answer.h"
#include "core/analysis/model_calls.h"
#include "core/base/hash.h"
#include "core/base/saturating.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace gatescope::analysis {

namespace {

constexpr std::array kCallerFields{FieldId::Project, FieldId::ProjectId, FieldId::Agent, FieldId::Caller};

/// Answers that the SDKs and gateways try again after; no answer at all is one of them.
bool invitesRetry(std::int64_t status) {
    return status == 408 || status == 409 || status == 429 || status >= 500;
}

/// An address without its port: a retry often comes over a new connection.
std::string_view addressOf(std::string_view endpoint) {
    const auto colon = endpoint.rfind(':');
    if (colon == endpoint.npos || colon < endpoint.rfind(']') + 1) return endpoint;
    return endpoint.find(':') == colon || endpoint.starts_with('[') ? endpoint.substr(0, colon) : endpoint;
}

/// The trace that a span belongs to (W3C Trace Context, 3.2): the second of the parts between the dashes.
std::string_view traceOf(std::string_view traceparent) {
    constexpr std::size_t kIdLength = 32;
    const auto dash = traceparent.find('-');
    return dash == traceparent.npos ? std::string_view{} : traceparent.substr(dash + 1, kIdLength);
}

/// What two attempts of one call have in common; 0: too little is known.
std::uint64_t callKey(const Snapshot& snapshot, Row row) {
    const std::uint64_t digest = snapshot.requestDigest(row);
    const std::string_view trace = traceOf(snapshot.text(snapshot.code(FieldId::Traceparent, row)));
    // All calls of a session have the trace of its handshake.
    const bool isTraced = !trace.empty() && snapshot.code(FieldId::SessionId, row) == StringPool::kNone;
    if (digest == 0 && !isTraced) return 0;
    std::uint64_t key = mix64(digest, hashBytes(trace));
    key = mix64(key, hashBytes(addressOf(snapshot.text(snapshot.code(FieldId::Client, row)))));
    for (const FieldId field : kCallerFields) key = mix64(key, snapshot.code(field, row));
    return key == 0 ? 1 : key;
}

/// The last attempt of a call that failed so far.
struct Pending {
    Attempts::Place place;
    TimeNs ended;
    TimeNs until; ///< a retry begins before
};

} // namespace

Attempts::Attempts(const Snapshot& snapshot, const std::vector<Row>& order, const AttemptLimits& limits) {
    std::unordered_map<std::uint64_t, Pending> pending;
    const ModelCalls modelCalls(snapshot);
    for (const Row row : order) {
        if (!modelCalls.isCall(snapshot.code(FieldId::Api, row))) continue;
        const std::int64_t status = snapshot.number(FieldId::Status, row);
        const bool failed = status == kNoNumber ? isUnanswered(snapshot, row) : invitesRetry(status);
        if (!failed && pending.empty()) continue;
        const TimeNs start = snapshot.startTime(row);
        const std::uint64_t key = start == kNoTime ? 0 : callKey(snapshot, row);
        if (key == 0) continue;
        Place place{row, 1};
        const auto before = pending.find(key);
        if (before != pending.end() && start >= before->second.ended && start <= before->second.until) {
            place = {before->second.place.first, before->second.place.number + 1};
            m_places.try_emplace(place.first, Place{place.first, 1});
            m_places.insert_or_assign(row, place);
            m_repeats.push_back(row);
        }
        if (before != pending.end() && start >= before->second.ended) pending.erase(before);
        if (!failed) continue;
        const std::int64_t duration = snapshot.number(FieldId::Duration, row);
        const std::int64_t wait = snapshot.number(FieldId::RetryAfter, row);
        const TimeNs ended = duration == kNoNumber ? start : saturatingAdd(start, duration);
        const std::int64_t asked = wait == kNoNumber ? 0 : std::clamp<std::int64_t>(wait, 0, limits.maxWaitNs);
        pending.insert_or_assign(key, Pending{place, ended, saturatingAdd(ended, asked + limits.slackNs)});
    }
}

Attempts::Place Attempts::of(Row row) const {
    const auto at = m_places.find(row);
    return at == m_places.end() ? Place{row, 1} : at->second;
}

bool Attempts::isRepeat(Row row) const {
    return !m_places.empty() && of(row).number > 1;
}

} // namespace gatescope::analysis
