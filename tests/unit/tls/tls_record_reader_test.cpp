// SPDX-License-Identifier: Apache-2.0
// Records after RFC 8446, 5.1: any split, any truncation, losses anywhere, and what is no TLS.
#include <QTest>

#include "core/tls/record_reader.h"
#include "tests/unit/tls/message_writer.h"

#include <algorithm>
#include <random>

using namespace gatescope;
using namespace gatescope::tls;
using namespace gatescope::test;

namespace {

constexpr qsizetype kHeader = 5;

QByteArray record(std::uint8_t type, const QByteArray& fragment, std::uint16_t version = 0x0303) {
    return static_cast<char>(type) + number16(version) + vector16(fragment);
}

struct Lost {
    std::uint64_t octets = 0;
    bool oneRecord = false;
    int type = 0;
    int length = 0;
    PacketRef packet = 0;
    bool operator==(const Lost&) const = default;
};

class Sink final : public RecordSink {
public:
    QByteArrayList records; ///< with their headers
    std::vector<std::pair<PacketRef, PacketRef>> places;
    std::vector<Lost> lost;
    QByteArrayList notTls;

    std::uint64_t recordOctets() const {
        std::uint64_t sum = 0;
        for (const QByteArray& one : records) sum += static_cast<std::uint64_t>(one.size());
        return sum;
    }
    std::uint64_t lostOctets() const {
        std::uint64_t sum = 0;
        for (const Lost& one : lost) sum += one.octets;
        return sum;
    }

private:
    void onRecord(const Record& seen) override {
        const QByteArray fragment(reinterpret_cast<const char*>(seen.fragment.data()),
                                  static_cast<qsizetype>(seen.fragment.size()));
        records.append(record(seen.type, fragment, seen.version));
        QCOMPARE(static_cast<qsizetype>(seen.size()), records.back().size());
        places.emplace_back(seen.first.packet, seen.last.packet);
    }
    void onLost(const LostRecords& seen) override {
        lost.push_back({seen.octets, seen.oneRecord, seen.type, seen.length, seen.place.packet});
    }
    void onNotTls(Bytes beginning, const Place&) override {
        notTls.append(
            QByteArray(reinterpret_cast<const char*>(beginning.data()), static_cast<qsizetype>(beginning.size())));
    }
};

struct Run {
    Sink sink;
    RecordReader reader;
    explicit Run(bool middle = false) : reader(sink, middle) {}
    void feed(const QByteArray& octets, PacketRef packet = 1) {
        const std::vector<std::uint8_t> bytes(octets.begin(), octets.end());
        reader.feed(bytes, {packet, static_cast<TimeNs>(packet)});
    }
    void gap(qsizetype length, PacketRef packet = 1) {
        reader.gap(static_cast<std::uint64_t>(length), {packet, static_cast<TimeNs>(packet)});
    }
};

/// Contents have no octet that begins a record.
QByteArrayList stream() {
    return {record(22, QByteArray(40, 'h'), 0x0301), record(20, QByteArray(1, '\1')),
            record(22, QByteArray(32, 'f')),         record(23, QByteArray(77, 'a')),
            record(23, QByteArray(3, 'b')),          record(21, QByteArray("\1\0", 2))};
}

/// Where the record begins or ends that has the octet.
qsizetype beginOf(qsizetype octet) {
    qsizetype begin = 0;
    for (const QByteArray& one : stream()) {
        if (octet < begin + one.size()) break;
        begin += one.size();
    }
    return begin;
}
qsizetype endOf(qsizetype octet) {
    qsizetype end = 0;
    for (const QByteArray& one : stream()) {
        end += one.size();
        if (octet < end) break;
    }
    return end;
}

/// The records that lie within [begin, end).
QByteArrayList recordsWithin(qsizetype begin, qsizetype end) {
    QByteArrayList list;
    qsizetype at = 0;
    for (const QByteArray& one : stream()) {
        if (at >= begin && at + one.size() <= end) list.append(one);
        at += one.size();
    }
    return list;
}

} // namespace

class TlsRecordReaderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void onePiece();
    void everySplit();
    void octetByOctet();
    void randomSplits();
    void everyTruncation();
    void places();
    void emptyAndLongestRecords();
    void gapBetweenRecords();
    void gapInsideARecord();
    void everyGap();
    void twoGapsInOneRecord();
    void middleOfARecord();
    void middleInSmallPieces();
    void middleAtARecord();
    void findsRecordsInSmallPieces();
    void searchIsBounded();
    void notTls_data();
    void notTls();
    void notTlsBehindRecords();
};

void TlsRecordReaderTest::onePiece() {
    Run run;
    run.feed(stream().join());
    QCOMPARE(run.sink.records, stream());
    QVERIFY(run.sink.lost.empty() && run.sink.notTls.empty());
    QCOMPARE(run.reader.unfinished(), std::size_t{0});
}

void TlsRecordReaderTest::everySplit() {
    const QByteArray octets = stream().join();
    for (qsizetype at = 0; at <= octets.size(); ++at) {
        Run run;
        run.feed(octets.first(at), 1);
        run.feed(octets.sliced(at), 2);
        QCOMPARE(run.sink.records, stream());
        QVERIFY(run.sink.lost.empty() && run.sink.notTls.empty());
    }
}

void TlsRecordReaderTest::octetByOctet() {
    Run run;
    for (const char octet : stream().join()) run.feed(QByteArray(1, octet));
    QCOMPARE(run.sink.records, stream());
}

void TlsRecordReaderTest::randomSplits() {
    std::mt19937 random(5246);
    const QByteArray octets = stream().join();
    for (int round = 0; round < 500; ++round) {
        Run run;
        for (qsizetype at = 0; at < octets.size();) {
            const auto size = std::min<qsizetype>(octets.size() - at, static_cast<qsizetype>(random() % 60));
            run.feed(octets.sliced(at, size));
            at += size;
        }
        QCOMPARE(run.sink.records, stream());
    }
}

void TlsRecordReaderTest::everyTruncation() {
    const QByteArray octets = stream().join();
    for (qsizetype size = 0; size < octets.size(); ++size) {
        Run run;
        run.feed(octets.first(size));
        QCOMPARE(run.sink.records, recordsWithin(0, size));
        QCOMPARE(static_cast<qsizetype>(run.reader.unfinished()), size - beginOf(size));
        QVERIFY(run.sink.lost.empty() && run.sink.notTls.empty());
    }
}

void TlsRecordReaderTest::places() {
    Run run;
    const QByteArray one = record(23, QByteArray(10, 'a'));
    run.feed(one + one.first(3), 4);
    run.feed(one.sliced(3, 5), 5);
    run.feed(one.sliced(8), 6);
    run.feed(one, 7);
    QCOMPARE(run.sink.places, (std::vector<std::pair<PacketRef, PacketRef>>{{4, 4}, {4, 6}, {7, 7}}));
}

void TlsRecordReaderTest::emptyAndLongestRecords() {
    // RFC 5246, 6.2.1: application data may be empty. 6.2.3: at most 2^14 + 2048 octets.
    const QByteArray longest = record(23, QByteArray((1 << 14) + 2048, 'x'));
    Run run;
    run.feed(record(23, {}) + longest + record(23, {}));
    QCOMPARE(run.sink.records, (QByteArrayList{record(23, {}), longest, record(23, {})}));
    run.feed(record(23, QByteArray((1 << 14) + 2049, 'x')));
    QCOMPARE(run.sink.notTls.size(), qsizetype{1});
}

void TlsRecordReaderTest::gapBetweenRecords() {
    const QByteArrayList list = stream();
    for (qsizetype missing = 0; missing < list.size(); ++missing) {
        Run run;
        run.feed(list.first(missing).join(), 1);
        run.gap(list[missing].size(), 2);
        run.feed(list.sliced(missing + 1).join(), 3);
        QByteArrayList expected = list;
        expected.removeAt(missing);
        QCOMPARE(run.sink.records, expected);
        if (missing + 1 == list.size()) continue; // nothing behind it says that it is over
        QCOMPARE(run.sink.lost,
                 (std::vector<Lost>{{static_cast<std::uint64_t>(list[missing].size()), false, 0, 0, 2}}));
    }
}

void TlsRecordReaderTest::gapInsideARecord() {
    // Its header was captured: what follows is in step at once, however it is cut.
    const QByteArray broken = record(23, QByteArray(20, 'a'));
    const QByteArray next = record(23, QByteArray(9, '\x17'));
    for (qsizetype begin = kHeader; begin < broken.size(); ++begin) {
        for (qsizetype end = begin + 1; end <= broken.size(); ++end) {
            Run run;
            run.feed(broken.first(begin), 1);
            run.gap(end - begin, 2);
            for (const char octet : broken.sliced(end) + next) run.feed(QByteArray(1, octet), 3);
            QCOMPARE(run.sink.records, QByteArrayList{next});
            QCOMPARE(run.sink.lost, (std::vector<Lost>{{static_cast<std::uint64_t>(broken.size()), true, 23, 20, 2}}));
        }
    }
}

void TlsRecordReaderTest::everyGap() {
    const QByteArray octets = stream().join();
    for (qsizetype begin = 0; begin < octets.size(); ++begin) {
        for (qsizetype end = begin + 1; end <= octets.size(); ++end) {
            Run run;
            run.feed(octets.first(begin), 1);
            run.gap(end - begin, 2);
            run.feed(octets.sliced(end), 3);
            // Whole on either side of the hole: each of them, and nothing else.
            QCOMPARE(run.sink.records, recordsWithin(0, begin) + recordsWithin(end, octets.size()));
            QVERIFY(run.sink.notTls.empty());
            // Unless the hole reaches into the last record, every octet is accounted for.
            if (endOf(end - 1) < octets.size())
                QCOMPARE(run.sink.recordOctets() + run.sink.lostOctets(), static_cast<std::uint64_t>(octets.size()));
        }
    }
}

void TlsRecordReaderTest::twoGapsInOneRecord() {
    const QByteArray broken = record(23, QByteArray(50, 'a'));
    const QByteArray next = record(23, QByteArray(9, 'b'));
    Run run;
    run.feed(broken.first(10), 1);
    run.gap(10, 2);
    run.feed(broken.sliced(20, 10), 3);
    run.gap(25, 4); // to its end
    run.feed(next, 5);
    QCOMPARE(run.sink.records, QByteArrayList{next});
    QCOMPARE(run.sink.lost, (std::vector<Lost>{{55, true, 23, 50, 2}}));

    // The second reaches into the next record, whose header is lost with it.
    Run other;
    other.feed(broken.first(10), 1);
    other.gap(10, 2);
    other.gap(37, 3);
    other.feed(next.sliced(2) + next + next, 4);
    QCOMPARE(other.sink.records, (QByteArrayList{next, next}));
    QCOMPARE(other.sink.lost, (std::vector<Lost>{{55, true, 23, 50, 2}, {14, false, 0, 0, 3}}));
}

void TlsRecordReaderTest::middleOfARecord() {
    const QByteArray octets = stream().join();
    for (qsizetype begin = 0; begin < octets.size(); ++begin) {
        Run run(true);
        run.feed(octets.sliced(begin), 1);
        QCOMPARE(run.sink.records, recordsWithin(begin, octets.size()));
        QVERIFY(run.sink.notTls.empty());
    }
}

void TlsRecordReaderTest::middleInSmallPieces() {
    // What came before the first record is one loss, at the place of its first octet.
    Run run(true);
    for (PacketRef packet = 1; packet <= 9; ++packet) run.feed(QByteArray(10, 'x'), packet);
    run.feed(stream().join(), 10);
    QCOMPARE(run.sink.records, stream());
    QCOMPARE(run.sink.lost, (std::vector<Lost>{{90, false, 0, 0, 1}}));
}

void TlsRecordReaderTest::middleAtARecord() {
    // A record that begins and ends with the piece is one; before it nothing was lost.
    Run run(true);
    run.feed(record(23, QByteArray(30, 'a')), 1);
    QCOMPARE(run.sink.records.size(), qsizetype{1});
    QVERIFY(run.sink.lost.empty());
}

void TlsRecordReaderTest::findsRecordsInSmallPieces() {
    const QByteArrayList list = stream();
    for (qsizetype piece = 1; piece < 60; ++piece) {
        Run run;
        run.feed(list[0], 1);
        run.gap(list[1].size() + 10, 2);
        const QByteArray rest = list.sliced(2).join().sliced(10);
        for (qsizetype at = 0; at < rest.size(); at += piece)
            run.feed(rest.sliced(at, std::min(piece, rest.size() - at)), 3);
        QCOMPARE(run.sink.records, list.first(1) + list.sliced(3));
        QCOMPARE(run.sink.recordOctets() + run.sink.lostOctets(), static_cast<std::uint64_t>(list.join().size()));
    }
}

void TlsRecordReaderTest::searchIsBounded() {
    // Octets that are no records for ever: they are passed over, and a record behind them is found.
    Run run;
    run.gap(1, 1);
    for (int i = 0; i < 1'000; ++i) run.feed(QByteArray(1'400, '\0'), 2);
    // Each of these may be a header that says a long record follows.
    for (int i = 0; i < 100; ++i) run.feed(QByteArray::fromHex("1703034000").repeated(280), 3);
    const QByteArrayList list = stream();
    run.feed(QByteArray(2 * ((1 << 14) + 2053), '\0') + list.join(), 4);
    QCOMPARE(run.sink.records.last(list.size()), list);
}

void TlsRecordReaderTest::notTls_data() {
    QTest::addColumn<QByteArray>("octets");
    QTest::newRow("HTTP") << QByteArray("GET / HTTP/1.1\r\n\r\n");
    QTest::newRow("type 19") << QByteArray::fromHex("1303030001 00");
    QTest::newRow("type 25") << QByteArray::fromHex("1903030001 00");
    QTest::newRow("version 2") << QByteArray::fromHex("1602030001 00");
    QTest::newRow("version 3.5") << QByteArray::fromHex("1603050001 00");
    QTest::newRow("too long") << QByteArray::fromHex("1603034801 00"); // 2^14 + 2049
}

void TlsRecordReaderTest::notTls() {
    QFETCH(QByteArray, octets);
    Run run;
    run.feed(octets, 1);
    QCOMPARE(run.sink.notTls, QByteArrayList{octets});
    run.feed(stream().join(), 2); // nothing more is told
    run.gap(5, 3);
    run.feed(stream().join(), 4);
    QVERIFY(run.sink.records.empty() && run.sink.lost.empty());
    QCOMPARE(run.sink.notTls.size(), qsizetype{1});

    // Whatever the split, it is found, and what was held is given.
    for (qsizetype at = 1; at < octets.size(); ++at) {
        Run split;
        split.feed(octets.first(at), 1);
        split.feed(octets.sliced(at), 2);
        QCOMPARE(split.sink.notTls.size(), qsizetype{1});
        QVERIFY(octets.startsWith(split.sink.notTls[0]));
        QVERIFY(split.sink.records.empty());
    }
}

void TlsRecordReaderTest::notTlsBehindRecords() {
    Run run;
    run.feed(stream().join() + "HTTP/1.1 200 OK\r\n", 1);
    QCOMPARE(run.sink.records, stream());
    QCOMPARE(run.sink.notTls, QByteArrayList{"HTTP/1.1 200 OK\r\n"});
}

QTEST_APPLESS_MAIN(TlsRecordReaderTest)
#include "tls_record_reader_test.moc"
