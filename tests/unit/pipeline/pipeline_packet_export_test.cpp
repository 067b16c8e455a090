// SPDX-License-Identifier: Apache-2.0
// Packets of chosen connections, against the packets that the test put into the captures.
#include "captures.h"
#include "core/capture/source_opening.h"
#include "core/pipeline/packet_export.h"
#include "core/pipeline/secrets.h"

#include <QTest>
#include <algorithm>

using namespace gatescope;
using namespace gatescope::pipeline;
using namespace gatescope::test;

class PipelinePacketExportTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void writesWholeConnectionsInAnyOrderOfInputs();
    void writesTimesAsCaptured();
    void keepsPiecesOfDatagrams();
    void keepsTunnels();
    void keepsCommentsAndNoForeignSecrets();
    void writesSecretsOfChosenSessionsOnly();
    void stopsAndFails();
    void holdsNoMoreThanItsLimit();

private:
    CaptureFolder m_folder;
};

namespace {

struct Written {
    std::vector<std::string> frames;
    std::vector<TimeNs> times;
    capture::SourceInfo info;
};

Written readWritten(const std::string& file) {
    Written written;
    auto source = capture::openCaptureFrom(capture::openMemory(asBytes(file)));
    if (!source) return written;
    capture::PacketBlock block;
    for (auto more = (*source)->read(block); more && *more; more = (*source)->read(block))
        for (const capture::Packet& packet : block.packets) {
            written.frames.emplace_back(asText(packet.data));
            written.times.push_back(packet.time);
        }
    written.info = (*source)->info();
    return written;
}

struct Analysis {
    std::vector<std::string> paths;
    analysis::Dataset dataset;
    std::shared_ptr<Secrets> secrets = std::make_shared<Secrets>();

    explicit Analysis(const std::vector<std::string>& inputs) : paths(inputs), dataset(inputs) {
        RunOptions options;
        options.threads = 1;
        options.secrets = secrets;
        analyse(paths, dataset, options);
    }
    std::expected<PacketExportResult, Error> write(std::string& file, const std::vector<std::int64_t>& ids,
                                                   bool includeSecrets = false) const {
        const analysis::Snapshot snapshot = dataset.snapshot();
        PacketExport wanted;
        wanted.paths = paths;
        wanted.application = "test";
        wanted.comment = "chosen";
        if (includeSecrets) wanted.secrets = secrets->store();
        for (const std::int64_t id : ids) wanted.rows.push_back(snapshot.rowOfId(id).value());
        return exportPackets(snapshot, wanted, [&](std::string_view piece) {
            file += piece;
            return true;
        });
    }
};

/// Connections one after the other, each with one request.
CaptureBuilder someConnections(int count) {
    CaptureBuilder capture;
    for (int i = 0; i < count; ++i) {
        capture.clientSequence += 100'000;
        capture.serverSequence += 100'000;
        auto flow = capture.connect("100.64.9.87:" + std::to_string(40'000 + i), "10.0.9.213:80");
        flow.client(kAskA).server(kAnswerA).close(); // 8 packets in all
    }
    return capture;
}

std::vector<std::string> framesOf(const CaptureBuilder& capture, std::size_t first, std::size_t count) {
    std::vector<std::string> frames;
    auto packets = CaptureBuilder(capture).packets();
    for (std::size_t i = first; i < first + count; ++i) frames.push_back(packets[i].frame);
    return frames;
}

/// An IPv4 packet in an Ethernet frame, cut into pieces of up to `most` octets of payload (a multiple of 8).
std::vector<std::string> fragmentsOf(const std::string& frame, std::size_t most) {
    const std::string ethernet = frame.substr(0, 14);
    const std::string ip = frame.substr(14, 20);
    const std::string payload = frame.substr(34);
    std::vector<std::string> frames;
    for (std::size_t at = 0; at < payload.size(); at += most) {
        const std::string piece = payload.substr(at, most);
        const bool isLast = at + most >= payload.size();
        std::string header = ip;
        const auto set16 = [&](std::size_t where, std::size_t value) {
            header[where] = static_cast<char>(value >> 8);
            header[where + 1] = static_cast<char>(value & 0xff);
        };
        set16(2, 20 + piece.size());
        set16(6, at / 8 + (isLast ? 0 : 0x2000));
        set16(10, 0);
        set16(10, internetChecksum(header));
        frames.push_back(ethernet + header + piece);
    }
    return frames;
}

/// A frame inside VXLAN (RFC 7348) over UDP between two tunnel ends.
std::string inVxlan(const std::string& frame, unsigned identification) {
    const auto length = static_cast<unsigned>(frame.size());
    const std::string ethernet = frame.substr(0, 12) + std::string("\x08\x00", 2);
    const std::string udp =
        Octets().u16(55'555).u16(4789).u16(8 + 8 + length).u16(0).u32(0x08000000).u32(77 << 8).text(frame).str();
    std::string ip = Octets()
                         .u8(0x45)
                         .u8(0)
                         .u16(20 + static_cast<unsigned>(udp.size()))
                         .u16(identification)
                         .u16(0)
                         .u8(64)
                         .u8(17)
                         .u16(0)
                         .u32(0x0a630001)
                         .u32(0x0a630002)
                         .str();
    const unsigned sum = internetChecksum(ip);
    ip[10] = static_cast<char>(sum >> 8);
    ip[11] = static_cast<char>(sum & 0xff);
    return ethernet + ip + udp;
}

} // namespace

void PipelinePacketExportTest::writesWholeConnectionsInAnyOrderOfInputs() {
    const CaptureBuilder whole = someConnections(5);
    // Two files, cut inside the third connection, the later one given first.
    CaptureBuilder first = whole;
    CaptureBuilder second = whole;
    first.packets().resize(20);
    second.packets().erase(second.packets().begin(), second.packets().begin() + 20);
    const Analysis analysis({m_folder.write("late", second.pcap()), m_folder.write("early", first.pcapng())});
    std::string file;
    const auto result = analysis.write(file, {3, 5});
    QVERIFY(result);
    QCOMPARE(result->connections, 2U);
    QCOMPARE(result->packets, 16U);
    auto expected = framesOf(whole, 16, 8);
    for (const std::string& frame : framesOf(whole, 32, 8)) expected.push_back(frame);
    const Written written = readWritten(file);
    QCOMPARE(written.frames, expected);
    QCOMPARE(written.times.front(), kBuilderStart + 16 * kMillisecond);
}

void PipelinePacketExportTest::writesTimesAsCaptured() {
    CaptureBuilder traffic;
    traffic.step = 20 * kMillisecond;
    auto flow = traffic.connect("100.64.9.87:40000", "10.0.9.213:80");
    for (int i = 0; i < 10; ++i)
        flow.client("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n")
            .server("HTTP/1.1 200 OK\r\nX-Number: " + std::to_string(i) + "\r\nContent-Length: 0\r\n\r\n");
    CaptureBuilder ahead = traffic;
    for (auto& packet : ahead.packets()) packet.time += 3'000'000'000;
    const Analysis analysis({m_folder.write("a", traffic.pcap()), m_folder.write("b", ahead.pcap())});
    std::string file;
    const auto result = analysis.write(file, {1});
    QVERIFY(result);
    QVERIFY(result->clocksDiffer);
    Written written = readWritten(file);
    QCOMPARE(written.frames.size(), 2 * traffic.packets().size());
    std::ranges::sort(written.times);
    QCOMPARE(written.times.front(), traffic.packets().front().time);
    QCOMPARE(written.times.back(), ahead.packets().back().time);
}

void PipelinePacketExportTest::keepsPiecesOfDatagrams() {
    const CaptureBuilder whole = someConnections(3);
    CaptureBuilder cut = whole;
    cut.packets().clear();
    std::vector<std::string> expected;
    const auto frames = framesOf(whole, 0, 24);
    for (std::size_t i = 0; i < frames.size(); ++i) {
        auto pieces = frames[i].size() > 100 ? fragmentsOf(frames[i], 64) : std::vector<std::string>{frames[i]};
        // The last piece comes first: what completes a datagram is then a piece without the TCP header.
        if (i % 2 == 0) std::ranges::reverse(pieces);
        for (const std::string& piece : pieces) {
            cut.frame(piece);
            if (i / 8 == 1) expected.push_back(piece);
        }
    }
    QVERIFY(expected.size() > 10);
    const Analysis analysis({m_folder.write("pieces", cut.pcap())});
    QCOMPARE(analysis.dataset.snapshot().exchanges(), std::size_t{3});
    std::string file;
    QVERIFY(analysis.write(file, {2}));
    QCOMPARE(readWritten(file).frames, expected);
}

void PipelinePacketExportTest::keepsTunnels() {
    const CaptureBuilder whole = someConnections(2);
    CaptureBuilder tunnelled = whole;
    tunnelled.packets().clear();
    std::vector<std::string> expected;
    const auto frames = framesOf(whole, 0, 16);
    for (std::size_t i = 0; i < frames.size(); ++i) {
        // Long ones are cut on their way through the tunnel.
        const std::string outer = inVxlan(frames[i], static_cast<unsigned>(i) + 1);
        for (const std::string& piece : outer.size() > 150 ? fragmentsOf(outer, 80) : std::vector<std::string>{outer}) {
            tunnelled.frame(piece);
            if (i / 8 == 1) expected.push_back(piece);
        }
    }
    const Analysis analysis({m_folder.write("vxlan", tunnelled.pcap())});
    QCOMPARE(analysis.dataset.snapshot().exchanges(), std::size_t{2});
    std::string file;
    QVERIFY(analysis.write(file, {2}));
    QCOMPARE(readWritten(file).frames, expected);
}

void PipelinePacketExportTest::keepsCommentsAndNoForeignSecrets() {
    std::string capture = someConnections(2).pcapng();
    const auto block = [](std::uint32_t type, std::string body) {
        body.resize((body.size() + 3) / 4 * 4);
        const auto length = static_cast<std::uint32_t>(body.size() + 12);
        return Octets().little32(type).little32(length).text(body).little32(length).str();
    };
    // A secrets block behind the section (28 octets) and the interface (32).
    const std::string keyLog = "CLIENT_RANDOM 0102 0304\n";
    capture.insert(60, block(10, Octets().little32(0x544c534b).little32(24).text(keyLog).str()));
    // A comment for the first packet of the second connection, the ninth: its block once more, with an option.
    std::size_t at = 0;
    for (int packet = 0; packet < 9;) {
        const auto type = loadLittleEndian<std::uint32_t>(reinterpret_cast<const std::uint8_t*>(&capture[at]));
        const auto length = loadLittleEndian<std::uint32_t>(reinterpret_cast<const std::uint8_t*>(&capture[at + 4]));
        if (type == 6 && ++packet == 9) {
            const std::string body = capture.substr(at + 8, length - 12);
            const std::string option = Octets().little16(1).little16(4).text("note").little32(0).str();
            capture.replace(at, length, block(6, body + option));
        }
        at += length;
    }
    const Analysis analysis({m_folder.write("noted", capture)});
    for (const bool secrets : {false, true}) {
        std::string file;
        QVERIFY(analysis.write(file, {2}, secrets));
        const Written written = readWritten(file);
        QCOMPARE(written.frames.size(), std::size_t{8});
        QCOMPARE(written.info.comments, (std::vector<std::string>{"chosen", "note"}));
        QCOMPARE(written.info.commentPackets, (std::vector<PacketRef>{0, 1}));
        // They belong to no session of these connections.
        QCOMPARE(written.info.tlsSecrets.size(), std::size_t{0});
        QVERIFY(file.find("CLIENT_RANDOM") == file.npos);
    }
}

void PipelinePacketExportTest::writesSecretsOfChosenSessionsOnly() {
    const Analysis analysis({GATESCOPE_SOURCE_DIR "/resources/samples/foundry-gateway-tls13.pcapng"});
    const analysis::Snapshot snapshot = analysis.dataset.snapshot();
    QCOMPARE(snapshot.exchanges(), std::size_t{20}); // as the lab's truth file says
    const analysis::Row row = snapshot.rowOfId(2).value();
    for (const bool secrets : {false, true}) {
        std::string file;
        const auto result = analysis.write(file, {2}, secrets);
        QVERIFY(result);
        QCOMPARE(result->sessionsWithSecrets, std::uint64_t{secrets ? 1U : 0U});
        const Analysis again({m_folder.write(secrets ? "with" : "without", file)});
        QCOMPARE(again.dataset.snapshot().tlsSessions().size(), std::size_t{1});
        QCOMPARE(again.dataset.snapshot().exchanges() != 0, secrets);
        if (!secrets) {
            QVERIFY(file.find("TRAFFIC_SECRET") == file.npos);
            continue;
        }
        // Two lines for the handshake and two for what follows, of this client random only.
        const auto& random = snapshot.tlsSessionOf(snapshot.flowStart(row))->record->facts.clientRandom;
        const QByteArray hex = QByteArray(reinterpret_cast<const char*>(random.data()), 32).toHex();
        const QByteArray written(file.data(), static_cast<qsizetype>(file.size()));
        QCOMPARE(written.count("_TRAFFIC_SECRET"), 4);
        QVERIFY(written.count(hex) >= 4);
        QCOMPARE(written.count("_SECRET"), written.count(hex));
    }
}

void PipelinePacketExportTest::stopsAndFails() {
    const Analysis analysis({m_folder.write("some", someConnections(2).pcap())});
    const analysis::Snapshot snapshot = analysis.dataset.snapshot();
    PacketExport wanted;
    wanted.rows = snapshot.order();
    wanted.paths = analysis.paths;
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = exportPackets(snapshot, wanted, [](std::string_view) { return true; }, stop.get_token());
    QVERIFY(!stopped);
    QCOMPARE(stopped.error().kind, ErrorKind::Stopped);
    const auto failed = exportPackets(snapshot, wanted, [](std::string_view) { return false; });
    QVERIFY(!failed);
    QCOMPARE(failed.error().kind, ErrorKind::Internal);
}

void PipelinePacketExportTest::holdsNoMoreThanItsLimit() {
    // 400 datagrams that are never whole, of 60,000 octets each, before one that is: 24 MB go through 16 MiB.
    CaptureBuilder capture;
    const std::string large(59'200, 'x');
    const auto start = capture.connect("192.0.2.1:1", "192.0.2.2:2");
    capture.segmentBytes = large.size();
    for (int i = 0; i < 400; ++i) TcpFlow(start).client(large);
    for (auto& packet : capture.packets())
        if (packet.frame.size() > 1000) packet.frame[20] = '\x20'; // more fragments follow
    const auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80");
    TcpFlow(flow).client(kAskA).server(kAnswerA).close();
    const Analysis analysis({m_folder.write("many", capture.pcap())});
    std::string file;
    QVERIFY(analysis.write(file, {1}));
    QCOMPARE(readWritten(file).frames.size(), std::size_t{8});
}

QTEST_APPLESS_MAIN(PipelinePacketExportTest)

#include "pipeline_packet_export_test.moc"
