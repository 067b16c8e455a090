// SPDX-License-Identifier: Apache-2.0
// Exchanges of HTTP/2 as RFC 9113 describes them.
#include "tests/unit/http/http2_dialogue.h"

#include <QTest>

using namespace gatescope;
using namespace gatescope::test::h2;

namespace {

/// A connection with both prefaces behind it, and a table for each direction.
struct Talk {
    explicit Talk(http::Http2Options options = {}) : d(std::move(options)) {
        d.client({std::string(kPreface), settings()});
        d.server(settings());
    }
    Dialogue d;
    Encoder up, down;
};

QByteArray headersOf(const http::HeaderList& headers) {
    QByteArrayList list;
    for (std::size_t i = 0; i < headers.size(); ++i)
        list += QByteArray::fromStdString(std::string(headers[i].name) + '=' + std::string(headers[i].value));
    return list.join(' ');
}

} // namespace

class HttpHttp2Test : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void oneExchange();
    void fieldsAndHost();
    void traces();
    void streamsInterleave();
    void interimResponses();
    void trailersAreNotHeaders();
    void paddingAndPriority();
    void continuation();
    void otherFramesAreSkipped();
    void tableSizeChanges();
    void push();
    void earlyAnswerThenReset();
    void resets();
    void framesAfterAReset();
    void goAwayFrames();
    void contentLengths();
    void connectAndExtendedConnect();
    void upgradedFromHttp1();
    void serverSpeaksFirst();
    void directionsSwapped();
    void malformedHeads();
    void endsOfTheConnection();
};

void HttpHttp2Test::oneExchange() {
    Talk t;
    t.d.client({t.up.headers(1, request("POST", "/v1")), data(1, "hello "), data(1, "you", EndStream)});
    t.d.server({t.down.headers(1, response(200)), data(1, "answer"), data(1, "", EndStream)});
    QCOMPARE(t.d.log(), QByteArray("1 POST /v1 [hello you] 200 [answer]"));
    t.d.close();
    QVERIFY(t.d.orderly);
    QCOMPARE(t.d.connection.protocol(), std::string("h2c"));
    QCOMPARE(t.d.connection.clientDirection(), std::optional<unsigned>(0));
    QCOMPARE(t.d.connection.opened(), 1U);
    QVERIFY(t.d.exchanges[0].request.version == http::Version::H2c);
    QVERIFY(t.d.exchanges[0].response.version == http::Version::H2c);
}

void HttpHttp2Test::fieldsAndHost() {
    http::Http2Options options;
    options.version = http::Version::H2;
    options.firstIndex = 5;
    Talk t(std::move(options));
    t.d.client(t.up.headers(
        1,
        request("GET", "/a?b=c",
                {{":authority", "h.example:8443"}, {"cookie", "a=1"}, {"x-agent", "one"}, {"cookie", "b=2"}}),
        EndHeaders | EndStream));
    t.d.client(t.up.headers(3, request("GET", "/", {{":authority", "a.example"}, {"host", "b.example"}}),
                            EndHeaders | EndStream));
    t.d.server(t.down.headers(1, response(200, {{"server", "s"}, {"x-a", ""}}), EndHeaders | EndStream));
    t.d.server(t.down.headers(3, response(404), EndHeaders | EndStream));
    QCOMPARE(t.d.log(), QByteArray("1 GET /a?b=c 200 | 3 GET / 404"));
    QCOMPARE(headersOf(t.d.exchanges[0].request.headers),
             QByteArray("cookie=a=1 x-agent=one cookie=b=2 host=h.example:8443"));
    QCOMPARE(headersOf(t.d.exchanges[1].request.headers), QByteArray("host=b.example"));
    QCOMPARE(headersOf(t.d.exchanges[0].response.headers), QByteArray("server=s x-a="));
    QCOMPARE(t.d.exchanges[0].indexInConnection, 5U);
    QCOMPARE(t.d.exchanges[1].indexInConnection, 6U);
    QCOMPARE(t.d.connection.opened(), 7U);
    QCOMPARE(t.d.connection.protocol(), std::string("h2"));
}

void HttpHttp2Test::traces() {
    Talk t; // packets 1 and 2
    const std::string head = t.up.headers(1, request("POST", "/"));
    t.d.client(head.substr(0, 4)).client(head.substr(4)).client(data(1, "abc", EndStream)); // 3, 4, 5
    t.d.server(t.down.headers(1, response(200)));                                           // 6
    t.d.client(frame(8, 0, 1, number(1, 4)));                                               // 7, a WINDOW_UPDATE
    t.d.server(data(1, "defg"));                                                            // 8
    t.d.server(frame(6, 0, 0, "12345678"));                                                 // 9, a PING
    t.d.server(data(1, "", EndStream));                                                     // 10
    t.d.close();
    const http::MessageTrace& asked = t.d.exchanges.at(0).requestTrace;
    const http::MessageTrace& answered = t.d.exchanges.at(0).responseTrace;
    QCOMPARE(asked.firstPacket, PacketRef(3));
    QCOMPARE(asked.firstByte, TimeNs(3'000));
    QCOMPARE(asked.lastPacket, PacketRef(5));
    QCOMPARE(asked.lastByte, TimeNs(5'000));
    QCOMPARE(asked.bodyBytes, std::uint64_t(3));
    QVERIFY(asked.seen && asked.complete && !asked.gap);
    QCOMPARE(answered.firstPacket, PacketRef(6));
    QCOMPARE(answered.lastPacket, PacketRef(10));
    QCOMPARE(answered.lastByte, TimeNs(10'000));
    QCOMPARE(answered.bodyBytes, std::uint64_t(4));
    QVERIFY(answered.seen && answered.complete && !answered.gap);
}

void HttpHttp2Test::streamsInterleave() {
    Talk t;
    t.d.client({t.up.headers(1, request("POST", "/one")), t.up.headers(3, request("POST", "/three")), data(3, "C"),
                data(1, "A", EndStream), data(3, "D", EndStream),
                t.up.headers(5, request("GET", "/five"), EndHeaders | EndStream)});
    t.d.server({t.down.headers(5, response(201)), t.down.headers(1, response(202)), data(1, "a"),
                data(5, "e", EndStream), t.down.headers(3, response(203), EndHeaders | EndStream),
                data(1, "b", EndStream)});
    QCOMPARE(t.d.log(), QByteArray("5 GET /five 201 [e] | 3 POST /three [CD] 203 | 1 POST /one [A] 202 [ab]"));
    QCOMPARE(t.d.exchanges[0].indexInConnection, 2U); // in the order of requests
    QCOMPARE(t.d.exchanges[2].indexInConnection, 0U);
}

void HttpHttp2Test::interimResponses() {
    Talk t;
    t.d.client(t.up.headers(1, request("POST", "/"), EndHeaders));
    t.d.server(t.down.headers(1, response(100)));
    t.d.client(data(1, "body", EndStream));
    t.d.server({t.down.headers(1, response(103, {{"link", "<a>"}})),
                t.down.headers(1, response(200, {{"x", "y"}}), EndHeaders | EndStream)});
    QCOMPARE(t.d.log(), QByteArray("1 POST / [body] 200"));
    QCOMPARE(headersOf(t.d.exchanges[0].response.headers), QByteArray("x=y"));
    QCOMPARE(t.d.exchanges[0].responseTrace.firstPacket, PacketRef(6));
}

void HttpHttp2Test::trailersAreNotHeaders() {
    Talk t;
    t.d.client({t.up.headers(1, request("POST", "/grpc")), data(1, "q"),
                t.up.headers(1, {{"x-checksum", "1"}}, EndHeaders | EndStream)});
    t.d.server({t.down.headers(1, response(200)), data(1, "r"),
                t.down.headers(1, {{"grpc-status", "0"}}, EndHeaders | EndStream)});
    QCOMPARE(t.d.log(), QByteArray("1 POST /grpc [q] 200 [r]"));
    QCOMPARE(t.d.exchanges[0].response.headers.size(), std::size_t(0));
}

void HttpHttp2Test::paddingAndPriority() {
    Talk t;
    const std::string block = t.up.block(request("POST", "/pad"));
    const std::string priority = number(0x8000'0000, 4) + number(15, 1);
    t.d.client(frame(1, EndHeaders | Padded | HasPriority, 1, number(7, 1) + priority + block + std::string(7, '\0')));
    t.d.client({padded(1, "one", 200), padded(1, "", 0), padded(1, "two", 0), padded(1, "", 255, EndStream)});
    t.d.server(
        {frame(1, EndHeaders | Padded, 1, number(0, 1) + t.down.block(response(200))), padded(1, "x", 1, EndStream)});
    QCOMPARE(t.d.log(), QByteArray("1 POST /pad [onetwo] 200 [x]"));
}

void HttpHttp2Test::continuation() {
    Talk t;
    const std::string block = t.up.block(request("POST", "/parts", {{"x-long", std::string(100, 'q')}}));
    t.d.client({frame(1, EndStream, 1, block.substr(0, 1)), frame(9, 0, 1, ""), frame(9, 0, 1, block.substr(1, 20)),
                frame(9, EndHeaders, 1, block.substr(21))});
    t.d.server({frame(1, 0, 1, ""), frame(9, EndHeaders, 1, t.down.block(response(200))), data(1, "", EndStream)});
    QCOMPARE(t.d.log(), QByteArray("1 POST /parts 200"));
    QCOMPARE(t.d.exchanges[0].request.headers.find("x-long"), std::optional<std::string_view>(std::string(100, 'q')));
}

void HttpHttp2Test::otherFramesAreSkipped() {
    Talk t;
    t.d.client({frame(2, 0, 1, std::string(5, '\x01')), t.up.headers(1, request("GET", "/"), EndHeaders | EndStream),
                frame(16, 0, 0, number(1, 4) + "u=1"), frame(8, 0, 0, number(65535, 4)),
                frame(0x2a, 0xff, 77, "grease")});
    t.d.server({frame(4, 1, 0, ""), frame(10, 0, 0, number(0, 2)), frame(12, 0, 0, ""),
                t.down.headers(1, response(200)), frame(0xee, 0, 1, std::string(40'000, 'x')),
                frame(6, 1, 0, "abcdefgh"), data(1, "ok", EndStream)});
    QCOMPARE(t.d.log(), QByteArray("1 GET / 200 [ok]"));
}

void HttpHttp2Test::tableSizeChanges() {
    Talk t;
    const Fields more{{"authorization", "Bearer one"}, {"x-project", "p"}, {"x-agent", "a"}};
    std::uint32_t stream = 1;
    const auto ask = [&] {
        t.d.client(t.up.headers(stream, request("GET", "/" + std::to_string(stream), more), EndHeaders | EndStream));
        t.d.server(t.down.headers(stream, response(200, more), EndHeaders | EndStream));
        stream += 2;
    };
    ask();
    t.up.resize(0);
    t.down.resize(128);
    ask();
    t.up.resize(64);
    t.up.resize(4096); // two updates in one block
    ask();
    t.up.resize(100'000);
    ask();
    ask();
    QCOMPARE(t.d.log(), QByteArray("1 GET /1 200 | 3 GET /3 200 | 5 GET /5 200 | 7 GET /7 200 | 9 GET /9 200"));
    for (const http::Exchange& x : t.d.exchanges) {
        QCOMPARE(headersOf(x.request.headers), QByteArray("authorization=Bearer one x-project=p x-agent=a"));
        QCOMPARE(headersOf(x.response.headers), headersOf(x.request.headers));
    }
}

void HttpHttp2Test::push() {
    Talk t;
    t.d.client(t.up.headers(1, request("GET", "/page"), EndHeaders | EndStream));
    const std::string promise = t.down.block(request("GET", "/style", {{":authority", "h"}}));
    t.d.server(frame(5, EndHeaders | Padded, 1, number(3, 1) + number(2, 4) + promise + std::string(3, '\0')));
    t.d.server(t.down.headers(1, response(200)));
    const std::string later = t.down.block(request("GET", "/late"));
    t.d.server({frame(5, 0, 1, number(4, 4) + later.substr(0, 2)), frame(9, EndHeaders, 1, later.substr(2))});
    t.d.server({t.down.headers(2, response(200)), data(2, "css", EndStream), data(1, "html", EndStream)});
    t.d.client(reset(4, 8));
    QCOMPARE(t.d.log(),
             QByteArray("2 GET /style 200 [css] | 1 GET /page 200 [html] | 4 GET /late -~ (client-rst-stream) "
                        "(http2.stream-reset)"));
    QCOMPARE(t.d.exchanges[0].indexInConnection, 1U);
}

void HttpHttp2Test::earlyAnswerThenReset() {
    Talk t;
    t.d.client({t.up.headers(1, request("POST", "/big")), data(1, "part")});
    t.d.server(t.down.headers(1, response(413), EndHeaders | EndStream));
    QCOMPARE(t.d.log(), QByteArray()); // the request goes on
    t.d.server(reset(1, 0));
    QCOMPARE(t.d.log(), QByteArray("1 POST /big [part]~ 413"));
    t.d.client({t.up.headers(3, request("POST", "/big")), data(3, "part")});
    t.d.server(t.down.headers(3, response(413), EndHeaders | EndStream));
    t.d.client(data(3, "end", EndStream));
    QCOMPARE(t.d.log(), QByteArray("3 POST /big [partend] 413"));
}

void HttpHttp2Test::resets() {
    Talk t;
    t.d.client(t.up.headers(1, request("GET", "/stream"), EndHeaders | EndStream));
    t.d.server({t.down.headers(1, response(200)), data(1, "data: 1")});
    t.d.client(reset(1, 8));
    QCOMPARE(t.d.log(), QByteArray("1 GET /stream 200 [data: 1]~ (client-rst-stream) (http2.stream-reset)"));
    QCOMPARE(t.d.exchanges[0].findings[0].evidence.at(0), std::string("client: CANCEL"));
    t.d.client({t.up.headers(3, request("POST", "/refused")), data(3, "x")});
    t.d.server(reset(3, 7));
    QCOMPARE(t.d.log(), QByteArray("3 POST /refused [x]~ -~ (server-rst-stream) (http2.stream-reset)"));
    QCOMPARE(t.d.exchanges[1].findings[0].evidence.at(0), std::string("server: REFUSED_STREAM"));
    t.d.client(t.up.headers(5, request("GET", "/odd"), EndHeaders | EndStream));
    t.d.server(reset(5, 0x1234));
    QCOMPARE(t.d.exchanges[2].findings[0].evidence.at(0), std::string("server: error 4660"));
}

void HttpHttp2Test::framesAfterAReset() {
    Talk t;
    t.d.client({t.up.headers(1, request("POST", "/a")), data(1, "x")});
    t.d.client(reset(1, 8));
    // Frames that were on their way: they count for the table, and for nothing else.
    t.d.server({t.down.headers(1, response(200, {{"x-request-id", "one"}})), data(1, "late")});
    t.d.client(t.up.headers(3, request("GET", "/b"), EndHeaders | EndStream));
    t.d.server(reset(3, 2));
    t.d.client({t.up.headers(3, {{"trailer", "t"}}, EndHeaders | EndStream), data(3, "y")});
    t.d.client(t.up.headers(5, request("GET", "/c", {{"trailer", "t"}}), EndHeaders | EndStream));
    t.d.server(t.down.headers(5, response(200, {{"x-request-id", "one"}}), EndHeaders | EndStream));
    t.d.close();
    QCOMPARE(t.d.log(), QByteArray("1 POST /a [x]~ -~ (client-rst-stream) (http2.stream-reset) | 3 GET /b -~ "
                                   "(server-rst-stream) (http2.stream-reset) | 5 GET /c 200"));
    QCOMPARE(headersOf(t.d.exchanges[2].response.headers), QByteArray("x-request-id=one"));
}

void HttpHttp2Test::goAwayFrames() {
    Talk t;
    for (const std::uint32_t stream : {1U, 3U, 5U})
        t.d.client(t.up.headers(stream, request("GET", "/"), EndHeaders | EndStream));
    t.d.server(goAway(0x7fff'ffff, 0));
    t.d.server(goAway(3, 0));
    QCOMPARE(t.d.log(), QByteArray("5 GET / -~ (server-goaway)"));
    t.d.server({t.down.headers(3, response(200), EndHeaders | EndStream), goAway(0, 11, "too many")});
    QCOMPARE(t.d.log(), QByteArray("3 GET / 200 | 1 GET / -~ (server-goaway) (http2.goaway)"));
    QCOMPARE(t.d.exchanges[2].findings[0].evidence.at(0), std::string("server: ENHANCE_YOUR_CALM"));

    Talk alone; // nobody is there to carry it
    alone.d.client(goAway(0, 1)).close();
    const std::vector<Finding> findings = alone.d.connection.takeFindings();
    QCOMPARE(findings.size(), std::size_t(1));
    QCOMPARE(findings[0].kind->id, std::string_view("http2.goaway"));
    QCOMPARE(findings[0].evidence.at(0), std::string("client: PROTOCOL_ERROR"));
}

void HttpHttp2Test::contentLengths() {
    Talk t;
    std::uint32_t stream = 1;
    const auto ask = [&](const char* method, int status, const char* length, std::string_view body) {
        t.d.client(t.up.headers(stream, request(method, "/"), EndHeaders | EndStream));
        t.d.server(t.down.headers(stream, response(status, {{"content-length", length}})));
        t.d.server(data(stream, body, EndStream));
        stream += 2;
        return t.d.log();
    };
    QCOMPARE(ask("GET", 200, "4", "four"), QByteArray("1 GET / 200 [four]"));
    QCOMPARE(ask("GET", 200, "5", "four"), QByteArray("3 GET / 200 [four] (http2.content-length)"));
    QCOMPARE(t.d.exchanges[1].findings[0].evidence.at(0), std::string("4 octets, 5 announced"));
    QCOMPARE(ask("GET", 200, "3", "four"), QByteArray("5 GET / 200 [four] (http2.content-length)"));
    QCOMPARE(ask("HEAD", 200, "9", ""), QByteArray("7 HEAD / 200"));
    QCOMPARE(ask("GET", 304, "9", ""), QByteArray("9 GET / 304"));
    QCOMPARE(ask("GET", 200, "99999999999999999999", ""), QByteArray("11 GET / 200"));
    t.d.client({t.up.headers(13, request("POST", "/", {{"content-length", "2"}})), data(13, "abc", EndStream)});
    t.d.server(t.down.headers(13, response(400), EndHeaders | EndStream));
    QCOMPARE(t.d.log(), QByteArray("13 POST / [abc] 400 (http2.content-length)"));
}

void HttpHttp2Test::connectAndExtendedConnect() {
    Talk t;
    t.d.client({t.up.headers(1, {{":method", "CONNECT"}, {":authority", "h:443"}}), data(1, "\x16\x03")});
    t.d.server({t.down.headers(1, response(200)), data(1, "tls")});
    t.d.client(t.up.headers(3, {{":method", "CONNECT"},
                                {":protocol", "websocket"},
                                {":scheme", "https"},
                                {":path", "/chat"},
                                {":authority", "h"}}));
    t.d.server({t.down.headers(3, response(200)), data(3, "frame", EndStream)});
    t.d.client(data(3, "x", EndStream));
    QCOMPARE(t.d.log(), QByteArray("3 CONNECT /chat 200 (http2.tunnel)"));
    QCOMPARE(t.d.exchanges[0].findings[0].evidence.at(0), std::string("websocket"));
    QCOMPARE(t.d.exchanges[0].responseTrace.bodyBytes, std::uint64_t(5)); // counted, not told
    t.d.client(t.up.headers(5, {{":method", "CONNECT"}, {":authority", "no:1"}}));
    t.d.server({t.down.headers(5, response(403)), data(5, "denied", EndStream), reset(5, 0)});
    QCOMPARE(t.d.log(), QByteArray("5 CONNECT no:1~ 403 [denied]"));
    t.d.close();
    QCOMPARE(t.d.log(), QByteArray("1 CONNECT h:443~ 200~ (http2.tunnel) (http.response-cut)"));
}

void HttpHttp2Test::upgradedFromHttp1() {
    Dialogue owner; // only lends an exchange
    http::Http2Options options;
    options.upgraded = owner.make();
    http::ActiveExchange& active = *options.upgraded;
    active.requestEnded = true;
    active.responseBegan = active.responseEnded = true; // the 101
    active.exchange.request.method = "GET";
    active.exchange.request.target = "/robots.txt";
    active.exchange.response.status = 101;
    active.exchange.response.headers.add("upgrade", "h2c");
    options.firstIndex = 1;
    Dialogue d(std::move(options));
    Encoder up, down;
    d.server(settings()).client({std::string(kPreface), settings()});
    d.server({down.headers(1, response(200, {{"x", "y"}})), data(1, "text", EndStream)});
    d.client(up.headers(3, request("GET", "/more"), EndHeaders | EndStream));
    d.server(down.headers(3, response(404), EndHeaders | EndStream));
    d.close();
    QCOMPARE(d.exchanges.size(), std::size_t(2));
    QCOMPARE(d.exchanges[0].request.target, std::string("/robots.txt"));
    QVERIFY(d.exchanges[0].request.version == http::Version::Http11);
    QVERIFY(d.exchanges[0].response.version == http::Version::H2c);
    QCOMPARE(d.exchanges[0].response.status, 200);
    QCOMPARE(headersOf(d.exchanges[0].response.headers), QByteArray("x=y"));
    QCOMPARE(d.exchanges[0].streamId, 1U);
    QCOMPARE(d.responseBodies[0], std::string("text"));
    QCOMPARE(d.exchanges[1].indexInConnection, 1U);
}

void HttpHttp2Test::serverSpeaksFirst() {
    Dialogue d;
    Encoder up, down;
    d.server(settings(number(3, 2) + number(100, 4)));
    QCOMPARE(d.connection.clientDirection(), std::optional<unsigned>(0));
    d.client({std::string(kPreface), settings(), up.headers(1, request("GET", "/"), EndHeaders | EndStream)});
    d.server(down.headers(1, response(200), EndHeaders | EndStream));
    QCOMPARE(d.log(), QByteArray("1 GET / 200"));
}

void HttpHttp2Test::directionsSwapped() {
    Dialogue d;
    Encoder up, down;
    d.feed(1, {std::string(kPreface), settings(), up.headers(1, request("GET", "/"), EndHeaders | EndStream)});
    d.feed(0, {settings(), down.headers(1, response(200), EndHeaders | EndStream)});
    QCOMPARE(d.log(), QByteArray("1 GET / 200"));
    QCOMPARE(d.connection.clientDirection(), std::optional<unsigned>(1));
}

void HttpHttp2Test::malformedHeads() {
    Talk t;
    t.d.client(t.up.headers(1, {{":method", "GET"}, {"a", "b"}, {":path", "/x"}, {":path", "/y"}, {":odd", "z"}},
                            EndHeaders | EndStream));
    t.d.server(t.down.headers(1, {{":status", "2000"}, {"a", "b"}}, EndHeaders | EndStream));
    QCOMPARE(t.d.log(), QByteArray("1 GET /x ? (http2.malformed-fields) (http2.malformed-fields)"));
    t.d.client(t.up.headers(3, {{":method", "GET"}, {":scheme", "http"}}, EndHeaders | EndStream));
    t.d.server(t.down.headers(3, {{":status", "200"}, {":status", "500"}}, EndHeaders | EndStream));
    QCOMPARE(t.d.log(), QByteArray("3 GET ? 200 (http2.malformed-fields) (http2.malformed-fields)"));
}

void HttpHttp2Test::endsOfTheConnection() {
    Talk t;
    t.d.client({t.up.headers(1, request("GET", "/1"), EndHeaders | EndStream), t.up.headers(3, request("POST", "/3")),
                data(3, "half"), t.up.headers(5, request("GET", "/5"), EndHeaders | EndStream)});
    t.d.server({t.down.headers(1, response(200)), data(1, "begun")});
    t.d.fin(1).fin(0);
    QCOMPARE(t.d.log(), QByteArray("1 GET /1 200 [begun]~ (http.response-cut)"));
    t.d.close();
    QCOMPARE(t.d.log(), QByteArray("3 POST /3 [half]~ -~ | 5 GET /5 -~"));
    QVERIFY(t.d.orderly);
    QCOMPARE(t.d.open(), std::size_t(0));
}

QTEST_APPLESS_MAIN(HttpHttp2Test)
#include "http_http2_test.moc"
