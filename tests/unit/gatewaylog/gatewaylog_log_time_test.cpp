// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/log_time.h"

#include <QTest>
#include <limits>
#include <string>

using namespace gatescope;
using namespace gatescope::gatewaylog;

namespace {

/// `date -u -d 2026-01-15T10:00:00Z +%s`
constexpr TimeNs kMoment = 1'768'471'200 * kSecond;

} // namespace

class GatewaylogLogTimeTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsTimes_data();
    void readsTimes();
    void refusesOthers_data();
    void refusesOthers();
    void readsNumbers();
    void readsTicks();
    void readsTimespans();
    void readsDurations();
    void addsDurations();
};

void GatewaylogLogTimeTest::readsTimes_data() {
    QTest::addColumn<std::string>("text");
    QTest::addColumn<qint64>("expected");
    QTest::addColumn<bool>("zoneKnown");
    const auto add = [](const char* text, TimeNs expected, bool zoneKnown = true) {
        QTest::newRow(text) << std::string(text) << static_cast<qint64>(expected) << zoneKnown;
    };
    add("2026-01-15T10:00:00Z", kMoment);
    add("2026-01-15T10:00:00.1234567Z", kMoment + 123'456'700);
    add("2026-01-15T10:00:00.123456789Z", kMoment + 123'456'789);
    add("2026-01-15T10:00:00.1234567891Z", kMoment + 123'456'789);
    add("2026-01-15T10:00:00.2Z", kMoment + 200'000'000);
    add("2026-01-15T10:00:00,5Z", kMoment + 500'000'000);
    add("2026-01-15T10:00:00", kMoment);
    add("2026-01-15 10:00:00.100", kMoment + 100'000'000);
    add("2026-01-15T12:00:00+02:00", kMoment);
    add("2026-01-15T04:30:00-0530", kMoment);
    add("2026-01-15 11:00:00+01", kMoment);
    add("2026-01-15 10:00:00 UTC", kMoment);
    add("2026-01-15T10:00Z", kMoment);
    add("2026-01-15", kMoment - 36'000 * kSecond);
    add("1969-12-31T23:59:59.5Z", -500'000'000);
    add("2024-02-29T00:00:00Z", 1'709'164'800 * kSecond);
    add("15/Jan/2026:10:00:00 +0000", kMoment);
    add("15/jan/2026:05:00:00 -0500", kMoment);
    add("1768471200", kMoment);
    add("1768471200123", kMoment + 123'000'000);
    add("1768471200123456", kMoment + 123'456'000);
    add("1768471200123456789", kMoment + 123'456'789);
    add("1768471200.123456789", kMoment + 123'456'789);
    add("1768471200123.5", kMoment + 123'500'000);
    add("1/15/2026, 10:00:00.123 AM", kMoment + 123'000'000, false);
    add("1/15/2026, 10:00:00 PM", kMoment + 43'200 * kSecond, false);
    add("1/15/2026, 12:00:00.000 AM", kMoment - 36'000 * kSecond, false);
    add("1/15/2026, 12:00:00 PM", kMoment + 7'200 * kSecond, false);
    add("1/15/2026 10:00:00 AM", kMoment, false);
    add("15/1/2026, 10:00:00", kMoment, false);
    add("01/15/2026, 10:00:00.000", kMoment, false);
}

void GatewaylogLogTimeTest::readsTimes() {
    QFETCH(std::string, text);
    QFETCH(qint64, expected);
    QFETCH(bool, zoneKnown);
    const LogTime found = parseTime(text);
    QCOMPARE(static_cast<qint64>(found.time), expected);
    QCOMPARE(found.zoneKnown, zoneKnown);
    QCOMPARE(static_cast<qint64>(parseTime("  " + text + " ").time), expected);
    for (std::size_t length = 0; length < text.size(); ++length) parseTime(text.substr(0, length)); // no crash
}

void GatewaylogLogTimeTest::refusesOthers_data() {
    QTest::addColumn<std::string>("text");
    for (const char* text : {"",
                             "-",
                             "now",
                             "2026-13-15T10:00:00Z",
                             "2026-02-30T10:00:00Z",
                             "2026-01-15T25:00:00Z",
                             "2026-01-15T10:60:00Z",
                             "2026-01-15T10:00:61Z",
                             "2026-01-15T10:00:00X",
                             "2026-01-15T10:00:00+25:00",
                             "2026-01-15T10",
                             "9999-01-01T00:00:00Z",
                             "0001-01-01T00:00:00Z",
                             "15/Foo/2026:10:00:00 +0000",
                             "1/15/2026, 13:00:00 PM",
                             "1/15/2026, 0:00:00 AM",
                             "30/30/2026, 10:00:00",
                             "1768471200.5.5",
                             "99999999999999999999",
                             "..........",
                             "2026-01-15T10:00:00Zx"})
        QTest::newRow(text) << std::string(text);
}

void GatewaylogLogTimeTest::refusesOthers() {
    QFETCH(std::string, text);
    QCOMPARE(parseTime(text).time, kNoTime);
}

void GatewaylogLogTimeTest::readsNumbers() {
    QCOMPARE(epochTime(std::int64_t{1'768'471'200}), kMoment);
    QCOMPARE(epochTime(std::int64_t{1'768'471'200'100}), kMoment + 100 * kMillisecond);
    QCOMPARE(epochTime(1'768'471'200.25), kMoment + 250 * kMillisecond);
    QCOMPARE(epochTime(1'768'471'200'100.0), kMoment + 100 * kMillisecond);
    QCOMPARE(epochTime(std::int64_t{-1}), kNoTime);
    QCOMPARE(epochTime(-0.5), kNoTime);
    QCOMPARE(epochTime(1e30), kNoTime);
    QCOMPARE(epochTime(9'223'372'036.9), kNoTime); // the last second that fits has 0.85 s only
    QCOMPARE(epochTime(std::numeric_limits<double>::quiet_NaN()), kNoTime);
    QCOMPARE(epochTime(std::numeric_limits<std::int64_t>::max()), std::numeric_limits<std::int64_t>::max());
}

void GatewaylogLogTimeTest::readsTicks() {
    // (638481757794854611 - 621355968000000000) * 100 ns = 1712578979.4854611 s
    QCOMPARE(ticksTime(638'481'757'794'854'611), TimeNs{1'712'578'979'485'461'100});
    QCOMPARE(ticksTime(0), kNoTime);
    QCOMPARE(ticksTime(std::numeric_limits<std::int64_t>::max()), kNoTime);
}

void GatewaylogLogTimeTest::readsTimespans() {
    QCOMPARE(parseTimespan("00:00:00.0216474"), std::optional<std::int64_t>(21'647'400));
    QCOMPARE(parseTimespan("1.02:03:04"), std::optional<std::int64_t>(93'784 * kSecond));
    QCOMPARE(parseTimespan("-00:00:01"), std::optional<std::int64_t>(-kSecond));
    for (const char* text :
         {"", "1", "00:00", "24:00:00", "00:60:00", "00:00:60", "00:00:00x", "99999999.00:00:00.1.1"})
        QVERIFY2(!parseTimespan(text), text);
}

void GatewaylogLogTimeTest::readsDurations() {
    LogFields fields;
    fields.clear();
    const auto add = [&](LogFields::Member member) { return fields.add(LogFields::kRoot, LogFields::kNone, member); };
    LogFields::Member whole;
    whole.kind = LogFields::Kind::Integer;
    whole.integer = 1480;
    QCOMPARE(readDuration(fields, add(whole), kMillisecond), std::optional<std::int64_t>(1'480 * kMillisecond));
    whole.integer = -1;
    QVERIFY(!readDuration(fields, add(whole), kMillisecond));
    whole.integer = std::numeric_limits<std::int64_t>::max();
    QVERIFY(!readDuration(fields, add(whole), kMillisecond));
    LogFields::Member text;
    text.kind = LogFields::Kind::Text;
    text.text = "1.480";
    QCOMPARE(readDuration(fields, add(text), kSecond), std::optional<std::int64_t>(1'480 * kMillisecond));
    text.text = "1e300";
    QVERIFY(!readDuration(fields, add(text), kSecond));
    text.text = "-";
    QVERIFY(!readDuration(fields, add(text), kSecond));
    QVERIFY(!readDuration(fields, LogFields::kNone, kSecond));
}

void GatewaylogLogTimeTest::addsDurations() {
    QCOMPARE(endOf(kMoment, 5), kMoment + 5);
    QCOMPARE(endOf(kNoTime, 5), kNoTime);
    QCOMPARE(endOf(kMoment, {}), kNoTime);
    QCOMPARE(endOf(std::numeric_limits<TimeNs>::max(), 5), kNoTime);
}

QTEST_APPLESS_MAIN(GatewaylogLogTimeTest)
#include "gatewaylog_log_time_test.moc"
