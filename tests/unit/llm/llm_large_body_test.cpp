// SPDX-License-Identifier: Apache-2.0
#include "core/llm/body_reader.h"
#include "core/llm/kept_body.h"
#include "tests/unit/llm/observed_call.h"

#include <QTest>

using namespace gatescope;
using namespace gatescope::llm;
using gatescope::llm::test::Call;
using gatescope::llm::test::described;
using gatescope::llm::test::found;
using gatescope::llm::test::observe;

namespace {

/// A list so long that only the ends of the document are kept.
std::string filler(std::size_t octets) {
    std::string text = "[\"";
    while (text.size() < octets)
        text += "some text with \\\"usage\\\":{\\\"prompt_tokens\\\":1} and \\\"model\\\":\\\"x\\\" in it, ";
    return text + "\"]";
}

CallLimits smallLimits() {
    CallLimits limits;
    limits.maxWholeBody = 4096;
    limits.headBytes = 1024;
    limits.tailBytes = 1024;
    return limits;
}

constexpr const char* kUsage = R"("usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7})";

} // namespace

class LlmLargeBodyTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void keepsTheEnds();
    void readsTheEnds_data();
    void readsTheEnds();
    void splitsGiveTheSame();
    void takesNoDecoyInTheTail_data();
    void takesNoDecoyInTheTail();
    void readsRequestsAtBothEnds();
    void readsLongEmbeddings();
    void aCutTailSaysNothing();
    void findsWhyALongAnswerEnded_data();
    void findsWhyALongAnswerEnded();
    void partsSayNothingOfTheWhole();
};

void LlmLargeBodyTest::keepsTheEnds() {
    std::string text;
    for (int i = 0; i < 20000; ++i) text += static_cast<char>('a' + i % 23);
    const KeptBody::Limits limits{1000, 100, 200};
    BufferPool pool;
    for (const std::size_t length :
         {1UL, 7UL, 99UL, 100UL, 101UL, 199UL, 200UL, 201UL, 400UL, 999UL, 1001UL, 20000UL}) {
        for (const std::size_t total : {0UL, 1UL, 999UL, 1000UL, 1001UL, 1100UL, 20000UL}) {
            KeptBody body;
            for (std::size_t at = 0; at < total; at += length)
                body.append(std::string_view(text).substr(at, std::min(length, total - at)), limits, pool);
            const std::string_view all = std::string_view(text).substr(0, total);
            QCOMPARE(body.octets(), std::uint64_t{total});
            QCOMPARE(body.isWhole(), total <= 1000);
            if (body.isWhole()) {
                QVERIFY(body.whole().view() == all);
            } else {
                QVERIFY(body.head() == all.substr(0, 100));
                QVERIFY(body.tail() == all.substr(total - 200));
            }
            body.release(pool);
            QVERIFY(body.empty() && body.isWhole());
        }
    }
}

void LlmLargeBodyTest::readsTheEnds_data() {
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("known");
    const std::string pad = filler(20000);
    const auto row = [](const char* name, const std::string& body, bool known) {
        QTest::newRow(name) << QByteArray::fromStdString(body) << known;
    };
    row("usage at the end", "{\"model\":\"m\",\"x\":" + pad + "," + kUsage + "}", true);
    row("both at the end", "{\"x\":" + pad + ",\"model\":\"m\", " + kUsage + " }\n", true);
    row("usage before the model", "{\"x\":" + pad + "," + kUsage + ",\"model\":\"m\"}", true);
    row("usage at the start", std::string("{") + kUsage + ",\"model\":\"m\",\"x\":" + pad + "}", true);
    row("usage in the middle", "{\"model\":\"m\",\"x\":" + pad + "," + kUsage + ",\"y\":" + pad + "}", false);
}

void LlmLargeBodyTest::readsTheEnds() {
    QFETCH(QByteArray, body);
    QFETCH(bool, known);
    Call call;
    call.target = "/v1/responses";
    call.responseBody = body.toStdString();
    const CallFacts facts = observe(call, smallLimits());
    QVERIFY(facts.servedModel == "m");
    QCOMPARE(facts.usage.total.has_value(), known);
    if (known) QCOMPARE(facts.usage.total.value(), 7);
    QCOMPARE(found(facts, "llm.body-too-large-to-parse"), !known);
    QVERIFY(!found(facts, "llm.body-not-json"));
}

void LlmLargeBodyTest::splitsGiveTheSame() {
    Call call;
    call.responseBody = "{\"model\":\"m\",\"x\":" + filler(9000) + "," + kUsage + "}";
    call.requestBody = "{\"x\":" + filler(9000) + ",\"model\":\"asked\",\"stream\":true}";
    const std::string wanted = described(observe(call, smallLimits()));
    QVERIFY(QString::fromStdString(wanted).contains("asked"));
    for (const std::size_t length : {1UL, 5UL, 1023UL, 1024UL, 1025UL, 4095UL, 4096UL, 4097UL})
        QVERIFY(described(observe(call, smallLimits(), [&] { return length; })) == wanted);
}

void LlmLargeBodyTest::takesNoDecoyInTheTail_data() {
    QTest::addColumn<QByteArray>("end");
    QTest::newRow("in an object") << QByteArray(R"(,"y":{"usage":{"prompt_tokens":99,"completion_tokens":1}}})");
    QTest::newRow("first in an object") << QByteArray(R"(,"y":{"usage":{"prompt_tokens":99},"z":1}})");
    QTest::newRow("in a list") << QByteArray(R"(,"y":[{"usage":{"prompt_tokens":99}}]})");
    QTest::newRow("in a text") << QByteArray(R"(,"y":"{\"usage\":{\"prompt_tokens\":99}}"})");
    QTest::newRow("name that ends so") << QByteArray(R"(,"\"usage":{"prompt_tokens":99}})");
    QTest::newRow("name that ends so behind a comma") << QByteArray(R"(,",\"usage":{"prompt_tokens":99}})");
    QTest::newRow("more behind it") << QByteArray(R"(,"y":{"usage":{"prompt_tokens":99}},"z":{"a":[1]}})");
    QTest::newRow("broken end") << QByteArray(R"(,"usage":{"prompt_tokens":99}]})");
    QTest::newRow("text behind") << QByteArray(R"(,"usage":{"prompt_tokens":99}} x)");
}

void LlmLargeBodyTest::takesNoDecoyInTheTail() {
    QFETCH(QByteArray, end);
    Call call;
    call.responseBody = "{\"x\":" + filler(9000) + end.toStdString();
    QVERIFY(observe(call, smallLimits()).usage.source == TokenSource::Missing);
}

void LlmLargeBodyTest::readsRequestsAtBothEnds() {
    const std::string pad = filler(9000);
    Call call;
    call.requestBody = "{\"model\":\"m\",\"messages\":" + pad + ",\"stream\":true}";
    CallFacts facts = observe(call, smallLimits());
    QVERIFY(facts.requestedModel == "m" && facts.streamRequested);
    call.requestBody = "{\"messages\":" + pad + ",\"stream\":true,\"model\":\"m\"}";
    facts = observe(call, smallLimits());
    QVERIFY(facts.requestedModel == "m" && facts.streamRequested);
    call.requestBody = "{\"messages\":" + pad + ",\"tools\":[{\"model\":\"tool\",\"stream\":true}]}";
    facts = observe(call, smallLimits());
    QVERIFY(facts.requestedModel.empty() && !facts.streamRequested);
    QVERIFY(found(facts, "llm.body-too-large-to-parse"));
}

void LlmLargeBodyTest::readsLongEmbeddings() {
    Call call;
    call.target = "/v1/embeddings";
    std::string numbers;
    for (int i = 0; i < 3000; ++i) numbers += "-0.0123,";
    call.responseBody = R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[)" + numbers +
                        R"(0]}],"model":"text-embedding-3-large","usage":{"prompt_tokens":8,"total_tokens":8}})";
    const CallFacts facts = observe(call);
    QCOMPARE(facts.usage.input.value(), 8);
    QCOMPARE(facts.usage.total.value(), 8);
    QVERIFY(facts.servedModel == "text-embedding-3-large");
    QVERIFY(facts.findings.empty());
}

void LlmLargeBodyTest::aCutTailSaysNothing() {
    Call call;
    // Cut exactly behind an inner object, so that the end looks like the end of the document.
    call.responseBody = "{\"x\":" + filler(9000) + R"(,"y":{"a":1,"usage":{"prompt_tokens":99}})";
    call.responseComplete = false;
    QVERIFY(observe(call, smallLimits()).usage.source == TokenSource::Missing);
}

void LlmLargeBodyTest::findsWhyALongAnswerEnded_data() {
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("finish");
    QTest::addColumn<QByteArray>("filter");
    std::string text;
    while (text.size() < 20000) text += R"(say \"finish_reason\":\"length\" and, )";
    const auto row = [](const char* name, const std::string& body, const char* finish, const char* filter = "") {
        QTest::newRow(name) << QByteArray::fromStdString(body) << QByteArray(finish) << QByteArray(filter);
    };
    row("OpenAI", // the reason behind the text
        R"({"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":")" + text +
            R"("},"logprobs":null,"finish_reason":"stop"}],)" + kUsage + "}",
        "stop");
    row("Azure", // by the alphabet: the reason before the text
        R"({"choices":[{"content_filter_results":{"hate":{"filtered":false,"severity":"low"}},"finish_reason":"stop","index":0,"message":{"content":")" +
            text + R"(","role":"assistant"}}],"model":"m",)" + kUsage + "}",
        "stop", "completion:hate:low");
    row("several choices", // the first one's reason stands before the text of the second
        R"({"model":"m","choices":[{"message":{"content":"a"},"finish_reason":"length"},{"message":{"content":")" +
            text + R"("},"finish_reason":"stop"}],)" + kUsage + "}",
        "length");
    row("only in the text", R"({"model":"m","choices":[{"message":{"content":")" + text + R"("}}],)" + kUsage + "}",
        "");
    row("in another list",
        R"({"model":"m","choices":[{"message":{"content":")" + text + R"(","x":[{"finish_reason":"stop"}]}}],)" +
            kUsage + "}",
        "");
}

void LlmLargeBodyTest::findsWhyALongAnswerEnded() {
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, finish);
    QFETCH(QByteArray, filter);
    Call call;
    call.responseBody = body.toStdString();
    const CallFacts facts = observe(call, smallLimits());
    QCOMPARE(QByteArray::fromStdString(facts.finishReason), finish);
    QCOMPARE(QByteArray::fromStdString(facts.contentFilter), filter);
    QCOMPARE(facts.usage.total.value(), 7);
    QVERIFY(facts.servedModel == "m");
    QCOMPARE(found(facts, "llm.body-too-large-to-parse"), finish.isEmpty());
}

void LlmLargeBodyTest::partsSayNothingOfTheWhole() {
    Call call;
    call.responseBody =
        R"({"model":"m","choices":[{"message":{"content":"a","tool_calls":[{"function":{"name":"f"}}]}},{"message":{"content":")" +
        std::string(9000, 'x') + R"("},"finish_reason":"stop"}],)" + kUsage + "}";
    CallFacts facts = observe(call, smallLimits());
    QVERIFY(facts.toolCalls == 0 && facts.tools.empty() && !facts.contentBytes);
    facts = observe(call);
    QVERIFY(facts.toolCalls == 1 && facts.tools == "f");
    QCOMPARE(facts.contentBytes.value(), 9001);
}

QTEST_APPLESS_MAIN(LlmLargeBodyTest)
#include "llm_large_body_test.moc"
