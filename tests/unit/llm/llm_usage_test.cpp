// SPDX-License-Identifier: Apache-2.0
#include "core/llm/usage.h"
#include "tests/unit/llm/observed_call.h"

#include <QTest>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

using namespace gatescope::llm;
using gatescope::llm::test::Call;
using gatescope::llm::test::observe;

namespace {

using Count = std::optional<std::int64_t>;

Count countOf(const nlohmann::json& object, const char* key) {
    return object.contains(key) ? Count(object.at(key).get<std::int64_t>()) : Count{};
}

} // namespace

class LlmUsageTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void normalisesTheVectors();
    void readsEachApi_data();
    void readsEachApi();
    void leavesUnknownUnknown();
    void laterCountsReplaceEarlierOnes();
    void judgesParts_data();
    void judgesParts();
    void takesNoImpossibleCount_data();
    void takesNoImpossibleCount();
    void namesSources();
};

void LlmUsageTest::normalisesTheVectors() {
    std::ifstream file(GATESCOPE_SOURCE_DIR "/tests/unit/test-vectors.json");
    const auto vectors = nlohmann::json::parse(file);
    QVERIFY(vectors.at("usage").size() >= 3);
    for (const auto& vector : vectors.at("usage")) {
        const std::string api = vector.at("api");
        Call call;
        if (api == "anthropic") call.target = "/v1/messages";
        if (api == "gemini") call.target = "/v1beta/models/g:generateContent";
        const nlohmann::json body{{api == "gemini" ? "usageMetadata" : "usage", vector.at("in")}};
        call.responseBody = body.dump();
        const Usage usage = observe(call).usage;
        const auto& out = vector.at("out");
        QCOMPARE(usage.input, countOf(out, "input_total"));
        QCOMPARE(usage.output, countOf(out, "output_total"));
        QCOMPARE(usage.total, countOf(out, "total"));
        QCOMPARE(usage.cached, countOf(out, "cache_read"));
        QCOMPARE(usage.cacheWrite, countOf(out, "cache_write"));
        QCOMPARE(usage.reasoning, countOf(out, "reasoning"));
        QVERIFY(usage.source == TokenSource::Reported);
    }
}

void LlmUsageTest::readsEachApi_data() {
    QTest::addColumn<QString>("target");
    QTest::addColumn<QString>("body");
    QTest::addColumn<QString>("expected"); // input,output,total,cached,cacheWrite,reasoning
    const auto row = [](const char* name, const char* target, const char* body, const char* expected) {
        QTest::newRow(name) << QString(target) << QString(body) << QString(expected);
    };
    row("responses", "/openai/v1/responses",
        R"({"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},
            "output_tokens":7,"output_tokens_details":{"reasoning_tokens":5},"total_tokens":17}})",
        "10,7,17,4,2,5");
    row("embeddings", "/v1/embeddings", R"({"data":[],"usage":{"prompt_tokens":8,"total_tokens":8}})", "8,-,8,-,-,-");
    row("embeddings with a zero", "/v1/embeddings",
        R"({"usage":{"prompt_tokens":8,"completion_tokens":0,"total_tokens":8}})", "8,-,8,-,-,-");
    row("completions", "/v1/completions", R"({"usage":{"prompt_tokens":8,"completion_tokens":3,"total_tokens":11}})",
        "8,3,11,-,-,-");
    row("images", "/v1/images/generations",
        R"({"usage":{"input_tokens":50,"output_tokens":70,"total_tokens":120,"input_tokens_details":{"text_tokens":50}}})",
        "50,70,120,-,-,-");
    row("transcription", "/v1/audio/transcriptions",
        R"({"text":"x","usage":{"type":"tokens","input_tokens":14,"output_tokens":45,"total_tokens":59,
            "input_token_details":{"text_tokens":0,"audio_tokens":14}}})",
        "14,45,59,-,-,-");
    row("transcription by duration", "/v1/audio/transcriptions",
        R"({"text":"x","usage":{"type":"duration","seconds":9}})", "-,-,-,-,-,-");
    row("bedrock", "/model/m/converse",
        R"({"usage":{"cacheReadInputTokens":1028,"cacheWriteInputTokens":0,"inputTokens":12,"outputTokens":185,"totalTokens":1225}})",
        "1040,185,1225,1028,0,-");
    row("anthropic without cache", "/v1/messages", R"({"usage":{"input_tokens":5,"output_tokens":6}})", "5,6,11,-,-,-");
    row("anthropic thinking", "/v1/messages",
        R"({"usage":{"input_tokens":5,"output_tokens":6,"output_tokens_details":{"thinking_tokens":4}}})",
        "5,6,11,-,-,4");
    row("gemini without candidates", "/v1beta/models/g:generateContent",
        R"({"usageMetadata":{"promptTokenCount":5,"thoughtsTokenCount":9,"totalTokenCount":14}})", "5,9,14,-,-,9");
    row("sum of both", "/v1/chat/completions", R"({"usage":{"prompt_tokens":5,"completion_tokens":6}})",
        "5,6,11,-,-,-");
    row("one part", "/v1/chat/completions", R"({"usage":{"prompt_tokens":5}})", "5,-,-,-,-,-");
    row("null parts", "/v1/chat/completions",
        R"({"usage":{"prompt_tokens":5,"completion_tokens":null,"prompt_tokens_details":null,"total_tokens":null}})",
        "5,-,-,-,-,-");
    row("written as a float", "/v1/chat/completions", R"({"usage":{"prompt_tokens":5.0,"completion_tokens":6e0}})",
        "5,6,11,-,-,-");
    row("no usage", "/v1/chat/completions", R"({"choices":[],"usage":null})", "-,-,-,-,-,-");
}

void LlmUsageTest::readsEachApi() {
    QFETCH(QString, target);
    QFETCH(QString, body);
    QFETCH(QString, expected);
    Call call;
    call.target = target.toStdString();
    call.responseBody = body.toStdString();
    const Usage usage = observe(call).usage;
    QStringList counts;
    for (const Count& count : {usage.input, usage.output, usage.total, usage.cached, usage.cacheWrite, usage.reasoning})
        counts << (count ? QString::number(*count) : QString("-"));
    QCOMPARE(counts.join(','), expected);
    QCOMPARE(usage.source == TokenSource::Missing, expected == "-,-,-,-,-,-");
}

void LlmUsageTest::leavesUnknownUnknown() {
    const Usage usage = normalised(WireFormat::Anthropic, RawUsage{.cached = 7});
    QVERIFY(!usage.input && !usage.output && !usage.total);
    QCOMPARE(usage.cached, Count(7));
    QVERIFY(normalised(WireFormat::Gemini, {}).source == TokenSource::Missing);
    // Sums past 64 bits are no counts.
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    const Usage huge = normalised(WireFormat::Anthropic, RawUsage{.input = kMax, .output = kMax, .cached = kMax});
    QVERIFY(!huge.input && !huge.total);
}

void LlmUsageTest::laterCountsReplaceEarlierOnes() {
    RawUsage usage{.input = 1, .output = 2};
    usage.replaceWith(RawUsage{.output = 5, .reasoning = 0});
    QCOMPARE(usage.input, Count(1));
    QCOMPARE(usage.output, Count(5));
    QCOMPARE(usage.reasoning, Count(0));
}

void LlmUsageTest::judgesParts_data() {
    QTest::addColumn<QString>("usage");
    QTest::addColumn<bool>("odd");
    const auto row = [](const char* usage, bool odd) { QTest::newRow(usage) << QString(usage) << odd; };
    row(R"({"prompt_tokens":5,"completion_tokens":6,"total_tokens":11})", false);
    row(R"({"prompt_tokens":5,"completion_tokens":6,"total_tokens":12})", true);
    row(R"({"prompt_tokens":5,"completion_tokens":6,"prompt_tokens_details":{"cached_tokens":5}})", false);
    row(R"({"prompt_tokens":5,"completion_tokens":6,"prompt_tokens_details":{"cached_tokens":6}})", true);
    row(R"({"prompt_tokens":5,"completion_tokens":6,"completion_tokens_details":{"reasoning_tokens":7}})", true);
    row(R"({"prompt_tokens":5,"total_tokens":4})", true);
}

void LlmUsageTest::judgesParts() {
    QFETCH(QString, usage);
    QFETCH(bool, odd);
    Call call;
    call.responseBody = "{\"usage\":" + usage.toStdString() + "}";
    QCOMPARE(gatescope::llm::test::found(observe(call), "usage.parts-exceed-total"), odd);
}

void LlmUsageTest::takesNoImpossibleCount_data() {
    QTest::addColumn<QString>("count");
    for (const char* count : {"-1", "1.5", "\"12\"", "true", "[]", "{}", "1e300", "null"})
        QTest::newRow(count) << QString(count);
}

void LlmUsageTest::takesNoImpossibleCount() {
    QFETCH(QString, count);
    Call call;
    call.responseBody = "{\"usage\":{\"prompt_tokens\":" + count.toStdString() + ",\"completion_tokens\":3}}";
    const Usage usage = observe(call).usage;
    QVERIFY(!usage.input);
    QCOMPARE(usage.output, Count(3));
}

void LlmUsageTest::namesSources() {
    QVERIFY(toString(TokenSource::Missing).empty());
    QVERIFY(toString(TokenSource::Reported) == "reported");
    QVERIFY(toString(TokenSource::Gateway) == "gateway");
    QVERIFY(toString(TokenSource::Log) == "log");
    QVERIFY(toString(TokenSource::Estimated) == "estimated");
}

QTEST_APPLESS_MAIN(LlmUsageTest)
#include "llm_usage_test.moc"
