// SPDX-License-Identifier: Apache-2.0
// HTTP/1 as it is sent: loose syntax, methods that few know, and messages that two readers see differently (RFC 9112,
// 2.2, 5.2, 6.1, 6.3 and 11.2).
#include "tests/unit/http/dialogue.h"

#include "core/http/http1_start.h"

#include <QTest>
#include <random>

using namespace gatescope;
using test::Dialogue;

namespace {
const std::string kNext = "GET /next HTTP/1.1\r\n\r\n";
const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
} // namespace

class HttpHttp1OddTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void requests_data();
    void requests();
    void responses_data();
    void responses();
    void evidenceIsShortAndPlain();
    void unknownMethods_data();
    void unknownMethods();
    void otherProtocolsAreNoRequests_data();
    void otherProtocolsAreNoRequests();
    void startLineOverTwoPieces();
    void startLineThatIsQuotedOverTwoPieces();
    void startLineIsKeptUpToALimit();
    void truncatedMethodIsNoMethod();
    void requestLineThatIsNotRight();
    void middleOfAWebSocket();
};

void HttpHttp1OddTest::requests_data() {
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const char* fields, const char* expected) {
        QTest::newRow(name) << QByteArray("POST /a HTTP/1.1\r\n") + fields << QByteArray(expected);
    };
    row("LF only", "A: b\nContent-Length: 4\n\nbody", "POST /a [body] 200 [hi] | GET /next 200 [hi]");
    row("folded field", "A: b\r\n c\r\n\td\r\nContent-Length: 4\r\n\r\nbody",
        "POST /a [body] 200 [hi] | GET /next 200 [hi]");
    row("length and chunked", "Content-Length: 50\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        "POST /a [body] 200 [hi] (http.smuggling.cl-te) | GET /next 200 [hi]");
    row("chunked and length", "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        "POST /a [body] 200 [hi] (http.smuggling.cl-te) | GET /next 200 [hi]");
    row("the same length twice", "Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody",
        "POST /a [body] 200 [hi] | GET /next 200 [hi]");
    row("two lengths", "Content-Length: 4\r\nContent-Length: 9\r\n\r\nbody",
        "POST /a [body] 200 [hi] (http.smuggling.duplicate-length) | GET /next 200 [hi]");
    row("leading zeros", "Content-Length: 0000000000000000000000000000004\r\n\r\nbody",
        "POST /a [body] 200 [hi] | GET /next 200 [hi]");
    row("chunked is not last", "Transfer-Encoding: chunked, identity\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        "POST /a [body] 200 [hi] (http.smuggling.transfer-encoding) | GET /next 200 [hi]");
    row("chunked in two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "POST /a 200 [hi] (http.smuggling.transfer-encoding) | GET /next 200 [hi]");
    row("chunked twice", "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        "POST /a 200 [hi] (http.smuggling.transfer-encoding) | GET /next 200 [hi]");
    row("gzip, chunked", "Transfer-Encoding: gzip, chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        "POST /a [body] 200 [hi] | GET /next 200 [hi]");
    row("xchunked", "Transfer-Encoding: xchunked\r\nContent-Length: 4\r\n\r\nbody",
        "POST /a [body] 200 [hi] (http.smuggling.cl-te) (http.smuggling.transfer-encoding) | GET /next 200 [hi]");
    row("quoted", "Transfer-Encoding: \"chunked\"\r\nContent-Length: 4\r\n\r\nbody",
        "POST /a [body] 200 [hi] (http.smuggling.cl-te) (http.smuggling.transfer-encoding) | GET /next 200 [hi]");
    row("gzip alone", "Transfer-Encoding: gzip\r\n\r\n",
        "POST /a 200 [hi] (http.smuggling.transfer-encoding) | GET /next 200 [hi]");
    row("identity, as HTTP/1.1 had it once (RFC 2616)", "Transfer-Encoding: identity\r\nContent-Length: 4\r\n\r\nbody",
        "POST /a [body] 200 [hi] | GET /next 200 [hi]");
    row("capitals", "TRANSFER-ENCODING: Chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        "POST /a [body] 200 [hi] | GET /next 200 [hi]");
    row("blank before the colon", "Content-Length : 4\r\n\r\nbody",
        "POST /a [body] 200 [hi] (http.smuggling.field-name) | GET /next 200 [hi]");
    row("blank before the colon of codings", "Transfer-Encoding : chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        "POST /a [body] 200 [hi] (http.smuggling.field-name) | GET /next 200 [hi]");
    row("blank before another colon", "Accept : x\r\nContent-Length: 0\r\n\r\n",
        "POST /a 200 [hi] | GET /next 200 [hi]");
    row("folded coding", "Transfer-Encoding:\r\n chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        "POST /a [body] 200 [hi] | GET /next 200 [hi]");
}

void HttpHttp1OddTest::requests() {
    QFETCH(QByteArray, request);
    std::mt19937 random(7);
    for (int round = 0; round < 20; ++round) {
        Dialogue d;
        const std::string all = request.toStdString() + kNext;
        for (std::size_t at = 0; at < all.size();) {
            const std::size_t length = round == 0 ? all.size() : round == 1 ? 1 : 1 + random() % 30;
            d.client(std::string_view(all).substr(at, length));
            at += length;
        }
        d.server(kOk + kOk).close();
        QTEST(d.log(), "expected");
        QVERIFY(d.orderly);
    }
}

void HttpHttp1OddTest::responses_data() {
    QTest::addColumn<QByteArray>("fields");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("length and chunked")
        << QByteArray("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n")
        << QByteArray("GET /next 200 [a] (http.smuggling.cl-te)");
    QTest::newRow("two lengths") << QByteArray("Content-Length: 1\r\nContent-Length: 2\r\n\r\na")
                                 << QByteArray("GET /next 200 [a] (http.smuggling.duplicate-length)");
    QTest::newRow("a coding until the close")
        << QByteArray("Transfer-Encoding: gzip\r\n\r\nab") << QByteArray("GET /next 200 [ab]");
    QTest::newRow("chunked is not last, so until the close (RFC 9112, 6.3)")
        << QByteArray("Transfer-Encoding: chunked, gzip\r\nContent-Length: 1\r\n\r\nab")
        << QByteArray("GET /next 200 [ab] (http.smuggling.cl-te) (http.smuggling.transfer-encoding)");
    QTest::newRow("more than 63 bits") << QByteArray("Content-Length: 18446744073709551615\r\n\r\nab")
                                       << QByteArray("GET /next 200 [ab]~ (http.smuggling.length) (http.response-cut)");
    QTest::newRow("more than 64 bits") << QByteArray("Content-Length: 18446744073709551616\r\n\r\nab")
                                       << QByteArray("GET /next -~ (http.malformed) (http.response-cut)");
}

void HttpHttp1OddTest::responses() {
    QFETCH(QByteArray, fields);
    Dialogue d;
    d.client(kNext).server("HTTP/1.1 200 OK\r\n" + fields.toStdString()).fin(1).close();
    QTEST(d.log(), "expected");
    // HTTP/1.0 has no chunked coding.
    Dialogue e;
    e.client(kNext).server("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n").close();
    QCOMPARE(e.log(), QByteArray("GET /next 200 [a] (http.smuggling.transfer-encoding)"));
    // A length does not matter where there is no body.
    Dialogue f;
    f.client("HEAD / HTTP/1.1\r\n\r\n").server("HTTP/1.1 200 OK\r\n" + fields.toStdString()).fin(1);
    QVERIFY(!f.log().contains("smuggling"));
}

void HttpHttp1OddTest::evidenceIsShortAndPlain() {
    Dialogue d;
    d.client("POST / HTTP/1.1\r\nTransfer-Encoding: x\x01" + std::string(5'000, 'y') + "\r\n\r\n").close();
    const std::vector<Finding>& findings = d.exchanges.at(0).findings;
    QCOMPARE(findings.size(), std::size_t(1));
    QCOMPARE(findings[0].evidence.at(0), "x?" + std::string(78, 'y'));
}

void HttpHttp1OddTest::unknownMethods_data() {
    QTest::addColumn<QByteArray>("method");
    for (const char* method : {"CCM_POST", "RPC_IN_DATA", "BASELINE-CONTROL", "VERSION-CONTROL", "UPDATEREDIRECTREF",
                               "QUERY", "GETX", "POS", "G", "PLAY", "DESCRIBE", "X2", "BCOPY", "PROP"})
        QTest::newRow(method) << QByteArray(method);
}

void HttpHttp1OddTest::unknownMethods() {
    QFETCH(QByteArray, method);
    const std::string request = method.toStdString() + " /a?b HTTP/1.1\r\nContent-Length: 4\r\n\r\nBODY";
    // First on the connection, behind another, behind a body that ends in capitals.
    const std::string all = request + request + kNext + request;
    const QByteArray one = method + " /a?b [BODY] 200 [hi]";
    const QByteArray expected = one + " | " + one + " | GET /next 200 [hi] | " + one;
    std::mt19937 random(9);
    for (int round = 0; round < 50; ++round) {
        Dialogue d;
        for (std::size_t at = 0; at < all.size();) {
            const std::size_t length = round == 0 ? all.size() : round == 1 ? 1 : 1 + random() % 20;
            d.client(std::string_view(all).substr(at, length));
            at += length;
        }
        d.server(kOk + kOk + kOk + kOk).close();
        QCOMPARE(d.log(), expected);
        QVERIFY(d.orderly);
    }
}

void HttpHttp1OddTest::otherProtocolsAreNoRequests_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("SIP") << QByteArray("INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n\r\n");
    QTest::newRow("RTSP") << QByteArray("DESCRIBE rtsp://example.com/a RTSP/1.0\r\nCSeq: 1\r\n\r\n");
    QTest::newRow("ICAP") << QByteArray("REQMOD icap://example.com/a ICAP/1.0\r\nHost: h\r\n\r\n");
    QTest::newRow("SMTP") << QByteArray("EHLO client.example\r\nMAIL FROM:<a@b>\r\n");
    QTest::newRow("FTP") << QByteArray("USER anonymous\r\nPASS x\r\n");
    QTest::newRow("IRC") << QByteArray("NICK somebody\r\nUSER a b c d\r\n");
    QTest::newRow("SSDP by another name") << QByteArray("SEARCHX * SSDP/1.1\r\n\r\n");
    QTest::newRow("long word") << QByteArray(40, 'A') + " / HTTP/1.1\r\n\r\n";
}

void HttpHttp1OddTest::otherProtocolsAreNoRequests() {
    QFETCH(QByteArray, text);
    for (const std::size_t length : {std::size_t(1), std::size_t(7), std::size_t(10'000)}) {
        Dialogue d;
        const std::string all = text.toStdString();
        for (std::size_t at = 0; at < all.size(); at += length) d.client(std::string_view(all).substr(at, length));
        d.close();
        QCOMPARE(d.log(), QByteArray());
        if (d.handover) QCOMPARE(d.after[0], all);
    }
}

void HttpHttp1OddTest::startLineOverTwoPieces() {
    const std::string request = "POST /found HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
    const std::string response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    for (std::size_t cut = 1; cut < request.size(); ++cut) {
        Dialogue d; // packet 1 to 4
        d.client(kNext).gap(0, 100).client("lost body\r\n" + request.substr(0, cut)).client(request.substr(cut));
        d.close();
        const QByteArray where = QByteArray::number(qulonglong(cut));
        QVERIFY2(d.log().endsWith(" | POST /found -~"), where);
        QCOMPARE(d.exchanges.back().requestTrace.firstPacket, std::uint64_t(3));
    }
    for (std::size_t cut = 1; cut < response.size(); ++cut) {
        Dialogue d;
        d.client(kNext).gap(1, 100).server("lost body" + response.substr(0, cut)).server(response.substr(cut)).close();
        QCOMPARE(d.log(), QByteArray("GET /next 200 [hi]"));
    }
    for (const std::size_t piece : {1, 2, 5}) { // over many pieces
        Dialogue d(false);
        const std::string all = "lost body\r\n" + request;
        for (std::size_t at = 0; at < all.size(); at += piece) d.client(std::string_view(all).substr(at, piece));
        QCOMPARE(d.close().log(), QByteArray("POST /found -~"));
    }
}

void HttpHttp1OddTest::startLineThatIsQuotedOverTwoPieces() {
    const std::string quoted = "x\": \"HTTP/1.1 299 Decoy\\r\\n\", \"y\": \"GET /decoy HTTP/1.1\"}";
    for (std::size_t cut = 1; cut < quoted.size(); ++cut) {
        Dialogue d;
        d.client(kNext).gap(1, 100).server(quoted.substr(0, cut)).server(quoted.substr(cut)).server(kOk).close();
        QCOMPARE(d.log(), QByteArray("GET /next 200 [hi]"));
    }
}

void HttpHttp1OddTest::startLineIsKeptUpToALimit() {
    const std::string target(http::kMaxStartLine - 100, 'x');
    Dialogue d(false);
    d.client("noise\n").client("GET /" + target).client(" HTTP/1.1\r\n\r\n").close();
    QCOMPARE(d.exchanges.size(), std::size_t(1));
    Dialogue e(false); // longer: given up, and the next is found
    e.client("noise\n").client("GET /" + target + target).client(" HTTP/1.1\r\n\r\n" + kNext).close();
    QCOMPARE(e.log(), QByteArray("GET /next -~"));
    QCOMPARE(http::findUnfinishedStart(std::string(20'000, 'A'), true, true), std::size_t(20'000));
}

void HttpHttp1OddTest::truncatedMethodIsNoMethod() {
    Dialogue d(false); // "POST" without its beginning
    d.client("ST /two HTTP/1.1\r\nHost: h\r\n\r\n" + kNext).close();
    QCOMPARE(d.log(), QByteArray("GET /next -~"));
}

void HttpHttp1OddTest::requestLineThatIsNotRight() {
    for (const char* line : {"GET/ HTTP/1.1", "OPTIONSHTTP/1.1", "\xc3\x83 / HTTP/1.1"})
        for (const bool byteByByte : {false, true}) {
            Dialogue d;
            const std::string all = line + std::string("\r\nHost: h\r\n\r\n");
            for (std::size_t at = 0; at < all.size(); at += byteByByte ? 1 : all.size())
                d.client(std::string_view(all).substr(at, byteByByte ? 1 : all.size()));
            d.server("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").close();
            QVERIFY2(d.log().contains(" 400"), line);
        }
}

void HttpHttp1OddTest::middleOfAWebSocket() {
    const std::string frame = "\x81\x20{\"type\": \"response.created\"}    ";
    Dialogue d(false);
    d.server(frame).client("\x8a\x80"
                           "abcd");
    QVERIFY(d.handover && d.handover->next == http::NextProtocol::WebSocket && d.handover->middle);
    QVERIFY(!d.handover->handshake);
    QVERIFY(d.connection.clientDirection() == 0U);
    QCOMPARE(d.after[1], frame);
    Dialogue e; // from its beginning it is something else
    e.server("\x81\x05Hello");
    QVERIFY(e.handover && e.handover->next == http::NextProtocol::Other);
}

QTEST_APPLESS_MAIN(HttpHttp1OddTest)
#include "http_http1_odd_test.moc"
