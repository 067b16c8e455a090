// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/gatewaylog/material.h"
#include "tests/unit/gatewaylog/whole_log.h"

#include <QTest>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

using namespace gatescope;
using namespace gatescope::gatewaylog;
using namespace gatescope::gatewaylog::test;

namespace {

constexpr TimeNs kMs = 1'000'000;
/// 2026-01-15T10:00:00Z, the moment of all samples.
constexpr TimeNs kBegin = 1'768'471'200'000 * kMs;
const std::string kCall = "b6f1c0de-0001-4a00-8000-000000000001";

nlohmann::json sampleValue(const std::string& id) {
    static const auto kSamples =
        nlohmann::json::parse(fileText(GATESCOPE_SOURCE_DIR "/tests/unit/sample-records.json"));
    for (const auto& entry : kSamples.at("samples"))
        if (entry.at("id") == id) return entry.at("record");
    qFatal("no sample %s", id.c_str());
    return {};
}

std::string sample(const std::string& id) {
    return sampleValue(id).dump();
}

const LogRecord& only(const Found& found) {
    if (found.records.size() != 1) qFatal("%zu records", found.records.size());
    return found.records.front();
}

/// A gateway row with these properties.
std::string gatewayRow(nlohmann::json properties) {
    return nlohmann::json{{"category", "GatewayLogs"}, {"correlationId", "c"}, {"properties", std::move(properties)}}
        .dump();
}

const std::string kChatUrl = "https://apimx.azure-api.net/openai/deployments/gpt-4o/chat/completions";
constexpr const char* kAnswer =
    R"({"id":"chatcmpl-9","object":"chat.completion","model":"gpt-4o-2024-11-20","choices":[{"index":0,"finish_reason":)"
    R"("stop","message":{"role":"assistant","content":"Hi"}}],"usage":{"prompt_tokens":14,"completion_tokens":8,)"
    R"("total_tokens":22}})";

/// As cells of a table, quoted.
std::string cell(std::string text) {
    for (std::size_t at = 0; (at = text.find('"', at)) != std::string::npos; at += 2) text.insert(at, 1, '"');
    return '"' + text + '"';
}

} // namespace

class GatewaylogAzureTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsGatewayRow();
    void readsGatewayTable();
    void readsRefusal();
    void readsOldSpellings();
    void claimsNothingThatIsNotLogged();
    void tellsWhatTheBackendSaid();
    void readsBodies();
    void readsStreams();
    void neverReadsCutBodiesAsWhole_data();
    void neverReadsCutBodiesAsWhole();
    void readsModelRows();
    void readsRowsOfAQuery();
    void readsMetrics();
    void readsTrace();
    void readsTraceOfAnError();
    void readsRequests();
    void readsApplicationGateway();
    void readsFrontDoor();
    void readsFirewall();
    void readsOpenAi();
    void readsOtherGatewayRows();
    void saysWhenTheZoneIsUnknown();
    void eachPrefixIsRead_data();
    void eachPrefixIsRead();
    void anySplitGivesTheSame_data() { eachPrefixIsRead_data(); }
    void anySplitGivesTheSame();
    void readsTheCorpus_data();
    void readsTheCorpus();
    void readsTheGatewayLogOfTheCorpus();
};

void GatewaylogAzureTest::readsGatewayRow() {
    const Found found = readLog(sample("gw-export"));
    QCOMPARE(found.title, std::string("API Management gateway log"));
    const LogRecord& record = only(found);
    QCOMPARE(record.format, std::string_view("apim-gateway"));
    const http::Exchange& http = record.http;
    QCOMPARE(http.request.method, std::string("POST"));
    QCOMPARE(http.request.target, kChatUrl + "?api-version=2025-03-01-preview");
    QVERIFY(http.request.version == http::Version::Http11 && record.facts.versionKnown);
    QCOMPARE(http.response.status, 200);
    QVERIFY(http.requestTrace.seen && http.responseTrace.seen);
    QVERIFY(!http.requestTrace.complete && !http.responseTrace.complete);
    QCOMPARE(http.requestTrace.firstByte, kBegin + 123'456'700);
    QCOMPARE(http.responseTrace.lastByte, kBegin + 123'456'700 + 1480 * kMs);
    QCOMPARE(http.requestTrace.lastByte, kNoTime);
    QCOMPARE(http.responseTrace.firstByte, kNoTime);
    QCOMPARE(http.request.headers.size(), std::size_t{7});
    QCOMPARE(header(http.request.headers, "X-Forwarded-For"), std::string("100.64.9.87, 10.0.9.213:10095"));
    QCOMPARE(header(http.response.headers, "x-apim-remaining-token"), std::string("9310"));
    QVERIFY(!http.response.headers.find("x-ms-region")); // of the backend's answer
    // The address is that of the peer; only a CLIENT-IP header would know its port.
    QCOMPARE(record.client.address, *IpAddress::parse("10.0.9.213"));
    QCOMPARE(record.client.port, std::uint16_t{0});
    QVERIFY(record.server == Endpoint{});
    QCOMPARE(record.tls, std::string("1.3"));
    QCOMPARE(record.facts.correlationId, kCall);
    QCOMPARE(record.facts.traceId, std::string("62ff160923b2c1724242c037be40e7cb"));
    QCOMPARE(record.facts.spanId, std::string("4f1b402461a00000"));
    QCOMPARE(record.facts.backend, std::string("fdry1.openai.azure.com"));
    QCOMPARE(record.facts.backendNs, std::optional<std::int64_t>(1391 * kMs));
    QCOMPARE(record.facts.receivedBytes, std::optional<std::uint64_t>(474));
    QCOMPARE(record.facts.sentBytes, std::optional<std::uint64_t>(2310));
    QVERIFY(!record.facts.bodySizesKnown);
    QCOMPARE(record.facts.line, std::uint64_t{1});
    const llm::CallFacts& call = record.call;
    QCOMPARE(call.api, std::string("openai.chat"));
    QCOMPARE(call.identity.project, std::string("sampleproject1"));
    QCOMPARE(call.identity.projectId, std::string("455cbebf-0000-4000-8000-000000000000"));
    QCOMPARE(call.identity.agent, std::string("demo-agent"));
    QCOMPARE(call.identity.agentVersion, std::string("5"));
    QCOMPARE(call.identity.connection, std::string("conn1"));
    QCOMPARE(call.model, std::string("gpt-4o"));
    QCOMPARE(call.deployment, std::string("gpt-4o"));
    QVERIFY(call.usage.total == 690 && !call.usage.input && call.usage.source == llm::TokenSource::Gateway);
    QVERIFY(call.limit.remainingTokens == 9310);
    QVERIFY(http.findings.empty() && found.findings.empty());
}

void GatewaylogAzureTest::readsGatewayTable() {
    // The same row as the table of Log Analytics has it, as a list, as CSV and as the answer of a query.
    const auto logged = sampleValue("gw-export");
    const auto& properties = logged.at("properties");
    nlohmann::json row{{"TimeGenerated", "2026-01-15T10:00:00.1234567Z"},
                       {"CallerIpAddress", "10.0.9.213"},
                       {"CorrelationId", kCall},
                       {"Type", "ApiManagementGatewayLogs"},
                       {"TotalTime", 1480},
                       {"Method", "POST"},
                       {"Url", properties.at("url")},
                       {"ClientProtocol", "HTTP/1.1"},
                       {"ClientTlsVersion", "1.3"},
                       {"ResponseCode", 200},
                       {"BackendUrl", properties.at("backendUrl")},
                       {"BackendTime", 1391},
                       {"RequestSize", 474},
                       {"ResponseSize", 2310},
                       {"RequestHeaders", properties.at("requestHeaders")},
                       {"ResponseHeaders", properties.at("responseHeaders")}};
    const auto shown = [](const Found& found) {
        QString text = QString::fromStdString(described(only(found)));
        return text.mid(text.indexOf("POST")); // not the line
    };
    const QString expected = shown(readLog(sample("gw-export")));
    QCOMPARE(shown(readLog(nlohmann::json::array({row}).dump(2))), expected);
    QCOMPARE(shown(readLog("[" + row.dump() + "]")), expected);
    row["RequestHeaders"] = row.at("RequestHeaders").dump(); // dynamic columns are JSON as text in CSV and answers
    row["ResponseHeaders"] = row.at("ResponseHeaders").dump();
    QCOMPARE(shown(readLog(row.dump())), expected);
    std::string names;
    std::string cells;
    nlohmann::json table{{"name", "PrimaryResult"}, {"columns", nlohmann::json::array()}};
    nlohmann::json values = nlohmann::json::array();
    for (const auto& [name, value] : row.items()) {
        names += (names.empty() ? "" : ",") + name;
        cells += (cells.empty() ? "" : ",") + cell(value.is_string() ? value.get<std::string>() : value.dump());
        table["columns"].push_back({{"name", name}, {"type", "string"}});
        values.push_back(value);
    }
    QCOMPARE(shown(readLog(names + "\n" + cells + "\n")), expected);
    table["rows"] = nlohmann::json::array({values});
    QCOMPARE(shown(readLog(nlohmann::json{{"tables", nlohmann::json::array({table})}}.dump())), expected);
    QCOMPARE(shown(readLog(nlohmann::json{{"tables", nlohmann::json::array({table})}}.dump(2))), expected);
}

void GatewaylogAzureTest::readsRefusal() {
    const Found found = readLog(sample("gw-429"));
    const LogRecord& record = only(found);
    QCOMPARE(record.http.response.status, 429);
    QCOMPARE(record.call.errorCode, std::string("OpenAITokenLimitExceeded"));
    QCOMPARE(record.call.limit.origin, std::string_view("apim-token-rate"));
    QCOMPARE(record.call.limit.retryAfterNs, std::optional<std::int64_t>(41'000 * kMs));
    QVERIFY(record.facts.backend.empty() && !record.facts.backendNs && !record.facts.receivedBytes);
    QVERIFY(record.http.responseTrace.lastByte == kNoTime); // no duration
    QVERIFY(!record.facts.versionKnown && record.tls.empty());
    // As columns of the table, and in the wait that only the message knows.
    const Found table = readLog(
        "CorrelationId,ResponseCode,Method,Url,LastErrorSource,LastErrorReason,LastErrorMessage\n"
        "c,429,POST,https://apimx.azure-api.net/openai/v1/chat/completions,llm-token-limit,OpenAITokenLimitExceeded,"
        "Token limit is exceeded. Try again in 7 seconds.\n");
    QCOMPARE(only(table).call.errorCode, std::string("OpenAITokenLimitExceeded"));
    QCOMPARE(only(table).call.limit.origin, std::string_view("apim-token-rate"));
    QCOMPARE(only(table).call.limit.retryAfterNs, std::optional<std::int64_t>(7'000 * kMs));
}

void GatewaylogAzureTest::readsOldSpellings() {
    // Properties as text, names in other cases, headers as lists, numbers as text.
    nlohmann::json properties{
        {"Method", "GET"},
        {"URL", "http://gw.example/openai/models"},
        {"ResponseCode", "404"},
        {"requestheaders", nlohmann::json{{"Accept", {"a", "b"}}, {"X-Ms-Foundry-Agent-Id", "x:2"}}}};
    const auto text = nlohmann::json{{"Category", "gatewaylogs"},
                                     {"TIME", "2026-01-15T10:00:00Z"},
                                     {"DurationMs", "12"},
                                     {"Properties", properties.dump()}}
                          .dump();
    const Found found = readLog(text);
    const LogRecord& record = only(found);
    QCOMPARE(record.http.response.status, 404);
    QCOMPARE(record.http.request.target, std::string("http://gw.example/openai/models"));
    QCOMPARE(header(record.http.request.headers, "accept"), std::string("a, b"));
    QCOMPARE(record.call.identity.agent, std::string("x"));
    QCOMPARE(record.http.responseTrace.lastByte, kBegin + 12 * kMs);
}

void GatewaylogAzureTest::claimsNothingThatIsNotLogged() {
    const Found found =
        readLog(R"({"category":"GatewayLogs","properties":{"responseCode":0,"requestSize":-1,"backendTime":null}})");
    const LogRecord& record = only(found);
    QVERIFY(!record.http.requestTrace.seen && !record.http.responseTrace.seen);
    QCOMPARE(record.http.response.status, 0);
    QCOMPARE(record.http.requestTrace.firstByte, kNoTime);
    QVERIFY(record.client == Endpoint{} && record.facts.correlationId.empty());
    QVERIFY(!record.facts.receivedBytes && !record.facts.sentBytes && !record.facts.backendNs);
    QVERIFY(record.call.usage.source == llm::TokenSource::Missing && !record.call.usage.total);
    // A model call whose headers were not logged is told apart from one whose caller sent none.
    const Found call = readLog(gatewayRow({{"method", "POST"}, {"url", kChatUrl}, {"responseCode", 200}}));
    QVERIFY(has(only(call).http.findings, "log.header-not-logged"));
    const Found other = readLog(gatewayRow({{"method", "GET"}, {"url", "https://x/health"}, {"responseCode", 200}}));
    QVERIFY(only(other).http.findings.empty());
}

void GatewaylogAzureTest::tellsWhatTheBackendSaid() {
    const Found found = readLog(gatewayRow(
        {{"method", "POST"},
         {"url", kChatUrl},
         {"responseCode", 200},
         {"requestHeaders", {{"CLIENT-IP", "10.0.9.213:10095"}, {"x-appgw-trace-id", "592d"}}},
         {"backendRequestHeaders", {{"traceparent", "00-62ff160923b2c1724242c037be40e7cb-4f1b402461a00000-01"}}},
         {"backendResponseHeaders", {{"x-ratelimit-remaining-tokens", "77"}, {"x-ms-served-model", "gpt-4o-mini"}}},
         {"backendId", "pool-member-2"}}));
    const LogRecord& record = only(found);
    QCOMPARE(record.client.toString(), std::string("10.0.9.213:10095"));
    QCOMPARE(record.facts.transactionId, std::string("592d"));
    QCOMPARE(record.facts.backend, std::string("pool-member-2"));
    QCOMPARE(record.facts.traceId, std::string("62ff160923b2c1724242c037be40e7cb"));
    QVERIFY(record.facts.spanId.empty()); // that span is the gateway's own
    QVERIFY(record.call.limit.remainingTokens == 77);
    QCOMPARE(record.call.servedModel, std::string("gpt-4o-mini"));
    QCOMPARE(record.http.response.headers.size(), std::size_t{0});
}

void GatewaylogAzureTest::readsBodies() {
    // The headers say how the body was sent, not how the log holds it.
    const Found found =
        readLog(gatewayRow({{"method", "POST"},
                            {"url", kChatUrl},
                            {"responseCode", 200},
                            {"responseHeaders", {{"Content-Encoding", "gzip"}, {"Content-Type", "application/json"}}},
                            {"requestBody", R"({"model":"gpt-4o","messages":[{"role":"user","content":"abc"}]})"},
                            {"responseBody", kAnswer}}));
    const LogRecord& record = only(found);
    const llm::CallFacts& call = record.call;
    QVERIFY(call.usage.input == 14 && call.usage.output == 8 && call.usage.total == 22);
    QVERIFY(call.usage.source == llm::TokenSource::Reported);
    QCOMPARE(call.finishReason, std::string("stop"));
    QCOMPARE(call.responseId, std::string("chatcmpl-9"));
    QCOMPARE(call.servedModel, std::string("gpt-4o-2024-11-20"));
    QVERIFY(call.promptBytes == 3 && call.contentBytes == 2);
    QVERIFY(call.findings.empty());
    QCOMPARE(header(record.http.response.headers, "content-encoding"), std::string("gzip"));
}

void GatewaylogAzureTest::readsStreams() {
    const std::string events =
        "data: {\"id\":\"chatcmpl-9\",\"model\":\"gpt-4o\",\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":14,\"completion_tokens\":8,\"total_tokens\":22}}";
    const auto row = [](const std::string& body) {
        return gatewayRow({{"method", "POST"}, {"url", kChatUrl}, {"responseCode", 200}, {"responseBody", body}});
    };
    const Found found = readLog(row(events + "\n\ndata: [DONE]\n"));
    QVERIFY(only(found).call.stream && only(found).call.usage.total == 22);
    QCOMPARE(only(found).call.streamEvents, 3U);
    QVERIFY(only(found).call.contentBytes == 2);
    QCOMPARE(only(found).call.firstToken, kNoTime); // no log of this kind knows it
    QVERIFY(only(found).http.response.headers.size() == 0);
    // Without the blank line behind the last event.
    const Found trimmed = readLog(row(events));
    QVERIFY(only(trimmed).call.usage.total == 22);
    // Cut inside an event.
    const Found cut = readLog(row(events.substr(0, events.size() - 20)));
    QVERIFY(!only(cut).call.usage.total && !only(cut).call.contentBytes);
    QVERIFY(has(only(cut).http.findings, "log.truncated"));
    QVERIFY(!has(only(cut).call.findings, "usage.missing-stream-usage"));
}

void GatewaylogAzureTest::neverReadsCutBodiesAsWhole_data() {
    QTest::addColumn<std::string>("body");
    QTest::addColumn<bool>("cut");
    QTest::addColumn<bool>("hasUsage");
    const auto padded = [](std::size_t size) {
        std::string body = kAnswer;
        body.insert(body.find("Hi"), size - body.size(), 'x');
        return body;
    };
    QTest::newRow("under the cap") << padded(8191) << false << true;
    QTest::newRow("at the cap") << padded(8192) << true << true; // a whole member counts
    QTest::newRow("at the cap, cut") << padded(9000).substr(0, 8192) << true << false;
    QTest::newRow("a cut character became longer") << padded(9000).substr(0, 8194) << true << false;
    QTest::newRow("another setting") << padded(100'000) << false << true;
    QTest::newRow("another setting, cut") << padded(100'000).substr(0, 65'536) << true << false;
    QTest::newRow("a lower setting") << padded(3'000).substr(0, 1'024) << true << false;
}

void GatewaylogAzureTest::neverReadsCutBodiesAsWhole() {
    QFETCH(std::string, body);
    QFETCH(bool, cut);
    QFETCH(bool, hasUsage);
    const Found found = readLog(gatewayRow({{"method", "POST"},
                                            {"url", kChatUrl},
                                            {"responseCode", 200},
                                            {"requestHeaders", {{"openai-project", "p"}}},
                                            {"responseBody", body}}));
    const LogRecord& record = only(found);
    QCOMPARE(has(record.http.findings, "log.truncated"), cut);
    QCOMPARE(record.call.usage.total.has_value(), hasUsage);
    QCOMPARE(record.call.contentBytes.has_value(), !cut);
    QCOMPARE(record.call.servedModel, std::string("gpt-4o-2024-11-20")); // at the beginning
}

void GatewaylogAzureTest::readsModelRows() {
    const Found found =
        readLog(sample("llm-header-row") + "\n" + sample("llm-chunk-1") + "\n" + sample("llm-table-row") + "\n");
    QCOMPARE(found.title, std::string("API Management log of model calls"));
    QVERIFY(found.records.empty() && found.findings.empty());
    QCOMPARE(found.parts.size(), std::size_t{3});
    const LlmPart& head = found.parts[0];
    QCOMPARE(head.time, kBegin + 200 * kMs);
    QCOMPARE(head.correlationId, kCall);
    QCOMPARE(head.requestId, std::string("chatcmpl-1"));
    QCOMPARE(head.model, std::string("gpt-4o-2024-11-20"));
    QCOMPARE(head.deployment, std::string("gpt-4o"));
    QVERIFY(head.promptTokens == 640 && head.completionTokens == 50 && head.totalTokens == 690);
    QVERIFY(head.cachedTokens == 512 && head.stream == true && head.sequence == 0);
    const LlmPart& piece = found.parts[1];
    QCOMPARE(piece.line, std::uint64_t{2});
    QCOMPARE(piece.sequence, std::int64_t{1});
    QCOMPARE(piece.requestMessages, std::string(R"([{"role":"user","content":"first ha)"));
    QVERIFY(piece.time == kNoTime && !piece.stream && !piece.totalTokens && piece.deployment.empty());
    const LlmPart& row = found.parts[2];
    QVERIFY(row.deployment == head.deployment && row.totalTokens == 690 && !row.cachedTokens);
    // Messages as values and not as text.
    const Found values =
        readLog(R"({"Type":"ApiManagementGatewayLlmLog","CorrelationId":"c","SequenceNumber":1,)"
                R"("RequestMessages":[{"role":"user","content":"a\"\n\u00e9","n":[1,2.5,true,null]}]})");
    QCOMPARE(values.parts.size(), std::size_t{1});
    QVERIFY(nlohmann::json::parse(values.parts[0].requestMessages) ==
            nlohmann::json::parse(R"([{"role":"user","content":"a\"\n\u00e9","n":[1,2.5,true,null]}])"));
}

void GatewaylogAzureTest::readsRowsOfAQuery() {
    const Found found = readLog(sample("la-api"));
    QCOMPARE(found.title, std::string("answer of a Log Analytics query"));
    QCOMPARE(found.parts.size(), std::size_t{1});
    QCOMPARE(found.parts[0].correlationId, kCall);
    QVERIFY(found.parts[0].totalTokens == 690 && !found.parts[0].promptTokens);
}

void GatewaylogAzureTest::readsMetrics() {
    const Found found = readLog(sample("appmetrics"));
    QCOMPARE(found.metrics.size(), std::size_t{1});
    const LogMetric& metric = found.metrics.front();
    QCOMPARE(metric.format, std::string_view("app-metrics"));
    QCOMPARE(metric.name, std::string("Total Tokens"));
    QCOMPARE(metric.sum, 690.0);
    QCOMPARE(metric.items, std::int64_t{1});
    QCOMPARE(metric.time, kBegin + 1000 * kMs);
    const std::vector<std::pair<std::string, std::string>> expected{
        {"model", "gpt-4o"},
        {"client_ip", "10.0.9.213"},
        {"agentId", "demo-agent:5"},
        {"projectId", "455cbebf-0000-4000-8000-000000000000"}};
    QCOMPARE(metric.dimensions, expected);
    // The classic table, as CSV.
    const Found classic =
        readLog("timestamp,name,value,valueCount,valueSum,customDimensions\n"
                "2026-01-15T10:00:01Z,Prompt Tokens,640,2,640,\"{\"\"model\"\":\"\"gpt-4o\"\",\"\"n\"\":1}\"\n");
    QCOMPARE(classic.metrics.size(), std::size_t{1});
    QVERIFY(classic.metrics[0].sum == 640.0 && classic.metrics[0].items == 2 && classic.metrics[0].line == 2);
    QCOMPARE(classic.metrics[0].dimensions.size(), std::size_t{2});
    QCOMPARE(classic.metrics[0].dimensions[1].second, std::string("1"));
}

void GatewaylogAzureTest::readsTrace() {
    const Found found = readLog(sampleValue("apim-trace").dump(2));
    const LogRecord& record = only(found);
    QCOMPARE(record.format, std::string_view("apim-trace"));
    QCOMPARE(record.http.request.method, std::string("POST"));
    QCOMPARE(record.http.request.target, std::string("https://apimx.azure-api.net/openai/v1/chat/completions"));
    QCOMPARE(header(record.http.request.headers, "ocp-apim-subscription-key"), std::string("***"));
    // The first entry stands 21.6474 ms behind the begin; the last one at 30 ms.
    QCOMPARE(record.http.requestTrace.firstByte, kBegin + 123'456'700 - 21'647'400);
    QCOMPARE(record.http.responseTrace.lastByte, kBegin + 123'456'700 - 21'647'400 + 30 * kMs);
    QVERIFY(!record.http.responseTrace.seen);
    QCOMPARE(record.call.api, std::string("openai.chat"));
}

void GatewaylogAzureTest::readsTraceOfAnError() {
    const char* const backend =
        R"({"traceId":"1","traceEntries":{"inbound":[{"data":{"request":{"method":"GET","url":"https://a/b","headers":[]}}}],)"
        R"("backend":[{"source":"forward-request","data":{"request":{"method":"GET","url":"https://back.example/b"}}},)"
        R"({"source":"forward-request","data":{"response":{"status":{"code":503,"reason":"Busy"},"headers":[{"name":"x","value":"y"}]}}}],)"
        R"("outbound":[%1],"on-error":[%2]}})";
    const auto read = [&](const char* outbound, const char* error) {
        return readLog(QString::fromLatin1(backend).arg(QLatin1String(outbound), QLatin1String(error)).toStdString());
    };
    // What was copied to the caller is known, what was not is not.
    const Found copied = read(R"({"source":"transfer-response","data":{"message":"copied"}})", "");
    QCOMPARE(only(copied).http.response.status, 503);
    QCOMPARE(only(copied).facts.backend, std::string("back.example"));
    QCOMPARE(header(only(copied).http.response.headers, "x"), std::string("y"));
    QVERIFY(!only(read("", "")).http.responseTrace.seen);
    const Found failed =
        read("", R"({"source":"x","data":{"reason":"BackendBusy","response":{"status":{"code":500}}}})");
    QCOMPARE(only(failed).http.response.status, 500);
    QCOMPARE(only(failed).call.errorCode, std::string("BackendBusy"));
}

void GatewaylogAzureTest::readsRequests() {
    const Found workspace = readLog(
        R"({"time":"2026-01-15T10:00:00Z","Type":"AppRequests","Id":"4f1b402461a00000","OperationId":)"
        R"("62ff160923b2c1724242c037be40e7cb","Name":"POST /openai/v1/chat/completions","Url":)"
        R"("https://apimx.azure-api.net/openai/v1/chat/completions","ResultCode":"200","DurationMs":1480.25,"ClientIP":"0.0.0.0",)"
        R"("Properties":{"Request Id":"c-1","Request-openai-project":"alpha","Response-x-ms-region":"East US 2",)"
        R"("Request-Body":"{\"model\":\"gpt-4o\",\"messages\":[]}","Service Type":"API Management"}})");
    const LogRecord& record = only(workspace);
    QCOMPARE(record.format, std::string_view("app-insights"));
    QCOMPARE(record.http.request.method, std::string("POST"));
    QCOMPARE(record.http.response.status, 200);
    QCOMPARE(record.http.responseTrace.lastByte - record.http.requestTrace.firstByte, TimeNs{1'480'250'000});
    QCOMPARE(record.facts.traceId, std::string("62ff160923b2c1724242c037be40e7cb"));
    QCOMPARE(record.facts.spanId, std::string("4f1b402461a00000"));
    QCOMPARE(record.facts.correlationId, std::string("c-1"));
    QCOMPARE(record.call.identity.project, std::string("alpha"));
    QCOMPARE(record.call.requestedModel, std::string("gpt-4o"));
    QCOMPARE(header(record.http.response.headers, "x-ms-region"), std::string("East US 2"));
    QVERIFY(record.client == Endpoint{}); // zeros stand for an address that was taken out
    const Found classic = readLog("timestamp,id,name,url,resultCode,duration,operation_Id,client_IP,customDimensions\n"
                                  "2026-01-15T10:00:00Z,abc,Chat,https://a.example/x,500,12.5,op,10.1.2.3,{}\n");
    QCOMPARE(only(classic).http.response.status, 500);
    QCOMPARE(only(classic).client.toString(), std::string("10.1.2.3:0"));
    QVERIFY(only(classic).http.request.method.empty() && only(classic).facts.traceId.empty());
}

void GatewaylogAzureTest::readsApplicationGateway() {
    const Found found = readLog(sample("appgw"));
    const LogRecord& record = only(found);
    QCOMPARE(record.format, std::string_view("app-gateway"));
    QCOMPARE(record.client.toString(), std::string("100.64.9.87:45057"));
    QCOMPARE(record.http.request.target, std::string("/openai/v1/responses"));
    QCOMPARE(header(record.http.request.headers, "host"), std::string("apimx.azure-api.net"));
    QCOMPARE(record.http.requestTrace.firstByte, kBegin);
    QCOMPARE(record.http.responseTrace.lastByte, kBegin + 1520 * kMs);
    QCOMPARE(record.facts.transactionId, std::string("592d1649f75a8d480a3c4dc6a975309d"));
    QCOMPARE(record.facts.backend, std::string("10.1.2.4:443"));
    QCOMPARE(record.facts.backendNs, std::optional<std::int64_t>(1480 * kMs));
    QVERIFY(record.tls.empty() && record.scheme.empty() && !record.facts.receivedBytes);
    QCOMPARE(record.call.api, std::string("openai.responses"));
    // The first generation counts in milliseconds.
    const Found first = readLog(
        R"({"category":"ApplicationGatewayAccessLog","time":"2026-01-15T10:00:00Z","properties":{"instanceId":)"
        R"("ApplicationGatewayRole_IN_0","clientIP":"1.2.3.4","clientPort":7,"httpMethod":"GET","requestUri":"/a","requestQuery":)"
        R"("b=1","httpStatus":200,"httpVersion":"HTTP/1.1","receivedBytes":65,"sentBytes":553,"timeTaken":205,"sslEnabled":"off",)"
        R"("originalHost":"seen.example","host":"10.0.0.4"}})");
    QCOMPARE(only(first).http.responseTrace.lastByte, kBegin + 205 * kMs);
    QCOMPARE(only(first).http.request.target, std::string("/a?b=1"));
    QCOMPARE(header(only(first).http.request.headers, "host"), std::string("seen.example"));
    QVERIFY(only(first).tls == "none" && only(first).scheme == "http" && only(first).facts.receivedBytes == 65U);
}

void GatewaylogAzureTest::readsFrontDoor() {
    const Found found = readLog(
        R"({"category":"FrontDoorAccessLog","time":"2026-01-15T10:00:00Z","properties":{"trackingReference":"0abc","httpMethod":)"
        R"("POST","httpVersion":"2.0.0.0","requestUri":"https://ai.example:443/openai/v1/responses","requestBytes":"2545",)"
        R"("responseBytes":"1205","clientIp":"203.0.113.9","clientPort":"50382","socketIp":"203.0.113.9","timeTaken":"0.384",)"
        R"("timeToFirstByte":"0.380","securityProtocol":"TLS 1.2","requestProtocol":"HTTPS","httpStatusCode":"200",)"
        R"("originName":"apimx.azure-api.net:443","errorInfo":"NoError","userAgent":"x"}})");
    const LogRecord& record = only(found);
    QCOMPARE(record.format, std::string_view("front-door"));
    QCOMPARE(record.client.toString(), std::string("203.0.113.9:50382"));
    QVERIFY(record.http.request.version == http::Version::H2 && record.facts.versionKnown);
    QCOMPARE(record.http.responseTrace.firstByte, kBegin + 380 * kMs);
    QCOMPARE(record.http.responseTrace.lastByte, kBegin + 384 * kMs);
    QCOMPARE(record.tls, std::string("1.2"));
    QCOMPARE(record.scheme, std::string("https"));
    QCOMPARE(record.facts.backend, std::string("apimx.azure-api.net:443"));
    QCOMPARE(header(record.http.response.headers, "x-azure-ref"), std::string("0abc"));
    QVERIFY(record.call.errorCode.empty() && record.facts.sentBytes == 1205U);
    // Behind a proxy: the peer is the proxy, whose port is not logged.
    const Found proxied =
        readLog(R"({"category":"FrontdoorAccessLog","properties":{"clientIp":"203.0.113.9","clientPort":"1",)"
                R"("socketIp":"198.51.100.1","errorInfo":"OriginTimeout"}})");
    QCOMPARE(only(proxied).client.toString(), std::string("198.51.100.1:0"));
    QCOMPARE(only(proxied).call.errorCode, std::string("OriginTimeout"));
}

void GatewaylogAzureTest::readsFirewall() {
    const Found found = readLog(sample("azfw"));
    QCOMPARE(found.flows.size(), std::size_t{1});
    const LogFlow& flow = found.flows.front();
    QCOMPARE(flow.format, std::string_view("azure-firewall"));
    QCOMPARE(flow.time, kBegin);
    QCOMPARE(flow.source.toString(), std::string("10.0.9.213:10095"));
    QCOMPARE(flow.destination.toString(), std::string("10.0.20.5:443"));
    QCOMPARE(flow.action, std::string("Allow"));
    QVERIFY(flow.host.empty());
    const Found named =
        readLog(R"({"category":"AZFWApplicationRule","time":"2026-01-15T10:00:00Z","properties":{"SourceIp":)"
                R"("10.0.9.213","SourcePort":5,"DestinationPort":443,"Fqdn":"a.example","Action":"Deny"}})");
    QCOMPARE(named.flows.size(), std::size_t{1});
    QCOMPARE(named.flows[0].host, std::string("a.example"));
    QVERIFY(named.flows[0].destination == Endpoint{} && named.flows[0].action == "Deny");
}

void GatewaylogAzureTest::readsOpenAi() {
    const Found found = readLog(sample("aoai-diag"));
    const LogRecord& record = only(found);
    QCOMPARE(record.format, std::string_view("azure-openai"));
    QCOMPARE(record.http.response.status, 200);
    QCOMPARE(record.http.requestTrace.firstByte, kBegin);
    QCOMPARE(record.http.responseTrace.lastByte, kBegin + 1370 * kMs);
    QCOMPARE(record.call.api, std::string("openai.chat"));
    QCOMPARE(record.call.deployment, std::string("gpt-4o"));
    QCOMPARE(record.call.model, std::string("gpt-4o"));
    QCOMPARE(record.call.servedModel, std::string("gpt-4o-2024-11-20"));
    QCOMPARE(record.facts.correlationId, std::string("97431f0d-859c-48db-bc01-9b5f6df8ea3d"));
    QVERIFY(record.client == Endpoint{}); // a part of it is masked
    QVERIFY(!record.http.requestTrace.seen && !record.facts.bodySizesKnown);
    QVERIFY(record.call.usage.source == llm::TokenSource::Missing);
}

void GatewaylogAzureTest::readsOtherGatewayRows() {
    const Found found = readLog(
        R"({"category":"GatewayMCPLogs","correlationId":"m","time":"2026-01-15T10:00:00Z","properties":{"serverName":"tools","errorType":"X"}})"
        "\n"
        R"({"Type":"ApiManagementWebSocketConnectionLogs","CorrelationId":"w","TimeGenerated":"2026-01-15T10:00:00Z","EventName":"Opened"})"
        "\n");
    QCOMPARE(found.records.size(), std::size_t{2});
    QCOMPARE(found.records[0].format, std::string_view("apim-mcp"));
    QCOMPARE(found.records[0].facts.correlationId, std::string("m"));
    QCOMPARE(found.records[0].facts.backend, std::string("tools"));
    QCOMPARE(found.records[0].call.errorCode, std::string("X"));
    QCOMPARE(found.records[1].format, std::string_view("apim-websocket"));
    QVERIFY(found.records[1].facts.versionKnown && found.records[1].call.api.empty());
}

void GatewaylogAzureTest::saysWhenTheZoneIsUnknown() {
    const auto table = [](const std::string& name) {
        return readLog(name + ",CorrelationId,ResponseCode\n\"1/15/2026, 10:00:00.000 AM\",c,200\n");
    };
    const Found unknown = table("TimeGenerated");
    QCOMPARE(only(unknown).http.requestTrace.firstByte, kBegin);
    QVERIFY(has(only(unknown).http.findings, "log.time-zone-unknown"));
    QVERIFY(has(only(table("\"TimeGenerated [Local Time]\"")).http.findings, "log.time-zone-unknown"));
    const Found known = table("\"TimeGenerated [UTC]\"");
    QCOMPARE(only(known).http.requestTrace.firstByte, kBegin);
    QVERIFY(only(known).http.findings.empty());
}

void GatewaylogAzureTest::eachPrefixIsRead_data() {
    QTest::addColumn<std::string>("text");
    for (const char* id : {"gw-export", "gw-429", "llm-header-row", "llm-table-row", "appmetrics", "la-api",
                           "apim-trace", "appgw", "azfw", "aoai-diag"}) {
        QTest::newRow(id) << sample(id) + "\n" + sample(id);
        QTest::addRow("%s, spread over lines", id) << sampleValue(id).dump(2);
    }
}

void GatewaylogAzureTest::eachPrefixIsRead() {
    QFETCH(std::string, text);
    for (std::size_t length = 0; length < text.size(); ++length) readLog(text.substr(0, length)); // no crash, no hang
}

void GatewaylogAzureTest::anySplitGivesTheSame() {
    QFETCH(std::string, text);
    const std::string whole = described(readLog(text));
    QCOMPARE(described(readLog(text, [] { return 1; })), whole);
    std::mt19937 random(3);
    const auto next = [&] { return std::uniform_int_distribution<std::size_t>(1, 200)(random); };
    QCOMPARE(described(readLog(text, next)), whole);
}

void GatewaylogAzureTest::readsTheCorpus_data() {
    QTest::addColumn<std::string>("format");
    QTest::newRow("test-ai-foundry-gateway.log") << std::string("apim-gateway");
    QTest::newRow("test-ai-foundry-request-response.log") << std::string("azure-openai");
    QTest::newRow("test-fdaccess.log") << std::string("front-door");
}

void GatewaylogAzureTest::readsTheCorpus() {
    const auto folder = sharedFolder();
    if (folder.empty()) QSKIP("no shared folder");
    QFETCH(std::string, format);
    const std::string text = fileText(folder / "corpus/elastic-integrations" / QTest::currentDataTag());
    // Counted by another parser: one object a line.
    std::size_t objects = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        objects += nlohmann::json::accept(text.substr(at, end - at)) ? 1 : 0;
        at = end + 1;
    }
    const Found found = readLog(text);
    QVERIFY(objects != 0);
    QCOMPARE(found.records.size(), objects);
    QVERIFY(found.findings.empty());
    for (const LogRecord& record : found.records) QCOMPARE(record.format, std::string_view(format));
    const std::string whole = described(found);
    QCOMPARE(described(readLog(text, [] { return 777; })), whole);
}

void GatewaylogAzureTest::readsTheGatewayLogOfTheCorpus() {
    const auto folder = sharedFolder();
    if (folder.empty()) QSKIP("no shared folder");
    const Found found = readLog(fileText(folder / "corpus/elastic-integrations/test-ai-foundry-gateway.log"));
    const LogRecord& first = found.records.front();
    // Read off the file: the call of 2024-07-02 with 14 + 8 tokens.
    QCOMPARE(formatTime(first.http.requestTrace.firstByte), std::string("2024-07-02T06:31:31.446590200Z"));
    QVERIFY(first.call.usage.input == 14 && first.call.usage.output == 8 && first.call.usage.total == 22);
    QCOMPARE(first.call.deployment, std::string("gpt-chat-pilot"));
    QCOMPARE(first.call.servedModel, std::string("gpt-35-turbo"));
    QCOMPARE(first.call.responseId, std::string("chatcmpl-9gRL14hGa8nQstOJKvLjh7EyulsnT"));
    QCOMPARE(first.facts.backend, std::string("obs-aifoundry-test-01.aifoundry.azure.com"));
    QCOMPARE(first.client.toString(), std::string("89.160.20.156:0"));
    const LogRecord& refused = found.records[1];
    QCOMPARE(refused.http.response.status, 400);
    QCOMPARE(refused.call.errorCode, std::string("content_filter"));
}

QTEST_APPLESS_MAIN(GatewaylogAzureTest)
#include "gatewaylog_azure_test.moc"
