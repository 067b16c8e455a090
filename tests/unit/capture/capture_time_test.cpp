// SPDX-License-Identifier: Apache-2.0
// if_tsresol and if_tsoffset of draft-ietf-opsawg-pcapng. Expected values are powers written out.
#include "core/capture/pcapng_time.h"

#include <QTest>

#include <limits>

using gatescope::TimeNs;
using gatescope::capture::TimeScale;

class CaptureTimeTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void convertsTicks_data();
    void convertsTicks();
    void takesAnyInput();
};

void CaptureTimeTest::convertsTicks_data() {
    constexpr qint64 kLatest = std::numeric_limits<qint64>::max();
    constexpr qint64 kEarliest = std::numeric_limits<qint64>::min() + 1;
    constexpr quint64 kMost = std::numeric_limits<quint64>::max();
    QTest::addColumn<int>("resolution");
    QTest::addColumn<qint64>("offset");
    QTest::addColumn<quint64>("ticks");
    QTest::addColumn<qint64>("expected");
    QTest::addColumn<bool>("impossible");
    const auto row = [](const char* name, int resolution, qint64 offset, quint64 ticks, qint64 expected,
                        bool impossible = false) {
        QTest::newRow(name) << resolution << offset << ticks << expected << impossible;
    };
    row("seconds", 0, 0, 1'700'000'000, 1'700'000'000'000'000'000);
    row("milliseconds", 3, 0, 1'700'000'000'001, 1'700'000'000'001'000'000);
    row("microseconds", 6, 0, 1'700'000'000'000'001, 1'700'000'000'000'001'000);
    row("nanoseconds", 9, 0, 1'700'000'000'000'000'001, 1'700'000'000'000'000'001);
    row("picoseconds are cut", 12, 0, 1'999, 1);
    row("picoseconds use all 64 bits", 12, 0, kMost, 18'446'744'073'709'551);
    row("10^-28", 28, 0, kMost, 1);
    row("10^-29", 29, 0, kMost, 0);
    row("10^-127", 127, 0, kMost, 0);
    row("2^0", 0x80, 0, 3, 3'000'000'000);
    row("2^-10", 0x8a, 0, 1'536, 1'500'000'000);
    row("2^-32", 0xa0, 0, 0x8000'0001'8000'0000, 2'147'483'649'500'000'000);
    row("2^-64", 0xc0, 0, 1ULL << 63U, 500'000'000);
    row("2^-127", 0xff, 0, kMost, 0);
    row("offset", 6, 10, 5, 10'000'005'000);
    row("before 1970 by the offset", 6, -10, 5, -9'999'995'000);
    row("large ticks and offset meet", 0, -1'000'000'000'000, 1'000'000'000'001, 1'000'000'000);
    row("latest ns", 9, 0, static_cast<quint64>(kLatest), kLatest);
    row("latest µs", 6, 0, 9'223'372'036'854'775, 9'223'372'036'854'775'000);
    row("after the latest µs", 6, 0, 9'223'372'036'854'776, kLatest, true);
    row("negative µs", 6, 0, static_cast<quint64>(-1), -1'000, true);
    row("negative ns", 9, 0, 1ULL << 63U, kLatest, true); // one before the earliest
    row("negative seconds too far", 0, 0, 1ULL << 63U, kLatest, true);
    row("negative in powers of two", 0x80, 0, static_cast<quint64>(-3), -3'000'000'000, true);
    row("earliest offset", 6, std::numeric_limits<qint64>::min(), 0, kEarliest, true);
    row("latest offset", 6, std::numeric_limits<qint64>::max(), 0, kLatest, true);
}

void CaptureTimeTest::convertsTicks() {
    QFETCH(int, resolution);
    QFETCH(qint64, offset);
    QFETCH(quint64, ticks);
    QFETCH(qint64, expected);
    QFETCH(bool, impossible);
    const auto time = TimeScale(static_cast<std::uint8_t>(resolution), offset).toTime(ticks);
    QCOMPARE(static_cast<qint64>(time.value), expected);
    QCOMPARE(time.impossible, impossible);
}

void CaptureTimeTest::takesAnyInput() {
    // Meant for the undefined-behaviour sanitizer; the times must also never go back as the ticks go up.
    for (int resolution = 0; resolution < 256; ++resolution) {
        for (const std::int64_t offset : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{0},
                                          std::int64_t{1'700'000'000}, std::numeric_limits<std::int64_t>::max()}) {
            const TimeScale scale(static_cast<std::uint8_t>(resolution), offset);
            TimeNs before = gatescope::kNoTime;
            for (unsigned bit = 0; bit < 63; ++bit) {
                const TimeScale::Time time = scale.toTime(1ULL << bit);
                QVERIFY(time.value != gatescope::kNoTime);
                QVERIFY(time.value >= before);
                before = time.value;
            }
            QVERIFY(scale.toTime(std::numeric_limits<std::uint64_t>::max()).value != gatescope::kNoTime);
        }
    }
}

QTEST_APPLESS_MAIN(CaptureTimeTest)
#include "capture_time_test.moc"
