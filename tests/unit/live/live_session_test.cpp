// SPDX-License-Identifier: Apache-2.0
// A played capture through helper, files and feed. No rights are needed.
#include <QTest>

#include "core/capture/capture_feed.h"
#include "core/live/capture_session.h"
#include "live_reading.h"

#include <QElapsedTimer>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QVariantMap>
#include <algorithm>
#include <array>
#include <atomic>
#include <sys/resource.h>

using namespace gatescope;
using namespace gatescope::live;
using namespace gatescope::live::testing;

class LiveSessionTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void writesWhatIsPlayed();
    void feedsWhatIsPlayed();
    void cutsAtTheSnapLength();
    void filters();
    void rotates_data();
    void rotates();
    void stops_data();
    void stops();
    void rotatesByTime();
    void stopsWhenAsked();
    void overwritesAPlainFileOnly();
    void tellsWhatItCannotDo();
    void survivesAFullDisk();
    void tellsWhatTheRingOvertook();

private:
    CaptureRequest playing(const std::vector<Record>& records);
    QVariantMap run(const CaptureRequest& request, const char* name);
    QString in(const char* name) const { return m_folder.filePath(QString::fromUtf8(name)); }

    QTemporaryDir m_folder;
};

namespace {

QByteArray readFeed(CaptureSession& session) {
    QByteArray all;
    while (auto fed = session.feed().next({}).value_or(std::nullopt)) {
        std::array<std::uint8_t, 10'000> piece{};
        for (;;) {
            const std::size_t got = fed->bytes->read(piece.data(), piece.size());
            if (got == 0 && !fed->bytes->idle()) break;
            all.append(reinterpret_cast<const char*>(piece.data()), static_cast<qsizetype>(got));
        }
    }
    return all;
}

} // namespace

void LiveSessionTest::initTestCase() {
    QVERIFY(m_folder.isValid());
    QVERIFY2(helperPath().has_value(), "the helper was not built");
}

CaptureRequest LiveSessionTest::playing(const std::vector<Record>& records) {
    QFile file(in("played.pcap"));
    if (file.open(QIODevice::WriteOnly)) file.write(pcapFile(records));
    CaptureRequest request;
    request.playedFile = file.fileName().toStdString();
    return request;
}

/// To its end, into one file.
QVariantMap LiveSessionTest::run(const CaptureRequest& request, const char* name) {
    RingOptions ring;
    ring.path = in(name).toStdString();
    ring.fileBytes = 0;
    auto session = CaptureSession::start(request, ring);
    if (!session) return {{"error", QString::fromStdString(session.error().message)}};
    (*session)->waitUntilEnded();
    const CaptureStatus status = (*session)->status();
    QStringList findings;
    for (const Finding& one : (*session)->feed().takeFindings())
        findings << QString::fromUtf8(one.kind->id.data(), static_cast<qsizetype>(one.kind->id.size()));
    return {{"file", in(name)},
            {"error", QString::fromStdString(status.error ? status.error->message : "")},
            {"packets", static_cast<qulonglong>(status.counts.packets)},
            {"ownDropped", static_cast<qulonglong>(status.counts.ownDropped)},
            {"trimmed", static_cast<qulonglong>(status.counts.trimmedBytes)},
            {"findings", findings}};
}

void LiveSessionTest::writesWhatIsPlayed() {
    const std::vector<Record> records = someRecords(1000);
    RingOptions ring;
    ring.path = in("out.pcapng").toStdString();
    ring.fileBytes = 0;
    auto session = CaptureSession::start(playing(records), ring);
    QVERIFY2(session.has_value(), session ? "" : session.error().message.c_str());
    (*session)->waitUntilEnded();
    const CaptureStatus status = (*session)->status();
    QCOMPARE(QString::fromStdString(status.error ? status.error->message : ""), QString());
    QCOMPARE(QString::fromStdString(status.endedBecause), QStringLiteral("the capture was played to its end"));
    QCOMPARE(status.counts.packets, 1000U);
    QCOMPARE(QString::fromStdString(status.files.at(0)), in("out.pcapng"));
    const QByteArray file = contentOf(in("out.pcapng"));
    QCOMPARE(status.counts.bytes, static_cast<std::uint64_t>(file.size()));
    const auto written = readPcapng(file);
    QVERIFY(written.has_value());
    QVERIFY(*written == records);
    if (const auto count = packetsByCapinfos(in("out.pcapng"))) QCOMPARE(*count, 1000);
}

void LiveSessionTest::feedsWhatIsPlayed() {
    const std::vector<Record> records = someRecords(1000, 2);
    auto session = CaptureSession::start(playing(records), {});
    QVERIFY2(session.has_value(), session ? "" : session.error().message.c_str());
    const auto fed = readPcapng(readFeed(**session));
    QVERIFY(fed.has_value());
    QVERIFY(*fed == records);
    const QString own = QFileInfo(QString::fromStdString((*session)->status().files.at(0))).path();
    QCOMPARE(static_cast<int>(QFileInfo(own).permissions() & QFile::Permissions(0x077)), 0);
    session->reset();
    QVERIFY(!QFileInfo::exists(own));
}

void LiveSessionTest::cutsAtTheSnapLength() {
    const std::vector<Record> records = someRecords(100, 3);
    CaptureRequest request = playing(records);
    request.snapLength = 60;
    std::vector<Record> expected = records;
    for (Record& one : expected) one.bytes = one.bytes.left(60);
    QVERIFY(*readPcapng(contentOf(run(request, "snap.pcapng").value("file").toString())) == expected);
}

void LiveSessionTest::filters() {
    const std::vector<Record> records = someRecords(200, 4);
    CaptureRequest request = playing(records);
    request.filter = "greater 700";
    std::vector<Record> expected;
    for (const Record& one : records)
        if (one.wireLength >= 700) expected.push_back(one);
    QVERIFY(!expected.empty() && expected.size() < records.size());
    QVERIFY(*readPcapng(contentOf(run(request, "filtered.pcapng").value("file").toString())) == expected);
}

void LiveSessionTest::rotates_data() {
    QTest::addColumn<int>("bytes");
    QTest::addColumn<int>("packets");
    QTest::addColumn<int>("kept");
    QTest::newRow("by size") << 50'000 << 0 << 0;
    QTest::newRow("by count") << 0 << 100 << 0;
    QTest::newRow("by both, three kept") << 60'000 << 70 << 3;
}

void LiveSessionTest::rotates() {
    QFETCH(int, bytes);
    QFETCH(int, packets);
    QFETCH(int, kept);
    QTemporaryDir folder;
    const std::vector<Record> records = someRecords(1000, 5);
    RingOptions ring;
    ring.path = folder.filePath("ring.cap").toStdString();
    ring.fileBytes = static_cast<std::uint64_t>(bytes);
    ring.filePackets = static_cast<std::uint64_t>(packets);
    ring.files = static_cast<std::uint32_t>(kept);
    auto session = CaptureSession::start(playing(records), ring);
    QVERIFY2(session.has_value(), session ? "" : session.error().message.c_str());
    (*session)->waitUntilEnded();
    const CaptureStatus status = (*session)->status();
    session->reset();

    const QStringList names = QDir(folder.path()).entryList(QDir::Files, QDir::Name);
    QCOMPARE(static_cast<std::size_t>(names.size()), status.files.size());
    QVERIFY(names.size() > 1);
    if (kept != 0) QCOMPARE(names.size(), kept);
    std::vector<Record> written;
    for (const QString& name : names) {
        QVERIFY(QRegularExpression("^ring_[0-9]{5}_[0-9]{8}T[0-9]{6}\\.cap$").match(name).hasMatch());
        const QByteArray file = contentOf(folder.filePath(name));
        const auto part = readPcapng(file);
        QVERIFY(part.has_value());
        const bool isLast = name == names.last();
        // A packet more than the limit, and the statistics.
        if (bytes != 0) QVERIFY(file.size() < bytes + 1500 + 200);
        if (packets != 0) QVERIFY(static_cast<int>(part->size()) <= packets);
        if (packets != 0 && bytes == 0 && !isLast) QCOMPARE(static_cast<int>(part->size()), packets);
        written.insert(written.end(), part->begin(), part->end());
        QCOMPARE(static_cast<int>(QFileInfo(folder.filePath(name)).permissions() & QFile::Permissions(0x077)), 0);
    }
    QCOMPARE(kept != 0, written.size() < records.size());
    QVERIFY(std::equal(written.rbegin(), written.rend(), records.rbegin())); // the newest, without a gap
    QCOMPARE(status.counts.packets, records.size());
}

void LiveSessionTest::stops_data() {
    QTest::addColumn<int>("packets");
    QTest::addColumn<int>("bytes");
    QTest::addColumn<int>("files");
    QTest::addColumn<QString>("because");
    QTest::newRow("packets") << 321 << 0 << 0 << "321 packets are captured";
    QTest::newRow("bytes") << 0 << 100'000 << 0 << "100000 octets are written";
    QTest::newRow("files") << 0 << 0 << 3 << "3 files are full";
}

void LiveSessionTest::stops() {
    QFETCH(int, packets);
    QFETCH(int, bytes);
    QFETCH(int, files);
    QFETCH(QString, because);
    QTemporaryDir folder;
    RingOptions ring;
    ring.path = folder.filePath("stop.pcapng").toStdString();
    ring.fileBytes = 0;
    ring.filePackets = files != 0 ? 50 : 0;
    StopConditions stop;
    stop.packets = static_cast<std::uint64_t>(packets);
    stop.bytes = static_cast<std::uint64_t>(bytes);
    stop.files = static_cast<std::uint32_t>(files);
    auto session = CaptureSession::start(playing(someRecords(5000, 6)), ring, stop);
    QVERIFY2(session.has_value(), session ? "" : session.error().message.c_str());
    (*session)->waitUntilEnded();
    const CaptureStatus status = (*session)->status();
    QVERIFY(!status.error);
    QCOMPARE(QString::fromStdString(status.endedBecause), because);
    if (packets != 0) QCOMPARE(status.counts.packets, static_cast<std::uint64_t>(packets));
    if (files != 0) QCOMPARE(status.counts.packets, static_cast<std::uint64_t>(50 * files));
    if (files != 0) QCOMPARE(status.files.size(), static_cast<std::size_t>(files));
    if (bytes != 0) QVERIFY(status.counts.bytes >= static_cast<std::uint64_t>(bytes) && status.counts.packets < 5000);
}

void LiveSessionTest::rotatesByTime() {
    std::vector<Record> records;
    for (int i = 0; i < 50; ++i) // 2.5 s of them
        records.push_back({1'700'000'000'000'000'000 + i * 50'000'000LL, 20, QByteArray(20, '\7')});
    QTemporaryDir folder;
    CaptureRequest request = playing(records);
    request.playInTime = true;
    RingOptions ring;
    ring.path = folder.filePath("time").toStdString();
    ring.fileBytes = 0;
    ring.fileTime = 1'000'000'000;
    QElapsedTimer timer;
    timer.start();
    auto session = CaptureSession::start(request, ring);
    QVERIFY2(session.has_value(), session ? "" : session.error().message.c_str());
    (*session)->waitUntilEnded();
    QVERIFY(timer.elapsed() >= 2400 && timer.elapsed() < 5000);
    const CaptureStatus status = (*session)->status();
    QCOMPARE(status.files.size(), 3U);
    std::vector<Record> written;
    for (const std::string& name : status.files) {
        const auto part = readPcapng(contentOf(QString::fromStdString(name)));
        QVERIFY(part && !part->empty());
        written.insert(written.end(), part->begin(), part->end());
    }
    QVERIFY(written == records);
}

void LiveSessionTest::stopsWhenAsked() {
    std::vector<Record> records = someRecords(3, 7);
    records[2].time += 3'600'000'000'000; // an hour later
    CaptureRequest request = playing(records);
    request.playInTime = true;
    RingOptions ring;
    ring.path = in("asked.pcapng").toStdString();
    ring.fileBytes = 0;
    std::atomic<int> told = 0;
    auto session = CaptureSession::start(request, ring, {}, [&] { ++told; });
    QVERIFY2(session.has_value(), session ? "" : session.error().message.c_str());
    QTRY_COMPARE((*session)->status().counts.packets, 2U);
    // Flushed although it goes on.
    QCOMPARE(readPcapng(contentOf(in("asked.pcapng"))).value_or(std::vector<Record>()).size(), 2U);
    QVERIFY((*session)->status().state == CaptureState::Running);
    QVERIFY((*session)->status().helperProcess > 0);
    (*session)->stop();
    (*session)->waitUntilEnded();
    const CaptureStatus status = (*session)->status();
    QVERIFY(!status.error);
    QCOMPARE(QString::fromStdString(status.endedBecause), QStringLiteral("stopped"));
    QCOMPARE(status.helperProcess, 0);
    QVERIFY(told > 0);
    QVERIFY(QFileInfo::exists(in("asked.pcapng")));
}

void LiveSessionTest::overwritesAPlainFileOnly() {
    QFile old(in("old.pcapng"));
    QVERIFY(old.open(QIODevice::WriteOnly));
    old.write(QByteArray(1'000'000, 'x'));
    old.close();
    const QVariantMap done = run(playing(someRecords(5, 8)), "old.pcapng");
    QCOMPARE(done.value("packets").toInt(), 5);
    QVERIFY(readPcapng(contentOf(in("old.pcapng"))).has_value());
    for (const QString& place : {m_folder.path(), in("missing/x.pcapng"), QStringLiteral("/dev/full")}) {
        RingOptions ring;
        ring.path = place.toStdString();
        ring.fileBytes = 0;
        const auto session = CaptureSession::start(playing(someRecords(5, 8)), ring);
        QVERIFY2(!session.has_value(), qPrintable(place));
        QVERIFY(session.error().kind == ErrorKind::CannotOpen);
        QVERIFY(session.error().message.find(place.toStdString()) != std::string::npos);
    }
}

void LiveSessionTest::tellsWhatItCannotDo() {
    QFile kept(in("kept.pcapng"));
    QVERIFY(kept.open(QIODevice::WriteOnly));
    kept.write("somebody's");
    kept.close();
    const auto errorOf = [](const CaptureRequest& request) {
        const auto session = CaptureSession::start(request, {});
        return session ? Error{ErrorKind::Stopped, "it started"} : session.error();
    };
    CaptureRequest request = playing(someRecords(5, 9));
    request.filter = "tcp and and udp";
    QCOMPARE(errorOf(request).kind, ErrorKind::Usage);
    QVERIFY(errorOf(request).message.find("column 9") != std::string::npos);
    request.filter.clear();
    request.interfaces = {"lo"};
    QCOMPARE(errorOf(request).kind, ErrorKind::Usage);
    request = {};
    request.playedFile = in("missing.pcap").toStdString();
    QCOMPARE(errorOf(request).kind, ErrorKind::CannotOpen);
    QFile noise(in("noise.pcap"));
    QVERIFY(noise.open(QIODevice::WriteOnly));
    noise.write("this is no capture, whatever its name may say");
    noise.close();
    request.playedFile = noise.fileName().toStdString();
    RingOptions ring;
    ring.path = in("kept.pcapng").toStdString();
    ring.fileBytes = 0;
    QVERIFY(!CaptureSession::start(request, ring).has_value());
    QCOMPARE(contentOf(in("kept.pcapng")), QByteArray("somebody's"));
    QCOMPARE(errorOf(request).kind, ErrorKind::CannotOpen);
}

/// A limit on the size of files stands in for the disk: the helper gets the same failing write.
void LiveSessionTest::survivesAFullDisk() {
    const std::vector<Record> records = someRecords(5000, 10);
    const CaptureRequest request = playing(records);
    rlimit before{};
    QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit small{1'000'001, before.rlim_max};
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const QVariantMap done = run(request, "full.pcapng");
    ::setrlimit(RLIMIT_FSIZE, &before);
    QVERIFY(done.value("error").toString().contains("cannot be written"));
    const QByteArray file = contentOf(in("full.pcapng"));
    QVERIFY(file.size() > 1'000'001 - 1500 && file.size() <= 1'000'001);
    const auto written = readPcapng(file);
    QVERIFY(written.has_value());
    QVERIFY(std::equal(written->begin(), written->end(), records.begin()));
    QCOMPARE(done.value("packets").toULongLong(), static_cast<qulonglong>(written->size()));
    QVERIFY(done.value("ownDropped").toInt() > 0);
    QVERIFY(done.value("findings").toStringList().contains("live.own-dropped"));
    QVERIFY(done.value("findings").toStringList().contains("live.ended-early"));
}

void LiveSessionTest::tellsWhatTheRingOvertook() {
    QTemporaryDir folder;
    const std::vector<Record> records = someRecords(950, 11);
    RingOptions ring;
    ring.path = folder.filePath("ring").toStdString();
    ring.fileBytes = 0;
    ring.filePackets = 100;
    ring.files = 2;
    auto session = CaptureSession::start(playing(records), ring);
    QVERIFY2(session.has_value(), session ? "" : session.error().message.c_str());
    auto first = (*session)->feed().next({}).value_or(std::nullopt); // begun to be read, and then slow
    QVERIFY(first.has_value());
    (*session)->waitUntilEnded();
    std::array<std::uint8_t, 100> piece{};
    QCOMPARE(first->bytes->read(piece.data(), piece.size()), 0U);
    QVERIFY(!first->bytes->idle());
    const std::uint64_t behind = (*session)->feed().behindBytes();
    const QByteArray rest = readFeed(**session);
    QCOMPARE(behind, static_cast<std::uint64_t>(rest.size()));
    QCOMPARE((*session)->feed().behindBytes(), 0U);
    const auto written = readPcapng(rest);
    QVERIFY(written.has_value());
    QCOMPARE(written->size(), 150U);
    QVERIFY(std::equal(written->rbegin(), written->rend(), records.rbegin()));
    const auto findings = (*session)->feed().takeFindings();
    QCOMPARE(std::ranges::count(findings, std::string_view("live.ring-overtook-reading"),
                                [](const Finding& one) { return one.kind->id; }),
             8);
}

QTEST_APPLESS_MAIN(LiveSessionTest)
#include "live_session_test.moc"
