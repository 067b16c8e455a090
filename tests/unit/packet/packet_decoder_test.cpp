// SPDX-License-Identifier: Apache-2.0
// Packets built by hand after IEEE 802.1Q, tcpdump.org/linktypes, RFC 791, RFC 8200, RFC 4302, RFC 9293.
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "tests/unit/packet/frames.h"

using namespace gatescope;
using namespace gatescope::test;

namespace {

struct Vector {
    const char* name;
    unsigned link;
    std::string bytes;
    bool isV4 = true;
};

const std::vector<Vector>& tcpVectors() {
    static const std::string four = ipv4(tcpSegment("payload"));
    static const std::string six = ipv6(tcpSegment("payload"));
    static const std::string sll = Octets().u16(0).u16(1).u16(6).u32(0x02000000).u32(0x00010000).str();
    const auto sll2 = [](unsigned type, const std::string& ip) {
        return Octets().u16(type).u16(0).u32(3).u16(1).u8(0).u8(6).u32(0x02000000).u32(0x00010000).text(ip).str();
    };
    const auto extension = [](unsigned next, unsigned length8, std::size_t octets) {
        return Octets().u8(next).u8(length8).text(std::string(octets - 2, '\0')).str();
    };
    const std::string tcp = tcpSegment("payload");
    const std::string fragment = Octets().u8(6).u8(0).u16(0).u32(99).str(); // RFC 6946: whole
    static const std::vector<Vector> kAll{
        {"Ethernet, IPv4", 1, ethernet(0x0800, four)},
        {"Ethernet, IPv6", 1, ethernet(0x86dd, six), false},
        {"Ethernet with padding", 1, ethernet(0x0800, four) + std::string(6, '\xee')},
        {"Ethernet, IPv6 with padding", 1, ethernet(0x86dd, six) + std::string(6, '\xee'), false},
        {"802.1Q", 1, ethernet(0x8100, Octets().u16(0x2064).u16(0x0800).text(four).str())},
        {"802.1Q, IPv6", 1, ethernet(0x8100, Octets().u16(5).u16(0x86dd).text(six).str()), false},
        {"802.1ad", 1, ethernet(0x88a8, Octets().u16(5).u16(0x8100).u16(6).u16(0x0800).text(four).str())},
        {"old QinQ", 1, ethernet(0x9100, Octets().u16(5).u16(0x8100).u16(6).u16(0x0800).text(four).str())},
        {"Linux cooked", 113, sll + Octets().u16(0x0800).text(four).str()},
        {"Linux cooked, IPv6", 113, sll + Octets().u16(0x86dd).text(six).str(), false},
        {"Linux cooked, 802.1Q", 113, sll + Octets().u16(0x8100).u16(5).u16(0x0800).text(four).str()},
        {"Linux cooked 2", 276, sll2(0x0800, four)},
        {"Linux cooked 2, IPv6", 276, sll2(0x86dd, six), false},
        {"raw 12", 12, four},
        {"raw 14", 14, six, false},
        {"raw 101", 101, four},
        {"raw 101, IPv6", 101, six, false},
        {"IPv4", 228, four},
        {"IPv6", 229, six, false},
        {"null, little-endian", 0, Octets().little32(2).text(four).str()},
        {"null, big-endian", 0, Octets().u32(2).text(four).str()},
        {"null, IPv6 of FreeBSD", 0, Octets().little32(28).text(six).str(), false},
        {"null, IPv6 of macOS", 0, Octets().little32(30).text(six).str(), false},
        {"loop", 108, Octets().u32(24).text(six).str(), false},
        {"IPv4 options", 101, ipv4(tcp, 6, 0, 7, std::string("\x94\4\0\0\1\1\1\0", 8))},
        {"IPv4, not to be fragmented", 101, ipv4(tcp, 6, 0x4000)},
        {"IPv4, length 0", 101, ipv4(tcp, 6, 0, 7, {}, 0)},
        {"IPv6, length 0", 101, ipv6(tcp, 6, 0), false},
        {"TCP options", 101, ipv4(tcpSegment("payload", std::string("\1\1\x08\x0a\0\0\0\1\0\0\0\2", 12)))},
        {"hop-by-hop", 101, ipv6(extension(6, 0, 8) + tcp, 0), false},
        {"routing", 101, ipv6(extension(6, 2, 24) + tcp, 43), false},
        {"destination options", 101, ipv6(extension(6, 1, 16) + tcp, 60), false},
        {"authentication", 101, ipv6(extension(6, 4, 24) + tcp, 51), false},
        {"atomic fragment", 101, ipv6(fragment + tcp, 44), false},
        {"several", 101,
         ipv6(extension(43, 0, 8) + extension(60, 2, 24) + extension(51, 0, 8) + extension(44, 4, 24) + fragment + tcp,
              0),
         false},
    };
    return kAll;
}

} // namespace

class PacketDecoderTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tcp_data();
    void tcp();
    void prefixes_data() { tcp_data(); }
    void prefixes();
    void snapLength_data() { tcp_data(); }
    void snapLength();
    void flowHashIsTheSameBothWays();
    void others_data();
    void others();
    void countsAndFindings();
    void unknownLinkTypes();
    void fingerprint();
    void findingsByInput();
};

void PacketDecoderTest::tcp_data() {
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < tcpVectors().size(); ++i) QTest::newRow(tcpVectors()[i].name) << static_cast<int>(i);
}

void PacketDecoderTest::tcp() {
    QFETCH(int, index);
    const Vector& vector = tcpVectors()[static_cast<std::size_t>(index)];
    Decoding decode;
    QVERIFY(decode(vector.link, vector.bytes) == Outcome::Tcp);
    const packet::TcpSegment& s = decode.segment;
    QCOMPARE(QByteArray::fromStdString(s.source.toString()),
             QByteArray(vector.isV4 ? "10.0.0.1:40000" : "[2001:db8::1]:40000"));
    QCOMPARE(QByteArray::fromStdString(s.destination.toString()),
             QByteArray(vector.isV4 ? "10.0.0.2:80" : "[2001:db8::2]:80"));
    QCOMPARE(s.sequence, 1'000U);
    QCOMPARE(s.acknowledgement, 2'000U);
    QCOMPARE(s.window, std::uint16_t(512));
    QCOMPARE(s.flags, std::uint8_t(packet::kPsh | packet::kAck));
    QCOMPARE(QByteArray::fromStdString(decode.payload()), QByteArray("payload"));
    QCOMPARE(s.uncaptured, 0U);
    QCOMPARE(s.packet, std::uint64_t(1));
    QCOMPARE(s.time, TimeNs(1'000'000'000));
}

void PacketDecoderTest::prefixes() {
    QFETCH(int, index);
    const Vector& vector = tcpVectors()[static_cast<std::size_t>(index)];
    for (std::size_t size = 0; size < vector.bytes.size(); ++size) { // as if the wire had carried no more
        Decoding decode;
        const Outcome outcome = decode(vector.link, vector.bytes.substr(0, size));
        QVERIFY2(outcome != Outcome::Tcp || std::string_view("payload").starts_with(decode.payload()),
                 (std::to_string(size) + decode.payload()).c_str());
    }
}

void PacketDecoderTest::snapLength() {
    QFETCH(int, index);
    const Vector& vector = tcpVectors()[static_cast<std::size_t>(index)];
    const std::size_t payloadAt = vector.bytes.find("payload");
    const std::size_t options = std::string_view(vector.name) == "TCP options" ? 12 : 0;
    for (std::size_t size = 1; size < payloadAt + 7; ++size) {
        Decoding decode;
        const Outcome outcome = decode(vector.link, vector.bytes.substr(0, size), vector.bytes.size());
        const std::string what = std::to_string(size) + " of " + std::to_string(vector.bytes.size());
        if (size < payloadAt - options) {
            QVERIFY2(outcome == Outcome::Truncated, what.c_str());
            continue;
        }
        QVERIFY2(outcome == Outcome::Tcp, what.c_str());
        const std::size_t there = size > payloadAt ? size - payloadAt : 0;
        QCOMPARE(decode.payload(), std::string("payload").substr(0, there));
        QCOMPARE(decode.segment.uncaptured, static_cast<std::uint32_t>(7 - there));
    }
}

void PacketDecoderTest::flowHashIsTheSameBothWays() {
    CaptureBuilder capture;
    auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80");
    flow.client("a").server("b");
    capture.connect("100.64.9.87:40001", "10.0.9.213:80");
    Decoding decode;
    std::vector<std::uint64_t> hashes;
    for (const auto& packet : capture.packets()) {
        QVERIFY(decode(1, packet.frame) == Outcome::Tcp);
        hashes.push_back(decode.segment.flowHash);
    }
    for (std::size_t i = 1; i < 5; ++i) QCOMPARE(hashes[i], hashes[0]);
    QVERIFY(hashes[5] != hashes[0]);
}

void PacketDecoderTest::others_data() {
    QTest::addColumn<int>("link");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("outcome");
    const auto row = [](const char* name, unsigned link, const std::string& bytes, Outcome outcome) {
        QTest::newRow(name) << static_cast<int>(link) << QByteArray::fromStdString(bytes) << static_cast<int>(outcome);
    };
    const std::string tcp = tcpSegment("payload");
    std::string badVersion = ipv4(tcp);
    badVersion[0] = '\x55';
    std::string shortHeader = ipv4(tcp);
    shortHeader[0] = '\x44';
    std::string longHeader = tcp;
    longHeader[12] = '\xf0';
    std::string noHeader = tcp;
    noHeader[12] = '\x40';
    std::string tags;
    for (int i = 0; i < 6; ++i) tags += Octets().u16(i).u16(0x8100).str();
    row("ARP", 1, ethernet(0x0806, std::string(28, '\0')), Outcome::OtherTraffic);
    row("802.3 length", 1, ethernet(0x0026, std::string(60, '\0')), Outcome::OtherTraffic);
    row("UDP", 101, ipv4(std::string(20, '\0'), 17), Outcome::OtherTraffic);
    row("UDP over IPv6", 101, ipv6(std::string(20, '\0'), 17), Outcome::OtherTraffic);
    row("no next header", 101, ipv6({}, 59), Outcome::OtherTraffic);
    row("encrypted", 101, ipv6(std::string(20, '\0'), 50), Outcome::Encrypted);
    row("a fragment of UDP", 101, ipv4(std::string(24, '\0'), 17, 0x2000), Outcome::OtherTraffic);
    row("neither IPv4 nor IPv6", 101, badVersion, Outcome::OtherTraffic);
    row("IPv6 in an IPv4 frame", 1, ethernet(0x0800, ipv6(tcp)), Outcome::Malformed);
    row("IPv4 in an IPv6 frame", 1, ethernet(0x86dd, ipv4(tcp)), Outcome::Malformed);
    row("IPv4 header too short", 101, shortHeader, Outcome::Malformed);
    row("IPv4 total length below its header", 101, ipv4(tcp, 6, 0, 7, {}, 19), Outcome::Malformed);
    row("TCP header beyond the packet", 101, ipv4(longHeader), Outcome::Malformed);
    row("TCP header too short", 101, ipv4(noHeader), Outcome::Malformed);
    row("TCP header not whole", 101, ipv4(tcp.substr(0, 19)), Outcome::Malformed);
    row("six VLAN tags", 1, ethernet(0x8100, tags), Outcome::Malformed);
    row("extension header beyond the packet", 101, ipv6(Octets().u8(6).u8(200).text(std::string(30, '\0')).str(), 60),
        Outcome::Malformed);
    std::string endless;
    for (int i = 0; i < 40; ++i) endless += Octets().u8(60).u8(0).text(std::string(6, '\0')).str();
    row("extension headers without end", 101, ipv6(endless, 60), Outcome::Malformed);
    row("another link type", 147, ipv4(tcp), Outcome::UnknownLink);
    row("nothing", 1, {}, Outcome::Truncated);
}

void PacketDecoderTest::others() {
    QFETCH(int, link);
    QFETCH(QByteArray, bytes);
    Decoding decode;
    QTEST(static_cast<int>(decode(static_cast<unsigned>(link), bytes.toStdString())), "outcome");
    for (qsizetype size = 0; size < bytes.size(); ++size)
        QVERIFY(decode(static_cast<unsigned>(link), bytes.left(size).toStdString()) != Outcome::Tcp);
}

void PacketDecoderTest::countsAndFindings() {
    Decoding decode;
    decode.input = 3;
    decode(101, ipv4(tcpSegment("a")));
    decode(101, ipv4(tcpSegment("a")).substr(0, 30), 41);
    decode(101, ipv4(tcpSegment("a"), 6, 0, 7, {}, 10));
    decode(101, ipv4(tcpSegment("a")).substr(0, 30), 41);
    decode(101, ipv4("12345678", 6, 0x2000));
    QCOMPARE(decode.decoder.packets(Outcome::Tcp), std::uint64_t(1));
    QCOMPARE(decode.decoder.packets(Outcome::Truncated), std::uint64_t(2));
    QCOMPARE(decode.decoder.packets(Outcome::Malformed), std::uint64_t(1));
    const auto findings = decode.decoder.findings();
    QCOMPARE(findings.size(), std::size_t(3));
    QVERIFY(findings[0].kind->id == "packet.truncated-headers" && findings[0].packet == 2U && findings[0].input == 3U);
    QVERIFY(findings[1].kind->id == "packet.malformed-headers" && findings[1].packet == 3U);
    QVERIFY(findings[2].kind->id == "packet.lost-fragments");
}

void PacketDecoderTest::unknownLinkTypes() {
    Decoding decode;
    for (unsigned link = 300; link < 320; ++link) decode(link, "whatever it is");
    decode(301, "whatever it is");
    const auto findings = decode.decoder.findings();
    QVERIFY(findings.size() <= 8);
    for (const Finding& finding : findings) QVERIFY(finding.kind->id == "packet.unknown-link-type");
    QCOMPARE(QByteArray::fromStdString(findings[1].evidence.at(0)), QByteArray("link type 301"));
    QCOMPARE(QByteArray::fromStdString(findings[1].evidence.at(1)), QByteArray("2 packets"));
    QVERIFY(findings[1].packet == 2U);
}

void PacketDecoderTest::fingerprint() {
    std::string tcp = tcpSegment("payload");
    tcp.replace(16, 2, "\xab\xcd"); // the checksum
    Decoding decode;
    const auto of = [&](unsigned link, const std::string& packet) {
        return decode(link, packet) == Outcome::Tcp ? decode.segment.fingerprint : 0;
    };
    QCOMPARE(of(101, ipv4(tcp, 6, 0, 0x1234)), 0x1234abcdU);
    QCOMPARE(of(1, ethernet(0x8100, Octets().u16(5).u16(0x0800).text(ipv4(tcp, 6, 0, 0x1234)).str())), 0x1234abcdU);
    QCOMPARE(of(101, ipv4(ipv4(tcp, 6, 0, 0x1234), 4, 0, 0x9999)), 0x1234abcdU); // the inner one's
    std::string six = ipv6(tcp);
    six.replace(1, 3, "\x07\x56\x78"); // flow label 75678
    QCOMPARE(of(101, six), 0x5678abcdU);
    of(101, ipv4(tcp.substr(0, 24), 6, 0x2000, 0x4321));
    QCOMPARE(of(101, ipv4(tcp.substr(24), 6, 3, 0x4321)), 0x4321abcdU);
}

void PacketDecoderTest::findingsByInput() {
    Decoding decode;
    const std::string good = ipv4(tcpSegment("a"));
    decode(101, good); // packet 1 of input 0
    decode.input = 7;
    decode(105, "x");                    // 2
    decode(101, good.substr(0, 30), 41); // 3
    decode.input = 2;
    decode(101, ipv4("12345678", 1)); // 4: ICMP
    decode.input = 7;
    decode(101, good.substr(0, 30), 41); // 5
    const auto findings = decode.decoder.findings();
    QCOMPARE(findings.size(), std::size_t(3));
    QVERIFY(findings[0].kind->id == "packet.no-tcp" && findings[0].input == 2U && findings[0].packet == 4U);
    QVERIFY(findings[1].kind->id == "packet.unknown-link-type" && findings[1].input == 7U && findings[1].packet == 2U);
    QVERIFY(findings[2].kind->id == "packet.truncated-headers" && findings[2].input == 7U && findings[2].packet == 3U);
    QCOMPARE(QByteArray::fromStdString(findings[2].evidence.at(0)), QByteArray("2 packets"));
    QCOMPARE(decode.decoder.packets(Outcome::Truncated), std::uint64_t(2));
}

QTEST_APPLESS_MAIN(PacketDecoderTest)
#include "packet_decoder_test.moc"
