// SPDX-License-Identifier: Apache-2.0
// Datagrams built by hand after RFC 8999, RFC 9000 (17.2, 17.3), RFC 9369 and Google's QUIC Q046.
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "tests/unit/packet/tunnel_frames.h"

using namespace gatescope;
using namespace gatescope::test;

namespace {

/// A long header: connection ids of 8 and 4 octets, then something encrypted.
std::string longHeader(std::uint32_t version, unsigned first = 0xc3) {
    return Octets().u8(first).u32(version).u8(8).text("destinat").u8(4).text("srce").text(std::string(40, 'q')).str();
}

std::string shortHeader(unsigned first = 0x41, std::size_t rest = 40) {
    return Octets().u8(first).text(std::string(rest, 's')).str();
}

std::string negotiation(std::uint32_t offered) {
    return Octets().u8(0x80).u32(0).u8(4).text("srce").u8(8).text("destinat").u32(1).u32(offered).str();
}

} // namespace

class PacketQuicTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void longHeaders_data();
    void longHeaders();
    void shortHeaders();
    void shortHeadersOfKnownFlows();
    void negotiations();
    void oldGoogleLengths();
    void segment();
    void cutBySnapLength();
    void inTunnel();
    void findings();
    void truncationSweep();
};

void PacketQuicTest::longHeaders_data() {
    QTest::addColumn<quint32>("version");
    QTest::addColumn<bool>("anywhere"); // on any port
    QTest::addColumn<bool>("onQuicPort");
    const auto row = [](const char* name, quint32 version, bool anywhere, bool onQuicPort) {
        QTest::newRow(name) << version << anywhere << onQuicPort;
    };
    row("1", 1, true, true);
    row("2", 0x6b3343cf, true, true);
    row("draft 29", 0xff00001d, true, true);
    row("mvfst", 0xfaceb002, true, true);
    row("Q050", 0x51303530, true, true);
    row("T051", 0x54303531, true, true);
    row("reserved", 0x1a2a3a4a, true, true);
    row("nobody's", 0x00000003, false, true);
    row("text", 0x48545450, false, true);
}

void PacketQuicTest::longHeaders() {
    QFETCH(const quint32, version);
    QFETCH(const bool, anywhere);
    QFETCH(const bool, onQuicPort);
    Decoding decode;
    QCOMPARE(decode(101, overUdp(50'000, longHeader(version))) == Outcome::Quic, anywhere);
    for (const unsigned port : {443U, 784U, 853U, 4433U, 8443U})
        QCOMPARE(decode(101, overUdp(port, longHeader(version))) == Outcome::Quic, onQuicPort);
    // The fixed bit is missing; a connection id is longer than there may be, or than the datagram.
    QVERIFY(decode(101, overUdp(443, longHeader(version, 0x83))) == Outcome::OtherTraffic);
    std::string longId = longHeader(version);
    longId[5] = 21;
    QVERIFY(decode(101, overUdp(443, longId)) == Outcome::OtherTraffic);
    std::string pastEnd = longHeader(version).substr(0, 20);
    pastEnd[14] = 10;
    QVERIFY(decode(101, overUdp(443, pastEnd)) == Outcome::OtherTraffic);
}

void PacketQuicTest::shortHeaders() {
    Decoding decode;
    QVERIFY(decode(101, overUdp(443, shortHeader())) == Outcome::Quic);
    QVERIFY(decode(101, outerIpv4(udp(443, 51'000, shortHeader(0x5f)), 17)) == Outcome::Quic);
    QVERIFY(decode(101, overUdp(4433, shortHeader())) == Outcome::Quic);
    QVERIFY(decode(101, overUdp(50'000, shortHeader())) == Outcome::OtherTraffic);      // no way to know
    QVERIFY(decode(101, overUdp(443, shortHeader(0x16))) == Outcome::OtherTraffic);     // DTLS
    QVERIFY(decode(101, overUdp(443, shortHeader(0x41, 19))) == Outcome::OtherTraffic); // RFC 9000, 10.3: 21 at least
    QVERIFY(decode(101, overUdp(443, shortHeader(0x41, 20))) == Outcome::Quic);
    QVERIFY(decode(101, overUdp(443, "\x41")) == Outcome::OtherTraffic);
}

void PacketQuicTest::shortHeadersOfKnownFlows() {
    Decoding decode;
    const auto from = [](unsigned source, unsigned destination, std::string_view payload) {
        return outerIpv4(udp(source, destination, payload), 17);
    };
    QVERIFY(decode(101, from(51'000, 50'000, shortHeader())) == Outcome::OtherTraffic);
    QVERIFY(decode(101, from(51'000, 50'000, longHeader(1))) == Outcome::Quic);
    QVERIFY(decode(101, from(51'000, 50'000, shortHeader())) == Outcome::Quic);
    QVERIFY(decode(101, from(51'001, 50'000, shortHeader())) == Outcome::OtherTraffic); // another flow
}

void PacketQuicTest::negotiations() {
    Decoding decode;
    QVERIFY(decode(101, overUdp(50'000, negotiation(0x6b3343cf))) == Outcome::Quic);
    QVERIFY(decode(101, overUdp(50'000, negotiation(0x2a3a4a5a))) == Outcome::Quic);
    QVERIFY(decode(101, overUdp(443, negotiation(0x12345678))) == Outcome::OtherTraffic);
    QVERIFY(decode(101, overUdp(443, negotiation(1) + "x")) == Outcome::OtherTraffic);
    // Silence in G.711 over RTP: first octet 0x80, and zeros.
    QVERIFY(decode(101, overUdp(50'000, '\x80' + std::string(171, '\0'))) == Outcome::OtherTraffic);
}

void PacketQuicTest::oldGoogleLengths() {
    // Q046: one octet for both lengths, 0 or 8 octets each; packet number behind.
    const auto header = [](unsigned lengths) {
        return Octets().u8(0xc3).u32(0x51303436).u8(lengths).text("destinat").u32(1).text(std::string(40, 'q')).str();
    };
    Decoding decode;
    QVERIFY(decode(101, overUdp(50'000, header(0x50))) == Outcome::Quic);
    QVERIFY(decode(101, overUdp(50'000, header(0x05))) == Outcome::Quic);
    QVERIFY(decode(101, overUdp(50'000, header(0x08))) == Outcome::OtherTraffic);
}

void PacketQuicTest::segment() {
    Decoding decode;
    const std::string payload = longHeader(1);
    QVERIFY(decode(101, outerIpv4(udp(51'000, 443, payload), 17)) == Outcome::Quic);
    const packet::TcpSegment there = decode.segment;
    QCOMPARE(there.source.toString(), std::string("192.0.2.1:51000"));
    QCOMPARE(there.destination.toString(), std::string("192.0.2.2:443"));
    QCOMPARE(std::string(asText(there.payload)), payload);
    QCOMPARE(there.uncaptured, 0U);
    QCOMPARE(unsigned{there.flags}, 0U);
    QCOMPARE(there.packet, PacketRef{1});
    QVERIFY(decode(101, ipv6(udp(443, 51'000, shortHeader()), 17)) == Outcome::Quic);
    QCOMPARE(std::string(asText(decode.segment.payload)), shortHeader());
    // The other direction of a flow has the same hash.
    std::string back = outerIpv4(udp(443, 51'000, shortHeader()), 17);
    back.replace(12, 8, Octets().u32(0xc0000202).u32(0xc0000201).str());
    QVERIFY(decode(101, back) == Outcome::Quic);
    QCOMPARE(decode.segment.flowHash, there.flowHash);
}

void PacketQuicTest::cutBySnapLength() {
    Decoding decode;
    const std::string packet = outerIpv4(udp(51'000, 443, longHeader(1)), 17); // 20 + 8 + 59 octets
    QVERIFY(decode(101, packet.substr(0, 60), 87) == Outcome::Quic);
    QCOMPARE(decode.segment.payload.size(), std::size_t{32});
    QCOMPARE(decode.segment.uncaptured, 27U);
    QVERIFY(decode(101, packet.substr(0, 35), 87) == Outcome::Quic); // within the connection id
    QVERIFY(decode(101, packet.substr(0, 32), 87) == Outcome::OtherTraffic);
    QVERIFY(decode(101, packet.substr(0, 27), 87) == Outcome::Truncated);
}

void PacketQuicTest::inTunnel() {
    Decoding decode;
    const std::string inner = ethernet(0x0800, ipv4(udp(51'000, 443, longHeader(1)), 17));
    QVERIFY(decode(101, overUdp(4789, vxlan(inner))) == Outcome::Quic);
    QCOMPARE(std::string(asText(decode.segment.payload)), longHeader(1));
    QCOMPARE(unsigned{decode.segment.destination.port}, 443U);
}

void PacketQuicTest::findings() {
    Decoding decode;
    decode(101, overUdp(443, longHeader(1)));
    decode(101, overUdp(443, shortHeader()));
    decode(101, overUdp(443, shortHeader(0x16)));
    const auto findings = decode.decoder.findings();
    QCOMPARE(evidenceOf(findings, "packet.quic-not-decoded"), std::string("2 packets"));
    QCOMPARE(evidenceOf(findings, "packet.no-tcp"), std::string("3 packets"));
}

void PacketQuicTest::truncationSweep() {
    const std::string packet = overUdp(443, longHeader(1));
    const auto whole = static_cast<std::uint32_t>(packet.size());
    for (std::uint32_t length = 0; length < whole; ++length) {
        Decoding cut; // by the snap length
        const Outcome outcome = cut(101, packet.substr(0, length), whole);
        QCOMPARE(outcome, length < 28 ? Outcome::Truncated : length < 33 ? Outcome::OtherTraffic : Outcome::Quic);
        if (outcome == Outcome::Quic) QCOMPARE(cut.segment.payload.size() + cut.segment.uncaptured, packet.size() - 28);
    }
}

QTEST_APPLESS_MAIN(PacketQuicTest)
#include "packet_quic_test.moc"
