// SPDX-License-Identifier: Apache-2.0
// Who ended a connection before an answer was whole.
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "tests/unit/pipeline/captures.h"

#include <QRegularExpression>

using namespace gatescope;
using namespace gatescope::test;
using analysis::FieldId;

namespace {

const std::string kStreamHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string chunk(const std::string& text) {
    char length[16];
    std::snprintf(length, sizeof length, "%zx\r\n", text.size());
    return length + text + "\r\n";
}

std::string content(const char* text) {
    return chunk(std::string(R"(data: {"choices":[{"delta":{"content":")") + text + "\"}}],\"usage\":null}\n\n");
}

const std::string kFinish =
    chunk("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");

} // namespace

class PipelineClosedByTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tellsWhoClosed_data();
    void tellsWhoClosed();
    void firstSignWins();
    void earlierAnswersAreNotCut();
    void aLossIsNoClosing();
    void halfClosedIsNoCut();

private:
    struct Row {
        QString closedBy;
        QString findings;
        std::int64_t contentEvents = 0;
        std::int64_t contentBytes = 0;
        bool complete = false;
    };
    std::vector<Row> rowsOf(const CaptureBuilder& capture) const {
        const std::vector<std::string> paths{m_folder.write("case.pcap", capture.pcap())};
        analysis::Dataset dataset(paths);
        pipeline::analyse(paths, dataset, {}, {});
        const analysis::Snapshot snapshot = dataset.snapshot();
        const auto text = [&](std::string_view view) { return QString::fromUtf8(view.data(), qsizetype(view.size())); };
        std::vector<Row> rows;
        for (const analysis::Row row : snapshot.order()) {
            Row& out = rows.emplace_back();
            out.closedBy = text(snapshot.text(snapshot.code(FieldId::ClosedBy, row)));
            // What HTTP itself says of a cut message is not of interest here.
            out.findings = text(snapshot.text(snapshot.code(FieldId::Findings, row)))
                               .split(',')
                               .filter(QRegularExpression("^llm"))
                               .join(',');
            out.contentEvents = snapshot.number(FieldId::ContentEvents, row);
            out.contentBytes = snapshot.number(FieldId::ContentBytes, row);
            out.complete = snapshot.number(FieldId::Complete, row) == 1;
        }
        return rows;
    }
    CaptureFolder m_folder;
};

void PipelineClosedByTest::tellsWhoClosed_data() {
    QTest::addColumn<QString>("end"); // what happens behind half an answer
    QTest::addColumn<QString>("closedBy");
    QTest::addColumn<QString>("finding");
    QTest::newRow("client fin") << "cf sf" << "client-fin" << "llm.client-left-stream";
    QTest::newRow("client rst") << "cr" << "client-rst" << "llm.client-left-stream";
    QTest::newRow("server fin") << "sf cf" << "server-fin" << "llm.stream-cut";
    QTest::newRow("server rst") << "sr" << "server-rst" << "llm.stream-cut";
    QTest::newRow("client fin, server rst") << "cf sr" << "client-fin" << "llm.client-left-stream";
    QTest::newRow("client rst after more content") << "s cr" << "client-rst" << "llm.client-left-stream";
    QTest::newRow("the capture ends") << "" << "" << "";
}

void PipelineClosedByTest::tellsWhoClosed() {
    QFETCH(QString, end);
    QFETCH(QString, closedBy);
    QFETCH(QString, finding);
    CaptureBuilder capture;
    auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80");
    flow.client(kAskA).server(kStreamHead + content("Hi"), content("you"));
    int more = 0;
    for (const QString& step : end.split(' ', Qt::SkipEmptyParts)) {
        if (step == "cf") flow.finish(true);
        if (step == "sf") flow.finish(false);
        if (step == "cr") flow.reset(true);
        if (step == "sr") flow.reset(false);
        if (step == "s") flow.server(content("!!!!")), ++more;
    }
    const auto rows = rowsOf(capture);
    QCOMPARE(rows.size(), std::size_t{1});
    QCOMPARE(rows[0].closedBy, closedBy);
    QCOMPARE(rows[0].findings, finding);
    QCOMPARE(rows[0].contentEvents, 2 + more);
    QCOMPARE(rows[0].contentBytes, 5 + 4 * more);
    QVERIFY(!rows[0].complete);

    // A request without any answer.
    CaptureBuilder unanswered;
    auto silent = unanswered.connect("100.64.9.87:40000", "10.0.9.213:80");
    silent.client(kAskA);
    for (const QString& step : end.split(' ', Qt::SkipEmptyParts)) {
        if (step == "cf") silent.finish(true);
        if (step == "sf") silent.finish(false);
        if (step == "cr") silent.reset(true);
        if (step == "sr") silent.reset(false);
    }
    const auto none = rowsOf(unanswered);
    QCOMPARE(none.size(), std::size_t{1});
    QCOMPARE(none[0].closedBy, closedBy);
    QCOMPARE(none[0].findings, QString());

    // A whole answer: who closes then is of no interest.
    CaptureBuilder whole;
    auto ended = whole.connect("100.64.9.87:40000", "10.0.9.213:80");
    ended.client(kAskA).server(kAnswerA);
    if (end.contains('r'))
        ended.reset(end.contains("cr"));
    else
        ended.close();
    const auto good = rowsOf(whole);
    QCOMPARE(good.size(), std::size_t{1});
    QVERIFY(good[0].complete && good[0].closedBy.isEmpty());
}

void PipelineClosedByTest::firstSignWins() {
    // What follows the first FIN or RST, from either end, changes nothing.
    CaptureBuilder capture;
    auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80");
    flow.client(kAskA).server(kStreamHead + content("Hi")).finish(true).reset(false);
    flow.server(content("late"));
    const auto rows = rowsOf(capture);
    QCOMPARE(rows.size(), std::size_t{1});
    QCOMPARE(rows[0].closedBy, QString("client-fin"));
}

void PipelineClosedByTest::earlierAnswersAreNotCut() {
    CaptureBuilder capture;
    auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80");
    flow.client(kAskA).server(kAnswerA).client(kAskA).server(kStreamHead + content("Hi")).reset(true);
    const auto rows = rowsOf(capture);
    QCOMPARE(rows.size(), std::size_t{2});
    QVERIFY(rows[0].complete && rows[0].closedBy.isEmpty());
    QCOMPARE(rows[1].closedBy, QString("client-rst"));

    // All events came, only the end of the chunked coding did not: the answer said how it finished.
    CaptureBuilder settled;
    auto other = settled.connect("100.64.9.87:40000", "10.0.9.213:80");
    other.client(kAskA).server(kStreamHead + content("Hi") + kFinish).finish(true);
    const auto done = rowsOf(settled);
    QCOMPARE(done.size(), std::size_t{1});
    QCOMPARE(done[0].closedBy, QString("client-fin"));
    QCOMPARE(done[0].findings, QString());
}

void PipelineClosedByTest::aLossIsNoClosing() {
    CaptureBuilder capture;
    auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80");
    flow.client(kAskA).server(kAnswerA.substr(0, 100)).lostFromServer(kAnswerA.substr(100, 20));
    flow.server(kAnswerA.substr(120)).close();
    const auto rows = rowsOf(capture);
    QCOMPARE(rows.size(), std::size_t{1});
    QVERIFY(!rows[0].complete && rows[0].closedBy.isEmpty());

    // With a hole and cut: the second is what ended it.
    CaptureBuilder both;
    auto cut = both.connect("100.64.9.87:40000", "10.0.9.213:80");
    cut.client(kAskA).server(kAnswerA.substr(0, 60)).lostFromServer(kAnswerA.substr(60, 20));
    cut.server(kAnswerA.substr(80, 20)).reset(false);
    const auto cutRows = rowsOf(both);
    QCOMPARE(cutRows.size(), std::size_t{1});
    QCOMPARE(cutRows[0].closedBy, QString("server-rst"));
}

void PipelineClosedByTest::halfClosedIsNoCut() {
    // A client that says early that it sends no more, and reads on.
    CaptureBuilder capture;
    auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80");
    flow.client(kAskA).finish(true).server(kAnswerA).finish(false);
    const auto rows = rowsOf(capture);
    QCOMPARE(rows.size(), std::size_t{1});
    QVERIFY(rows[0].complete && rows[0].closedBy.isEmpty());
}

QTEST_APPLESS_MAIN(PipelineClosedByTest)
#include "pipeline_closed_by_test.moc"
