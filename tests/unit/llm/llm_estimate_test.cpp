// SPDX-License-Identifier: Apache-2.0
// Our own token counts of a call. Expected counts: octets over four by hand, and the tokenizer over the text as a
// person reads it; the tokenizer itself is checked in tests/unit/tokenizer.
#include "core/llm/json_text.h"
#include "tests/unit/llm/observed_call.h"
#include "tests/unit/tokenizer/small_vocabulary.h"

#include <QTest>
#include <random>

using namespace gatescope;
using namespace gatescope::llm;
using gatescope::llm::test::Call;
using gatescope::llm::test::observe;
using gatescope::llm::test::streamCall;
using tokenizer::Encoding;
using tokenizer::Vocabulary;

namespace {

std::shared_ptr<const EstimateOptions> options(EstimateMethod method, bool withVocabularies = true) {
    auto made = std::make_shared<EstimateOptions>();
    made->method = method;
    if (!withVocabularies) return made;
    made->cl100k = std::make_shared<const Vocabulary>(tests::smallVocabulary(Encoding::Cl100k));
    made->o200k = std::make_shared<const Vocabulary>(tests::smallVocabulary(Encoding::O200k));
    return made;
}

CallFacts observe(const Call& call, std::shared_ptr<const EstimateOptions> estimate,
                  const test::NextLength& next = test::wholePiece) {
    CallObserver observer({}, {}, std::move(estimate));
    return test::observe(observer, call, next);
}

std::int64_t count(Encoding encoding, std::string_view text) {
    return tests::smallVocabulary(encoding).countTokens(text);
}

/// `model` at the end of the request, as clients may put it.
Call chat(const std::string& model) {
    Call call;
    call.requestBody = R"({"messages":[{"role":"system","content":"Be the \"best\"."},)"
                       R"({"role":"user","content":[{"type":"text","text":"caf\u00e9 and the ring"}]}],"model":")" +
                       model + "\"}";
    call.responseBody = R"({"choices":[{"message":{"content":"The thing\nand 12345"},"finish_reason":"stop"}]})";
    return call;
}

Call chatStream() {
    std::string events;
    for (const char* piece :
         {"The", " the", "ory", ",\\n", " and", " 12", "345", " \\ud83d", "\\ude00", " ...", " th", "e end"})
        events += std::string("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"") + piece + "\"}}]}\n\n";
    return streamCall("/v1/chat/completions", events + "data: [DONE]\n\n");
}

} // namespace

class LlmEstimateTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsJsonStrings_data() {
        QTest::addColumn<std::string>("token");
        QTest::addColumn<std::string>("text");
        const auto row = [](const char* token, const char* text) {
            QTest::newRow(token) << std::string(token) << std::string(text);
        };
        row("\"plain\"", "plain");
        row("\"\"", "");
        row("\"a\\\"b\\\\c\\/d\"", "a\"b\\c/d");
        row("\"\\b\\f\\n\\r\\t\"", "\b\f\n\r\t");
        row("\"\\u0041\\u00e9\\u4e2d\"", "A\xc3\xa9\xe4\xb8\xad");
        row("\"\\ud83d\\ude00!\"  ", "\xf0\x9f\x98\x80!");
        row("\"\\ud83d \\ude00\"", "\xef\xbf\xbd \xef\xbf\xbd");
        row("\"\\u12\"", "\\u12");
        row("12", "");
        row("{\"a\":1}", "");
    }
    void readsJsonStrings() {
        QFETCH(std::string, token);
        QFETCH(std::string, text);
        std::string out = "before ";
        appendText(token, out);
        QCOMPARE(QByteArray::fromStdString(out), QByteArray::fromStdString("before " + text));
        QCOMPARE(textOctets(token), text.size());
    }

    void nothingIsCountedUnlessAskedFor() {
        for (const auto& none : {std::shared_ptr<const EstimateOptions>(), options(EstimateMethod::Off)}) {
            const CallFacts facts = observe(chat("gpt-4o"), none);
            QVERIFY(!facts.estimate.input && !facts.estimate.output && facts.estimate.method.empty());
            QVERIFY(facts.usage.source == TokenSource::Missing && !facts.usage.total);
        }
    }

    /// Prompt: `Be the "best".` is 14 octets, `café and the ring` 18: 32 over four is 8. Answer: `The thing⏎and 12345`,
    /// 19: 5.
    void countsByBytes() {
        const CallFacts facts = observe(chat("gpt-4o"), options(EstimateMethod::Bytes));
        QCOMPARE(facts.estimate.input, std::optional<std::int64_t>(8));
        QCOMPARE(facts.estimate.output, std::optional<std::int64_t>(5));
        QVERIFY(facts.estimate.method == "bytes");
        QVERIFY(facts.usage.source == TokenSource::Estimated);
        QCOMPARE(facts.usage.input, std::optional<std::int64_t>(8));
        QCOMPARE(facts.usage.output, std::optional<std::int64_t>(5));
        QCOMPARE(facts.usage.total, std::optional<std::int64_t>(13));
    }

    void countsWithTheVocabularyOfTheModel_data() {
        QTest::addColumn<int>("method");
        QTest::addColumn<std::string>("model");
        QTest::addColumn<std::string>("expected");
        const auto row = [](const char* name, EstimateMethod method, const char* model, const char* expected) {
            QTest::newRow(name) << static_cast<int>(method) << std::string(model) << std::string(expected);
        };
        row("o200k for any model", EstimateMethod::O200k, "claude-sonnet-4", "o200k");
        row("cl100k for any model", EstimateMethod::Cl100k, "gpt-4o", "cl100k");
        row("auto, gpt-4o", EstimateMethod::Auto, "gpt-4o-mini", "o200k");
        row("auto, gpt-4", EstimateMethod::Auto, "gpt-4-turbo", "cl100k");
        row("auto, not known", EstimateMethod::Auto, "claude-sonnet-4", "bytes");
        row("auto, no model", EstimateMethod::Auto, "", "bytes");
    }
    void countsWithTheVocabularyOfTheModel() {
        QFETCH(int, method);
        QFETCH(std::string, model);
        QFETCH(std::string, expected);
        const CallFacts facts = observe(chat(model), options(static_cast<EstimateMethod>(method)));
        QCOMPARE(std::string(facts.estimate.method), expected);
        if (expected == "bytes") {
            QCOMPARE(facts.estimate.input, std::optional<std::int64_t>(8));
            return;
        }
        const Encoding encoding = expected == "o200k" ? Encoding::O200k : Encoding::Cl100k;
        QCOMPARE(facts.estimate.input,
                 std::optional(count(encoding, "Be the \"best\".") + count(encoding, "caf\xc3\xa9 and the ring")));
        QCOMPARE(facts.estimate.output, std::optional(count(encoding, "The thing\nand 12345")));
    }

    /// A deployment has a name of its own; the answer says what runs there.
    void theServedModelDecides() {
        Call call = chat("my-deployment");
        call.responseBody.insert(1, R"("model":"gpt-4o-2024-11-20",)");
        QVERIFY(observe(call, options(EstimateMethod::Auto)).estimate.method == "o200k");
        call.responseHeaders.emplace_back("x-ms-served-model", "gpt-4");
        QVERIFY(observe(call, options(EstimateMethod::Auto)).estimate.method == "cl100k");
    }

    void withoutAVocabularyItIsBytes() {
        for (const EstimateMethod method : {EstimateMethod::O200k, EstimateMethod::Cl100k, EstimateMethod::Auto}) {
            const CallFacts facts = observe(chat("gpt-4o"), options(method, false));
            QVERIFY(facts.estimate.method == "bytes");
            QCOMPARE(facts.estimate.input, std::optional<std::int64_t>(8));
        }
    }

    void whatIsReportedStays() {
        Call call = chat("gpt-4o");
        call.responseBody.insert(1, R"("usage":{"prompt_tokens":20,"completion_tokens":7,"total_tokens":27},)");
        const CallFacts facts = observe(call, options(EstimateMethod::Bytes));
        QVERIFY(facts.usage.source == TokenSource::Reported);
        QCOMPARE(facts.usage.total, std::optional<std::int64_t>(27));
        QCOMPARE(facts.estimate.input, std::optional<std::int64_t>(8));
    }

    void aRefusedCallUsedNothing() {
        Call call = chat("gpt-4o");
        call.status = 429;
        call.responseBody = R"({"error":{"code":"RateLimitReached","message":"Please wait"}})";
        const CallFacts facts = observe(call, options(EstimateMethod::Bytes));
        QCOMPARE(facts.estimate.input, std::optional<std::int64_t>(8));
        QVERIFY(!facts.estimate.output);
        QVERIFY(facts.usage.source == TokenSource::Missing && !facts.usage.input && !facts.usage.total);
    }

    void embeddingsHaveNoOutput() {
        Call call;
        call.target = "/v1/embeddings";
        call.requestBody = R"({"input":["the ring","the end."],"model":"text-embedding-3-small"})"; // 8 + 8 octets
        call.responseBody = R"({"data":[{"embedding":[0.1,0.2]}]})";
        const CallFacts facts = observe(call, options(EstimateMethod::Bytes));
        QCOMPARE(facts.estimate.input, std::optional<std::int64_t>(4));
        QVERIFY(!facts.estimate.output && !facts.usage.output);
        QCOMPARE(facts.usage.total, std::optional<std::int64_t>(4));
    }

    /// The deltas of a stream are one text: a token may reach over events, and a character over two escapes may not be
    /// put together again, as each event is JSON of its own.
    void aStreamIsOneText() {
        const std::string text = "The theory,\n and 12345 \xef\xbf\xbd\xef\xbf\xbd ... the end";
        std::mt19937 random(3);
        for (int round = 0; round < 30; ++round) {
            const auto next = [&]() -> std::size_t { return round == 0 ? test::wholePiece() : 1 + random() % 40; };
            const CallFacts facts = observe(chatStream(), options(EstimateMethod::O200k), next);
            QCOMPARE(facts.estimate.output, std::optional(count(Encoding::O200k, text)));
            QCOMPARE(facts.contentBytes, std::optional(static_cast<std::int64_t>(text.size())));
            QVERIFY(facts.usage.source == TokenSource::Estimated);
            QVERIFY(!facts.usage.total); // the prompt holds no text
        }
    }

    /// Parsing each event tells the same as passing most of them over.
    void countingChangesNothingElse() {
        const Call calls[] = {chat("gpt-4o"), chatStream()};
        for (const Call& call : calls) {
            const CallFacts off = observe(call, nullptr), on = observe(call, options(EstimateMethod::Auto));
            QCOMPARE(on.contentBytes, off.contentBytes);
            QCOMPARE(on.contentEvents, off.contentEvents);
            QCOMPARE(on.streamEvents, off.streamEvents);
            QCOMPARE(on.promptBytes, off.promptBytes);
            QCOMPARE(on.firstToken, off.firstToken);
            QCOMPARE(on.finishReason, off.finishReason);
        }
    }

    void textsOfOneCallDoNotReachIntoTheNext() {
        CallObserver observer({}, {}, options(EstimateMethod::O200k));
        const CallFacts first = test::observe(observer, chat("gpt-4o"));
        const CallFacts second = test::observe(observer, chat("gpt-4o"));
        QCOMPARE(second.estimate.input, first.estimate.input);
        QCOMPARE(second.estimate.output, first.estimate.output);
    }

    /// 300,000 letters do not fit into what is kept of a body otherwise.
    void longPromptsAreCounted() {
        Call call = chat("gpt-4o");
        call.requestBody = "{\"messages\":[{\"role\":\"user\",\"content\":\"" + std::string(300000, 'a') + "\"}]}";
        QVERIFY(!observe(call, nullptr).promptBytes);
        QCOMPARE(observe(call, options(EstimateMethod::Bytes)).estimate.input, std::optional<std::int64_t>(75000));
    }

    void whatWasLostIsNotEstimated() {
        CallObserver observer({}, {}, options(EstimateMethod::Bytes));
        Call call = chatStream();
        observer.begin();
        http::RequestHead request;
        request.method = "POST";
        request.target = call.target;
        observer.onRequestHead(request);
        observer.onRequestGap();
        observer.onRequestEnd(true);
        http::ResponseHead response;
        response.status = 200;
        response.headers.add("Content-Type", "text/event-stream");
        observer.onResponseHead(response);
        observer.onResponseBody(asBytes(call.responseBody), 1);
        observer.onResponseGap();
        observer.onResponseEnd(true);
        const CallFacts facts = observer.take();
        QVERIFY(!facts.estimate.input && !facts.estimate.output && facts.estimate.method.empty());
        QVERIFY(facts.usage.source == TokenSource::Missing);
    }

    void knowsItsMethods() {
        for (const char* name : {"off", "bytes", "o200k", "cl100k", "auto"}) QVERIFY(parseEstimateMethod(name));
        for (const char* name : {"", "Auto", "o200k_base", "byte"}) QVERIFY(!parseEstimateMethod(name));
    }
};

QTEST_APPLESS_MAIN(LlmEstimateTest)
#include "llm_estimate_test.moc"
