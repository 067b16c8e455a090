// SPDX-License-Identifier: Apache-2.0
// Where HTTP/1 ends and another protocol begins: RFC 9110, 7.8 and 9.3.6, RFC 9113, 3.3 and 3.4, RFC 7540, 3.2.
#include "tests/unit/http/dialogue.h"

#include <QTest>
#include <random>

using namespace gatescope;
using test::Dialogue;

namespace {

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
const std::string kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const std::string kSettings("\0\0\6\4\0\0\0\0\0\0\3\0\0\0\x64", 15); // MAX_CONCURRENT_STREAMS 100
const std::string kAskH2c = "POST /a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                            "HTTP2-Settings: AAMAAABk\r\nContent-Length: 4\r\n\r\nbody";
const std::string kSwitchH2c = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
const std::string kAskWebSocket = "GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const std::string kSwitchWebSocket = "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\n"
                                     "upgrade: WebSocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
const std::string kConnect = "CONNECT api.example:443 HTTP/1.1\r\n\r\n";
const std::string kHello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);

using Turns = std::vector<std::pair<unsigned, std::string>>;

/// `next`, name, middle, what follows by direction, and the exchanges.
template <typename Next>
QByteArray played(const Turns& turns, bool startSeen, Next&& next, bool* orderly = nullptr) {
    Dialogue d(startSeen);
    for (const auto& [direction, all] : turns) {
        std::string_view text = all;
        while (!text.empty()) {
            const std::size_t length = std::min<std::size_t>(next(), text.size());
            d.feed(direction, text.substr(0, length));
            text.remove_prefix(length);
        }
    }
    d.close();
    if (orderly) *orderly = d.orderly;
    if (!d.handover) return "none: " + d.log();
    static constexpr std::array<const char*, 5> kNames{"Http2", "WebSocket", "Tunnel", "Tls", "Other"};
    QByteArray text = kNames[static_cast<std::size_t>(d.handover->next)];
    text += ' ' + QByteArray::fromStdString(d.handover->name) + (d.handover->middle ? " middle" : "");
    text += " <" + QByteArray::fromStdString(d.after[0]).toHex() + '|' + QByteArray::fromStdString(d.after[1]).toHex();
    return text + "> " + d.log();
}

QByteArray expectedOf(const char* head, const std::string& client, const std::string& server, const char* log) {
    return QByteArray(head) + " <" + QByteArray::fromStdString(client).toHex() + '|' +
           QByteArray::fromStdString(server).toHex() + "> " + log;
}

struct Case {
    const char* name;
    Turns turns;
    QByteArray expected;
    bool startSeen = true;
};

std::vector<Case> cases() {
    return {
        {"client's preface",
         {{0, kPreface + kSettings}, {1, kSettings}},
         expectedOf("Http2 h2c", kPreface + kSettings, kSettings, "")},
        {"server's preface first",
         {{1, kSettings}, {0, kPreface + kSettings}},
         expectedOf("Http2 h2c", kPreface + kSettings, kSettings, "")},
        {"h2c",
         {{0, kAskH2c}, {1, kSwitchH2c + kSettings}, {0, kPreface}},
         expectedOf("Http2 h2c", kPreface, kSettings, "")},
        {"h2c after another exchange",
         {{0, kGet}, {1, kOk}, {0, kAskH2c}, {1, kSwitchH2c + kSettings}},
         expectedOf("Http2 h2c", {}, kSettings, "GET /a 200 [hi]")},
        {"h2c, the client does not wait",
         {{0, kAskH2c + kPreface}, {1, kSwitchH2c + kSettings}, {0, "x"}},
         expectedOf("Http2 h2c", kPreface + "x", kSettings, "")},
        {"WebSocket",
         {{0, kAskWebSocket}, {1, kSwitchWebSocket + "\x81\x02hi"}, {0, "\x81\x82"}},
         expectedOf("WebSocket websocket", "\x81\x82", "\x81\x02hi", "GET /ws 101 (http.upgraded)")},
        {"WebSocket after a refusal",
         {{0, kAskWebSocket},
          {1, "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"},
          {0, kAskWebSocket},
          {1, kSwitchWebSocket},
          {0, "ab"}},
         expectedOf("WebSocket websocket", "ab", {}, "GET /ws 401 | GET /ws 101 (http.upgraded)")},
        {"another protocol",
         {{0, "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1, x\r\n\r\n"},
          {1, "HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\nab"},
          {0, "cd"}},
         expectedOf("Other SPDY/3.1", "cd", "ab", "GET / 101 (http.upgraded)")},
        {"TLS within HTTP (RFC 2817)",
         {{0, "OPTIONS * HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: TLS/1.0\r\n\r\n"},
          {1, "HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: TLS/1.0, HTTP/1.1\r\n\r\n"},
          {0, kHello}},
         expectedOf("Tls tls", kHello, {}, "OPTIONS * 101 (http.upgraded)")},
        {"tunnel",
         {{0, kConnect}, {1, "HTTP/1.1 200 Connection established\r\n\r\n"}, {0, kHello}},
         expectedOf("Tunnel tunnel", kHello, {}, "CONNECT api.example:443 200 (http.upgraded)")},
        {"tunnel, the client does not wait",
         {{0, kConnect + kHello}, {1, "HTTP/1.0 200 Yes\r\n\r\n"}, {0, kHello}},
         expectedOf("Tunnel tunnel", kHello + kHello, {}, "CONNECT api.example:443 200 (http.upgraded)")},
        {"tunnel refused, the client did not wait",
         {{0, kConnect + kGet}, {1, "HTTP/1.1 405 No\r\nContent-Length: 2\r\n\r\nno" + kOk}, {0, kGet}, {1, kOk}},
         "none: CONNECT api.example:443 405 [no] | GET /a 200 [hi] | GET /a 200 [hi]"},
        {"upgrade ignored, the client did not wait",
         {{0, kAskWebSocket + kGet + kAskH2c + kGet}, {1, kOk + kOk + kOk + kOk}},
         "none: GET /ws 200 [hi] | GET /a 200 [hi] | POST /a [body] 200 [hi] | GET /a 200 [hi]"},
        {"upgrade, and 100 before 101",
         {{0, kAskH2c + kPreface}, {1, "HTTP/1.1 100 Continue\r\n\r\n" + kSwitchH2c + kSettings}},
         expectedOf("Http2 h2c", kPreface, kSettings, "")},
        {"upgrade never answered", {{0, kAskWebSocket + kGet}}, "none: GET /ws -~ | GET /a -~"},
        {"upgrade's request not seen",
         {{1, kSwitchWebSocket + "ab"}},
         expectedOf("WebSocket websocket", {}, "ab", "-~ 101 (http.request-missing) (http.upgraded)")},
        {"TLS", {{0, kHello}}, expectedOf("Tls tls", kHello, {}, "")},
        {"TLS, from the middle",
         {{1, std::string("\x17\x03\x03\x00\x10", 5)}},
         expectedOf("Tls tls middle", {}, std::string("\x17\x03\x03\x00\x10", 5), ""),
         false},
        {"nothing known",
         {{1, "220 mail.example ESMTP\r\n"}, {0, "EHLO x\r\n"}},
         expectedOf("Other ", "EHLO x\r\n", "220 mail.example ESMTP\r\n", "")},
    };
}

} // namespace

class HttpHttp1HandoverTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void says_data();
    void says();
    void anySplitSaysTheSame();
    void upgradedExchangeIsHandedOver();
    void handshakeIsHandedOver();
    void heldOctetsKeepTheirPlaces();
    void heldOctetsAreLimited();
    void lossWhileHeld();
    void indexGoesOn();
};

void HttpHttp1HandoverTest::says_data() {
    QTest::addColumn<int>("number");
    int number = 0;
    for (const Case& c : cases()) QTest::newRow(c.name) << number++;
}

void HttpHttp1HandoverTest::says() {
    QFETCH(int, number);
    const Case c = cases()[static_cast<std::size_t>(number)];
    bool orderly = false;
    QCOMPARE(played(c.turns, c.startSeen, [] { return std::size_t(-1); }, &orderly), c.expected);
    QVERIFY(orderly);
}

void HttpHttp1HandoverTest::anySplitSaysTheSame() {
    std::mt19937 random(5);
    for (const Case& c : cases()) {
        bool orderly = false;
        QCOMPARE(played(c.turns, c.startSeen, [] { return std::size_t(1); }, &orderly), c.expected);
        QVERIFY(orderly);
        for (int round = 0; round < 50; ++round)
            QCOMPARE(played(c.turns, c.startSeen, [&] { return 1 + random() % 50; }), c.expected);
    }
}

void HttpHttp1HandoverTest::upgradedExchangeIsHandedOver() {
    Dialogue d;
    d.client(kAskH2c).server(kSwitchH2c);
    QVERIFY(d.handover && d.handover->exchange);
    const http::ActiveExchange& active = *d.handover->exchange;
    QCOMPARE(active.exchange.request.target, std::string("/a"));
    QVERIFY(active.requestEnded && active.exchange.requestTrace.complete);
    QVERIFY(!active.responseBegan && !active.responseEnded && !active.exchange.responseTrace.seen);
    QCOMPARE(active.exchange.response.status, 0);
    QCOMPARE(active.exchange.response.headers.size(), std::size_t(0));
    QVERIFY(d.connection.clientDirection() == 0U);
    QCOMPARE(d.connection.opened(), 1U);
}

void HttpHttp1HandoverTest::handshakeIsHandedOver() {
    Dialogue d;
    d.client(kAskWebSocket).server(kSwitchWebSocket);
    QVERIFY(d.handover && d.handover->handshake);
    QCOMPARE(d.handover->handshake->request.target, std::string("/ws"));
    QCOMPARE(std::string(d.handover->handshake->response.headers.find("sec-websocket-extensions").value_or("")),
             std::string("permessage-deflate"));
    QVERIFY(!d.handover->exchange);
    QCOMPARE(d.log(), QByteArray("GET /ws 101 (http.upgraded)"));
}

void HttpHttp1HandoverTest::heldOctetsKeepTheirPlaces() {
    Dialogue d; // packet 1 asks, 2 and 3 are held, 4 answers
    d.client(kConnect).client(kGet).client("GET /b HTTP/1.1\r\n\r\n");
    d.server("HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n").server(kOk + kOk).close();
    QCOMPARE(d.log(), QByteArray("CONNECT api.example:443 405 | GET /a 200 [hi] | GET /b 200 [hi]"));
    QCOMPARE(d.exchanges[1].requestTrace.firstPacket, std::uint64_t(2));
    QCOMPARE(d.exchanges[2].requestTrace.firstPacket, std::uint64_t(3));
    Dialogue e;
    e.client(kConnect).client(kHello).client(kHello).server("HTTP/1.1 200 Yes\r\n\r\n");
    QVERIFY(e.handover.has_value());
    QCOMPARE(e.handover->begun[0].place.packet, std::uint64_t(2));
}

void HttpHttp1HandoverTest::heldOctetsAreLimited() {
    Dialogue d; // a request that is longer than what is held is read as one
    std::string large = "POST /large HTTP/1.1\r\nContent-Length: 70000\r\n\r\n" + std::string(70'000, 'x');
    d.client(kAskH2c).client(large).server(kOk + kOk).close();
    QCOMPARE(d.exchanges.size(), std::size_t(2));
    QCOMPARE(d.exchanges[1].requestTrace.bodyBytes, std::uint64_t(70'000));
    QVERIFY(d.exchanges[1].requestTrace.complete && d.exchanges[1].response.status == 200);
    Dialogue e; // in many pieces
    e.client(kAskH2c);
    for (int i = 0; i < 70; ++i) e.client(kGet);
    e.server(kOk + kOk).close();
    QCOMPARE(e.exchanges.size(), std::size_t(71));
}

void HttpHttp1HandoverTest::lossWhileHeld() {
    Dialogue d;
    d.client(kConnect + kHello).gap(0, 100).server("HTTP/1.1 200 Yes\r\n\r\n").client(kHello);
    QVERIFY(d.handover.has_value() && d.handover->middle);
    QVERIFY(d.after[0] == kHello);
}

void HttpHttp1HandoverTest::indexGoesOn() {
    struct Listener final : http::ExchangeListener {
        std::vector<std::uint32_t> indices;
        std::unique_ptr<http::ActiveExchange> make() override { return std::make_unique<http::ActiveExchange>(); }
        void onRequestHead(http::ActiveExchange&) override {}
        void onRequestBody(http::ActiveExchange&, Bytes) override {}
        void onRequestEnd(http::ActiveExchange&) override {}
        void onResponseHead(http::ActiveExchange&) override {}
        void onResponseBody(http::ActiveExchange&, Bytes, TimeNs) override {}
        void onResponseEnd(http::ActiveExchange&) override {}
        void onDone(std::unique_ptr<http::ActiveExchange> e) override {
            indices.push_back(e->exchange.indexInConnection);
        }
    } listener;
    http::Http1Connection connection(listener, true, 7);
    const std::string two = kGet + kGet;
    QCOMPARE(connection.feed(0, asBytes(two), {1, 1}), two.size());
    connection.close();
    QCOMPARE(listener.indices, (std::vector<std::uint32_t>{7, 8}));
    QCOMPARE(connection.opened(), 9U);
}

QTEST_APPLESS_MAIN(HttpHttp1HandoverTest)
#include "http_http1_handover_test.moc"
