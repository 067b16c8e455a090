// SPDX-License-Identifier: Apache-2.0
#include "core/llm/event_filter.h"

#include <QTest>

using namespace gatescope::llm;
using gatescope::http::ServerSentEvent;

class LlmEventFilterTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void finds_data();
    void finds();
    void findsAtAnyPlace();
    void goesByTheName();
};

void LlmEventFilterTest::finds_data() {
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
    row(R"({"usageMetadata":{}})", true);
    row(R"({"finishReason":"STOP"})", true);
    row(R"({"content":"\"usage\":{\"prompt_tokens\":1}"})", false);
    row(R"({"content":"\\\"usage\\\":{"})", false);
    row(R"({"content":"usage"})", false);
    row(R"({"content":"x","usage)", false);
    row(R"({"content":"x","usage")", false);
    row(R"({"content":"x","usage":)", false);
    row("", false);
    row("\"", false);
}

void LlmEventFilterTest::finds() {
    QFETCH(QString, data);
    QFETCH(bool, expected);
    QCOMPARE(mentionsOutcome(data.toStdString()), expected);
}

void LlmEventFilterTest::findsAtAnyPlace() {
    // Every place relative to the vectors that the scan works in, and every length behind it.
    for (std::size_t before = 0; before < 70; ++before) {
        for (std::size_t behind = 0; behind < 35; ++behind) {
            const std::string padding = "{\"a\":\"" + std::string(before, 'x') + "\",";
            const std::string end = std::string(behind, ' ') + "}";
            QVERIFY(mentionsOutcome(padding + "\"usage\":1" + end));
            QVERIFY(!mentionsOutcome(padding + "\"usagf\":1" + end));
            QVERIFY(!mentionsOutcome(padding + "\"usage\":null" + end));
        }
    }
}

void LlmEventFilterTest::goesByTheName() {
    const auto may = [](WireFormat format, std::string_view name, std::string_view data) {
        return mayHoldOutcome(format, ServerSentEvent{name, data});
    };
    QVERIFY(may(WireFormat::OpenAiResponses, "response.completed", "{}"));
    QVERIFY(may(WireFormat::OpenAiResponses, "response.incomplete", "{}"));
    QVERIFY(may(WireFormat::OpenAiResponses, "response.failed", "{}"));
    QVERIFY(!may(WireFormat::OpenAiResponses, "response.output_text.delta", "{}"));
    QVERIFY(may(WireFormat::OpenAiResponses, "", R"({"response":{"usage":{}}})"));
    QVERIFY(may(WireFormat::OpenAiResponses, "error", R"({"error":{"code":"x"}})"));
    QVERIFY(may(WireFormat::Anthropic, "message_delta", "{}"));
    QVERIFY(!may(WireFormat::Anthropic, "content_block_delta", "{}"));
    QVERIFY(may(WireFormat::Anthropic, "error", R"({"type":"error","error":{"type":"x"}})"));
}

QTEST_APPLESS_MAIN(LlmEventFilterTest)
#include "llm_event_filter_test.moc"
