// SPDX-License-Identifier: Apache-2.0
// QUIC connections: the vectors of RFC 9001 and RFC 9369, and packets sealed by OpenSSL after RFC 9000.
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "core/tls/names.h"
#include "core/tls/quic_initial.h"
#include "core/tls/quic_packet.h"
#include "tests/unit/tls/message_writer.h"
#include "tests/unit/tls/quic_sealer.h"
#include "tests/unit/tls/rfc9001.h"

#include <random>

using namespace gatescope;
using namespace gatescope::test;
using tls::QuicConnection;

namespace {

const QByteArray kClientId = "client";
const QByteArray kServerId = "server-1";

Bytes bytesOf(const QByteArray& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.constData()), static_cast<std::size_t>(text.size())};
}

/// Feeds datagrams, one packet and one millisecond after the other.
class Dialogue {
public:
    Dialogue& client(const QByteArray& datagram) { return feed(0, datagram); }
    Dialogue& server(const QByteArray& datagram) { return feed(1, datagram); }
    Dialogue& feed(unsigned direction, const QByteArray& datagram) {
        ++m_packet;
        // A copy of exactly that size, so that a sanitizer sees the first octet read past the end.
        const std::vector<std::uint8_t> copy(bytesOf(datagram).begin(), bytesOf(datagram).end());
        m_connection.feed(direction, copy, {m_packet, static_cast<TimeNs>(m_packet) * 1'000'000});
        return *this;
    }
    const tls::SessionFacts& facts() const { return m_connection.facts(); }
    QuicConnection& connection() { return m_connection; }
    tls::SessionFacts close(bool captureEnded = true) {
        m_connection.close(captureEnded);
        return m_connection.takeFacts();
    }
    std::string ended(bool captureEnded = true) { return close(captureEnded).ended; }

private:
    QuicConnection m_connection;
    PacketRef m_packet = 0;
};

/// RFC 6066, 3; RFC 7301, 3.1; RFC 8446, 4.2.1.
QByteArray clientHello(const QByteArray& name = "gw.example", int padding = 0) {
    const QByteArray names = vector16(QByteArray(1, '\0') + vector16(name));
    std::vector<Extension> extensions{{0, names}, {16, vector16("\x02h3")}, {43, QByteArray::fromHex("020304")}};
    if (padding != 0) extensions.push_back({21, QByteArray(padding, '\0')});
    return handshakeMessage(1, clientHelloBody({0x1301, 0x1302}, extensions));
}
QByteArray serverHello(bool withPsk = false) {
    std::vector<Extension> extensions{{43, QByteArray::fromHex("0304")},
                                      {51, QByteArray::fromHex("001d0020") + QByteArray(32, 'k')}};
    if (withPsk) extensions.push_back({41, QByteArray::fromHex("0000")});
    return handshakeMessage(2, serverHelloBody(0x0303, 0x1301, extensions));
}

const QuicSealer& sealer() {
    static const QuicSealer kSealer(kQuicClientDestination);
    return kSealer;
}
/// The client's, before it knows the server's connection id.
QByteArray firstInitial(const QByteArray& frames, std::uint64_t number = 0, const QuicSealer& seal = sealer()) {
    return seal({true, kQuicClientDestination, kClientId, number, 1, frames, {}});
}
QByteArray laterInitial(const QByteArray& frames, std::uint64_t number) {
    return sealer()({true, kServerId, kClientId, number, 1, frames, {}});
}
QByteArray serverInitial(const QByteArray& frames, std::uint64_t number = 0, const QuicSealer& seal = sealer()) {
    return seal({false, kClientId, kServerId, number, 1, frames, {}});
}
/// RFC 9000, 19.3: one range, and counts of ECN.
const QByteArray kAckFrame = QByteArray::fromHex("03010001000100010203");

} // namespace

class TlsQuicTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void integers();
    void versionNames();
    void longHeaders();
    void sealerIsRight();
    void vectors_data();
    void vectors();
    void retryVector_data();
    void retryVector();
    void salts_data();
    void salts();
    void handshake();
    void resumption();
    void shuffledFrames();
    void helloOverDatagrams();
    void helloRetry();
    void retryChangesKeys();
    void compatibleVersion();
    void negotiation();
    void packetNumbers();
    void numberedTheOtherWay();
    void alerts();
    void otherCloses();
    void endings();
    void missedBeginning();
    void unknownVersions();
    void damaged();
    void truncationSweep();
    void helloLimit();
    void keyAttempts();
    void manySteps();
};

void TlsQuicTest::integers() {
    // RFC 9000, A.1.
    const auto read = [](const char* hex) {
        const QByteArray octets = QByteArray::fromHex(hex);
        ByteReader reader(bytesOf(octets));
        return tls::takeVariableInteger(reader);
    };
    QCOMPARE(read("c2197c5eff14e88c"), std::uint64_t{151'288'809'941'952'652});
    QCOMPARE(read("9d7f3e7d"), std::uint64_t{494'878'333});
    QCOMPARE(read("7bbd"), std::uint64_t{15'293});
    QCOMPARE(read("25"), std::uint64_t{37});
    QCOMPARE(read("4025"), std::uint64_t{37});
    const QByteArray cut = QByteArray::fromHex("9d7f3e");
    ByteReader reader(bytesOf(cut));
    tls::takeVariableInteger(reader);
    QVERIFY(reader.failed());
}

void TlsQuicTest::versionNames() {
    QCOMPARE(tls::quicVersionName(1), std::string("1"));
    QCOMPARE(tls::quicVersionName(0x6b3343cf), std::string("2"));
    QCOMPARE(tls::quicVersionName(0xff00001d), std::string("draft-29"));
    QCOMPARE(tls::quicVersionName(0x51303436), std::string("Q046"));
    QCOMPARE(tls::quicVersionName(0x54303531), std::string("T051"));
    QCOMPARE(tls::quicVersionName(0), std::string("negotiation"));
    QCOMPARE(tls::quicVersionName(0x1a2a3a4a), std::string("0x1a2a3a4a"));
    QCOMPARE(tls::quicVersionName(0x0000001f), std::string("0x0000001f"));
}

void TlsQuicTest::longHeaders() {
    const auto header = tls::parseQuicLongHeader(bytesOf(kQuicServerInitial));
    QVERIFY(header);
    QCOMPARE(header->version, 1U);
    QCOMPARE(header->destination, std::string());
    QCOMPARE(header->source, std::string("\xf0\x67\xa5\x50\x2a\x42\x62\xb5"));
    QVERIFY(!tls::parseQuicLongHeader(bytesOf(quicShort())));
    QVERIFY(!tls::parseQuicLongHeader(bytesOf(kQuicServerInitial.left(13))));
    QByteArray longId = kQuicServerInitial;
    longId[5] = 21;
    QVERIFY(!tls::parseQuicLongHeader(bytesOf(longId)));
}

void TlsQuicTest::sealerIsRight() {
    const QByteArray frames = kQuicClientFrame + QByteArray(1162 - kQuicClientFrame.size(), '\0');
    const QuicSealer::Packet packet{true, kQuicClientDestination, {}, 2, 4, frames, {}};
    QCOMPARE(sealer()(packet), kQuicClientInitial);
    QCOMPARE(QuicSealer(kQuicClientDestination, quicVersion2())(packet), kQuicClientInitial2);
}

void TlsQuicTest::vectors_data() {
    QTest::addColumn<QByteArray>("client");
    QTest::addColumn<QByteArray>("server");
    QTest::addColumn<quint32>("version");
    QTest::newRow("RFC 9001") << kQuicClientInitial << kQuicServerInitial << 1U;
    QTest::newRow("RFC 9369") << kQuicClientInitial2 << kQuicServerInitial2 << 0x6b3343cfU;
}

void TlsQuicTest::vectors() {
    QFETCH(const QByteArray, client);
    QFETCH(const QByteArray, server);
    QFETCH(const quint32, version);
    Dialogue dialogue;
    dialogue.client(client).server(server);
    QCOMPARE(dialogue.connection().version(), version);
    QCOMPARE(dialogue.connection().clientDirection(), std::optional<unsigned>(0));
    const auto facts = dialogue.close();
    QVERIFY(facts.overQuic);
    QVERIFY(facts.clientHelloSeen);
    QCOMPARE(facts.serverName, std::string("example.com"));
    QCOMPARE(facts.alpnOffered, std::vector<std::string>{"alpn"});
    QCOMPARE(QByteArray(reinterpret_cast<const char*>(facts.clientRandom.data()), 32).toHex(),
             QByteArray("ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c"));
    // The hello of A.3: TLS_AES_128_GCM_SHA256, x25519, TLS 1.3.
    QCOMPARE(unsigned{facts.cipherSuite}, 0x1301U);
    QCOMPARE(unsigned{facts.group}, 0x001dU);
    QCOMPARE(unsigned{facts.version}, 0x0304U);
    QCOMPARE(facts.quicVersion, version);
    // Two suites, example.com, TLS 1.3; eleven extensions; `alpn` begins with a and ends with n.
    QCOMPARE(facts.ja4.substr(0, 10), std::string("q13d0211an"));
    QCOMPARE(facts.recordsDecrypted, std::uint64_t{2});
    QCOMPARE(facts.recordsDamaged, std::uint64_t{0});
    QCOMPARE(facts.steps.size(), std::size_t{2});
    QCOMPARE(facts.steps[0].messages[0], tls::HandshakeType::ClientHello);
    QCOMPARE(facts.steps[0].length, 1200U);
    QCOMPARE(facts.steps[1].messages[0], tls::HandshakeType::ServerHello);
    QCOMPARE(facts.steps[1].from, tls::Peer::Server);
    QCOMPARE(facts.steps[1].packet, PacketRef{2});
}

void TlsQuicTest::retryVector_data() {
    QTest::addColumn<QByteArray>("client");
    QTest::addColumn<QByteArray>("retry");
    QTest::newRow("RFC 9001") << kQuicClientInitial << kQuicRetry;
    QTest::newRow("RFC 9369") << kQuicClientInitial2 << kQuicRetry2;
}

void TlsQuicTest::retryVector() {
    QFETCH(const QByteArray, client);
    QFETCH(const QByteArray, retry);
    Dialogue dialogue;
    dialogue.client(client).server(retry);
    QCOMPARE(dialogue.facts().steps[1].recordType, static_cast<std::uint8_t>(tls::QuicPacketType::Retry));
    QVERIFY(!dialogue.facts().steps[1].encrypted);
    // A Retry alone says which end is the server.
    Dialogue alone;
    alone.client(retry);
    QCOMPARE(alone.connection().clientDirection(), std::optional<unsigned>(1));
}

void TlsQuicTest::salts_data() {
    QTest::addColumn<quint32>("version");
    QTest::addColumn<QByteArray>("salt");
    // Section 5.2 of draft-ietf-quic-tls-22, -23 (the same up to -28), -29 (up to -32), -33 (as RFC 9001).
    const QByteArray of22 = "7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a";
    const QByteArray of23 = "c3eef712c72ebb5a11a7d2432bb46365bef9f502";
    const QByteArray of29 = "afbfec289993d24c9e9786f19c6111e04390a899";
    const QByteArray of33 = "38762cf7f55934b34d179ae6a4c80cadccbb7f0a";
    QTest::newRow("22") << 0xff000016U << of22;
    QTest::newRow("23") << 0xff000017U << of23;
    QTest::newRow("28") << 0xff00001cU << of23;
    QTest::newRow("29") << 0xff00001dU << of29;
    QTest::newRow("32") << 0xff000020U << of29;
    QTest::newRow("33") << 0xff000021U << of33;
    QTest::newRow("34") << 0xff000022U << of33;
    QTest::newRow("mvfst") << 0xfaceb002U << of23;
}

void TlsQuicTest::salts() {
    QFETCH(const quint32, version);
    QFETCH(const QByteArray, salt);
    const QuicSealer seal(kQuicClientDestination, {version, QByteArray::fromHex(salt), "quic ", 0});
    Dialogue dialogue;
    dialogue.client(firstInitial(cryptoFrame(0, clientHello()), 0, seal));
    dialogue.server(serverInitial(cryptoFrame(0, serverHello()), 0, seal));
    QCOMPARE(dialogue.facts().serverName, std::string("gw.example"));
    QCOMPARE(unsigned{dialogue.facts().cipherSuite}, 0x1301U);
}

void TlsQuicTest::handshake() {
    Dialogue dialogue;
    dialogue.client(firstInitial(cryptoFrame(0, clientHello()) + QByteArray(900, '\0')))
        .server(serverInitial(kAckFrame + cryptoFrame(0, serverHello())) + quicHandshake(kClientId, kServerId))
        .server(quicHandshake(kClientId, kServerId))
        .client(laterInitial(kAckFrame, 1) + quicHandshake(kServerId, kClientId, 100) + quicShort(60))
        .client(quicShort(80))
        .client(quicShort(70))
        .server(quicShort(90));
    const auto facts = dialogue.close(false);
    QCOMPARE(facts.ended, std::string("complete"));
    QCOMPARE(facts.outcome, tls::Outcome::Complete);
    QCOMPARE(facts.recordsDecrypted, std::uint64_t{3});
    QCOMPARE(facts.recordsNotDecrypted, std::uint64_t{3 + 4}); // Handshake and 1-RTT
    QCOMPARE(facts.applicationOctets[0], std::uint64_t{60 + 80 + 70});
    QCOMPARE(facts.applicationOctets[1], std::uint64_t{90});
    QVERIFY(!facts.decrypted);
    QCOMPARE(facts.notDecryptedBecause, std::string("QUIC is not decoded behind its hellos"));
    QCOMPARE(facts.steps.size(), std::size_t{6});
    QCOMPARE(facts.steps[4].count, 2U);
    QCOMPARE(facts.steps[4].octets, std::uint64_t{150});
    QCOMPARE(facts.steps[4].recordType, static_cast<std::uint8_t>(tls::QuicPacketType::OneRtt));
    QCOMPARE(facts.steps[2].recordType, static_cast<std::uint8_t>(tls::QuicPacketType::Handshake));
    QVERIFY(facts.steps[0].opened);
    QVERIFY(!facts.steps[2].opened);
    QCOMPARE(facts.firstPacket, PacketRef{1});
    QCOMPARE(facts.firstTime, TimeNs{1'000'000});
    QCOMPARE(facts.lastTime, TimeNs{7'000'000});
    QCOMPARE(facts.alpn, std::string()); // agreed where nobody sees it
}

void TlsQuicTest::resumption() {
    Dialogue dialogue;
    dialogue.client(firstInitial(cryptoFrame(0, clientHello())))
        .client(quicLongPacket(0xd3, 1, kQuicClientDestination, kClientId, quicInteger(50) + QByteArray(50, 'z')))
        .server(serverInitial(cryptoFrame(0, serverHello(true))) + quicHandshake(kClientId, kServerId) + quicShort())
        .client(quicHandshake(kServerId, kClientId) + quicShort());
    const auto facts = dialogue.close();
    QCOMPARE(facts.ended, std::string("resumed"));
    QVERIFY(facts.resumed);
    QCOMPARE(facts.steps[1].recordType, static_cast<std::uint8_t>(tls::QuicPacketType::ZeroRtt));
}

void TlsQuicTest::shuffledFrames() {
    // As Chrome does: pieces of any size in any order, PING and PADDING between them, some twice; any order of packets.
    const QByteArray hello = clientHello("shuffled.example", 1500);
    std::mt19937 random(7);
    for (int round = 0; round < 40; ++round) {
        QList<QByteArray> frames;
        for (qsizetype at = 0; at < hello.size();) {
            const auto size = static_cast<qsizetype>(random() % 120 + 1);
            const auto overlap = static_cast<qsizetype>(random() % 20);
            frames.append(cryptoFrame(static_cast<std::uint64_t>(at), hello.mid(at, size + overlap)));
            if (random() % 4 == 0)
                frames.append(QByteArray(static_cast<int>(random() % 3 + 1), random() % 2 == 0 ? '\0' : '\1'));
            at += size;
        }
        std::shuffle(frames.begin(), frames.end(), random);
        QList<QByteArray> packets;
        for (const QByteArray& frame : frames) {
            if (packets.isEmpty() || packets.back().size() + frame.size() > 1000) packets.append(QByteArray());
            packets.back() += frame;
        }
        Dialogue dialogue;
        std::uint64_t number = 0;
        for (const QByteArray& frame : packets) dialogue.client(firstInitial(frame, number++));
        QCOMPARE(dialogue.facts().serverName, std::string("shuffled.example"));
        QCOMPARE(dialogue.facts().recordsDamaged, std::uint64_t{0});
    }
}

void TlsQuicTest::helloOverDatagrams() {
    const QByteArray hello = clientHello("long.example", 2000);
    for (qsizetype cut = 1; cut < hello.size(); cut += 97) {
        Dialogue dialogue;
        dialogue.client(firstInitial(cryptoFrame(static_cast<std::uint64_t>(cut), hello.mid(cut)), 1));
        QVERIFY(!dialogue.facts().clientHelloSeen);
        dialogue.client(firstInitial(cryptoFrame(0, hello.left(cut)), 0));
        QCOMPARE(dialogue.facts().serverName, std::string("long.example"));
        QCOMPARE(unsigned{dialogue.facts().steps[1].messageCount}, 1U);
    }
}

void TlsQuicTest::helloRetry() {
    // RFC 8446, 4.1.3: the random of a HelloRetryRequest.
    QByteArray request = handshakeMessage(
        2, serverHelloBody(0x0303, 0x1301, {{43, QByteArray::fromHex("0304")}, {51, QByteArray::fromHex("0017")}}));
    request.replace(6, 32, QByteArray::fromHex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"));
    const QByteArray first = clientHello("first.example");
    const QByteArray hello = serverHello();
    Dialogue dialogue;
    dialogue.client(firstInitial(cryptoFrame(0, first)))
        .server(serverInitial(cryptoFrame(0, request)))
        .client(laterInitial(cryptoFrame(static_cast<std::uint64_t>(first.size()), clientHello("second.example")), 1))
        .server(serverInitial(cryptoFrame(static_cast<std::uint64_t>(request.size()), hello), 1));
    QVERIFY(dialogue.facts().helloRetried);
    QCOMPARE(dialogue.facts().serverName, std::string("first.example"));
    QCOMPARE(unsigned{dialogue.facts().group}, 0x001dU);
    QVERIFY(!dialogue.facts().ja3s.empty());
}

void TlsQuicTest::retryChangesKeys() {
    // RFC 9001, 5.2: the server's choice is what the next Initial is sent to, and what its keys follow from.
    const QByteArray chosen = "retried!";
    const QuicSealer after(chosen);
    const QByteArray retry = quicLongPacket(0xf0, 1, kClientId, chosen, "token" + QByteArray(16, 't'));
    const QByteArray hello = cryptoFrame(0, clientHello());
    Dialogue dialogue;
    dialogue.client(firstInitial(hello))
        .server(retry)
        .client(after({true, chosen, kClientId, 1, 2, hello, "token"}))
        .server(after({false, kClientId, kServerId, 0, 1, cryptoFrame(0, serverHello()), {}}));
    QCOMPARE(unsigned{dialogue.facts().cipherSuite}, 0x1301U);
    QCOMPARE(dialogue.facts().recordsDecrypted, std::uint64_t{3});
    QCOMPARE(dialogue.facts().recordsDamaged, std::uint64_t{0});
}

void TlsQuicTest::compatibleVersion() {
    // RFC 9368, 2.3 and RFC 9369, 4.1: the server answers in version 2; the connection id stays.
    const QuicSealer second(kQuicClientDestination, quicVersion2());
    Dialogue dialogue;
    dialogue.client(firstInitial(cryptoFrame(0, clientHello())))
        .server(serverInitial(cryptoFrame(0, serverHello()), 0, second))
        .client(second({true, kServerId, kClientId, 1, 1, kAckFrame, {}}));
    QCOMPARE(unsigned{dialogue.facts().cipherSuite}, 0x1301U);
    QCOMPARE(dialogue.facts().recordsDecrypted, std::uint64_t{3});
    QCOMPARE(dialogue.connection().version(), 0x6b3343cfU);
}

void TlsQuicTest::negotiation() {
    const QByteArray offer = quicLongPacket(0x80, 0, kClientId, kQuicClientDestination, quicNumber32(1));
    const QByteArray reserved = quicLongPacket(0xc0, 0x1a2a3a4a, kQuicClientDestination, kClientId,
                                               quicInteger(0) + quicInteger(100) + QByteArray(100, 'x'));
    Dialogue refused;
    refused.client(reserved).server(offer);
    QCOMPARE(refused.connection().clientDirection(), std::optional<unsigned>(0));
    QCOMPARE(refused.ended(), std::string("no-common-version"));
    Dialogue agreed;
    agreed.client(reserved)
        .server(offer)
        .client(firstInitial(cryptoFrame(0, clientHello())))
        .server(serverInitial(cryptoFrame(0, serverHello())) + quicShort())
        .client(quicShort());
    QCOMPARE(agreed.connection().version(), 1U);
    QCOMPARE(agreed.facts().serverName, std::string("gw.example"));
    QCOMPARE(agreed.ended(), std::string("complete"));
}

void TlsQuicTest::packetNumbers() {
    // RFC 9000, A.3: one octet of the number is enough as long as it is near the largest one.
    Dialogue dialogue;
    const QByteArray hello = clientHello("numbered.example");
    const auto packet = [](std::uint64_t number, int octets, const QByteArray& frames) {
        return sealer()({true, kQuicClientDestination, kClientId, number, octets, frames, {}});
    };
    dialogue.client(packet(0xfe, 2, cryptoFrame(0, hello.left(10))))
        .client(packet(0x101, 1, cryptoFrame(10, hello.mid(10, 10))))
        .client(packet(0xff, 1, cryptoFrame(20, hello.mid(20, 10))))
        .client(packet(0x123456, 3, cryptoFrame(30, hello.mid(30, 10))))
        .client(packet(0x1234ff, 2, cryptoFrame(40, hello.mid(40))));
    QCOMPARE(dialogue.facts().recordsDecrypted, std::uint64_t{5});
    QCOMPARE(dialogue.facts().serverName, std::string("numbered.example"));
}

void TlsQuicTest::numberedTheOtherWay() {
    Dialogue dialogue;
    dialogue.feed(1, quicShort(50)); // of an earlier connection between these ends, or reordered
    dialogue.feed(1, firstInitial(cryptoFrame(0, clientHello())));
    dialogue.feed(0, serverInitial(cryptoFrame(0, serverHello())));
    QCOMPARE(dialogue.connection().clientDirection(), std::optional<unsigned>(1));
    QCOMPARE(dialogue.facts().steps[0].from, tls::Peer::Client);
    QCOMPARE(dialogue.facts().steps[1].from, tls::Peer::Client);
    QCOMPARE(dialogue.facts().steps[2].from, tls::Peer::Server);
    QCOMPARE(dialogue.facts().applicationOctets[0], std::uint64_t{50});
    QCOMPARE(unsigned{dialogue.facts().cipherSuite}, 0x1301U);
}

void TlsQuicTest::alerts() {
    // RFC 9001, 4.8: 0x0100 and the alert; 40 handshake_failure, 120 no_application_protocol, 47 illegal_parameter.
    Dialogue server;
    server.client(firstInitial(cryptoFrame(0, clientHello()))).server(serverInitial(kAckFrame + closeFrame(0x0128)));
    const auto facts = server.close(false);
    QCOMPARE(facts.ended, std::string("server-alert:handshake_failure"));
    QCOMPARE(facts.outcome, tls::Outcome::Failed);
    QCOMPARE(facts.steps[1].alert, std::optional<std::uint8_t>(40));
    QCOMPARE(facts.alerts.size(), std::size_t{1});
    QVERIFY(facts.decrypted);
    QCOMPARE(facts.notDecryptedBecause, std::string());
    Dialogue protocols;
    protocols.client(firstInitial(cryptoFrame(0, clientHello()))).server(serverInitial(closeFrame(0x0178)));
    QCOMPARE(protocols.ended(), std::string("server-alert:no_application_protocol"));
    Dialogue client;
    client.client(firstInitial(cryptoFrame(0, clientHello())))
        .server(serverInitial(cryptoFrame(0, serverHello())))
        .client(laterInitial(closeFrame(0x012f), 1));
    QCOMPARE(client.ended(), std::string("client-alert:illegal_parameter"));
}

void TlsQuicTest::otherCloses() {
    // RFC 9000, 20.1: CONNECTION_REFUSED, TRANSPORT_PARAMETER_ERROR.
    Dialogue server;
    server.client(firstInitial(cryptoFrame(0, clientHello()))).server(serverInitial(closeFrame(0x02)));
    QCOMPARE(server.ended(), std::string("server-closed-after-client-hello"));
    Dialogue client;
    client.client(firstInitial(cryptoFrame(0, clientHello())))
        .server(serverInitial(cryptoFrame(0, serverHello())))
        .client(laterInitial(closeFrame(0x08), 1));
    QCOMPARE(client.ended(), std::string("client-closed-after-server-hello"));
}

void TlsQuicTest::endings() {
    const auto begin = [](Dialogue& dialogue) -> Dialogue& {
        return dialogue.client(firstInitial(cryptoFrame(0, clientHello())));
    };
    Dialogue silent;
    QCOMPARE(begin(silent).ended(false), std::string("no-answer"));
    Dialogue cut;
    begin(cut).server(serverInitial(cryptoFrame(0, serverHello())) + quicHandshake(kClientId, kServerId));
    const auto facts = cut.close(true);
    QCOMPARE(facts.ended, std::string("cut"));
    QCOMPARE(facts.outcome, tls::Outcome::Cut);
    // The client's last word is in a Handshake packet that nobody can read: an alert, most likely.
    Dialogue stopped;
    begin(stopped)
        .server(serverInitial(cryptoFrame(0, serverHello())) + quicHandshake(kClientId, kServerId))
        .client(quicHandshake(kServerId, kClientId));
    QCOMPARE(stopped.ended(false), std::string("stopped-after-server-flight"));
    Dialogue afterHello;
    begin(afterHello).server(serverInitial(cryptoFrame(0, serverHello())));
    QCOMPARE(afterHello.ended(false), std::string("stopped-after-server-hello"));
    Dialogue middle;
    middle.client(quicHandshake(kServerId, kClientId)).server(quicShort()).client(quicShort());
    const auto later = middle.close(true);
    QCOMPARE(later.ended, std::string("began-before-capture"));
    QCOMPARE(later.outcome, tls::Outcome::Unknown);
}

void TlsQuicTest::missedBeginning() {
    // The server's Initial cannot be opened without the client's first one.
    Dialogue dialogue;
    dialogue.server(serverInitial(cryptoFrame(0, serverHello()))).client(laterInitial(kAckFrame, 1));
    const auto facts = dialogue.close();
    QCOMPARE(facts.ended, std::string("began-before-capture"));
    QCOMPARE(facts.recordsNotDecrypted, std::uint64_t{2});
    QVERIFY(!facts.clientHelloSeen);
    // But when the client says it again.
    Dialogue again;
    again.server(serverInitial(cryptoFrame(0, serverHello()))).client(firstInitial(cryptoFrame(0, clientHello())));
    QCOMPARE(again.facts().serverName, std::string("gw.example"));
    QCOMPARE(again.ended(), std::string("cut"));
}

void TlsQuicTest::unknownVersions() {
    for (const std::uint32_t version : {0x51303530U, 0x0000abcdU, 0xff000010U}) {
        Dialogue dialogue;
        dialogue.client(quicLongPacket(0xc3, version, kQuicClientDestination, kClientId,
                                       quicInteger(0) + quicInteger(100) + QByteArray(100, 'x')));
        QCOMPARE(dialogue.connection().version(), version);
        const auto facts = dialogue.close();
        QCOMPARE(facts.notDecryptedBecause, std::string("version of QUIC not supported"));
        QCOMPARE(facts.ended, std::string("no-answer"));
    }
    Dialogue q046;
    q046.client("\xc3Q046\x50" + QByteArray("destinat") + QByteArray(100, 'x'));
    QCOMPARE(tls::quicVersionName(q046.connection().version()), std::string("Q046"));
}

void TlsQuicTest::damaged() {
    QByteArray broken = firstInitial(cryptoFrame(0, clientHello()), 1);
    broken.back() = static_cast<char>(broken.back() ^ 1);
    Dialogue dialogue;
    dialogue.client(firstInitial(cryptoFrame(0, clientHello()))).client(broken);
    QCOMPARE(dialogue.facts().recordsDamaged, std::uint64_t{1});
    // A frame that may not be in an Initial ends its packet; what was before it counts.
    Dialogue odd;
    odd.client(firstInitial(cryptoFrame(0, clientHello()) + "\x08stream" + closeFrame(0x0128)));
    QVERIFY(odd.facts().clientHelloSeen);
    QVERIFY(odd.facts().alerts.empty());
}

void TlsQuicTest::truncationSweep() {
    const QByteArray datagram = firstInitial(cryptoFrame(0, clientHello())) + quicHandshake(kServerId, kClientId, 30);
    const qsizetype initial = firstInitial(cryptoFrame(0, clientHello())).size();
    for (qsizetype length = 0; length <= datagram.size(); ++length) {
        Dialogue dialogue;
        dialogue.client(datagram.left(length));
        QCOMPARE(dialogue.facts().clientHelloSeen, length >= initial);
        QVERIFY(!dialogue.ended().empty());
    }
    // Frames that end anywhere.
    const QByteArray frames = kAckFrame + cryptoFrame(0, clientHello()) + closeFrame(0x0128);
    for (qsizetype length = 0; length <= frames.size(); ++length) {
        Dialogue dialogue;
        dialogue.client(firstInitial(frames.left(length)));
        QCOMPARE(dialogue.facts().alerts.size(), std::size_t{length == frames.size()});
    }
}

void TlsQuicTest::helloLimit() {
    // What lies behind the limit is let go, and so is more than so many pieces.
    Dialogue dialogue;
    dialogue.client(firstInitial(cryptoFrame(QuicConnection::kMaxHelloBytes, "x") +
                                 cryptoFrame((std::uint64_t{1} << 62) - 1, "x") + cryptoFrame(0, clientHello())));
    QVERIFY(dialogue.facts().clientHelloSeen);
    Dialogue tooLong;
    const QByteArray hello = clientHello("gw.example", 60'000) + QByteArray(10'000, 'x');
    std::uint64_t number = 0;
    for (qsizetype at = 0; at < hello.size(); at += 1000)
        tooLong.client(firstInitial(cryptoFrame(static_cast<std::uint64_t>(at), hello.mid(at, 1000)), number++));
    QVERIFY(tooLong.facts().clientHelloSeen);
    QCOMPARE(tooLong.facts().recordsDamaged, std::uint64_t{0});
}

void TlsQuicTest::keyAttempts() {
    // Packets to ever new connection ids: only the first few are tried.
    Dialogue dialogue;
    for (unsigned i = 0; i < QuicConnection::kMaxKeyAttempts; ++i)
        dialogue.client(quicLongPacket(0xc3, 1, "id-" + QByteArray::number(i), kClientId,
                                       quicInteger(0) + quicInteger(100) + QByteArray(100, 'x')));
    dialogue.client(firstInitial(cryptoFrame(0, clientHello())));
    QVERIFY(!dialogue.facts().clientHelloSeen);
    QCOMPARE(dialogue.ended(), std::string("began-before-capture"));
}

void TlsQuicTest::manySteps() {
    Dialogue dialogue;
    dialogue.client(firstInitial(cryptoFrame(0, clientHello())));
    for (std::size_t i = 0; i < tls::SessionFacts::kMaxSteps; ++i) dialogue.server(quicShort()).client(quicShort());
    const auto facts = dialogue.close();
    QCOMPARE(facts.steps.size(), tls::SessionFacts::kMaxSteps);
    std::uint64_t datagrams = 0;
    for (const tls::Step& step : facts.steps) datagrams += step.count;
    QCOMPARE(datagrams, std::uint64_t{1 + 2 * tls::SessionFacts::kMaxSteps});
}

QTEST_APPLESS_MAIN(TlsQuicTest)
#include "tls_quic_test.moc"
