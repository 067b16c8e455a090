// SPDX-License-Identifier: Apache-2.0
// What a connection turns into: WebSocket sessions, tunnels, HTTP/2; from packets to rows and back to bodies.
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "core/pipeline/content.h"
#include "tests/unit/pipeline/captures.h"

using namespace gatescope;
using namespace gatescope::test;
using analysis::FieldId;

namespace {

/// RFC 6455, 5.2: a whole text message in one frame; a client's mask of zeros leaves the text as it is.
std::string frame(std::string_view text, bool fromClient) {
    std::string octets("\x81");
    const char mask = fromClient ? '\x80' : '\0';
    if (text.size() < 126) {
        octets += static_cast<char>(mask | static_cast<char>(text.size()));
    } else {
        octets += static_cast<char>(mask | 126);
        octets += static_cast<char>(text.size() >> 8);
        octets += static_cast<char>(text.size() & 0xff);
    }
    if (fromClient) octets.append(4, '\0');
    return octets.append(text);
}

const std::string kHandshake = "GET /openai/v1/realtime?model=gpt-realtime HTTP/1.1\r\nHost: gateway.example\r\n"
                               "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nopenai-project: sampleproject1\r\n\r\n";
const std::string kAgreed = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

std::string done(const char* id, int input, int output) {
    return QString(R"({"type":"response.done","response":{"id":"%1","status":"completed","usage":{"total_tokens":%4,)"
                   R"("input_tokens":%2,"output_tokens":%3}}} )")
        .arg(QLatin1String(id))
        .arg(input)
        .arg(output)
        .arg(input + output)
        .toStdString();
}

// Outside of the test class: moc does not understand raw texts in it.
const std::string kCreate = R"({"type":"response.create"})";
const std::string kSession = R"({"type":"session.created","session":{"id":"sess_1","model":"gpt-realtime"}})";
std::string created(const std::string& id) {
    return R"({"type":"response.created","response":{"id":")" + id + "\"}}";
}
std::string delta(const std::string& id) {
    return R"({"type":"response.output_text.delta","response_id":")" + id + R"(","delta":"Hi"} )";
}

struct Analysed {
    analysis::Snapshot snapshot;
    std::string path;

    std::string cell(std::string_view name, std::int64_t id) const {
        const auto value = snapshot.value(*analysis::Field::parse(name), *snapshot.rowOfId(id));
        if (const auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
        if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
        return {};
    }
    std::expected<pipeline::ExchangeContent, Error> content(std::int64_t id) const {
        return pipeline::readExchange(pipeline::placeOf(snapshot, *snapshot.rowOfId(id), snapshot.inputs()));
    }
};

} // namespace

class PipelineProtocolsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void realtimeSession() {
        CaptureBuilder capture;
        auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80");
        flow.client(kHandshake).server(kAgreed);
        flow.server(frame(kSession, false));
        for (int i = 1; i <= 2; ++i) {
            const std::string id = "resp_" + std::to_string(i);
            flow.client(frame(kCreate, true)).server(frame(created(id), false)).server(frame(delta(id), false));
            flow.server(frame(done(id.c_str(), 10 * i, i), false));
        }
        flow.close();
        const Analysed result = analysed(capture);
        QCOMPARE(result.snapshot.exchanges(), std::size_t(3));
        QCOMPARE(result.cell("status", 1), std::string("101"));
        for (std::int64_t id = 2; id <= 3; ++id) {
            QCOMPARE(result.cell("protocol", id), std::string("websocket"));
            QCOMPARE(result.cell("session_id", id), std::string("sess_1"));
            QCOMPARE(result.cell("project", id), std::string("sampleproject1"));
            QCOMPARE(result.cell("model", id), std::string("gpt-realtime"));
            QCOMPARE(result.cell("total_tokens", id), std::to_string((id - 1) * 11));
            QCOMPARE(result.cell("flow", id), std::string("1"));
            const auto content = result.content(id);
            QVERIFY(content.has_value());
            QCOMPARE(content->request.text, kCreate);
            QVERIFY(content->response.text.ends_with(done(("resp_" + std::to_string(id - 1)).c_str(),
                                                          static_cast<int>(id - 1) * 10, static_cast<int>(id - 1))));
        }
    }

    void tunnelOfAProxy() {
        CaptureBuilder capture;
        auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:3128");
        flow.client("CONNECT model.example:80 HTTP/1.1\r\nHost: model.example:80\r\n\r\n");
        flow.server("HTTP/1.1 200 Connection established\r\n\r\n").client(kAskA).server(kAnswerA).close();
        const Analysed result = analysed(capture);
        QCOMPARE(result.snapshot.exchanges(), std::size_t(2));
        QCOMPARE(result.cell("method", 1), std::string("CONNECT"));
        QCOMPARE(result.cell("status", 2), std::string("200"));
        QCOMPARE(result.cell("total_tokens", 2), std::string("15"));
        QCOMPARE(result.content(2)->response.text, kAnswerBody);
    }

    /// Connection preface, SETTINGS, and one request by the static table of RFC 7541 alone.
    void http2WithoutTls() {
        const auto octets = [](std::initializer_list<int> list) {
            std::string text;
            for (const int octet : list) text += static_cast<char>(octet);
            return text;
        };
        const std::string settings = octets({0, 0, 0, 4, 0, 0, 0, 0, 0});
        // :method GET (2), :scheme http (6), :path / (4); stream 1, END_STREAM and END_HEADERS.
        const std::string request = octets({0, 0, 3, 1, 5, 0, 0, 0, 1, 0x82, 0x86, 0x84});
        // :status 200 (8); then DATA "ok" with END_STREAM.
        const std::string answer = octets({0, 0, 1, 1, 4, 0, 0, 0, 1, 0x88, 0, 0, 2, 0, 1, 0, 0, 0, 1, 'o', 'k'});
        CaptureBuilder capture;
        auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80");
        flow.client("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings + request).server(settings + answer).close();
        const Analysed result = analysed(capture);
        QCOMPARE(result.snapshot.exchanges(), std::size_t(1));
        QCOMPARE(result.cell("protocol", 1), std::string("h2c"));
        QCOMPARE(result.cell("stream_id", 1), std::string("1"));
        QCOMPARE(result.cell("path", 1), std::string("/"));
        QCOMPARE(result.cell("status", 1), std::string("200"));
        QCOMPARE(result.cell("complete", 1), std::string("1"));
        QCOMPARE(result.content(1)->response.text, std::string("ok"));
    }

private:
    Analysed analysed(const CaptureBuilder& capture) const {
        const std::string path = m_folder.write("protocols.pcap", capture.pcap());
        analysis::Dataset dataset({path});
        pipeline::analyse({path}, dataset, {.threads = 2});
        return {dataset.snapshot(), path};
    }
    CaptureFolder m_folder;
};

QTEST_APPLESS_MAIN(PipelineProtocolsTest)
#include "pipeline_protocols_test.moc"
