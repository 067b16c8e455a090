// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/gatewaylog/whole_log.h"

#include <QTest>
#include <random>

using namespace gatescope;
using namespace gatescope::gatewaylog;
using namespace gatescope::gatewaylog::test;

namespace {

/// A row of the gateway log with this id; nothing else matters here.
std::string row(const std::string& id) {
    return R"({"category":"GatewayLogs","correlationId":")" + id + R"(","properties":{"responseCode":200}})";
}

/// The same spread over lines, as people's tools write it.
std::string prettyRow(const std::string& id, const std::string& indent) {
    return "{\n" + indent + "  \"category\": \"GatewayLogs\",\n" + indent + "  \"correlationId\": \"" + id + "\",\n" +
           indent + "  \"properties\": {\n" + indent + "    \"responseCode\": 200,\n" + indent +
           "    \"requestHeaders\": [\n" + indent + "      {\n" + indent +
           "        \"name\": \"a\", \"value\": \"[{]}\"\n" + indent + "      }\n" + indent + "    ]\n" + indent +
           "  }\n" + indent + "}";
}

/// `id@line` of each record, and `finding@line`, in the order of the log.
QString outline(const Found& found) {
    std::vector<std::pair<std::uint64_t, std::string>> parts;
    for (const LogRecord& record : found.records) parts.emplace_back(record.facts.line, record.facts.correlationId);
    for (const Finding& finding : found.findings)
        parts.emplace_back(finding.packet.value_or(0), std::string(finding.kind->id));
    std::ranges::stable_sort(parts, {}, &std::pair<std::uint64_t, std::string>::first);
    std::string text;
    for (const auto& [line, what] : parts) text += (text.empty() ? "" : " ") + what + "@" + std::to_string(line);
    return QString::fromStdString(text);
}

struct Layout {
    const char* name;
    std::string text;
    std::string expected;
};

std::vector<Layout> layouts() {
    const std::string a = row("a");
    const std::string b = row("b");
    const std::string c = row("c");
    return {
        {"lines", a + "\n" + b + "\n" + c + "\n", "a@1 b@2 c@3"},
        {"lines without the last end", a + "\n" + b, "a@1 b@2"},
        {"lines with CRLF and empty ones", "\r\n" + a + "\r\n\r\n" + b + "\r\n  \r\n", "a@2 b@4"},
        {"byte order mark", "\xef\xbb\xbf" + a + "\n" + b + "\n", "a@1 b@2"},
        {"several on a line", a + b + "\n" + c + "\n", "a@1 b@1 c@2"},
        {"one after the other without lines", a + b + c, "a@1 b@1 c@1"},
        {"commas behind lines", a + ",\n" + b + ",\n" + c + "\n", "a@1 b@2 c@3"},
        {"list on one line", "[" + a + "," + b + "]", "a@1 b@1"},
        {"list, one a line", "[\n" + a + ",\n" + b + "\n]\n", "a@2 b@3"},
        {"list with leading commas", "[" + a + "\n," + b + "\n," + c + "]", "a@1 b@2 c@3"},
        {"lists, one a line", "[" + a + "," + b + "]\n[" + c + "]\n", "a@1 b@1 c@2"},
        {"envelope on one line", "{\"records\":[" + a + "," + b + "]}", "a@1 b@1"},
        {"envelopes, one a line", "{\"records\":[" + a + "," + b + "]}\n{\"records\": [" + c + "]}\n", "a@1 b@1 c@2"},
        {"envelope, one a line", "{\"records\": [\n" + a + ",\n" + b + "\n]}\n", "a@2 b@3"},
        {"envelope with a head and a tail",
         "{\n  \"@odata.context\": \"[{\",\n  \"meta\": {\"value\": 1},\n  \"value\": [\n    " + a + "\n  ],\n" +
             "  \"next\": [{\"x\": \"}\"}]\n}\n" + b + "\n",
         "a@5 b@9"},
        {"list of envelopes", "[{\"records\":[\n" + a + "]},\n{\"records\":[" + b + "]}]", "a@2 b@3"},
        {"empty envelope", "{\"records\":[]}\n" + a + "\n", "a@2"},
        {"empty lists", "[\n]\n[ ]\n" + prettyRow("a", "") + "\n", "a@4"},
        {"spread over lines", prettyRow("a", "") + "\n" + prettyRow("b", "") + "\n", "a@1 b@13"},
        {"list spread over lines", "[\n  " + prettyRow("a", "  ") + ",\n  " + prettyRow("b", "  ") + "\n]\n",
         "a@2 b@14"},
        {"list with brackets together", "[" + prettyRow("a", "") + ", " + prettyRow("b", "") + "]", "a@1 b@12"},
        {"properties as text",
         R"({"category":"GatewayLogs","correlationId":"a","properties":"{\"responseCode\":200}"})"
         "\n",
         "a@1"},
        // damage
        {"damaged line", a + "\n{\"category\":\"GatewayLogs\",,}\n" + b + "\n", "a@1 log.damaged-record@2 b@3"},
        {"garbage between lines", a + "\n-- rotated --\n" + b + "\n", "a@1 log.damaged-record@2 b@3"},
        {"line cut in the middle", a + "\n" + b.substr(0, 40) + "\n" + c + "\n", "a@1 log.damaged-record@2 c@3"},
        {"first line cut", a.substr(0, 40) + "\n" + b + "\n" + c + "\n", "log.damaged-record@1 b@2 c@3"},
        {"line that is not UTF-8", a + "\n" + row("\xff\xfe") + "\n" + b + "\n", "a@1 log.damaged-record@2 b@3"},
        {"nothing but brackets", a + "\n" + std::string(200, '[') + "\n" + b + "\n", "a@1 log.damaged-record@2 b@3"},
        {"last line cut", a + "\n" + b.substr(0, 50), "a@1 log.cut-record@2"},
        {"last line cut in a name", a + "\n{\"cat", "a@1 log.cut-record@2"},
        {"damaged element", "[\n" + a + ",\n{\"category\":},\n" + b + "\n]\n", "a@2 log.damaged-record@3 b@4"},
        {"element with a line feed in a string", "[\n" + a + ",\n{\"x\":\"y\n" + b + ",\n" + c + "\n]\n",
         "a@2 log.damaged-record@3 b@4 c@5"},
        {"element without its end, spread over lines",
         "[\n  " + prettyRow("a", "  ").substr(0, 60) + "\n  " + prettyRow("b", "  ") + "\n]\n",
         "log.damaged-record@2 b@6"},
        {"garbage in a list", "[\n" + a + ",\nxyz\n" + b + "\n]\n", "a@2 log.damaged-record@3 b@4"},
        {"list cut in an element", "[\n" + a + ",\n" + b.substr(0, 50), "a@2 log.cut-record@3"},
        {"list cut between elements", "[\n" + a + ",\n", "a@2 log.cut-record@3"},
        {"envelope cut", "{\"records\":[" + a + "," + b.substr(0, 30), "a@1 log.cut-record@1"},
        {"unknown records", a + "\n{\"weather\":\"fine\"}\n", "a@1 log.unknown-record@2"},
        // tables
        {"table", "CorrelationId,ResponseCode,CallerIpAddress\na,200,10.0.0.1\nb,404,10.0.0.2\n", "a@2 b@3"},
        {"table with a mark, CRLF and no last end",
         "\xef\xbb\xbf\"CorrelationId\",\"ResponseCode\",\"CallerIpAddress\"\r\na,200,10.0.0.1\r\n\r\nb,404,10.0.0.2",
         "a@2 b@4"},
        {"table with line feeds and quotes in cells",
         "CorrelationId,ResponseBody,ResponseCode,CallerIpAddress\n\"a\",\"x\n\"\"y\"\",\n\",200,10.0.0.1\nb,,404,\n",
         "a@2 b@5"},
        {"table with semicolons", "CorrelationId;ResponseCode;CallerIpAddress\na;200;10.0.0.1\n", "a@2"},
        {"table with damaged rows",
         "CorrelationId,ResponseCode,CallerIpAddress\na,200\n\"b\"x,200,10.0.0.1\nc,200,\xff\nd,200,10.0.0.2\n",
         "log.damaged-record@2 log.damaged-record@3 log.damaged-record@4 d@5"},
        {"table cut in quotes", "CorrelationId,ResponseCode,ResponseBody\na,200,\nb,200,\"{\n", "a@2 log.cut-record@3"},
        {"table cut in a row", "CorrelationId,ResponseCode,CallerIpAddress\na,200,\nb,20", "a@2 log.cut-record@3"},
        // the answer of a query
        {"answer of a query",
         R"({"tables":[{"name":"PrimaryResult","columns":[{"name":"CorrelationId"},{"name":"ResponseCode"},)"
         "{\"name\":\"Url\"},{\"name\":\"BackendMethod\"}],\"rows\":[\n[\"a\",200,\"]},\",null],\n[\"b\",404,null,null]"
         "]}]}",
         "a@2 b@3"},
        {"answer of a query, damaged",
         "{\"tables\":[{\"columns\":[{\"name\":\"CorrelationId\"},{\"name\":\"BackendMethod\"}],\"rows\":[[\"a\"],\n"
         "[\"b\",{\"x\":}],\n[\"c\",\"GET\"]]}]}",
         "log.damaged-record@1 log.damaged-record@2 c@3"},
        {"answer of a query, cut",
         "{\"tables\":[{\"columns\":[{\"name\":\"CorrelationId\"},{\"name\":\"BackendMethod\"}],\"rows\":[\n"
         "[\"a\",\"GET\"],\n[\"b\",\"G",
         "a@2 log.cut-record@3"},
    };
}

LogLimits smallLimits() {
    LogLimits limits;
    limits.pieceBytes = 128;
    limits.maxRecordBytes = 600;
    return limits;
}

} // namespace

class GatewaylogContainersTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsEveryLayout_data();
    void readsEveryLayout();
    void anySplitGivesTheSame_data() { readsEveryLayout_data(); }
    void anySplitGivesTheSame();
    void eachPrefixIsRead_data() { readsEveryLayout_data(); }
    void eachPrefixIsRead();
    void recognisesByContent();
    void needsNoMoreThanTheHead();
    void leavesOutLongRecords_data();
    void leavesOutLongRecords();
    void leavesOutLongDocuments();
    void leavesOutLongHeaders();
    void streamsEnvelopes();
    void givesColumnsTheirNamesBack();
    void readsColumnsWithTheirTypes();
    void limitsNesting();
    void limitsValues();
    void limitsFindings();
};

void GatewaylogContainersTest::readsEveryLayout_data() {
    QTest::addColumn<std::string>("text");
    QTest::addColumn<QString>("expected");
    for (const Layout& layout : layouts())
        QTest::newRow(layout.name) << layout.text << QString::fromStdString(layout.expected);
}

void GatewaylogContainersTest::readsEveryLayout() {
    QFETCH(std::string, text);
    QFETCH(QString, expected);
    QCOMPARE(outline(readLog(text)), expected);
}

void GatewaylogContainersTest::anySplitGivesTheSame() {
    QFETCH(std::string, text);
    const std::string whole = described(readLog(text));
    QCOMPARE(QString::fromStdString(described(readLog(text, [] { return 1; }))), QString::fromStdString(whole));
    std::mt19937 random(7);
    for (int round = 0; round < 5; ++round) {
        const auto next = [&] { return std::uniform_int_distribution<std::size_t>(1, 90)(random); };
        QCOMPARE(described(readLog(text, next)), whole);
    }
    // Small pieces cut the log at other places; the records stay the same.
    const std::string small = described(readLog(text, {}, smallLimits()));
    QCOMPARE(described(readLog(text, [] { return 1; }, smallLimits())), small);
    QCOMPARE(outline(readLog(text, {}, smallLimits())), outline(readLog(text)));
}

void GatewaylogContainersTest::eachPrefixIsRead() {
    QFETCH(std::string, text);
    const std::size_t records = readLog(text).records.size();
    for (std::size_t length = 0; length <= text.size(); ++length) {
        const Found found = readLog(text.substr(0, length));
        QVERIFY(found.records.size() <= records + 1); // a row of a table may look whole where it was cut
    }
}

void GatewaylogContainersTest::recognisesByContent() {
    const auto containerOf = [](std::string_view text) {
        const auto shape = recognise(asBytes(text), true);
        return shape ? static_cast<int>(shape->container) : -1;
    };
    QCOMPARE(containerOf(row("a")), static_cast<int>(Container::JsonValues));
    QCOMPARE(containerOf("CorrelationId,ResponseCode,CallerIpAddress\n"), static_cast<int>(Container::Csv));
    QCOMPARE(containerOf("CorrelationId,ResponseCode,CallerIpAddress"), static_cast<int>(Container::Csv));
    QCOMPARE(containerOf(""), -1);
    QCOMPARE(containerOf("\n \n"), -1);
    QCOMPARE(containerOf("\xef\xbb\xbf"), -1);
    QCOMPARE(containerOf("{\"weather\":\"fine\"}"), -1);
    QCOMPARE(containerOf("a,b,c\n1,2,3\n"), -1);
    QCOMPARE(containerOf(std::string_view("{\"category\":\"GatewayLogs\"\0}", 27)), -1);
    const std::string utf16("\xff\xfe{\0\"\0", 6);
    QCOMPARE(containerOf(utf16), -1);
    QCOMPARE(recognise(asBytes(row("a")), true)->title, std::string_view("API Management gateway log"));
}

void GatewaylogContainersTest::needsNoMoreThanTheHead() {
    // One record is longer than what is looked at.
    const std::string body(kRecogniseBytes, 'x');
    const std::string text =
        R"({"time":"2026-01-15T10:00:00Z","category":"GatewayLogs","correlationId":"a","properties":)"
        R"({"responseCode":200,"requestBody":")" +
        body + "\"}}\n" + row("b") + "\n";
    QCOMPARE(outline(readLog(text)), "a@1 b@2");
    const std::string list = "{\"records\": [" + text.substr(0, text.find('\n')) + "]}";
    QCOMPARE(outline(readLog(list)), "a@1");
}

void GatewaylogContainersTest::leavesOutLongRecords_data() {
    QTest::addColumn<std::string>("text");
    QTest::addColumn<QString>("expected");
    const std::string padded = R"({"category":"GatewayLogs","correlationId":"L","x":")" + std::string(700, 'x') + "\"}";
    const std::string a = row("a");
    const std::string b = row("b");
    QTest::newRow("lines") << a + "\n" + padded + "\n" + b + "\n" << QString("a@1 log.record-too-long@2 b@3");
    QTest::newRow("first line") << padded + "\n" + a + "\n" + b + "\n" << QString("log.record-too-long@1 a@2 b@3");
    QTest::newRow("last line") << a + "\n" + padded << QString("a@1 log.record-too-long@2");
    QTest::newRow("list") << "[\n" + a + ",\n" + padded + ",\n" + b + "]" << QString("a@2 log.record-too-long@3 b@4");
    const std::string cells = "\"" + std::string(300, 'x') + "\n" + std::string(400, 'x') + "\"";
    const std::string table =
        "CorrelationId,ResponseCode,ResponseBody,CallerIpAddress\na,200,,\nL,200," + cells + ",\nb,200,,\n";
    QTest::newRow("table") << table << QString("a@2 log.record-too-long@3 b@5");
}

void GatewaylogContainersTest::leavesOutLongRecords() {
    QFETCH(std::string, text);
    QFETCH(QString, expected);
    QCOMPARE(outline(readLog(text, {}, smallLimits())), expected);
    QCOMPARE(outline(readLog(text, [] { return 1; }, smallLimits())), expected);
    std::mt19937 random(11);
    const auto next = [&] { return std::uniform_int_distribution<std::size_t>(1, 300)(random); };
    QCOMPARE(outline(readLog(text, next, smallLimits())), expected);
}

void GatewaylogContainersTest::leavesOutLongDocuments() {
    const std::string text =
        R"({"tables":[{"columns":[{"name":"CorrelationId"},{"name":"BackendMethod"}],"rows":[["a","GET"]]}]})";
    LogLimits limits;
    limits.maxDocumentBytes = text.size();
    QCOMPARE(outline(readLog(text, {}, limits)), "a@1");
    limits.maxDocumentBytes = text.size() - 1;
    QCOMPARE(outline(readLog(text, {}, limits)), "log.document-too-long@1");
    QCOMPARE(outline(readLog(text, [] { return 1; }, limits)), "log.document-too-long@1");
}

void GatewaylogContainersTest::leavesOutLongHeaders() {
    LogLimits limits = smallLimits();
    LogSplitter splitter(LogShape{Container::Csv, {}, {}}, limits);
    std::vector<LogPiece> pieces;
    const std::string header(1000, 'x');
    splitter.feed(asBytes(header), pieces);
    splitter.feed(asBytes("\na,b\n"), pieces);
    splitter.finish(pieces);
    QVERIFY(pieces.empty());
    const auto findings = splitter.takeFindings();
    QCOMPARE(findings.size(), std::size_t{1});
    QVERIFY(has(findings, "log.record-too-long"));
}

void GatewaylogContainersTest::streamsEnvelopes() {
    // An envelope far over the limit of a record: its records come in pieces all the same.
    std::string text = "{\"records\":[";
    for (int i = 0; i < 100; ++i) text += (i == 0 ? "" : ",") + row(std::to_string(i));
    text += "]}";
    LogSplitter splitter(*recognise(asBytes(text), true), smallLimits());
    std::vector<LogPiece> pieces;
    splitter.feed(asBytes(text), pieces);
    QVERIFY(pieces.size() > 40);
    for (const LogPiece& piece : pieces) QVERIFY(piece.text.size() < 400 && piece.records.size() <= 2);
    QCOMPARE(readLog(text, {}, smallLimits()).records.size(), std::size_t{100});
}

void GatewaylogContainersTest::givesColumnsTheirNamesBack() {
    const std::string text = "Id,Code,Who\na,200,10.0.0.1\n";
    QVERIFY(!recognise(asBytes(text), true));
    const auto names = std::make_shared<const ColumnNames>(
        ColumnNames{{"Id", "CorrelationId"}, {"code", "ResponseCode"}, {"Who", "CallerIpAddress"}, {"x", "y"}});
    const auto shape = recognise(asBytes(text), true, *names);
    QVERIFY(shape);
    LogSplitter splitter(*shape);
    PieceReader reader(*shape, names);
    std::vector<LogPiece> pieces;
    splitter.feed(asBytes(text), pieces);
    splitter.finish(pieces);
    Found found;
    for (const LogPiece& piece : pieces) reader.read(piece, found);
    QCOMPARE(outline(found), "a@2");
    QCOMPARE(found.records.front().http.response.status, 200);
}

void GatewaylogContainersTest::readsColumnsWithTheirTypes() {
    // The table AzureDiagnostics of Log Analytics marks the types of its columns.
    const Found found =
        readLog("TimeGenerated,ResourceProvider,Category,clientIP_s,clientPort_d,httpMethod_s,requestUri_s,"
                "httpStatus_d,timeTaken_d,transactionId_g\n"
                "2026-01-15T10:00:00Z,MICROSOFT.NETWORK,ApplicationGatewayAccessLog,100.64.9.87,45057,"
                "POST,/openai/v1/responses,200,1.52,592d1649\n");
    QCOMPARE(found.records.size(), std::size_t{1});
    const LogRecord& record = found.records.front();
    QCOMPARE(record.format, std::string_view("app-gateway"));
    QCOMPARE(record.client.toString(), std::string("100.64.9.87:45057"));
    QCOMPARE(record.facts.transactionId, std::string("592d1649"));
    QCOMPARE(record.http.responseTrace.lastByte - record.http.requestTrace.firstByte, TimeNs{1'520'000'000});
}

void GatewaylogContainersTest::limitsNesting() {
    const auto nested = [](std::size_t depth) {
        return R"({"category":"GatewayLogs","correlationId":"n","x":)" + std::string(depth, '[') +
               std::string(depth, ']') + "}\n";
    };
    QCOMPARE(outline(readLog(row("a") + "\n" + nested(40))), "a@1 n@2");
    QCOMPARE(outline(readLog(row("a") + "\n" + nested(100'000))), "a@1 log.damaged-record@2");
}

void GatewaylogContainersTest::limitsValues() {
    const auto with = [](std::size_t values) {
        std::string text = R"({"category":"GatewayLogs","correlationId":"n","x":[0)";
        for (std::size_t i = 1; i < values; ++i) text += ",0";
        return text + "]}\n";
    };
    QCOMPARE(outline(readLog(row("a") + "\n" + with(1'000'000))), "a@1 n@2");
    QCOMPARE(outline(readLog(row("a") + "\n" + with(1'100'000))), "a@1 log.damaged-record@2");
    const std::string cells(70'000, ',');
    QCOMPARE(outline(readLog("CorrelationId,ResponseCode\na,200\n" + cells + "\nb,200\n")),
             "a@2 log.damaged-record@3 b@4");
}

void GatewaylogContainersTest::limitsFindings() {
    std::string text = row("a") + "\n";
    for (int i = 0; i < 5'000; ++i) text += "{}\n";
    const Found found = readLog(text + row("b") + "\n");
    QCOMPARE(found.records.size(), std::size_t{2});
    QCOMPARE(found.findings.size(), std::size_t{1'001});
    QCOMPARE(QString::fromStdString(found.findings.back().evidence.back()), "one of 4000 more in this part of the log");
    // Also of one line.
    std::string line;
    for (int i = 0; i < 5'000; ++i) line += "{}";
    QCOMPARE(readLog(row("a") + "\n" + line + "\n").findings.size(), std::size_t{1'001});
}

QTEST_APPLESS_MAIN(GatewaylogContainersTest)
#include "gatewaylog_containers_test.moc"
