// SPDX-License-Identifier: Apache-2.0
// How connections begin and end. Expected events follow from RFC 9293 and from the contract of StreamConsumer.
#include "tests/unit/tcp/segment_script.h"

#include <QTest>

using namespace gatescope;
using packet::kAck;
using packet::kFin;
using packet::kRst;
using packet::kSyn;
using test::kMs;
using test::Script;

class TcpLifecycleTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void bothFins();
    void halfClose();
    void finWithData();
    void finBeforeItsData();
    void finLost();
    void finTwice();
    void dataAfterFinIsLeftOut();
    void dataAfterFinOutOfOrderIsLeftOut();
    void finFarAwayIsIgnored();
    void resetWithDataAfterIt();
    void resetFarAwayIsIgnored();
    void lateCopiesAfterTheEnd();
    void packetsCapturedTwiceCountOnce();
    void sequencePair();
    void portReusedWithSyn();
    void portReusedWithoutSyn();
    void portReusedAfterReset();
    void startInTheMiddle();
    void startInTheMiddleWithALateFirstSegment();
    void startInTheMiddleAfterAnAcknowledgement();
    void startInTheMiddleOneSegmentOnly();
    void synAckFirst();
    void synAfterItsData();
    void simultaneousOpen();
    void synWithData();
    void sequenceNumberZero();
    void idle();
    void sweepsForget();
    void neighboursDoNotMix();
};

void TcpLifecycleTest::bothFins() {
    Script s;
    s.handshake().client(1, 1, "a").client(2, 1, {}, kFin).server(1, 3, {}, kFin).client(3, 2, {});
    QCOMPARE(s.log(), QByteArray("c a | c fin | s fin | closed finished"));
    s.finish();
    QCOMPARE(s.log(), QByteArray());
    QCOMPARE(s.forgottenOnes.size(), std::size_t(1));
}

void TcpLifecycleTest::halfClose() {
    Script s;
    s.handshake().client(1, 1, "ask", kFin).server(1, 5, "long ").server(6, 5, "answer").client(5, 12, {});
    QCOMPARE(s.log(), QByteArray("c ask | c fin | s long  | s answer"));
    s.server(12, 5, {}, kFin);
    QCOMPARE(s.log(), QByteArray("s fin | closed finished"));
}

void TcpLifecycleTest::finWithData() {
    Script s;
    s.handshake().client(1, 1, "bye", kFin).server(1, 5, "bye too", kFin);
    QCOMPARE(s.log(), QByteArray("c bye | c fin | s bye too | s fin | closed finished"));
}

void TcpLifecycleTest::finBeforeItsData() {
    Script s;
    s.handshake().client(4, 1, "def", kFin).client(1, 1, "abc");
    QCOMPARE(s.log(), QByteArray("c abc | c def | c fin"));
}

void TcpLifecycleTest::finLost() {
    Script s;
    s.handshake().client(1, 1, "abc").server(1, 5, {}, kFin).finish(); // acknowledges the FIN, which was not captured
    const QByteArray log = s.log();
    QVERIFY2(log == "c abc | s fin | closed end" || log == "c abc | s fin | c gap 1 | closed end" ||
                 log == "c abc | c gap 1 | s fin | closed end",
             log.constData());
}

void TcpLifecycleTest::finTwice() {
    Script s;
    s.handshake().client(1, 1, "abc", kFin).client(1, 1, "abc", kFin).client(4, 1, {}, kFin);
    QCOMPARE(s.log(), QByteArray("c abc | c fin"));
}

void TcpLifecycleTest::dataAfterFinIsLeftOut() {
    Script s; // RFC 9293, 3.6: a sender that sent FIN sends no more
    s.handshake().client(1, 1, "abc", kFin).client(4, 1, "x").client(5, 1, "yz").client(4, 1, "xyz");
    QCOMPARE(s.log(), QByteArray("c abc | c fin"));
    s.server(1, 5, "ok", kFin);
    QCOMPARE(s.log(), QByteArray("s ok | s fin | closed finished"));
}

void TcpLifecycleTest::dataAfterFinOutOfOrderIsLeftOut() {
    Script s;
    s.handshake().client(4, 1, "def", kFin).client(5, 1, "efghi").client(7, 1, "ghi").client(1, 1, "abc");
    QCOMPARE(s.log(), QByteArray("c abc | c def | c fin"));
}

void TcpLifecycleTest::finFarAwayIsIgnored() {
    Script s;
    s.handshake().client(1, 1, "abcdef").client(0x3000'0000, 1, {}, kFin).client(3, 1, {}, kFin); // neither can be true
    s.client(7, 1, "ghi").client(10, 1, {}, kFin);
    QCOMPARE(s.log(), QByteArray("c abcdef | c ghi | c fin"));
}

void TcpLifecycleTest::resetWithDataAfterIt() {
    Script s;
    s.handshake().client(1, 1, "abc").server(7, 4, {}, kRst).server(1, 4, "answer");
    QCOMPARE(s.log(), QByteArray("c abc | s answer")); // captured late, sent before
    s.wait(10'000 * kMs).sweep();
    QCOMPARE(s.log(), QByteArray("closed reset"));
}

void TcpLifecycleTest::resetFarAwayIsIgnored() {
    Script s; // RFC 5961: a receiver takes a RST only where its window is
    s.handshake().client(1, 1, "abc").server(0x3000'0000, 4, {}, kRst).wait(10'000 * kMs).sweep();
    s.server(1, 4, "ok").finish();
    QCOMPARE(s.log(), QByteArray("c abc | s ok | closed end"));
}

void TcpLifecycleTest::packetsCapturedTwiceCountOnce() {
    Script s;
    // Every packet twice, as on both sides of a bridge; then one that was sent again, with a new IP identification.
    const auto twice = [&](std::uint32_t fingerprint, auto&& send) {
        s.fingerprint = fingerprint;
        send();
        s.now -= kMs / 2;
        send();
    };
    twice(11, [&] { s.client(0, 0, {}, kSyn); });
    twice(12, [&] { s.server(0, 1, {}, kSyn); });
    twice(13, [&] { s.client(1, 1, "abc"); });
    s.fingerprint = 14;
    s.client(1, 1, "abc");
    s.fingerprint = 13;
    s.wait(300 * kMs).client(1, 1, "abc"); // the numbers of long ago: sent again
    s.finish();
    QCOMPARE(s.log(), QByteArray("c abc | closed end"));
    QCOMPARE(s.forgottenOnes.at(0).packets, std::uint64_t{5});
    QCOMPARE(s.forgottenOnes.at(0).copies, std::uint64_t{3});
    QCOMPARE(s.table.copies().packets, std::uint64_t{3});
    QCOMPARE(s.table.copies().first, PacketRef{2});
}

void TcpLifecycleTest::sequencePair() {
    Script s;
    s.handshake().finish();
    QCOMPARE(s.forgottenOnes.at(0).sequencePair, std::optional((std::uint64_t{1'000} << 32) | 9'000'000));
    Script half;
    half.client(0, 0, {}, kSyn).client(1, 1, "abc").finish();
    QVERIFY(!half.forgottenOnes.at(0).sequencePair);
}

void TcpLifecycleTest::lateCopiesAfterTheEnd() {
    Script s;
    s.handshake().client(1, 1, "abc", kFin).server(1, 5, "ok", kFin).client(5, 4, {});
    s.log();
    s.client(1, 1, "abc", kFin)
        .server(1, 5, "ok", kFin)
        .client(0, 0, {}, kSyn)
        .server(0, 1, {}, kSyn)
        .client(4, 4, {"\0", 1});
    QCOMPARE(s.log(), QByteArray());
    QCOMPARE(s.opens, 1);
}

void TcpLifecycleTest::portReusedWithSyn() {
    Script s;
    s.handshake().client(1, 1, "one").client(4, 1, {}, kFin).server(1, 5, {}, kFin);
    s.clientBase += 5'000;
    s.serverBase += 7'777'777;
    s.handshake().client(1, 1, "two").finish();
    QCOMPARE(s.log(), QByteArray("c one | c fin | s fin | closed finished | c two | closed end"));
    // And again while the first is still open.
    s.handshake().client(1, 1, "three");
    s.clientBase += 100'000;
    s.serverBase += 100'000;
    s.handshake().client(1, 1, "four").finish();
    QCOMPARE(s.log(), QByteArray("c three | closed abandoned | c four | closed end"));
}

void TcpLifecycleTest::portReusedWithoutSyn() {
    Script s;
    s.handshake().client(1, 1, "one").client(4, 1, {}, kFin).server(1, 5, {}, kFin);
    s.log();
    s.clientBase += 300'000'000;
    s.serverBase += 200'000'000;
    s.wait(1'000 * kMs).client(1, 1, "two").server(1, 4, "ok").finish();
    QCOMPARE(s.log(), QByteArray("c two | s ok | closed end"));
    QCOMPARE(s.opens, 2);
}

void TcpLifecycleTest::portReusedAfterReset() {
    Script s;
    s.handshake().client(1, 1, "one").server(1, 4, {}, kRst);
    s.clientBase += 5'000;
    s.serverBase += 5'000;
    s.handshake().client(1, 1, "two").finish();
    QCOMPARE(s.log(), QByteArray("c one | closed reset | c two | closed end"));
}

void TcpLifecycleTest::startInTheMiddle() {
    Script s;
    s.client(500, 800, "abc").server(800, 503, "ok").client(503, 802, "def").finish();
    QCOMPARE(s.log(), QByteArray("c abc | s ok | c def | closed end"));
    QVERIFY(!s.forgottenOnes.front().client.has_value());
}

void TcpLifecycleTest::startInTheMiddleWithALateFirstSegment() {
    Script s;
    s.server(803, 500, "def").server(800, 500, "abc").server(806, 500, "ghi").client(500, 809, {}).finish();
    QCOMPARE(s.log(), QByteArray("s abc | s def | s ghi | closed end"));
}

void TcpLifecycleTest::startInTheMiddleAfterAnAcknowledgement() {
    Script s;
    s.client(500, 800, {}).server(803, 500, "def").server(800, 500, "abc");
    QCOMPARE(s.log(), QByteArray("s abc | s def"));
}

void TcpLifecycleTest::startInTheMiddleOneSegmentOnly() {
    Script s;
    s.server(800, 500, "abc").finish();
    QCOMPARE(s.log(), QByteArray("s abc | closed end"));
}

void TcpLifecycleTest::synAckFirst() {
    Script s;
    s.server(0, 1, {}, kSyn).client(0, 0, {}, kSyn).client(1, 1, "abc").server(1, 4, "ok").finish();
    QCOMPARE(s.log(), QByteArray("c abc | s ok | closed end"));
    QVERIFY(s.forgottenOnes.front().client == tcp::Side::Second); // the server was seen first, and it is not the client
}

void TcpLifecycleTest::synAfterItsData() {
    Script s; // capture order is off: nothing may be lost, and it is one connection
    s.server(0, 1, {}, kSyn).client(1, 1, "abc").client(0, 0, {}, kSyn).client(4, 1, "def").finish();
    QCOMPARE(s.log(), QByteArray("c abc | c def | closed end"));
    QCOMPARE(s.opens, 1);
}

void TcpLifecycleTest::simultaneousOpen() {
    Script s; // RFC 9293, figure 7
    s.withAck = false;
    s.client(0, 0, {}, kSyn).server(0, 0, {}, kSyn);
    s.withAck = true;
    s.client(0, 1, {}, kSyn | kAck).server(0, 1, {}, kSyn | kAck).client(1, 1, "abc").server(1, 4, "ok").finish();
    QCOMPARE(s.log(), QByteArray("c abc | s ok | closed end"));
    QCOMPARE(s.opens, 1);
}

void TcpLifecycleTest::synWithData() {
    Script s; // RFC 7413; octets of a SYN come after the SYN's own number
    s.client(0, 0, "abc", kSyn).server(0, 4, "xyz", kSyn).client(4, 4, "def").server(4, 7, {}).finish();
    QCOMPARE(s.log(), QByteArray("c abc | s xyz | c def | closed end"));
}

void TcpLifecycleTest::sequenceNumberZero() {
    Script s;
    s.clientBase = s.serverBase = 0;
    s.client(0, 0, {}, kFin).client(1, 0, {}).server(0, 1, {}, kFin).finish();
    const QByteArray log = s.log(); // a FIN in the middle: nothing is known to come before it
    QVERIFY2(log == "closed end" || log == "c fin | s fin | closed finished", log.constData());
}

void TcpLifecycleTest::idle() {
    Script s;
    s.handshake().client(1, 1, "abc").client(8, 1, "hij").wait(3LL * 3600 * 1'000 * kMs).sweep();
    QCOMPARE(s.log(), QByteArray("c abc"));
    s.wait(2LL * 3600 * 1'000 * kMs).sweep();
    QCOMPARE(s.log(), QByteArray("c gap 4 | c hij | closed abandoned"));
    QCOMPARE(s.table.size(), std::size_t(0));
}

void TcpLifecycleTest::sweepsForget() {
    Script s;
    s.handshake().client(1, 1, {}, kFin).server(1, 2, {}, kFin).sweep();
    QCOMPARE(s.table.size(), std::size_t(1));
    s.wait(61'000 * kMs).sweep();
    QCOMPARE(s.table.size(), std::size_t(0));
    QCOMPARE(s.forgottenOnes.size(), std::size_t(1));
}

void TcpLifecycleTest::neighboursDoNotMix() {
    // Ports that share a hash: every one keeps its own numbers, also while others are forgotten in between.
    Script s;
    QByteArray expected;
    for (std::uint16_t port = 40'000; port < 40'040; ++port) {
        s.clientPort = port;
        s.clientBase = port * 1'000U;
        s.handshake();
    }
    for (std::uint16_t port = 40'000; port < 40'040; ++port) {
        s.clientPort = port;
        s.clientBase = port * 1'000U;
        const std::string text = std::to_string(port);
        s.client(1, 1, text);
        if (port % 3 == 0) s.client(6, 1, {}, kFin).server(1, 7, {}, kFin).wait(62'000 * kMs).sweep();
        expected += (expected.isEmpty() ? "" : " | ") + QByteArray("c ") + text.c_str();
        if (port % 3 == 0) expected += " | c fin | s fin | closed finished";
    }
    QCOMPARE(s.log(), expected);
    QCOMPARE(s.opens, 40);
}

QTEST_APPLESS_MAIN(TcpLifecycleTest)
#include "tcp_lifecycle_test.moc"
