// SPDX-License-Identifier: Apache-2.0
// PROXY headers built by hand after haproxy's proxy-protocol.txt.
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "core/http/connection.h"
#include "core/http/proxy_header.h"
#include "tests/support/capture_builder.h"

#include <random>

using namespace gatescope;
using namespace gatescope::test;
using http::parseProxyHeader;

namespace {

const std::string kLine = "PROXY TCP4 203.0.113.9 10.0.9.213 51000 443\r\n";
const std::string kSignature("\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a", 12);

/// 2.2: `rest` is what the length counts.
std::string binary(unsigned command, unsigned family, const std::string& rest) {
    return Octets().text(kSignature).u8(command).u8(family).u16(static_cast<unsigned>(rest.size())).text(rest).str();
}
std::string field(unsigned type, const std::string& value) {
    return Octets().u8(type).u16(static_cast<unsigned>(value.size())).text(value).str();
}
/// From 203.0.113.9:51000 to 10.0.9.213:443.
const std::string kFour = Octets().u32(0xcb007109).u32(0x0a0009d5).u16(51'000).u16(443).str();
const std::string kSix =
    Octets().u32(0x20010db8).u32(0).u32(0).u32(7).u32(0x20010db8).u32(0).u32(0).u32(1).u16(51'000).u16(443).str();
const std::string kFields = field(1, "h2") + field(2, "gw.example") + field(5, "unique") +
                            field(0xee, std::string("\x01\x78\x56\x34\x12", 5)) + field(3, "crc!");

/// What a connection says: headers, exchanges and TLS.
class Told final : public http::ConnectionListener {
public:
    QByteArrayList log;
    http::Connection connection{*this, {}};
    std::uint64_t packet = 0;

    Told& feed(unsigned direction, std::string_view text) {
        const std::vector<char> copy(text.begin(), text.end());
        ++packet;
        connection.feed(direction, asBytes({copy.data(), copy.size()}), {packet, static_cast<TimeNs>(packet)});
        return *this;
    }
    QByteArray said() {
        connection.close();
        return log.join(" | ");
    }

private:
    std::unique_ptr<http::ActiveExchange> make() override { return std::make_unique<http::ActiveExchange>(); }
    void onRequestHead(http::ActiveExchange& active) override {
        const http::Exchange& exchange = active.exchange;
        log.append(QByteArray::fromStdString(exchange.request.method + ' ' + exchange.request.target));
    }
    void onRequestBody(http::ActiveExchange&, Bytes) override {}
    void onRequestEnd(http::ActiveExchange&) override {}
    void onResponseHead(http::ActiveExchange& active) override {
        log.append(QByteArray::number(active.exchange.response.status));
    }
    void onResponseBody(http::ActiveExchange&, Bytes, TimeNs) override {}
    void onResponseEnd(http::ActiveExchange&) override {}
    void onDone(std::unique_ptr<http::ActiveExchange>) override {}
    std::unique_ptr<http::WebSocketListener> openWebSocket(std::shared_ptr<const http::Exchange>,
                                                           std::uint32_t) override {
        return nullptr;
    }
    std::unique_ptr<http::ProtocolDecoder> openTls(bool middle, std::optional<unsigned> client,
                                                   std::uint32_t) override {
        log.append("tls" + QByteArray(middle ? " middle" : "") +
                   (client ? " client " + QByteArray::number(*client) : QByteArray()));
        return nullptr;
    }
    void onProxyHeader(const http::ProxyHeader& header, const http::PiecePlace& place) override {
        log.append("proxy " + QByteArray::number(header.version) + " packet " + QByteArray::number(place.packet) +
                   (header.source ? " from " + QByteArray::fromStdString(header.source->toString()) : QByteArray()));
    }
    void onFinding(Finding&& finding) override {
        log.append(QByteArray(finding.kind->id.data(), static_cast<qsizetype>(finding.kind->id.size())));
    }
};

const std::string kRequest = "GET /a HTTP/1.1\r\nHost: gw\r\n\r\n";
const std::string kResponse = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
/// The beginning of a ClientHello's record.
const std::string kTls("\x16\x03\x01\x00\x80\x01\x00\x00\x7c\x03\x03 random", 18);

} // namespace

class HttpProxyHeaderTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void lines();
    void brokenLines_data();
    void brokenLines();
    void binaries();
    void otherFamilies();
    void brokenBinaries();
    void truncationSweep();
    void beforeHttp();
    void beforeTls();
    void splitSweep();
    void noHeader();
    void onlyAtTheStart();
};

void HttpProxyHeaderTest::lines() {
    const auto header = parseProxyHeader(asBytes(kLine + kRequest));
    QVERIFY(header);
    QCOMPARE(header->version, 1U);
    QCOMPARE(header->size, kLine.size());
    QCOMPARE(header->source->toString(), std::string("203.0.113.9:51000"));
    QCOMPARE(header->destination->toString(), std::string("10.0.9.213:443"));
    const auto six = parseProxyHeader(asBytes("PROXY TCP6 2001:db8::7 2001:db8::1 1 65535\r\n"));
    QCOMPARE(six->source->toString(), std::string("[2001:db8::7]:1"));
    QCOMPARE(unsigned{six->destination->port}, 65'535U);
    const auto unknown = parseProxyHeader(asBytes("PROXY UNKNOWN ffff::1 what 1\r\nGET"));
    QVERIFY(unknown && !unknown->source);
    QCOMPARE(unknown->size, std::size_t{30});
    QVERIFY(parseProxyHeader(asBytes("PROXY UNKNOWN\r\n")));
    // The longest line that the specification names.
    const std::string longest = "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535";
    QVERIFY(parseProxyHeader(asBytes(longest + std::string(105 - longest.size(), ' ') + "\r\n")));
    QVERIFY(!parseProxyHeader(asBytes(longest + std::string(106 - longest.size(), ' ') + "\r\n")));
}

void HttpProxyHeaderTest::brokenLines_data() {
    QTest::addColumn<QByteArray>("line");
    QTest::newRow("family") << QByteArray("PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n");
    QTest::newRow("case") << QByteArray("proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n");
    QTest::newRow("address") << QByteArray("PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n");
    QTest::newRow("other family") << QByteArray("PROXY TCP4 ::1 ::2 1 2\r\n");
    QTest::newRow("port") << QByteArray("PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n");
    QTest::newRow("leading zero") << QByteArray("PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n");
    QTest::newRow("sign") << QByteArray("PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n");
    QTest::newRow("missing") << QByteArray("PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n");
    QTest::newRow("more") << QByteArray("PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n");
    QTest::newRow("two spaces") << QByteArray("PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n");
    QTest::newRow("too long") << QByteArray("PROXY TCP4 ") + QByteArray(107, '1');
    QTest::newRow("something else") << QByteArray("PROPFIND /a HTTP/1.1\r\n");
}

void HttpProxyHeaderTest::brokenLines() {
    QFETCH(const QByteArray, line);
    const auto header = parseProxyHeader(asBytes({line.constData(), static_cast<std::size_t>(line.size())}));
    QVERIFY(!header);
    QCOMPARE(header.error(), DecodeError::Malformed);
}

void HttpProxyHeaderTest::binaries() {
    const std::string text = binary(0x21, 0x11, kFour + kFields);
    const auto header = parseProxyHeader(asBytes(text + kRequest));
    QVERIFY(header);
    QCOMPARE(header->version, 2U);
    QVERIFY(!header->isLocal);
    QCOMPARE(header->size, text.size());
    QCOMPARE(header->source->toString(), std::string("203.0.113.9:51000"));
    QCOMPARE(header->destination->toString(), std::string("10.0.9.213:443"));
    QCOMPARE(header->alpn, std::string("h2"));
    QCOMPARE(header->authority, std::string("gw.example"));
    QCOMPARE(header->uniqueId, std::string("unique"));
    QCOMPARE(header->azureLinkId, std::optional<std::uint32_t>(0x12345678));
    const auto six = parseProxyHeader(asBytes(binary(0x21, 0x21, kSix)));
    QCOMPARE(six->source->toString(), std::string("[2001:db8::7]:51000"));
    QCOMPARE(six->destination->toString(), std::string("[2001:db8::1]:443"));
}

void HttpProxyHeaderTest::otherFamilies() {
    const auto local = parseProxyHeader(asBytes(binary(0x20, 0x00, {}) + kRequest));
    QVERIFY(local && local->isLocal && !local->source);
    QCOMPARE(local->size, std::size_t{16});
    const auto withAddresses = parseProxyHeader(asBytes(binary(0x20, 0x11, kFour)));
    QVERIFY(withAddresses && !withAddresses->source);
    const auto unspecified = parseProxyHeader(asBytes(binary(0x21, 0x00, "anything")));
    QVERIFY(unspecified && !unspecified->source);
    const auto local_socket = parseProxyHeader(asBytes(binary(0x21, 0x31, std::string(216, 'u') + field(2, "a"))));
    QVERIFY(local_socket && !local_socket->source);
    QCOMPARE(local_socket->authority, std::string("a"));
}

void HttpProxyHeaderTest::brokenBinaries() {
    const auto isMalformed = [](const std::string& text) {
        const auto header = parseProxyHeader(asBytes(text));
        return !header && header.error() == DecodeError::Malformed;
    };
    QVERIFY(isMalformed(binary(0x22, 0x11, kFour)));
    QVERIFY(isMalformed(binary(0x11, 0x11, kFour)));
    QVERIFY(isMalformed(binary(0x21, 0x11, kFour.substr(0, 11))));
    QVERIFY(isMalformed(binary(0x21, 0x21, kFour)));
    std::string signature = binary(0x21, 0x11, kFour);
    signature[11] = 'x';
    QVERIFY(isMalformed(signature));
    // Damaged fields do no harm.
    const auto damaged = parseProxyHeader(asBytes(binary(0x21, 0x11, kFour + std::string("\x02\x00\x09too", 6))));
    QVERIFY(damaged && damaged->source && damaged->authority.empty());
}

void HttpProxyHeaderTest::truncationSweep() {
    for (const std::string& text : {kLine, binary(0x21, 0x11, kFour + kFields), binary(0x20, 0, {})}) {
        for (std::size_t length = 0; length < text.size(); ++length) {
            const std::vector<char> part(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length));
            const auto header = parseProxyHeader(asBytes({part.data(), part.size()}));
            QVERIFY(!header);
            QCOMPARE(header.error(), DecodeError::Truncated);
        }
        QVERIFY(parseProxyHeader(asBytes(text)));
    }
}

void HttpProxyHeaderTest::beforeHttp() {
    Told told;
    told.feed(1, kLine + kRequest).feed(0, kResponse);
    QCOMPARE(told.connection.clientDirection(), std::optional<unsigned>(1));
    QCOMPARE(told.said(), QByteArray("proxy 1 packet 1 from 203.0.113.9:51000 | GET /a | 200"));
    Told alone; // in a segment of its own
    alone.feed(0, binary(0x21, 0x11, kFour)).feed(0, kRequest).feed(1, kResponse);
    QCOMPARE(alone.said(), QByteArray("proxy 2 packet 1 from 203.0.113.9:51000 | GET /a | 200"));
}

void HttpProxyHeaderTest::beforeTls() {
    Told told;
    told.feed(0, binary(0x21, 0x11, kFour + kFields)).feed(0, kTls);
    QCOMPARE(told.said(), QByteArray("proxy 2 packet 1 from 203.0.113.9:51000 | tls client 0"));
}

void HttpProxyHeaderTest::splitSweep() {
    std::mt19937 random(3);
    for (const std::string& header : {kLine, binary(0x21, 0x11, kFour + kFields)}) {
        const std::string text = header + kRequest;
        const QByteArray wanted =
            (header == kLine ? "proxy 1" : "proxy 2") + QByteArray(" packet 1 from 203.0.113.9:51000 | GET /a | 200");
        for (int round = 0; round < 60; ++round) {
            Told told;
            for (std::size_t at = 0; at < text.size();) {
                const std::size_t length = round == 0 ? 1 : random() % 40 + 1;
                told.feed(0, std::string_view(text).substr(at, length));
                at += length;
            }
            told.feed(1, kResponse);
            QCOMPARE(told.said(), wanted);
        }
    }
}

void HttpProxyHeaderTest::noHeader() {
    // What begins alike is given back whole.
    for (const std::string method : {"PROPFIND", "PROXY", "PR"}) {
        const std::string request = method + " /a HTTP/1.1\r\nHost: gw\r\n\r\n";
        for (std::size_t cut = 1; cut < request.size(); ++cut) {
            Told told;
            told.feed(0, request.substr(0, cut)).feed(0, request.substr(cut)).feed(1, kResponse);
            QCOMPARE(told.said(), QByteArray::fromStdString(method) + " /a | 200");
        }
    }
    Told cut; // the connection ends within
    cut.feed(0, kLine.substr(0, 20));
    cut.connection.fin(0, {2, 2});
    QVERIFY(!cut.said().contains("proxy"));
    Told lost;
    lost.feed(0, kLine.substr(0, 20));
    lost.connection.gap(0, 26, {2, 2});
    lost.feed(0, kRequest).feed(1, kResponse);
    QVERIFY(lost.said().contains("GET /a | 200"));
}

void HttpProxyHeaderTest::onlyAtTheStart() {
    Told told;
    told.feed(0, kRequest).feed(1, kResponse).feed(0, kLine);
    QVERIFY(!told.said().contains("proxy"));
}

QTEST_APPLESS_MAIN(HttpProxyHeaderTest)
#include "http_proxy_header_test.moc"
