// SPDX-License-Identifier: Apache-2.0
// What a request asks for: how much text, how many images, how much output; and the digest of its body.
#include "core/llm/body_digest.h"
#include "core/llm/json_text.h"
#include "tests/unit/llm/observed_call.h"

#include <QTest>

#include <set>

using namespace gatescope;
using namespace gatescope::llm;
using gatescope::llm::test::Call;
using gatescope::llm::test::observe;

namespace {

using Count = std::optional<std::int64_t>;

CallFacts asked(const std::string& target, const std::string& body, CallLimits limits = {}) {
    Call call;
    call.target = target;
    call.requestBody = body;
    return observe(call, limits);
}

constexpr const char* kChat = "/v1/chat/completions";

} // namespace

class LlmRequestTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsForms_data();
    void readsForms();
    void measuresPrompts_data();
    void measuresPrompts();
    void readsOutputLimits_data();
    void readsOutputLimits();
    void largeRequestsHaveNoSize();
    void cutRequestsHaveNoSize();
    void deepPromptsAreSafe();
    void digestsBodies();
    void digestsAnySplit();
    void digestsWholeBodiesOnly();
    void unescapes_data();
    void unescapes();
};

void LlmRequestTest::measuresPrompts_data() {
    QTest::addColumn<QString>("target");
    QTest::addColumn<QString>("body");
    QTest::addColumn<int>("octets"); // below 0: not known
    QTest::addColumn<int>("images");
    const auto row = [](const char* name, const char* target, const char* body, int octets, int images = 0) {
        QTest::newRow(name) << QString(target) << QString(body) << octets << images;
    };
    row("chat", kChat,
        R"({"messages":[{"role":"system","content":"abc"},{"role":"user","content":"d\u00e9"}],"model":"m"})", 3 + 3);
    row("chat parts", kChat,
        R"({"messages":[{"role":"user","content":[{"type":"text","text":"ab"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]})",
        2, 1);
    row("chat tools", kChat, // the definitions as they stand, 22 octets
        R"({"tools":[{"function":{"a":1}}],"messages":[{"role":"assistant","tool_calls":[{"id":"c1","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"ok"}]})",
        22 + 1 + 2 + 2);
    row("responses, text", "/v1/responses", R"({"input":"abcd","instructions":"ef"})", 6);
    row("responses, items", "/v1/responses",
        R"({"input":[{"role":"user","content":[{"type":"input_text","text":"ab"},{"type":"input_image","image_url":"data:xxxx"}]},{"type":"function_call","call_id":"x","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"x","output":"done"},{"type":"reasoning","encrypted_content":"zzzz","summary":[{"type":"summary_text","text":"s"}]}]})",
        2 + 1 + 2 + 4 + 1, 1);
    row("responses, stored prompt", "/v1/responses", R"({"prompt":{"id":"pmpt_1"},"input":"abcd"})", -1);
    row("responses, only a link", "/v1/responses", R"({"previous_response_id":"r"})", -1);
    row("embeddings", "/v1/embeddings", R"({"input":["ab","cde"]})", 5);
    row("embeddings of tokens", "/v1/embeddings", R"({"input":[[1,2,3]]})", -1);
    row("completions", "/v1/completions", R"({"prompt":"abc"})", 3);
    row("images", "/v1/images/generations", R"({"prompt":"a cat"})", 5);
    row("anthropic", "/v1/messages",
        R"({"system":[{"type":"text","text":"ab","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","data":"AAAA"}},{"type":"text","text":"cd"}]},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"a":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"efg"},{"type":"image","source":{}}]}]}]})",
        2 + 2 + 1 + 7 + 3, 2);
    row("gemini", "/v1beta/models/g:generateContent",
        R"({"systemInstruction":{"parts":[{"text":"ab"}]},"contents":[{"role":"user","parts":[{"text":"cd"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}},{"inlineData":{"mimeType":"audio/wav","data":"AAAA"}}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"b":2}}}]}]})",
        2 + 2 + 1 + 7 + 1 + 7, 1);
    row("bedrock", "/model/m/converse",
        R"({"system":[{"text":"ab"}],"messages":[{"role":"user","content":[{"text":"cd"},{"image":{"format":"png","source":{"bytes":"AAAA"}}},{"toolResult":{"toolUseId":"t","content":[{"json":{"a":1}},{"text":"e"}]}}]}]})",
        2 + 2 + 7 + 1, 1);
    row("no messages", kChat, R"({"messages":[]})", 0);
    row("none at all", kChat, R"({"model":"m"})", -1);
    row("not valid", kChat, R"({"messages":[{"content":"abc"}],"model":)", -1);
}

void LlmRequestTest::measuresPrompts() {
    QFETCH(QString, target);
    QFETCH(QString, body);
    QFETCH(int, octets);
    QFETCH(int, images);
    const CallFacts facts = asked(target.toStdString(), body.toStdString());
    QCOMPARE(facts.promptBytes, octets < 0 ? Count() : Count(octets));
    QCOMPARE(facts.images, static_cast<std::uint32_t>(images));
}

void LlmRequestTest::readsOutputLimits_data() {
    QTest::addColumn<QString>("body");
    QTest::addColumn<int>("tokens");
    const auto row = [](const char* body, int tokens) { QTest::newRow(body) << QString(body) << tokens; };
    row(R"({"max_tokens":5})", 5);
    row(R"({"max_tokens":5,"max_completion_tokens":7})", 7);
    row(R"({"max_completion_tokens":7,"max_tokens":5})", 7);
    row(R"({"max_output_tokens":9})", 9);
    row(R"({"max_tokens_to_sample":3})", 3);
    row(R"({"generationConfig":{"maxOutputTokens":11}})", 11);
    row(R"({"inferenceConfig":{"maxTokens":12}})", 12);
    row(R"({"max_output_tokens":"inf"})", -1);
    row(R"({"max_tokens":null})", -1);
    row(R"({"messages":[{"max_tokens":5}]})", -1);
}

void LlmRequestTest::readsOutputLimits() {
    QFETCH(QString, body);
    QFETCH(int, tokens);
    QCOMPARE(asked(kChat, body.toStdString()).maxTokens, tokens < 0 ? Count() : Count(tokens));
}

void LlmRequestTest::largeRequestsHaveNoSize() {
    CallLimits limits;
    limits.maxWholeBody = 2000;
    limits.headBytes = limits.tailBytes = 500;
    const std::string body =
        R"({"model":"m","messages":[{"content":")" + std::string(3000, 'x') + R"("}],"max_tokens":5})";
    const CallFacts facts = asked(kChat, body, limits);
    QVERIFY(!facts.promptBytes);
    QCOMPARE(facts.maxTokens, Count(5));
    QCOMPARE(asked(kChat, body).promptBytes, Count(3000));
}

void LlmRequestTest::cutRequestsHaveNoSize() {
    Call call;
    call.requestBody = R"({"messages":[{"content":"abc"}],"model":"m","max_tokens":5,"x":)";
    call.requestComplete = false;
    const CallFacts facts = observe(call);
    QVERIFY(!facts.promptBytes);
    QCOMPARE(facts.maxTokens, Count(5));
    QCOMPARE(facts.requestDigest, std::uint64_t{0});
}

void LlmRequestTest::deepPromptsAreSafe() {
    std::string body = R"({"messages":)";
    for (int i = 0; i < 500; ++i) body += R"([{"content":)";
    body += "\"x\"";
    for (int i = 0; i < 500; ++i) body += "}]";
    QVERIFY(asked(kChat, body + "}").promptBytes == 0); // deeper than anybody nests
}

void LlmRequestTest::digestsBodies() {
    std::set<std::uint64_t> digests;
    std::string body;
    for (int length = 0; length < 200; ++length) {
        BodyDigest digest;
        digest.add(body);
        digests.insert(digest.value());
        QCOMPARE(digest.value() == 0, length == 0);
        body += '\0'; // zeros must count too
    }
    QCOMPARE(digests.size(), std::size_t{200});
    for (std::size_t at = 0; at < body.size(); ++at) { // each octet counts
        std::string changed = body;
        changed[at] = 'x';
        BodyDigest digest;
        digest.add(changed);
        QVERIFY(digests.insert(digest.value()).second);
    }
}

void LlmRequestTest::digestsAnySplit() {
    std::string body;
    for (int i = 0; i < 500; ++i) body += static_cast<char>(i * 7);
    BodyDigest whole;
    whole.add(body);
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        BodyDigest digest;
        for (std::size_t at = 0; at < body.size();) {
            const std::size_t length = round < 100 ? static_cast<std::size_t>(round) + 1 : random() % 70;
            digest.add(std::string_view(body).substr(at, length));
            at += length;
        }
        QCOMPARE(digest.value(), whole.value());
    }
}

void LlmRequestTest::digestsWholeBodiesOnly() {
    Call call;
    const std::uint64_t digest = observe(call).requestDigest;
    QVERIFY(digest != 0);
    QCOMPARE(observe(call, {}, [] { return std::size_t{1}; }).requestDigest, digest);
    call.requestHeaders = {{"Content-Type", "multipart/form-data; boundary=x"}}; // any body of a call, not only JSON
    QCOMPARE(observe(call).requestDigest, digest);
    call.requestBody += ' ';
    QVERIFY(observe(call).requestDigest != digest);
    call.requestComplete = false;
    QCOMPARE(observe(call).requestDigest, std::uint64_t{0});
    call.requestComplete = true;
    call.target = "/weather";
    QCOMPARE(observe(call).requestDigest, std::uint64_t{0});
}

void LlmRequestTest::unescapes_data() {
    QTest::addColumn<QByteArray>("inside");
    QTest::addColumn<int>("octets");
    const auto row = [](const char* inside, int octets) { QTest::newRow(inside) << QByteArray(inside) << octets; };
    row("", 0);
    row("abc", 3);
    row("\\n", 1);
    row("\\\\n", 2);
    row("\\u0041", 1);
    row("\\u00e9", 2);
    row("\\u20AC", 3);
    row("\\ud83d\\ude00", 4);
    row("\\ud83d\\ud83d\\ude00", 7);
    row("\\ude00", 3);
    row("\\ud83d", 3);
    row("\\ud83dx", 4);
    row("\\u12", 4);
    row("\\uzzzz", 6);
    row("a\\", 2);
}

void LlmRequestTest::unescapes() {
    QFETCH(QByteArray, inside);
    QFETCH(int, octets);
    QCOMPARE(unescapedOctets(inside.toStdString()), static_cast<std::size_t>(octets));
    const std::string quoted = '"' + inside.toStdString() + '"';
    if (!inside.endsWith('\\')) {
        QCOMPARE(closingQuote(quoted, 1), quoted.size() - 1);
        QCOMPARE(textOctets(quoted + " \n"), static_cast<std::size_t>(octets));
    } else {
        QCOMPARE(closingQuote(quoted, 1), std::string_view::npos);
    }
    QCOMPARE(closingQuote(inside.toStdString(), 0), std::string_view::npos);
}

void LlmRequestTest::readsForms_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("model");
    QTest::addColumn<bool>("stream");
    const QByteArray model("--b1\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n");
    const QByteArray stream("--b1\r\nContent-Disposition: form-data; name=\"stream\"\r\n\r\ntrue\r\n");
    const auto file = [](int octets) {
        return QByteArray("--b1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"model\"\r\n"
                          "Content-Type: audio/wav\r\n\r\n") +
               QByteArray(octets, '\0') + "\r\n";
    };
    const QByteArray end("--b1--\r\n");
    QTest::newRow("before the file") << "multipart/form-data; boundary=b1" << model + stream + file(9) + end
                                     << "whisper-1" << true;
    QTest::newRow("behind it") << "Multipart/Form-Data; charset=x; Boundary=\"b1\"" << file(9) + model + end
                               << "whisper-1" << false;
    QTest::newRow("behind a long one") << "multipart/form-data; boundary=b1" << file(600'000) + model + end
                                       << "whisper-1" << false;
    QTest::newRow("in the middle of long ones")
        << "multipart/form-data; boundary=b1" << file(300'000) + model + file(300'000) + end << "" << false;
    QTest::newRow("not closed") << "multipart/form-data; boundary=b1" << model << "" << false;
    QTest::newRow("no boundary") << "multipart/form-data" << model + end << "" << false;
    QTest::newRow("another boundary") << "multipart/form-data; boundary=b2" << model + end << "" << false;
    QTest::newRow("too long") << "multipart/form-data; boundary=b1"
                              << QByteArray(model).replace("whisper-1", QByteArray(257, 'x')) + end << "" << false;
}

/// RFC 7578, as the SDKs send sound and images.
void LlmRequestTest::readsForms() {
    QFETCH(QString, type);
    QFETCH(QByteArray, body);
    QFETCH(QString, model);
    QFETCH(bool, stream);
    Call call;
    call.target = "/v1/audio/transcriptions";
    call.requestHeaders = {{"Content-Type", type.toStdString()}};
    call.requestBody = body.toStdString();
    for (const std::size_t size : {std::size_t(-1), std::size_t{977}}) {
        const CallFacts facts = observe(call, {}, [size] { return size; });
        QCOMPARE(QString::fromStdString(facts.requestedModel), model);
        QCOMPARE(facts.streamRequested, stream);
        QVERIFY(facts.findings.empty());
    }
    for (std::size_t length = 0; length < std::min<std::size_t>(call.requestBody.size(), 400); ++length) {
        Call cut = call;
        cut.requestBody.resize(length);
        observe(cut);
    }
}

QTEST_APPLESS_MAIN(LlmRequestTest)
#include "llm_request_test.moc"
