// SPDX-License-Identifier: Apache-2.0
// Expected events follow from RFC 9293 and from the contract of StreamConsumer.
#include "tests/unit/tcp/segment_script.h"

#include <QTest>

using namespace gatescope;
using packet::kFin;
using packet::kRst;
using packet::kSyn;
using test::kMs;
using test::Script;

class TcpConnectionTableTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void inOrder();
    void reordered();
    void retransmissions();
    void partialOverlaps();
    void conflictingOverlapIsFound();
    void sameConflictBehindAHoleIsFound();
    void conflictWithDeliveredOctetsIsFound();
    void lossAcknowledgedBecomesAGap();
    void lossFilledInTimeIsNone();
    void lossAfterManyPackets();
    void lossNeverAcknowledgedWaitsForTheEnd();
    void lossAtTheEndThatWasAcknowledged();
    void wrapsAround();
    void keepAlives();
    void zeroWindowProbe();
    void sameTwice();
    void responseWaitsForItsRequest();
    void responseOfALostRequest();
    void bothDirectionsWaitForEachOther();
    void oneDirectionOnly();
    void snapLength();
    void snapLengthOutOfOrder();
    void hostileNumbersAreIgnored();
    void placesAreThoseOfThePackets();
    void octetsAreCounted();
};

void TcpConnectionTableTest::inOrder() {
    Script s;
    s.handshake().client(1, 1, "request").server(1, 8, "resp").server(5, 8, "onse").client(8, 9, "next");
    QCOMPARE(s.log(), QByteArray("c request | s resp | s onse | c next"));
    s.finish();
    QCOMPARE(s.log(), QByteArray("closed end"));
    QCOMPARE(s.findings(), QByteArray());
}

void TcpConnectionTableTest::reordered() {
    Script s;
    s.handshake().client(4, 1, "def").client(10, 1, "jkl").client(7, 1, "ghi");
    QCOMPARE(s.log(), QByteArray());
    s.client(1, 1, "abc");
    QCOMPARE(s.log(), QByteArray("c abc | c def | c ghi | c jkl"));
}

void TcpConnectionTableTest::retransmissions() {
    Script s;
    s.handshake().client(1, 1, "abc").client(1, 1, "abc").client(4, 1, "def").client(1, 1, "abcdef").client(2, 1, "bc");
    s.client(7, 1, "g");
    QCOMPARE(s.log(), QByteArray("c abc | c def | c g"));
    QCOMPARE(s.findings(), QByteArray());
}

void TcpConnectionTableTest::partialOverlaps() {
    Script s;
    s.handshake().client(1, 1, "abcd").client(3, 1, "cdef"); // its front is old
    QCOMPARE(s.log(), QByteArray("c abcd | c ef"));
    s.client(10, 1, "jkl").client(7, 1, "ghijkl"); // its end is there already
    QCOMPARE(s.log(), QByteArray("c ghi | c jkl"));
    s.client(17, 1, "qr").client(14, 1, "nopqrstu").client(13, 1, "m"); // around what is held
    QCOMPARE(s.log(), QByteArray("c m | c nop | c qr | c stu"));
    QCOMPARE(s.findings(), QByteArray());
}

void TcpConnectionTableTest::conflictingOverlapIsFound() {
    Script s;
    s.handshake().client(4, 1, "def").client(3, 1, "xDEF").client(1, 1, "ab");
    QCOMPARE(s.log(), QByteArray("c ab | c x | c def")); // the first copy wins
    QCOMPARE(s.findings(), QByteArray("tcp.conflicting-overlap"));
}

void TcpConnectionTableTest::sameConflictBehindAHoleIsFound() {
    Script s;
    s.handshake().client(4, 1, "defghi").client(6, 1, "fXhi").client(6, 1, "fYhi");
    QCOMPARE(s.findings(), QByteArray("tcp.conflicting-overlap")); // once for a connection
}

void TcpConnectionTableTest::conflictWithDeliveredOctetsIsFound() {
    Script s;
    s.handshake().client(1, 1, "abc").client(4, 1, "def").client(3, 1, "cdefg");
    QCOMPARE(s.log(), QByteArray("c abc | c def | c g"));
    s.client(7, 1, "?").client(7, 1, "g"); // a probe's octet means nothing, and a true copy agrees
    QCOMPARE(s.findings(), QByteArray());
    s.client(2, 1, "bcdX");
    QCOMPARE(s.log(), QByteArray()); // the first copy won
    QCOMPARE(s.findings(), QByteArray("tcp.conflicting-overlap"));

    Script later; // the block is gone: nothing to hold the copy against, and nothing is claimed
    later.handshake().client(1, 1, "abc").sweep().client(1, 1, "xyz");
    QCOMPARE(later.findings(), QByteArray());
}

void TcpConnectionTableTest::lossAcknowledgedBecomesAGap() {
    Script s;
    s.handshake().client(1, 1, "abc").client(8, 1, "hij");
    QCOMPARE(s.log(), QByteArray("c abc"));
    s.server(1, 11, {}); // has all of it: 4 to 7 were not captured
    s.wait(100 * kMs).server(1, 11, {});
    QCOMPARE(s.log(), QByteArray());
    s.wait(200 * kMs).client(11, 1, "klm");
    QCOMPARE(s.log(), QByteArray("c gap 4 | c hij | c klm"));
    QCOMPARE(s.findings(), QByteArray("tcp.gap"));
}

void TcpConnectionTableTest::lossFilledInTimeIsNone() {
    Script s;
    s.handshake().client(1, 1, "abc").client(8, 1, "hij").server(1, 11, {}).client(4, 1, "defg");
    QCOMPARE(s.log(), QByteArray("c abc | c defg | c hij"));
    s.wait(1'000 * kMs).server(1, 11, {}).finish();
    QCOMPARE(s.log(), QByteArray("closed end"));
    QCOMPARE(s.findings(), QByteArray());
}

void TcpConnectionTableTest::lossAfterManyPackets() {
    tcp::Limits limits;
    limits.ackedPastPackets = 10;
    Script s(limits);
    s.handshake().client(4, 1, "def").server(1, 7, {});
    for (int i = 0; i < 10; ++i) s.now -= kMs, s.server(1, 7, {});
    QCOMPARE(s.log(), QByteArray("c gap 3 | c def"));
}

void TcpConnectionTableTest::lossNeverAcknowledgedWaitsForTheEnd() {
    Script s;
    s.handshake().client(1, 1, "abc").client(8, 1, "hij").server(1, 4, {});
    s.wait(60'000 * kMs).server(1, 4, {});
    QCOMPARE(s.log(), QByteArray("c abc"));
    s.finish();
    QCOMPARE(s.log(), QByteArray("c gap 4 | c hij | closed end"));
}

void TcpConnectionTableTest::lossAtTheEndThatWasAcknowledged() {
    Script s;
    s.handshake().client(1, 1, "abc").server(1, 11, {}).finish();
    QCOMPARE(s.log(), QByteArray("c abc | c gap 7 | closed end"));
}

void TcpConnectionTableTest::wrapsAround() {
    Script s;
    s.clientBase = 0xffff'fffbU; // octet 5 has the number 0
    s.serverBase = 0xffff'ffffU; // octet 1 has the number 0
    s.handshake()
        .client(8, 1, "hij")
        .client(4, 1, "defg")
        .client(1, 1, "abc")
        .server(1, 11, "ok")
        .client(6, 3, "fghijk");
    QCOMPARE(s.log(), QByteArray("c abc | c defg | c hij | s ok | c k"));
    s.client(14, 3, "no").server(3, 16, {}).wait(300 * kMs).server(3, 16, {});
    QCOMPARE(s.log(), QByteArray("c gap 2 | c no"));
}

void TcpConnectionTableTest::keepAlives() {
    Script s;
    s.handshake().client(1, 1, "abc").server(1, 4, {});
    s.client(3, 1, {}).server(1, 4, {});        // RFC 9293, 3.8.4: without an octet
    s.client(3, 1, {"\0", 1}).server(1, 4, {}); // and with a garbage octet
    s.client(4, 1, "def");
    QCOMPARE(s.log(), QByteArray("c abc | c def"));
    QCOMPARE(s.findings(), QByteArray());
}

void TcpConnectionTableTest::zeroWindowProbe() {
    Script s;
    s.handshake().client(1, 1, "abc").server(1, 4, {}).client(4, 1, "d").server(1, 4, {}).client(4, 1, "d");
    s.server(1, 4, {}).client(4, 1, "defg");
    QCOMPARE(s.log(), QByteArray("c abc | c d | c efg"));
}

void TcpConnectionTableTest::sameTwice() {
    Script s;
    for (int i = 0; i < 2; ++i) s.client(0, 0, {}, kSyn);
    for (int i = 0; i < 2; ++i) s.server(0, 1, {}, kSyn);
    for (int i = 0; i < 2; ++i) s.client(1, 1, "abc");
    for (int i = 0; i < 2; ++i) s.server(1, 4, "xyz");
    for (int i = 0; i < 2; ++i) s.client(4, 4, {}, kFin);
    for (int i = 0; i < 2; ++i) s.server(4, 5, {}, kFin);
    for (int i = 0; i < 2; ++i) s.client(5, 5, {});
    QCOMPARE(s.log(), QByteArray("c abc | s xyz | c fin | s fin | closed finished"));
    QCOMPARE(s.opens, 1);
}

void TcpConnectionTableTest::responseWaitsForItsRequest() {
    Script s;
    s.handshake().server(1, 8, "response").client(1, 1, "request");
    QCOMPARE(s.log(), QByteArray("c request | s response"));
    s.server(9, 8, "unasked"); // acknowledges nothing new: passes at once
    QCOMPARE(s.log(), QByteArray("s unasked"));
}

void TcpConnectionTableTest::responseOfALostRequest() {
    Script s;
    s.handshake().server(1, 8, "response").client(8, 9, {});
    QCOMPARE(s.log(), QByteArray());
    s.wait(300 * kMs).server(9, 8, {});
    QCOMPARE(s.log(), QByteArray("c gap 7 | s response"));
}

void TcpConnectionTableTest::bothDirectionsWaitForEachOther() {
    // Both acknowledge octets of the other end that were never captured.
    Script s;
    s.handshake().client(5, 9, "c2").server(9, 7, "s2").finish();
    const QByteArray log = s.log();
    QVERIFY2(log == "c gap 4 | s gap 8 | c c2 | s s2 | closed end" ||
                 log == "s gap 8 | c gap 4 | c c2 | s s2 | closed end" ||
                 log == "c gap 4 | s gap 8 | s s2 | c c2 | closed end",
             log.constData());
}

void TcpConnectionTableTest::oneDirectionOnly() {
    Script s;
    s.client(0, 0, {}, kSyn).client(1, 1, "abc").client(4, 9, "def").client(10, 20, "jkl");
    QCOMPARE(s.log(), QByteArray("c abc | c def"));
    s.wait(6'000 * kMs).client(13, 20, "mno"); // nobody is there to acknowledge: time tells
    QCOMPARE(s.log(), QByteArray("c gap 3 | c jkl | c mno"));
    s.client(16, 20, {}, kFin).finish();
    QCOMPARE(s.log(), QByteArray("c fin | closed end"));
}

void TcpConnectionTableTest::snapLength() {
    Script s;
    s.handshake().client(1, 1, "abc", 0, 7).server(1, 11, "ok").client(11, 3, {}, 0, 5).client(16, 3, "end");
    QCOMPARE(s.log(), QByteArray("c abc | c gap 7 | s ok | c gap 5 | c end"));
}

void TcpConnectionTableTest::snapLengthOutOfOrder() {
    Script s;
    s.handshake().client(11, 1, "kl", 0, 8).client(11, 1, "kl", 0, 8).client(1, 1, "ab", 0, 8);
    QCOMPARE(s.log(), QByteArray("c ab | c gap 8 | c kl | c gap 8"));
    // The same cut segment again, and then one that reaches further.
    s.client(11, 1, "kl", 0, 8).client(21, 1, "uv");
    QCOMPARE(s.log(), QByteArray("c uv"));
}

void TcpConnectionTableTest::hostileNumbersAreIgnored() {
    Script s;
    s.handshake().client(1, 1, "abc");
    s.server(1, 0x4000'0000, {}).server(1, 0xc000'0000U, {}).wait(1'000 * kMs); // acknowledges what nobody sent
    s.client(0x3000'0000, 1, "far").client(0xd000'0000U, 1, "back");
    s.client(4, 1, "def").server(1, 7, "ok");
    QCOMPARE(s.log(), QByteArray("c abc | c def | s ok"));
    s.finish();
    QCOMPARE(s.log(), QByteArray("closed end"));
}

void TcpConnectionTableTest::placesAreThoseOfThePackets() {
    Script s;
    s.handshake().client(4, 1, "def").client(1, 1, "abc");
    QCOMPARE(s.dataPlaces.size(), std::size_t(2));
    QCOMPARE(s.dataPlaces[0].packet, std::uint64_t(5));
    QCOMPARE(s.dataPlaces[0].time, 1'004 * kMs);
    QCOMPARE(s.dataPlaces[1].packet, std::uint64_t(4));
    QCOMPARE(s.dataPlaces[1].time, 1'003 * kMs);
}

void TcpConnectionTableTest::octetsAreCounted() {
    Script s;
    s.handshake().client(1, 1, "abc").client(1, 1, "abc").client(8, 1, "hij").finish();
    QCOMPARE(s.forgottenOnes.size(), std::size_t(1));
    const tcp::ConnectionInfo& info = s.forgottenOnes.front();
    QCOMPARE(info.packets, std::uint64_t(6));
    QCOMPARE(info.payloadBytes, std::uint64_t(6));
    QCOMPARE(info.lostBytes, std::uint64_t(4));
    QCOMPARE(info.firstPacket, std::uint64_t(1));
    QCOMPARE(info.firstTime, 1'000 * kMs);
    QCOMPARE(info.lastTime, 1'005 * kMs);
    QVERIFY(info.client == tcp::Side::First);
}

QTEST_APPLESS_MAIN(TcpConnectionTableTest)
#include "tcp_connection_table_test.moc"
