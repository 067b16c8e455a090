// SPDX-License-Identifier: Apache-2.0
// Packets built by hand after RFC 1661, 1701, 2516, 2637, 2661, 2784, 2890, 3032, 3378, 4213, 4380, 4385, 7348, 8086,
// 8300, 8926, 9000, TS 29.281, draft-foschiano-erspan, IEEE 802.1ad/ah/BR and tcpdump.org/linktypes.
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "tests/unit/packet/tunnel_frames.h"

using namespace gatescope;
using namespace gatescope::test;

namespace {

struct Vector {
    const char* name;
    unsigned link;
    std::string bytes;
    const char* tunnel = nullptr; ///< as the finding says, when there is one
    bool isV4 = true;
};

const std::string kTcp = tcpSegment("payload");
const std::string kFour = ipv4(kTcp);
const std::string kSix = ipv6(kTcp);
const std::string kFrame = ethernet(0x0800, kFour);

void addLinkTypes(std::vector<Vector>& all) {
    const std::string framed = std::string("\xff\x03", 2) + ppp(0x21, kFour);
    all.push_back({"PPP", 9, ppp(0x21, kFour)});
    all.push_back({"PPP, IPv6", 9, ppp(0x57, kSix), nullptr, false});
    all.push_back({"PPP, protocol of one octet", 9, "\x21" + kFour});
    all.push_back({"PPP with address and control", 9, framed});
    all.push_back({"PPP in HDLC-like framing", 50, framed});
    all.push_back({"Cisco HDLC of 50", 50, Octets().u16(0x0f00).u16(0x0800).text(kFour).str()});
    all.push_back({"PPPoE link type", 51, pppoe(ppp(0x21, kFour)), "PPPoE"});
    all.push_back({"PPP of pppd", 166, std::string("\x01\x03", 2) + ppp(0x21, kFour)});
    all.push_back({"PPP with direction", 204, std::string("\0", 1) + framed});
    all.push_back({"Cisco HDLC", 104, Octets().u16(0x8f00).u16(0x86dd).text(kSix).str(), nullptr, false});
    all.push_back({"Cisco HDLC with direction", 205, Octets().u8(1).u16(0x0f00).u16(0x0800).text(kFour).str()});
    all.push_back({"LLC over ATM", 100, Octets().u32(0xaaaa0300).u16(0).u16(0x0800).text(kFour).str()});
    all.push_back({"IP over IEEE 1394", 138, std::string(16, '\x01') + Octets().u16(0x0800).text(kFour).str()});
    all.push_back({"OpenBSD enc", 109, Octets().little32(2).u32(0x1234).u32(0).text(kFour).str()});
    all.push_back({"OpenBSD pflog", 117, '\x3d' + std::string(63, '\0') + kFour});
    all.push_back({"MPLS link type", 219, mpls(1, kFour), "MPLS"});
    all.push_back({"NFLOG", 239, nflog(kFour)});
    all.push_back({"NFLOG, big-endian", 239, nflog(kSix, false), nullptr, false});
    all.push_back({"netANALYZER", 240, std::string(4, '\0') + kFrame});
    const auto pktap = [](unsigned dlt) {
        return Octets().little32(108).little32(1).little32(dlt).str() + std::string(96, '\0');
    };
    all.push_back({"PKTAP, Ethernet", 258, pktap(1) + kFrame});
    all.push_back({"PKTAP, raw", 258, pktap(12) + kSix, nullptr, false});
    all.push_back({"PKTAP, null", 258, pktap(0) + Octets().little32(2).text(kFour).str()});
}

void addEtherTypes(std::vector<Vector>& all) {
    const std::string snap = Octets().u32(0xaaaa0300).u16(0).u16(0x0800).text(kFour).str();
    const std::string control = std::string(4, '\0');
    all.push_back({"LLC with SNAP", 1, ethernet(static_cast<unsigned>(snap.size()), snap)});
    all.push_back({"VN-Tag", 1, ethernet(0x8926, Octets().u32(0x80010002).u16(0x0800).text(kFour).str())});
    all.push_back({"802.1BR", 1, ethernet(0x893f, Octets().u32(1).u16(2).u16(0x0800).text(kFour).str())});
    all.push_back(
        {"802.1ah", 1, ethernet(0x88a8, Octets().u16(5).u16(0x88e7).u32(77).text(kFrame).str()), "IEEE 802.1ah"});
    all.push_back({"PPPoE", 1, ethernet(0x8864, pppoe(ppp(0x21, kFour))), "PPPoE"});
    all.push_back({"PPPoE, IPv6, 802.1Q", 1,
                   ethernet(0x8100, Octets().u16(7).u16(0x8864).text(pppoe(ppp(0x57, kSix))).str()), "PPPoE", false});
    all.push_back({"MPLS", 1, ethernet(0x8847, mpls(2, kFour)), "MPLS"});
    all.push_back({"MPLS, IPv6, many labels", 1, ethernet(0x8847, mpls(16, kSix)), "MPLS", false});
    all.push_back({"MPLS, upstream", 1, ethernet(0x8848, mpls(1, kFour)), "MPLS"});
    all.push_back({"MPLS, Ethernet with control word", 1, ethernet(0x8847, mpls(1, control + kFrame)), "MPLS"});
    all.push_back({"MPLS, Ethernet without", 1, ethernet(0x8847, mpls(1, kFrame)), "MPLS"});
    std::string other = kFrame;
    other[0] = '\x26';
    all.push_back({"MPLS, Ethernet of another maker", 1, ethernet(0x8847, mpls(1, other)), "MPLS"});
    all.push_back({"MPLS over PPP", 9, ppp(0x281, mpls(1, kFour)), "MPLS"});
    all.push_back(
        {"NSH", 1,
         ethernet(0x894f,
                  Octets().u16(0x0fc6).u8(1).u8(3).u32(0x00002aff).text(std::string(16, 'c')).text(kFrame).str()),
         "NSH"});
}

void addUdpTunnels(std::vector<Vector>& all) {
    const std::string six = ethernet(0x86dd, kSix);
    all.push_back({"VXLAN", 101, overUdp(4789, vxlan(kFrame)), "VXLAN"});
    all.push_back({"VXLAN of Linux", 101, overUdp(8472, vxlan(kFrame)), "VXLAN"});
    all.push_back({"VXLAN with a tag inside", 101,
                   overUdp(4789, vxlan(ethernet(0x8100, Octets().u16(5).u16(0x86dd).text(kSix).str()))), "VXLAN",
                   false});
    all.push_back({"VXLAN over IPv6", 101, ipv6(udp(51'000, 4789, vxlan(kFrame)), 17), "VXLAN"});
    all.push_back({"VXLAN-GPE, IPv4", 101, overUdp(4790, vxlanGpe(1, kFour)), "VXLAN-GPE"});
    all.push_back({"VXLAN-GPE, IPv6", 101, overUdp(4790, vxlanGpe(2, kSix)), "VXLAN-GPE", false});
    all.push_back({"VXLAN-GPE, Ethernet", 101, overUdp(4790, vxlanGpe(3, kFrame)), "VXLAN-GPE"});
    all.push_back({"VXLAN-GPE, NSH", 101,
                   overUdp(4790, vxlanGpe(4, Octets().u16(0x0fc2).u8(2).u8(1).u32(0xff).text(kFour).str())), "NSH"});
    all.push_back({"VXLAN-GPE, MPLS", 101, overUdp(4790, vxlanGpe(5, mpls(1, kFour))), "MPLS"});
    all.push_back({"VXLAN on 4790", 101, overUdp(4790, vxlan(kFrame)), "VXLAN"});
    all.push_back({"Geneve", 101, overUdp(6081, geneve(0x6558, kFrame)), "Geneve"});
    all.push_back({"Geneve with options", 101,
                   overUdp(6081, geneve(0x6558, six, std::string("\1\2\x80\1abcdEFGH\0\0\0\0", 16))), "Geneve", false});
    all.push_back({"Geneve, IPv4", 101, overUdp(6081, geneve(0x0800, kFour)), "Geneve"});
    all.push_back({"GTP-U", 101, overUdp(2152, gtpU(0x30, kFour)), "GTP-U"});
    all.push_back(
        {"GTP-U, sequence", 101, overUdp(2152, gtpU(0x32, Octets().u16(9).u16(0).text(kSix).str())), "GTP-U", false});
    all.push_back({"GTP-U, extensions", 101,
                   overUdp(2152, gtpU(0x34, Octets()
                                                .u16(0)
                                                .u8(0)
                                                .u8(0x85)
                                                .u8(1)
                                                .u16(0x1009)
                                                .u8(0x20)
                                                .u8(2)
                                                .u32(0)
                                                .u16(0)
                                                .u8(0)
                                                .text(kFour)
                                                .str())),
                   "GTP-U"});
    all.push_back({"GTP-U, Ethernet", 101, overUdp(2152, gtpU(0x30, kFrame)), "GTP-U"});
    all.push_back({"GRE in UDP", 101, overUdp(4754, gre(0x2000, 0x0800, kFour, "key!")), "GRE in UDP"});
    all.push_back({"Teredo", 101, overUdp(3544, kSix), "Teredo", false});
    all.push_back(
        {"Teredo, from the server", 101, outerIpv4(udp(3544, 51'000, teredoOrigin() + kSix), 17), "Teredo", false});
    all.push_back({"Teredo, authentication and origin", 101,
                   overUdp(3544, teredoAuthentication("me", "secret") + teredoOrigin() + kSix), "Teredo", false});
    all.push_back({"L2TP", 101, overUdp(1701, l2tp(0, ppp(0x21, kFour))), "L2TP"});
    all.push_back({"L2TP with all fields", 101,
                   overUdp(1701, l2tp(0x4a00, ppp(0xff03, ppp(0x21, kFour)), "LL", std::string("nsnr\0\2oo", 8))),
                   "L2TP"});
}

void addIpTunnels(std::vector<Vector>& all) {
    const auto over = [](unsigned protocol, const std::string& payload) { return outerIpv4(payload, protocol); };
    const std::string route = Octets().u16(0x0800).u8(0).u8(4).u32(0x0a000001).u16(0).u8(0).u8(0).str();
    all.push_back({"IPv4 in IPv4", 101, over(4, kFour), "IPv4 in IP"});
    all.push_back({"IPv6 in IPv4", 101, over(41, kSix), "IPv6 in IP", false});
    all.push_back({"IPv4 in IPv6", 101, ipv6(kFour, 4), "IPv4 in IP"});
    all.push_back({"IPv6 in IPv6", 101, ipv6(kSix, 41), "IPv6 in IP", false});
    all.push_back({"EtherIP", 101, over(97, Octets().u16(0x3000).text(kFrame).str()), "Ethernet in IP"});
    all.push_back({"Ethernet as next header", 101, ipv6(kFrame, 143), "Ethernet in IP"});
    all.push_back({"MPLS in IP", 101, over(137, mpls(1, kFour)), "MPLS in IP"});
    all.push_back({"authentication, IPv4", 101,
                   over(51, Octets().u8(4).u8(4).text(std::string(22, '\0')).text(kFour).str()), "IPv4 in IP"});
    all.push_back({"GRE", 101, over(47, gre(0, 0x0800, kFour)), "GRE"});
    all.push_back({"GRE, IPv6", 101, over(47, gre(0, 0x86dd, kSix)), "GRE", false});
    all.push_back({"GRE, Ethernet", 101, over(47, gre(0, 0x6558, kFrame)), "GRE"});
    all.push_back({"GRE, MPLS", 101, over(47, gre(0, 0x8847, mpls(2, kFour))), "MPLS"});
    all.push_back(
        {"GRE with checksum, key, sequence", 101, over(47, gre(0xb000, 0x0800, kFour, "sum0key1seq2")), "GRE"});
    all.push_back({"GRE with routing", 101, over(47, gre(0x4000, 0x0800, kFour, std::string(4, '\0') + route)), "GRE"});
    all.push_back({"GRE over IPv6", 101, ipv6(gre(0x2000, 0x6558, kFrame, "nvgr"), 47), "GRE"});
    all.push_back(
        {"GRE version 1", 101, over(47, gre(0x3081, 0x880b, ppp(0x21, kFour), "lencseq1ack1")), "PPP in GRE"});
    all.push_back({"GRE version 1, no acknowledgement", 101,
                   over(47, gre(0x3001, 0x880b, ppp(0x21, kFour), "lencseq1")), "PPP in GRE"});
    all.push_back({"WCCP", 101, over(47, gre(0, 0x883e, std::string("\x20\x5a\1\2", 4) + kFour)), "GRE"});
    all.push_back({"ERSPAN I", 101, over(47, gre(0, 0x88be, kFrame)), "ERSPAN"});
    all.push_back({"ERSPAN II", 101, over(47, gre(0x1000, 0x88be, erspanII(kFrame), "seq1")), "ERSPAN"});
    all.push_back({"ERSPAN III", 101, over(47, gre(0x1000, 0x22eb, erspanIII(kFrame, 0x0000), "seq1")), "ERSPAN"});
    all.push_back({"ERSPAN III with subheader", 101,
                   over(47, gre(0x1000, 0x22eb, erspanIII(kFrame, 0x0001, "platform"), "seq1")), "ERSPAN"});
    all.push_back(
        {"ERSPAN III, IP", 101, over(47, gre(0x1000, 0x22eb, erspanIII(kSix, 2U << 10), "seq1")), "ERSPAN", false});
    all.push_back({"VXLAN in ERSPAN", 1,
                   ethernet(0x0800, over(47, gre(0x1000, 0x88be,
                                                 erspanII(ethernet(0x0800, overUdp(4789, vxlan(kFrame)))), "seq1"))),
                   "VXLAN"});
}

const std::vector<Vector>& vectors() {
    static const std::vector<Vector> kAll = [] {
        std::vector<Vector> all;
        addLinkTypes(all);
        addEtherTypes(all);
        addUdpTunnels(all);
        addIpTunnels(all);
        return all;
    }();
    return kAll;
}

} // namespace

class PacketTunnelTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tcp_data();
    void tcp();
    void prefixes_data() { tcp_data(); }
    void prefixes();
    void snapLength_data() { tcp_data(); }
    void snapLength();
    void others_data();
    void others();
    void userPort();
    void nesting();
    void nestingWithoutTunnels();
    void names();
};

void PacketTunnelTest::tcp_data() {
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < vectors().size(); ++i) QTest::newRow(vectors()[i].name) << static_cast<int>(i);
}

void PacketTunnelTest::tcp() {
    QFETCH(int, index);
    const Vector& vector = vectors()[static_cast<std::size_t>(index)];
    Decoding decode;
    QVERIFY(decode(vector.link, vector.bytes) == Outcome::Tcp);
    QCOMPARE(decode.segment.source.toString(), std::string(vector.isV4 ? "10.0.0.1:40000" : "[2001:db8::1]:40000"));
    QCOMPARE(decode.segment.destination.toString(), std::string(vector.isV4 ? "10.0.0.2:80" : "[2001:db8::2]:80"));
    QCOMPARE(decode.segment.sequence, 1'000U);
    QCOMPARE(decode.payload(), std::string("payload"));
    QCOMPARE(decode.segment.uncaptured, 0U);
    const std::string evidence = evidenceOf(decode.decoder.findings(), "packet.tunnels");
    if (vector.tunnel == nullptr)
        QCOMPARE(evidence, std::string());
    else
        QVERIFY2(evidence.find(std::string(vector.tunnel) + ": 1 packet") != std::string::npos, evidence.c_str());
}

void PacketTunnelTest::prefixes() {
    QFETCH(int, index);
    const Vector& vector = vectors()[static_cast<std::size_t>(index)];
    for (std::size_t size = 0; size < vector.bytes.size(); ++size) { // as if the wire had carried no more
        Decoding decode;
        const Outcome outcome = decode(vector.link, vector.bytes.substr(0, size));
        if (outcome != Outcome::Tcp) continue;
        // The inner IP header still says how long the segment was.
        QVERIFY(std::string_view("payload").starts_with(decode.payload()));
        QCOMPARE(decode.segment.uncaptured, static_cast<std::uint32_t>(7 - decode.payload().size()));
    }
}

void PacketTunnelTest::snapLength() {
    QFETCH(int, index);
    const Vector& vector = vectors()[static_cast<std::size_t>(index)];
    const std::size_t payloadAt = vector.bytes.rfind("payload");
    for (std::size_t size = 1; size <= payloadAt + 7; ++size) {
        Decoding decode;
        const Outcome outcome = decode(vector.link, vector.bytes.substr(0, size), vector.bytes.size());
        const std::string what = std::to_string(size) + " of " + std::to_string(vector.bytes.size()) + ": " +
                                 std::to_string(static_cast<int>(outcome));
        if (size < payloadAt) {
            QVERIFY2(outcome == Outcome::Truncated, what.c_str());
            continue;
        }
        QVERIFY2(outcome == Outcome::Tcp, what.c_str());
        QCOMPARE(decode.payload(), std::string("payload").substr(0, size - payloadAt));
        QCOMPARE(decode.segment.uncaptured, static_cast<std::uint32_t>(payloadAt + 7 - size));
    }
}

void PacketTunnelTest::others_data() {
    QTest::addColumn<int>("link");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("outcome");
    const auto row = [](const char* name, unsigned link, const std::string& bytes, Outcome outcome) {
        QTest::newRow(name) << static_cast<int>(link) << QByteArray::fromStdString(bytes) << static_cast<int>(outcome);
    };
    const auto over = [](unsigned protocol, const std::string& payload) { return outerIpv4(payload, protocol); };
    // Plain UDP that meets a tunnel's port.
    const std::string text = "GET /plain/text HTTP/1.1\r\nHost: example.org\r\n\r\n";
    for (const unsigned port : {1701U, 2152U, 3544U, 4754U, 4789U, 4790U, 6081U, 8472U})
        row(qPrintable(QString("text to port %1").arg(port)), 101, overUdp(port, text), Outcome::OtherTraffic);
    row("VXLAN without flag I", 101, overUdp(4789, vxlan(kFrame, 0)), Outcome::OtherTraffic);
    row("VXLAN from the port, not to it", 101, outerIpv4(udp(4789, 51'000, vxlan(kFrame)), 17), Outcome::OtherTraffic);
    row("reserved bits and no frame", 101, overUdp(4789, vxlan(text, 0x08ff0000)), Outcome::OtherTraffic);
    row("group policy", 101, overUdp(4789, vxlan(kFrame, 0x88000010)), Outcome::Tcp);
    row("VXLAN-GPE of operations", 101, overUdp(4790, vxlanGpe(1, kFour, 0x0d)), Outcome::OtherTraffic);
    row("Geneve version 1", 101, overUdp(6081, "\x40" + geneve(0x0800, kFour).substr(1)), Outcome::OtherTraffic);
    row("Geneve options beyond the packet", 101, overUdp(6081, "\x3f" + geneve(0x0800, kFour).substr(1)),
        Outcome::Malformed);
    row("GTP-U echo", 101, overUdp(2152, gtpU(0x32, std::string(4, '\0'), 1)), Outcome::OtherTraffic);
    row("GTP prime", 101, overUdp(2152, gtpU(0x20, kFour)), Outcome::OtherTraffic);
    row("GTP-U, extension of length 0", 101,
        overUdp(2152, gtpU(0x34, Octets().u16(0).u8(0).u8(0x85).u32(0).text(kFour).str())), Outcome::Malformed);
    row("Teredo longer than the datagram", 101, overUdp(3544, ipv6(kTcp, 6, 900)), Outcome::OtherTraffic);
    row("L2TP control", 101, overUdp(1701, l2tp(0xc800, std::string(12, '\0'), std::string("\0\x0c", 2))),
        Outcome::OtherTraffic);
    row("L2TP version 3", 101, overUdp(1701, Octets().u16(3).u16(0).u32(5).text(kFrame).str()), Outcome::NotDecoded);
    row("L2TP version 3 over IP", 101, over(115, Octets().u32(5).text(kFrame).str()), Outcome::NotDecoded);
    row("ESP", 101, over(50, text), Outcome::Encrypted);
    row("ESP in UDP", 101, overUdp(4500, text), Outcome::Encrypted);
    row("key exchange in UDP", 101, overUdp(4500, std::string(4, '\0') + text), Outcome::OtherTraffic);
    row("keep-alive of ESP", 101, overUdp(4500, "\xff"), Outcome::OtherTraffic);
    row("MACsec", 1, ethernet(0x88e5, text), Outcome::Encrypted);
    row("PPP encryption", 9, ppp(0x53, text), Outcome::Encrypted);
    row("PPP multilink", 9, ppp(0x3d, text), Outcome::NotDecoded);
    row("PPP compression", 9, ppp(0xfd, text), Outcome::NotDecoded);
    row("PPP link control", 9, ppp(0xc021, text), Outcome::OtherTraffic);
    row("PPPoE discovery", 1, ethernet(0x8863, pppoe(text, 9)), Outcome::OtherTraffic);
    row("PPPoE session with a code", 1, ethernet(0x8864, pppoe(ppp(0x21, kFour), 1)), Outcome::OtherTraffic);
    row("labels without end", 1, ethernet(0x8847, std::string(200, '\0')), Outcome::Malformed);
    row("17 labels", 1, ethernet(0x8847, mpls(17, kFour)), Outcome::Malformed);
    row("MPLS, associated channel", 1, ethernet(0x8847, mpls(1, "\x10" + text)), Outcome::OtherTraffic);
    row("GRE version 2", 101, over(47, gre(2, 0x0800, kFour)), Outcome::OtherTraffic);
    row("GRE of something", 101, over(47, gre(0, 0x2000, kFour)), Outcome::OtherTraffic);
    row("GRE version 1, acknowledgement only", 101, over(47, gre(0x2081, 0x880b, {}, "lencack1")),
        Outcome::OtherTraffic);
    row("GRE routing without end", 101,
        over(47, gre(0x4000, 0x0800, {}, std::string(4, '\0') + Octets().u16(0x0800).u8(0).u8(200).u32(1).str())),
        Outcome::Malformed);
    row("ERSPAN II of version 3", 101, over(47, gre(0x1000, 0x88be, "\x30" + erspanII(kFrame).substr(1), "seq1")),
        Outcome::OtherTraffic);
    row("NSH too short", 1, ethernet(0x894f, Octets().u16(0x0fc1).u8(1).u8(3).u32(0).text(kFrame).str()),
        Outcome::Malformed);
    row("authentication twice", 101,
        over(
            51,
            Octets().u8(51).u8(4).text(std::string(22, '\0')).u8(6).u8(4).text(std::string(22, '\0')).text(kTcp).str()),
        Outcome::Malformed);
    row("NFLOG attribute of length 1", 239, std::string(4, '\0') + Octets().little16(1).little16(9).text(kFour).str(),
        Outcome::Malformed);
    row("NFLOG without packet", 239, std::string(4, '\0') + Octets().little16(8).little16(1).u32(0).str(),
        Outcome::OtherTraffic);
    row("PKTAP of a short header", 258, Octets().little32(3).little32(1).little32(1).text(kFrame).str(),
        Outcome::Malformed);
    row("PKTAP of 802.11", 258, Octets().little32(12).little32(1).little32(105).text(kFrame).str(),
        Outcome::UnknownLink);
    row("spanning tree", 1, ethernet(38, std::string("\x42\x42\x03", 3) + text), Outcome::OtherTraffic);
}

void PacketTunnelTest::others() {
    QFETCH(int, link);
    QFETCH(QByteArray, bytes);
    Decoding decode;
    QTEST(static_cast<int>(decode(static_cast<unsigned>(link), bytes.toStdString())), "outcome");
    for (qsizetype size = 0; size < bytes.size(); ++size) // must not read past the end
        decode(static_cast<unsigned>(link), bytes.left(size).toStdString());
}

void PacketTunnelTest::userPort() {
    packet::PacketOptions options;
    options.vxlanPorts = {5'000, 5'001};
    Decoding decode(options);
    QVERIFY(decode(101, overUdp(5'001, vxlan(kFrame))) == Outcome::Tcp);
    QVERIFY(decode(101, overUdp(4'789, vxlan(kFrame))) == Outcome::Tcp);
    QVERIFY(decode(101, overUdp(5'002, vxlan(kFrame))) == Outcome::OtherTraffic);
}

void PacketTunnelTest::nesting() {
    const auto nested = [](unsigned tunnels) {
        std::string packet = kFour;
        for (unsigned i = 0; i < tunnels; ++i)
            packet = i % 2 == 0 ? overUdp(4789, vxlan(ethernet(0x0800, packet))) : outerIpv4(packet, 4);
        return packet;
    };
    Decoding decode;
    QVERIFY(decode(101, nested(PacketDecoder::kMaxTunnels)) == Outcome::Tcp);
    QVERIFY(decode(101, nested(PacketDecoder::kMaxTunnels + 1)) == Outcome::TooManyTunnels);
    QVERIFY(decode(101, nested(PacketDecoder::kMaxTunnels)) == Outcome::Tcp); // nothing is left of the one before
    const auto findings = decode.decoder.findings();
    QCOMPARE(evidenceOf(findings, "packet.too-many-tunnels"), std::string("1 packet"));
    QCOMPARE(evidenceOf(findings, "packet.tunnels"), std::string("VXLAN: 3 packets; IPv4 in IP: 3 packets"));
}

void PacketTunnelTest::nestingWithoutTunnels() {
    // Types that are names inside tunnels only must not let a frame hold a frame hold a frame.
    for (const unsigned type : {0x6558U, 0x880bU, 0xffffU}) {
        std::string frame = kFrame;
        for (int i = 0; i < 3; ++i) frame = ethernet(type, frame);
        Decoding decode;
        QVERIFY(decode(1, frame) == Outcome::OtherTraffic);
    }
    std::string deep = kFrame;
    for (int i = 0; i < 2'000; ++i) deep = ethernet(0x8847, mpls(1, deep));
    Decoding decode;
    QVERIFY(decode(1, deep) == Outcome::TooManyTunnels);
}

void PacketTunnelTest::names() {
    Decoding decode;
    decode(105, "x");
    decode(189, "x");
    decode(148, "x");
    decode(12'345, "x");
    QCOMPARE(evidenceOf(decode.decoder.findings(), "packet.unknown-link-type"),
             std::string("link type 105 (IEEE 802.11); 1 packet; link type 189 (USB of Linux); 1 packet; "
                         "link type 148 (private use 1); 1 packet; link type 12345; 1 packet"));
}

QTEST_APPLESS_MAIN(PacketTunnelTest)
#include "packet_tunnel_test.moc"
