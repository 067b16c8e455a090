// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/gatewaylog/material.h"
#include "tests/unit/gatewaylog/whole_log.h"

#include <QTest>

using namespace gatescope;
using namespace gatescope::gatewaylog;
using namespace gatescope::gatewaylog::test;

namespace {

const LogRecord& only(const Found& found) {
    if (found.records.size() != 1) qFatal("%zu records", found.records.size());
    return found.records.front();
}

/// The facts that a dump of an agent's call must give, whoever wrote it down.
void checkAgentCall(const LogRecord& record) {
    const http::HeaderList& headers = record.http.request.headers;
    QCOMPARE(headers.size(), std::size_t{35});
    QCOMPARE(record.format, std::string_view("header-dump"));
    const std::string forwarded = header(headers, "x-forwarded-for");
    QCOMPARE(std::count(forwarded.begin(), forwarded.end(), ';'), 1); // as it stands in the dump: two entries
    QCOMPARE(header(headers, "client-ip"), forwarded.substr(forwarded.find(';') + 1));
    QCOMPARE(record.client.toString(), header(headers, "client-ip"));
    QCOMPARE(header(headers, "x-forwarded-path"),
             "/v1/https/" + header(headers, "host") + header(headers, "x-original-url"));
    QCOMPARE(record.http.request.target, header(headers, "x-original-url"));
    QCOMPARE(record.tls, std::string("1.3"));
    QVERIFY(header(headers, "x-azure-ja4-fingerprint").starts_with("t13"));
    QCOMPARE(header(headers, "x-ms-client-request-id"), header(headers, "x-arr-log-id"));
    QCOMPARE(record.call.identity.headerModel, record.call.deployment);
    QCOMPARE(record.call.deployment, std::string("gpt-4o"));
    QCOMPARE(record.call.identity.agentVersion, std::string("5"));
    QCOMPARE(record.call.api, std::string("openai.chat"));
    QCOMPARE(record.scheme, std::string("https"));
    QVERIFY(header(headers, "authorization").starts_with("Bearer "));
    for (const char* name : {"user-agent", "x-azure-ref", "x-appgw-trace-id"}) QVERIFY(!headers.find(name));
    // Nothing else is known.
    QVERIFY(record.http.request.method.empty() && !record.http.responseTrace.seen);
    QVERIFY(record.http.requestTrace.seen && record.http.requestTrace.firstByte == kNoTime);
    QVERIFY(!record.facts.versionKnown && !record.facts.bodySizesKnown && record.server == Endpoint{});
    QVERIFY(record.call.findings.empty() && record.http.findings.empty());
}

} // namespace

class GatewaylogDumpTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsTheSample();
    void readsTheDumpOfTheArticle();
    void readsAllForms_data();
    void readsAllForms();
    void readsEchoes();
    void readsPseudoFields();
    void readsTheEmbeddedUrl();
    void readsWhatPeopleSaved();
    void readsOneDumpALine();
    void leavesOtherJsonAlone_data();
    void leavesOtherJsonAlone();
    void eachPrefixIsHarmless();
};

void GatewaylogDumpTest::readsTheSample() {
    const Found found = readLog(fileText(GATESCOPE_SOURCE_DIR "/resources/samples/HEADERS.json"));
    QCOMPARE(found.title, std::string("header dump"));
    checkAgentCall(only(found));
    QVERIFY(found.findings.empty());
}

void GatewaylogDumpTest::readsTheDumpOfTheArticle() {
    const auto folder = sharedFolder();
    if (folder.empty()) QSKIP("no shared material");
    const Found found = readLog(fileText(folder / "corpus/header-dumps/foundry-byo-gateway-apim-request.json"));
    const LogRecord& record = only(found);
    checkAgentCall(record);
    QCOMPARE(record.call.identity.project, std::string("sampleproject1"));
    QCOMPARE(record.call.identity.connection, std::string("conn1apimgwstaticopenai"));
    QCOMPARE(record.client.toString(), std::string("10.0.9.213:10095"));
    QCOMPARE(header(record.http.request.headers, "authorization"), std::string("Bearer REDACTED"));
    QVERIFY(record.facts.traceId.empty()); // part of the traceparent is masked
}

void GatewaylogDumpTest::readsAllForms_data() {
    QTest::addColumn<std::string>("text");
    QTest::newRow("object") << std::string(
        R"({"Host":"h.example","Content-Type":"application/json","CLIENT-IP":"10.0.9.213:10095","Accept":"a, b",)"
        R"("X-Original-URL":"/v1/chat/completions"})");
    QTest::newRow("object of lists") << std::string(
        R"({"Host":["h.example"],"Content-Type":["application/json"],"CLIENT-IP":["10.0.9.213:10095"],)"
        R"("Accept":["a","b"],"X-Original-URL":["/v1/chat/completions"]})");
    QTest::newRow("list") << std::string(
        R"( [{"name":"Host","value":"h.example"},{"name":"Content-Type","value":"application/json"},)"
        R"({"name":"CLIENT-IP","value":"10.0.9.213:10095"},{"name":"Accept","value":"a, b"},)"
        R"({"name":"X-Original-URL","value":"/v1/chat/completions"}])");
    QTest::newRow("lines") << std::string(
        "Host: h.example\nContent-Type: application/json\nCLIENT-IP: 10.0.9.213:10095\nAccept: a, b\n"
        "X-Original-URL: /v1/chat/completions\n");
    QTest::newRow("request") << std::string(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: h.example\r\nContent-Type: application/json\r\n"
        "CLIENT-IP: 10.0.9.213:10095\r\nAccept: a,\r\n b\r\nX-Original-URL: /v1/chat/completions\r\n\r\n{}");
}

void GatewaylogDumpTest::readsAllForms() {
    QFETCH(std::string, text);
    const Found found = readLog(text);
    const LogRecord& record = only(found);
    QCOMPARE(record.http.request.headers.size(), std::size_t{5});
    QCOMPARE(std::string(record.http.request.headers[2].name), std::string("CLIENT-IP"));
    QCOMPARE(header(record.http.request.headers, "accept"), std::string("a, b"));
    QCOMPARE(record.client.toString(), std::string("10.0.9.213:10095"));
    QCOMPARE(record.http.request.target, std::string("/v1/chat/completions"));
    QCOMPARE(record.call.api, std::string("openai.chat"));
    const bool hasStartLine = text.starts_with("POST");
    QCOMPARE(record.http.request.method, std::string(hasStartLine ? "POST" : ""));
    QCOMPARE(record.facts.versionKnown, hasStartLine);
    QCOMPARE(described(readLog(text, [] { return std::size_t{1}; })), described(found));
}

void GatewaylogDumpTest::readsEchoes() {
    const Found found = readLog(
        R"({"args":{},"headers":{"Host":"httpbin.example","User-Agent":"curl/8.7.1","X-Arr-Ssl":"true"},"method":"GET",)"
        R"("origin":"126.218.11.92, 100.100.0.48, 48.218.158.81","url":"http://kong.example/anything?a=b"})");
    const LogRecord& record = only(found);
    QCOMPARE(record.http.request.method, std::string("GET"));
    QCOMPARE(record.http.request.target, std::string("/anything?a=b"));
    QCOMPARE(record.scheme, std::string("http"));
    QCOMPARE(header(record.http.request.headers, "host"), std::string("httpbin.example"));
    QCOMPARE(header(record.http.request.headers, "x-forwarded-for"),
             std::string("126.218.11.92, 100.100.0.48, 48.218.158.81"));
    QCOMPARE(record.http.request.headers.size(), std::size_t{4});
    QVERIFY(record.call.api.empty());
}

void GatewaylogDumpTest::readsPseudoFields() {
    const Found found =
        readLog(":method: POST\n:scheme: https\n:path: /v1/embeddings\n:authority: h.example\naccept: */*\n");
    const LogRecord& record = only(found);
    QCOMPARE(record.http.request.method, std::string("POST"));
    QCOMPARE(record.http.request.target, std::string("/v1/embeddings"));
    QCOMPARE(record.scheme, std::string("https"));
    QCOMPARE(header(record.http.request.headers, "host"), std::string("h.example"));
    QCOMPARE(record.call.api, std::string("openai.embeddings"));
}

void GatewaylogDumpTest::readsTheEmbeddedUrl() {
    const std::string begin = R"({"content-type":"application/json","x-k8se-app-kind":"web","x-forwarded-path":")";
    const Found found = readLog(begin + R"(/v1/https/h.example/openai/deployments/gpt-4o/chat/completions?a=b"})");
    QCOMPARE(only(found).http.request.target,
             std::string("https://h.example/openai/deployments/gpt-4o/chat/completions?a=b"));
    QCOMPARE(only(found).call.deployment, std::string("gpt-4o"));
    for (const char* path : {"/mock", "/v1/https/", "/v1/ftp/h/x", ""}) {
        const Found other = readLog(begin + path + "\"}");
        QCOMPARE(only(other).http.request.target, std::string());
    }
}

void GatewaylogDumpTest::readsWhatPeopleSaved() {
    const auto folder = sharedFolder();
    if (folder.empty()) QSKIP("no shared material");
    const Found appService = readLog(fileText(folder / "corpus/header-dumps/app-service-request.txt"));
    QCOMPARE(only(appService).http.request.headers.size(), std::size_t{17});
    QCOMPARE(only(appService).client.toString(), std::string("223.181.119.123:27699"));
    QCOMPARE(only(appService).http.request.target, std::string("/"));
    QCOMPARE(only(appService).tls, std::string("1.3"));
    const Found kong = readLog(fileText(folder / "corpus/header-dumps/kong-on-azure-container-apps.json"));
    QCOMPARE(only(kong).http.request.headers.size(), std::size_t{18}); // 17, and the origin
    QCOMPARE(header(only(kong).http.request.headers, "x-forwarded-for"),
             std::string("126.218.11.92, 100.100.0.48, 48.218.158.81"));
    QCOMPARE(only(kong).http.request.method, std::string("GET"));
}

void GatewaylogDumpTest::readsOneDumpALine() {
    const std::string line = R"({"Host":"h.example","CLIENT-IP":"10.0.9.213:1","openai-project":"alpha"})";
    const Found found = readLog(line + '\n' + line + '\n');
    QCOMPARE(found.records.size(), std::size_t{2});
    QCOMPARE(found.records[1].facts.line, std::uint64_t{2});
    QCOMPARE(found.records[1].call.identity.project, std::string("alpha"));
}

void GatewaylogDumpTest::leavesOtherJsonAlone_data() {
    QTest::addColumn<std::string>("text");
    QTest::newRow("empty object") << std::string("{}");
    QTest::newRow("empty list") << std::string("[]");
    QTest::newRow("settings") << std::string(R"({"name":"x","version":"1","host":"h"})");
    QTest::newRow("a service's log") << std::string(
        R"({"date":"2026-01-15","server":"a","message":"started","level":"info"})");
    QTest::newRow("nested") << std::string(R"({"host":"h","x-a":"b","user-agent":"c","more":{"a":1}})");
    QTest::newRow("pairs") << std::string(R"([{"name":"a","value":1},{"name":"b","value":2}])");
    QTest::newRow("no JSON") << std::string(R"({"host":"h","x-a":)");
}

void GatewaylogDumpTest::leavesOtherJsonAlone() {
    QFETCH(std::string, text);
    const Found found = readLog(text);
    QVERIFY2(found.title.empty() && found.records.empty(), found.title.c_str());
}

void GatewaylogDumpTest::eachPrefixIsHarmless() {
    const std::string text = fileText(GATESCOPE_SOURCE_DIR "/resources/samples/HEADERS.json");
    QVERIFY(!text.empty());
    for (std::size_t length = 0; length < text.rfind('}'); ++length)
        QVERIFY(readLog(std::string(text, 0, length)).records.empty());
}

QTEST_APPLESS_MAIN(GatewaylogDumpTest)
#include "gatewaylog_dump_test.moc"
