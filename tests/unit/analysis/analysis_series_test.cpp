// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/time_series.h"
#include "tests/unit/analysis/records.h"

#include <QTest>

using namespace gatescope;
using namespace gatescope::analysis;
using namespace gatescope::analysis::test;

namespace {

constexpr TimeNs kSecond = 1000 * kMs;
constexpr TimeNs kMinute = 60 * kSecond;

QString pointsOf(const TimeSeries& series) {
    QStringList parts;
    for (const SeriesPoint& point : series.points) {
        const auto& key = series.groups[point.group].key;
        parts << QString("%1/%2:%3")
                     .arg((point.time - kStart) / kSecond)
                     .arg(!key.empty() && key[0] ? QString::fromStdString(*key[0]) : QString("-"))
                     .arg(point.totals.totalTokens);
    }
    return parts.join(' ');
}

} // namespace

class AnalysisSeriesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void intervals() {
        QCOMPARE(parseInterval("10s").value(), 10 * kSecond);
        QCOMPARE(parseInterval("1m").value(), kMinute);
        QCOMPARE(parseInterval("250ms").value(), 250 * kMs);
        QCOMPARE(parseInterval("2h").value(), 120 * kMinute);
        QCOMPARE(parseInterval("1d").value(), 1440 * kMinute);
        for (const char* wrong : {"", "m", "0s", "-1m", "1", "1 m", "1w", "1.5m", "99999999999999999999s", "367d"})
            QVERIFY2(!parseInterval(wrong), wrong);
    }

    void bucketsBeginAtWholeMinutes() {
        // kStart is midnight, so buckets begin at its whole minutes. The last call begins with the second bucket.
        const Snapshot snapshot = snapshotOf(
            {callAt(kStart + 10 * kSecond, "a", "", "m", 5), callAt(kStart + 59 * kSecond, "b", "", "m", 70),
             callAt(kStart + 60 * kSecond - 1, "a", "", "m", 1), callAt(kStart + 60 * kSecond, "a", "", "m", 2),
             callAt(kStart + 3 * kMinute, "a", "", "m", {})});
        const TimeSeries series = timeSeries(snapshot, snapshot.order(), parseFields("project").value(), kMinute);
        QCOMPARE(series.interval, kMinute);
        QCOMPARE(pointsOf(series), QString("0/b:70 0/a:6 60/a:2 180/a:0"));
        QCOMPARE(series.points.front().time, kStart);
        const TimeSeries all = timeSeries(snapshot, snapshot.order(), {}, kMinute);
        QCOMPARE(pointsOf(all), QString("0/-:76 60/-:2 180/-:0"));
    }

    void sumsAreThoseOfTheGroups() {
        std::vector<ExchangeRecord> records;
        for (int i = 0; i < 500; ++i)
            records.push_back(callAt(kStart + (i * 7919LL % 600) * kSecond, i % 3 ? "a" : "b", "", "m", i));
        const Snapshot snapshot = snapshotOf(std::move(records));
        const auto fields = parseFields("project").value();
        const TimeSeries series = timeSeries(snapshot, snapshot.order(), fields, 15 * kSecond);
        const auto groups = groupBy(snapshot, snapshot.order(), fields);
        std::vector<std::int64_t> tokens(groups.size());
        std::vector<std::uint64_t> calls(groups.size());
        for (const SeriesPoint& point : series.points) {
            tokens[point.group] += point.totals.totalTokens;
            calls[point.group] += point.totals.exchanges;
            QCOMPARE((point.time - kStart) % (15 * kSecond), TimeNs{0});
            QVERIFY(point.totals.firstTime >= point.time && point.totals.lastTime < point.time + 15 * kSecond);
        }
        for (std::size_t i = 0; i < groups.size(); ++i) {
            QCOMPARE(series.groups[i].key, groups[i].key);
            QCOMPARE(tokens[i], groups[i].totals.totalTokens);
            QCOMPARE(calls[i], groups[i].totals.exchanges);
        }
    }

    void tooManyBucketsBecomeLonger() {
        // Ten days of milliseconds are 864,000,000 buckets.
        const Snapshot snapshot =
            snapshotOf({callAt(kStart, "a", "", "m", 1), callAt(kStart + 14'400 * kMinute, "a", "", "m", 2)});
        const TimeSeries series = timeSeries(snapshot, snapshot.order(), {}, kMs);
        QVERIFY(series.interval > kMs);
        QCOMPARE(series.interval % kMs, TimeNs{0});
        QVERIFY(14'400 * kMinute / series.interval < static_cast<TimeNs>(kMaxBuckets));
        QCOMPARE(series.points.size(), std::size_t{2});
    }

    void timesAtTheEndsOfTheRange() {
        const Snapshot snapshot = snapshotOf({callAt(std::numeric_limits<TimeNs>::min() + 1, "a", "", "m", 1),
                                              callAt(std::numeric_limits<TimeNs>::max() - 20 * kMs, "a", "", "m", 2)});
        const TimeSeries series = timeSeries(snapshot, snapshot.order(), {}, kMinute);
        std::int64_t tokens = 0;
        for (const SeriesPoint& point : series.points) tokens += point.totals.totalTokens;
        QCOMPARE(tokens, std::int64_t{3});
    }

    void withoutTime() {
        auto record = callAt(kNoTime, "a", "", "m", 1);
        record.http.requestTrace = {};
        record.http.responseTrace = {};
        const Snapshot snapshot = snapshotOf({record});
        const TimeSeries series = timeSeries(snapshot, snapshot.order(), {}, kMinute);
        QVERIFY(series.points.empty());
        QCOMPARE(series.withoutTime, std::uint64_t{1});
        QVERIFY(timeSeries(snapshot, {}, {}, kMinute).points.empty());
    }
};

QTEST_APPLESS_MAIN(AnalysisSeriesTest)
#include "analysis_series_test.moc"
