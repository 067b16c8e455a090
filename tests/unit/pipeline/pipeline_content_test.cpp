// SPDX-License-Identifier: Apache-2.0
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "core/pipeline/content.h"
#include "tests/unit/pipeline/captures.h"

using namespace gatescope;
using namespace gatescope::test;
using pipeline::ContentPlace;

namespace {

ContentPlace at(const std::string& path, PacketRef flowStart, std::uint32_t index,
                std::optional<Endpoint> client = {}) {
    return {{{0, path, 0}}, flowStart, index, client, {}};
}

} // namespace

class PipelineContentTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void bodies();
    void eventsWithTheirTimes();
    void everyExchangeOfADataset();
    void gapIsSaid();
    void limit();
    void flow();
    void flowWithALoss();
    void portUsedAgain();
    void whatIsNotThere();

private:
    CaptureFolder m_folder;
    std::string m_path;
};

void PipelineContentTest::initTestCase() {
    CaptureBuilder capture;
    auto first = capture.connect("100.64.9.87:40000", "10.0.9.213:80");  // packets 1 to 3
    auto second = capture.connect("100.64.9.88:40000", "10.0.9.213:80"); // 4 to 6
    first.client(kAskA);                                                 // 7 at +6 ms
    second.client("GET /stream HTTP/1.1\r\n\r\n");                       // 8 at +7 ms
    second.server("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent: a\ndata: one\n\n"); // 9 at +8 ms
    first.server(kAnswerA);                                                                             // 10 at +9 ms
    second.server("data: t", "wo\n\ndata: [DONE]\n\n"); // 11 and 12 at +10 and +11 ms
    first.client("GET /next HTTP/1.1\r\n\r\n").server("HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\nnone").close();
    second.close();
    m_path = m_folder.write("content.pcap", capture.pcap());
}

void PipelineContentTest::bodies() {
    const auto content = pipeline::readExchange(at(m_path, 1, 0, {}));
    QVERIFY(content.has_value());
    QCOMPARE(QByteArray::fromStdString(content->request.text), QByteArray("{\"messages\": []}"));
    QCOMPARE(content->response.text, kAnswerBody);
    QCOMPARE(QByteArray::fromStdString(content->response.contentType), QByteArray("application/json"));
    QVERIFY(!content->response.truncated && !content->response.damaged);
    QCOMPARE(content->exchange.response.status, 200);
    QCOMPARE(content->exchange.requestTrace.firstPacket, std::uint64_t(7));
    const auto next = pipeline::readExchange(at(m_path, 1, 1, {}));
    QCOMPARE(QByteArray::fromStdString(next->exchange.request.target), QByteArray("/next"));
    QCOMPARE(QByteArray::fromStdString(next->response.text), QByteArray("none"));
}

void PipelineContentTest::eventsWithTheirTimes() {
    const auto content = pipeline::readExchange(at(m_path, 4, 0, {}));
    QVERIFY(content.has_value());
    QCOMPARE(content->events.size(), std::size_t(3));
    QCOMPARE(QByteArray::fromStdString(content->events[0].name + ':' + content->events[0].data), QByteArray("a:one"));
    QCOMPARE(content->events[0].time, kBuilderStart + 8 * kMillisecond);
    QCOMPARE(QByteArray::fromStdString(content->events[1].data), QByteArray("two"));
    QCOMPARE(content->events[1].time, kBuilderStart + 11 * kMillisecond); // when its last octet came
    QCOMPARE(QByteArray::fromStdString(content->events[2].data), QByteArray("[DONE]"));
}

void PipelineContentTest::everyExchangeOfADataset() {
    const std::string path = m_folder.write("mixed.pcap", mixedCapture(20).pcap());
    analysis::Dataset dataset({path});
    pipeline::analyse({path}, dataset, {.threads = 3});
    const analysis::Snapshot snapshot = dataset.snapshot();
    QCOMPARE(snapshot.size(), std::size_t(36));
    for (const analysis::Row row : snapshot.order()) {
        const auto content = pipeline::readExchange(at(path, snapshot.flowStart(row), snapshot.indexInFlow(row), {}));
        QVERIFY(content.has_value());
        QCOMPARE(static_cast<std::int64_t>(content->exchange.requestTrace.firstPacket),
                 snapshot.number(analysis::FieldId::Packet, row));
        QCOMPARE(static_cast<std::int64_t>(content->response.text.size()),
                 snapshot.number(analysis::FieldId::ResponseBytes, row));
        QCOMPARE(content->exchange.responseTrace.complete, snapshot.number(analysis::FieldId::Complete, row) == 1);
    }
}

void PipelineContentTest::gapIsSaid() {
    CaptureBuilder capture;
    auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80");
    flow.client("GET / HTTP/1.1\r\n\r\n")
        .server("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        .lostFromServer("def")
        .server("ghi")
        .close();
    const auto content = pipeline::readExchange(at(m_folder.write("gap.pcap", capture.pcap()), 1, 0, {}));
    QVERIFY(content.has_value());
    QCOMPARE(QByteArray::fromStdString(content->response.text), QByteArray("abcghi"));
    QVERIFY(content->response.damaged);
    QVERIFY(!content->request.damaged);
}

void PipelineContentTest::limit() {
    const auto content = pipeline::readExchange(at(m_path, 1, 0, {}), {.maxBodyBytes = 10});
    QVERIFY(content.has_value());
    QCOMPARE(content->response.text, kAnswerBody.substr(0, 10));
    QVERIFY(content->response.truncated);
    const auto pieces = pipeline::readFlow(at(m_path, 1, 0, {}), {.maxBodyBytes = 10});
    std::size_t held = 0;
    for (const auto& piece : *pieces) held += piece.data.size();
    QCOMPARE(held, std::size_t(20)); // both directions
}

void PipelineContentTest::flow() {
    const auto pieces = pipeline::readFlow(at(m_path, 1, 0, {}));
    QVERIFY(pieces.has_value());
    QCOMPARE(pieces->size(), std::size_t(4));
    QVERIFY((*pieces)[0].fromClient && !(*pieces)[1].fromClient && (*pieces)[2].fromClient && !(*pieces)[3].fromClient);
    QCOMPARE((*pieces)[0].data, kAskA);
    QCOMPARE((*pieces)[0].packet, std::uint64_t(7));
    QCOMPARE((*pieces)[0].time, kBuilderStart + 6 * kMillisecond);
    QCOMPARE((*pieces)[1].data, kAnswerA);
    QCOMPARE((*pieces)[1].packet, std::uint64_t(10));
    const auto turned = pipeline::readFlow(at(m_path, 1, 0, Endpoint::parse("10.0.9.213:80")));
    QVERIFY(!turned->at(0).fromClient);
}

void PipelineContentTest::flowWithALoss() {
    CaptureBuilder capture;
    auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80");
    flow.client("abc").lostFromClient("defg").client("hij").ack(false);
    const auto pieces = pipeline::readFlow(at(m_folder.write("loss.pcap", capture.pcap()), 1, 0, {}));
    QCOMPARE(pieces->size(), std::size_t(3));
    QCOMPARE((*pieces)[1].lostBytes, std::uint64_t(4));
    QVERIFY((*pieces)[1].data.empty());
    QCOMPARE(QByteArray::fromStdString((*pieces)[2].data), QByteArray("hij"));
}

void PipelineContentTest::portUsedAgain() {
    CaptureBuilder capture;
    capture.connect("100.64.9.87:40000", "10.0.9.213:80").client("GET /one HTTP/1.1\r\n\r\n").close(); // packets 1 to 7
    capture.clientSequence += 1'000'000;
    capture.serverSequence += 1'000'000;
    capture.connect("100.64.9.87:40000", "10.0.9.213:80").client("GET /two HTTP/1.1\r\n\r\n").close(); // from 8 on
    const std::string path = m_folder.write("again.pcap", capture.pcap());
    const auto one = pipeline::readExchange(at(path, 1, 0, {}));
    const auto two = pipeline::readExchange(at(path, 8, 0, {}));
    QCOMPARE(QByteArray::fromStdString(one->exchange.request.target), QByteArray("/one"));
    QCOMPARE(QByteArray::fromStdString(two->exchange.request.target), QByteArray("/two"));
    QCOMPARE(pipeline::readFlow(at(path, 1, 0, {}))->size(), std::size_t(1));
}

void PipelineContentTest::whatIsNotThere() {
    QVERIFY(pipeline::readExchange(at(m_folder.path("absent"), 1, 0, {})).error().kind == ErrorKind::CannotOpen);
    QVERIFY(!pipeline::readExchange(at(m_path, 1, 2, {})).has_value());   // no third exchange
    QVERIFY(!pipeline::readExchange(at(m_path, 999, 0, {})).has_value()); // no such packet
    QVERIFY(!pipeline::readFlow(at(m_path, 999, 0, {})).has_value());
    std::stop_source source;
    source.request_stop();
    QVERIFY(pipeline::readFlow(at(m_path, 1, 0, {}), {}, source.get_token()).error().kind == ErrorKind::Stopped);
}

QTEST_APPLESS_MAIN(PipelineContentTest)
#include "pipeline_content_test.moc"
