// SPDX-License-Identifier: Apache-2.0
// What the writer writes: octets by draft-ietf-opsawg-pcapng, read again by the reader, and read by tshark.
#include "capture_reading.h"
#include "tests/support/secret_texts.h"

#include "core/capture/pcapng_writer.h"

#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace gatescope;
using namespace gatescope::capture;
using namespace gatescope::capture::testing;

class CaptureWriterTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void writesTheOctetsOfTheDraft();
    void isReadAgain();
    void cutsLongTexts();
    void stopsAfterAFailure();
    void wiresharkHasNoComplaint();
};

namespace {

Packet packetOf(std::string_view data, TimeNs time, std::uint32_t original, std::uint16_t link = 1) {
    return {.data = asBytes(data), .originalLength = original, .time = time, .linkType = link};
}

const std::string kEthernet = QByteArray::fromHex("020000000001020000000002080045000028000100004006"
                                                  "66cd0a0000010a00000200500051000000010000000050120000"
                                                  "00000000")
                                  .toStdString();

/// Two interfaces of different kinds, secrets, comments, cut and whole packets, times to the nanosecond.
std::string someFile() {
    std::string file;
    PcapngWriter writer(
        [&](std::string_view piece) {
            file += piece;
            return true;
        },
        {.application = "gatescope", .comments = {"chosen: status == 429", "of the capture before"}});
    const auto ethernet = writer.addInterface({.name = "eth0", .linkType = 1, .snapLength = 262'144});
    writer.addPacket(ethernet, packetOf(kEthernet, 1'700'000'000'123'456'789, 54));
    const auto raw = writer.addInterface({.name = {}, .linkType = 101, .snapLength = 0});
    writer.addSecrets("CLIENT_RANDOM 00 11\n");
    const std::vector<std::string> comments{"one", "gr\xc3\xbc\xc3\x9f"};
    writer.addPacket(raw, packetOf(kEthernet.substr(14), 1'700'000'000'123'456'790, 1500, 101), comments);
    writer.addPacket(ethernet, packetOf(kEthernet, 1'700'000'001'000'000'000, 54));
    return writer.finish() ? file : std::string();
}

} // namespace

void CaptureWriterTest::writesTheOctetsOfTheDraft() {
    std::string file;
    PcapngWriter writer(
        [&](std::string_view piece) {
            file += piece;
            return true;
        },
        {.application = {}, .comments = {"abc"}});
    writer.addPacket(writer.addInterface({.name = "e", .linkType = 101, .snapLength = 96}),
                     packetOf("E", 0x0102030405060708, 5));
    QVERIFY(writer.finish());
    const QByteArray expected = QByteArray::fromHex(
        "0a0d0d0a 28000000 4d3c2b1a 0100 0000 ffffffff ffffffff 0100 0300 61626300 0000 0000 28000000"
        "01000000 28000000 6500 0000 60000000 0200 0100 65000000 0900 0100 09000000 0000 0000 28000000"
        "06000000 24000000 00000000 04030201 08070605 01000000 05000000 45000000 24000000");
    QCOMPARE(QByteArray(file.data(), static_cast<qsizetype>(file.size())).toHex(' '), expected.toHex(' '));
}

void CaptureWriterTest::isReadAgain() {
    const Reading reading = readAll(someFile());
    QVERIFY2(reading.clean(), qPrintable(reading.message()));
    QCOMPARE(reading.packets.size(), 3);
    QVERIFY(reading.packets[0].startsWith("1 @1700000000123456789 54/54 if0 link1 "));
    QVERIFY(reading.packets[1].startsWith("2 @1700000000123456790 40/1500 if1 link101 "));
    QVERIFY(reading.packets[2].startsWith("3 @1700000001000000000 54/54 if0 link1 "));
    QCOMPARE(reading.info.comments,
             (std::vector<std::string>{"chosen: status == 429", "of the capture before", "one", "gr\xc3\xbc\xc3\x9f"}));
    QCOMPARE(reading.info.commentPackets, (std::vector<PacketRef>{0, 0, 2, 2}));
    QCOMPARE(test::plainTexts(reading.info.tlsSecrets), std::vector<std::string>{"CLIENT_RANDOM 00 11\n"});
    QCOMPARE(reading.info.interfaces[0].name, std::string("eth0"));
    QCOMPARE(reading.info.interfaces[0].snapLength, 262'144U);
    QVERIFY(reading.findings.empty());
}

void CaptureWriterTest::cutsLongTexts() {
    std::string file;
    // A character of two octets that would be cut in its middle.
    const std::string comment = std::string(65'534, 'x') + "\xc3\xbc";
    PcapngWriter writer(
        [&](std::string_view piece) {
            file += piece;
            return true;
        },
        {.application = {}, .comments = {comment}});
    QVERIFY(writer.finish());
    const Reading reading = readAll(file);
    QVERIFY(reading.clean());
    QCOMPARE(reading.info.comments, std::vector<std::string>{std::string(65'534, 'x')});
}

void CaptureWriterTest::stopsAfterAFailure() {
    unsigned pieces = 0;
    PcapngWriter writer([&](std::string_view) { return ++pieces < 2; }, {});
    const auto interface = writer.addInterface({.name = {}, .linkType = 1, .snapLength = 0});
    const std::string large(PcapngWriter::kBufferBytes, 'x');
    for (int i = 0; i < 5; ++i) writer.addPacket(interface, packetOf(large, 0, 1));
    QVERIFY(writer.failed());
    QVERIFY(!writer.finish());
    QCOMPARE(pieces, 2U);
}

void CaptureWriterTest::wiresharkHasNoComplaint() {
    const QString tshark = QStandardPaths::findExecutable("tshark");
    if (tshark.isEmpty()) QSKIP("no tshark");
    QTemporaryDir folder;
    QFile file(folder.filePath("written.pcapng"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    const std::string content = someFile();
    file.write(content.data(), static_cast<qsizetype>(content.size()));
    file.close();
    QProcess reader;
    reader.start(tshark,
                 {"-r", file.fileName(),        "-T", "fields",           "-E", "separator=|", "-E", "aggregator=,",
                  "-e", "frame.number",         "-e", "frame.time_epoch", "-e", "frame.len",   "-e", "frame.cap_len",
                  "-e", "frame.interface_name", "-e", "frame.comment",    "-e", "ip.src"});
    QVERIFY(reader.waitForFinished(60'000));
    QCOMPARE(reader.exitCode(), 0);
    const QByteArrayList lines = reader.readAllStandardOutput().trimmed().split('\n');
    QCOMPARE(lines.size(), 3);
    QCOMPARE(lines[0], QByteArray("1|1700000000.123456789|54|54|eth0||10.0.0.1"));
    QVERIFY2(lines[1].startsWith("2|1700000000.123456790|1500|40|"), lines[1].constData());
    QVERIFY(lines[1].contains("one,gr\xc3\xbc\xc3\x9f"));
    QCOMPARE(lines[2], QByteArray("3|1700000001.000000000|54|54|eth0||10.0.0.1"));
}

QTEST_APPLESS_MAIN(CaptureWriterTest)

#include "capture_writer_test.moc"
