// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/attempts.h"
#include "core/analysis/grouping.h"
#include "tests/unit/analysis/records.h"

#include <QTest>

using namespace gatescope;
using namespace gatescope::analysis;
using namespace gatescope::analysis::test;

namespace {

constexpr TimeNs kSecond = 1000 * kMs;
constexpr const char* kTrace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr const char* kOtherTrace = "00-00000000000000000000000000000001-00f067aa0ba902b7-01";

/// A call that sends the body with this digest, and lasts 10 ms.
ExchangeRecord attempt(TimeNs time, int status, std::uint64_t digest = 7) {
    auto record = callAt(time, "p", "a", "m", {}, status);
    record.call.requestDigest = digest;
    return record;
}

/// `logical call/attempt` of each row by time.
QString attemptsOf(const Snapshot& snapshot) {
    QStringList parts;
    for (const Row row : snapshot.order())
        parts << QString::fromStdString(textOf(snapshot, "logical_call", row) + "/" + textOf(snapshot, "attempt", row));
    return parts.join(' ');
}

QString attemptsOf(std::vector<ExchangeRecord> records) {
    return attemptsOf(snapshotOf(std::move(records)));
}

} // namespace

class AnalysisAttemptsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRefusedCallIsTriedAgain() {
        QCOMPARE(attemptsOf({attempt(kStart, 429), attempt(kStart + kSecond, 429), attempt(kStart + 3 * kSecond, 200),
                             attempt(kStart + 4 * kSecond, 200)}),
                 QString("1/1 1/2 1/3 4/1")); // the last one repeats a call that went well: a new call
    }

    void whatInvitesNoRetry() {
        for (const int status : {200, 201, 400, 401, 403, 404})
            QCOMPARE(attemptsOf({attempt(kStart, status), attempt(kStart + kSecond, 200)}), QString("1/1 2/1"));
        for (const int status : {408, 409, 429, 500, 503})
            QCOMPARE(attemptsOf({attempt(kStart, status), attempt(kStart + kSecond, 200)}), QString("1/1 1/2"));
    }

    void anotherBodyCallerAddressOrTraceIsAnotherCall() {
        QCOMPARE(attemptsOf({attempt(kStart, 429, 7), attempt(kStart + kSecond, 200, 8)}), QString("1/1 2/1"));
        auto other = attempt(kStart + kSecond, 200);
        other.call.identity.agent = "b";
        QCOMPARE(attemptsOf({attempt(kStart, 429), other}), QString("1/1 2/1"));
        auto elsewhere = attempt(kStart + kSecond, 200);
        elsewhere.client = *Endpoint::parse("10.0.9.214:10095");
        QCOMPARE(attemptsOf({attempt(kStart, 429), elsewhere}), QString("1/1 2/1"));
        auto first = attempt(kStart, 429);
        auto second = attempt(kStart + kSecond, 200);
        first.http.request.headers.add("traceparent", kTrace);
        second.http.request.headers.add("traceparent", kOtherTrace);
        QCOMPARE(attemptsOf({first, second}), QString("1/1 2/1"));
    }

    void aNewConnectionIsNoOtherCaller() {
        auto again = attempt(kStart + kSecond, 200);
        again.client = *Endpoint::parse("10.0.9.213:10096");
        again.flowStart = 99;
        QCOMPARE(attemptsOf({attempt(kStart, 503), again}), QString("1/1 1/2"));
        auto first = attempt(kStart, 503);
        first.client = *Endpoint::parse("[2001:db8::1]:4000");
        again.client = *Endpoint::parse("[2001:db8::1]:4001");
        QCOMPARE(attemptsOf({first, again}), QString("1/1 1/2"));
    }

    void withoutBodyTheTraceDecides() {
        auto first = attempt(kStart, 503, 0);
        auto second = attempt(kStart + kSecond, 200, 0);
        QCOMPARE(attemptsOf({first, second}), QString("1/1 2/1"));
        first.http.request.headers.add("traceparent", kTrace);
        second.http.request.headers.add("traceparent", kTrace);
        QCOMPARE(attemptsOf({first, second}), QString("1/1 1/2"));
    }

    void theWaitThatWasAskedForIsGiven() {
        // 10 ms of answer, then the slack of 30 s; 60 s more where the answer asks for them.
        const TimeNs late = kStart + 45 * kSecond;
        QCOMPARE(attemptsOf({attempt(kStart, 429), attempt(late, 200)}), QString("1/1 2/1"));
        auto asking = attempt(kStart, 429);
        asking.call.limit.retryAfterNs = 60 * kSecond;
        QCOMPARE(attemptsOf({asking, attempt(late, 200)}), QString("1/1 1/2"));
        QCOMPARE(attemptsOf({asking, attempt(kStart + 91 * kSecond, 200)}), QString("1/1 2/1"));
    }

    void anotherHopOfTheSameCallIsNoAttempt() {
        // Seen before and behind the gateway: the inner exchange lies within the outer one.
        auto outer = attempt(kStart, 503);
        outer.http.responseTrace.lastByte = kStart + kSecond;
        QCOMPARE(attemptsOf({outer, attempt(kStart + 100 * kMs, 503)}), QString("1/1 2/1"));
    }

    void noAnswerAtAllInvitesARetry() {
        auto lost = attempt(kStart, 0);
        lost.http.responseTrace = {};
        QCOMPARE(attemptsOf({lost, attempt(kStart + kSecond, 200)}), QString("1/1 1/2"));
    }

    void onlyModelCalls() {
        QCOMPARE(attemptsOf({exchangeAt(kStart), attempt(kStart + kMs, 200)}), QString("<none>/<none> 2/1"));
    }

    void totalsCountRetries() {
        const Snapshot snapshot = snapshotOf({attempt(kStart, 429), attempt(kStart + kSecond, 200),
                                              attempt(kStart + 2 * kSecond, 200, 9), exchangeAt(kStart)});
        const Totals totals = totalsOf(snapshot, snapshot.order());
        QCOMPARE(totals.calls, std::uint64_t{3});
        QCOMPARE(totals.retries, std::uint64_t{1});
        QCOMPARE(totals.exchanges, std::uint64_t{4});
    }

    void amplificationIsAFinding() {
        const Snapshot twice = snapshotOf({attempt(kStart, 429), attempt(kStart + kSecond, 200)});
        QVERIFY(twice.findings().empty());
        const Snapshot more = snapshotOf({attempt(kStart, 429), attempt(kStart + kSecond, 429),
                                          attempt(kStart + 2 * kSecond, 500), attempt(kStart + 3 * kSecond, 200)});
        QCOMPARE(more.findings().size(), std::size_t{1});
        const auto& placed = more.findings().front();
        QCOMPARE(placed.finding.kind->id, std::string_view("retry.amplification"));
        QVERIFY(QString::fromStdString(placed.finding.evidence.front()).contains("took 4 attempts"));
        QCOMPARE(placed.row, std::optional(more.order().front()));
    }
};

QTEST_APPLESS_MAIN(AnalysisAttemptsTest)
#include "analysis_attempts_test.moc"
