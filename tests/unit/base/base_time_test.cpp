// SPDX-License-Identifier: Apache-2.0
#include "core/base/time.h"

#include <QTest>

using namespace gatescope;

class BaseTimeTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void formats_data();
    void formats();
    void elapsedDoesNotOverflow();
};

void BaseTimeTest::formats_data() {
    QTest::addColumn<qlonglong>("seconds");
    QTest::addColumn<qlonglong>("nanoseconds");
    QTest::addColumn<QByteArray>("expected");
    // Each by `date -u -d @SECONDS +%FT%T`.
    QTest::newRow("epoch") << 0LL << 0LL << QByteArray("1970-01-01T00:00:00.000000000Z");
    QTest::newRow("before it") << -1LL << 0LL << QByteArray("1969-12-31T23:59:59.000000000Z");
    QTest::newRow("just before it") << 0LL << -1LL << QByteArray("1969-12-31T23:59:59.999999999Z");
    QTest::newRow("29 February 2000") << 951'782'400LL << 5LL << QByteArray("2000-02-29T00:00:00.000000005Z");
    QTest::newRow("29 February 2024") << 1'709'210'096LL << 123'456'789LL
                                      << QByteArray("2024-02-29T12:34:56.123456789Z");
    QTest::newRow("no 29 February 2100") << 4'107'542'400LL << 0LL << QByteArray("2100-03-01T00:00:00.000000000Z");
    QTest::newRow("2026") << 1'767'225'600LL << 3'660'615LL << QByteArray("2026-01-01T00:00:00.003660615Z");
    QTest::newRow("2106") << 4'294'967'296LL << 0LL << QByteArray("2106-02-07T06:28:16.000000000Z");
    QTest::newRow("last") << 9'223'372'036LL << 854'775'807LL << QByteArray("2262-04-11T23:47:16.854775807Z");
    QTest::newRow("first") << -9'223'372'036LL << -854'775'807LL << QByteArray("1677-09-21T00:12:43.145224193Z");
}

void BaseTimeTest::formats() {
    QFETCH(qlonglong, seconds);
    QFETCH(qlonglong, nanoseconds);
    QTEST(QByteArray::fromStdString(formatTime(seconds * 1'000'000'000 + nanoseconds)), "expected");
    QVERIFY(formatTime(kNoTime).empty());
}

void BaseTimeTest::elapsedDoesNotOverflow() {
    constexpr TimeNs kMax = std::numeric_limits<TimeNs>::max();
    QCOMPARE(elapsed(3, 10), TimeNs(7));
    QCOMPARE(elapsed(10, 3), TimeNs(-7));
    QCOMPARE(elapsed(-kMax, kMax), kMax);
    QCOMPARE(elapsed(kMax, -kMax), std::numeric_limits<TimeNs>::min());
}

QTEST_APPLESS_MAIN(BaseTimeTest)
#include "base_time_test.moc"
