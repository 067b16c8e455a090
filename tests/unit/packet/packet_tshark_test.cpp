// SPDX-License-Identifier: Apache-2.0
// Captures with tunnels and rare link types: the same TCP packets with the same innermost ends as tshark sees.
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "core/capture/capture_file.h"
#include "core/packet/packet_decoder.h"

#include <QDirIterator>
#include <QProcess>
#include <QStandardPaths>
#include <map>
#include <set>

using namespace gatescope;

namespace {

using Flow = std::pair<QByteArray, QByteArray>;

/// What one program sees in one capture.
struct Seen {
    std::set<qulonglong> packets; ///< those with TCP
    std::set<Flow> flows;
};

QString shared() {
    const QString given = qEnvironmentVariable("GATESCOPE_SHARED");
    return given.isEmpty() ? QStringLiteral(GATESCOPE_SOURCE_DIR "/../shared") : given;
}

/// Where tshark sees something else, and why that is not wrong here.
const std::map<QString, const char*>& knownDifferences() {
    static const std::map<QString, const char*> kAll{
        {"tcpdump/bigtcp-ipv4-vxlan-ipv4.pcap",
         "the length fields of outer IP and UDP are 0, at which tshark gives up"},
    };
    return kAll;
}

Seen seenHere(const QString& path) {
    Seen seen;
    auto opened = capture::openCapture(path.toStdString());
    if (!opened) return seen;
    packet::PacketDecoder decoder;
    capture::PacketBlock block;
    packet::KeptBytes kept;
    packet::TcpSegment segment;
    while (true) {
        const auto more = (*opened)->read(block);
        if (!more || !*more) break;
        for (const capture::Packet& packet : block.packets) {
            if (decoder.decode(packet, segment, kept) != packet::Outcome::Tcp) continue;
            seen.packets.insert(packet.number);
            seen.flows.emplace(QByteArray::fromStdString(segment.source.toString()),
                               QByteArray::fromStdString(segment.destination.toString()));
        }
    }
    return seen;
}

QByteArray endpoint(const QByteArray& address, const QByteArray& port) {
    const auto parsed = IpAddress::parse(address.toStdString());
    if (!parsed) return {};
    return QByteArray::fromStdString(Endpoint{*parsed, port.toUShort()}.toString());
}

/// The last header's fields of each packet that carries TCP, but for headers quoted in ICMP messages.
Seen seenByTshark(const QString& tshark, const QString& path) {
    Seen seen;
    QProcess run;
    run.start(tshark, {"-r", path,           "-Y", "tcp && !icmp && !icmpv6",
                       "-T", "fields",       "-E", "occurrence=l",
                       "-e", "frame.number", "-e", "frame.protocols",
                       "-e", "ip.src",       "-e", "ip.dst",
                       "-e", "ipv6.src",     "-e", "ipv6.dst",
                       "-e", "tcp.srcport",  "-e", "tcp.dstport"});
    run.waitForFinished(60'000);
    for (const QByteArray& line : run.readAllStandardOutput().split('\n')) {
        const QList<QByteArray> columns = line.split('\t');
        if (columns.size() < 8) continue;
        const QByteArray protocols = ':' + columns[1] + ':';
        const bool isV6 = protocols.lastIndexOf(":ipv6:") > protocols.lastIndexOf(":ip:");
        seen.packets.insert(columns[0].toULongLong());
        seen.flows.emplace(endpoint(columns[isV6 ? 4 : 2], columns[6]), endpoint(columns[isV6 ? 5 : 3], columns[7]));
    }
    return seen;
}

} // namespace

class PacketTsharkTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void samePackets_data();
    void samePackets();
};

void PacketTsharkTest::samePackets_data() {
    QTest::addColumn<QString>("path");
    const QString corpus = shared() + "/corpus/";
    // Everything else is plain Ethernet, of which packet_corpus_test compares the connections.
    const QStringList folders = qEnvironmentVariableIsSet("GATESCOPE_ALL_CAPTURES")
                                    ? QStringList{""}
                                    : QStringList{"arkime", "tcpdump", "scapy", "ja4", "PcapPlusPlus", "zeek/tunnels"};
    QStringList paths;
    for (const QString& folder : folders) {
        QDirIterator files(corpus + folder, {"*.pcap", "*.pcapng", "*.cap"}, QDir::Files, QDirIterator::Subdirectories);
        while (files.hasNext()) paths << files.next();
    }
    for (const char* one : {"zeek/erspanII.pcap", "zeek/nflog-http.pcap"})
        if (const QString path = corpus + one; QFile::exists(path) && !paths.contains(path)) paths << path;
    for (const QString& path : paths) QTest::newRow(qPrintable(path.mid(corpus.size()))) << path;
    if (paths.isEmpty()) QTest::newRow("none") << QString();
}

void PacketTsharkTest::samePackets() {
    QFETCH(QString, path);
    if (path.isEmpty()) QSKIP("the corpus is not here");
    const QString tshark = QStandardPaths::findExecutable("tshark");
    if (tshark.isEmpty()) QSKIP("tshark is not here");
    if (const auto known = knownDifferences().find(path.mid(shared().size() + 8)); known != knownDifferences().end())
        QSKIP(known->second);
    const Seen here = seenHere(path);
    const Seen there = seenByTshark(tshark, path);
    const auto only = [](const auto& a, const auto& b) {
        QStringList texts;
        for (const auto& one : a)
            if (!b.contains(one)) texts << QDebug::toString(one);
        return texts.mid(0, 5).join(' ');
    };
    QCOMPARE("only here: " + only(here.flows, there.flows) + "; only tshark: " + only(there.flows, here.flows),
             QString("only here: ; only tshark: "));
    QCOMPARE("only here: " + only(here.packets, there.packets) + "; only tshark: " + only(there.packets, here.packets),
             QString("only here: ; only tshark: "));
}

QTEST_APPLESS_MAIN(PacketTsharkTest)
#include "packet_tshark_test.moc"
