// SPDX-License-Identifier: Apache-2.0
// What an answer holds beside its counts: calls of tools, verdicts of filters, how much text, and errors in streams.
#include "core/llm/body_reader.h"
#include "core/llm/tool_calls.h"
#include "tests/unit/llm/observed_call.h"

#include <QTest>

using namespace gatescope;
using namespace gatescope::llm;
using gatescope::llm::test::Call;
using gatescope::llm::test::described;
using gatescope::llm::test::found;
using gatescope::llm::test::observe;
using gatescope::llm::test::streamCall;

namespace {

using Count = std::optional<std::int64_t>;

Call answer(std::string target, std::string body) {
    Call call;
    call.target = std::move(target);
    call.responseBody = std::move(body);
    return call;
}

std::string events(std::initializer_list<std::string_view> datas) {
    std::string text;
    for (const std::string_view data : datas) text += "data: " + std::string(data) + "\n\n";
    return text;
}

QString text(const std::string& value) {
    return QString::fromStdString(value);
}

constexpr const char* kChat = "/v1/chat/completions";
constexpr const char* kResponses = "/v1/responses";
constexpr const char* kMessages = "/v1/messages";
constexpr const char* kGemini = "/v1beta/models/g:generateContent";
constexpr const char* kConverse = "/model/m/converse";

} // namespace

class LlmAnswerTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void namesToolsOfAnswers_data();
    void namesToolsOfAnswers();
    void namesToolsOfStreams_data();
    void namesToolsOfStreams();
    void boundsTheNames();
    void tellsCallsApart();
    void readsVerdicts_data();
    void readsVerdicts();
    void keepsTheWorstVerdict();
    void countsContentOfStreams();
    void countsContentOfAnswers_data();
    void countsContentOfAnswers();
    void contentIsUnknownBehindALoss();
    void numbersTheUsageEvent();
    void readsErrorsInStreams_data();
    void readsErrorsInStreams();
    void readsTheTier();
    void addsUpASession();
    void readsABatch();
    void splitsGiveTheSame();
    void prefixesAreSafe();
};

void LlmAnswerTest::namesToolsOfAnswers_data() {
    QTest::addColumn<QString>("target");
    QTest::addColumn<QString>("body");
    QTest::addColumn<QString>("expected"); // COUNT NAMES
    const auto row = [](const char* name, const char* target, const char* body, const char* expected) {
        QTest::newRow(name) << QString(target) << QString(body) << QString(expected);
    };
    row("chat", kChat,
        R"({"choices":[{"message":{"content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"custom","custom":{"name":"g","input":"x"}}]},"finish_reason":"tool_calls"}]})",
        "2 f,g");
    row("the same twice", kChat,
        R"({"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"f","arguments":"{}"}}]}}]})",
        "2 f,f");
    row("legacy", kChat,
        R"({"choices":[{"message":{"content":null,"function_call":{"name":"old","arguments":"{}"}}}]})", "1 old");
    row("two choices", kChat,
        R"({"choices":[{"message":{"tool_calls":[{"function":{"name":"f"}}]}},{"message":{"tool_calls":[{"function":{"name":"g"}}]}}]})",
        "2 f,g");
    row("none", kChat, R"({"choices":[{"message":{"content":"hi","tool_calls":[],"function_call":null}}]})", "0 ");
    row("responses", kResponses,
        R"({"output":[{"type":"reasoning","summary":[]},{"type":"function_call","name":"f","arguments":"{}"},{"type":"web_search_call","id":"w"},{"type":"mcp_call","name":"m","arguments":"{}"},{"type":"mcp_list_tools"},{"type":"custom_tool_call","name":"c","input":"x"},{"type":"message","content":[]},{"type":"function_call_output","output":"x"}]})",
        "4 f,web_search_call,mcp_call,c");
    row("anthropic", kMessages,
        R"({"type":"message","content":[{"type":"text","text":"a"},{"type":"tool_use","id":"t","name":"f","input":{"a":1}},{"type":"server_tool_use","id":"s","name":"web_search","input":{}},{"type":"web_search_tool_result","content":[]}]})",
        "2 f,web_search");
    row("gemini", kGemini,
        R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{}}},{"functionCall":{"name":"g"}}]}}]})",
        "2 f,g");
    row("bedrock", kConverse,
        R"({"output":{"message":{"role":"assistant","content":[{"text":"a"},{"toolUse":{"toolUseId":"t","name":"f","input":{}}}]}}})",
        "1 f");
    row("odd names", kChat, R"({"choices":[{"message":{"tool_calls":[{"function":{"name":"a b,c;d\ne"}}]}}]})",
        "1 a_b_c_d_e");
    row("no name", kChat, R"({"choices":[{"message":{"tool_calls":[{"function":{}},{"function":{"name":7}}]}}]})",
        "2 ");
}

void LlmAnswerTest::namesToolsOfAnswers() {
    QFETCH(QString, target);
    QFETCH(QString, body);
    QFETCH(QString, expected);
    const CallFacts facts = observe(answer(target.toStdString(), body.toStdString()));
    QCOMPARE(QString::number(facts.toolCalls) + ' ' + text(facts.tools), expected);
}

void LlmAnswerTest::namesToolsOfStreams_data() {
    QTest::addColumn<QString>("target");
    QTest::addColumn<QString>("body");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* target, const std::string& body, const char* expected) {
        QTest::newRow(name) << QString(target) << text(body) << QString(expected);
    };
    const auto delta = [](const std::string& calls) {
        return R"({"choices":[{"index":0,"delta":{"tool_calls":[)" + calls + R"(]},"finish_reason":null}]})";
    };
    const auto piece = [&](int index) {
        return delta(R"({"index":)" + std::to_string(index) + R"(,"function":{"arguments":"{\"name\":1}"}})");
    };
    const auto start = [&](int index, const char* id, const char* name) {
        return delta(R"({"index":)" + std::to_string(index) + R"(,"id":")" + id +
                     R"(","type":"function","function":{"name":")" + name + R"(","arguments":""}})");
    };
    row("chat", kChat, events({start(0, "a", "f"), piece(0), piece(0), start(1, "b", "g"), piece(1), "[DONE]"}),
        "2 f,g");
    row("chat, after text", kChat,
        events({R"({"choices":[{"delta":{"content":"x"}}]})", piece(0), start(0, "a", "f"), piece(0)}), "1 f");
    row("chat, both at once", kChat,
        events(
            {delta(
                 R"({"index":0,"id":"a","function":{"name":"f","arguments":""}},{"index":1,"id":"b","function":{"name":"g","arguments":""}})"),
             piece(0), piece(1)}),
        "2 f,g");
    row("chat, name repeated", kChat, events({start(0, "a", "f"), start(0, "a", "f"), start(0, "a", "f")}), "1 f");
    row("chat, one index for all", kChat, events({start(0, "a", "f"), start(0, "b", "g")}), "2 f,g");
    row("chat, two choices", kChat,
        events({R"({"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f"}}]},"index":0}]})",
                R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"g"}}]},"index":1}]})"}),
        "2 f,g");
    row("chat, legacy", kChat,
        events({R"({"choices":[{"delta":{"function_call":{"name":"old","arguments":""}}}]})",
                R"({"choices":[{"delta":{"function_call":{"arguments":"{}"}}}]})"}),
        "1 old");
    const std::string added =
        R"({"type":"response.output_item.added","output_index":1,"item":{"type":"function_call","name":"f","arguments":""}})";
    const std::string done =
        R"({"type":"response.output_item.done","output_index":1,"item":{"type":"function_call","name":"f","arguments":"{}"}})";
    row("responses, cut", kResponses, events({R"({"type":"response.output_text.delta","delta":"a"})", added, done}),
        "1 f");
    row("responses, whole", kResponses,
        events(
            {added, done,
             R"({"type":"response.completed","response":{"status":"completed","output":[{"type":"web_search_call"},{"type":"function_call","name":"f"}]}})"}),
        "2 web_search_call,f");
    row("responses, no list at the end", kResponses,
        events({added, R"({"type":"response.completed","response":{"status":"completed","output":[]}})"}), "1 f");
    row("anthropic", kMessages,
        events(
            {R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})",
             R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}})",
             R"({"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}})",
             R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{}"}})",
             R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"u","name":"f","input":{}}})"}),
        "2 f,f");
    row("gemini", "/v1beta/models/g:streamGenerateContent",
        events({R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{}}}]}}]})",
                R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{}}}]}}]})"}),
        "2 f,f");
}

void LlmAnswerTest::namesToolsOfStreams() {
    QFETCH(QString, target);
    QFETCH(QString, body);
    QFETCH(QString, expected);
    const CallFacts facts = observe(streamCall(target.toStdString(), body.toStdString()));
    QCOMPARE(QString::number(facts.toolCalls) + ' ' + text(facts.tools), expected);
}

void LlmAnswerTest::boundsTheNames() {
    ToolCalls calls;
    for (int i = 0; i < 5000; ++i) calls.addPiece(static_cast<std::uint64_t>(i), {}, "a_tool_with_a_name");
    QCOMPARE(calls.count(), 5000U);
    QVERIFY(calls.joined().size() <= ToolCalls::kMaxJoined + 4);
    QVERIFY(calls.joined().ends_with(",..."));
    calls.clear();
    calls.add(std::string(1000, 'x'));
    QCOMPARE(calls.joined().size(), ToolCalls::kMaxName);
}

void LlmAnswerTest::tellsCallsApart() {
    ToolCalls calls;
    calls.addPiece(0, "", ""); // a piece whose beginning was lost
    calls.addPiece(0, "a", "f");
    calls.addPiece(0, "", "f"); // goes on
    calls.addPiece(0, "a", "f");
    calls.addPiece(1, "a", "g"); // another place
    QCOMPARE(calls.count(), 2U);
    QCOMPARE(text(calls.joined()), QString("f,g"));
}

void LlmAnswerTest::readsVerdicts_data() {
    QTest::addColumn<QString>("target");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("body");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* target, int status, const char* body, const char* expected) {
        QTest::newRow(name) << QString(target) << status << QString(body) << QString(expected);
    };
    row("all safe", kChat, 200,
        R"({"prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"},"jailbreak":{"filtered":false,"detected":false},"custom_blocklists":{"filtered":false,"details":[]}}}],"choices":[{"content_filter_results":{"violence":{"filtered":false,"severity":"safe"}}}]})",
        "");
    row("both sides", kChat, 200,
        R"({"prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"jailbreak":{"filtered":false,"detected":true}}}],"choices":[{"content_filter_results":{"violence":{"filtered":false,"severity":"medium"},"hate":{"filtered":true,"severity":"high"}},"finish_reason":"content_filter"}]})",
        "prompt:jailbreak:detected,completion:violence:medium,completion:hate:filtered");
    row("singular", kChat, 200,
        R"({"prompt_filter_results":[{"content_filter_result":{"sexual":{"filtered":false,"severity":"low"}}}],"choices":[{"content_filter_result":{"self_harm":{"filtered":false,"severity":"low"}}}]})",
        "prompt:sexual:low,completion:self_harm:low");
    row("block lists", kChat, 200,
        R"({"choices":[{"content_filter_results":{"custom_blocklists":[{"filtered":false,"id":"a"},{"filtered":true,"id":"b"}],"error":{"code":"content_filter_error","message":"x"}}}]})",
        "completion:custom_blocklists:filtered");
    row("blocked prompt", kChat, 400,
        R"({"error":{"message":"The response was filtered","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":false,"severity":"safe"},"jailbreak":{"filtered":true,"detected":true}}}}})",
        "prompt:jailbreak:filtered");
    row("blocked prompt, other spelling", kChat, 400,
        R"({"error":{"code":"content_filter","innererror":{"content_filter_results":{"violence":{"filtered":true,"severity":"high"}}}}})",
        "prompt:violence:filtered");
    row("responses", kResponses, 200,
        R"({"content_filters":[{"blocked":false,"content_filter_results":{"jailbreak":{"detected":true,"filtered":false}},"source_type":"prompt"},{"source_type":"completion","content_filter_results":{"hate":{"filtered":false,"severity":"low"}}}]})",
        "prompt:jailbreak:detected,completion:hate:low");
    row("gemini", kGemini, 200,
        R"({"promptFeedback":{"safetyRatings":[{"category":"HARM_CATEGORY_HARASSMENT","probability":"HIGH","blocked":true}]},"candidates":[{"safetyRatings":[{"category":"HARM_CATEGORY_HATE_SPEECH","probability":"NEGLIGIBLE"},{"category":"HARM_CATEGORY_DANGEROUS_CONTENT","probability":"MEDIUM"}]}]})",
        "prompt:harassment:filtered,completion:dangerous_content:medium");
    row("odd category", kChat, 200, R"({"choices":[{"content_filter_results":{"a,b:c d":{"filtered":true}}}]})",
        "completion:a_b_c_d:filtered");
}

void LlmAnswerTest::readsVerdicts() {
    QFETCH(QString, target);
    QFETCH(int, status);
    QFETCH(QString, body);
    QFETCH(QString, expected);
    Call call = answer(target.toStdString(), body.toStdString());
    call.status = status;
    const CallFacts facts = observe(call);
    QCOMPARE(text(facts.contentFilter), expected);
    QVERIFY(facts.limit.origin.empty()); // a filter is no limit
}

void LlmAnswerTest::keepsTheWorstVerdict() {
    const auto chunk = [](const char* severity, const char* filtered) {
        return std::string(R"({"choices":[{"content_filter_results":{"hate":{"filtered":)") + filtered +
               R"(,"severity":")" + severity + R"("}},"delta":{"content":"a"}}]})";
    };
    const CallFacts facts = observe(streamCall(
        kChat, events({R"({"choices":[],"prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]})",
                       chunk("safe", "false"), chunk("medium", "false"), chunk("low", "false")})));
    QCOMPARE(text(facts.contentFilter), QString("completion:hate:medium"));
    QCOMPARE(facts.contentEvents, 3U);
    QCOMPARE(facts.contentBytes, Count(3));
    QVERIFY(facts.usage.source == TokenSource::Missing); // an event of the filter is no usage
    const CallFacts filtered = observe(streamCall(kChat, events({chunk("high", "true"), chunk("medium", "false")})));
    QCOMPARE(text(filtered.contentFilter), QString("completion:hate:filtered"));
    // No list grows without end.
    std::string many = R"({"choices":[{"content_filter_results":{)";
    for (int i = 0; i < 1000; ++i) many += "\"c" + std::to_string(i) + "\":{\"filtered\":true},";
    many.back() = '}';
    QCOMPARE(std::ranges::count(observe(answer(kChat, many + "}]}")).contentFilter, ','), 31);
}

void LlmAnswerTest::countsContentOfStreams() {
    // Events: role, "Hi", reasoning "abc", a tool call with arguments of 2 octets, the end.
    const CallFacts chat = observe(streamCall(
        kChat,
        events(
            {R"({"choices":[{"delta":{"role":"assistant","content":""}}]})",
             R"({"choices":[{"delta":{"content":"Hi"}}]})", R"({"choices":[{"delta":{"content":"\u00e9"}}]})",
             R"({"choices":[{"delta":{"reasoning_content":"abc"}}]})",
             R"({"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]}}]})",
             R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]})",
             R"({"choices":[{"delta":{},"finish_reason":"tool_calls"}]})", "[DONE]"})));
    QCOMPARE(chat.streamEvents, 8U);
    QCOMPARE(chat.contentEvents, 5U);
    QCOMPARE(chat.contentBytes, Count(2 + 2 + 3 + 2));
    // A stream without content delivered nothing, which is known.
    const CallFacts empty = observe(streamCall(kChat, events({R"({"choices":[]})", "[DONE]"})));
    QCOMPARE(empty.contentBytes, Count(0));
    QCOMPARE(empty.contentEvents, 0U);
    // What the last event repeats is not delivered again.
    const CallFacts responses = observe(streamCall(
        kResponses,
        events(
            {R"({"type":"response.output_text.delta","delta":"Hi"})",
             R"({"type":"response.output_text.done","text":"Hi"})",
             R"({"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"Hi"}]}})",
             R"({"type":"response.completed","response":{"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]}]}})"})));
    QCOMPARE(responses.contentEvents, 1U);
    QCOMPARE(responses.contentBytes, Count(2));
}

void LlmAnswerTest::countsContentOfAnswers_data() {
    QTest::addColumn<QString>("target");
    QTest::addColumn<QString>("body");
    QTest::addColumn<int>("octets"); // below 0: not known
    const auto row = [](const char* name, const char* target, const char* body, int octets) {
        QTest::newRow(name) << QString(target) << QString(body) << octets;
    };
    row("chat", kChat, R"({"choices":[{"message":{"role":"assistant","content":"a\nb","refusal":null}}]})", 3);
    row("chat, parts and arguments", kChat,
        R"({"choices":[{"message":{"content":[{"type":"text","text":"ab"}],"reasoning_content":"c","tool_calls":[{"function":{"name":"f","arguments":"{\"a\":1}"}}]}}]})",
        2 + 1 + 7);
    row("completions", "/v1/completions", R"({"choices":[{"text":"abcd"}]})", 4);
    row("responses", kResponses,
        R"({"output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"ab"}]},{"type":"message","content":[{"type":"output_text","text":"cde","annotations":[]}]},{"type":"function_call","name":"f","arguments":"{}"}]})",
        2 + 3 + 2);
    row("anthropic", kMessages,
        R"({"content":[{"type":"thinking","thinking":"ab","signature":"xxxx"},{"type":"text","text":"c"},{"type":"tool_use","name":"f","input":{"a":1}}]})",
        2 + 1 + 7);
    row("gemini", kGemini,
        R"({"candidates":[{"content":{"parts":[{"text":"ab"},{"functionCall":{"name":"f","args":{"a":1}}}]}}]})",
        2 + 7);
    row("bedrock", kConverse,
        R"({"output":{"message":{"content":[{"reasoningContent":{"reasoningText":{"text":"ab"}}},{"text":"c"}]}}})", 3);
    row("not made of text", "/v1/embeddings", R"({"data":[{"embedding":[1,2]}],"usage":{"prompt_tokens":1}})", -1);
    row("image", "/v1/images/generations", R"({"data":[{"b64_json":"AAAA"}],"usage":{"input_tokens":1}})", 0);
    row("transcription", "/v1/audio/transcriptions", R"({"text":"hello","usage":{"type":"duration","seconds":2}})", 5);
    row("no JSON", kChat, "oops", -1);
}

void LlmAnswerTest::countsContentOfAnswers() {
    QFETCH(QString, target);
    QFETCH(QString, body);
    QFETCH(int, octets);
    const CallFacts facts = observe(answer(target.toStdString(), body.toStdString()));
    QCOMPARE(facts.contentBytes, octets < 0 ? Count() : Count(octets));
    QCOMPARE(facts.contentEvents, 0U);
}

void LlmAnswerTest::contentIsUnknownBehindALoss() {
    CallObserver observer;
    observer.begin();
    http::RequestHead request;
    request.method = "POST";
    request.target = kChat;
    observer.onRequestHead(request);
    http::ResponseHead response;
    response.status = 200;
    response.headers.add("content-type", "text/event-stream");
    observer.onResponseHead(response);
    observer.onResponseBody(asBytes(events({R"({"choices":[{"delta":{"content":"Hi"}}]})"})), 1);
    observer.onResponseGap();
    observer.onResponseBody(asBytes("x\n\n" + events({R"({"choices":[{"delta":{"content":"Hi"}}]})"})), 2);
    observer.onResponseEnd(true);
    const CallFacts facts = observer.take();
    QCOMPARE(facts.contentEvents, 2U); // those that were seen
    QVERIFY(!facts.contentBytes);
}

void LlmAnswerTest::numbersTheUsageEvent() {
    const std::string usage = R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10}})";
    const std::string chunk = R"({"choices":[{"delta":{"content":"Hi"}}],"usage":null})";
    QCOMPARE(observe(streamCall(kChat, events({chunk, chunk, usage, "[DONE]"}))).usageEvent, 3U);
    QCOMPARE(observe(streamCall(kChat, events({chunk, "[DONE]"}))).usageEvent, 0U);
    QCOMPARE(observe(answer(kChat, usage)).usageEvent, 0U); // not a stream
    const std::string start = R"({"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1}}})";
    const std::string delta =
        R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":12}})";
    QCOMPARE(observe(streamCall(kMessages, events({start, R"({"type":"ping"})"}))).usageEvent, 1U);
    QCOMPARE(observe(streamCall(kMessages, events({start, delta, delta}))).usageEvent, 3U);
}

void LlmAnswerTest::readsErrorsInStreams_data() {
    QTest::addColumn<QString>("target");
    QTest::addColumn<QString>("event");
    QTest::addColumn<QString>("code");
    const auto row = [](const char* target, const char* event, const char* code) {
        QTest::newRow(event) << QString(target) << QString(event) << QString(code);
    };
    row(kChat, R"({"error":{"code":"server_error","message":"x"}})", "server_error");
    row(kChat, R"({"error":{"message":"no code"}})", "");
    row(kChat, R"({"error":"a sentence"})", "");
    row(kResponses, R"({"type":"error","code":"rate_limit_exceeded","message":"x"})", "rate_limit_exceeded");
    row(kResponses,
        R"({"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"x"}}})",
        "server_error");
    row(kMessages, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
        "overloaded_error");
    row("/v1beta/models/g:streamGenerateContent", R"({"error":{"code":500,"status":"INTERNAL"}})", "500");
}

void LlmAnswerTest::readsErrorsInStreams() {
    QFETCH(QString, target);
    QFETCH(QString, event);
    QFETCH(QString, code);
    const CallFacts facts = observe(streamCall(target.toStdString(), "data: " + event.toStdString() + "\n\n"));
    QCOMPARE(text(facts.errorCode), code);
    QVERIFY(found(facts, "llm.error-in-stream"));
    QVERIFY(!found(facts, "usage.missing-stream-usage"));
    const CallFacts none = observe(streamCall(target.toStdString(), "data: {\"error\":null}\n\n"));
    QVERIFY(!found(none, "llm.error-in-stream"));
}

void LlmAnswerTest::readsTheTier() {
    QCOMPARE(text(observe(answer(kChat, R"({"service_tier":"default","usage":{"prompt_tokens":1}})")).serviceTier),
             QString("default"));
    QCOMPARE(text(observe(answer(kMessages, R"({"usage":{"input_tokens":1,"service_tier":"priority"}})")).serviceTier),
             QString("priority"));
    QCOMPARE(text(observe(answer(kGemini, R"({"usageMetadata":{"promptTokenCount":1,"trafficType":"ON_DEMAND"}})"))
                      .serviceTier),
             QString("ON_DEMAND"));
    const CallFacts stream = observe(streamCall(
        kResponses,
        events({R"({"type":"response.created","response":{"service_tier":"auto"}})",
                R"({"type":"response.completed","response":{"status":"completed","service_tier":"flex"}})"})));
    QCOMPARE(text(stream.serviceTier), QString("flex"));
}

void LlmAnswerTest::addsUpASession() {
    // Each answer of a realtime session is billed by itself: 10 + 15 and 4 + 6; audio in 6 + 0, cached only in the
    // second.
    BodyReader reader;
    ResponseFacts facts;
    const auto read = [&](const char* message) {
        QVERIFY(reader.readEvent(WireFormat::OpenAiRealtime, message, facts));
    };
    read(R"({"type":"session.created","session":{"model":"gpt-realtime"}})");
    read(R"({"type":"response.created","response":{"status":"in_progress","usage":null}})");
    read(R"({"type":"response.output_audio_transcript.delta","delta":"Hi"})");
    QVERIFY(facts.content);
    read(R"({"type":"response.output_audio.delta","delta":"AAAA"})");
    read(
        R"({"type":"response.done","response":{"status":"completed","output":[{"type":"function_call","name":"f"}],"usage":{"total_tokens":14,"input_tokens":10,"output_tokens":4,"input_token_details":{"text_tokens":4,"audio_tokens":6},"output_token_details":{"text_tokens":1,"audio_tokens":3}}}})");
    QVERIFY(facts.usageSeen);
    read(
        R"({"type":"conversation.item.input_audio_transcription.completed","transcript":"x","usage":{"type":"tokens","input_tokens":99,"total_tokens":99}})");
    QVERIFY(!facts.usageSeen);
    read(
        R"({"type":"response.done","response":{"status":"completed","output":[{"type":"function_call","name":"g"}],"usage":{"total_tokens":21,"input_tokens":15,"output_tokens":6,"input_token_details":{"cached_tokens":8}}}})");
    const Usage usage = normalised(WireFormat::OpenAiRealtime, facts.usage);
    QCOMPARE(usage.input, Count(25));
    QCOMPARE(usage.output, Count(10));
    QCOMPARE(usage.total, Count(35));
    QCOMPARE(usage.cached, Count(8));
    QCOMPARE(usage.audioInput, Count(6));
    QCOMPARE(usage.audioOutput, Count(3));
    QCOMPARE(facts.contentBytes, std::int64_t{2}); // sound is no text
    QCOMPARE(text(facts.tools.joined()), QString("f,g"));
    QCOMPARE(text(facts.model), QString("gpt-realtime"));
    QCOMPARE(text(facts.finishReason), QString("completed"));
}

void LlmAnswerTest::readsABatch() {
    // The summary of a batch holds the counts of all its lines; looking at it again must not count them again.
    const std::string batch =
        R"({"id":"batch_1","object":"batch","status":"completed","usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":20},"output_tokens":50,"output_tokens_details":{"reasoning_tokens":10},"total_tokens":150}})";
    BodyReader reader;
    ResponseFacts facts;
    PaddedBuffer body;
    body.assign(batch);
    QVERIFY(reader.readResponse(WireFormat::OpenAiResponses, body, facts));
    const Usage usage = normalised(WireFormat::OpenAiResponses, facts.usage);
    QVERIFY(usage.input == 100 && usage.cached == 20 && usage.output == 50 && usage.reasoning == 10 &&
            usage.total == 150);
    Call call = answer("/v1/batches/batch_1", batch);
    call.method = "GET";
    QVERIFY(observe(call).usage.source == TokenSource::Missing);
}

void LlmAnswerTest::splitsGiveTheSame() {
    const Call call = streamCall(
        kChat,
        events(
            {R"({"choices":[],"prompt_filter_results":[{"content_filter_results":{"jailbreak":{"detected":true}}}]})",
             R"({"model":"m","choices":[{"delta":{"content":"H\u00e9"}}]})",
             R"({"model":"m","choices":[{"delta":{"content":"y"}}]})",
             R"({"model":"m","choices":[{"delta":{"content":"you"}}]})",
             R"({"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]}}]})",
             R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]})",
             R"({"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})", "[DONE]"}));
    const std::string whole = described(observe(call));
    for (std::size_t length = 1; length < 40; ++length)
        QCOMPARE(text(described(observe(call, {}, [=] { return length; }))), text(whole));
    std::mt19937 random(20261122);
    for (int round = 0; round < 50; ++round)
        QCOMPARE(text(described(observe(call, {}, [&] { return 1 + random() % 90; }))), text(whole));
}

void LlmAnswerTest::prefixesAreSafe() {
    for (const char* target : {kChat, kResponses, kMessages, kGemini, kConverse}) {
        const std::string body =
            R"({"choices":[{"index":0,"delta":{"content":"a","tool_calls":[{"function":{"name":"f","arguments":"{}"}}]},"message":{"content":[{"text":"a"}]},"content_filter_results":{"hate":{"filtered":true}}}],"output":[{"type":"function_call","name":"f"}],"content":[{"type":"tool_use","name":"f","input":{"a":[1]}}],"candidates":[{"content":{"parts":[{"text":"a"}]}}],"error":{"code":1},"usage":{"input_tokens":1}})";
        for (std::size_t length = 0; length <= body.size(); ++length) {
            Call call = answer(target, body.substr(0, length));
            call.responseComplete = length == body.size();
            observe(call);
            observe(streamCall(target, "data: " + body.substr(0, length) + "\n\n"));
        }
    }
}

QTEST_APPLESS_MAIN(LlmAnswerTest)
#include "llm_answer_test.moc"
