// SPDX-License-Identifier: Apache-2.0
#include "core/simulate/limiter.h"
#include "core/simulate/quota_window.h"

#include <QDateTime>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

#include <cmath>
#include <deque>
#include <random>

using namespace gatescope;
using namespace gatescope::simulate;

namespace {

QJsonObject vectors() {
    QFile file(QStringLiteral(GATESCOPE_SOURCE_DIR "/tests/unit/test-vectors.json"));
    if (!file.open(QIODevice::ReadOnly)) qFatal("no test vectors");
    return QJsonDocument::fromJson(file.readAll()).object();
}

TimeNs seconds(double value) {
    return static_cast<TimeNs>(std::llround(value * 1e9));
}

TimeNs utc(const QString& text) {
    return QDateTime::fromString(text, Qt::ISODate).toMSecsSinceEpoch() * 1'000'000;
}

/// What the gateway answers: status, tokens left of a call let through, seconds to wait of one refused.
struct Answer {
    int status;
    std::int64_t value;
};

/// Plays the calls of a vector one after the other.
template <typename Limiter>
std::vector<Answer> play(Limiter limiter, const QJsonArray& calls) {
    std::vector<Answer> answers;
    for (const auto& entry : calls) {
        const QJsonObject call = entry.toObject();
        const Verdict verdict = limiter.ask(seconds(call["req"].toDouble()), std::nullopt);
        if (!verdict.admitted) {
            answers.push_back({429, verdict.retryAfter.value_or(-1)});
            continue;
        }
        const TimeNs end = seconds(call["resp"].toDouble());
        limiter.book(end, call["tokens"].toInt(), 0);
        answers.push_back({200, limiter.remaining(end)});
    }
    return answers;
}

} // namespace

class SimulateLimiterTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// The published trace: every status, remaining and wait exactly.
    void slidingWindowVector() {
        const QJsonObject vector = vectors()["limiterSlidingWindow"].toObject();
        const auto answers = play(SlidingWindow(vector["limit"].toInt()), vector["calls"].toArray());
        const QJsonArray expected = vector["expect"].toArray();
        QCOMPARE(answers.size(), static_cast<std::size_t>(expected.size()));
        QVERIFY(!answers.empty());
        for (std::size_t i = 0; i < answers.size(); ++i) {
            const QJsonArray line = expected[static_cast<int>(i)].toArray();
            QCOMPARE(QString::number(answers[i].status), line[0].toString());
            QCOMPARE(answers[i].value, std::int64_t{line[1].toInt()});
        }
    }

    void tokenBucketVector() {
        const QJsonObject vector = vectors()["limiterTokenBucket"].toObject();
        const auto answers = play(TokenBucket(vector["limit"].toInt()), vector["calls"].toArray());
        QCOMPARE(answers.size(), std::size_t{2});
        QCOMPARE(answers[0].status, 200);
        QCOMPARE(answers[0].value, std::int64_t{0});
        QCOMPARE(answers[1].status, 429);
        // The vector says "about 180"; 40 tokens of 10 leave a debt of 30, which takes 30 / 10 * 60 s = 180 s.
        QCOMPARE(answers[1].value, std::int64_t{180});
    }

    void quotaVectors() {
        const QJsonArray cases = vectors()["quotaWindow"].toArray();
        QVERIFY(!cases.isEmpty());
        for (const auto& entry : cases) {
            const QJsonObject vector = entry.toObject();
            const auto unit = parseQuotaPeriod(vector["period"].toString().toStdString());
            QVERIFY(unit);
            const TimeNs time = utc(vector["t"].toString());
            QCOMPARE(periodOf(time, *unit).begin, utc(vector["start"].toString()));
            QuotaWindow window(10, *unit);
            window.book(time, 10, 0);
            QCOMPARE(window.ask(time, std::nullopt).retryAfter.value(), std::int64_t{vector["retryAfter"].toInt()});
        }
    }

    void periods_data() {
        QTest::addColumn<int>("unit");
        QTest::addColumn<int>("weekStart");
        QTest::addColumn<QString>("time");
        QTest::addColumn<QString>("begin");
        QTest::addColumn<QString>("end");
        const auto add = [](const char* name, QuotaPeriod unit, Weekday week, const char* t, const char* b,
                            const char* e) {
            QTest::newRow(name) << static_cast<int>(unit) << static_cast<int>(week) << QString(t) << QString(b)
                                << QString(e);
        };
        using enum QuotaPeriod;
        const auto monday = Weekday::Monday, sunday = Weekday::Sunday;
        add("day", Daily, monday, "2024-02-29T23:59:59Z", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z");
        // 2026-03-01 was a Sunday.
        add("week from Monday", Weekly, monday, "2026-03-01T12:00:00Z", "2026-02-23T00:00:00Z", "2026-03-02T00:00:00Z");
        add("week from Sunday", Weekly, sunday, "2026-03-01T12:00:00Z", "2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z");
        add("leap month", Monthly, monday, "2024-02-10T00:00:00Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z");
        add("December", Monthly, monday, "2025-12-31T23:00:00Z", "2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z");
        add("year", Yearly, monday, "2025-12-31T23:59:59Z", "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z");
        add("before 1970", Hourly, monday, "1969-12-31T23:59:59Z", "1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z");
        add("year before 1970", Yearly, monday, "1969-06-01T00:00:00Z", "1969-01-01T00:00:00Z", "1970-01-01T00:00:00Z");
    }

    void periods() {
        QFETCH(int, unit);
        QFETCH(int, weekStart);
        QFETCH(QString, time);
        QFETCH(QString, begin);
        QFETCH(QString, end);
        const Period period = periodOf(utc(time), static_cast<QuotaPeriod>(unit), static_cast<Weekday>(weekStart));
        QCOMPARE(period.begin, utc(begin));
        QCOMPARE(period.end, utc(end));
    }

    void periodsAtTheEndsOfTime() {
        for (const TimeNs time : {INT64_MIN + 1, INT64_MIN + 2, INT64_MAX - 1, INT64_MAX, TimeNs{0}, TimeNs{-1}})
            for (const auto unit : {QuotaPeriod::Hourly, QuotaPeriod::Daily, QuotaPeriod::Weekly, QuotaPeriod::Monthly,
                                    QuotaPeriod::Yearly}) {
                const Period period = periodOf(time, unit);
                QVERIFY(period.begin <= time && time <= period.end && period.begin != kNoTime);
            }
    }

    void quotaStartsAnewInTheNextPeriod() {
        const TimeNs hour = utc("2026-01-01T10:00:00Z");
        QuotaWindow window(100, QuotaPeriod::Hourly);
        QVERIFY(window.ask(hour, 60).admitted);
        window.reserve(60);
        QCOMPARE(window.remaining(hour), std::int64_t{40});
        window.book(hour + kMinute, 90, 60);
        QCOMPARE(window.remaining(hour + kMinute), std::int64_t{10});
        QVERIFY(window.ask(hour + kMinute, 10).admitted);
        QCOMPARE(window.ask(hour + kMinute, 11).retryAfter.value(), std::int64_t{59 * 60});
        QVERIFY(!window.ask(hour + kMinute, 101).retryAfter); // never fits
        QVERIFY(window.ask(hour + 60 * kMinute, 100).admitted);
    }

    void namesAreReadInAnyCase() {
        QVERIFY(parseQuotaPeriod("weekly") == QuotaPeriod::Weekly && !parseQuotaPeriod("week"));
        QVERIFY(parseWeekday("SUNDAY") == Weekday::Sunday && !parseWeekday(""));
        QCOMPARE(QString::fromLatin1(toString(QuotaPeriod::Yearly).data()), QString("Yearly"));
    }

    /// By the rule: let through while used and estimate together are not over the limit.
    void slidingWindowWithEstimate() {
        SlidingWindow window(100);
        QVERIFY(window.ask(0, 100).admitted);
        window.reserve(60);
        QVERIFY(window.ask(0, 40).admitted);
        const Verdict refused = window.ask(0, 41);
        QVERIFY(!refused.admitted);
        QCOMPARE(refused.retryAfter.value(), std::int64_t{60}); // only what is under way is in the way
        window.book(seconds(2), 80, 60);
        QCOMPARE(window.remaining(seconds(2)), std::int64_t{20});
        QCOMPARE(window.ask(seconds(10), 21).retryAfter.value(), std::int64_t{52}); // at 62 s
        QVERIFY(!window.ask(seconds(10), 101).retryAfter);
        QVERIFY(!window.ask(seconds(62) - 1, 21).admitted);
        QVERIFY(window.ask(seconds(62), 21).admitted); // leaves exactly 60 s after the booking
    }

    void bucketWithEstimateAndCapacity() {
        TokenBucket bucket(60, 2.0); // one token a second, 120 at most
        QCOMPARE(bucket.level(0), 120.0);
        QVERIFY(bucket.ask(0, 120).admitted);
        bucket.reserve(120);
        QCOMPARE(bucket.ask(0, 30).retryAfter.value(), std::int64_t{30});
        QVERIFY(!bucket.ask(0, 121).retryAfter);
        QVERIFY(bucket.ask(seconds(30), 30).admitted);
        bucket.book(seconds(40), 20, 120);          // 100 come back
        QCOMPARE(bucket.level(seconds(40)), 120.0); // 40 + 100, but never above the capacity
        bucket.book(seconds(40), 150, 0);
        QCOMPARE(bucket.ask(seconds(40), std::nullopt).retryAfter.value(), std::int64_t{30}); // 30 in debt
        QVERIFY(!bucket.ask(seconds(70), std::nullopt).admitted); // exactly 0 is not above 0
        QVERIFY(bucket.ask(seconds(71), std::nullopt).admitted);
    }

    void timesThatGoBackChangeNothing() {
        SlidingWindow window(10);
        window.book(seconds(100), 10, 0);
        QVERIFY(!window.ask(seconds(10), std::nullopt).admitted);
        QCOMPARE(window.remaining(seconds(159.9)), std::int64_t{0});
        QCOMPARE(window.remaining(seconds(160)), std::int64_t{10});
        TokenBucket bucket(10);
        bucket.book(seconds(100), 10, 0);
        QCOMPARE(bucket.level(seconds(10)), 0.0);
        SlidingWindow extremes(10);
        extremes.book(INT64_MIN + 1, 10, 0);
        QCOMPARE(extremes.remaining(INT64_MAX), std::int64_t{10});
    }

    /// Against the definition, word for word: all bookings of the last 60 s added up anew for each question.
    void slidingWindowAgainstItsDefinition() {
        std::mt19937 random(11);
        for (int round = 0; round < 200; ++round) {
            const std::int64_t limit = 1 + static_cast<std::int64_t>(random() % 500);
            SlidingWindow window(limit);
            std::deque<std::pair<TimeNs, std::int64_t>> bookings;
            const auto used = [&](TimeNs time) {
                std::int64_t sum = 0;
                for (const auto& [booked, tokens] : bookings)
                    if (booked > time - kMinute) sum += tokens;
                return sum;
            };
            TimeNs time = 0;
            for (int step = 0; step < 200; ++step) {
                time += static_cast<TimeNs>(random() % 3'000) * 1'000'000;
                const auto estimate =
                    random() % 2 ? std::optional<std::int64_t>(random() % 200) : std::optional<std::int64_t>();
                const auto fits = [&](TimeNs at) {
                    return estimate ? used(at) + *estimate <= limit : used(at) < limit;
                };
                const Verdict verdict = window.ask(time, estimate);
                QCOMPARE(verdict.admitted, fits(time));
                if (verdict.admitted) {
                    const auto tokens = static_cast<std::int64_t>(random() % 120);
                    bookings.emplace_back(time, tokens);
                    window.book(time, tokens, 0);
                } else if (estimate && *estimate > limit) {
                    QVERIFY(!verdict.retryAfter);
                } else {
                    std::int64_t wait = 1;
                    while (!fits(time + wait * kSecond)) ++wait;
                    QCOMPARE(verdict.retryAfter.value(), wait);
                }
                QCOMPARE(window.remaining(time), std::max<std::int64_t>(0, limit - used(time)));
            }
        }
    }

    /// The level never passes the capacity, and whoever waits as told is let through.
    void bucketProperties() {
        std::mt19937 random(12);
        for (int round = 0; round < 200; ++round) {
            const std::int64_t limit = 1 + static_cast<std::int64_t>(random() % 100'000);
            TokenBucket bucket(limit, 0.5 + static_cast<double>(random() % 4));
            TimeNs time = 0;
            for (int step = 0; step < 200; ++step) {
                time += static_cast<TimeNs>(random() % 20'000) * 1'000'000;
                const auto estimate =
                    random() % 2 ? std::optional<std::int64_t>(random() % 50'000) : std::optional<std::int64_t>();
                const Verdict verdict = bucket.ask(time, estimate);
                QVERIFY(bucket.level(time) <= bucket.capacity());
                if (!verdict.admitted && verdict.retryAfter) {
                    TokenBucket later = bucket;
                    QVERIFY(later.ask(time + *verdict.retryAfter * kSecond + kSecond / 100, estimate).admitted);
                    TokenBucket sooner = bucket;
                    if (*verdict.retryAfter > 1)
                        QVERIFY(!sooner.ask(time + (*verdict.retryAfter - 1) * kSecond, estimate).admitted);
                } else if (verdict.admitted) {
                    bucket.reserve(estimate.value_or(0));
                    bucket.book(time, static_cast<std::int64_t>(random() % 60'000), estimate.value_or(0));
                }
            }
        }
    }
};

QTEST_APPLESS_MAIN(SimulateLimiterTest)
#include "simulate_limiter_test.moc"
