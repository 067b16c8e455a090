// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/gatewaylog/material.h"
#include "tests/unit/gatewaylog/whole_log.h"

#include <QTest>
#include <nlohmann/json.hpp>

using namespace gatescope;
using namespace gatescope::gatewaylog;
using namespace gatescope::gatewaylog::test;
using nlohmann::json;

namespace {

constexpr TimeNs kBegin = 1'768'471'200'100'000'000; ///< 2026-01-15T10:00:00.100Z

std::string sample() {
    const auto samples = json::parse(fileText(GATESCOPE_SOURCE_DIR "/tests/unit/sample-records.json"));
    for (const auto& entry : samples.at("samples"))
        if (entry.at("id") == "otlp") return entry.at("record").dump();
    return {};
}

json attribute(const std::string& key, const json& value) {
    const char* type = value.is_string()         ? "stringValue"
                       : value.is_boolean()      ? "boolValue"
                       : value.is_array()        ? "arrayValue"
                       : value.is_number_float() ? "doubleValue"
                                                 : "intValue";
    if (value.is_array()) {
        json values = json::array();
        for (const auto& entry : value) values.push_back({{"stringValue", entry}});
        return {{"key", key}, {"value", {{type, {{"values", values}}}}}};
    }
    // A 64-bit integer is a text in the JSON form of protocol buffers.
    return {{"key", key},
            {"value", {{type, value.is_number_integer() ? json(std::to_string(value.get<long>())) : value}}}};
}

json span(const std::vector<std::pair<std::string, json>>& attributes) {
    json list = json::array();
    for (const auto& [key, value] : attributes) list.push_back(attribute(key, value));
    return {{"traceId", "62ff160923b2c1724242c037be40e7cb"},
            {"spanId", "4f1b402461a00000"},
            {"name", "x"},
            {"kind", 3},
            {"startTimeUnixNano", std::to_string(kBegin)},
            {"endTimeUnixNano", std::to_string(kBegin + 1'400'000'000)},
            {"attributes", list}};
}

std::string request(const json& spans, const char* scopes = "scopeSpans") {
    return json{
        {"resourceSpans", json::array({{{"resource", json::object()},
                                        {scopes, json::array({{{"scope", {{"name", "t"}}}, {"spans", spans}}})}}})}}
        .dump();
}

LogRecord read(const json& one) {
    Found found = readLog(request(json::array({one})));
    if (found.records.size() != 1) qFatal("%zu records", found.records.size());
    return std::move(found.records.front());
}

} // namespace

class GatewaylogOtlpTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsTheSample();
    void readsAllGenerations_data();
    void readsAllGenerations();
    void namesTheApi_data();
    void namesTheApi();
    void readsAgentsAndHeads();
    void readsFailures();
    void leavesOtherSpansOut();
    void leavesOtherSignalsOut();
    void readsOldAndOddForms();
};

void GatewaylogOtlpTest::readsTheSample() {
    const Found found = readLog(sample());
    QCOMPARE(found.title, std::string("OpenTelemetry spans (OTLP JSON)"));
    QCOMPARE(found.records.size(), std::size_t{1});
    const LogRecord& record = found.records.front();
    QCOMPARE(record.format, std::string_view("otlp"));
    QCOMPARE(record.http.requestTrace.firstByte, kBegin);
    QCOMPARE(record.http.responseTrace.lastByte, kBegin + 1'400'000'000);
    QCOMPARE(record.call.api, std::string("openai.chat"));
    QVERIFY(record.call.usage.input == 640 && record.call.usage.output == 50 && record.call.usage.total == 690 &&
            record.call.usage.cached == 512);
    QVERIFY(record.call.usage.source == llm::TokenSource::Log);
    QCOMPARE(record.facts.traceId, std::string("62ff160923b2c1724242c037be40e7cb"));
    QCOMPARE(record.facts.spanId, std::string("4f1b402461a00000"));
    QVERIFY(record.http.response.status == 0 && record.http.responseTrace.seen && record.call.errorCode.empty());
    QVERIFY(record.call.model.empty() && record.http.request.method.empty());
    QVERIFY(found.findings.empty());
}

void GatewaylogOtlpTest::readsAllGenerations_data() {
    QTest::addColumn<QByteArray>("provider");
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<QByteArray>("output");
    QTest::addColumn<QByteArray>("cached");
    QTest::addColumn<QByteArray>("cacheWrite");
    QTest::newRow("current") << QByteArray("gen_ai.provider.name") << QByteArray("input_tokens")
                             << QByteArray("output_tokens") << QByteArray("cache_read.input_tokens")
                             << QByteArray("cache_write.input_tokens");
    QTest::newRow("before") << QByteArray("gen_ai.system") << QByteArray("prompt_tokens")
                            << QByteArray("completion_tokens") << QByteArray("cache_read.input_tokens")
                            << QByteArray("cache_creation.input_tokens");
}

void GatewaylogOtlpTest::readsAllGenerations() {
    QFETCH(QByteArray, provider);
    QFETCH(QByteArray, input);
    QFETCH(QByteArray, output);
    QFETCH(QByteArray, cached);
    QFETCH(QByteArray, cacheWrite);
    const std::string usage = "gen_ai.usage.";
    const LogRecord record = read(span({{provider.toStdString(), "openai"},
                                        {"gen_ai.request.model", "gpt-4o"},
                                        {"gen_ai.response.model", "gpt-4o-2024-08-06"},
                                        {"gen_ai.response.id", "chatcmpl-1"},
                                        {"gen_ai.response.finish_reasons", json::array({"stop", "length"})},
                                        {"gen_ai.request.max_tokens", 99},
                                        {"gen_ai.request.stream", true},
                                        {"gen_ai.response.time_to_first_chunk", 0.5},
                                        {usage + input.toStdString(), 640},
                                        {usage + output.toStdString(), 50},
                                        {usage + cached.toStdString(), 512},
                                        {usage + cacheWrite.toStdString(), 12},
                                        {"server.address", "fdry1.openai.azure.com"},
                                        {"server.port", 443}}));
    QVERIFY(record.call.usage.input == 640 && record.call.usage.output == 50 && record.call.usage.total == 690);
    QVERIFY(record.call.usage.cached == 512 && record.call.usage.cacheWrite == 12);
    QCOMPARE(record.call.requestedModel, std::string("gpt-4o"));
    QCOMPARE(record.call.servedModel, std::string("gpt-4o-2024-08-06"));
    QCOMPARE(record.call.model, std::string("gpt-4o"));
    QCOMPARE(record.call.responseId, std::string("chatcmpl-1"));
    QCOMPARE(record.call.finishReason, std::string("stop"));
    QVERIFY(record.call.maxTokens == 99 && record.call.stream);
    QCOMPARE(record.call.firstToken, kBegin + 500'000'000);
    QCOMPARE(record.facts.backend, std::string("fdry1.openai.azure.com:443"));
}

void GatewaylogOtlpTest::namesTheApi_data() {
    QTest::addColumn<QByteArray>("operation");
    QTest::addColumn<QByteArray>("provider");
    QTest::addColumn<QByteArray>("api");
    QTest::newRow("chat") << QByteArray("chat") << QByteArray("azure.ai.openai") << QByteArray("openai.chat");
    QTest::newRow("text") << QByteArray("text_completion") << QByteArray("openai") << QByteArray("openai.completions");
    QTest::newRow("embeddings") << QByteArray("embeddings") << QByteArray("openai") << QByteArray("openai.embeddings");
    QTest::newRow("anthropic") << QByteArray("chat") << QByteArray("anthropic") << QByteArray("anthropic.messages");
    QTest::newRow("bedrock") << QByteArray("chat") << QByteArray("aws.bedrock") << QByteArray("bedrock.converse");
    QTest::newRow("gemini") << QByteArray("generate_content") << QByteArray("gcp.gemini") << QByteArray("gemini");
}

void GatewaylogOtlpTest::namesTheApi() {
    QFETCH(QByteArray, operation);
    QFETCH(QByteArray, provider);
    QFETCH(QByteArray, api);
    const LogRecord record = read(
        span({{"gen_ai.operation.name", operation.toStdString()}, {"gen_ai.provider.name", provider.toStdString()}}));
    QCOMPARE(record.call.api, api.toStdString());
}

void GatewaylogOtlpTest::readsAgentsAndHeads() {
    const LogRecord byId = read(span({{"gen_ai.operation.name", "chat"}, {"gen_ai.agent.id", "planner:5"}}));
    QCOMPARE(byId.call.identity.agent, std::string("planner"));
    QCOMPARE(byId.call.identity.agentVersion, std::string("5"));
    const LogRecord byName = read(span({{"gen_ai.operation.name", "chat"},
                                        {"gen_ai.agent.id", "asst_1"},
                                        {"gen_ai.agent.name", "Planner"},
                                        {"gen_ai.agent.version", "7"}}));
    QCOMPARE(byName.call.identity.agent, std::string("Planner"));
    QCOMPARE(byName.call.identity.agentVersion, std::string("7"));
    const LogRecord heads = read(span({{"gen_ai.operation.name", "chat"},
                                       {"http.request.method", "POST"},
                                       {"url.full", "https://gw.example/openai/v1/responses"},
                                       {"http.response.status_code", 200},
                                       {"http.request.header.x-ms-foundry-agent-id", json::array({"other:1"})}}));
    QCOMPARE(heads.call.api, std::string("openai.responses"));
    QCOMPARE(heads.http.response.status, 200);
    QCOMPARE(heads.call.identity.agent, std::string("other"));
}

void GatewaylogOtlpTest::readsFailures() {
    json failed = span({{"gen_ai.operation.name", "chat"}, {"error.type", "429"}});
    QCOMPARE(read(failed).http.response.status, 429);
    QCOMPARE(read(failed).call.errorCode, std::string("429"));
    json named = span({{"gen_ai.operation.name", "chat"}, {"error.type", "TimeoutError"}});
    QCOMPARE(read(named).call.errorCode, std::string("TimeoutError"));
    QVERIFY(!read(named).http.responseTrace.seen);
    for (const json& code : {json(2), json("STATUS_CODE_ERROR")}) {
        json bare = span({{"gen_ai.operation.name", "chat"}});
        bare["status"] = {{"code", code}, {"message", "secret words"}};
        QCOMPARE(read(bare).call.errorCode, std::string("error"));
    }
}

void GatewaylogOtlpTest::leavesOtherSpansOut() {
    const Found found = readLog(request(
        json::array({span({{"gen_ai.operation.name", "invoke_agent"},
                           {"gen_ai.request.model", "gpt-4o"},
                           {"gen_ai.usage.input_tokens", 640}}),
                     span({{"gen_ai.operation.name", "chat"}}), span({{"gen_ai.operation.name", "execute_tool"}}),
                     span({{"http.request.method", "POST"}})})));
    QCOMPARE(found.records.size(), std::size_t{1});
    QCOMPARE(found.findings.size(), std::size_t{1});
    QCOMPARE(found.findings[0].kind->id, std::string_view("log.spans-without-call"));
    QCOMPARE(found.findings[0].evidence.at(0), std::string("3 spans"));
    QVERIFY(found.findings[0].packet == 1);
}

void GatewaylogOtlpTest::leavesOtherSignalsOut() {
    const Found found = readLog(R"({"resourceMetrics":[{"scopeMetrics":[]}]})");
    QVERIFY(found.records.empty() && has(found.findings, "log.no-spans"));
}

void GatewaylogOtlpTest::readsOldAndOddForms() {
    const json one = span({{"gen_ai.system", "openai"}, {"gen_ai.request.model", "gpt-4o"}});
    QCOMPARE(readLog(request(json::array({one}), "instrumentationLibrarySpans")).records.size(), std::size_t{1});
    json odd = one;
    odd["traceId"] = "short";
    odd["startTimeUnixNano"] = -5;
    odd["endTimeUnixNano"] = "x";
    odd["attributes"].push_back({{"key", 7}, {"value", 8}});
    odd["attributes"].push_back({{"key", "gen_ai.usage.input_tokens"}, {"value", {{"intValue", "-3"}}}});
    odd["attributes"].push_back(
        {{"key", "gen_ai.response.finish_reasons"}, {"value", {{"arrayValue", json::object()}}}});
    const LogRecord record = read(odd);
    QVERIFY(record.http.requestTrace.firstByte == kNoTime && record.http.responseTrace.lastByte == kNoTime);
    QVERIFY(record.facts.traceId.empty() && record.facts.spanId.empty() && !record.call.usage.input);
    const Found two = readLog(request(json::array({one})) + '\n' + request(json::array({one})));
    QCOMPARE(two.records.size(), std::size_t{2});
    QCOMPARE(two.records[1].facts.line, std::uint64_t{2});
}

QTEST_APPLESS_MAIN(GatewaylogOtlpTest)
#include "gatewaylog_otlp_test.moc"
