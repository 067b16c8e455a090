// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/limit_answer.h"

#include "ui/bridge/flow_answer.h"
#include "ui/bridge/text.h"

#include <QStringList>

#include <map>

namespace gatescope::ui {
using namespace analysis;
using namespace simulate;
namespace {

constexpr std::uint16_t kTooMany = 429;
constexpr std::uint16_t kForbidden = 403;
constexpr std::uint16_t kFirstError = 400;
constexpr std::size_t kLookEvery = 4096; ///< at the stop token

void add(LimitBucket& bucket, const CallOutcome& call) {
    ++(call.predictedStatus == kTooMany     ? bucket.refused429
       : call.predictedStatus == kForbidden ? bucket.refused403
                                            : bucket.admitted);
    ++(call.observedStatus == 0             ? bucket.unanswered
       : call.observedStatus == kTooMany    ? bucket.observed429
       : call.observedStatus >= kFirstError ? bucket.failed
                                            : bucket.answered);
}

QString share(std::uint64_t part, std::uint64_t whole) {
    const double percent = whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    return QStringLiteral("%1 %").arg(percent, 0, 'f', 1);
}

} // namespace

std::optional<LimitView> limitView(const LimitResult& result, std::optional<std::uint32_t> key,
                                   std::int64_t mostBuckets, std::stop_token stop) {
    LimitView view{.key = key, .interval = 0, .span = {}, .buckets = {}, .calls = {}};
    if (result.calls.empty()) return view;
    // One axis for all counters, so that they can be compared.
    const TimeNs first = result.calls.front().time;
    std::int64_t length = 0;
    if (__builtin_sub_overflow(result.calls.back().time, first, &length)) return view;
    view.interval = usualStep(length, mostBuckets);
    const TimeNs origin = first - (first % view.interval + view.interval) % view.interval;
    view.span = TimeSpan{origin, origin + (length / view.interval + 2) * view.interval};
    std::map<std::int64_t, LimitBucket> buckets;
    for (std::uint32_t i = 0; i < result.calls.size(); ++i) {
        if (i % kLookEvery == 0 && stop.stop_requested()) return std::nullopt;
        const auto& call = result.calls[i];
        if (key && call.key != *key) continue;
        view.calls.push_back(i);
        add(buckets[(call.time - origin) / view.interval], call);
    }
    for (auto& [place, bucket] : buckets) {
        bucket.time = origin + place * view.interval;
        view.buckets.push_back(bucket);
    }
    if ((result.calls.back().time - origin) / view.interval < length / view.interval + 1) {
        view.span->to -= view.interval;
    }
    return view;
}

QString counterName(const KeyParts& key, const std::vector<Field>& fields) {
    if (key.empty()) return QStringLiteral("all calls");
    QStringList parts;
    for (std::size_t i = 0; i < key.size(); ++i) {
        if (!key[i])
            parts << (i < fields.size() ? absentName(fields[i]) : QStringLiteral("(no value)"));
        else
            parts << (key[i]->empty() ? QStringLiteral("(empty)") : toText(*key[i]));
    }
    return parts.join(QStringLiteral(" + "));
}

QString limitSummary(const LimitResult& result) {
    const auto& totals = result.totals;
    QString text = QStringLiteral("%1: %2 let through, %3 refused with 429 (%4)")
                       .arg(counted(totals.exchanges, "call", "calls"), countText(totals.admitted),
                            countText(totals.refused429), share(totals.refused429, totals.exchanges));
    if (totals.refused403 > 0) text += QStringLiteral(", %1 with 403").arg(countText(totals.refused403));
    text += QStringLiteral(".   Really %1 got 429").arg(countText(totals.observed429));
    if (totals.observed429 > 0 && totals.refused429 > 0) {
        text += QStringLiteral("; %1 in both").arg(countText(result.agreed429));
    }
    text += QChar('.');
    if (result.withoutTime > 0) {
        text += QStringLiteral("   %1 without a time left out.").arg(counted(result.withoutTime, "call", "calls"));
    }
    if (result.consumed.compared > 0) {
        text += QStringLiteral("   Booked tokens differ from the gateway's headers by %1 on average.")
                    .arg(result.consumed.meanAbsolute, 0, 'f', 1);
    }
    return text;
}

QString limitVerdict(const LimitResult& result) {
    const auto& totals = result.totals;
    return QStringLiteral("would refuse %1 of %2 (%3), really %4")
        .arg(countText(totals.refused429), counted(totals.exchanges, "call", "calls"),
             share(totals.refused429, totals.exchanges), countText(totals.observed429));
}

} // namespace gatescope::ui
