// SPDX-License-Identifier: Apache-2.0
// Each limit of the table is reached, and hostile input costs no more than the limits allow.
#include "tests/unit/tcp/segment_script.h"

#include <QElapsedTimer>
#include <QTest>
#include <limits>
#include <random>

using namespace gatescope;
using packet::kFin;
using packet::kSyn;
using test::kMs;
using test::Script;

class TcpLimitsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void heldPerStream();
    void heldInTotal();
    void whoHasWaitedLongestGoesFirst();
    void heldInTotalIsGivenBack();
    void smallSegmentsCountWithWhatTheyCost();
    void emptySegmentsCountToo();
    void dataAfterFinDoesNotHang();
    void connections();
    void timesFarApart();
    void garbageEnds();
};

void TcpLimitsTest::heldPerStream() {
    tcp::Limits limits;
    limits.maxHeldPerStream = 10'000;
    Script s(limits);
    s.handshake();
    const std::string piece(1'000, 'x');
    for (std::uint32_t i = 1; i <= 20 && s.findings().isEmpty(); ++i) s.client(1 + i * 1'000, 1, piece);
    QCOMPARE(s.findings(), QByteArray("tcp.reassembly-limit tcp.gap"));
    QVERIFY(s.log().startsWith("c gap 1000 | c xxx"));
}

void TcpLimitsTest::heldInTotal() {
    tcp::Limits limits;
    limits.maxHeldTotal = 10'000;
    Script s(limits);
    const std::string piece(1'000, 'x');
    for (std::uint16_t port = 1'000; port < 1'020; ++port) {
        s.clientPort = port;
        s.handshake().client(11, 1, piece);
    }
    QVERIFY(s.findings().startsWith("tcp.reassembly-limit tcp.gap"));
    QVERIFY(s.log().contains("c gap 10 | c xxx"));
}

void TcpLimitsTest::whoHasWaitedLongestGoesFirst() {
    tcp::Limits limits;
    limits.maxHeldTotal = 10'000;
    Script s(limits);
    const auto use = [&](std::uint16_t port) -> Script& {
        s.clientPort = port;
        return s;
    };
    const std::string piece(3'000, 'x');
    // 1 begins to wait, is served, and waits anew after 2 did: 2 has then waited longest.
    use(1'001).handshake().client(11, 1, piece);
    use(1'002).handshake().client(21, 1, piece);
    use(1'001).client(1, 1, "0123456789").client(3'016, 1, piece);
    s.log();
    use(1'003).handshake().client(31, 1, piece);
    QVERIFY(s.log().isEmpty()); // 9,000 octets and what keeping three segments costs
    use(1'004).handshake().client(41, 1, piece);
    QVERIFY(s.log().startsWith("c gap 20 | c xxx"));
    QCOMPARE(s.findings(), QByteArray("tcp.reassembly-limit tcp.gap"));
    QCOMPARE(use(1'002).client(3'021, 1, "after").log(), QByteArray("c after"));
}

void TcpLimitsTest::heldInTotalIsGivenBack() {
    tcp::Limits limits;
    limits.maxHeldTotal = 100'000;
    Script s(limits);
    const std::string piece(1'000, 'x');
    for (int round = 0; round < 300; ++round) { // each way in which octets that were held go away
        s.clientPort = static_cast<std::uint16_t>(1'000 + round);
        s.handshake().client(11, 1, piece).client(5, 1, {}, kFin).client(1, 1, "abcd"); // behind the FIN
        s.clientPort = static_cast<std::uint16_t>(2'000 + round);
        s.handshake().client(1, 1, {}, kFin).client(2, 1, piece).client(1, 1, piece);
        s.clientPort = static_cast<std::uint16_t>(3'000 + round);
        s.handshake().client(11, 1, piece).wait(5LL * 3600 * 1'000 * kMs).sweep();
        QCOMPARE(s.table.size(), std::size_t(0));
    }
    QCOMPARE(s.findings().count("tcp.reassembly-limit"), 0);
    s.handshake().client(11, 1, piece).client(1, 1, "0123456789");
    QVERIFY(s.log().endsWith("c 0123456789 | c " + QByteArray::fromStdString(piece)));
}

void TcpLimitsTest::smallSegmentsCountWithWhatTheyCost() {
    Script s;
    s.handshake();
    QElapsedTimer timer;
    timer.start();
    for (std::uint32_t i = 0; i < 300'000; ++i) s.client(2 + i * 2, 1, "x"); // every second octet, never acknowledged
    QVERIFY2(timer.elapsed() < 60'000, "the cost grows with the square of what is held");
    QVERIFY(s.findings().contains("tcp.reassembly-limit"));
}

void TcpLimitsTest::emptySegmentsCountToo() {
    Script s; // a snap length of the headers only: nothing is captured, yet each segment is held
    s.withAck = false;
    s.handshake();
    for (std::uint32_t i = 0; i < 50'000; ++i) {
        s.now -= kMs; // time stands still
        s.client(100 + i, 1, {}, 0, 1);
    }
    QVERIFY(s.findings().contains("tcp.reassembly-limit"));
}

void TcpLimitsTest::dataAfterFinDoesNotHang() {
    tcp::Limits limits;
    limits.maxHeldPerStream = 1'000;
    Script s(limits);
    const std::string piece(600, 'x');
    s.handshake()
        .client(1, 1, {}, kFin)
        .client(602, 1, piece)
        .client(2, 1, piece)
        .client(1, 1, piece)
        .client(1'202, 1, piece);
    s.finish();
    QCOMPARE(s.log(), QByteArray("c fin | closed end"));
}

void TcpLimitsTest::connections() {
    tcp::Limits limits;
    limits.maxConnections = 3;
    Script s(limits);
    for (std::uint16_t port = 1'000; port < 1'005; ++port) {
        s.clientPort = port;
        s.handshake().client(1, 1, std::to_string(port));
    }
    QCOMPARE(s.table.size(), std::size_t(3));
    QCOMPARE(s.log(), QByteArray("c 1000 | c 1001 | c 1002 | closed abandoned | c 1003 | closed abandoned | c 1004"));
    QCOMPARE(s.findings(), QByteArray("tcp.too-many-connections"));
    QCOMPARE(s.forgottenOnes.front().ends[0].port, std::uint16_t(1'000)); // the one that was idle longest
}

void TcpLimitsTest::timesFarApart() {
    // Signed differences of such times overflow: the sanitizer build sees it.
    Script s;
    constexpr TimeNs kLow = std::numeric_limits<TimeNs>::min() + 1;
    constexpr TimeNs kHigh = std::numeric_limits<TimeNs>::max() - kMs;
    s.now = kLow;
    s.handshake().client(8, 1, "x");
    s.now = kHigh;
    s.server(1, 9, {}).sweep();
    s.now = kLow;
    s.client(9, 1, "y").client(10, 1, {}, packet::kRst).sweep();
    s.now = kHigh;
    s.client(10, 1, "z").sweep();
    s.now = kLow;
    s.sweep().finish();
    QCOMPARE(s.table.size(), std::size_t(0));
}

void TcpLimitsTest::garbageEnds() {
    std::mt19937 random(7);
    const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
    const std::string text(64, 'g');
    for (int round = 0; round < 1'000; ++round) {
        tcp::Limits limits;
        limits.maxHeldPerStream = 64 + below(2'000);
        limits.maxHeldTotal = 64 + below(4'000);
        limits.maxConnections = 1 + below(4);
        limits.startSegments = 1 + below(8);
        Script s(limits);
        for (int i = 0; i < 100; ++i) { // 10^5 segments in all
            s.clientPort = static_cast<std::uint16_t>(1'000 + below(3));
            s.withAck = below(4) != 0;
            s.wait(below(10) == 0 ? below(3'000) * kMs : 0);
            std::uint32_t sequence = below(10) == 0 ? static_cast<std::uint32_t>(random()) : below(200);
            std::uint32_t ack = below(10) == 0 ? static_cast<std::uint32_t>(random()) : below(300);
            const unsigned flags = below(4) == 0 ? below(8) : 0;
            const std::string_view payload = std::string_view(text).substr(0, below(64));
            const std::uint32_t uncaptured = below(6) == 0 ? below(100) : 0;
            below(2) == 0 ? s.client(sequence, ack, payload, flags, uncaptured)
                          : s.server(sequence, ack, payload, flags, uncaptured);
            if (below(20) == 0) s.sweep();
        }
        s.finish();
        QCOMPARE(s.table.size(), std::size_t(0));
        QCOMPARE(s.forgottenOnes.size(), static_cast<std::size_t>(s.opens));
        QCOMPARE(s.log().count("closed"), static_cast<qsizetype>(s.opens));
    }
}

QTEST_APPLESS_MAIN(TcpLimitsTest)
#include "tcp_limits_test.moc"
