// SPDX-License-Identifier: Apache-2.0
// Messages after RFC 9112 and RFC 9110; expected values are worked out from those texts.
#include "tests/unit/http/dialogue.h"

#include <QTest>

using namespace gatescope;
using test::Dialogue;

namespace {
const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
} // namespace

class HttpHttp1Test : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void exchanges_data();
    void exchanges();
    void headersAsSent();
    void tracesTellPacketsAndTimes();
    void interimResponses();
    void earlyResponse();
    void responseBeforeItsRequestEnds();
    void readUntilClose();
    void readUntilCloseThatIsReset();
    void upgrade();
    void upgradeThatIsRefused();
    void connect();
    void connectThatIsRefused();
    void whoIsTheClientIsReadFromTheBytes();
    void bothEndsAsk();
    void otherProtocolsAreLeftAlone_data();
    void otherProtocolsAreLeftAlone();
    void headOverTheLimit();
    void trailerOverTheLimit();
    void malformedMessageIsSaid();
    void manyRequestsWithoutAResponse();
    void manyFalseStarts();
};

void HttpHttp1Test::exchanges_data() {
    QTest::addColumn<QByteArray>("client");
    QTest::addColumn<QByteArray>("server");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const std::string& client, const std::string& server, const char* expected) {
        QTest::newRow(name) << QByteArray::fromStdString(client) << QByteArray::fromStdString(server)
                            << QByteArray(expected);
    };
    row("one", kGet, kOk, "GET /a 200 [hi]");
    row("request with a body", "POST /v1 HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody", kOk, "POST /v1 [body] 200 [hi]");
    row("pipelined", kGet + "GET /b HTTP/1.1\r\n\r\n" + kGet,
        kOk + "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n" + kOk, "GET /a 200 [hi] | GET /b 404 | GET /a 200 [hi]");
    row("HEAD", "HEAD /a HTTP/1.1\r\n\r\n" + kGet, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + kOk,
        "HEAD /a 200 | GET /a 200 [hi]");
    row("HEAD, chunked", "HEAD /a HTTP/1.1\r\n\r\n" + kGet,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + kOk, "HEAD /a 200 | GET /a 200 [hi]");
    row("204 and 304", kGet + kGet + kGet,
        "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n" + kOk,
        "GET /a 204 | GET /a 304 | GET /a 200 [hi]");
    row("chunked", kGet + kGet,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n" + kOk,
        "GET /a 200 [abc0123456789] | GET /a 200 [hi]");
    row("chunk extensions and trailers", kGet + kGet,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n3;name=\"v\";other\r\nabc\r\n0;last\r\nX: "
        "1\r\nY: 2\r\n\r\n" +
            kOk,
        "GET /a 200 [abc] | GET /a 200 [hi]");
    row("chunked request", "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + kGet,
        kOk + kOk, "POST /a [hello] 200 [hi] | GET /a 200 [hi]");
    row("length 0", "POST /a HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", "POST /a 201");
    row("no reason", kGet, "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi", "GET /a 200 [hi]");
    row("no reason and no blank", kGet, "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", "GET /a 200 [hi]");
    row("absolute form", "GET http://h/p?q=1 HTTP/1.1\r\n\r\n", kOk, "GET http://h/p?q=1 200 [hi]");
    row("asterisk form", "OPTIONS * HTTP/1.1\r\n\r\n", kOk, "OPTIONS * 200 [hi]");
    row("empty line before a request", "\r\n" + kGet, kOk, "GET /a 200 [hi]");
    row("empty line between requests", kGet + "\r\n" + kGet, kOk + kOk, "GET /a 200 [hi] | GET /a 200 [hi]");
    row("HTTP/1.0", "GET /a HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "GET /a 200 [hi]");
    row("request goes on after Connection: close", "GET /a HTTP/1.1\r\nConnection: close\r\n\r\n" + kGet, kOk + kOk,
        "GET /a 200 [hi] | GET /a 200 [hi]");
    row("request without a response", kGet + "GET /b HTTP/1.1\r\n\r\n", kOk, "GET /a 200 [hi] | GET /b -~");
    row("request cut in its head", "GET /a HTTP/1.1\r\nHo", "", "-~ -~");
    row("request cut in its body", "POST /a HTTP/1.1\r\nContent-Length: 9\r\n\r\nbod", "", "POST /a [bod]~ -~");
    row("response cut in its body", kGet, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbod",
        "GET /a 200 [bod]~ (http.response-cut)");
    row("response without a request", "", kOk, "-~ 200 [hi] (http.request-missing)");
    row("100 alone", "POST /a HTTP/1.1\r\nContent-Length: 1\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "POST /a~ -~");
    row("chunk in a wrong number", kGet, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "GET /a 200~ (http.malformed) (http.response-cut)");
}

void HttpHttp1Test::exchanges() {
    QFETCH(QByteArray, client);
    QFETCH(QByteArray, server);
    Dialogue d;
    if (!client.isEmpty()) d.client(client.toStdString());
    if (!server.isEmpty()) d.server(server.toStdString());
    QTEST(d.close().log(), "expected");
    QVERIFY(d.orderly);
}

void HttpHttp1Test::headersAsSent() {
    Dialogue d;
    d.client("POST /x HTTP/1.1\r\nHost: h\r\nX-One:  spaced \t\r\nx-one: two\r\nEmpty:\r\nTransfer-Encoding: "
             "chunked\r\n\r\n0\r\nTrail: t\r\n\r\n");
    d.server("HTTP/1.0 503 Service Unavailable now\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n").close();
    const http::Exchange& x = d.exchanges.at(0);
    QCOMPARE(x.request.headers.size(), std::size_t(5)); // without the trailer
    QCOMPARE(std::string(x.request.headers[1].name), std::string("X-One"));
    QCOMPARE(std::string(x.request.headers[1].value), std::string("spaced"));
    QCOMPARE(std::string(x.request.headers[2].name), std::string("x-one"));
    QCOMPARE(std::string(x.request.headers[3].value), std::string());
    QVERIFY(x.request.version == http::Version::Http11);
    QVERIFY(x.response.version == http::Version::Http10);
    QCOMPARE(x.response.reason, std::string("Service Unavailable now"));
    QCOMPARE(std::string(x.response.headers.find("RETRY-AFTER").value_or("")), std::string("7"));
    QCOMPARE(QByteArray::fromStdString(d.connection.protocol()), QByteArray("http/1.1"));
}

void HttpHttp1Test::tracesTellPacketsAndTimes() {
    Dialogue d;
    d.client("POST /x HTTP/1.1\r\nContent-").client("Length: 4\r\n\r\nbo").client("dy");
    d.server("HT").server("TP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n").server("an").server("sw").close();
    const http::Exchange& x = d.exchanges.at(0);
    QCOMPARE(x.requestTrace.firstPacket, std::uint64_t(1));
    QCOMPARE(x.requestTrace.lastPacket, std::uint64_t(3));
    QCOMPARE(x.requestTrace.firstByte, TimeNs(1'000));
    QCOMPARE(x.requestTrace.lastByte, TimeNs(3'000));
    QCOMPARE(x.responseTrace.firstPacket, std::uint64_t(4));
    QCOMPARE(x.responseTrace.lastPacket, std::uint64_t(7));
    QCOMPARE(x.responseTrace.firstByte, TimeNs(4'000));
    QCOMPARE(x.responseTrace.lastByte, TimeNs(7'000));
    QCOMPARE(x.responseTrace.bodyBytes, std::uint64_t(4));
}

void HttpHttp1Test::interimResponses() {
    Dialogue d;
    d.client("POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        .server("HTTP/1.1 100 Continue\r\n\r\n");
    d.client("body").server("HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\n").server(kOk);
    d.client(kGet).server("HTTP/1.1 102 Processing\r\n\r\n" + kOk).close();
    QCOMPARE(d.log(), QByteArray("POST /a [body] 200 [hi] | GET /a 200 [hi]"));
    QCOMPARE(d.exchanges[0].response.headers.size(), std::size_t(1)); // those of 103 are not its own
    QCOMPARE(d.exchanges[0].responseTrace.firstPacket, std::uint64_t(5));
}

void HttpHttp1Test::earlyResponse() {
    Dialogue d;
    d.client("POST /a HTTP/1.1\r\nContent-Length: 8\r\n\r\nbo")
        .server("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    d.client("dy").fin(1).close();
    QCOMPARE(d.log(), QByteArray("POST /a [body]~ 413"));
    QVERIFY(d.orderly);
}

void HttpHttp1Test::responseBeforeItsRequestEnds() {
    Dialogue d;
    d.client("POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nbo").server("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
    d.client("dy").client(kGet).server(kOk).close();
    QCOMPARE(d.log(), QByteArray("POST /a [body] 401 | GET /a 200 [hi]"));
}

void HttpHttp1Test::readUntilClose() {
    Dialogue d;
    d.client(kGet).server("HTTP/1.0 200 OK\r\n\r\nall ").server("there is").fin(1);
    QCOMPARE(d.log(), QByteArray("GET /a 200 [all there is]"));
    d.close();
    QCOMPARE(d.log(), QByteArray());
}

void HttpHttp1Test::readUntilCloseThatIsReset() {
    Dialogue d;
    d.client(kGet).server("HTTP/1.0 200 OK\r\n\r\nall ").close();
    QCOMPARE(d.log(), QByteArray("GET /a 200 [all ]~ (http.response-cut)"));
}

void HttpHttp1Test::upgrade() {
    Dialogue d;
    d.client("GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    d.server("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x02hi");
    d.client("\x81\x82GET / HTTP/1.1\r\n\r\n").server("HTTP/1.1 200 OK\r\n\r\n").close();
    QCOMPARE(d.log(), QByteArray("GET /ws 101 (http.upgraded)"));
    QCOMPARE(QByteArray::fromStdString(d.connection.protocol()), QByteArray("websocket"));
    QVERIFY(d.orderly);
}

void HttpHttp1Test::upgradeThatIsRefused() {
    Dialogue d; // RFC 9110, 7.8: a server may ignore Upgrade, and may offer it itself
    d.client("GET /a HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
    d.server("HTTP/1.1 200 OK\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nhi");
    d.client(kGet).server(kOk).close();
    QCOMPARE(d.log(), QByteArray("GET /a 200 [hi] | GET /a 200 [hi]"));
}

void HttpHttp1Test::connect() {
    Dialogue d;
    d.client("CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n")
        .server("HTTP/1.1 200 Connection established\r\n\r\n");
    d.client("\x16\x03\x01\x02").server("\x16\x03\x03" + kOk).close();
    QCOMPARE(d.log(), QByteArray("CONNECT api.example:443 200 (http.upgraded)"));
    QVERIFY(!d.connection.protocol().empty());
    QVERIFY(d.orderly);
}

void HttpHttp1Test::connectThatIsRefused() {
    Dialogue d;
    const std::string ask = "CONNECT api.example:443 HTTP/1.1\r\n\r\n";
    d.client(ask).server("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno");
    d.client(ask).server("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno").close();
    QCOMPARE(d.log(), QByteArray("CONNECT api.example:443 407 [no] | CONNECT api.example:443 407 [no]"));
}

void HttpHttp1Test::whoIsTheClientIsReadFromTheBytes() {
    Dialogue d;
    d.feed(1, kGet).feed(0, kOk).close();
    QCOMPARE(d.log(), QByteArray("GET /a 200 [hi]"));
    QVERIFY(d.connection.clientDirection() == 1U);
}

void HttpHttp1Test::bothEndsAsk() {
    Dialogue d;
    d.client(kGet).server("POST /b HTTP/1.1\r\nContent-Length: 1\r\nX").server(": y\r\n\r\nz").server(kOk).close();
    QCOMPARE(d.log(), QByteArray("GET /a 200 [hi]"));
    QVERIFY(d.orderly);
}

void HttpHttp1Test::otherProtocolsAreLeftAlone_data() {
    QTest::addColumn<QByteArray>("start");
    QTest::addColumn<QByteArray>("protocol");
    QTest::newRow("TLS handshake") << QByteArray("\x16\x03\x01\x02\x00\x01", 6) << QByteArray("tls");
    QTest::newRow("TLS alert") << QByteArray("\x15\x03\x03\x00\x02", 5) << QByteArray("tls");
    QTest::newRow("HTTP/2 preface") << QByteArray("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") << QByteArray("h2c");
    QTest::newRow("SSH") << QByteArray("SSH-2.0-OpenSSH_9.2\r\n") << QByteArray();
    QTest::newRow("zeros") << QByteArray(40, '\0') << QByteArray();
    QTest::newRow("a method and no request") << QByteArray("GET \x01\x02\x03\x04 and more of it") << QByteArray();
}

void HttpHttp1Test::otherProtocolsAreLeftAlone() {
    QFETCH(QByteArray, start);
    for (const bool byteByByte : {false, true}) {
        Dialogue d;
        if (byteByByte)
            for (const char c : start) d.client({&c, 1});
        else
            d.client(start.toStdString());
        d.client("\r\n" + kGet).server(kOk).close();
        QCOMPARE(d.log(), QByteArray());
        QTEST(QByteArray::fromStdString(d.connection.protocol()), "protocol");
    }
}

void HttpHttp1Test::headOverTheLimit() {
    Dialogue d;
    d.client("GET /a HTTP/1.1\r\nX: ");
    const std::string piece(10'000, 'x');
    for (int i = 0; i < 30; ++i) d.client(piece);
    d.client("\r\n\r\n").client(kGet).server(kOk).close();
    const QByteArray log = d.log();
    QVERIFY2(log.startsWith("-~ -~ (http.malformed) | GET /a 200 [hi]") ||
                 log.startsWith("-~ 200 [hi] (http.malformed)"),
             log.left(200).constData());
    QVERIFY(d.orderly);
    for (const http::Exchange& x : d.exchanges) QVERIFY(x.request.headers.bytes() <= http::Http1Parser::kMaxHeadBytes);
}

void HttpHttp1Test::trailerOverTheLimit() {
    Dialogue d; // a trailer is kept in memory as well while it is read
    d.client(kGet).server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: ");
    const std::string piece(10'000, 'x');
    for (int i = 0; i < 30; ++i) d.server(piece);
    d.server("\r\n\r\n").close();
    QVERIFY(d.log().startsWith("GET /a 200 [a]~ (http.malformed)"));
}

void HttpHttp1Test::malformedMessageIsSaid() {
    Dialogue d;
    d.client("GET /a HTTP/1.1\r\nBad Name\x01: x\r\n\r\n").client(kGet).server(kOk).close();
    const QByteArray log = d.log();
    QVERIFY2(log.contains("(http.malformed)"), log.constData());
    QVERIFY2(log.contains("GET /a"), log.constData()); // reading goes on
}

void HttpHttp1Test::manyRequestsWithoutAResponse() {
    Dialogue d;
    for (int i = 0; i < 70; ++i) d.client(kGet);
    d.close();
    QCOMPARE(d.exchanges.size(), std::size_t(70));
    QCOMPARE(d.log().count("http.too-many-waiting"), 6);
}

void HttpHttp1Test::manyFalseStarts() {
    // Each line begins like a message and fails at once: neither the stack nor the time may grow with them.
    std::string text;
    while (text.size() < 1U << 20) text += "GET / HTTP/1.1\r\n\x01\r\n";
    std::string answer;
    while (answer.size() < 1U << 19) answer += "HTTP/1.1 200 HTTP/1.1 200 ";
    Dialogue d(false);
    d.client(text).server(answer).close();
    QVERIFY(d.orderly);
    QVERIFY(!d.exchanges.empty());
}

QTEST_APPLESS_MAIN(HttpHttp1Test)
#include "http_http1_test.moc"
