// SPDX-License-Identifier: Apache-2.0
// Captures of other programs, against what tshark says of them. Skipped where they are not at hand; the other tests of
// this folder cover the same ground with captures built by hand.
#include "capture_reading.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTest>

using namespace gatescope;
using namespace gatescope::capture;
using namespace gatescope::capture::testing;

class CaptureCorpusTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void agreesWithTheTruth();
};

namespace {

QString sharedFolder() {
    const QString named = qEnvironmentVariable("GATESCOPE_SHARED");
    return named.isEmpty() ? QStringLiteral(GATESCOPE_SOURCE_DIR "/../shared") : named;
}

struct Truth {
    QString format; ///< `pcapng`, `pcap-le-us`, ...
    QStringList linkTypes;
    qsizetype frames = 0;
};

/// The row `capture format linktypes frames ...`, if the file has one.
std::optional<Truth> readTruth(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) return std::nullopt;
    while (!file.atEnd()) {
        const QStringList columns = QString::fromUtf8(file.readLine()).trimmed().split('\t');
        if (columns.size() >= 4 && columns[0] == "capture")
            return Truth{columns[1], columns[2].split('|'), columns[3].toLongLong()};
    }
    return std::nullopt;
}

/// How our format starts where the truth says `pcap-le-us`, `pcapng` or `gz` (which does not tell what is inside).
QString formatOf(const QString& truth) {
    return truth == "gz" ? QStringLiteral("pcap (gzip)") : truth.section('-', 0, 0);
}

} // namespace

void CaptureCorpusTest::agreesWithTheTruth() {
    const QString corpus = sharedFolder() + "/corpus";
    if (!QDir(corpus).exists()) QSKIP("no shared corpus");
    int captures = 0;
    QDirIterator files(corpus, {"*.truth.tsv"}, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const QString truthPath = files.next();
        const auto truth = readTruth(truthPath);
        if (!truth) continue;
        const QString path = truthPath.chopped(QStringLiteral(".truth.tsv").size());
        const Reading reading = readAll(openCapture(path.toStdString()));
        QVERIFY2(reading.clean(), qPrintable(path + ": " + reading.message()));
        QVERIFY2(reading.packets.size() == truth->frames, qPrintable(path));
        const QString format = QString::fromStdString(reading.info.format);
        QVERIFY2(format.startsWith(formatOf(truth->format)), qPrintable(path + ": " + format));
        for (const QString& packet : reading.packets) {
            const QString link = packet.section(' ', 4, 4).mid(4);
            QVERIFY2(truth->linkTypes.contains(link), qPrintable(path + ": link type " + link));
        }
        ++captures;
    }
    QVERIFY(captures > 0);
    qInfo("%d captures agree", captures);
}

QTEST_APPLESS_MAIN(CaptureCorpusTest)
#include "capture_corpus_test.moc"
