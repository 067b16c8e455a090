// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/llm/observed_call.h"

#include <QTest>
#include <fstream>
#include <nlohmann/json.hpp>
#include <zlib.h>

using namespace gatescope;
using namespace gatescope::llm;
using gatescope::llm::test::Call;
using gatescope::llm::test::described;
using gatescope::llm::test::found;
using gatescope::llm::test::observe;
using gatescope::llm::test::streamCall;

namespace {

nlohmann::json streamVectors() {
    std::ifstream file(GATESCOPE_SOURCE_DIR "/tests/unit/test-vectors.json");
    return nlohmann::json::parse(file).at("streams");
}

std::string targetOf(const std::string& api) {
    if (api == "openai.responses") return "/openai/v1/responses";
    return api == "anthropic" ? "/v1/messages" : "/v1/chat/completions";
}

/// Offset behind the blank line that ends event `number`, counted from 1.
std::size_t endOfEvent(const std::string& text, int number) {
    std::size_t at = 0;
    while (number-- > 0) at = text.find("\n\n", at) + 2;
    return at;
}

std::string gzipped(const std::string& text) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string chatChunk(const std::string& delta, const std::string& finish = "null", const std::string& more = "") {
    return "data: {\"id\":\"c\",\"model\":\"gpt-4o-2024-08-06\",\"choices\":[{\"index\":0,\"delta\":" + delta +
           ",\"finish_reason\":" + finish + "}]" + more + "}\n\n";
}

const std::string kUsageChunk =
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1,\"total_tokens\":10}}\n\n";

} // namespace

class LlmStreamTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsTheVectors();
    void splitsGiveTheSame();
    void prefixesNeverInvent();
    void readsGzip();
    void findsTheFirstToken_data();
    void findsTheFirstToken();
    void ignoresDecoys();
    void readsChatWithUsageBesideChoices();
    void readsToolCalls();
    void readsResponsesOutcomes_data();
    void readsResponsesOutcomes();
    void anthropicTakesTheLastDelta();
    void anthropicCutBeforeTheDeltaHasNoOutput();
    void geminiTakesTheLastChunk();
    void readsErrorsInsideAStream_data();
    void readsErrorsInsideAStream();
    void saysThatUsageIsMissing();
    void saysThatAnEventIsTooLong();
    void gapLeavesTheRestReadable();
    void jsonAnswerToAStreamRequestIsNoStream();
};

void LlmStreamTest::readsTheVectors() {
    const auto vectors = streamVectors();
    QVERIFY(vectors.size() >= 3);
    for (const auto& vector : vectors) {
        const std::string text = vector.at("text");
        const Call call = streamCall(targetOf(vector.at("api")), text);
        // One event a piece: the time of a piece is then the end of its event.
        std::size_t at = 0;
        const auto eventByEvent = [&] {
            const std::size_t end = text.find("\n\n", at) + 2;
            return end - std::exchange(at, end);
        };
        Call noRequest = call;
        noRequest.requestBody.clear();
        const CallFacts facts = observe(noRequest, {}, eventByEvent);
        QVERIFY(facts.stream);
        QCOMPARE(facts.usage.input.value(), vector.at("usage").at(0).get<std::int64_t>());
        QCOMPARE(facts.usage.output.value(), vector.at("usage").at(1).get<std::int64_t>());
        QVERIFY(facts.usage.source == TokenSource::Reported);
        QCOMPARE(facts.firstToken, static_cast<TimeNs>(endOfEvent(text, vector.at("firstTokenEvent").get<int>())));
        if (vector.contains("finish")) QVERIFY(facts.finishReason == vector.at("finish").get<std::string>());
        QVERIFY(facts.findings.empty());
    }
    QCOMPARE(observe(streamCall(targetOf("openai.chat"), vectors.at(0).at("text"))).streamEvents, 6U);
    QCOMPARE(observe(streamCall(targetOf("openai.responses"), vectors.at(1).at("text"))).streamEvents, 3U);
}

void LlmStreamTest::splitsGiveTheSame() {
    CallObserver observer; // reused, so that what one exchange leaves behind would be seen
    std::mt19937 random(5);
    for (const auto& vector : streamVectors()) {
        Call call = streamCall(targetOf(vector.at("api")), vector.at("text"));
        call.requestBody = R"({"model":"asked","stream":true,"messages":[{"content":"\"stream\":false"}]})";
        const std::string wanted = described(observe(call));
        QVERIFY(QString::fromStdString(wanted).contains("asked"));
        for (std::size_t length = 1; length < 40; ++length)
            QCOMPARE(QString::fromStdString(described(observe(observer, call, [&] { return length; }))),
                     QString::fromStdString(wanted));
        for (int round = 0; round < 50; ++round)
            QVERIFY(described(observe(observer, call, [&] { return 1 + random() % 60; })) == wanted);
    }
}

void LlmStreamTest::prefixesNeverInvent() {
    for (const auto& vector : streamVectors()) {
        const std::string text = vector.at("text");
        const Call all = streamCall(targetOf(vector.at("api")), text);
        const CallFacts whole = observe(all);
        for (std::size_t length = 0; length < text.size(); ++length) {
            Call call = streamCall(targetOf(vector.at("api")), text.substr(0, length));
            call.responseComplete = false;
            const CallFacts part = observe(call);
            QVERIFY(part.streamEvents <= whole.streamEvents);
            QVERIFY(!part.usage.output || part.usage.output == whole.usage.output);
            QVERIFY(!part.usage.input || part.usage.input == whole.usage.input);
            QVERIFY(part.finishReason.empty() || part.finishReason == whole.finishReason);
            QVERIFY(part.errorCode.empty());
        }
    }
}

void LlmStreamTest::readsGzip() {
    for (const auto& vector : streamVectors()) {
        Call call = streamCall(targetOf(vector.at("api")), vector.at("text"));
        const std::string wanted = described(observe(call));
        call.responseBody = gzipped(call.responseBody);
        call.responseHeaders.emplace_back("Content-Encoding", "gzip");
        QVERIFY(described(observe(call)) == wanted);
        QVERIFY(described(observe(call, {}, [] { return std::size_t{1}; })) == wanted);
        call.responseBody.resize(call.responseBody.size() - 4);
        QVERIFY(found(observe(call), "llm.content-coding"));
    }
}

void LlmStreamTest::findsTheFirstToken_data() {
    QTest::addColumn<QString>("target");
    QTest::addColumn<QString>("event"); // data of the only event
    QTest::addColumn<bool>("isToken");
    const auto chat = [](const char* delta, bool isToken) {
        QTest::addRow("chat %s", delta) << QString("/v1/chat/completions")
                                        << QString("{\"choices\":[{\"delta\":%1}]}").arg(delta) << isToken;
    };
    chat(R"({"role":"assistant"})", false);
    chat(R"({"role":"assistant","content":""})", false);
    chat(R"({"role":"assistant","content":null,"refusal":null})", false);
    chat(R"({"content":"a"})", true);
    chat(R"({"content":"\""})", true);
    chat(R"({"refusal":"no"})", true);
    chat(R"({"reasoning_content":"hm"})", true);
    chat(R"({"reasoning":"hm"})", true);
    chat(R"({"tool_calls":[]})", false);
    chat(R"({"tool_calls":[{"index":0}]})", true);
    chat(R"({"function_call":{"name":"f"}})", true);
    const auto row = [](const char* target, const char* data, bool isToken) {
        QTest::newRow(data) << QString(target) << QString(data) << isToken;
    };
    row("/v1/chat/completions", R"({"choices":[],"prompt_filter_results":[{"prompt_index":0}]})", false);
    row("/v1/completions", R"({"choices":[{"text":""}]})", false);
    row("/v1/completions", R"({"choices":[{"text":"a"}]})", true);
    row("/v1/responses", R"({"type":"response.created","response":{"status":"in_progress"}})", false);
    row("/v1/responses", R"({"type":"response.output_item.added","item":{}})", false);
    row("/v1/responses", R"({"type":"response.reasoning_summary_text.delta","delta":"a"})", true);
    row("/v1/responses", R"({"type":"response.function_call_arguments.delta","delta":"{"})", true);
    row("/v1/messages", R"({"type":"ping"})", false);
    row("/v1/messages", R"({"type":"content_block_start","content_block":{"type":"text","text":""}})", false);
    row("/v1/messages", R"({"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"a"}})", true);
    row("/v1/messages", R"({"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":""}})",
        true);
    row("/v1beta/models/g:streamGenerateContent?alt=sse", R"({"candidates":[{"content":{"parts":[{"text":"a"}]}}]})",
        true);
    row("/v1beta/models/g:streamGenerateContent?alt=sse", R"({"candidates":[{"content":{"parts":[]}}]})", false);
}

void LlmStreamTest::findsTheFirstToken() {
    QFETCH(QString, target);
    QFETCH(QString, event);
    QFETCH(bool, isToken);
    const CallFacts facts = observe(streamCall(target.toStdString(), "data: " + event.toStdString() + "\n\n"));
    QCOMPARE(facts.firstToken != kNoTime, isToken);
    QCOMPARE(facts.streamEvents, 1U);
}

void LlmStreamTest::ignoresDecoys() {
    const std::string decoy =
        R"({"content":"\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3},\"finish_reason\":\"length\",\"error\":{\"code\":\"x\"}\n\ndata: [DONE]\n\n"})";
    const std::string nested = R"({"content":"a","tool":{"usage":{"prompt_tokens":77},"error":{"code":"deep"}}})";
    const CallFacts facts = observe(streamCall(
        "/v1/chat/completions", chatChunk(R"({"content":"a"})") + chatChunk(decoy) + chatChunk(nested) +
                                    chatChunk("{}", "\"stop\"") + kUsageChunk + chatChunk(decoy) + "data: [DONE]\n\n"));
    QCOMPARE(facts.usage.input.value(), 9);
    QCOMPARE(facts.usage.output.value(), 1);
    QVERIFY(facts.finishReason == "stop");
    QVERIFY(facts.errorCode.empty());
    QCOMPARE(facts.streamEvents, 7U);
}

void LlmStreamTest::readsChatWithUsageBesideChoices() {
    const CallFacts facts = observe(
        streamCall("/v1/chat/completions",
                   chatChunk(R"({"content":"a"})", "null", R"(,"usage":{"prompt_tokens":4,"completion_tokens":1})") +
                       chatChunk("{}", "\"length\"", R"(,"usage":{"prompt_tokens":4,"completion_tokens":2})")));
    QCOMPARE(facts.usage.input.value(), 4);
    QCOMPARE(facts.usage.output.value(), 2);
    QVERIFY(facts.finishReason == "length");
    QVERIFY(facts.servedModel == "gpt-4o-2024-08-06");
}

void LlmStreamTest::readsToolCalls() {
    const CallFacts facts = observe(streamCall(
        "/v1/chat/completions", chatChunk(R"({"role":"assistant","content":null})") +
                                    chatChunk(R"({"tool_calls":[{"index":0,"id":"c","function":{"name":"f"}}]})") +
                                    chatChunk("{}", "\"tool_calls\"") + "data: [DONE]\n\n"));
    QVERIFY(facts.firstToken != kNoTime);
    QVERIFY(facts.finishReason == "tool_calls");
}

void LlmStreamTest::readsResponsesOutcomes_data() {
    QTest::addColumn<QString>("last");
    QTest::addColumn<QString>("finish");
    QTest::addColumn<QString>("error");
    const auto row = [](const char* name, const char* last, const char* finish, const char* error) {
        QTest::newRow(name) << QString(last) << QString(finish) << QString(error);
    };
    row("completed",
        R"({"type":"response.completed","response":{"status":"completed","error":null,"usage":{"input_tokens":1,"output_tokens":2}}})",
        "completed", "");
    row("incomplete",
        R"({"type":"response.incomplete","response":{"incomplete_details":{"reason":"max_output_tokens"},"status":"incomplete","usage":{"input_tokens":1,"output_tokens":2}}})",
        "max_output_tokens", "");
    row("failed",
        R"({"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"m"},"usage":null}})",
        "failed", "server_error");
    row("in progress", R"({"type":"response.in_progress","response":{"status":"in_progress","usage":null}})", "", "");
}

void LlmStreamTest::readsResponsesOutcomes() {
    QFETCH(QString, last);
    QFETCH(QString, finish);
    QFETCH(QString, error);
    const std::string type = nlohmann::json::parse(last.toStdString()).at("type");
    for (const bool named : {true, false}) {
        const auto event = [&](const std::string& name, const std::string& data) {
            return (named ? "event: " + name + "\n" : std::string()) + "data: " + data + "\n\n";
        };
        const CallFacts facts = observe(streamCall(
            "/openai/v1/responses",
            event("response.created",
                  R"({"type":"response.created","response":{"model":"gpt-4o","status":"in_progress","usage":null}})") +
                event("response.output_text.delta", R"({"type":"response.output_text.delta","delta":"a"})") +
                event(type, last.toStdString())));
        QCOMPARE(QString::fromStdString(facts.finishReason), finish);
        QCOMPARE(QString::fromStdString(facts.errorCode), error);
        QVERIFY(facts.servedModel == "gpt-4o");
        QCOMPARE(facts.streamEvents, 3U);
    }
}

void LlmStreamTest::anthropicTakesTheLastDelta() {
    const CallFacts facts = observe(streamCall(
        "/v1/messages",
        "event: message_start\ndata: "
        R"({"type":"message_start","message":{"model":"claude-x","usage":{"input_tokens":10,"cache_read_input_tokens":5,"cache_creation_input_tokens":3,"output_tokens":1}}})"
        "\n\nevent: content_block_delta\ndata: "
        R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}})"
        "\n\nevent: message_delta\ndata: "
        R"({"type":"message_delta","delta":{"stop_reason":null},"usage":{"output_tokens":20}})"
        "\n\nevent: message_delta\ndata: "
        R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":25}})"
        "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));
    QCOMPARE(facts.usage.input.value(), 18);
    QCOMPARE(facts.usage.output.value(), 25);
    QCOMPARE(facts.usage.total.value(), 43);
    QCOMPARE(facts.usage.cached.value(), 5);
    QCOMPARE(facts.usage.cacheWrite.value(), 3);
    QVERIFY(facts.finishReason == "tool_use");
    QVERIFY(facts.servedModel == "claude-x");
}

void LlmStreamTest::anthropicCutBeforeTheDeltaHasNoOutput() {
    Call call = streamCall("/v1/messages",
                           "event: message_start\ndata: "
                           R"({"type":"message_start","message":{"usage":{"input_tokens":10,"output_tokens":1}}})"
                           "\n\n");
    call.responseComplete = false;
    const CallFacts facts = observe(call);
    QCOMPARE(facts.usage.input.value(), 10);
    QVERIFY(!facts.usage.output && !facts.usage.total);
}

void LlmStreamTest::geminiTakesTheLastChunk() {
    const std::string chunks[]{
        R"({"candidates":[{"content":{"parts":[{"text":"a"}]}}],"usageMetadata":{"promptTokenCount":5,"totalTokenCount":5},"modelVersion":"gemini-2.5-pro"})",
        R"({"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":7,"totalTokenCount":12}})"};
    const std::string target = "/v1beta/models/gemini-2.5-pro:streamGenerateContent";
    Call list;
    list.target = target;
    list.responseBody = "[" + chunks[0] + "\n,\r\n" + chunks[1] + "]";
    for (const CallFacts& facts :
         {observe(streamCall(target + "?alt=sse", "data: " + chunks[0] + "\r\n\r\ndata: " + chunks[1] + "\r\n\r\n")),
          observe(list)}) {
        QCOMPARE(facts.usage.input.value(), 5);
        QCOMPARE(facts.usage.output.value(), 7);
        QCOMPARE(facts.usage.total.value(), 12);
        QVERIFY(facts.finishReason == "STOP");
        QVERIFY(facts.servedModel == "gemini-2.5-pro");
    }
}

void LlmStreamTest::readsErrorsInsideAStream_data() {
    QTest::addColumn<QString>("target");
    QTest::addColumn<QString>("event");
    QTest::addColumn<QString>("code");
    const auto row = [](const char* target, const char* event, const char* code) {
        QTest::newRow(code) << QString(target) << QString(event) << QString(code);
    };
    row("/v1/chat/completions", R"(data: {"error":{"message":"m","type":"t","code":"content_filter"}})",
        "content_filter");
    row("/v1/chat/completions", R"(data: {"error":{"message":"m","type":"server_error","code":null}})", "server_error");
    row("/v1/chat/completions", R"(data: {"error":{"message":"m","code":429}})", "429");
    row("/v1/messages",
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}",
        "overloaded_error");
    row("/v1/responses",
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"x\",\"code\":\"rate_limit_exceeded\"}}",
        "rate_limit_exceeded");
}

void LlmStreamTest::readsErrorsInsideAStream() {
    QFETCH(QString, target);
    QFETCH(QString, event);
    QFETCH(QString, code);
    const CallFacts facts = observe(streamCall(target.toStdString(), event.toStdString() + "\n\n"));
    QCOMPARE(QString::fromStdString(facts.errorCode), code);
    // Also behind the first token, where events are only filtered.
    const CallFacts late = observe(
        streamCall(target.toStdString(), chatChunk(R"({"content":"a"})") +
                                             "data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}\n\ndata: "
                                             "{\"type\":\"content_block_delta\"}\n\n" +
                                             event.toStdString() + "\n\n"));
    QVERIFY(late.firstToken != kNoTime);
    QCOMPARE(QString::fromStdString(late.errorCode), code);
    QVERIFY(!found(late, "usage.missing-stream-usage"));
}

void LlmStreamTest::saysThatUsageIsMissing() {
    const std::string text = chatChunk(R"({"content":"a"})") + chatChunk("{}", "\"stop\"") + "data: [DONE]\n\n";
    Call call = streamCall("/v1/chat/completions", text);
    QVERIFY(found(observe(call), "usage.missing-stream-usage"));
    QVERIFY(observe(call).usage.source == TokenSource::Missing);
    call.responseComplete = false; // cut off: that is another matter
    QVERIFY(!found(observe(call), "usage.missing-stream-usage"));
    call.responseComplete = true;
    call.responseBody = chatChunk(R"({"content":"a"})") + kUsageChunk;
    QVERIFY(!found(observe(call), "usage.missing-stream-usage"));
}

void LlmStreamTest::saysThatAnEventIsTooLong() {
    CallLimits limits;
    limits.maxEventBytes = 400;
    const std::string text =
        chatChunk("{\"content\":\"" + std::string(500, 'a') + "\"}") + chatChunk("{\"content\":\"b\"}") + kUsageChunk;
    for (const std::size_t length : {std::size_t{1}, std::size_t{100}, text.size()}) {
        const CallFacts facts = observe(streamCall("/v1/chat/completions", text), limits, [&] { return length; });
        QVERIFY(found(facts, "llm.event-too-long"));
        QCOMPARE(facts.streamEvents, 2U);
        QCOMPARE(facts.usage.output.value(), 1);
    }
}

void LlmStreamTest::gapLeavesTheRestReadable() {
    CallObserver observer;
    observer.begin();
    http::RequestHead request;
    request.method = "POST";
    request.target = "/v1/chat/completions";
    observer.onRequestHead(request);
    observer.onRequestEnd(true);
    http::ResponseHead response;
    response.status = 200;
    response.headers.add("content-type", "text/event-stream");
    observer.onResponseHead(response);
    const std::string text = chatChunk(R"({"content":"a"})");
    observer.onResponseBody(asBytes(text), 1);
    observer.onResponseBody(asBytes("data: {\"choices\":[],\"usage\":{\"prompt_to"), 2);
    observer.onResponseGap();
    observer.onResponseBody(asBytes("kens\":77,\"completion_tokens\":1}}\n\n" + kUsageChunk), 3);
    observer.onResponseEnd(false);
    const CallFacts facts = observer.take();
    QCOMPARE(facts.streamEvents, 2U);
    QCOMPARE(facts.usage.input.value(), 9);
}

void LlmStreamTest::jsonAnswerToAStreamRequestIsNoStream() {
    Call call;
    call.requestBody = R"({"messages":[],"stream":true,"model":"gpt-4o"})";
    call.responseBody = R"({"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}})";
    const CallFacts facts = observe(call);
    QVERIFY(facts.streamRequested && !facts.stream);
    QCOMPARE(facts.streamEvents, 0U);
    QCOMPARE(facts.firstToken, kNoTime);
    QCOMPARE(facts.usage.total.value(), 3);
}

QTEST_APPLESS_MAIN(LlmStreamTest)
#include "llm_stream_test.moc"
