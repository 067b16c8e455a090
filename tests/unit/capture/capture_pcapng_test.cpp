// SPDX-License-Identifier: Apache-2.0
// Layouts from draft-ietf-opsawg-pcapng.
#include "capture_building.h"
#include "capture_reading.h"
#include "tests/support/secret_texts.h"

#include <QTest>

using namespace gatescope;
using namespace gatescope::capture;
using namespace gatescope::capture::testing;

class CapturePcapngTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsLiteralBytes();
    void readsEachBlockKind_data();
    void readsEachBlockKind();
    void readsSectionsOfDifferentOrder();
    void cutsSimplePacketsAtTheSnapLength();
    void appliesResolutionAndOffset();
    void countsWhatWiresharkCountsAsFrames();
    void keepsComments();
    void saysWhatShareWasLost_data();
    void saysWhatShareWasLost();
    void saysWhichInterfaceLost();
    void keepsTlsSecrets();
    void addsUpDrops();
    void skipsPacketsOfUnknownInterfaces();
    void clampsImpossibleTimes();
    void goesOnAfterDamagedOptions();
    void respectsLimits();
    void tellsDamagedBlocks_data();
    void tellsDamagedBlocks();
    void refusesOtherVersions();
    void readsEachPrefix();
    void readsInAnySplit();
    void growsForLargeBlocks();
};

namespace {

constexpr std::uint16_t kComment = 1;

/// One of each kind, with options where the kind has them.
std::string oneOfEach(bool bigEndian) {
    const Section s(bigEndian);
    return s.header({{3, "Linux"}, {kComment, "section"}}) +
           s.interface(1, 96, {{2, "eth0"}, {9, std::string(1, '\x09')}, {kComment, "interface"}}) + s.interface(276) +
           s.enhanced(0, 1'700'000'000'123'456'789, 6, "abcde", {{kComment, "packet"}}) +
           s.block(4, s.octets()
                          .u16(1)
                          .u16(8)
                          .text("\x0a\x00\x00\x01"
                                "a.b\0")
                          .u16(0)
                          .u16(0)
                          .done()) +
           s.simple(3, "xyz") + s.obsolete(1, 0, 1'700'000'000'000'001, 4, "wxyz", {{2, "\1\2\3\4"}}) +
           s.block(0x12345678, "not known") + s.secrets(0x544c534b, "CLIENT_RANDOM 00 11\n") + s.enhanced(1, 5, 0, "") +
           s.statistics(0, {{4, s.number64(10)}, {5, s.number64(2)}, {7, s.number64(3)}});
}

QStringList oneOfEachPackets() {
    return {"1 @1700000000123456789 5/6 if0 link1 6162636465", "2 @- 3/3 if0 link1 78797a",
            "3 @1700000000000001000 4/4 if1 link276 7778797a", "4 @5000 0/0 if1 link276 "};
}

} // namespace

void CapturePcapngTest::readsLiteralBytes() {
    const std::string file =
        QByteArray::fromHex("0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c" // section, big endian
                            "00000001 00000014 0065 0000 00040000 00000014"                  // interface: raw IP
                            "00000006 00000024 00000000 00060a24 181e4000 00000003 00000028 45000100 00000024")
            .toStdString();
    const Reading reading = readAll(file);
    QVERIFY(reading.clean());
    // 0x00060a24181e4000 microseconds
    QCOMPARE(reading.packets, QStringList{"1 @1700000000000000000 3/40 if0 link101 450001"});
    QCOMPARE(reading.info.format, std::string("pcapng"));
    QVERIFY(reading.staysAtEnd);
}

void CapturePcapngTest::readsEachBlockKind_data() {
    QTest::addColumn<bool>("bigEndian");
    QTest::newRow("little endian") << kLittle;
    QTest::newRow("big endian") << kBig;
}

void CapturePcapngTest::readsEachBlockKind() {
    QFETCH(bool, bigEndian);
    const Reading reading = readAll(oneOfEach(bigEndian));
    QVERIFY2(reading.clean(), qPrintable(reading.message()));
    QCOMPARE(reading.packets, oneOfEachPackets());
    const std::vector<std::string> comments{"section", "interface", "packet"};
    QCOMPARE(reading.info.comments, comments);
    QCOMPARE(test::plainTexts(reading.info.tlsSecrets), std::vector<std::string>{"CLIENT_RANDOM 00 11\n"});
    QCOMPARE(reading.info.droppedPackets, 5U);
    QCOMPARE(reading.findingIds(), QStringList{"capture.dropped-packets"});
}

void CapturePcapngTest::readsSectionsOfDifferentOrder() {
    const Section little(kLittle);
    const Section big(kBig);
    const std::string inner = little.interface(101) + little.enhanced(0, 1, 1, "b");
    const std::string file = big.header() + big.interface(1) + big.interface(113) + big.enhanced(1, 1, 1, "a") +
                             little.header({}, inner.size()) + inner + big.header({}, ~0ULL, 1, 2) + big.interface(12) +
                             big.enhanced(0, 1, 1, "c");
    const Reading reading = readAll(file);
    QVERIFY(reading.clean());
    const QStringList expected{"1 @1000 1/1 if1 link113 61", "2 @1000 1/1 if2 link101 62", "3 @1000 1/1 if3 link12 63"};
    QCOMPARE(reading.packets, expected);
}

void CapturePcapngTest::cutsSimplePacketsAtTheSnapLength() {
    const Section s(kLittle);
    const Reading reading = readAll(s.header() + s.interface(1, 5) + s.simple(9, "abcde") + s.simple(2, "ab"));
    QVERIFY(reading.clean());
    const QStringList expected{"1 @- 5/9 if0 link1 6162636465", "2 @- 2/2 if0 link1 6162"};
    QCOMPARE(reading.packets, expected);
}

void CapturePcapngTest::appliesResolutionAndOffset() {
    const Section s(kBig);
    const auto offset = [&](std::int64_t seconds) { return s.number64(static_cast<std::uint64_t>(seconds)); };
    const std::string file = s.header() + s.interface(1, 0, {{9, std::string(1, '\x03')}, {14, offset(1'000)}}) +
                             s.interface(1, 0, {{9, std::string(1, '\x8a')}}) + s.interface(1, 0, {{14, offset(-2)}}) +
                             s.enhanced(0, 1'500, 1, "a") + s.enhanced(1, 1'536, 1, "a") +
                             s.enhanced(2, 1'000'000, 1, "a");
    const Reading reading = readAll(file);
    QVERIFY(reading.clean());
    const QStringList expected{"1 @1001500000000 1/1 if0 link1 61", "2 @1500000000 1/1 if1 link1 61",
                               "3 @-1000000000 1/1 if2 link1 61"};
    QCOMPARE(reading.packets, expected);
    QVERIFY(reading.findings.empty());
}

void CapturePcapngTest::countsWhatWiresharkCountsAsFrames() {
    // Asked of tshark 4.0.17, one file for each type.
    const Section s(kLittle);
    std::string file = s.header() + s.interface(1);
    for (const std::uint32_t type : {0x9U, 0x204U, 0x216U, 0x221U, 0xbadU, 0x40000badU})
        file += s.block(type, s.octets().u32(12345).text("abcdefgh").done());
    for (const std::uint32_t type : {0x4U, 0x7U, 0x8U, 0xbU, 0x201U, 0x208U, 0x80000001U})
        file += s.block(type, s.octets().u32(0).done());
    const Reading reading = readAll(file + s.enhanced(0, 1, 1, "a"));
    QVERIFY(reading.clean());
    QCOMPARE(reading.packets, QStringList{"7 @1000 1/1 if0 link1 61"});
}

void CapturePcapngTest::keepsComments() {
    const Section s(kBig);
    const std::string file =
        s.header({{kComment, "one"}, {kComment, "two"}}) + s.interface(1) +
        s.enhanced(0, 1, 1, "a", {{2, "\0\0\0\1"}, {kComment, "three"}, {kComment, "gr\xc3\xbc\xc3\x9f"}}) +
        s.obsolete(0, 0, 1, 1, "a", {{kComment, "five"}}) + s.statistics(0, {{kComment, "six"}}) +
        s.secrets(0x544c534b, "x", {{kComment, "seven"}});
    const Reading reading = readAll(file);
    const std::vector<std::string> expected{"one", "two", "three", "gr\xc3\xbc\xc3\x9f", "five", "six", "seven"};
    QCOMPARE(reading.info.comments, expected);
    const std::vector<PacketRef> packets{0, 0, 1, 1, 2, 0, 0};
    QCOMPARE(reading.info.commentPackets, packets);
}

void CapturePcapngTest::saysWhatShareWasLost_data() {
    QTest::addColumn<unsigned>("lost");
    QTest::addColumn<int>("severity");
    QTest::addColumn<QString>("said");
    // Of 50 packets in the file.
    QTest::newRow("half") << 50U << static_cast<int>(Severity::High) << "wan0: 50 of 100 packets lost (50.00 %)";
    QTest::newRow("1 in 51") << 1U << static_cast<int>(Severity::Medium) << "wan0: 1 of 51 packets lost (1.96 %)";
    QTest::newRow("2 in 52") << 2U << static_cast<int>(Severity::High) << "wan0: 2 of 52 packets lost (3.85 %)";
}

void CapturePcapngTest::saysWhatShareWasLost() {
    QFETCH(unsigned, lost);
    QFETCH(int, severity);
    QFETCH(QString, said);
    const Section s(kLittle);
    std::string file = s.header() + s.interface(1, 0, {{2, "wan0"}});
    for (unsigned i = 0; i < 50; ++i) file += s.enhanced(0, i, 1, "a");
    // Received, lost on the interface, accepted by the filter, lost by the system.
    const Reading reading = readAll(file + s.statistics(0, {{4, s.number64(900)}, {5, s.number64(lost)}}));
    QCOMPARE(reading.findingIds(), QStringList{"capture.dropped-packets"});
    QCOMPARE(static_cast<int>(reading.findings[0].kind->severity), severity);
    QCOMPARE(QString::fromStdString(reading.findings[0].evidence.front()), said);
    QCOMPARE(reading.findings[0].evidence.size(), 1U);
    QCOMPARE(reading.info.interfaces.size(), 1U);
    QCOMPARE(reading.info.interfaces[0].name, std::string("wan0"));
}

void CapturePcapngTest::saysWhichInterfaceLost() {
    const Section s(kBig);
    std::string file = s.header() + s.interface(1) + s.interface(1, 96, {{2, "eth1"}}) + s.interface(1);
    for (unsigned i = 0; i < 1500; ++i) file += s.enhanced(i % 3, i, 1, "a");
    file += s.enhanced(1, 1500, 1, "a", {{4, s.number64(1)}}); // one lost just before packet 1501
    file += s.statistics(0, {{5, s.number64(1)}, {7, s.number64(1)}, {6, s.number64(600)}});
    file += s.statistics(2, {{5, s.number64(0)}});
    const Reading reading = readAll(file);
    QCOMPARE(reading.info.droppedPackets, 3U);
    QCOMPARE(reading.findings.size(), 1U);
    QVERIFY(reading.findings[0].kind->severity == Severity::Medium); // 3 of 1504 are 0.1995 %
    const std::vector<std::string> expected{
        "3 of 1504 packets lost (0.20 %)", "interface 0: 2 of 502 packets lost (0.40 %); 600 passed the capture filter",
        "eth1: 1 of 502 packets lost (0.20 %)"};
    QCOMPARE(reading.findings[0].evidence, expected);
    QCOMPARE(reading.findings[0].packet, std::optional<std::uint64_t>(1501));
    QCOMPARE(reading.info.interfaces[1].snapLength, 96U);
}

void CapturePcapngTest::keepsTlsSecrets() {
    const Section s(kLittle);
    const Reading reading = readAll(s.header() + s.secrets(0x544c534b, "first\n") + s.secrets(0x57474b4c, "wireguard") +
                                    s.secrets(0x544c534b, "second"));
    QVERIFY(reading.clean());
    const std::vector<std::string> expected{"first\n", "second"};
    QCOMPARE(test::plainTexts(reading.info.tlsSecrets), expected);
}

void CapturePcapngTest::addsUpDrops() {
    const Section s(kBig);
    const auto n = [&](std::uint64_t value) { return s.number64(value); };
    // Interface 0: statistics twice, a running total. Interface 1: only packets tell; 65535 means not known.
    // Interface 2: both tell of the same losses.
    const std::string file = s.header() + s.interface(1) + s.interface(1) + s.interface(1) +
                             s.statistics(0, {{5, n(4)}}) + s.statistics(0, {{5, n(4)}, {7, n(6)}}) +
                             s.obsolete(1, 7, 1, 1, "a") + s.obsolete(1, 0xffff, 1, 1, "a") +
                             s.enhanced(1, 1, 1, "a", {{4, n(3)}}) + s.enhanced(2, 1, 1, "a", {{4, n(5)}}) +
                             s.statistics(2, {{5, n(8)}}) + s.statistics(9, {{5, n(1000)}});
    const Reading reading = readAll(file);
    QVERIFY(reading.clean());
    QCOMPARE(reading.info.droppedPackets, 10U + 10U + 8U);
    QCOMPARE(reading.findingIds(), QStringList{"capture.dropped-packets"});

    const Reading absurd = readAll(s.header() + s.interface(1) + s.statistics(0, {{5, n(~0ULL)}, {7, n(~0ULL)}}));
    QCOMPARE(absurd.info.droppedPackets, ~0ULL);
}

void CapturePcapngTest::skipsPacketsOfUnknownInterfaces() {
    const Section s(kLittle);
    const std::string file = s.header() + s.simple(1, "a") + s.interface(1) + s.enhanced(1, 1, 1, "a") +
                             s.enhanced(0xffffffff, 1, 1, "a") + s.obsolete(7, 1, 1, 1, "a") + s.enhanced(0, 1, 1, "a");
    const Reading reading = readAll(file);
    QVERIFY(reading.clean());
    QCOMPARE(reading.packets, QStringList{"5 @1000 1/1 if0 link1 61"});
    QCOMPARE(reading.findingIds(), QStringList{"capture.unknown-interface"});
    QCOMPARE(reading.findings[0].packet, 1U);
    QCOMPARE(reading.findings[0].evidence.back(), std::string("4 times"));
}

void CapturePcapngTest::clampsImpossibleTimes() {
    const Section s(kLittle);
    const std::string file = s.header() + s.interface(1) + s.enhanced(0, 0x7fffffffffffffff, 1, "a") +
                             s.enhanced(0, static_cast<std::uint64_t>(-505'425'287LL), 1, "a");
    const Reading reading = readAll(file);
    QVERIFY(reading.clean());
    const QStringList expected{"1 @9223372036854775807 1/1 if0 link1 61", "2 @-505425287000 1/1 if0 link1 61"};
    QCOMPARE(reading.packets, expected);
    QCOMPARE(reading.findingIds(), QStringList{"capture.bad-time"});
}

void CapturePcapngTest::goesOnAfterDamagedOptions() {
    const Section s(kLittle);
    const std::string packetWithBadOption = s.block(
        6,
        s.octets().u32(0).u32(0).u32(1).u32(4).u32(4).text("abcd").u16(kComment).u16(60'000).text("only this").done());
    const Reading reading = readAll(s.header() + s.interface(1) + packetWithBadOption + s.enhanced(0, 2, 1, "a"));
    QVERIFY(reading.clean());
    const QStringList expected{"1 @1000 4/4 if0 link1 61626364", "2 @2000 1/1 if0 link1 61"};
    QCOMPARE(reading.packets, expected);
    QVERIFY(reading.info.comments.empty());
    QCOMPARE(reading.findingIds(), QStringList{"capture.damaged-options"});
}

void CapturePcapngTest::respectsLimits() {
    const Section s(kLittle);
    const std::string file = s.header({{kComment, "1"}, {kComment, "2"}, {kComment, "3"}}) + s.interface(1) +
                             s.interface(2) + s.enhanced(0, 1, 1, "a") + s.enhanced(1, 1, 1, "a") +
                             s.secrets(0x544c534b, "12345") + s.secrets(0x544c534b, "67890");
    const auto expectLimit = [&](const ReaderLimits& limits, std::size_t comments, std::size_t secrets,
                                 qsizetype packets) {
        const Reading reading = readAll(file, limits);
        QVERIFY(reading.clean());
        QCOMPARE(reading.info.comments.size(), comments);
        QCOMPARE(reading.info.tlsSecrets.size(), secrets);
        QCOMPARE(reading.packets.size(), packets);
        QVERIFY(reading.findingIds().contains("capture.limit-reached"));
    };
    expectLimit({.maxInterfaces = 1}, 3, 2, 1);
    expectLimit({.maxComments = 2}, 2, 2, 2);
    expectLimit({.maxCommentBytes = 2}, 2, 2, 2);
    expectLimit({.maxSecretsBytes = 9}, 3, 1, 2);
    QVERIFY(readAll(file).findings.empty());
}

void CapturePcapngTest::tellsDamagedBlocks_data() {
    QTest::addColumn<QByteArray>("block");
    QTest::addColumn<QString>("word");
    const Section s(kLittle);
    const auto add = [](const char* name, const std::string& block, const char* word) {
        QTest::newRow(name) << QByteArray::fromStdString(block) << word;
    };
    const auto claims = [&](std::uint32_t length) {
        return s.octets().u32(6).u32(length).text(std::string(64, 'x')).done();
    };
    add("length 0", claims(0), "impossible length");
    add("length 11", claims(11), "impossible length");
    add("no multiple of 4", claims(50), "impossible length");
    add("above the limit", claims((64U << 20U) + 4), "impossible length");
    add("highest length", claims(0xfffffffc), "impossible length");
    std::string trailer = s.enhanced(0, 1, 4, "abcd");
    trailer[trailer.size() - 4] = '\x20';
    add("second length", trailer, "differ");
    add("packet longer than its block",
        s.block(6, s.octets().u32(0).u32(0).u32(0).u32(9).u32(9).text("abcdefgh").done()), "longer than its block");
    add("obsolete packet of 4 GiB", s.block(2, s.octets().u32(0).u32(0).u32(0).u32(~0U).u32(9).done()),
        "longer than its block");
    add("packet without lengths", s.block(6, s.octets().u32(0).u32(0).done()), "too short");
    add("simple packet longer than its block", s.simple(9, "abcdefgh"), "longer than its block");
    add("simple packet without length", s.block(3, ""), "too short");
    add("interface", s.block(1, s.octets().u32(1).done()), "too short");
    add("statistics", s.block(5, s.octets().u32(0).done()), "too short");
    add("secrets", s.block(10, s.octets().u32(0x544c534b).done()), "too short");
    add("secrets longer than their block", s.block(10, s.octets().u32(0x544c534b).u32(5).text("abcd").done()),
        "longer than their block");
    add("section without magic", s.block(0x0a0d0d0a, std::string(16, '\0')), "byte-order magic");
    add("section header", s.block(0x0a0d0d0a, s.octets().u32(0x1a2b3c4d).u32(1).done()), "too short");
    add("section of version 2.0", s.header({}, ~0ULL, 2), "version");
}

void CapturePcapngTest::tellsDamagedBlocks() {
    QFETCH(QByteArray, block);
    QFETCH(QString, word);
    const std::string good = oneOfEach(kLittle);
    const Section s(kLittle);
    const Reading reading = readAll(good + block.toStdString() + s.enhanced(0, 1, 1, "a"));
    QCOMPARE(reading.packets, oneOfEachPackets());
    QVERIFY(reading.readError);
    QCOMPARE(static_cast<int>(reading.readError->kind), static_cast<int>(ErrorKind::Damaged));
    QVERIFY2(reading.message().startsWith(QStringLiteral("damaged at byte %1: ").arg(good.size())),
             qPrintable(reading.message()));
    QVERIFY2(reading.message().contains(word), qPrintable(reading.message()));
    QVERIFY(reading.findingIds().contains("capture.damaged-block"));
    QVERIFY(reading.staysAtEnd);
}

void CapturePcapngTest::refusesOtherVersions() {
    for (const bool bigEndian : {kLittle, kBig}) {
        const Reading reading = readAll(Section(bigEndian).header({}, ~0ULL, 1, 9));
        QVERIFY(reading.openError);
        QCOMPARE(static_cast<int>(reading.openError->kind), static_cast<int>(ErrorKind::UnknownFormat));
        QVERIFY(reading.message().contains("1.9"));
    }
    std::string noMagic = Section(kBig).header();
    noMagic[8] = 'x';
    QVERIFY(readAll(noMagic).message().contains("byte-order magic"));
}

void CapturePcapngTest::readsEachPrefix() {
    for (const bool bigEndian : {kLittle, kBig}) {
        const std::string file = oneOfEach(bigEndian);
        const QStringList whole = readAll(file).packets;
        // The blocks end where their lengths say.
        std::vector<std::size_t> ends;
        for (std::size_t at = 0; at < file.size();) {
            const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(file[at + 4 + i]); };
            at += bigEndian ? octet(2) * 256U + octet(3) : octet(1) * 256U + octet(0);
            ends.push_back(at);
        }
        qsizetype last = 0;
        for (std::size_t length = 4; length <= file.size(); ++length) {
            const Reading reading = readAll(file.substr(0, length));
            QVERIFY(!reading.openError);
            QCOMPARE(reading.packets, whole.first(reading.packets.size()));
            QVERIFY(reading.packets.size() >= last);
            last = reading.packets.size();
            const bool atEnd = std::ranges::find(ends, length) != ends.end();
            QCOMPARE(reading.clean(), atEnd);
            QVERIFY(reading.staysAtEnd);
            if (!atEnd) QVERIFY(reading.message().startsWith(QStringLiteral("cut at byte %1: ").arg(length)));
        }
        QCOMPARE(last, whole.size());
    }
}

void CapturePcapngTest::readsInAnySplit() {
    const std::string file = oneOfEach(kLittle) + oneOfEach(kBig) + oneOfEach(kLittle);
    const Reading whole = readAll(file);
    QCOMPARE(whole.packets.size(), 12);
    QVERIFY(whole.packets.last().contains("if5"));
    for (const std::size_t step : {1, 2, 3, 11, 12, 13, 32, 97}) {
        for (const std::size_t blockBytes : {12, 40, 100, 65536}) {
            const Reading reading = readAll(file, {.blockBytes = blockBytes}, step);
            QVERIFY(reading.clean());
            QCOMPARE(reading.packets, whole.packets);
            QCOMPARE(reading.info.comments, whole.info.comments);
            QCOMPARE(reading.info.droppedPackets, whole.info.droppedPackets);
        }
    }
}

void CapturePcapngTest::growsForLargeBlocks() {
    constexpr std::size_t kBlock = 4096;
    const Section s(kLittle);
    const std::string file = s.header() + s.interface(1) + s.enhanced(0, 1, 4, "abcd") +
                             s.enhanced(0, 2, 70'000, std::string(70'000, 'x')) +
                             s.secrets(0x544c534b, std::string(50'000, 's')) +
                             s.block(0x777, std::string(90'000, 'u')) + s.enhanced(0, 3, 4, "efgh");
    const Reading reading = readAll(file, {.blockBytes = kBlock, .maxPacketBytes = 70'000, .maxBlockBytes = 90'012});
    QVERIFY2(reading.clean(), qPrintable(reading.message()));
    QCOMPARE(reading.packets.size(), 3);
    QCOMPARE(reading.packets[2], "3 @3000 4/4 if0 link1 65666768");
    QCOMPARE(test::plainTexts(reading.info.tlsSecrets), std::vector<std::string>{std::string(50'000, 's')});
    QCOMPARE(reading.lastBlock, kBlock);

    QCOMPARE(readAll(file, {.blockBytes = kBlock, .maxPacketBytes = 69'999}).packets.size(), 1);
    QCOMPARE(readAll(file, {.blockBytes = kBlock, .maxBlockBytes = 90'008}).packets.size(), 2);
}

QTEST_APPLESS_MAIN(CapturePcapngTest)
#include "capture_pcapng_test.moc"
