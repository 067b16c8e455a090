// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/model_calls.h"

#include "core/analysis/grouping.h"
#include "core/analysis/reconciliation.h"
#include "core/llm/api_names.h"
#include "tests/unit/analysis/records.h"

#include <QTest>

using namespace gatescope;
using namespace gatescope::analysis;
using namespace gatescope::analysis::test;

namespace {

ExchangeRecord named(TimeNs time, std::string_view api, int status = 200) {
    auto record = callAt(time, "p", "a", "m", {}, status);
    record.call.api.assign(api);
    record.call.requestDigest = 7;
    return record;
}

/// A response of a realtime session: no status.
ExchangeRecord inSession(TimeNs time, std::optional<std::int64_t> tokens) {
    auto record = callAt(time, "p", "a", "m", tokens, 0);
    record.call.api = "openai.realtime";
    record.call.sessionId = "sess_1";
    addHeaders(record.http.request.headers,
               {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}});
    return record;
}

Totals totalsOf(const Snapshot& snapshot) {
    const auto groups = groupBy(snapshot, snapshot.order(), {});
    return groups.empty() ? Totals{} : groups.front().totals;
}

} // namespace

class AnalysisModelCallsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsNoCallTakesPartInNoCount() {
        std::vector<ExchangeRecord> records{named(kStart, "openai.chat")};
        TimeNs time = kStart;
        for (const std::string_view api : llm::otherApis()) records.push_back(named(time += kMs, api));
        const Snapshot snapshot = snapshotOf(std::move(records));
        const Totals totals = totalsOf(snapshot);
        QCOMPARE(totals.exchanges, std::uint64_t{1} + llm::otherApis().size());
        QCOMPARE(totals.calls, std::uint64_t{1});
        QCOMPARE(totals.withoutUsage, std::uint64_t{1});
        QCOMPARE(reconcile(snapshot, snapshot.order()).unknownCalls, std::uint64_t{1});
        QVERIFY(isModelCall(snapshot, snapshot.order()[0]));
        QVERIFY(!isModelCall(snapshot, snapshot.order()[1]));
        QVERIFY(textOf(snapshot, "attempt", snapshot.order()[1]) == "<none>");
        QVERIFY(textOf(snapshot, "api", snapshot.order()[1]) == llm::otherApis()[0]);
    }

    void anExchangeWithoutANameIsNoCall() {
        const Snapshot snapshot = snapshotOf({exchangeAt(kStart)});
        QCOMPARE(totalsOf(snapshot).calls, std::uint64_t{0});
        QVERIFY(!isModelCall(snapshot, 0));
    }

    void listsOfModelsAreNoRetries() {
        const Snapshot snapshot =
            snapshotOf({named(kStart, "openai.models", 429), named(kStart + 1000 * kMs, "openai.models", 200)});
        QCOMPARE(totalsOf(snapshot).retries, std::uint64_t{0});
    }

    void anAnswerOfASessionHasNoStatus() {
        auto silent = inSession(kStart + 100 * kMs, {});
        silent.http.responseTrace = {};
        auto failed = inSession(kStart + 200 * kMs, {});
        failed.call.errorCode = "rate_limit_exceeded";
        const Snapshot snapshot =
            snapshotOf({inSession(kStart, 5), std::move(silent), std::move(failed), inSession(kStart + 300 * kMs, 6)});
        const Totals totals = totalsOf(snapshot);
        QCOMPARE(totals.calls, std::uint64_t{4});
        QCOMPARE(totals.errors, std::uint64_t{2}); // one got no answer, one says that it failed
        QCOMPARE(totals.retries,
                 std::uint64_t{0}); // they share the handshake's trace, and are not repeats of one another
        QCOMPARE(totals.totalTokens, std::int64_t{11});
        QVERIFY(textOf(snapshot, "status", snapshot.order()[0]) == "<none>");
    }
};

QTEST_APPLESS_MAIN(AnalysisModelCallsTest)
#include "analysis_model_calls_test.moc"
