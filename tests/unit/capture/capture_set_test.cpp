// SPDX-License-Identifier: Apache-2.0
// Sets of captures, against orders written out by hand and a stable sort.
#include "capture_building.h"
#include "capture_reading.h"
#include "tests/support/secret_texts.h"

#include "core/capture/capture_set.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <random>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace gatescope;
using namespace gatescope::capture;
using namespace gatescope::capture::testing;

class CaptureSetTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QVERIFY(m_folder.isValid()); }

    void givesASingleCaptureAsItIs();
    void readsARingBufferWithoutCopies();
    void mergesWhatOverlaps();
    void keepsTheOrderOfCapturesAtEqualTimes();
    void takesTheClockOffsetOff();
    void keepsDisorderInsideACapture();
    void givesPacketsWithoutATimeBehindTheOneBefore();
    void mergesAnythingLikeAStableSort_data();
    void mergesAnythingLikeAStableSort();
    void letsBadMembersEndAlone();
    void readsEachPrefixOfAMember();
    void tellsInterfacesApart();
    void mergesAPipe();
    void readsMoreFilesThanMayBeOpen();
    void tellsWhenTooManyOverlap();
    void stopsWhileAPipeIsSilent();
    void collectsNotesOfAll();
    void takesPacketsLargerThanABlock();

private:
    std::string write(const std::string& name, const std::string& content) const {
        QFile file(m_folder.filePath(QString::fromStdString(name)));
        if (!file.open(QIODevice::WriteOnly)) return {};
        file.write(content.data(), static_cast<qsizetype>(content.size()));
        return file.fileName().toStdString();
    }

    QTemporaryDir m_folder;
};

namespace {

/// A capture with packets at these milliseconds; each packet's octet tells which of the capture it is.
std::string captureAt(const std::vector<unsigned>& milliseconds, std::size_t size = 1) {
    std::string file = pcapHeader();
    for (std::size_t i = 0; i < milliseconds.size(); ++i)
        file += pcapRecord(kLittle, milliseconds[i] / 1000, milliseconds[i] % 1000 * 1000, 70'000,
                           std::string(size, static_cast<char>(i)));
    return file;
}

/// `input.number@milliseconds`
QString short_(const Packet& packet) {
    return QStringLiteral("%1.%2@%3")
        .arg(inputOf(packet.number))
        .arg(numberOf(packet.number))
        .arg(packet.time == kNoTime ? QStringLiteral("-") : QString::number(packet.time / 1'000'000));
}

struct SetReading {
    QStringList packets;
    std::vector<Finding> findings;
    std::vector<SetMemberResult> results;
    std::size_t blocks = 0;
    bool intact = true; ///< each packet's octets are those of its number
    bool staysAtEnd = false;
    std::uint64_t bytesRead = 0;
    std::uint64_t totalBytes = 0;
};

SetReading readSet(CaptureSet& set) {
    SetReading reading;
    std::array<PacketBlock, 3> pool;
    for (std::size_t turn = 0;; ++turn) {
        PacketBlock& block = pool[turn % pool.size()];
        const auto more = set.read(block);
        if (!more || !*more) break;
        ++reading.blocks;
        for (const Packet& packet : block.packets) {
            reading.packets << short_(packet);
            const auto expected = static_cast<std::uint8_t>(numberOf(packet.number) - 1);
            for (const std::uint8_t octet : packet.data) reading.intact = reading.intact && octet == expected;
        }
    }
    const auto again = set.read(pool[0]);
    reading.staysAtEnd = again && !*again && pool[0].packets.empty();
    reading.findings = set.takeFindings();
    reading.results = set.results();
    reading.bytesRead = set.bytesRead();
    reading.totalBytes = set.totalBytes();
    return reading;
}

std::vector<CaptureSet::Opened> membersOf(const std::vector<std::string>& paths) {
    std::vector<CaptureSet::Opened> members;
    for (const std::string& path : paths)
        members.push_back({.member = {.input = static_cast<std::uint32_t>(members.size()), .path = path}});
    return members;
}

SetReading readSet(const std::vector<std::string>& paths, const ReaderLimits& limits = {}) {
    CaptureSet set(membersOf(paths), limits);
    return readSet(set);
}

} // namespace

void CaptureSetTest::givesASingleCaptureAsItIs() {
    const std::string content = captureAt({5, 3, 9});
    const std::string path = write("single", content);
    const SetReading reading = readSet({path});
    QCOMPARE(reading.packets, (QStringList{"0.1@5", "0.2@3", "0.3@9"}));
    QVERIFY(reading.staysAtEnd);
    QCOMPARE(reading.bytesRead, content.size());
    QCOMPARE(reading.totalBytes, content.size());
    QCOMPARE(reading.results[0].packets, 3U);
    QCOMPARE(reading.results[0].bytes, 3U);
    QCOMPARE(reading.results[0].format, std::string("pcap"));
    QCOMPARE(reading.results[0].firstTime, 3'000'000);
    QCOMPARE(reading.results[0].lastTime, 9'000'000);
}

void CaptureSetTest::readsARingBufferWithoutCopies() {
    // Named in any order: what counts is when they begin. The third begins with the last time of the second.
    const std::vector<std::string> paths{write("ring2", captureAt({30, 40})), write("ring1", captureAt({1, 20})),
                                         write("ring3", captureAt({40, 50}))};
    const SetReading reading = readSet(paths);
    QCOMPARE(reading.packets, (QStringList{"1.1@1", "1.2@20", "0.1@30", "0.2@40", "2.1@40", "2.2@50"}));
    QCOMPARE(reading.blocks, 3U); // each file's block is given on as it is
    QVERIFY(reading.intact);
    QCOMPARE(reading.bytesRead, reading.totalBytes);
}

void CaptureSetTest::mergesWhatOverlaps() {
    const SetReading reading = readSet(
        {write("a", captureAt({1, 4, 7, 8})), write("b", captureAt({2, 3, 9})), write("c", captureAt({5, 10}))});
    QCOMPARE(reading.packets,
             (QStringList{"0.1@1", "1.1@2", "1.2@3", "0.2@4", "2.1@5", "0.3@7", "0.4@8", "1.3@9", "2.2@10"}));
    QVERIFY(reading.intact);
    QVERIFY(reading.staysAtEnd);
}

void CaptureSetTest::keepsTheOrderOfCapturesAtEqualTimes() {
    const SetReading reading = readSet({write("a", captureAt({1, 2, 2})), write("b", captureAt({1, 2, 2}))});
    QCOMPARE(reading.packets, (QStringList{"0.1@1", "1.1@1", "0.2@2", "0.3@2", "1.2@2", "1.3@2"}));
}

void CaptureSetTest::takesTheClockOffsetOff() {
    auto members = membersOf({write("a", captureAt({1000, 1002})), write("b", captureAt({3001, 3003}))});
    members[1].member.clockOffset = 2'000'000'000; // two seconds ahead
    CaptureSet set(std::move(members));
    const SetReading reading = readSet(set);
    QCOMPARE(reading.packets, (QStringList{"0.1@1000", "1.1@1001", "0.2@1002", "1.2@1003"}));
    QCOMPARE(reading.results[1].firstTime, 1'001'000'000);

    // A single one too, and no offset makes a time that means "none".
    auto single = membersOf({write("a", captureAt({1000}))});
    single[0].member.clockOffset = std::numeric_limits<TimeNs>::max();
    single[0].member.input = 7;
    CaptureSet only(std::move(single));
    const SetReading shifted = readSet(only);
    QCOMPARE(shifted.packets,
             (QStringList{"7.1@" + QString::number((1'000'000'000 - std::numeric_limits<TimeNs>::max()) / 1'000'000)}));
}

void CaptureSetTest::keepsDisorderInsideACapture() {
    const SetReading reading = readSet({write("a", captureAt({5, 1, 6})), write("b", captureAt({2, 7}))});
    QCOMPARE(reading.packets, (QStringList{"1.1@2", "0.1@5", "0.2@1", "0.3@6", "1.2@7"}));
}

void CaptureSetTest::givesPacketsWithoutATimeBehindTheOneBefore() {
    const Section section(kLittle);
    const std::string a = section.header() + section.interface(1) + section.enhanced(0, 3000, 1, std::string(1, '\0')) +
                          section.simple(1, "\1") + section.enhanced(0, 8000, 1, "\2");
    const SetReading reading = readSet({write("a", a), write("b", captureAt({2, 4}))});
    QCOMPARE(reading.packets, (QStringList{"1.1@2", "0.1@3", "0.2@-", "1.2@4", "0.3@8"}));
    QVERIFY(reading.intact);
}

void CaptureSetTest::mergesAnythingLikeAStableSort_data() {
    QTest::addColumn<unsigned>("seed");
    QTest::addColumn<quint64>("blockBytes");
    for (unsigned seed = 0; seed < 12; ++seed)
        for (const quint64 blockBytes : {64U, 300U, 5000U, 1U << 20})
            QTest::addRow("seed %u, blocks of %llu", seed, blockBytes) << seed << blockBytes;
}

void CaptureSetTest::mergesAnythingLikeAStableSort() {
    QFETCH(unsigned, seed);
    QFETCH(quint64, blockBytes);
    std::minstd_rand engine(seed);
    const auto random = [&engine] { return static_cast<unsigned>(engine()); };
    struct Expected {
        unsigned time;
        unsigned input;
        unsigned number;
    };
    std::vector<Expected> all;
    std::vector<std::string> paths;
    const unsigned count = 2 + random() % 6;
    for (unsigned input = 0; input < count; ++input) {
        std::vector<unsigned> times(random() % 200);
        const unsigned start = random() % 2000;
        const unsigned range = 1 + random() % 1000;
        for (unsigned& time : times) time = start + random() % range;
        std::ranges::sort(times);
        for (unsigned number = 1; number <= times.size(); ++number) all.push_back({times[number - 1], input, number});
        paths.push_back(write("random" + std::to_string(input), captureAt(times, random() % 90)));
    }
    std::ranges::stable_sort(all, {}, &Expected::time); // they were put in by input and number
    QStringList expected;
    for (const Expected& packet : all)
        expected << QStringLiteral("%1.%2@%3").arg(packet.input).arg(packet.number).arg(packet.time);
    const SetReading reading = readSet(paths, {.blockBytes = blockBytes});
    QCOMPARE(reading.packets, expected);
    QVERIFY(reading.intact);
    QCOMPARE(reading.bytesRead, reading.totalBytes);
}

void CaptureSetTest::letsBadMembersEndAlone() {
    const std::string good = captureAt({1, 3, 5});
    const SetReading reading = readSet({write("good", good), m_folder.filePath("missing").toStdString(),
                                        write("text", "no capture at all, only words"),
                                        write("cut", captureAt({2, 4}).substr(0, 24 + 17 + 10)),
                                        write("empty", pcapHeader()), write("nothing", "")});
    QCOMPARE(reading.packets, (QStringList{"0.1@1", "3.1@2", "0.2@3", "0.3@5"}));
    QVERIFY(!reading.results[0].error);
    QCOMPARE(reading.results[1].error->kind, ErrorKind::CannotOpen);
    QCOMPARE(reading.results[2].error->kind, ErrorKind::UnknownFormat);
    QCOMPARE(reading.results[3].error->kind, ErrorKind::Damaged);
    QCOMPARE(reading.results[3].packets, 1U);
    QVERIFY(!reading.results[4].error);
    QCOMPARE(reading.results[4].format, std::string("pcap"));
    QCOMPARE(reading.results[4].firstTime, kNoTime);
    QCOMPARE(reading.results[5].error->kind, ErrorKind::UnknownFormat);
    QCOMPARE(reading.findings.size(), 1U);
    QCOMPARE(reading.findings[0].input, std::optional<std::uint32_t>(3));
}

void CaptureSetTest::readsEachPrefixOfAMember() {
    const Section section(kBig);
    const std::string whole = section.header() + section.interface(1) +
                              section.enhanced(0, 2000, 1, std::string(1, '\0')) + section.enhanced(0, 4000, 1, "\1");
    const std::string other = write("other", captureAt({1, 3, 5}));
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        const SetReading reading = readSet({write("prefix", whole.substr(0, length)), other});
        QVERIFY(reading.packets.size() >= 3 && reading.packets.size() <= 5);
        QVERIFY(reading.intact && reading.staysAtEnd);
        QVERIFY(!reading.results[1].error);
        QCOMPARE(reading.results[1].packets, 3U);
    }
}

void CaptureSetTest::tellsInterfacesApart() {
    const Section section(kLittle);
    const std::string two = section.header() + section.interface(1) + section.interface(101) +
                            section.enhanced(1, 1000, 1, "x") + section.enhanced(0, 3000, 1, "y");
    const std::string one = section.header() + section.interface(1) + section.enhanced(0, 2000, 1, "z");
    CaptureSet set(membersOf({write("two", two), write("one", one)}));
    PacketBlock block;
    std::vector<std::uint32_t> interfaces;
    while (*set.read(block))
        for (const Packet& packet : block.packets) interfaces.push_back(packet.interfaceIndex);
    QCOMPARE(interfaces.size(), 3U);
    std::ranges::sort(interfaces);
    QVERIFY(std::ranges::adjacent_find(interfaces) == interfaces.end());
}

void CaptureSetTest::mergesAPipe() {
    const std::string path = m_folder.filePath("pipe").toStdString();
    QCOMPARE(::mkfifo(path.c_str(), 0600), 0);
    const std::string content = captureAt({2, 4, 6});
    std::thread writer([&] {
        QFile pipe(QString::fromStdString(path));
        if (!pipe.open(QIODevice::WriteOnly)) return;
        for (const char octet : content) {
            pipe.write(&octet, 1);
            pipe.flush();
        }
    });
    const SetReading reading = readSet({write("a", captureAt({1, 3, 5, 7})), path});
    writer.join();
    QCOMPARE(reading.packets, (QStringList{"0.1@1", "1.1@2", "0.2@3", "1.2@4", "0.3@5", "1.3@6", "0.4@7"}));
    QVERIFY(reading.intact);
    QCOMPARE(reading.totalBytes, 0U); // that of a pipe is not known
}

void CaptureSetTest::readsMoreFilesThanMayBeOpen() {
    rlimit before{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit low{100, before.rlim_max};
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &low), 0);
    std::vector<std::string> paths;
    QStringList expected;
    constexpr unsigned kFiles = 1000;
    for (unsigned i = 0; i < kFiles; ++i) {
        paths.push_back(write("many" + std::to_string(i), captureAt({2 * i, 2 * i + 3}))); // each overlaps the next
        expected << QStringLiteral("%1.1@%2").arg(i).arg(2 * i);
        if (i != 0) expected << QStringLiteral("%1.2@%2").arg(i - 1).arg(2 * i + 1);
    }
    expected << QStringLiteral("%1.2@%2").arg(kFiles - 1).arg(2 * kFiles + 1);
    const SetReading reading = readSet(paths);
    ::setrlimit(RLIMIT_NOFILE, &before);
    QCOMPARE(reading.packets, expected);
    QVERIFY(reading.findings.empty());
    for (const SetMemberResult& result : reading.results) QVERIFY(!result.error);
}

void CaptureSetTest::tellsWhenTooManyOverlap() {
    std::vector<std::string> paths;
    for (unsigned i = 0; i < CaptureSet::kMaxOpen + 2; ++i)
        paths.push_back(write("overlap" + std::to_string(i), captureAt({i, 1000 + i})));
    const SetReading reading = readSet(paths);
    QCOMPARE(reading.packets.size(), static_cast<qsizetype>(2 * paths.size()));
    QVERIFY(reading.intact);
    QCOMPARE(reading.findings.size(), 1U);
    QCOMPARE(QString::fromLatin1(reading.findings[0].kind->id.data()), QStringLiteral("capture.too-many-at-once"));
    QCOMPARE(reading.findings[0].input, std::optional<std::uint32_t>(CaptureSet::kMaxOpen));
}

void CaptureSetTest::stopsWhileAPipeIsSilent() {
    const std::string path = m_folder.filePath("silent").toStdString();
    QCOMPARE(::mkfifo(path.c_str(), 0600), 0);
    std::atomic<bool> isDone = false;
    std::thread writer([&] {
        QFile pipe(QString::fromStdString(path));
        if (!pipe.open(QIODevice::WriteOnly)) return;
        const std::string begun = captureAt({2});
        pipe.write(begun.data(), static_cast<qsizetype>(begun.size()));
        pipe.flush();
        while (!isDone) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    });
    std::stop_source stop;
    CaptureSet set(membersOf({write("a", captureAt({1, 3})), path}), {}, stop.get_token());
    std::thread stopper([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(60));
        stop.request_stop();
    });
    const SetReading reading = readSet(set);
    isDone = true;
    stopper.join();
    writer.join();
    QCOMPARE(reading.packets, (QStringList{"0.1@1", "1.1@2"}));
    for (const SetMemberResult& result : reading.results) QCOMPARE(result.error->kind, ErrorKind::Stopped);
}

void CaptureSetTest::collectsNotesOfAll() {
    const Section section(kLittle);
    constexpr std::uint32_t kTlsKeyLog = 0x544c534b;
    const auto capture = [&](const std::string& comment, const std::string& secret, std::uint64_t ticks,
                             std::uint64_t lost) {
        return section.header({{1, comment}}) + section.interface(1) + section.secrets(kTlsKeyLog, secret) +
               section.enhanced(0, ticks, 1, "x") + section.statistics(0, {{5, section.number64(lost)}});
    };
    CaptureSet set(
        membersOf({write("a", capture("first", "one", 1000, 3)), write("b", capture("second", "two", 9000, 4))}),
        {.maxComments = 1});
    PacketBlock block;
    while (*set.read(block)) {
    }
    QCOMPARE(set.info().comments, std::vector<std::string>{"first"});
    QCOMPARE(test::plainTexts(set.info().tlsSecrets), (std::vector<std::string>{"one", "two"}));
    QCOMPARE(set.info().droppedPackets, 7U);
    QCOMPARE(set.results()[1].droppedPackets, 4U);
    QStringList found;
    for (const Finding& finding : set.takeFindings())
        found << QString::fromLatin1(finding.kind->id.data()) +
                     (finding.input ? QString::number(*finding.input) : QString());
    found.sort();
    QCOMPARE(found, (QStringList{"capture.dropped-packets0", "capture.dropped-packets1", "capture.limit-reached"}));
}

void CaptureSetTest::takesPacketsLargerThanABlock() {
    const SetReading reading =
        readSet({write("a", captureAt({1, 4, 5}, 5000)), write("b", captureAt({2, 3, 6}, 70))}, {.blockBytes = 256});
    QCOMPARE(reading.packets, (QStringList{"0.1@1", "1.1@2", "1.2@3", "0.2@4", "0.3@5", "1.3@6"}));
    QVERIFY(reading.intact);
}

QTEST_APPLESS_MAIN(CaptureSetTest)

#include "capture_set_test.moc"
