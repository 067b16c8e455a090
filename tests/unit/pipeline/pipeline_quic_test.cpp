// SPDX-License-Identifier: Apache-2.0
// The table of QUIC connections: datagrams sealed by OpenSSL after RFC 9000 and RFC 9001, and captures of other people
// held against what tshark and Zeek say of them.
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "core/capture/capture_file.h"
#include "core/packet/packet_decoder.h"
#include "core/pipeline/quic_flows.h"
#include "core/pipeline/worker.h"
#include "core/tls/quic_initial.h"
#include "tests/support/capture_builder.h"
#include "tests/support/corpus.h"
#include "tests/unit/tls/message_writer.h"
#include "tests/unit/tls/quic_sealer.h"

#include <QFile>
#include <QMap>

using namespace gatescope;
using namespace gatescope::test;
using pipeline::QuicFlows;

namespace {

constexpr TimeNs kSecond = 1'000'000'000;

struct Ended {
    analysis::FlowRecord flow;
    analysis::TlsRecord session;
};

class Told final : public pipeline::QuicFlowListener {
public:
    std::vector<Ended> ended;
    std::vector<Finding> findings;

    void onQuicFlow(analysis::FlowRecord&& flow, analysis::TlsRecord&& session) override {
        ended.push_back({std::move(flow), std::move(session)});
    }
    void onQuicFinding(Finding&& finding) override { findings.push_back(std::move(finding)); }
};

/// Datagrams between a client and a server, one after the other.
class Datagrams {
public:
    explicit Datagrams(QuicFlows& flows) : m_flows(flows) {}

    Datagrams& send(const char* from, const char* to, const QByteArray& payload) {
        packet::TcpSegment segment;
        segment.source = *Endpoint::parse(from);
        segment.destination = *Endpoint::parse(to);
        segment.payload = {reinterpret_cast<const std::uint8_t*>(payload.constData()),
                           static_cast<std::size_t>(payload.size())};
        segment.packet = packetRef(input, ++packet);
        segment.time = now;
        segment.fingerprint = fingerprint != 0 ? fingerprint : static_cast<std::uint32_t>(packet);
        segment.flowHash = 42; // all of them meet in one bucket: the ends must tell them apart
        m_flows.add(segment);
        now += kSecond / 100;
        return *this;
    }

    TimeNs now = 1'000 * kSecond;
    std::uint32_t input = 0;
    std::uint64_t packet = 0;
    std::uint32_t fingerprint = 0;

private:
    QuicFlows& m_flows;
};

const char* const kClient = "10.0.0.7:51000";
const char* const kServer = "10.0.0.1:443";

QByteArray initial(const QByteArray& id, const char* name = "gw.example") {
    const QByteArray names = vector16(QByteArray(1, '\0') + vector16(name));
    const QByteArray hello = handshakeMessage(1, clientHelloBody({0x1301}, {{0, names}, {16, vector16("\x02h3")}}));
    return QuicSealer(id)({true, id, "client", 0, 1, cryptoFrame(0, hello) + QByteArray(1100, '\0'), {}});
}
QByteArray answer(const QByteArray& id) {
    const std::vector<Extension> extensions{{43, QByteArray::fromHex("0304")}};
    const QByteArray hello = handshakeMessage(2, serverHelloBody(0x0303, 0x1301, extensions));
    return QuicSealer(id)({false, "client", "server-1", 0, 1, cryptoFrame(0, hello), {}}) +
           quicHandshake("client", "server-1");
}

/// One row for each connection, as truth files have it: version, name, protocols.
using Rows = QMap<QByteArray, int>;

/// All QUIC connections of a capture, spread over shares as workers do.
std::vector<Ended> readCapture(const QString& path) {
    Told told;
    std::array<std::unique_ptr<QuicFlows>, pipeline::kShares> shares;
    for (auto& share : shares) share = std::make_unique<QuicFlows>(told);
    auto source = capture::openCapture(path.toStdString());
    if (!source) return {};
    packet::PacketDecoder decoder;
    packet::TcpSegment segment;
    capture::PacketBlock block;
    while (true) {
        const auto more = (*source)->read(block);
        if (!more || !*more) break;
        packet::KeptBytes kept;
        for (const capture::Packet& packet : block.packets)
            if (decoder.decode(packet, segment, kept) == packet::Outcome::Quic)
                shares[pipeline::shareOf(segment)]->add(segment);
    }
    for (auto& share : shares) share->finish();
    return std::move(told.ended);
}

QByteArray orDash(const std::string& text) {
    return text.empty() ? QByteArray("-") : QByteArray(text.data(), static_cast<qsizetype>(text.size()));
}

} // namespace

class PipelineQuicTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void connection();
    void serverSeenFirst();
    void shortHeadersAlone();
    void copies();
    void idle();
    void portUsedAgain();
    void tooMany();
    void decodedPackets();
    void corpus_data();
    void corpus();
    void fingerprints();
};

void PipelineQuicTest::connection() {
    Told told;
    QuicFlows flows(told);
    Datagrams datagrams(flows);
    datagrams.input = 3;
    datagrams.send(kClient, kServer, initial("12345678"))
        .send(kServer, kClient, answer("12345678"))
        .send(kClient, kServer, quicHandshake("server-1", "client") + quicShort(50))
        .send(kServer, kClient, quicShort(70));
    QCOMPARE(flows.size(), std::size_t{1});
    QVERIFY(told.ended.empty());
    flows.finish();
    QCOMPARE(flows.size(), std::size_t{0});
    QCOMPARE(told.ended.size(), std::size_t{1});
    const auto& [flow, session] = told.ended[0];
    QCOMPARE(flow.protocol, std::string("quic"));
    QCOMPARE(flow.client.toString(), std::string(kClient));
    QCOMPARE(flow.server.toString(), std::string(kServer));
    QCOMPARE(flow.input, 3U);
    QCOMPARE(flow.firstPacket, std::uint64_t{1});
    QCOMPARE(flow.packets, std::uint64_t{4});
    QCOMPARE(flow.payloadBytes, static_cast<std::uint64_t>(initial("12345678").size() + answer("12345678").size() +
                                                           quicHandshake("server-1", "client").size() + 50 + 70));
    QCOMPARE(flow.firstTime, 1'000 * kSecond);
    QCOMPARE(flow.lastTime, 1'000 * kSecond + 3 * kSecond / 100);
    QCOMPARE(session.flowStart, flow.start());
    QCOMPARE(session.packet, std::uint64_t{1});
    QCOMPARE(session.client.toString(), std::string(kClient));
    QVERIFY(session.facts.overQuic);
    QCOMPARE(session.facts.serverName, std::string("gw.example"));
    QCOMPARE(session.facts.ended, std::string("complete"));
    QVERIFY(told.findings.empty());
}

void PipelineQuicTest::serverSeenFirst() {
    Told told;
    QuicFlows flows(told);
    Datagrams datagrams(flows);
    datagrams.send(kServer, kClient, quicHandshake("client", "server-1")).send(kClient, kServer, quicShort());
    // No port tells; the hello does.
    datagrams.send("10.0.0.1:5000", "10.0.0.7:6000", answer("12345678"))
        .send("10.0.0.7:6000", "10.0.0.1:5000", initial("12345678"));
    flows.finish();
    QCOMPARE(told.ended.size(), std::size_t{2});
    QCOMPARE(told.ended[0].flow.client.toString(), std::string(kClient));
    QCOMPARE(told.ended[0].session.facts.ended, std::string("began-before-capture"));
    QCOMPARE(told.ended[0].session.facts.steps[0].from, tls::Peer::Server);
    QCOMPARE(told.ended[1].flow.client.toString(), std::string("10.0.0.7:6000"));
    QCOMPARE(told.ended[1].session.facts.serverName, std::string("gw.example"));
}

void PipelineQuicTest::shortHeadersAlone() {
    Told told;
    QuicFlows flows(told);
    Datagrams(flows).send(kClient, kServer, quicShort()).send(kServer, kClient, quicShort());
    QCOMPARE(flows.size(), std::size_t{0});
    flows.finish();
    QVERIFY(told.ended.empty());
}

void PipelineQuicTest::copies() {
    Told told;
    QuicFlows flows(told);
    Datagrams datagrams(flows);
    for (datagrams.fingerprint = 77; datagrams.packet < 2;) datagrams.send(kClient, kServer, initial("12345678"));
    datagrams.now += kSecond; // sent again
    datagrams.send(kClient, kServer, initial("12345678"));
    flows.finish();
    QCOMPARE(told.ended[0].flow.packets, std::uint64_t{2});
    QCOMPARE(told.ended[0].flow.copies, std::uint64_t{1});
    QCOMPARE(told.ended[0].session.facts.steps.size(), std::size_t{2});
}

void PipelineQuicTest::idle() {
    Told told;
    QuicFlows flows(told, {.maxConnections = 10, .idleTimeout = 60 * kSecond});
    Datagrams datagrams(flows);
    datagrams.send(kClient, kServer, initial("12345678")).send(kServer, kClient, answer("12345678"));
    datagrams.send("10.0.0.8:51000", kServer, initial("abcdefgh"));
    datagrams.now += 59 * kSecond;
    flows.sweep(datagrams.now);
    QVERIFY(told.ended.empty());
    datagrams.send("10.0.0.8:51000", kServer, initial("abcdefgh"));
    datagrams.now += 2 * kSecond;
    flows.sweep(datagrams.now);
    QCOMPARE(told.ended.size(), std::size_t{1});
    QCOMPARE(told.ended[0].session.facts.ended, std::string("stopped-after-server-flight"));
    // Whether a sweep came between or not: after so long a silence another connection begins.
    datagrams.now += 61 * kSecond;
    datagrams.send("10.0.0.8:51000", kServer, initial("abcdefgh"));
    QCOMPARE(told.ended.size(), std::size_t{2});
    QCOMPARE(told.ended[1].session.facts.ended, std::string("no-answer"));
    QCOMPARE(flows.size(), std::size_t{1});
}

void PipelineQuicTest::portUsedAgain() {
    Told told;
    QuicFlows flows(told);
    Datagrams datagrams(flows);
    for (const char* id : {"12345678", "abcdefgh"})
        datagrams.send(kClient, kServer, initial(id, id))
            .send(kServer, kClient, answer(id))
            .send(kClient, kServer, quicHandshake("server-1", "client") + quicShort())
            .send(kClient, kServer, initial(id, id)) // a late one of the same
            .send(kServer, kClient, quicShort());
    flows.finish();
    QCOMPARE(told.ended.size(), std::size_t{2});
    QCOMPARE(told.ended[0].session.facts.serverName, std::string("12345678"));
    QCOMPARE(told.ended[1].session.facts.serverName, std::string("abcdefgh"));
    QCOMPARE(told.ended[0].flow.packets, std::uint64_t{5});
    QCOMPARE(told.ended[1].session.facts.ended, std::string("complete"));
}

void PipelineQuicTest::tooMany() {
    Told told;
    QuicFlows flows(told, {.maxConnections = 2});
    Datagrams datagrams(flows);
    datagrams.send("10.0.0.7:1001", kServer, initial("12345678"))
        .send("10.0.0.7:1002", kServer, initial("12345678"))
        .send("10.0.0.7:1001", kServer, quicHandshake("server-1", "client"))
        .send("10.0.0.7:1003", kServer, initial("12345678"))
        .send("10.0.0.7:1004", kServer, initial("12345678"));
    QCOMPARE(flows.size(), std::size_t{2});
    QCOMPARE(told.ended.size(), std::size_t{2});
    QCOMPARE(told.ended[0].flow.client.toString(), std::string("10.0.0.7:1002")); // silent longest
    QCOMPARE(told.ended[1].flow.client.toString(), std::string("10.0.0.7:1001"));
    QCOMPARE(told.findings.size(), std::size_t{1});
    QCOMPARE(std::string(told.findings[0].kind->id), std::string("quic.too-many-connections"));
    QCOMPARE(told.findings[0].packet, std::optional<std::uint64_t>(4));
}

void PipelineQuicTest::decodedPackets() {
    // What the packet decoder makes of a datagram is what the table wants.
    Told told;
    QuicFlows flows(told);
    const QByteArray payload = initial("12345678");
    const auto length = static_cast<unsigned>(payload.size());
    const std::string text = payload.toStdString();
    const std::string datagram = Octets().u16(51'000).u16(443).u16(8 + length).u16(0).text(text).str();
    const std::string packet = Octets()
                                   .u8(0x45)
                                   .u8(0)
                                   .u16(28 + length)
                                   .u32(0)
                                   .u8(64)
                                   .u8(17)
                                   .u16(0)
                                   .u32(0x0a000007)
                                   .u32(0x0a000001)
                                   .text(datagram)
                                   .str();
    capture::Packet captured;
    captured.data = asBytes(packet);
    captured.originalLength = static_cast<std::uint32_t>(packet.size());
    captured.linkType = 101;
    captured.number = 1;
    captured.time = kSecond;
    packet::PacketDecoder decoder;
    packet::TcpSegment segment;
    packet::KeptBytes kept;
    QVERIFY(decoder.decode(captured, segment, kept) == packet::Outcome::Quic);
    flows.add(segment);
    flows.finish();
    QCOMPARE(told.ended.size(), std::size_t{1});
    QCOMPARE(told.ended[0].session.facts.serverName, std::string("gw.example"));
    QCOMPARE(told.ended[0].session.facts.ended, std::string("no-answer"));
}

void PipelineQuicTest::corpus_data() {
    QTest::addColumn<QString>("capture");
    const QString folder = corpusFolder();
    if (folder.isEmpty()) return;
    for (const QString& capture : capturesWithTruth(folder))
        if (!truthRows(capture, "quic").isEmpty()) QTest::newRow(qPrintable(capture.mid(folder.size() + 1))) << capture;
}

void PipelineQuicTest::corpus() {
    if (corpusFolder().isEmpty()) QSKIP("no corpus beside the project");
    QFETCH(const QString, capture);
    Rows wanted;
    // Columns: udp.stream, version, sni, alpn. tshark 4.0 does not open hellos of version 2; Zeek does.
    for (const QByteArrayList& row : truthRows(capture, "quic"))
        if (row[1] != "0x6b3343cf") ++wanted[row.mid(1).join('\t')];
    // id.orig_h to id.resp_p and connection ids stand between; `quicv2` is the version's name.
    if (QFile zeek(capture + QStringLiteral(".zeek-quic.log")); zeek.open(QIODevice::ReadOnly)) {
        for (const QByteArray& line : zeek.readAll().split('\n')) {
            const QByteArrayList row = line.split('\t');
            if (row.size() > 11 && row[6] == "quicv2") ++wanted["0x6b3343cf\t" + row[10] + '\t' + row[11]];
        }
    }
    Rows got;
    for (const Ended& one : readCapture(capture)) {
        const tls::SessionFacts& facts = one.session.facts;
        std::string protocols;
        for (const std::string& protocol : facts.alpnOffered) protocols += (protocols.empty() ? "" : ",") + protocol;
        ++got["0x" + QByteArray::number(facts.quicVersion, 16).rightJustified(8, '0') + '\t' +
              orDash(facts.serverName) + '\t' + orDash(protocols)];
        if (qEnvironmentVariableIsSet("GATESCOPE_CORPUS_DETAILS"))
            qInfo("%s %s %s %s", facts.serverName.c_str(), facts.ja4.c_str(), facts.ja3.c_str(), facts.ended.c_str());
    }
    QVERIFY(!wanted.isEmpty());
    QCOMPARE(got, wanted);
}

void PipelineQuicTest::fingerprints() {
    // The corpus has no expected values for QUIC. Of the Chrome that made these captures FoxIO publishes one, with its
    // first capture of QUIC (rust/ja4/src/snapshots).
    if (corpusFolder().isEmpty()) QSKIP("no corpus beside the project");
    Rows got;
    for (const char* name : {"tls-handshake.pcapng", "tls-sni.pcapng"})
        for (const Ended& one : readCapture(corpusFolder() + QStringLiteral("/ja4/pcap/") + QLatin1String(name)))
            ++got[orDash(one.session.facts.ja4)];
    QCOMPARE(got, (Rows{{"q13d0310h3_55b375c5d22e_cd85d2d88918", 40}}));
}

QTEST_APPLESS_MAIN(PipelineQuicTest)
#include "pipeline_quic_test.moc"
