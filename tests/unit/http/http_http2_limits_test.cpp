// SPDX-License-Identifier: Apache-2.0
// Each limit of the HTTP/2 decoder, reached; and what the first octets look like.
#include "core/http/http2_exchanges.h"
#include "core/http/http2_start.h"
#include "tests/unit/http/http2_dialogue.h"

#include <QTest>

using namespace gatescope;
using namespace gatescope::test::h2;

namespace {

QByteArray ended(Dialogue& d) {
    d.close();
    return d.orderly ? d.log() : QByteArray("disorder");
}

} // namespace

class HttpHttp2LimitsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void frameTooLong();
    void announcedFramesMayBeLonger();
    void tooManyContinuations();
    void headerBlockTooLong();
    void fieldsThatUnpackToTooMuch();
    void tooManyStreams();
    void connectionFindingsAreSaidOnce();
    void looksLikeHttp2_data();
    void looksLikeHttp2();
    void serverPreface();
};

void HttpHttp2LimitsTest::frameTooLong() {
    Dialogue d;
    Encoder up;
    d.client({std::string(kPreface), settings(), up.headers(1, request("POST", "/1", {{"x-a", "b"}}))});
    d.client(number(http::Http2FrameReader::kMaxFrameBytes + 1, 3) + number(0, 2) + number(1, 4));
    d.client(std::string(100, 'x'));
    // Frames are found again, and the table is not trusted any more.
    d.client({up.headers(3, request("GET", "/3", {{"x-a", "b"}}), EndHeaders | EndStream), frame(6, 0, 0, "12345678")});
    QCOMPARE(ended(d),
             QByteArray("1 POST /1 [#]~! -~ (http2.frame-error) (http.body-gap) | 3 GET /3 -~ (http2.hpack-unknown)"));
}

void HttpHttp2LimitsTest::announcedFramesMayBeLonger() {
    Dialogue d;
    Encoder up;
    const std::uint32_t length = http::Http2FrameReader::kMaxFrameBytes + 1;
    d.server(settings(number(5, 2) + number(length, 4)));
    d.client({std::string(kPreface), settings(), up.headers(1, request("POST", "/1")),
              data(1, std::string(length, 'x'), EndStream)})
        .close();
    QVERIFY(d.orderly && d.exchanges.at(0).findings.empty());
    QCOMPARE(d.exchanges[0].requestTrace.bodyBytes, std::uint64_t(length));
}

void HttpHttp2LimitsTest::tooManyContinuations() {
    for (const unsigned more : {0U, 1U}) {
        Dialogue d;
        Encoder up, down;
        d.client({std::string(kPreface), settings(), frame(1, EndStream, 1, up.block(request("GET", "/1")))});
        for (unsigned i = 1; i < http::Http2FrameReader::kMaxContinuations + more; ++i) d.client(frame(9, 0, 1, ""));
        d.client(frame(9, EndHeaders, 1, ""));
        d.client(up.headers(3, request("GET", "/3"), EndHeaders | EndStream));
        d.server({settings(), down.headers(1, response(431), EndHeaders | EndStream)});
        const QByteArray expected =
            more == 0 ? "1 GET /1 431 | 3 GET /3 -~" : "1 -~ 431 (http2.continuation-flood) | 3 GET /3 -~";
        QCOMPARE(ended(d), expected);
    }
}

void HttpHttp2LimitsTest::headerBlockTooLong() {
    constexpr std::size_t kMax = http::Http2FrameReader::kMaxBlockBytes;
    // Fields without indexing (RFC 7541, 6.2.2), 64 octets each: name `a`, value 60 octets.
    const std::string field = std::string("\x00\x01"
                                          "a\x3c",
                                          4) +
                              std::string(60, 'v');
    for (const std::size_t fields : {kMax / 64, kMax / 64 + 1}) {
        Dialogue d;
        std::string block;
        for (std::size_t i = 0; i < fields; ++i) block += field;
        d.client({std::string(kPreface), settings(), frame(1, EndStream, 1, "")});
        for (std::size_t at = 0; at < block.size(); at += 16'384)
            d.client(
                frame(9, at + 16'384 >= block.size() ? EndHeaders : 0U, 1, std::string_view(block).substr(at, 16'384)));
        d.client(frame(1, EndHeaders | EndStream, 3, "\x82\x84"));
        // The shorter one is read, and is no request: it has no pseudo-fields.
        const QByteArray expected =
            fields * 64 > kMax ? "1 -~ -~ (http2.continuation-flood) | 3 GET / -~" : "3 GET / -~";
        QCOMPARE(ended(d), expected);
    }
}

void HttpHttp2LimitsTest::fieldsThatUnpackToTooMuch() {
    Dialogue d;
    Encoder up;
    d.client({std::string(kPreface), settings()});
    Fields fields = request("GET", "/1");
    fields.push_back({"x-long", std::string(2'900, 'l')});
    for (int i = 0; i < 10'000; ++i) fields.push_back(fields[3]); // one octet each: 29 MB in 12 KiB
    const std::string block = up.block(fields);
    QVERIFY(block.size() < 16'384);
    d.client({frame(1, EndHeaders | EndStream, 1, block),
              up.headers(3, request("GET", "/3", {fields[3]}), EndHeaders | EndStream)});
    QCOMPARE(ended(d), QByteArray("1 GET /1 -~ (http2.headers-too-long) | 3 GET /3 -~"));
    QVERIFY(d.exchanges[0].request.headers.bytes() <= http::Http2Head::kMaxBytes);
    QVERIFY(d.exchanges[0].request.headers.size() > 60);
    QCOMPARE(d.exchanges[1].request.headers.size(), std::size_t(1));
}

void HttpHttp2LimitsTest::tooManyStreams() {
    Dialogue d;
    Encoder up, down;
    d.client({std::string(kPreface), settings()});
    d.server(settings());
    constexpr auto kMax = std::uint32_t(http::Http2Exchanges::kMaxStreams);
    for (std::uint32_t i = 0; i < kMax; ++i)
        d.client(up.headers(2 * i + 1, request("GET", "/"), EndHeaders | EndStream));
    QCOMPARE(d.log(), QByteArray());
    d.client(up.headers(2 * kMax + 1, request("GET", "/last"), EndHeaders | EndStream));
    QCOMPARE(d.log(), QByteArray("1 GET / -~ (http2.too-many-streams)"));
    QCOMPARE(d.open(), std::size_t(kMax));
    d.server({down.headers(1, response(200), EndHeaders | EndStream),
              down.headers(3, response(200), EndHeaders | EndStream)});
    QCOMPARE(d.log(), QByteArray("3 GET / 200"));
    d.close();
    QCOMPARE(d.open(), std::size_t(0));
    QCOMPARE(d.exchanges.size(), std::size_t(kMax + 1));
}

void HttpHttp2LimitsTest::connectionFindingsAreSaidOnce() {
    Dialogue d;
    Encoder up;
    d.client({std::string(kPreface), settings()});
    for (int i = 0; i < 1'000; ++i) d.client(data(0, "x"));
    d.client({up.headers(1, request("GET", "/"), EndHeaders | EndStream), data(0, "x")});
    QCOMPARE(ended(d), QByteArray("1 GET / -~ (http2.frame-error)"));
    QVERIFY(d.connection.takeFindings().empty());
}

void HttpHttp2LimitsTest::looksLikeHttp2_data() {
    QTest::addColumn<QByteArray>("octets");
    QTest::addColumn<bool>("is");
    const auto row = [](const char* name, const std::string& octets, bool is) {
        QTest::newRow(name) << QByteArray::fromStdString(octets) << is;
    };
    Encoder up;
    const std::string get = up.headers(3, request("GET", "/"), EndHeaders | EndStream);
    row("nothing", "", false);
    row("preface", std::string(kPreface), true);
    row("one frame", get, true);
    row("frames", get + frame(8, 0, 0, number(1, 4)) + data(5, "{\"a\":1}"), true);
    row("a long frame behind others", settings() + get + data(3, std::string(9'000, 'x')).substr(0, 1'400), true);
    row("a long frame alone", data(3, std::string(9'000, 'x')).substr(0, 1'400), false);
    row("more than the frame", get + "x y z, and so on", false);
    row("half a header", get.substr(0, 5), false);
    row("HTTP/1", "GET / HTTP/1.1\r\n\r\n", false);
    row("JSON", "{\"model\":\"gpt-4o\"}", false);
    row("TLS", std::string("\x17\x03\x03\x00\x04", 5) + "abcd", false);
    row("zeros", std::string(900, '\0'), false);
    row("MySQL query", number(0x060000, 3) + number(0, 1) + "\x03SELEC", false); // length in little endian, number
    row("Kafka request",
        number(14, 4) + number(3, 2) + number(1, 2) + number(7, 4) + number(2, 2) + "me" + number(0, 2), false);
    row("PostgreSQL query", "Q" + number(13, 4) + std::string("SELECT 1\0", 9), false);
    row("SMB", number(0x20, 4) + "\xfeSMB" + std::string(28, '\0'), false);
}

void HttpHttp2LimitsTest::looksLikeHttp2() {
    QFETCH(QByteArray, octets);
    QTEST(http::looksLikeHttp2({octets.data(), std::size_t(octets.size())}), "is");
}

void HttpHttp2LimitsTest::serverPreface() {
    const std::string first = settings(number(3, 2) + number(100, 4));
    bool undecided = false;
    for (std::size_t length = 0; length < 9; ++length) {
        QVERIFY(!http::isServerPreface(std::string_view(first).substr(0, length), undecided));
        QVERIFY(undecided);
    }
    for (std::size_t length = 9; length <= first.size(); ++length) {
        QVERIFY(http::isServerPreface(std::string_view(first).substr(0, length), undecided));
        QVERIFY(!undecided);
    }
    for (const std::string& other : {std::string("HTTP/1.1 200"), frame(4, 1, 0, ""), frame(4, 0, 0, "12345"),
                                     frame(6, 0, 0, "12345678"), std::string("\0\0\6\4\0\0\0\0\1", 9)}) {
        QVERIFY(!http::isServerPreface(other, undecided));
        QVERIFY(!undecided);
    }
}

QTEST_APPLESS_MAIN(HttpHttp2LimitsTest)
#include "http_http2_limits_test.moc"
