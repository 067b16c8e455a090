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
/// 2026-01-15T10:00:00.100Z, as `started_at` of the sample `kong` says it in milliseconds.
constexpr TimeNs kBegin = 1'768'471'200'100 * kMs;

std::string sample(const std::string& id) {
    static const auto kSamples =
        nlohmann::json::parse(fileText(GATESCOPE_SOURCE_DIR "/tests/unit/sample-records.json"));
    for (const auto& entry : kSamples.at("samples"))
        if (entry.at("id") == id) return entry.at("record").dump();
    return {};
}

const LogRecord& only(const Found& found) {
    if (found.records.size() != 1) qFatal("%zu records", found.records.size());
    return found.records.front();
}

const std::string kEnvoyLines =
    R"([2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http" )"
    R"("cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.1:80")"
    "\n"
    R"([2016-04-15T20:17:01.000Z] "POST /v1/chat/completions HTTP/1.1" 429 RL local_rate_limited - "-" 474 18 1 - )"
    R"("100.64.9.87" "curl" "-" "gw" "-" - - 10.0.0.7:8080 10.0.9.213:45057 gw -)"
    "\n";

const std::string kNginxLines =
    R"nginx(10.0.9.213 - - [15/Jan/2026:10:00:00 +0000] "POST /openai/v1/responses HTTP/1.1" 200 2310 "-" "agent \x22x\x22" "100.64.9.87")nginx"
    "\n"
    R"nginx(10.0.9.214 - bob [15/Jan/2026:12:00:00 +0200] "\x16\x03\x01" 400 150 "-" "-" "-")nginx"
    "\n";

const std::string kNginxJson =
    R"({"time_iso8601":"2026-01-15T10:00:02+00:00","msec":"1768471202.500","remote_addr":"10.0.9.213","remote_port":37382,)"
    R"("request":"POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21 HTTP/2.0","status":"200",)"
    R"("request_time":"1.500","upstream_response_time":"0.500, 0.900","upstream_addr":"10.0.11.5:8080, 10.0.11.6:8080",)"
    R"("request_length":"1558","bytes_sent":"11056","body_bytes_sent":"10500","ssl_protocol":"TLSv1.3",)"
    R"("http_host":"apim.example","http_x_ms_foundry_project_id":"p-1","http_x_ms_foundry_agent_id":"planner:5",)"
    R"("http_x_ms_foundry_model_id":"conn/gpt-4o","sent_http_x_ms_region":"East US 2","http_referer":"-",)"
    R"("http_traceparent":"00-83847e4bbcd75dd007db55fae454a055-30a55df8fb08ca51-01"})"
    "\n";

} // namespace

class GatewaylogGatewaysTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsLiteLlm();
    void readsLiteLlmTables();
    void readsLiteLlmFailures();
    void readsKong();
    void readsEnvoyAiGateway();
    void readsEnvoyFlags();
    void readsEnvoyText();
    void readsNginxText();
    void readsNginxJson();
    void readsNginxOwnNames();
    void tellsPlainFromUnknownTransport();
    void anySplitGivesTheSame_data();
    void anySplitGivesTheSame();
    void eachPrefixIsRead_data();
    void eachPrefixIsRead();
    void readsTheReplays_data();
    void readsTheReplays();
    void readsTheIstioLine();
};

void GatewaylogGatewaysTest::readsLiteLlm() {
    const Found found = readLog(sample("litellm"));
    const LogRecord& record = only(found);
    QCOMPARE(record.format, std::string_view("litellm"));
    QCOMPARE(record.http.requestTrace.firstByte, kBegin);
    QCOMPARE(record.http.responseTrace.lastByte, kBegin + 1400 * kMs);
    QCOMPARE(record.call.firstToken, kBegin + 500 * kMs);
    QVERIFY(record.call.stream);
    QCOMPARE(record.call.api, std::string("openai.chat"));
    QCOMPARE(record.call.model, std::string("gpt-4o"));
    QCOMPARE(record.call.requestedModel, std::string("gpt-4o"));
    QVERIFY(record.call.usage.input == 640 && record.call.usage.output == 50 && record.call.usage.total == 690);
    QVERIFY(record.call.usage.source == llm::TokenSource::Log);
    QCOMPARE(record.call.responseId, std::string("chatcmpl-1"));
    QCOMPARE(record.facts.backend, std::string("fdry1.openai.azure.com"));
    QVERIFY(record.call.errorCode.empty() && record.http.responseTrace.seen && record.http.response.status == 0);
    QVERIFY(record.client == Endpoint{} && !record.facts.bodySizesKnown && !record.facts.versionKnown);
}

void GatewaylogGatewaysTest::readsLiteLlmTables() {
    // A dump of the table: JSON in its cells, an answer that was stored, and an answer that came whole.
    const Found found = readLog(
        "request_id,call_type,spend,total_tokens,prompt_tokens,completion_tokens,startTime,endTime,completionStartTime,"
        "model,model_group,api_base,metadata,response,requester_ip_address,status\n"
        "id-1,aresponses,0.1,30,10,20,2026-01-15 10:00:00.100,2026-01-15 10:00:01.100,2026-01-15 10:00:01.100,"
        "azure/gpt-4.1,best,https://f.example:8443/openai,\"{\"\"requester_ip_address\"\": \"\"10.0.9.213\"\"}\","
        "\"{\"\"model\"\": \"\"gpt-4.1-2025-04-14\"\", \"\"choices\"\": [{\"\"finish_reason\"\": \"\"stop\"\"}]}\",,"
        "success\n");
    const LogRecord& record = only(found);
    QCOMPARE(record.call.api, std::string("openai.responses"));
    QCOMPARE(record.call.requestedModel, std::string("best"));
    QCOMPARE(record.call.servedModel, std::string("gpt-4.1-2025-04-14"));
    QCOMPARE(record.call.finishReason, std::string("stop"));
    QCOMPARE(record.client.toString(), Endpoint::parse("10.0.9.213")->toString());
    QCOMPARE(record.facts.backend, std::string("f.example:8443"));
    QVERIFY(!record.call.stream && record.call.firstToken == kNoTime);
    QCOMPARE(record.facts.line, std::uint64_t{2});
}

void GatewaylogGatewaysTest::readsLiteLlmFailures() {
    const Found found = readLog(
        R"({"standard_logging_object":{"id":"x","trace_id":"62ff160923b2c1724242c037be40e7cb","call_type":"acompletion",)"
        R"("response_cost":0.0,"status":"failure","startTime":1768471200.1,"endTime":1768471200.2,"model":"azure/gpt-4o",)"
        R"("error_information":{"error_code":"429","error_class":"RateLimitError"},"model_parameters":{"stream":true},)"
        R"("metadata":{"requester_ip_address":"10.0.9.213","requester_custom_headers":{"x-ms-foundry-agent-id":"planner:5",)"
        R"("openai-project":"alpha"}}}})");
    const LogRecord& record = only(found);
    QCOMPARE(record.http.response.status, 429);
    QCOMPARE(record.call.errorCode, std::string("RateLimitError"));
    QCOMPARE(record.call.identity.agent, std::string("planner"));
    QCOMPARE(record.call.identity.project, std::string("alpha"));
    QCOMPARE(record.facts.traceId, std::string("62ff160923b2c1724242c037be40e7cb"));
    QVERIFY(record.call.streamRequested && !record.call.usage.total);
    QVERIFY(std::llabs(record.http.requestTrace.firstByte - kBegin) < 1000); // a double holds 1768471200.1 so exactly
}

void GatewaylogGatewaysTest::readsKong() {
    const Found found = readLog(sample("kong"));
    const LogRecord& record = only(found);
    QCOMPARE(record.format, std::string_view("kong"));
    QCOMPARE(record.http.requestTrace.firstByte, kBegin);
    QCOMPARE(record.http.responseTrace.lastByte, kBegin + 1480 * kMs);
    QCOMPARE(record.call.firstToken, kBegin + 480 * kMs);
    QCOMPARE(record.http.request.method, std::string("POST"));
    QCOMPARE(record.http.request.target, std::string("/v1/chat/completions"));
    QCOMPARE(record.http.response.status, 200);
    QCOMPARE(record.call.api, std::string("openai.chat"));
    QCOMPARE(record.call.model, std::string("gpt-4o"));
    QCOMPARE(record.call.servedModel, std::string("gpt-4o-2024-11-20"));
    QVERIFY(record.call.usage.input == 640 && record.call.usage.output == 50 && record.call.usage.total == 690);
    QVERIFY(record.call.stream);
    QVERIFY(record.facts.backendNs == 1468 * kMs);
    QCOMPARE(record.facts.correlationId, std::string("83e5dc27"));
    QVERIFY(record.client.address == *IpAddress::parse("10.0.9.213") && record.client.port == 0);

    // The key under `ai` may be the name of the plugin, another plugin may stand before it, and content may be logged.
    const Found named = readLog(
        R"({"started_at":1768471200100,"request":{"method":"POST","uri":"/v1/chat/completions","headers":{"host":"k.example",)"
        R"("openai-project":"alpha"},"tls":{"version":"TLSv1.2"},"url":"https://k.example:8443/v1/chat/completions",)"
        R"("size":"474"},"response":{"status":200,"size":"2310"},"latencies":{"request":9,"proxy":8},)"
        R"("tries":[{"ip":"10.0.0.1","port":443},{"ip":"10.0.0.2","port":443}],"ai":{"ai-prompt-guard":{"meta":{}},)"
        R"("ai-proxy-advanced":{"meta":{"request_model":"m"},"usage":{"input_tokens":7,"output_tokens":2,)"
        R"("prompt_tokens_details":{"cached_tokens":3}},"payload":{"request":"{\"model\":\"m\",\"messages\":[]}",)"
        R"("response":"{\"id\":\"chatcmpl-9\",\"choices\":[{\"finish_reason\":\"stop\",\"message\":{}}]}"}}}})");
    const LogRecord& whole = only(named);
    QVERIFY(whole.call.usage.input == 7 && whole.call.usage.output == 2 && whole.call.usage.total == 9);
    QVERIFY(whole.call.usage.cached == 3);
    QCOMPARE(whole.call.responseId, std::string("chatcmpl-9"));
    QCOMPARE(whole.call.finishReason, std::string("stop"));
    QCOMPARE(whole.call.identity.project, std::string("alpha"));
    QCOMPARE(whole.facts.backend, std::string("10.0.0.2:443"));
    QCOMPARE(whole.tls, std::string("1.2"));
    QCOMPARE(whole.scheme, std::string("https"));
    QVERIFY(whole.facts.receivedBytes == 474 && whole.facts.sentBytes == 2310);
}

void GatewaylogGatewaysTest::readsEnvoyAiGateway() {
    const Found found = readLog(sample("envoy-ai"));
    const LogRecord& record = only(found);
    QCOMPARE(record.format, std::string_view("envoy-json"));
    QCOMPARE(record.http.requestTrace.firstByte, kBegin);
    QCOMPARE(record.http.responseTrace.lastByte, kBegin + 1480 * kMs);
    QVERIFY(record.facts.versionKnown && record.http.request.version == http::Version::H2);
    QCOMPARE(record.http.request.target, std::string("/v1/chat/completions"));
    QCOMPARE(record.http.response.status, 200);
    QCOMPARE(header(record.http.request.headers, "x-forwarded-for"), std::string("100.64.9.87"));
    QCOMPARE(header(record.http.request.headers, "x-request-id"), std::string("83b63da3-0000"));
    QCOMPARE(record.facts.backend, std::string("20.1.2.3:443"));
    QVERIFY(record.facts.backendNs == 1391 * kMs);
    QCOMPARE(record.call.api, std::string("openai.chat"));
    QCOMPARE(record.call.model, std::string("gpt-4o"));
    QVERIFY(record.call.usage.input == 640 && record.call.usage.output == 50 && record.call.usage.total == 690);
    QVERIFY(record.call.errorCode.empty() && !has(record.http.findings, "log.proxy-flags"));
}

void GatewaylogGatewaysTest::readsEnvoyFlags() {
    const Found found = readLog(
        R"({"start_time":"2026-01-15T10:00:00.100Z","method":"POST","path":"/v1/chat/completions","response_code":"503",)"
        R"("response_flags":"UF,URX","upstream_cluster":"fdry1","upstream_host":null,"duration":"3","bytes_received":474,)"
        R"("bytes_sent":152,"downstream_remote_address":"100.64.9.87:0","downstream_direct_remote_address":)"
        R"("10.0.9.213:10095","downstream_tls_version":"TLSv1.3","trace_id":"62FF160923b2c1724242c037be40e7cb",)"
        R"("x-ms-foundry-project-id":"p-1","authority":"gw.example","response_duration":2})");
    const LogRecord& record = only(found);
    QCOMPARE(record.http.response.status, 503);
    QCOMPARE(record.call.errorCode, std::string("UF,URX"));
    QVERIFY(has(record.http.findings, "log.proxy-flags"));
    const auto flagged = std::ranges::find_if(record.http.findings, [](const Finding& finding) {
        return finding.kind->id == std::string_view("log.proxy-flags");
    });
    QVERIFY(flagged->evidence.size() == 2 && flagged->evidence[0].starts_with("UF: "));
    QCOMPARE(record.facts.backend, std::string("fdry1"));
    QCOMPARE(record.client.toString(), std::string("10.0.9.213:10095"));
    QCOMPARE(record.tls, std::string("1.3"));
    QCOMPARE(record.facts.traceId, std::string("62ff160923b2c1724242c037be40e7cb"));
    QCOMPARE(record.call.identity.projectId, std::string("p-1"));
    QCOMPARE(header(record.http.request.headers, "host"), std::string("gw.example"));
    QVERIFY(record.facts.bodySizesKnown && record.http.requestTrace.bodyBytes == 474 &&
            record.http.responseTrace.bodyBytes == 152);
    QCOMPARE(record.http.responseTrace.firstByte, kBegin + 2 * kMs);
}

void GatewaylogGatewaysTest::readsEnvoyText() {
    const Found found = readLog(kEnvoyLines);
    QCOMPARE(found.title, std::string("Envoy access log"));
    QCOMPARE(found.records.size(), std::size_t{2});
    const LogRecord& first = found.records[0];
    // 2016-04-15T20:17:00.310Z is 1,460,751,420.310 s after 1970.
    QCOMPARE(first.http.requestTrace.firstByte, TimeNs{1'460'751'420'310} * kMs);
    QCOMPARE(first.http.responseTrace.lastByte, TimeNs{1'460'751'420'536} * kMs);
    QCOMPARE(first.http.response.status, 204);
    QVERIFY(first.http.request.version == http::Version::H2 && first.facts.bodySizesKnown);
    QVERIFY(first.http.requestTrace.bodyBytes == 154 && first.http.responseTrace.bodyBytes == 0);
    QCOMPARE(first.facts.backend, std::string("10.0.2.1:80"));
    QVERIFY(first.facts.backendNs == 100 * kMs);
    QCOMPARE(header(first.http.request.headers, "host"), std::string("locations"));
    QVERIFY(first.client == Endpoint{} && first.call.api.empty());

    const LogRecord& second = found.records[1];
    QCOMPARE(second.facts.line, std::uint64_t{2});
    QCOMPARE(second.call.api, std::string("openai.chat"));
    QCOMPARE(second.call.errorCode, std::string("RL"));
    QCOMPARE(second.call.limit.origin, std::string_view("envoy-ratelimit"));
    QCOMPARE(second.client.toString(), std::string("10.0.9.213:45057"));
    QCOMPARE(second.server.toString(), std::string("10.0.0.7:8080"));
    QVERIFY(!second.facts.backendNs && second.facts.backend.empty());
    QVERIFY(has(second.http.findings, "log.header-not-logged"));
    QVERIFY(!second.http.request.headers.find("x-request-id"));
}

void GatewaylogGatewaysTest::readsNginxText() {
    const Found found = readLog(kNginxLines);
    QCOMPARE(found.records.size(), std::size_t{2});
    const LogRecord& first = found.records[0];
    QCOMPARE(first.format, std::string_view("nginx-combined"));
    QCOMPARE(first.http.requestTrace.firstByte, kBegin - 100 * kMs);
    QVERIFY(first.http.responseTrace.lastByte == kNoTime);
    QCOMPARE(first.call.api, std::string("openai.responses"));
    QCOMPARE(header(first.http.request.headers, "user-agent"), std::string("agent \"x\""));
    QCOMPARE(header(first.http.request.headers, "x-forwarded-for"), std::string("100.64.9.87"));
    QVERIFY(!first.facts.bodySizesKnown); // what was received is not in it
    const LogRecord& second = found.records[1];
    QCOMPARE(second.http.requestTrace.firstByte, kBegin - 100 * kMs); // the same moment, two hours east
    QVERIFY(second.http.request.method.empty() && second.http.response.status == 400);
    QCOMPARE(second.http.request.headers.size(), std::size_t{0});
}

void GatewaylogGatewaysTest::readsNginxJson() {
    const Found found = readLog(kNginxJson);
    const LogRecord& record = only(found);
    QCOMPARE(record.format, std::string_view("nginx-json"));
    // It is written when the request is over: 10:00:02.5, after 1.5 s.
    QCOMPARE(record.http.requestTrace.firstByte, kBegin + 900 * kMs);
    QCOMPARE(record.http.responseTrace.lastByte, kBegin + 2400 * kMs);
    QCOMPARE(record.http.request.method, std::string("POST"));
    QVERIFY(record.http.request.version == http::Version::H2 && record.facts.versionKnown);
    QCOMPARE(record.call.deployment, std::string("gpt-4o"));
    QCOMPARE(record.call.api, std::string("openai.chat"));
    QCOMPARE(record.client.toString(), std::string("10.0.9.213:37382"));
    QVERIFY(record.facts.backendNs == 1400 * kMs); // both attempts
    QCOMPARE(record.facts.backend, std::string("10.0.11.6:8080"));
    QVERIFY(record.facts.receivedBytes == 1558 && record.facts.sentBytes == 11056 && !record.facts.bodySizesKnown);
    QCOMPARE(record.tls, std::string("1.3"));
    QCOMPARE(record.scheme, std::string("https"));
    QCOMPARE(header(record.http.request.headers, "host"), std::string("apim.example"));
    QCOMPARE(header(record.http.response.headers, "x-ms-region"), std::string("East US 2"));
    QVERIFY(!record.http.request.headers.find("referer"));
    QCOMPARE(record.call.identity.projectId, std::string("p-1"));
    QCOMPARE(record.call.identity.agent, std::string("planner"));
    QCOMPARE(record.call.identity.agentVersion, std::string("5"));
    QCOMPARE(record.call.identity.connection, std::string("conn"));
    QCOMPARE(record.facts.traceId, std::string("83847e4bbcd75dd007db55fae454a055"));
    QCOMPARE(record.facts.spanId, std::string("30a55df8fb08ca51"));
}

void GatewaylogGatewaysTest::readsNginxOwnNames() {
    const Found found =
        readLog(R"({"@timestamp":"2026-01-15T10:00:00.100Z","request_method":"GET","uri":"/a","args":"b=c",)"
                R"("status":404,"request_time":0,"scheme":"http","server_name":"_","body_bytes_sent":5,)"
                R"("content_length":0,"upstream_response_time":"-","upstream_addr":"-"})");
    const LogRecord& record = only(found);
    QCOMPARE(record.http.request.target, std::string("/a?b=c"));
    QCOMPARE(record.http.requestTrace.firstByte, kBegin);
    QCOMPARE(record.http.responseTrace.lastByte, kBegin);
    QVERIFY(!record.facts.backendNs && record.facts.backend.empty());
    QVERIFY(!record.http.request.headers.find("host"));
    QVERIFY(record.facts.bodySizesKnown && record.http.responseTrace.bodyBytes == 5);
    QCOMPARE(record.scheme, std::string("http"));
    QVERIFY(record.call.api.empty() && record.client == Endpoint{});
}

void GatewaylogGatewaysTest::tellsPlainFromUnknownTransport() {
    const std::string begin = R"({"status":200,"uri":"/","remote_addr":"10.0.0.1")";
    const Found plain = readLog(begin + R"(,"ssl_protocol":""})");
    QCOMPARE(only(plain).tls, std::string("none"));
    const Found unknown = readLog(begin + "}");
    QCOMPARE(only(unknown).tls, std::string());
    QCOMPARE(only(unknown).scheme, std::string());
}

void GatewaylogGatewaysTest::anySplitGivesTheSame_data() {
    QTest::addColumn<std::string>("text");
    QTest::newRow("envoy text") << kEnvoyLines;
    QTest::newRow("nginx text") << kNginxLines;
    QTest::newRow("nginx json") << kNginxJson + kNginxJson;
    for (const char* id : {"litellm", "kong", "envoy-ai", "otlp"}) QTest::newRow(id) << sample(id) + '\n' + sample(id);
}

void GatewaylogGatewaysTest::anySplitGivesTheSame() {
    QFETCH(std::string, text);
    const std::string whole = described(readLog(text));
    QCOMPARE(described(readLog(text, [] { return std::size_t{1}; })), whole);
    std::mt19937 random(7);
    for (int run = 0; run < 30; ++run)
        QCOMPARE(described(readLog(text, [&] { return std::size_t{1} + random() % 97; })), whole);
    LogLimits small;
    small.pieceBytes = 64;
    QCOMPARE(described(readLog(text, {}, small)), whole);
}

void GatewaylogGatewaysTest::eachPrefixIsRead_data() {
    anySplitGivesTheSame_data();
}

/// What was whole before the cut is there, and nothing is made up behind it.
void GatewaylogGatewaysTest::eachPrefixIsRead() {
    QFETCH(std::string, text);
    const Found whole = readLog(text);
    const std::size_t firstLine = text.find('\n');
    for (std::size_t length = 0; length < text.size(); ++length) {
        const std::string cut(text, 0, length);
        const Found found = readLog(cut);
        if (length <= firstLine) continue;
        QVERIFY(!found.records.empty());
        QCOMPARE(described(found.records.front()), described(whole.records.front()));
        QVERIFY(found.records.size() <= whole.records.size());
    }
}

void GatewaylogGatewaysTest::readsTheReplays_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"foundry-tls12-http1-sse", "foundry-tls13-http2-parallel", "gateway-gzip-errors-429",
                             "tls12-certificate-failures"})
        QTest::newRow(name) << name;
}

/// Compared with the same lines as nlohmann/json reads them.
void GatewaylogGatewaysTest::readsTheReplays() {
    QFETCH(QString, name);
    const auto folder = sharedFolder();
    if (folder.empty()) QSKIP("no shared material");
    const std::string text = fileText(folder / "corpus/replays" / (name.toStdString() + ".gateway-access.jsonl"));
    const Found found = readLog(text);
    QVERIFY(found.findings.empty());
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1, ++count) {
        const auto line = nlohmann::json::parse(text.substr(at, text.find('\n', at) - at));
        QVERIFY(count < found.records.size());
        const LogRecord& record = found.records[count];
        QCOMPARE(record.facts.line, std::uint64_t{count + 1});
        QCOMPARE(record.http.request.target, line["uri"].get<std::string>());
        QCOMPARE(record.http.response.status, line["status"].get<int>());
        QCOMPARE(record.client.toString(),
                 line["remote_addr"].get<std::string>() + ':' + line["remote_port"].get<std::string>());
        const std::string agent = line["foundry_agent_id"];
        QCOMPARE(record.call.identity.agent, agent.substr(0, agent.find(':')));
        QCOMPARE(record.call.identity.projectId, line["foundry_project_id"].get<std::string>());
        QCOMPARE(record.call.identity.project, line["openai_project"].get<std::string>());
        QCOMPARE(header(record.http.request.headers, "x-forwarded-for"), line["x_forwarded_for"].get<std::string>());
        QCOMPARE(record.facts.traceId, line["traceparent"].get<std::string>().substr(3, 32));
        QVERIFY(record.facts.sentBytes == line["bytes_sent"].get<std::uint64_t>());
        QCOMPARE(record.facts.backend, line["upstream_addr"].get<std::string>());
        QCOMPARE(record.http.responseTrace.lastByte - record.http.requestTrace.firstByte,
                 TimeNs(std::llround(line["request_time"].get<double>() * 1000)) * kMs);
        QCOMPARE("TLSv" + record.tls, line["ssl_protocol"].get<std::string>());
        QVERIFY(!record.call.api.empty());
    }
    QCOMPARE(found.records.size(), count);
    QVERIFY(count != 0);
}

void GatewaylogGatewaysTest::readsTheIstioLine() {
    const auto folder = sharedFolder();
    if (folder.empty()) QSKIP("no shared material");
    const Found found = readLog(fileText(folder / "corpus/istio-issues/envoy-json-access-log-29565.jsonl"));
    const LogRecord& record = only(found);
    QCOMPARE(record.format, std::string_view("envoy-json"));
    QCOMPARE(record.server.toString(), std::string("100.64.226.69:443"));
    QVERIFY(record.client == Endpoint{}); // the address was taken out of the file
    QCOMPARE(record.http.response.status, 0);
    QVERIFY(!record.http.responseTrace.seen && !record.http.requestTrace.seen && record.http.request.method.empty());
    QCOMPARE(record.call.errorCode, std::string("NR"));
    QVERIFY(has(record.http.findings, "log.proxy-flags"));
}

QTEST_APPLESS_MAIN(GatewaylogGatewaysTest)
#include "gatewaylog_gateways_test.moc"
