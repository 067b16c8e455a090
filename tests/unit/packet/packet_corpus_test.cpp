// SPDX-License-Identifier: Apache-2.0
// Real captures: as many TCP connections as tshark counts (`capture` rows of the truth files).
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "core/capture/capture_file.h"
#include "core/packet/packet_decoder.h"

#include <QDirIterator>
#include <QFile>
#include <map>
#include <set>

using namespace gatescope;

namespace {

/// Captures in which the number of pairs of ends is another one, and why.
const std::map<QString, int>& knownDifferences() {
    static const std::map<QString, int> kAll{
        // BIG TCP: the length fields of outer IP and UDP are 0, at which tshark gives up.
        {"tcpdump/bigtcp-ipv4-vxlan-ipv4.pcap", 1},
        // One port is used twice: two connections of one pair of ends.
        {"arkime/tcp-reassembly-synthetic.pcap", 10},
    };
    return kAll;
}

} // namespace

class PacketCorpusTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void connections_data();
    void connections();
};

void PacketCorpusTest::connections_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<int>("expected");
    QString shared = qEnvironmentVariable("GATESCOPE_SHARED");
    if (shared.isEmpty()) shared = QStringLiteral(GATESCOPE_SOURCE_DIR "/../shared");
    QDirIterator files(shared + "/corpus", {"*.truth.tsv"}, QDir::Files, QDirIterator::Subdirectories);
    int rows = 0;
    while (files.hasNext()) {
        QFile file(files.next());
        if (!file.open(QIODevice::ReadOnly)) continue;
        const QList<QByteArray> columns = file.readLine().trimmed().split('\t');
        if (columns.size() < 6 || columns[0] != "capture") continue;
        const QString path = file.fileName().chopped(10);
        const QString name = path.mid(shared.size() + 8);
        const auto known = knownDifferences().find(name);
        const int expected = known == knownDifferences().end() ? columns[4].toInt() : known->second;
        QTest::newRow(qPrintable(name)) << path << expected;
        ++rows;
    }
    if (rows == 0) QTest::newRow("none") << QString() << 0;
}

void PacketCorpusTest::connections() {
    QFETCH(QString, path);
    QFETCH(int, expected);
    if (path.isEmpty()) QSKIP("the corpus is not here");
    auto opened = capture::openCapture(path.toStdString());
    QVERIFY2(opened, opened ? "" : opened.error().message.c_str());
    packet::PacketDecoder decoder;
    capture::PacketBlock block;
    packet::KeptBytes kept;
    packet::TcpSegment segment;
    std::set<std::pair<Endpoint, Endpoint>> pairs;
    while (true) {
        const auto more = (*opened)->read(block);
        if (!more || !*more) break;
        for (const capture::Packet& packet : block.packets)
            if (decoder.decode(packet, segment, kept) == packet::PacketDecoder::Outcome::Tcp)
                pairs.insert(std::minmax(segment.source, segment.destination));
    }
    QCOMPARE(static_cast<int>(pairs.size()), expected);
}

QTEST_APPLESS_MAIN(PacketCorpusTest)
#include "packet_corpus_test.moc"
