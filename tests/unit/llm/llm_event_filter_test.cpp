// SPDX-License-Identifier: Apache-2.0
#include "core/llm/body_reader.h"
#include "core/llm/event_filter.h"

#include <QTest>

using namespace gatescope::llm;
using gatescope::http::ServerSentEvent;

namespace {

EventLook lookAt(WireFormat format, std::string_view name, std::string_view data) {
    EventFilter filter;
    return filter.look(format, ServerSentEvent{name, data});
}

bool mustParse(std::string_view data) {
    return lookAt(WireFormat::OpenAiChat, "", data).parse;
}

/// Texts as they stand in JSON, with the octets that they stand for, counted by hand.
struct Text {
    const char* written;
    std::size_t octets;
};
constexpr Text kTexts[]{{"", 0},
                        {"Hi", 2},
                        {"a b", 3},
                        {"\xC3\xA9t\xC3\xA9", 5},
                        {R"(\u00e9t\u00e9)", 5},
                        {R"(\ud83d\ude00)", 4},
                        {R"(\ud83d)", 3},
                        {R"(\ud83d\u0041)", 4},
                        {R"(\u0000)", 1},
                        {R"(\u20ac)", 3},
                        {R"(say \"usage\":{ now)", 17},
                        {R"(\\)", 1},
                        {R"(\\\")", 2},
                        {R"(\n\t)", 2},
                        {R"(},\"delta\":{\"content\":\"x)", 23},
                        {"[DONE]", 6}};

struct Shape {
    WireFormat format;
    const char* name;
    const char* before;
    const char* after;
};
constexpr Shape kShapes[]{
    {WireFormat::OpenAiChat, "", R"({"id":"c","choices":[{"index":0,"delta":{"content":")",
     R"("},"finish_reason":null}],"usage":null})"},
    {WireFormat::OpenAiChat, "", R"({ "choices" : [ { "delta" : { "role" : "assistant" , "content" : ")",
     R"(" } } ] })"},
    {WireFormat::OpenAiChat, "",
     R"({"choices":[{"content_filter_results":{"hate":{"filtered":false,"severity":"safe"},"jailbreak":{"filtered":false,"detected":false}},"delta":{"content":")",
     R"(","refusal":null},"finish_reason":null,"index":0,"logprobs":null}]})"},
    {WireFormat::OpenAiChat, "", R"({"choices":[{"delta":{"content":"","reasoning_content":")", R"("}}]})"},
    {WireFormat::OpenAiChat, "", R"({"choices":[{"delta":{"reasoning":")",
     R"(","reasoning_content":"","reasoning_details":[{"text":"x"}]}}]})"},
    {WireFormat::OpenAiChat, "", R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":")",
     R"("}}],"content":null}}]})"},
    {WireFormat::OpenAiChat, "", R"({"choices":[{"text":")", R"(","index":0,"finish_reason":null,"logprobs":null}]})"},
    {WireFormat::OpenAiResponses, "response.output_text.delta",
     R"({"type":"response.output_text.delta","sequence_number":4,"delta":")", R"(","logprobs":[],"obfuscation":"ab"})"},
    {WireFormat::OpenAiResponses, "", R"({"type":"response.function_call_arguments.delta","output_index":0,"delta":")",
     R"("})"},
    {WireFormat::Anthropic, "content_block_delta",
     R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")", R"("}})"},
    {WireFormat::Anthropic, "",
     R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":")", R"("}})"},
    {WireFormat::Anthropic, "content_block_delta",
     R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":")", R"("}})"}};

/// Of chat, only a piece of a call is content whatever its text.
bool isContent(const Shape& shape, const Text& text) {
    return text.octets != 0 || shape.format != WireFormat::OpenAiChat ||
           std::string_view(shape.before).find("tool_calls") != std::string_view::npos;
}

/// What an event adds, by the parser.
ResponseFacts parsed(WireFormat format, std::string_view data) {
    BodyReader reader;
    ResponseFacts facts;
    reader.readEvent(format, data, facts);
    return facts;
}

} // namespace

class LlmEventFilterTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void findsWhatMustBeParsed_data();
    void findsWhatMustBeParsed();
    void findsAtAnyPlace();
    void goesByTheName();
    void measures();
    void remembersSurroundings();
    void agreesWithTheParser_data();
    void agreesWithTheParser();
    void survivesCutEvents();
};

void LlmEventFilterTest::findsWhatMustBeParsed_data() {
    QTest::addColumn<QString>("data");
    QTest::addColumn<bool>("expected");
    const auto row = [](const char* data, bool expected) { QTest::newRow(data) << QString(data) << expected; };
    row(R"({"usage":{"prompt_tokens":1}})", true);
    row(R"({"usage" : {"prompt_tokens":1}})", true);
    row(R"({"usage":null})", false);
    row(R"({"usage": null,"choices":[]})", false);
    row(R"({"choices":[{"finish_reason":"stop"}]})", true);
    row(R"({"choices":[{"finish_reason":null}],"usage":null})", false);
    row(R"({"choices":[{"finish_reason":""}]})", false);
    row(R"({"error":{"code":"x"}})", true);
    row(R"({"error":null})", false);
    row(R"({"content":"\"usage\":{\"prompt_tokens\":1}"})", false);
    row(R"({"content":"\\\"usage\\\":{"})", false);
    row(R"({"content":"usage"})", false);
    row(R"({"content":"x","usage)", false);
    row(R"({"content":"x","usage")", false);
    row(R"({"content":"x","usage":)", false);
    row("", false);
    row("\"", false);
    // content filters: only what is not safe is of interest
    row(R"({"choices":[{"content_filter_results":{"hate":{"filtered":true,"severity":"high"}}}]})", true);
    row(R"({"choices":[{"content_filter_results":{"hate":{"filtered":false,"severity":"low"}}}]})", true);
    row(R"({"choices":[{"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]})", false);
    row(R"({"choices":[{"content_filter_results":{"jailbreak":{"detected":true,"filtered":false}}}]})", true);
    row(R"({"choices":[{"content_filter_results":{"jailbreak":{"detected":false,"filtered":false}}}]})", false);
    // tools: only the piece that names them
    row(R"({"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":""}}]}}]})",
        true);
    row(R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"name\":1"}}]}}]})", false);
    row(R"({"choices":[{"delta":{"function_call":{"name":"f"}}}]})", true);
    // shapes that only a parser follows
    row(R"({"choices":[{"delta":{"content":[{"type":"text","text":"x"}]}}]})", true);
    row(R"({"choices":[{"delta":{"audio":{"data":"AAAA"}}}]})", true);
    row(R"({"choices":[{"delta":{"role":"assistant","content":""}}]})", false);
    row(R"({"choices":[{"delta":{}}]})", false);
    row(R"({"choices":[{"delta":null}]})", false);
    row(R"({"choices":[{"delta":{"content":"cut)", true);
}

void LlmEventFilterTest::findsWhatMustBeParsed() {
    QFETCH(QString, data);
    QFETCH(bool, expected);
    QCOMPARE(mustParse(data.toStdString()), expected);
}

void LlmEventFilterTest::findsAtAnyPlace() {
    // Every place relative to the vectors that the scan works in, and every length behind it.
    for (std::size_t before = 0; before < 70; ++before) {
        for (std::size_t behind = 0; behind < 35; ++behind) {
            const std::string padding = "{\"a\":\"" + std::string(before, 'x') + "\",";
            const std::string end = std::string(behind, ' ') + "}";
            QVERIFY(mustParse(padding + "\"usage\":1" + end));
            QVERIFY(!mustParse(padding + "\"usagf\":1" + end));
            QVERIFY(!mustParse(padding + "\"usage\":null" + end));
            const EventLook look = lookAt(WireFormat::OpenAiChat, "", padding + R"("delta":{"content":"abc"})" + end);
            QVERIFY(!look.parse && look.content);
            QCOMPARE(look.octets, std::size_t{3});
        }
    }
}

void LlmEventFilterTest::goesByTheName() {
    const auto parse = [](WireFormat format, std::string_view name, std::string_view data) {
        return lookAt(format, name, data).parse;
    };
    QVERIFY(parse(WireFormat::OpenAiResponses, "response.completed", "{}"));
    QVERIFY(parse(WireFormat::OpenAiResponses, "response.incomplete", "{}"));
    QVERIFY(parse(WireFormat::OpenAiResponses, "response.failed", "{}"));
    QVERIFY(!parse(WireFormat::OpenAiResponses, "response.output_text.delta", R"({"delta":"x"})"));
    QVERIFY(!parse(WireFormat::OpenAiResponses, "response.output_text.done", R"({"text":"x"})"));
    QVERIFY(parse(WireFormat::OpenAiResponses, "response.output_item.added", R"({"item":{"type":"function_call"}})"));
    QVERIFY(!parse(WireFormat::OpenAiResponses, "response.output_item.added", R"({"item":{"type":"message"}})"));
    QVERIFY(parse(WireFormat::OpenAiResponses, "", R"({"response":{"usage":{}}})"));
    QVERIFY(parse(WireFormat::OpenAiResponses, "", R"({"type":"response.completed"})"));
    QVERIFY(!parse(WireFormat::OpenAiResponses, "", R"({"type":"response.created"})"));
    QVERIFY(parse(WireFormat::OpenAiResponses, "error", R"({"error":{"code":"x"}})"));
    QVERIFY(parse(WireFormat::Anthropic, "message_start", "{}"));
    QVERIFY(parse(WireFormat::Anthropic, "message_delta", "{}"));
    QVERIFY(parse(WireFormat::Anthropic, "content_block_start", "{}"));
    QVERIFY(!parse(WireFormat::Anthropic, "ping", "{}"));
    QVERIFY(parse(WireFormat::Anthropic, "error", R"({"type":"error","error":{"type":"x"}})"));
    QVERIFY(parse(WireFormat::Gemini, "", "{}"));
    // Sound is content, and no text.
    const EventLook sound = lookAt(WireFormat::OpenAiResponses, "response.audio.delta", R"({"delta":"AAAA"})");
    QVERIFY(!sound.parse && sound.content);
    QCOMPARE(sound.octets, std::size_t{0});
}

void LlmEventFilterTest::measures() {
    for (const Shape& shape : kShapes) {
        for (const Text& text : kTexts) {
            const std::string data = shape.before + std::string(text.written) + shape.after;
            const EventLook look = lookAt(shape.format, shape.name, data);
            QVERIFY2(!look.parse, data.c_str());
            QVERIFY2(look.octets == text.octets, data.c_str());
            QCOMPARE(look.content, isContent(shape, text));
        }
    }
}

void LlmEventFilterTest::remembersSurroundings() {
    for (const Shape& shape : kShapes) {
        EventFilter filter;
        for (int round = 0; round < 2; ++round) {
            for (const Text& text : kTexts) {
                const std::string data = shape.before + std::string(text.written) + shape.after;
                const EventLook look = filter.look(shape.format, ServerSentEvent{shape.name, data});
                QVERIFY2(!look.parse && look.octets == text.octets, data.c_str());
                QCOMPARE(look.content, isContent(shape, text));
            }
        }
        // The same surroundings with something of interest between them are no text.
        const std::string trap = shape.before + std::string(R"(x","usage":{"prompt_tokens":1},"y":")") + shape.after;
        const EventLook look = filter.look(shape.format, ServerSentEvent{shape.name, trap});
        if (shape.format == WireFormat::OpenAiChat && std::string_view(shape.name).empty())
            QVERIFY2(look.parse, trap.c_str());
    }
}

void LlmEventFilterTest::agreesWithTheParser_data() {
    QTest::addColumn<int>("format");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("data");
    const auto row = [](WireFormat format, const char* name, const std::string& data) {
        QTest::newRow(data.c_str()) << static_cast<int>(format) << QString(name) << QString::fromStdString(data);
    };
    for (const Shape& shape : kShapes)
        for (const Text& text : kTexts)
            row(shape.format, shape.name, shape.before + std::string(text.written) + shape.after);
    for (
        const char* data :
        {R"({"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"bc"}}]})",
         R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"a"}},{"index":1,"function":{"arguments":"bc"}}]}},{"delta":{"content":"d"}}]})",
         R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":""}}]}}]})",
         R"({"choices":[{"delta":{"content":"a","annotations":[{"text":"no"}]}}]})",
         R"({"choices":[{"delta":{"content":null,"refusal":"no"}}]})",
         R"({"choices":[{"delta":{"reasoning":"a","reasoning_content":"a","content":"b"}}]})",
         R"({"choices":[{"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","bytes":[97],"top_logprobs":[]}]}}]})",
         R"({"choices":[]})"})
        row(WireFormat::OpenAiChat, "", data);
    row(WireFormat::OpenAiResponses, "response.audio.delta", R"({"type":"response.audio.delta","delta":"AAAA"})");
    row(WireFormat::OpenAiResponses, "response.image_generation_call.partial_image",
        R"({"type":"response.image_generation_call.partial_image","partial_image_b64":"AA"})");
    row(WireFormat::OpenAiResponses, "response.output_text.done", R"({"type":"response.output_text.done","text":"a"})");
    row(WireFormat::OpenAiResponses, "response.output_item.done",
        R"({"type":"response.output_item.done","item":{"type":"message","content":[{"type":"output_text","text":"a"}]}})");
    row(WireFormat::OpenAiResponses, "response.created",
        R"({"type":"response.created","response":{"status":"in_progress","usage":null,"output":[]}})");
    row(WireFormat::Anthropic, "content_block_delta",
        R"({"type":"content_block_delta","delta":{"type":"signature_delta","signature":"AAAA"}})");
    row(WireFormat::Anthropic, "content_block_delta",
        R"({"type":"content_block_delta","delta":{"type":"citations_delta","citation":{"text":"x"}}})");
    row(WireFormat::Anthropic, "ping", R"({"type":"ping"})");
}

void LlmEventFilterTest::agreesWithTheParser() {
    QFETCH(int, format);
    QFETCH(QString, name);
    QFETCH(QString, data);
    const auto wire = static_cast<WireFormat>(format);
    const std::string text = data.toStdString();
    const EventLook look = lookAt(wire, name.toStdString(), text);
    QVERIFY(!look.parse);
    const ResponseFacts facts = parsed(wire, text);
    QCOMPARE(look.content, facts.content);
    QCOMPARE(static_cast<std::int64_t>(look.octets), facts.contentBytes);
    QVERIFY(facts.usage.empty() && facts.finishReason.empty() && !facts.error.present);
    QVERIFY(facts.tools.count() == 0 && facts.verdicts.empty());
}

void LlmEventFilterTest::survivesCutEvents() {
    for (const Shape& shape : kShapes) {
        EventFilter filter;
        const std::string data = shape.before + std::string(R"(a\"b\u00e9)") + shape.after;
        for (std::size_t length = 0; length <= data.size(); ++length) {
            const std::vector<char> cut(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(length));
            filter.look(shape.format, ServerSentEvent{shape.name, {cut.data(), cut.size()}});
        }
    }
}

QTEST_APPLESS_MAIN(LlmEventFilterTest)
#include "llm_event_filter_test.moc"
