// SPDX-License-Identifier: Apache-2.0
// A played capture through helper, files and feed. No rights are needed.
#include <QTest>

#include "core/capture/capture_feed.h"
#include "core/live/capture_session.h"
#include "live_reading.h"

#include <QTemporaryDir>
#include <array>

using namespace gatescope;
using namespace gatescope::live;
using namespace gatescope::live::testing;

class LiveSessionTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void writesWhatIsPlayed();
    void feedsWhatIsPlayed();

private:
    CaptureRequest playing(const std::vector<Record>& records);
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

QTEST_APPLESS_MAIN(LiveSessionTest)
#include "live_session_test.moc"
