// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/llm/observed_call.h"

#include <QTest>

using namespace gatescope;
using namespace gatescope::llm;
using gatescope::llm::test::Call;
using gatescope::llm::test::observe;
using gatescope::llm::test::streamCall;

namespace {

Call answered(std::string target, std::string body) {
    Call call;
    call.target = std::move(target);
    call.responseBody = std::move(body);
    return call;
}

const std::string kChat = "/v1/chat/completions";
const std::string kResponses = "/openai/v1/responses";
const std::string kMessages = "/v1/messages";

/// As Azure streams it: the first chunk speaks of the prompt only and its `id` is empty.
const std::string kAzureStream =
    "data: {\"choices\":[],\"created\":0,\"id\":\"\",\"model\":\"\",\"object\":\"\",\"prompt_filter_results\":[]}\n\n"
    "data: "
    "{\"id\":\"chatcmpl-B9MBs8\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4o\",\"choices\":[{\"index\":"
    "0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n"
    "data: {\"id\":\"chatcmpl-B9MBs8\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n"
    "data: {\"id\":\"chatcmpl-other\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" you\"}}]}\n\ndata: "
    "[DONE]\n\n";

const std::string kResponsesStream =
    "event: response.created\ndata: "
    "{\"type\":\"response.created\",\"response\":{\"id\":\"resp_67c9fdce\",\"object\":\"response\","
    "\"status\":\"in_progress\",\"output\":[]}}\n\n"
    "event: response.output_item.added\ndata: "
    "{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{\"id\":"
    "\"msg_67c9fdcf\",\"type\":\"message\",\"content\":[]}}\n\n"
    "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"id\":\"event_1\",\"item_id\":"
    "\"msg_67c9fdcf\",\"delta\":\"Hi\"}\n\n"
    "event: response.completed\ndata: "
    "{\"type\":\"response.completed\",\"response\":{\"id\":\"resp_67c9fdce\",\"status\":\"completed\"}}\n\n";

const std::string kAnthropicStream =
    "event: message_start\ndata: "
    "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1nZdL29xx5MUA1yADyHTEsnR8uuvGzszyY\""
    ",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"usage\":{\"input_tokens\":25,\"output_tokens\":1}}}"
    "\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":"
    "\"tool_use\",\"id\":\"toolu_01T1x1fJ34qAmk2tNTrN7Up6\",\"name\":\"get_weather\",\"input\":{}}}\n\n";

} // namespace

class LlmResponseIdTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void isTheIdOfTheAnswer_data();
    void isTheIdOfTheAnswer();
    void standsInTheHeadOfALongBody();
    void isOfTheFirstEventsThatAreLeft();
    void anySplitGivesIt();
};

// The shapes are those of the vendors' references: OpenAI chat completions and responses, Azure OpenAI's streaming with
// content filters, Anthropic messages, Gemini generateContent.
void LlmResponseIdTest::isTheIdOfTheAnswer_data() {
    QTest::addColumn<Call>("call");
    QTest::addColumn<std::string>("id");
    QTest::newRow("chat") << answered(kChat,
                                      R"({"id":"chatcmpl-B9MBs8","object":"chat.completion","choices":[{"message":
        {"role":"assistant","tool_calls":[{"id":"call_abc","type":"function"}]}}]})")
                          << std::string("chatcmpl-B9MBs8");
    QTest::newRow("responses") << answered(kResponses,
                                           R"({"id":"resp_67ccd2be","object":"response","status":"completed",
        "output":[{"type":"message","id":"msg_67ccd2bf","content":[]}]})")
                               << std::string("resp_67ccd2be");
    QTest::newRow("anthropic") << answered(kMessages, R"({"content":[{"type":"tool_use","id":"toolu_1","name":"f",
        "input":{"id":"x"}}],"id":"msg_013Zva2CMHLNnXjNJJKqJ2EF","type":"message"})")
                               << std::string("msg_013Zva2CMHLNnXjNJJKqJ2EF");
    QTest::newRow("gemini") << answered("/v1beta/models/gemini-2.5-flash:generateContent",
                                        R"({"candidates":[],"responseId":"mAitaLmkHPPlz7IPvtfUqQ4"})")
                            << std::string("mAitaLmkHPPlz7IPvtfUqQ4");
    QTest::newRow("chat stream") << streamCall(kChat, kAzureStream) << std::string("chatcmpl-B9MBs8");
    QTest::newRow("responses stream") << streamCall(kResponses, kResponsesStream) << std::string("resp_67c9fdce");
    QTest::newRow("anthropic stream") << streamCall(kMessages, kAnthropicStream)
                                      << std::string("msg_1nZdL29xx5MUA1yADyHTEsnR8uuvGzszyY");
    QTest::newRow("no id") << answered(kChat, R"({"choices":[{"id":"x","message":{"id":"y"}}]})") << std::string();
    QTest::newRow("no text") << answered(kChat, R"({"id":17})") << std::string();
    QTest::newRow("of an event only")
        << streamCall(kResponses, "data: {\"type\":\"error\",\"id\":\"event_1\",\"code\":\"server_error\"}\n\n")
        << std::string();
    QTest::newRow("no model call") << answered("/health", R"({"id":"x"})") << std::string();
}

void LlmResponseIdTest::isTheIdOfTheAnswer() {
    QFETCH(Call, call);
    QFETCH(std::string, id);
    QCOMPARE(observe(call).responseId, id);
}

void LlmResponseIdTest::standsInTheHeadOfALongBody() {
    CallLimits limits;
    limits.maxWholeBody = 4096;
    limits.headBytes = limits.tailBytes = 1024;
    const std::string text(20'000, 'a');
    QCOMPARE(
        observe(answered(kChat, R"({"id":"chatcmpl-1","choices":[{"message":{"content":")" + text + "\"}}]}"), limits)
            .responseId,
        std::string("chatcmpl-1"));
    // What a long text holds is no member, and an id behind the middle is not guessed.
    QCOMPARE(observe(answered(kChat, R"({"choices":[{"message":{"id":"x","content":")" + text + "\"}}]}"), limits)
                 .responseId,
             std::string());
    // A body that ended early was kept at its beginning only.
    Call cut = answered(kResponses, R"({"id":"resp_1","object":"response","output":[{"type":"mess)");
    cut.responseComplete = false;
    QCOMPARE(observe(cut).responseId, std::string("resp_1"));
}

void LlmResponseIdTest::isOfTheFirstEventsThatAreLeft() {
    // The capture began behind the first events.
    QCOMPARE(
        observe(streamCall(kResponses, kResponsesStream.substr(kResponsesStream.find("event: response.output_text"))))
            .responseId,
        std::string("resp_67c9fdce"));
    QCOMPARE(
        observe(streamCall(kChat, kAzureStream.substr(kAzureStream.find("data: {\"id\":\"chatcmpl-other")))).responseId,
        std::string("chatcmpl-other"));
}

void LlmResponseIdTest::anySplitGivesIt() {
    const Call call = streamCall(kChat, kAzureStream);
    for (std::size_t length = 1; length < 40; ++length)
        QCOMPARE(observe(call, {}, [length] { return length; }).responseId, std::string("chatcmpl-B9MBs8"));
}

QTEST_APPLESS_MAIN(LlmResponseIdTest)
#include "llm_response_id_test.moc"
