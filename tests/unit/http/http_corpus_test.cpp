// SPDX-License-Identifier: Apache-2.0
// HTTP/1 exchanges and frames of WebSockets in captures of other people, held against the truth files beside them. With
// GATESCOPE_CORPUS_DETAILS every difference is printed.
#include "core/http/http1_connection.h"
#include "core/http/websocket_direction.h"
#include "tests/support/corpus.h"
#include "tests/support/stream_replay.h"

#include <QMap>
#include <QTest>
#include <map>

using namespace gatescope;

namespace {

/// Rows and how often each is there.
using Rows = QMap<QByteArray, int>;

QByteArray bytesOf(std::string_view text) {
    return {text.data(), static_cast<qsizetype>(text.size())};
}

/// HTTP/1 on one connection, what a CONNECT leads to, and WebSockets; everything else is left alone.
class Reader final : public tcp::StreamConsumer,
                     public http::ExchangeListener,
                     public http::WebSocketDirection::Events {
public:
    Reader(Rows& exchanges, Rows& frames, bool startSeen)
        : m_exchanges(exchanges), m_frames(frames), m_http(std::make_unique<http::Http1Connection>(*this, startSeen)) {}

    void onData(tcp::Side from, Bytes data, const tcp::Place& place) override {
        feed(static_cast<unsigned>(from), data, {place.packet, place.time});
    }
    void onGap(tcp::Side from, std::uint64_t length, const tcp::Place& place) override {
        const auto side = static_cast<unsigned>(from);
        if (m_http) m_http->gap(side, length, {place.packet, place.time});
        if (m_directions[side]) m_directions[side]->gap(length, {place.packet, place.time});
    }
    void onFin(tcp::Side from, const tcp::Place& place) override {
        if (m_http) m_http->fin(static_cast<unsigned>(from), {place.packet, place.time});
    }
    void onClosed(tcp::CloseReason) override {
        if (m_http) m_http->close();
        for (auto& direction : m_directions)
            if (direction) direction->finish();
    }

private:
    void feed(unsigned side, Bytes data, const http::PiecePlace& place) {
        if (m_directions[side]) m_directions[side]->feed(data, place);
        if (!m_http) return;
        const std::size_t taken = m_http->feed(side, data, place);
        auto handover = m_http->takeHandover();
        if (!handover) return;
        const auto client = m_http->clientDirection();
        const std::uint32_t opened = m_http->opened();
        m_http.reset();
        if (handover->next == http::NextProtocol::Tunnel) {
            m_http = std::make_unique<http::Http1Connection>(*this, true, opened);
        } else if (handover->next == http::NextProtocol::WebSocket && client) {
            http::WebSocketExtensions agreed;
            if (handover->handshake) agreed = http::readExtensions(handover->handshake->response.headers);
            for (const unsigned end : {0U, 1U})
                m_directions[end].emplace(*this, end == *client, agreed, handover->middle);
        }
        for (const unsigned end : {0U, 1U})
            if (!handover->begun[end].octets.empty())
                feed(end, asBytes(handover->begun[end].octets), handover->begun[end].place);
        if (taken < data.size()) feed(side, data.subspan(taken), place);
    }

    std::unique_ptr<http::ActiveExchange> make() override { return std::make_unique<http::ActiveExchange>(); }
    void onRequestHead(http::ActiveExchange&) override {}
    void onRequestBody(http::ActiveExchange&, Bytes) override {}
    void onRequestEnd(http::ActiveExchange&) override {}
    void onResponseHead(http::ActiveExchange&) override {}
    void onResponseBody(http::ActiveExchange&, Bytes, TimeNs) override {}
    void onResponseEnd(http::ActiveExchange&) override {}
    void onDone(std::unique_ptr<http::ActiveExchange> done) override {
        const http::Exchange& x = done->exchange;
        const auto orDash = [](std::string_view text) { return text.empty() ? QByteArray("-") : bytesOf(text); };
        const QByteArray host = orDash(x.request.headers.find("host").value_or(""));
        const QByteArray status = x.response.status == 0 ? QByteArray("-") : QByteArray::number(x.response.status);
        ++m_exchanges[orDash(x.request.method) + '\t' + host + '\t' + orDash(x.request.target) + '\t' + status];
    }
    void onFrame(bool fromClient, const http::WebSocketFrame& frame) override {
        ++m_frames[QByteArray(fromClient ? "c2s" : "s2c") + '\t' + QByteArray::number(frame.opcode) + '\t' +
                   QByteArray::number(frame.isFinal ? 1 : 0) + '\t' + QByteArray::number(qulonglong(frame.length))];
    }
    void onMessage(const http::WebSocketMessage&) override {}
    void onMessagesLost(bool, const http::PiecePlace&) override {}
    void onClosing(bool, std::uint16_t, std::string_view, const http::PiecePlace&) override {}
    void onOdd(bool, const FindingKind&, std::string_view, const http::PiecePlace&) override {}

    Rows& m_exchanges;
    Rows& m_frames;
    std::unique_ptr<http::Http1Connection> m_http;
    std::array<std::optional<http::WebSocketDirection>, 2> m_directions;
};

/// Rows that are missing for a reason, at most so many.
struct Known {
    const char* capture;
    int missing;
    const char* why;
};

const Known kKnown[] = {
    {"zeek/http/1000-requests-one-dropped-response.pcap.gz", 999,
     "tshark pairs no response with its request; one is lost"},
    {"zeek/http/entity_gap.pcap", 1, "tshark leaves out a response with a gap"},
    {"arkime/no-syn-ack.pcap", 1, "tshark leaves out a response with a gap"},
    {"PcapPlusPlus/Pcap++Test/PcapExamples/raw_ip.pcap", 1, "tshark leaves out a response that is not whole"},
    {"zeek/tcp-http-with-padding.pcap", 1, "tshark misses a request in segments of one octet"},
    {"zeek/http/http-09-content-length-confusion.pcap", 1, "the response was sent before the request"},
    {"zeek/http/261/variant-02-cl_uint64max.pcap", 1, "the length is taken as it stands, with a finding"},
    {"zeek/http/methods.pcap", 12, "request lines without a version, or with half of one: what is behind is not read"},
    {"scapy/http2_h2c.pcap", 1, "the exchange is answered in HTTP/2"},
    {"zeek/websocket/wstunnel-http.pcap", 2, "the client does not mask, and the truth file goes by the mask"},
    {"arkime/nflog.pcap", 1, "link type"},
    {"zeek/nflog-http.pcap", 1, "link type"},
    {"ja4/pcap/gre-erspan-vxlan.pcap", 1, "tunnel"},
    {"zeek/tunnels/geneve-many-options.pcap", 1, "tunnel"},
    {"zeek/tunnels/gre-over-udp-4754.pcap", 1, "tunnel"},
    {"zeek/tunnels/vxlan-encapsulated-http.pcap", 1, "tunnel"},
    {"zeek/tunnels/socks.pcap", 1, "SOCKS"},
    {"arkime/socks5-http-302-frag.pcap", 1, "SOCKS"},
    {"replays/foundry-tls12-http1-sse.pcap", 4, "TLS"},
    {"replays/gateway-gzip-errors-429.pcap", 7, "responses under TLS"},
    {"replays/tls12-certificate-failures.pcap", 2, "TLS"},
    {"scapy/tls_nss_example.pcap", 2, "TLS"},
    {"zeek/tls/tls12-decryption.pcap", 1, "TLS"},
};

int knownMissing(const QString& name) {
    for (const Known& known : kKnown)
        if (name == QLatin1String(known.capture)) return known.missing;
    return 0;
}

struct Result {
    Rows exchanges, frames;
};

Result read(const QString& capture) {
    Result result;
    test::StreamReplay::play(capture.toStdString(), [&](const tcp::ConnectionInfo& info) {
        return std::make_unique<Reader>(result.exchanges, result.frames, info.client.has_value());
    });
    return result;
}

/// Rows of both, and how many only one has.
struct Comparison {
    int rows = 0, same = 0, missing = 0, more = 0;
    int unexplained = 0; ///< of those that are missing
};

void compare(const QString& name, const Rows& expected, const Rows& found, Comparison& total) {
    static const bool kDetails = qEnvironmentVariableIsSet("GATESCOPE_CORPUS_DETAILS");
    const auto say = [&](const char* what, const QByteArray& row, int times) {
        if (kDetails) qInfo("%s: %s %dx %s", qPrintable(name), what, times, row.left(160).constData());
    };
    const int missingBefore = total.missing;
    for (auto row = expected.begin(); row != expected.end(); ++row) {
        const int same = std::min(row.value(), found.value(row.key()));
        total.rows += row.value();
        total.same += same;
        if (same < row.value()) say("missing", row.key(), row.value() - same);
        total.missing += row.value() - same;
    }
    total.unexplained += std::max(0, total.missing - missingBefore - knownMissing(name));
    for (auto row = found.begin(); row != found.end(); ++row) {
        const int more = row.value() - std::min(row.value(), expected.value(row.key()));
        total.more += more;
        if (more > 0) say("more", row.key(), more);
    }
}

} // namespace

class HttpCorpusTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void exchanges();
    void webSocketFrames();

private:
    QString m_folder;
};

void HttpCorpusTest::initTestCase() {
    m_folder = test::corpusFolder();
    if (m_folder.isEmpty()) QSKIP("no corpus: set GATESCOPE_SHARED");
}

void HttpCorpusTest::exchanges() {
    Comparison total;
    for (const QString& capture : test::capturesWithTruth(m_folder)) {
        Rows expected;
        for (const QByteArrayList& row : test::truthRows(capture, "http1"))
            if (row.size() > 4) ++expected[row.mid(1, 4).join('\t')];
        compare(QDir(m_folder).relativeFilePath(capture), expected, read(capture).exchanges, total);
    }
    qInfo("%d rows of exchanges: %d the same, %d missing (%d of them unexplained), %d more", total.rows, total.same,
          total.missing, total.unexplained, total.more);
    QVERIFY(total.rows > 0);
    QVERIFY(total.unexplained * 100 <= total.rows);
}

void HttpCorpusTest::webSocketFrames() {
    Comparison total;
    for (const QString& capture : test::capturesWithTruth(m_folder)) {
        Rows expected;
        for (const QByteArrayList& row : test::truthRows(capture, "ws"))
            if (row.size() > 4) ++expected[row.mid(1, 4).join('\t')];
        if (!expected.isEmpty())
            compare(QDir(m_folder).relativeFilePath(capture), expected, read(capture).frames, total);
    }
    qInfo("%d rows of frames: %d the same, %d missing, %d more", total.rows, total.same, total.missing, total.more);
    QVERIFY(total.rows > 0);
    QCOMPARE(total.unexplained, 0);
}

QTEST_APPLESS_MAIN(HttpCorpusTest)
#include "http_corpus_test.moc"
