// SPDX-License-Identifier: Apache-2.0
// Reassembly of fragments after RFC 791 and RFC 8200, 4.5; where pieces overlap the first copy wins, as documented.
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "tests/unit/packet/tunnel_frames.h"

#include <algorithm>
#include <random>

using namespace gatescope;
using namespace gatescope::test;

namespace {

constexpr unsigned kMore = 0x2000;

/// One IPv4 packet for each piece of the datagram that begins and ends there (in octets, multiples of 8 but for the
/// end).
std::string piece(const std::string& datagram, std::size_t from, std::size_t to, unsigned id = 7) {
    const unsigned more = to < datagram.size() ? kMore : 0;
    return ipv4(datagram.substr(from, to - from), 6, more | static_cast<unsigned>(from / 8), id);
}
std::string piece6(const std::string& datagram, std::size_t from, std::size_t to) {
    const unsigned more = to < datagram.size() ? 1 : 0;
    const auto header = Octets().u8(6).u8(0).u16(static_cast<unsigned>(from) | more).u32(99).str();
    return ipv6(header + datagram.substr(from, to - from), 44);
}

} // namespace

class PacketFragmentTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void inOrder();
    void reversed();
    void ipv6Fragments();
    void duplicates();
    void wholeTwice();
    void overlapping();
    void missing();
    void timeout();
    void sameIdentificationLater();
    void limits();
    void beyondTheLargestDatagram();
    void cutBySnapLength();
    void randomPieces();
    void tunnelDatagrams_data();
    void tunnelDatagrams();
    void plainUdpIsNotKept();
    void udpCutBySnapLength();
    void fragmentOfFragment();
    void overInputs();

private:
    const std::string m_datagram = tcpSegment("0123456789abcdefghijklmnopqrstuvwxyz");
    const QByteArray m_payload = "0123456789abcdefghijklmnopqrstuvwxyz";
};

void PacketFragmentTest::inOrder() {
    Decoding decode;
    QVERIFY(decode(101, piece(m_datagram, 0, 24)) == Outcome::Fragment);
    QVERIFY(decode(101, piece(m_datagram, 24, 40)) == Outcome::Fragment);
    QVERIFY(decode(101, piece(m_datagram, 40, 56)) == Outcome::Tcp);
    QCOMPARE(QByteArray::fromStdString(decode.payload()), m_payload);
    QCOMPARE(decode.segment.uncaptured, 0U);
    QCOMPARE(decode.segment.packet, std::uint64_t(3));
    QVERIFY(decode.decoder.findings().empty());
}

void PacketFragmentTest::reversed() {
    Decoding decode;
    QVERIFY(decode(101, piece(m_datagram, 40, 56)) == Outcome::Fragment);
    QVERIFY(decode(101, piece(m_datagram, 24, 40)) == Outcome::Fragment);
    QVERIFY(decode(101, piece(m_datagram, 0, 24)) == Outcome::Tcp);
    QCOMPARE(QByteArray::fromStdString(decode.payload()), m_payload);
}

void PacketFragmentTest::ipv6Fragments() {
    Decoding decode;
    QVERIFY(decode(101, piece6(m_datagram, 32, 56)) == Outcome::Fragment);
    QVERIFY(decode(101, piece6(m_datagram, 0, 32)) == Outcome::Tcp);
    QCOMPARE(QByteArray::fromStdString(decode.payload()), m_payload);
    QCOMPARE(QByteArray::fromStdString(decode.segment.source.toString()), QByteArray("[2001:db8::1]:40000"));
}

void PacketFragmentTest::duplicates() {
    Decoding decode;
    for (int i = 0; i < 3; ++i) QVERIFY(decode(101, piece(m_datagram, 0, 24)) == Outcome::Fragment);
    QVERIFY(decode(101, piece(m_datagram, 24, 56)) == Outcome::Tcp);
    QCOMPARE(QByteArray::fromStdString(decode.payload()), m_payload);
}

void PacketFragmentTest::wholeTwice() {
    // Each packet seen on two interfaces: the copies that come after the datagram was whole are nothing new.
    Decoding decode;
    int segments = 0;
    for (int i = 0; i < 2; ++i) segments += decode(101, piece(m_datagram, 0, 24)) == Outcome::Tcp;
    for (int i = 0; i < 2; ++i) segments += decode(101, piece(m_datagram, 24, 56)) == Outcome::Tcp;
    QCOMPARE(segments, 1);
    QVERIFY(decode.decoder.findings().empty()); // none is lost
    // The next datagram may have the same identification after a while.
    const std::string other = tcpSegment("another one, of the same size as that");
    decode.time += 2'000'000'000;
    QVERIFY(decode(101, piece(other, 0, 24)) == Outcome::Fragment);
    QVERIFY(decode(101, piece(other, 24, other.size())) == Outcome::Tcp);
    QCOMPARE(QByteArray::fromStdString(decode.payload()), QByteArray("another one, of the same size as that"));
}

void PacketFragmentTest::overlapping() {
    Decoding decode;
    std::string other = m_datagram;
    for (std::size_t i = 20; i < other.size(); ++i) other[i] = '#';
    decode(101, piece(m_datagram, 24, 40));
    QVERIFY(decode(101, piece(other, 32, 56)) == Outcome::Fragment);
    QVERIFY(decode(101, piece(m_datagram, 0, 32)) == Outcome::Tcp);
    QCOMPARE(QByteArray::fromStdString(decode.payload()), m_payload.left(20) + QByteArray(16, '#'));
}

void PacketFragmentTest::missing() {
    Decoding decode;
    decode(101, piece(m_datagram, 0, 24));
    decode(101, piece(m_datagram, 40, 56));
    const auto findings = decode.decoder.findings();
    QCOMPARE(findings.size(), std::size_t(1));
    QVERIFY(findings[0].kind->id == "packet.lost-fragments");
    QCOMPARE(QByteArray::fromStdString(findings[0].evidence.at(0)), QByteArray("1 datagram"));
}

void PacketFragmentTest::timeout() {
    Decoding decode;
    decode(101, piece(m_datagram, 0, 24));
    decode.time += 61'000'000'000;
    QVERIFY(decode(101, piece(m_datagram, 24, 56)) == Outcome::Fragment); // of another datagram by now
    decode.time -= 200'000'000'000;                                       // times that go back harm nothing
    QVERIFY(decode(101, piece(m_datagram, 0, 24)) == Outcome::Tcp);
}

void PacketFragmentTest::sameIdentificationLater() {
    Decoding decode;
    const std::string other = tcpSegment("ZYXWVUTSRQPONMLKJIHGFEDCBAzyxwvutsrq");
    for (unsigned id : {1U, 2U}) {
        decode(101, piece(m_datagram, 0, 24, id));
        decode(101, piece(other, 0, 24, id + 10));
    }
    QVERIFY(decode(101, piece(other, 24, 56, 12)) == Outcome::Tcp); // told apart by the identification
    QCOMPARE(QByteArray::fromStdString(decode.payload()), QByteArray("ZYXWVUTSRQPONMLKJIHGFEDCBAzyxwvutsrq"));
    QVERIFY(decode(101, piece(m_datagram, 24, 56, 1)) == Outcome::Tcp);
    QCOMPARE(QByteArray::fromStdString(decode.payload()), m_payload);
}

void PacketFragmentTest::limits() {
    packet::PacketOptions options;
    options.fragments.maxDatagrams = 4;
    options.fragments.maxHeldBytes = 1'000;
    options.fragments.maxPieces = 3;
    Decoding decode(options);
    for (unsigned id = 0; id < 10; ++id) decode(101, piece(m_datagram, 0, 24, id));
    QVERIFY(decode(101, piece(m_datagram, 24, 56, 0)) == Outcome::Fragment); // the oldest was dropped
    QVERIFY(decode(101, piece(m_datagram, 24, 56, 9)) == Outcome::Tcp);

    const std::string large = tcpSegment(std::string(2'000, 'x'));
    for (unsigned id = 20; id < 40; ++id) decode(101, piece(large, 0, 800, id));
    QVERIFY(decode(101, piece(large, 800, large.size(), 20)) == Outcome::Fragment);
    QVERIFY(!decode.decoder.findings().empty());

    Decoding many(options);
    for (std::size_t at = 0; at < 10; ++at) many(101, piece(large, at * 16, at * 16 + 8));
    QVERIFY(!many.decoder.findings().empty());
}

void PacketFragmentTest::beyondTheLargestDatagram() {
    Decoding decode; // offset 65,528 and 16 octets: the "ping of death"
    QVERIFY(decode(101, ipv4(std::string(16, 'x'), 6, kMore | 0x1fff)) == Outcome::Fragment);
    QVERIFY(decode(101, ipv4(std::string(16, 'x'), 6, 0x1fff)) == Outcome::Fragment);
    QVERIFY(!decode.decoder.findings().empty());
}

void PacketFragmentTest::cutBySnapLength() {
    Decoding decode;
    const std::string first = piece(m_datagram, 0, 24);
    QVERIFY(decode(101, first.substr(0, 30), first.size()) == Outcome::Truncated);
    QVERIFY(decode(101, piece(m_datagram, 24, 56)) == Outcome::Fragment);
}

void PacketFragmentTest::randomPieces() {
    std::mt19937 random(3);
    for (int round = 0; round < 500; ++round) {
        std::string payload(100 + random() % 900, ' ');
        for (char& c : payload) c = static_cast<char>(random());
        const std::string datagram = tcpSegment(payload);
        std::vector<std::pair<std::size_t, std::size_t>> pieces;
        for (std::size_t at = 0; at < datagram.size();) {
            const std::size_t to = std::min(datagram.size(), at + 8 * (1 + random() % 20));
            pieces.emplace_back(at, to);
            // Now and then another piece that overlaps, with the same octets.
            const std::size_t back = at - std::min<std::size_t>(at, 8 * (random() % 4));
            if (random() % 3 == 0 && back < to) pieces.emplace_back(back, to);
            at = to;
        }
        std::shuffle(pieces.begin(), pieces.end(), random);
        Decoding decode;
        int segments = 0;
        for (const auto& [from, to] : pieces) {
            if (decode(101, piece(datagram, from, to)) != Outcome::Tcp) continue;
            ++segments;
            QVERIFY(decode.payload() == payload);
        }
        QCOMPARE(segments, 1);
    }
}

void PacketFragmentTest::tunnelDatagrams_data() {
    QTest::addColumn<int>("protocol");
    QTest::addColumn<QByteArray>("payload");
    const std::string inner = ipv4(m_datagram);
    const auto row = [](const char* name, int protocol, const std::string& payload) {
        QTest::newRow(name) << protocol << QByteArray::fromStdString(payload);
    };
    row("VXLAN", 17, udp(51'000, 4789, vxlan(ethernet(0x0800, inner))));
    row("Geneve", 17, udp(51'000, 6081, geneve(0x0800, inner)));
    row("GRE", 47, gre(0, 0x0800, inner));
    row("IPv4 in IP", 4, inner);
    row("IPv6 in IP", 41, ipv6(m_datagram));
}

void PacketFragmentTest::tunnelDatagrams() {
    QFETCH(int, protocol);
    QFETCH(QByteArray, payload);
    const std::string whole = payload.toStdString();
    const auto part = [&](std::size_t from, std::size_t to) {
        const unsigned more = to < whole.size() ? kMore : 0;
        return outerIpv4(std::string_view(whole).substr(from, to - from), static_cast<unsigned>(protocol),
                         more | static_cast<unsigned>(from / 8));
    };
    for (const bool reversed : {false, true}) {
        Decoding decode;
        std::vector<std::string> packets{part(0, 32), part(32, 64), part(64, whole.size())};
        if (reversed) std::reverse(packets.begin(), packets.end());
        QVERIFY(decode(101, packets[0]) == Outcome::Fragment);
        QVERIFY(decode(101, packets[1]) == Outcome::Fragment);
        QVERIFY(decode(101, packets[2]) == Outcome::Tcp);
        QCOMPARE(QByteArray::fromStdString(decode.payload()), m_payload);
        QCOMPARE(decode.segment.source.port, std::uint16_t(40'000));
        QCOMPARE(decode.segment.packet, std::uint64_t(3));
    }
}

void PacketFragmentTest::plainUdpIsNotKept() {
    const std::string datagram = udp(51'000, 53, std::string(100, 'd'));
    const auto part = [&](std::size_t from, std::size_t to, unsigned id) {
        const unsigned more = to < datagram.size() ? kMore : 0;
        return ipv4(datagram.substr(from, to - from), 17, more | static_cast<unsigned>(from / 8), id);
    };
    Decoding decode;
    for (unsigned id = 1; id <= 3; ++id) { // the first piece tells, whenever it comes
        if (id == 3) QVERIFY(decode(101, part(64, datagram.size(), id)) == Outcome::Fragment);
        QVERIFY(decode(101, part(0, 64, id)) == Outcome::OtherTraffic);
        if (id == 2) QVERIFY(decode(101, part(64, datagram.size(), id)) == Outcome::OtherTraffic);
    }
    for (const Finding& finding : decode.decoder.findings()) QVERIFY(finding.kind->id == "packet.no-tcp");
}

void PacketFragmentTest::udpCutBySnapLength() {
    Decoding decode;
    const std::string plain = ipv4(udp(51'000, 53, std::string(56, 'd')), 17, kMore);
    const std::string tunnel = ipv4(udp(51'000, 4789, std::string(56, 'd')), 17, kMore, 8);
    QVERIFY(decode(101, plain.substr(0, 60), plain.size()) == Outcome::OtherTraffic);
    QVERIFY(decode(101, tunnel.substr(0, 60), tunnel.size()) == Outcome::Truncated);
}

void PacketFragmentTest::fragmentOfFragment() {
    // RFC 8200, 4.5 has one fragment header a packet.
    const std::string inner = Octets().u8(6).u8(0).u16(1).u32(5).text(m_datagram).str();
    const auto part = [&](std::size_t from, std::size_t to) {
        const unsigned more = to < inner.size() ? 1 : 0;
        return ipv6(Octets()
                        .u8(44)
                        .u8(0)
                        .u16(static_cast<unsigned>(from) | more)
                        .u32(99)
                        .text(inner.substr(from, to - from))
                        .str(),
                    44);
    };
    Decoding decode;
    QVERIFY(decode(101, part(0, 32)) != Outcome::Tcp);
    QVERIFY(decode(101, part(32, inner.size())) != Outcome::Tcp);
}

void PacketFragmentTest::overInputs() {
    Decoding decode; // the next file of a ring buffer begins between two pieces
    decode.input = 4;
    decode(101, piece(m_datagram, 0, 24));
    decode(101, piece(m_datagram, 0, 24, 8));
    decode.input = 5;
    QVERIFY(decode(101, piece(m_datagram, 24, 56)) == Outcome::Tcp);
    QCOMPARE(QByteArray::fromStdString(decode.payload()), m_payload);
    const auto findings = decode.decoder.findings();
    QCOMPARE(findings.size(), std::size_t(1));
    QVERIFY(findings[0].kind->id == "packet.lost-fragments");
    QVERIFY(findings[0].input == 4U && findings[0].packet == 2U); // of identification 8
}

QTEST_APPLESS_MAIN(PacketFragmentTest)
#include "packet_fragment_test.moc"
