// SPDX-License-Identifier: Apache-2.0
#include "core/simulate/limit_simulation.h"
#include "tests/unit/analysis/records.h"

#include <QtTest>

#include <algorithm>
#include <random>

using namespace gatescope;
using namespace gatescope::simulate;
using namespace gatescope::analysis;
using namespace gatescope::analysis::test;

namespace {

/// A call of a model: input tokens alone, so that total and input are the same.
struct CallSpec {
    double start = 0, length = 1; ///< seconds
    std::optional<std::int64_t> tokens;
    std::string project = "a";
    int status = 200;
    bool stream = false;
};

ExchangeRecord recordOf(const CallSpec& spec) {
    const auto begin = kStart + static_cast<TimeNs>(std::llround(spec.start * 1e9));
    auto record = exchangeAt(begin, "/openai/deployments/gpt-4o/chat/completions");
    record.http.responseTrace.lastByte = begin + static_cast<TimeNs>(std::llround(spec.length * 1e9));
    record.http.response.status = spec.status;
    record.call.api = "openai.chat";
    record.call.identity.project = spec.project;
    record.call.usage.input = record.call.usage.total = spec.tokens;
    if (spec.tokens) record.call.usage.source = llm::TokenSource::Reported;
    record.call.stream = record.call.streamRequested = spec.stream;
    return record;
}

Snapshot snapshotOfCalls(const std::vector<CallSpec>& specs) {
    std::vector<ExchangeRecord> records;
    for (const CallSpec& spec : specs) records.push_back(recordOf(spec));
    return snapshotOf(std::move(records));
}

LimitPolicy policyOf(std::int64_t tpm, bool estimate = false) {
    LimitPolicy policy;
    policy.key = {field("project")};
    policy.tokensPerMinute = tpm;
    policy.estimatePrompt = estimate;
    return policy;
}

LimitResult simulated(const Snapshot& snapshot, const LimitPolicy& policy) {
    return simulateLimits(snapshot, snapshot.order(), policy);
}

/// `200 429(29) ...`: predicted statuses with their waits.
QString said(const LimitResult& result) {
    QStringList parts;
    for (const CallOutcome& call : result.calls) {
        QString part = QString::number(call.predictedStatus);
        if (call.predictedStatus != 200)
            part += call.retryAfter.known() ? QString("(%1)").arg(call.retryAfter.orZero()) : QString("(never)");
        parts << part;
    }
    return parts.join(' ');
}

QString ids(const std::vector<Finding>& findings) {
    QStringList list;
    for (const Finding& finding : findings) list << QString::fromLatin1(finding.kind->id.data());
    return list.join(' ');
}

} // namespace

class SimulateLimitsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// The published trace (limit 100, no estimate), now through records, columns and replay.
    void publishedTrace() {
        const auto snapshot = snapshotOfCalls({{0, 1.7, 59},
                                               {16.93, 0.67, 55},
                                               {32.9, 0.1, std::nullopt, "a", 429},
                                               {48.3, 0.1, std::nullopt, "a", 429},
                                               {63.46, 0.84, 55}});
        const LimitResult result = simulated(snapshot, policyOf(100));
        QCOMPARE(said(result), QString("200 200 429(29) 429(14) 200"));
        QCOMPARE(result.calls[0].remaining.orZero(), std::int64_t{41});
        QVERIFY(result.calls[1].remaining == Count(0) && result.calls[4].remaining == Count(0));
        QCOMPARE(result.keys.size(), std::size_t{1});
        const KeyOutcome& key = result.keys[0];
        QCOMPARE(key.exchanges, std::uint64_t{5});
        QCOMPARE(key.admitted, std::uint64_t{3});
        QCOMPARE(key.refused429, std::uint64_t{2});
        QCOMPARE(key.observed429, std::uint64_t{2});
        QCOMPARE(result.agreed429, std::uint64_t{2});
        QCOMPARE(key.bookedTokens, std::int64_t{169});
        QCOMPARE(key.billedTokens, std::int64_t{169});
        QCOMPARE(key.firstRefused, kStart + 32'900'000'000);
        QCOMPARE(key.longestWait, std::int64_t{29});
        QCOMPARE(key.firstStarved, kNoTime); // each minute let something through
    }

    void starvedMinute() {
        // Minute 0 uses up 300 of 100 as debt: 200 tokens take two minutes; the calls of minute 1 are all refused.
        auto policy = policyOf(100);
        policy.algorithm = LimitAlgorithm::TokenBucket;
        const auto snapshot = snapshotOfCalls({{0, 1, 300}, {70, 1, 1}, {80, 1, 1}, {125, 1, 1}});
        const LimitResult result = simulated(snapshot, policy);
        // Debt of 200 at 1 s is gone at 121 s.
        QCOMPARE(said(result), QString("200 429(51) 429(41) 200"));
        QCOMPARE(result.keys[0].firstStarved, kStart + kMinute);
        QCOMPARE(result.keys[0].starvedMinutes, std::uint64_t{1});
        QCOMPARE(ids(result.findings), QString("")); // 51 s is no sign of debt by itself
    }

    void debtIsSaid() {
        auto policy = policyOf(100);
        policy.algorithm = LimitAlgorithm::TokenBucket;
        const LimitResult result = simulated(snapshotOfCalls({{0, 1, 400}, {2, 1, 1}}), policy);
        QCOMPARE(said(result), QString("200 429(179)")); // 300 in debt at 1 s
        QCOMPARE(ids(result.findings), QString("limit.debt"));
    }

    void estimateRefusesAtOnce() {
        const auto snapshot = snapshotOfCalls({{0, 1, 60}, {2, 1, 60}, {3, 1, 101}});
        QCOMPARE(said(simulated(snapshot, policyOf(100))), QString("200 200 429(58)"));
        const LimitResult estimated = simulated(snapshot, policyOf(100, true));
        QCOMPARE(said(estimated), QString("200 429(59) 429(never)"));
        QCOMPARE(estimated.keys[0].unsatisfiable, std::uint64_t{1});
        QCOMPARE(ids(estimated.findings), QString("limit.unsatisfiable"));
    }

    void streamsAreEstimatedWhateverThePolicySays() {
        const auto snapshot = snapshotOfCalls({{0, 1, 60}, {2, 1, 60, "a", 200, true}});
        QCOMPARE(said(simulated(snapshot, policyOf(100))), QString("200 429(59)"));
    }

    void quotaGives403() {
        LimitPolicy policy = policyOf(1);
        policy.tokensPerMinute.reset();
        policy.tokenQuota = 100;
        policy.period = QuotaPeriod::Hourly;
        const auto snapshot = snapshotOfCalls({{0, 1, 100}, {10, 1, 5}, {3600, 1, 5}});
        const LimitResult result = simulated(snapshot, policy);
        QCOMPARE(said(result), QString("200 403(3590) 200"));
        QCOMPARE(result.keys[0].refused403, std::uint64_t{1});
        QVERIFY(!result.calls[0].remaining.known()); // no limit a minute, nothing to say
        policy.tokenQuota = 4;
        QCOMPARE(said(simulated(snapshot, policy)), QString("200 403(3590) 200"));
        policy.estimatePrompt = true;
        QCOMPARE(said(simulated(snapshot, policy)), QString("403(never) 403(never) 403(never)"));
    }

    void aCallRefusedByTheQuotaLeavesTheRateAlone() {
        LimitPolicy policy = policyOf(100, true);
        policy.tokenQuota = 50;
        policy.period = QuotaPeriod::Daily;
        const auto snapshot = snapshotOfCalls({{0, 1, 40}, {2, 1, 20}, {4, 1, 10}});
        const LimitResult result = simulated(snapshot, policy);
        QCOMPARE(said(result), QString("200 403(86398) 200"));
        QCOMPARE(result.calls[2].remaining.orZero(), std::int64_t{50}); // 100 - 40 - 10
    }

    void keysHaveTheirOwnCounters() {
        const auto snapshot = snapshotOfCalls({{0, 1, 100, "a"}, {2, 1, 100, "b"}, {4, 1, 1, "a"}, {5, 1, 1, "b"}});
        const LimitResult apart = simulated(snapshot, policyOf(100));
        QCOMPARE(said(apart), QString("200 200 429(57) 429(58)"));
        QCOMPARE(apart.keys.size(), std::size_t{2});
        QCOMPARE(apart.totals.refused429, std::uint64_t{2});
        LimitPolicy together = policyOf(100);
        together.key.clear();
        const LimitResult shared = simulated(snapshot, together);
        QCOMPARE(said(shared), QString("200 429(59) 429(57) 429(56)"));
        QCOMPARE(shared.keys[0].payers, std::uint64_t{2});
        QCOMPARE(ids(shared.findings), QString("limit.shared-bucket"));
    }

    /// What was really refused reports nothing: its estimate is booked, and without one nothing.
    void whatIsBookedForARefusedCall() {
        auto refused = recordOf({0, 1, std::nullopt, "a", 429});
        refused.call.promptBytes = 41; // 11 tokens, rounded up
        auto silent = recordOf({2, 1, std::nullopt, "a", 500});
        auto unanswered = recordOf({4, 1, std::nullopt, "a"});
        unanswered.call.promptBytes = 400;
        unanswered.http.response = {};
        unanswered.http.responseTrace = {};
        silent.http.requestTrace.bodyBytes = 0;
        const auto snapshot = snapshotOf({refused, silent, unanswered});
        for (const bool estimate : {true, false}) {
            const LimitResult result = simulated(snapshot, policyOf(1000, estimate));
            const KeyOutcome& key = result.keys[0];
            QCOMPARE(key.admitted, std::uint64_t{3});
            QCOMPARE(key.bookedByEstimate, std::uint64_t{estimate ? 3U : 2U});
            QCOMPARE(key.withoutTokens, std::uint64_t{estimate ? 0U : 1U}); // without estimate nobody knows the prompt
            QCOMPARE(key.bookedTokens, std::int64_t{estimate ? 111 : 11});
            QCOMPARE(key.withUsage, std::uint64_t{0});
            QVERIFY(!result.calls[2].remaining.known()); // no answer, no header
        }
    }

    void anUnknownPromptIsCountedNotZero() {
        auto record = recordOf({0, 1, std::nullopt});
        record.http.request = {}; // the request was lost, but when it came is known
        record.http.request.method = "";
        const auto result = simulated(snapshotOf({record}), policyOf(10, true));
        QCOMPARE(result.totals.withoutEstimate, std::uint64_t{1});
        QCOMPARE(result.totals.admitted, std::uint64_t{1});
        QCOMPARE(result.totals.bookedCalls, std::uint64_t{0});
    }

    void imagesCountAtTheirMost() {
        auto record = recordOf({0, 1, 900});
        record.call.images = 2;
        record.call.promptBytes = 40;
        record.call.usage.output = 30;
        record.call.usage.input = 870;
        const auto snapshot = snapshotOf({record});
        const Call call = callsOf(snapshot, snapshot.order()).list.at(0);
        // 40 / 4 + 2 * 1200; the text is counted by octets, because the reported input contains the images.
        QCOMPARE(promptEstimate(call, PromptEstimator::Reported).orZero(), std::int64_t{2410});
        QCOMPARE(simulated(snapshot, policyOf(10'000, true)).totals.bookedTokens, std::int64_t{2440});
        QCOMPARE(simulated(snapshot, policyOf(10'000)).totals.bookedTokens, std::int64_t{900});
    }

    void estimators() {
        auto record = recordOf({0, 1, 100});
        record.call.promptBytes = 81;
        const auto snapshot = snapshotOf({record});
        Call call = callsOf(snapshot, snapshot.order()).list.at(0);
        QCOMPARE(promptEstimate(call, PromptEstimator::Reported).orZero(), std::int64_t{100});
        QCOMPARE(promptEstimate(call, PromptEstimator::Bytes).orZero(), std::int64_t{21});
        call.promptBytes = Count();
        call.requestBytes = Count(40);
        QCOMPARE(promptEstimate(call, PromptEstimator::Bytes).orZero(), std::int64_t{10});
        call.requestBytes = Count();
        QVERIFY(!promptEstimate(call, PromptEstimator::Bytes).known());
    }

    void comparedWithHeaders() {
        auto first = recordOf({0, 1, 60});
        first.call.limit.gatewayTokens = 64;
        first.call.limit.remainingTokens = 36;
        auto second = recordOf({2, 1, 20});
        second.call.limit.gatewayTokens = 20;
        second.call.limit.remainingTokens = 14;
        second.call.limit.limitTokens = 100;
        auto other = recordOf({4, 1, 1});
        other.call.limit.remainingTokens = 99'000;
        other.call.limit.limitTokens = 100'000; // of the model's own quota
        const LimitResult result = simulated(snapshotOf({first, second, other}), policyOf(100));
        QCOMPARE(result.consumed.compared, std::uint64_t{2});
        QCOMPARE(result.consumed.meanAbsolute, 2.0);
        QCOMPARE(result.consumed.maxAbsolute, std::int64_t{4});
        QCOMPARE(result.remaining.compared, std::uint64_t{2}); // predicted 40 and 20
        QCOMPARE(result.remaining.meanAbsolute, 5.0);
        QCOMPARE(result.remaining.maxAbsolute, std::int64_t{6});
        QCOMPARE(result.otherLimit, std::uint64_t{1});
    }

    void countersSharedByAccident() {
        auto one = recordOf({0, 1, 1, ""}), two = recordOf({1, 1, 1, ""}), mine = recordOf({2, 1, 1, "p"});
        one.call.identity.caller = "app-1";
        two.call.identity.caller = "app-2";
        const LimitResult result = simulated(snapshotOf({one, two, mine}), policyOf(100));
        QCOMPARE(ids(result.findings), QString("limit.shared-bucket"));
        QCOMPARE(result.findings[0].evidence.size(), std::size_t{1});
        QCOMPARE(result.findings[0].evidence[0], std::string("project=(none): 2 payers, a value is missing"));
        // The same client on two connections is one payer.
        one.call.identity.caller = two.call.identity.caller = "";
        two.client = *Endpoint::parse("10.0.9.213:999");
        QVERIFY(simulated(snapshotOf({one, two}), policyOf(100)).findings.empty());
    }

    void countersSplitByVersion() {
        std::vector<ExchangeRecord> records;
        for (const char* version : {"4", "5"}) {
            auto record = recordOf({0, 1, 1, "p"});
            record.call.identity.agent = "Planner";
            record.call.identity.agentVersion = version;
            record.http.request.headers.add("x-ms-foundry-agent-id", std::string("Planner:") + version);
            records.push_back(std::move(record));
        }
        const auto snapshot = snapshotOf(std::move(records));
        auto policy = policyOf(100);
        for (const char* key : {"project,agent,agent_version", "header:x-ms-foundry-agent-id"}) {
            policy.key = parseFields(key).value();
            const LimitResult result = simulated(snapshot, policy);
            QCOMPARE(ids(result.findings), QString("id.agent-version-bucket"));
            QVERIFY(result.findings[0].evidence[0].ends_with("Planner: 2 counters"));
        }
        policy.key = parseFields("project,agent").value();
        QVERIFY(simulated(snapshot, policy).findings.empty());
    }

    void onlyCallsOfModelsPass() {
        const auto snapshot = snapshotOf({exchangeAt(kStart, "/health"), recordOf({0, 1, 5})});
        QCOMPARE(simulated(snapshot, policyOf(100)).totals.exchanges, std::uint64_t{1});
        QCOMPARE(simulated(Snapshot(), policyOf(100)).keys.size(), std::size_t{0});
        auto lost = recordOf({0, 1, 5});
        lost.http.requestTrace = {};
        QCOMPARE(simulated(snapshotOf({lost}), policyOf(100)).withoutTime, std::uint64_t{1});
    }

    void hostileNumbers() {
        std::vector<ExchangeRecord> records;
        for (const std::int64_t tokens : {INT64_MAX, INT64_MAX - 1, std::int64_t{-5}, INT64_MIN + 1}) {
            auto record = recordOf({0, 1, tokens});
            record.call.usage.output = tokens;
            record.call.maxTokens = tokens;
            record.call.promptBytes = tokens;
            record.call.limit.remainingTokens = tokens;
            record.call.images = UINT32_MAX;
            record.call.stream = true;
            records.push_back(record);
            record.http.requestTrace.firstByte = tokens;
            records.push_back(std::move(record));
        }
        const auto snapshot = snapshotOf(std::move(records));
        for (const auto algorithm : {LimitAlgorithm::SlidingWindow, LimitAlgorithm::TokenBucket}) {
            auto policy = policyOf(1'000'000'000'000, true);
            policy.algorithm = algorithm;
            policy.tokenQuota = 1'000'000'000'000;
            const LimitResult result = simulated(snapshot, policy);
            QVERIFY(result.totals.bookedTokens >= 0 && result.totals.billedTokens >= 0);
            QCOMPARE(result.totals.admitted + result.totals.refused429 + result.totals.refused403,
                     result.totals.exchanges);
        }
    }

    /// Booked is the sum of what the admitted calls used; every call is either admitted or refused; the order in which
    /// rows are given does not matter, not even for equal times.
    void conservationAndOrder() {
        std::mt19937 random(14);
        for (int round = 0; round < 30; ++round) {
            std::vector<CallSpec> specs;
            for (int i = 0; i < 300; ++i)
                specs.push_back({static_cast<double>(random() % 400) / 2, static_cast<double>(random() % 20) / 2,
                                 static_cast<std::int64_t>(random() % 200), std::string(1, "abc"[random() % 3]), 200,
                                 random() % 2 == 0});
            const auto snapshot = snapshotOfCalls(specs);
            auto policy = policyOf(1 + static_cast<std::int64_t>(random() % 1000), random() % 2 == 0);
            policy.algorithm = random() % 2 ? LimitAlgorithm::TokenBucket : LimitAlgorithm::SlidingWindow;
            if (random() % 2) policy.tokenQuota = 5000;
            const LimitResult result = simulated(snapshot, policy);
            const Calls calls = callsOf(snapshot, snapshot.order());
            std::vector<std::int64_t> sums(result.keys.size(), 0);
            for (std::size_t i = 0; i < result.calls.size(); ++i)
                if (result.calls[i].predictedStatus == 200)
                    sums[result.calls[i].key] += billedTokens(calls.list[i]).orZero();
            for (std::size_t key = 0; key < sums.size(); ++key) {
                const KeyOutcome& outcome = result.keys[key];
                QCOMPARE(outcome.bookedTokens, sums[key]);
                QCOMPARE(outcome.admitted + outcome.refused429 + outcome.refused403, outcome.exchanges);
            }
            std::vector<Row> mixed = snapshot.order();
            std::shuffle(mixed.begin(), mixed.end(), random);
            const LimitResult again = simulateLimits(snapshot, mixed, policy);
            QCOMPARE(said(again), said(result));
            QVERIFY(std::ranges::equal(again.calls, result.calls, [](const CallOutcome& a, const CallOutcome& b) {
                return a.row == b.row && a.remaining == b.remaining && a.booked == b.booked;
            }));
        }
    }
};

QTEST_APPLESS_MAIN(SimulateLimitsTest)
#include "simulate_limits_test.moc"
