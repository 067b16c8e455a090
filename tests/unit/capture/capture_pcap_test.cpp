// SPDX-License-Identifier: Apache-2.0
// Layouts from draft-ietf-opsawg-pcap.
#include "capture_building.h"
#include "capture_reading.h"

#include <QTest>

using namespace gatescope;
using namespace gatescope::capture;
using namespace gatescope::capture::testing;

class CapturePcapTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsLiteralBytes();
    void readsEachByteOrderAndResolution_data();
    void readsEachByteOrderAndResolution();
    void refusesWhatItDoesNotRead_data();
    void refusesWhatItDoesNotRead();
    void takesOnlyTheLinkTypeOfItsField();
    void takesSwappedLengthsOfOldVersions();
    void endsCleanlyAfterTheHeader();
    void tellsDamagedRecords_data();
    void tellsDamagedRecords();
    void takesPacketsThatAreLongerThanOnTheWire();
    void readsEachPrefix();
    void readsInAnySplit();
    void growsForLargePackets();
    void findsImpossibleFractions();
};

namespace {

std::string threePackets(const PcapHeader& header = {}) {
    return pcapHeader(header) + pcapRecord(header.bigEndian, 1, 2, 9, "abcd") +
           pcapRecord(header.bigEndian, 4'294'967'295, 999'999, 0, "") + pcapRecord(header.bigEndian, 3, 4, 5, "vwxyz");
}

} // namespace

void CapturePcapTest::readsLiteralBytes() {
    const std::string file = QByteArray::fromHex("a1b2c3d4 0002 0004 00000000 00000000 0000ffff 00000065"
                                                 "65937e80 00000001 00000003 00000004 450001")
                                 .toStdString();
    const Reading reading = readAll(file);
    QVERIFY(reading.clean());
    QCOMPARE(reading.packets, QStringList{"1 @1704164992000001000 3/4 if0 link101 450001"});
    QCOMPARE(reading.info.format, std::string("pcap"));
    QCOMPARE(reading.bytesRead, file.size());
    QCOMPARE(reading.totalBytes, file.size());
    QVERIFY(reading.staysAtEnd);
}

void CapturePcapTest::readsEachByteOrderAndResolution_data() {
    QTest::addColumn<bool>("bigEndian");
    QTest::addColumn<quint32>("magic");
    QTest::addColumn<QString>("unit");
    QTest::newRow("little, µs") << kLittle << 0xa1b2c3d4U << "000";
    QTest::newRow("big, µs") << kBig << 0xa1b2c3d4U << "000";
    QTest::newRow("little, ns") << kLittle << 0xa1b23c4dU << "";
    QTest::newRow("big, ns") << kBig << 0xa1b23c4dU << "";
}

void CapturePcapTest::readsEachByteOrderAndResolution() {
    QFETCH(bool, bigEndian);
    QFETCH(quint32, magic);
    QFETCH(QString, unit);
    const Reading reading = readAll(threePackets({.bigEndian = bigEndian, .magic = magic, .linkType = 276}));
    QVERIFY(reading.clean());
    const QString zeros(3 - unit.size(), '0');
    const QStringList expected{"1 @1" + zeros + "000002" + unit + " 4/9 if0 link276 61626364",
                               "2 @4294967295" + zeros + "999999" + unit + " 0/0 if0 link276 ",
                               "3 @3" + zeros + "000004" + unit + " 5/5 if0 link276 767778797a"};
    QCOMPARE(reading.packets, expected);
    QVERIFY(reading.findings.empty());
}

void CapturePcapTest::refusesWhatItDoesNotRead_data() {
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QString>("word");
    const auto add = [](const char* name, const std::string& file, const char* word) {
        QTest::newRow(name) << QByteArray::fromStdString(file) << word;
    };
    add("empty", "", "empty");
    add("modified, little", threePackets({.magic = 0xa1b2cd34}), "Kuznetzov");
    add("modified, big", threePackets({.bigEndian = kBig, .magic = 0xa1b2cd34}), "editcap");
    add("modified by Navtel", threePackets({.magic = 0xa12b3c4d}), "Navtel");
    add("version 1.4", threePackets({.major = 1}), "version 1.4");
    add("version 2.5", threePackets({.minor = 5}), "version 2.5");
    add("text", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "text");
    add("bzip2", "BZh91AY&SY\x01\x02", "bzip2");
    add("three octets of a magic", "\xd4\xc3\xb2", "d4 c3 b2");
    add("octets", "\x01\x02\x03\x04\x05\x06\x07\x08\x09", "01 02 03 04 05 06 07 08");
}

void CapturePcapTest::refusesWhatItDoesNotRead() {
    QFETCH(QByteArray, file);
    QFETCH(QString, word);
    const Reading reading = readAll(file.toStdString());
    QVERIFY(reading.openError);
    QCOMPARE(static_cast<int>(reading.openError->kind), static_cast<int>(ErrorKind::UnknownFormat));
    QVERIFY2(reading.message().contains(word), qPrintable(reading.message()));
}

void CapturePcapTest::takesOnlyTheLinkTypeOfItsField() {
    // A frame check sequence of two 16-bit words is announced; it stays in the data.
    const Reading reading = readAll(pcapHeader({.linkType = 0x24000001}) + pcapRecord(kLittle, 1, 0, 6, "abcdef"));
    QCOMPARE(reading.packets, QStringList{"1 @1000000000 6/6 if0 link1 616263646566"});
}

void CapturePcapTest::takesSwappedLengthsOfOldVersions() {
    const std::string swapped = Octets(kLittle).u32(1).u32(0).u32(9).u32(4).text("abcd").done();
    const Reading reading = readAll(pcapHeader({.minor = 2}) + swapped + pcapRecord(kLittle, 2, 0, 9, "abcd"));
    QVERIFY(reading.clean());
    const QStringList expected{"1 @1000000000 4/9 if0 link1 61626364", "2 @2000000000 4/9 if0 link1 61626364"};
    QCOMPARE(reading.packets, expected);
}

void CapturePcapTest::endsCleanlyAfterTheHeader() {
    const Reading reading = readAll(pcapHeader());
    QVERIFY(reading.clean());
    QVERIFY(reading.packets.isEmpty());
    QVERIFY(reading.staysAtEnd);
}

void CapturePcapTest::takesPacketsThatAreLongerThanOnTheWire() {
    // tshark 4.0.17 shows such a packet as well.
    const Reading reading =
        readAll(pcapHeader() + pcapRecord(kLittle, 1, 0, 3, "abcd") + pcapRecord(kLittle, 2, 0, 0, "ef"));
    QVERIFY(reading.clean());
    QCOMPARE(reading.packets,
             (QStringList{"1 @1000000000 4/4 if0 link1 61626364", "2 @2000000000 2/2 if0 link1 6566"}));
    QCOMPARE(reading.findingIds(), QStringList{"capture.odd-lengths"});
    QCOMPARE(reading.findings[0].packet, std::optional<std::uint64_t>(1));
    QCOMPARE(reading.findings[0].evidence, (std::vector<std::string>{"4 octets captured of 3 on the wire", "2 times"}));
}

void CapturePcapTest::tellsDamagedRecords_data() {
    QTest::addColumn<quint32>("captured");
    QTest::addColumn<quint32>("original");
    QTest::newRow("over the limit") << (16U << 20U) + 1 << (16U << 20U) + 1;
    QTest::newRow("the highest number") << 0xffffffffU << 0xffffffffU;
}

void CapturePcapTest::tellsDamagedRecords() {
    QFETCH(quint32, captured);
    QFETCH(quint32, original);
    const std::string bad = Octets(kLittle).u32(7).u32(7).u32(captured).u32(original).text("abcd").done();
    const std::string good = threePackets();
    const Reading reading = readAll(good + bad + pcapRecord(kLittle, 1, 2, 4, "abcd"));
    QCOMPARE(reading.packets, readAll(good).packets);
    QVERIFY(reading.readError);
    QCOMPARE(static_cast<int>(reading.readError->kind), static_cast<int>(ErrorKind::Damaged));
    QVERIFY2(reading.message().startsWith(QStringLiteral("damaged at byte %1:").arg(good.size())),
             qPrintable(reading.message()));
    QCOMPARE(reading.findingIds(), QStringList{"capture.damaged-block"});
    QVERIFY(reading.staysAtEnd);
}

void CapturePcapTest::readsEachPrefix() {
    const std::string file = threePackets();
    const QStringList whole = readAll(file).packets;
    const std::vector<std::size_t> ends{24, 44, 60, 81}; // behind the header and behind each record
    QCOMPARE(file.size(), ends.back());
    for (std::size_t length = 4; length <= file.size(); ++length) {
        const Reading reading = readAll(file.substr(0, length));
        QVERIFY(!reading.openError);
        const auto recordsDone = std::ranges::count_if(ends, [&](std::size_t end) { return end <= length; }) - 1;
        QCOMPARE(reading.packets, whole.first(std::max<qsizetype>(recordsDone, 0)));
        const bool atEnd = std::ranges::find(ends, length) != ends.end();
        QCOMPARE(reading.clean(), atEnd);
        QVERIFY(reading.staysAtEnd);
        if (atEnd) continue;
        QVERIFY2(reading.message().startsWith(QStringLiteral("cut at byte %1: ").arg(length)),
                 qPrintable(reading.message()));
        QCOMPARE(reading.findingIds(), QStringList{"capture.cut-file"});
    }
    QCOMPARE(readAll(file.substr(0, 80)).message(), "cut at byte 80: the last record wants 21 octets, 20 are there");
}

void CapturePcapTest::readsInAnySplit() {
    std::string file = pcapHeader();
    for (unsigned i = 0; i < 300; ++i)
        file += pcapRecord(kLittle, i, i, 2000, std::string(i % 71, static_cast<char>(i)));
    const QStringList whole = readAll(file).packets;
    QCOMPARE(whole.size(), 300);
    for (const std::size_t step : {1, 2, 3, 15, 16, 17, 24, 100, 1021}) {
        for (const std::size_t blockBytes : {16, 31, 88, 1000, 65536}) {
            const Reading reading = readAll(file, {.blockBytes = blockBytes}, step);
            QVERIFY(reading.clean());
            QCOMPARE(reading.packets, whole);
        }
    }
}

void CapturePcapTest::growsForLargePackets() {
    constexpr std::size_t kBlock = 4096;
    const std::string large(100'000, 'x');
    const std::string file = threePackets() + pcapRecord(kLittle, 1, 0, 100'000, large) +
                             pcapRecord(kLittle, 1, 0, 100'000, large) + pcapRecord(kLittle, 1, 0, 4, "abcd");
    const Reading reading = readAll(file, {.blockBytes = kBlock, .maxPacketBytes = 100'000});
    QVERIFY(reading.clean());
    QCOMPARE(reading.packets.size(), 6);
    QVERIFY(reading.packets[4].startsWith("5 @1000000000 100000/100000"));
    QCOMPARE(reading.packets[5], "6 @1000000000 4/4 if0 link1 61626364");
    QCOMPARE(reading.largestBlock, 100'016U);
    QCOMPARE(reading.lastBlock, kBlock); // and gave the memory back

    const Reading limited = readAll(file, {.blockBytes = kBlock, .maxPacketBytes = 99'999});
    QCOMPARE(limited.packets.size(), 3);
    QVERIFY(limited.readError);
}

void CapturePcapTest::findsImpossibleFractions() {
    const Reading reading =
        readAll(pcapHeader() + pcapRecord(kLittle, 1, 2'000'000, 1, "a") + pcapRecord(kLittle, 1, 1'000'000, 1, "a") +
                pcapRecord(kLittle, 1, 999'999, 1, "a"));
    QVERIFY(reading.clean());
    QCOMPARE(reading.packets[0], "1 @3000000000 1/1 if0 link1 61");
    QCOMPARE(reading.findingIds(), QStringList{"capture.bad-time"});
    QCOMPARE(reading.findings[0].packet, 1U);
    QCOMPARE(reading.findings[0].evidence.back(), std::string("2 times"));
}

QTEST_APPLESS_MAIN(CapturePcapTest)
#include "capture_pcap_test.moc"
