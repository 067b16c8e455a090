// SPDX-License-Identifier: Apache-2.0
#include "core/llm/api_names.h"
#include "tests/unit/llm/observed_call.h"

#include <QTest>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace gatescope;
using namespace gatescope::llm;
using gatescope::llm::test::Call;
using gatescope::llm::test::described;
using gatescope::llm::test::found;
using gatescope::llm::test::observe;
using gatescope::llm::test::streamCall;

class LlmCallObserverTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsAPlainCall();
    void splitsGiveTheSame();
    void prefixesNeverInvent();
    void choosesTheModel();
    void readsTheSeedRequest();
    void readsErrorCodes_data();
    void readsErrorCodes();
    void readsTheThrottleVectors();
    void readsFinishOfResponses_data();
    void readsFinishOfResponses();
    void takesTheGatewaysCountOnlyWithoutAReport();
    void keepsNothingOfOtherExchanges();
    void saysWhatIsNotJson();
    void saysWhichCodingFailed();
    void stopsABomb();
    void doesNotGuessFromHalfABody();
    void isValidInAnyState();
    void forgetsTheExchangeBefore();
    void sharesAWorkspace();
    void acceptsAnyJson();
};

namespace {

Call chatCall() {
    Call call;
    call.target = "/openai/deployments/dep/chat/completions?api-version=2025-03-01-preview";
    call.requestBody =
        R"({"messages":[{"role":"user","content":"say \"model\":\"fake\", \"stream\":true {"}],"model":"asked","n":1})";
    call.responseBody =
        R"({"choices":[{"finish_reason":"stop","index":0,"message":{"content":"\"usage\":{\"prompt_tokens\":1}"}}],)"
        R"("created":1,"id":"c","model":"gpt-4o-2024-08-06","usage":{"completion_tokens":20,"completion_tokens_details":)"
        R"({"reasoning_tokens":3},"prompt_tokens":30,"prompt_tokens_details":{"cached_tokens":10},"total_tokens":50}})";
    return call;
}

} // namespace

void LlmCallObserverTest::readsAPlainCall() {
    const CallFacts facts = observe(chatCall());
    QVERIFY(facts.api == "openai.chat");
    QVERIFY(facts.deployment == "dep" && facts.requestedModel == "asked");
    QVERIFY(facts.servedModel == "gpt-4o-2024-08-06");
    QVERIFY(!facts.stream && !facts.streamRequested);
    QCOMPARE(facts.usage.input.value(), 30);
    QCOMPARE(facts.usage.output.value(), 20);
    QCOMPARE(facts.usage.total.value(), 50);
    QCOMPARE(facts.usage.cached.value(), 10);
    QCOMPARE(facts.usage.reasoning.value(), 3);
    QVERIFY(!facts.usage.cacheWrite);
    QVERIFY(facts.finishReason == "stop" && facts.errorCode.empty());
    QVERIFY(facts.findings.empty());
}

void LlmCallObserverTest::splitsGiveTheSame() {
    const std::string wanted = described(observe(chatCall()));
    CallObserver observer;
    for (std::size_t length = 1; length < 100; ++length)
        QVERIFY(described(observe(observer, chatCall(), [&] { return length; })) == wanted);
}

void LlmCallObserverTest::prefixesNeverInvent() {
    const CallFacts whole = observe(chatCall());
    for (std::size_t length = 0; length < chatCall().responseBody.size(); ++length) {
        Call call = chatCall();
        call.responseBody.resize(length);
        call.responseComplete = false;
        const CallFacts part = observe(call);
        // The usage object is the last member: no prefix holds it whole, so nothing of it may be told.
        QVERIFY(part.usage.source == TokenSource::Missing);
        QVERIFY(part.servedModel.empty() || part.servedModel == whole.servedModel);
        QVERIFY(part.finishReason.empty() || part.finishReason == whole.finishReason);
        QVERIFY(part.findings.empty());
    }
    for (std::size_t length = 0; length < chatCall().requestBody.size(); ++length) {
        Call call = chatCall();
        call.requestBody.resize(length);
        call.requestComplete = false;
        const CallFacts part = observe(call);
        QVERIFY(part.requestedModel.empty() || part.requestedModel == "asked");
        QVERIFY(!part.streamRequested);
    }
}

void LlmCallObserverTest::choosesTheModel() {
    Call call = chatCall();
    QVERIFY(observe(call).model == "dep");
    call.requestHeaders.emplace_back("X-MS-Foundry-Model-Id", "conn/header-model");
    QVERIFY(observe(call).model == "header-model");
    call.requestHeaders.pop_back();
    call.target = "/openai/v1/chat/completions";
    QVERIFY(observe(call).model == "asked");
    call.requestBody = "{}";
    QVERIFY(observe(call).model == "gpt-4o-2024-08-06");
    call.responseHeaders.emplace_back("X-Ms-Served-Model", "from-header");
    const CallFacts facts = observe(call);
    QVERIFY(facts.model == "from-header" && facts.servedModel == "from-header");
    call.responseHeaders.pop_back();
    call.responseBody = "{}";
    QVERIFY(observe(call).model.empty());
}

void LlmCallObserverTest::readsTheSeedRequest() {
    Call call = chatCall();
    call.target = "/openai/deployments/gpt-4o/chat/completions?api-version=2025-03-01-preview";
    call.requestHeaders = {{"Authorization", "Bearer REDACTED"},
                           {"Content-Type", "application/json; charset=utf-8"},
                           {"Host", "apimeusXXXXX.azure-api.net"},
                           {"openai-project", "sampleproject1"},
                           {"x-ms-foundry-agent-id", "TestAgent-ai-gateway-static:5"},
                           {"x-ms-foundry-model-id", "conn1apimgwstaticopenai/gpt-4o"},
                           {"x-ms-foundry-project-id", "455cbebf-a0bc-425e-99f6-XXXXXXXXXXX"}};
    const CallFacts facts = observe(call);
    QVERIFY(facts.identity.project == "sampleproject1");
    QVERIFY(facts.identity.agent == "TestAgent-ai-gateway-static" && facts.identity.agentVersion == "5");
    QVERIFY(facts.identity.connection == "conn1apimgwstaticopenai");
    QVERIFY(facts.model == "gpt-4o" && facts.deployment == "gpt-4o");
    QVERIFY(facts.api == "openai.chat");
}

void LlmCallObserverTest::readsErrorCodes_data() {
    QTest::addColumn<QString>("body");
    QTest::addColumn<QString>("code");
    const auto row = [](const char* body, const char* code) { QTest::newRow(body) << QString(body) << QString(code); };
    row(R"({"error":{"code":"content_filter","message":"m","innererror":{"code":"ResponsibleAIPolicyViolation"}}})",
        "content_filter");
    row(R"({"error":{"code":null,"type":"invalid_request_error","param":null}})", "invalid_request_error");
    row(R"({"error":{"type":"t","code":""}})", "t");
    row(R"({"error":{"code":401}})", "401");
    row(R"({"type":"error","error":{"type":"rate_limit_error","message":"m"}})", "rate_limit_error");
    row(R"({"error":"text only"})", "");
    row(R"({"error":null})", "");
    row(R"({"data":{"error":{"code":"deep"}}})", "");
    row(R"({"message":"\"error\":{\"code\":\"decoy\"}"})", "");
}

void LlmCallObserverTest::readsErrorCodes() {
    QFETCH(QString, body);
    QFETCH(QString, code);
    for (const char* target : {"/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/embeddings"}) {
        Call call;
        call.target = target;
        call.status = 400;
        call.responseBody = body.toStdString();
        QCOMPARE(QString::fromStdString(observe(call).errorCode), code);
    }
}

void LlmCallObserverTest::readsTheThrottleVectors() {
    std::ifstream file(GATESCOPE_SOURCE_DIR "/tests/unit/test-vectors.json");
    const auto vectors = nlohmann::json::parse(file).at("throttleBodies");
    QVERIFY(vectors.size() >= 4);
    for (const auto& vector : vectors) {
        Call call;
        call.status = vector.at("status");
        call.responseBody = vector.at("body");
        const CallFacts facts = observe(call);
        const auto body = nlohmann::json::parse(call.responseBody);
        QVERIFY(facts.errorCode == (body.contains("error") ? body.at("error").at("code").get<std::string>() : ""));
        QVERIFY(facts.usage.source == TokenSource::Missing);
    }
}

void LlmCallObserverTest::readsFinishOfResponses_data() {
    QTest::addColumn<QString>("members");
    QTest::addColumn<QString>("finish");
    QTest::newRow("completed") << R"("status":"completed","incomplete_details":null)" << "completed";
    QTest::newRow("reason") << R"("status":"incomplete","incomplete_details":{"reason":"content_filter"})"
                            << "content_filter";
    QTest::newRow("no reason") << R"("status":"incomplete","incomplete_details":null)" << "incomplete";
    QTest::newRow("failed") << R"("status":"failed")" << "failed";
    QTest::newRow("queued") << R"("status":"queued")" << "";
    QTest::newRow("item's own") << R"("output":[{"status":"completed"}])" << "";
}

void LlmCallObserverTest::readsFinishOfResponses() {
    QFETCH(QString, members);
    QFETCH(QString, finish);
    Call call;
    call.target = "/openai/v1/responses";
    call.responseBody = "{" + members.toStdString() + "}";
    QCOMPARE(QString::fromStdString(observe(call).finishReason), finish);
}

void LlmCallObserverTest::takesTheGatewaysCountOnlyWithoutAReport() {
    Call call = chatCall();
    call.responseHeaders.emplace_back("X-APIM-Tokens-Consumed", "690");
    QCOMPARE(observe(call).usage.total.value(), 50);
    QVERIFY(observe(call).usage.source == TokenSource::Reported);
    call.responseBody = "{}";
    const Usage usage = observe(call).usage;
    QCOMPARE(usage.total.value(), 690);
    QVERIFY(usage.source == TokenSource::Gateway && !usage.input && !usage.output);
    for (const char* odd : {"", "x", "12x", "-3", "99999999999999999999"}) {
        call.responseHeaders.back().second = odd;
        QVERIFY(observe(call).usage.source == TokenSource::Missing);
    }
}

void LlmCallObserverTest::keepsNothingOfOtherExchanges() {
    for (const char* target : {"/openai/v1/models", "/tools/mcp", "/index.html", "/v1/messages/count_tokens"}) {
        Call call = chatCall();
        call.target = target;
        call.requestHeaders.emplace_back("openai-project", "p");
        const CallFacts facts = observe(call);
        QVERIFY(!isModelCall(facts.api) && facts.requestedModel.empty() && facts.servedModel.empty());
        QVERIFY(facts.usage.source == TokenSource::Missing);
        QVERIFY(facts.identity.project == "p"); // who asked is known all the same
    }
    // A stored response repeats the usage of the call that made it.
    Call stored;
    stored.method = "GET";
    stored.target = "/openai/v1/responses/resp_1";
    stored.responseBody = R"({"status":"completed","usage":{"input_tokens":5,"output_tokens":6}})";
    QVERIFY(observe(stored).usage.source == TokenSource::Missing);
}

void LlmCallObserverTest::saysWhatIsNotJson() {
    Call call = chatCall();
    call.responseBody = "<html>bad gateway</html>";
    QVERIFY(found(observe(call), "llm.body-not-json"));
    call.responseHeaders = {{"Content-Type", "text/html"}};
    QVERIFY(!found(observe(call), "llm.body-not-json"));
    call.responseHeaders = {};
    QVERIFY(!found(observe(call), "llm.body-not-json"));
    call.responseBody = "";
    call.responseHeaders = {{"Content-Type", "application/json"}};
    QVERIFY(!found(observe(call), "llm.body-not-json"));
    call.requestBody = "{\"model\":";
    QVERIFY(found(observe(call), "llm.body-not-json"));
    call.requestComplete = false;
    QVERIFY(!found(observe(call), "llm.body-not-json"));
}

void LlmCallObserverTest::saysWhichCodingFailed() {
    Call call = chatCall();
    call.responseHeaders.emplace_back("Content-Encoding", "sdch");
    CallFacts facts = observe(call);
    QVERIFY(found(facts, "llm.content-coding"));
    QVERIFY(facts.findings.front().evidence.front() == "sdch");
    QVERIFY(facts.servedModel.empty());
    call.responseHeaders.back().second = "gzip"; // but the body is plain
    QVERIFY(found(observe(call), "llm.content-coding"));
    call.responseHeaders.back().second = "identity";
    QVERIFY(observe(call).findings.empty());
    call.responseHeaders.back().second = "gzip";
    call.responseBody.clear(); // nothing came, nothing failed
    QVERIFY(observe(call).findings.empty());
}

void LlmCallObserverTest::stopsABomb() {
    // zlib's format for 1 MiB of blanks, made by zlib.
    QByteArray bomb = qCompress(QByteArray(1 << 20, ' '), 9).mid(4);
    Call call = chatCall();
    call.responseHeaders.emplace_back("Content-Encoding", "deflate");
    call.responseBody = bomb.toStdString();
    CallLimits limits;
    limits.maxDecodedBytes = 100000;
    const CallFacts facts = observe(call, limits);
    QVERIFY(found(facts, "llm.decompression-limit"));
    QVERIFY(!found(facts, "llm.content-coding"));
    QVERIFY(!found(observe(call), "llm.decompression-limit"));
}

void LlmCallObserverTest::doesNotGuessFromHalfABody() {
    Call call;
    call.responseBody = R"({"model":"m1","usage":{"prompt_tokens":3,"completion_tokens":4},"id":"abc","choices":[)";
    call.responseComplete = false;
    const CallFacts facts = observe(call);
    QVERIFY(facts.servedModel == "m1"); // members that are whole are facts
    QCOMPARE(facts.usage.total.value(), 7);
    call.responseBody = R"({"model":"m1)";
    QVERIFY(observe(call).servedModel.empty());
    call.responseBody = R"({"a":{"usage":{"prompt_tokens":3,"completion_tokens":4}})";
    QVERIFY(observe(call).usage.source == TokenSource::Missing);
}

void LlmCallObserverTest::isValidInAnyState() {
    CallObserver observer;
    QVERIFY(observer.take().api.empty());
    observer.begin();
    observer.onResponseBody(asBytes("{}"), 1);
    observer.onResponseEnd(true);
    observer.onRequestBody(asBytes("{}"));
    observer.onRequestEnd(true);
    QVERIFY(observer.take().api.empty());

    // The answer comes, and ends, before the request does.
    observer.begin();
    http::RequestHead request;
    request.method = "POST";
    request.target = "/v1/chat/completions";
    observer.onRequestHead(request);
    observer.onRequestBody(asBytes("{\"model\":\"m\","));
    http::ResponseHead response;
    response.status = 200;
    observer.onResponseHead(response);
    observer.onResponseBody(asBytes("{\"model\":\"served\"}"), 1);
    observer.onResponseEnd(true);
    observer.onRequestBody(asBytes("\"stream\":true}"));
    observer.onRequestEnd(true);
    observer.onRequestEnd(true);
    observer.onResponseEnd(false);
    const CallFacts facts = observer.take();
    QVERIFY(facts.requestedModel == "m" && facts.streamRequested && facts.servedModel == "served");

    CallObserver moved = std::move(observer);
    QVERIFY(observe(moved, chatCall(), test::wholePiece).api == "openai.chat");
}

void LlmCallObserverTest::forgetsTheExchangeBefore() {
    CallObserver observer;
    Call rich = streamCall("/v1/chat/completions", "event: e\ndata: {\"usage\":{\"prompt_tokens\":1}}\n\ndata: half");
    rich.requestHeaders.emplace_back("openai-project", "p");
    rich.responseHeaders.emplace_back("x-apim-tokens-consumed", "5");
    rich.responseComplete = false;
    observe(observer, rich);
    Call plain;
    plain.method = "GET";
    plain.target = "/";
    QVERIFY(described(observe(observer, plain)) == described(observe(plain)));
    QVERIFY(described(observe(observer, chatCall())) == described(observe(chatCall())));
}

void LlmCallObserverTest::sharesAWorkspace() {
    const auto workspace = std::make_shared<CallWorkspace>();
    CallObserver first({}, workspace);
    CallObserver second({}, workspace);
    http::RequestHead request;
    request.method = "POST";
    request.target = "/v1/chat/completions";
    for (CallObserver* observer : {&first, &second}) {
        observer->begin();
        observer->onRequestHead(request);
    }
    first.onRequestBody(asBytes("{\"model\":"));
    second.onRequestBody(asBytes("{\"stream\":"));
    first.onRequestBody(asBytes("\"a\"}"));
    second.onRequestBody(asBytes("true}"));
    first.onRequestEnd(true);
    second.onRequestEnd(true);
    const CallFacts a = first.take();
    const CallFacts b = second.take();
    QVERIFY(a.requestedModel == "a" && !a.streamRequested);
    QVERIFY(b.requestedModel.empty() && b.streamRequested);
}

void LlmCallObserverTest::acceptsAnyJson() {
    // Each of these stands where an object or a text is expected, at every place that is read.
    const char* odd[]{"1", "true",        "null", "\"x\"", "[]", "[1]", "[[]]", "{}", "{\"a\":[{}]}", "[{\"usage\":1}]",
                      "-", "\"\\ud800\"", "[",    "{",     "tru"};
    const char* names[]{"model", "usage", "error",      "choices",       "status", "response",           "message",
                        "delta", "type",  "candidates", "usageMetadata", "stream", "incomplete_details", "stop_reason"};
    for (const char* target : {"/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/embeddings",
                               "/v1beta/models/g:generateContent", "/model/m/converse"})
        for (const char* value : odd)
            for (const char* name : names) {
                const std::string body = std::string("{\"") + name + "\":" + value + ",\"tail\":1}";
                Call call;
                call.target = target;
                call.requestBody = body;
                call.responseBody = body;
                QVERIFY(observe(call).usage.source == TokenSource::Missing);
                QVERIFY(observe(streamCall(target, "data: " + body + "\n\n")).streamEvents == 1);
            }
}

QTEST_APPLESS_MAIN(LlmCallObserverTest)
#include "llm_call_observer_test.moc"
