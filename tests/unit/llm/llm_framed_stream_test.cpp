// SPDX-License-Identifier: Apache-2.0
// Streams that are no server-sent events. Shapes of the events: AWS, Bedrock runtime reference (ConverseStream,
// InvokeModelWithResponseStream); Google, streamGenerateContent without alt=sse. Counts are those written into them.
#include "core/llm/json_list.h"
#include "tests/unit/http/aws_frames.h"
#include "tests/unit/llm/observed_call.h"

#include <QTest>
#include <random>

using namespace gatescope;
using namespace gatescope::http::test;
using namespace gatescope::llm;
using gatescope::llm::test::Call;
using gatescope::llm::test::described;
using gatescope::llm::test::found;
using gatescope::llm::test::observe;

namespace {

Call framesCall(std::string target, std::string frames) {
    Call call;
    call.target = std::move(target);
    call.requestBody = R"({"messages":[]})";
    call.responseHeaders = {{"Content-Type", "application/vnd.amazon.eventstream"}};
    call.responseBody = std::move(frames);
    return call;
}

const std::string kConverse =
    eventFrame("messageStart", R"({"p":"ab","role":"assistant"})") +
    eventFrame("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}})") +
    eventFrame("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"Let me see"},"p":"abc"})") +
    eventFrame("contentBlockStop", R"({"contentBlockIndex":0})") +
    eventFrame("contentBlockStart",
               R"({"contentBlockIndex":1,"start":{"toolUse":{"name":"get_weather","toolUseId":"t1"}}})") +
    eventFrame("contentBlockDelta", R"({"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"city\":1}"}}})") +
    eventFrame("contentBlockStart",
               R"({"contentBlockIndex":2,"start":{"toolUse":{"name":"get_time","toolUseId":"t2"}}})") +
    eventFrame("messageStop", R"({"stopReason":"tool_use"})") +
    eventFrame("metadata", R"({"metrics":{"latencyMs":9},"usage":{"inputTokens":10,"outputTokens":5,"totalTokens":55,)"
                           R"("cacheReadInputTokens":40,"cacheWriteInputTokens":0}})");

std::string chunk(std::string_view event) {
    const QByteArray text(event.data(), static_cast<qsizetype>(event.size()));
    return eventFrame("chunk", R"({"bytes":")" + text.toBase64().toStdString() + R"(","p":"abcdef"})");
}

const std::string kInvoke =
    chunk(
        R"({"type":"message_start","message":{"id":"msg_1","model":"claude","usage":{"input_tokens":7,"output_tokens":1}}})") +
    chunk(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hello"}})") +
    chunk(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}})") +
    chunk(R"({"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":7,"outputTokenCount":3}})");

Call listCall(std::string body) {
    Call call;
    call.target = "/v1beta/models/gemini-2.5-pro:streamGenerateContent?key=secret";
    call.requestBody = R"({"contents":[{"parts":[{"text":"hi"}]}]})";
    call.responseBody = std::move(body);
    return call;
}

const std::string kList =
    "[{\n  \"candidates\": [{\"content\": {\"parts\": [{\"text\": \"\"}]}}],\n  \"modelVersion\": "
    "\"gemini-2.5-pro\"\n}\n,\r\n"
    "{\n  \"candidates\": [{\"content\": {\"parts\": [{\"text\": \"a \\\"{[\\\" b\"}]}}]\n}\n,\r\n"
    "{\n  \"candidates\": [{\"finishReason\": \"STOP\"}],\n  \"usageMetadata\": {\"promptTokenCount\": 4, "
    "\"candidatesTokenCount\": 6, \"totalTokenCount\": 10}\n}\n]\n";

std::vector<std::string> objectsIn(std::string_view text, std::size_t size, std::size_t limit = 1000) {
    JsonListSplitter list(limit);
    std::vector<std::string> told;
    for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
        const std::string piece(text.substr(0, size));
        Bytes rest = asBytes(piece);
        while (const auto object = list.take(rest)) told.emplace_back(*object);
    }
    if (list.oversized() != 0) told.emplace_back("oversized");
    return told;
}

} // namespace

class LlmFramedStreamTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsConverseStreams();
    void readsInvokeStreams();
    void takesBedrocksCountForOtherModels();
    void tellsExceptions();
    void keepsGoingBehindDamageAndLoss();
    void readsGoogleLists();
    void readsRefusalsOfListStreamsAsDocuments();
    void splitsLists();
    void findsTheNextObjectBehindALoss();
    void takesAnySplit_data();
    void takesAnySplit();
};

void LlmFramedStreamTest::readsConverseStreams() {
    const CallFacts facts = observe(framesCall("/model/us.anthropic.claude-3%3A0/converse-stream", kConverse));
    QVERIFY(facts.api == "bedrock.converse" && facts.deployment == "us.anthropic.claude-3:0");
    QVERIFY(facts.stream && facts.streamRequested);
    QCOMPARE(facts.streamEvents, 9U);
    QCOMPARE(facts.contentEvents, 5U); // two texts, two calls, one input
    QCOMPARE(facts.usageEvent, 9U);
    QCOMPARE(facts.contentBytes.value(), 2 + 10 + 10);
    QVERIFY(facts.finishReason == "tool_use" && facts.tools == "get_weather,get_time");
    QCOMPARE(facts.toolCalls, 2U);
    QCOMPARE(facts.usage.input.value(), 50); // cached and not
    QCOMPARE(facts.usage.cached.value(), 40);
    QCOMPARE(facts.usage.cacheWrite.value(), 0);
    QCOMPARE(facts.usage.output.value(), 5);
    QCOMPARE(facts.usage.total.value(), 55);
    QVERIFY(facts.findings.empty());
    // The time of a piece is the place of its end: the frame with the first content is the second.
    const std::size_t first = eventFrame("messageStart", R"({"p":"ab","role":"assistant"})").size();
    const CallFacts slow =
        observe(framesCall("/model/m/converse-stream", kConverse), {}, [] { return std::size_t{1}; });
    QVERIFY(slow.firstToken > static_cast<TimeNs>(first) && slow.firstToken < static_cast<TimeNs>(3 * first));
}

void LlmFramedStreamTest::readsInvokeStreams() {
    const CallFacts facts = observe(framesCall("/model/anthropic.claude/invoke-with-response-stream", kInvoke));
    QVERIFY(facts.api == "bedrock.invoke" && facts.stream && facts.responseId == "msg_1");
    QCOMPARE(facts.streamEvents, 4U);
    QCOMPARE(facts.contentEvents, 1U);
    QCOMPARE(facts.contentBytes.value(), 5);
    QCOMPARE(facts.usage.input.value(), 7);
    QCOMPARE(facts.usage.output.value(), 3);
    QVERIFY(facts.finishReason == "end_turn" && facts.findings.empty());
}

void LlmFramedStreamTest::takesBedrocksCountForOtherModels() {
    const CallFacts facts = observe(framesCall(
        "/model/meta.llama3/invoke-with-response-stream",
        chunk(R"({"generation":"hi","prompt_token_count":9})") +
            chunk(
                R"({"generation":"","amazon-bedrock-invocationMetrics":{"inputTokenCount":9,"outputTokenCount":2}})")));
    QCOMPARE(facts.usage.input.value(), 9);
    QCOMPARE(facts.usage.output.value(), 2);
    QCOMPARE(facts.usage.total.value(), 11);
    QVERIFY(facts.usage.source == TokenSource::Reported);
}

void LlmFramedStreamTest::tellsExceptions() {
    const std::string frames =
        eventFrame("messageStart", "{}") +
        frame(header(":message-type", "exception") + header(":exception-type", "throttlingException"),
              R"({"message":"Too many tokens, please wait"})");
    const CallFacts facts = observe(framesCall("/model/m/converse-stream", frames));
    QVERIFY(facts.errorCode == "throttlingException");
    QVERIFY(found(facts, "llm.error-in-stream"));
    QVERIFY(facts.usage.source == TokenSource::Missing);
}

void LlmFramedStreamTest::keepsGoingBehindDamageAndLoss() {
    std::string damaged = kConverse;
    damaged[damaged.find("Let me see")] ^= 1; // its check sum is wrong now
    CallFacts facts = observe(framesCall("/model/m/converse-stream", damaged));
    QVERIFY(found(facts, "llm.event-frames-damaged"));
    QCOMPARE(facts.streamEvents, 8U);
    QCOMPARE(facts.usage.total.value(), 55);
    QVERIFY(!facts.contentBytes);
    facts = observe(framesCall("/model/m/invoke-with-response-stream", eventFrame("chunk", R"({"bytes":"?"})")));
    QVERIFY(found(facts, "llm.event-frames-damaged"));

    CallObserver observer;
    observer.begin();
    http::RequestHead request;
    request.method = "POST";
    request.target = "/model/m/converse-stream";
    observer.onRequestHead(request);
    http::ResponseHead response;
    response.status = 200;
    response.headers.add("content-type", "application/vnd.amazon.eventstream");
    observer.onResponseHead(response);
    observer.onResponseBody(asBytes(std::string_view(kConverse).substr(0, 150)), 1);
    observer.onResponseGap();
    observer.onResponseBody(asBytes(std::string_view(kConverse).substr(333)), 2);
    observer.onResponseEnd(true);
    facts = observer.take();
    QCOMPARE(facts.usage.total.value(), 55);
    QVERIFY(!found(facts, "llm.event-frames-damaged") && !facts.contentBytes);
}

void LlmFramedStreamTest::readsGoogleLists() {
    const CallFacts facts = observe(listCall(kList), {}, [] { return std::size_t{1}; });
    QVERIFY(facts.api == "gemini" && facts.stream && facts.streamRequested);
    QCOMPARE(facts.streamEvents, 3U);
    QCOMPARE(facts.contentEvents, 1U);
    QCOMPARE(facts.usageEvent, 3U);
    QCOMPARE(facts.firstToken, static_cast<TimeNs>(kList.find("]\n}\n,\r\n{\n  \"candidates\": [{\"finish") + 3));
    QCOMPARE(facts.contentBytes.value(), 8); // a "{[" b
    QCOMPARE(facts.usage.total.value(), 10);
    QVERIFY(facts.finishReason == "STOP" && facts.servedModel == "gemini-2.5-pro");
    QVERIFY(facts.findings.empty());
}

void LlmFramedStreamTest::readsRefusalsOfListStreamsAsDocuments() {
    Call call = listCall(R"([{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED"}}])");
    call.status = 429;
    const CallFacts facts = observe(call);
    QVERIFY(!facts.stream && facts.errorCode == "429" && facts.limit.origin == "gemini-quota");
}

void LlmFramedStreamTest::splitsLists() {
    const std::string text = R"( [ {"a":[1,{"b":"}]"}]} , {"c":"\\\"{"} ,7,[{"d":1}]{} ])";
    const std::vector<std::string> wanted{R"({"a":[1,{"b":"}]"}]})", R"({"c":"\\\"{"})", R"({"d":1})", "{}"};
    for (std::size_t size = 1; size <= text.size(); ++size) QVERIFY(objectsIn(text, size) == wanted);
    for (std::size_t length = 0; length < text.size(); ++length)
        QVERIFY(objectsIn(text.substr(0, length), 3).size() <= 4);
    for (std::size_t size = 1; size <= 30; ++size) { // the limit: nine octets are too long for eight
        QVERIFY(objectsIn(R"([{"a":12},{"b":1}])", size, 9).size() == 2);
        QVERIFY((objectsIn(R"([{"a":12},{"b":1}])", size, 7) == std::vector<std::string>{R"({"b":1})", "oversized"}));
    }
}

void LlmFramedStreamTest::findsTheNextObjectBehindALoss() {
    const std::string text = "rest\": \"{\"}]\n}\n,\r\n{\n  \"a\": {\n  }\n}\n]";
    for (std::size_t size = 1; size <= text.size(); ++size) {
        JsonListSplitter list(1000);
        list.gap();
        std::vector<std::string> told;
        for (std::string_view left = text; !left.empty(); left.remove_prefix(std::min(size, left.size()))) {
            Bytes rest = asBytes(left.substr(0, size));
            while (const auto object = list.take(rest)) told.emplace_back(*object);
        }
        QVERIFY(told == std::vector<std::string>{"{\n  \"a\": {\n  }\n}"});
    }
}

void LlmFramedStreamTest::takesAnySplit_data() {
    QTest::addColumn<int>("which");
    QTest::newRow("converse") << 0;
    QTest::newRow("invoke") << 1;
    QTest::newRow("list") << 2;
}

void LlmFramedStreamTest::takesAnySplit() {
    QFETCH(int, which);
    const auto callOf = [which](std::size_t length) {
        if (which == 0) return framesCall("/model/m/converse-stream", kConverse.substr(0, length));
        if (which == 1) return framesCall("/model/m/invoke-with-response-stream", kInvoke.substr(0, length));
        return listCall(kList.substr(0, length));
    };
    const Call call = callOf(std::string::npos);
    const std::string whole = described(observe(call));
    for (std::size_t size = 1; size < 80; ++size)
        QVERIFY(described(observe(call, {}, [size] { return size; })) == whole);
    std::mt19937 random(3);
    for (int i = 0; i < 50; ++i)
        QVERIFY(described(observe(call, {}, [&] { return std::size_t{1 + random() % 200}; })) == whole);
    for (std::size_t length = 0; length < call.responseBody.size(); ++length) {
        Call cut = callOf(length);
        cut.responseComplete = false;
        QVERIFY(observe(cut).streamEvents <= observe(call).streamEvents);
    }
}

QTEST_APPLESS_MAIN(LlmFramedStreamTest)
#include "llm_framed_stream_test.moc"
