// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/field.h"

#include <QtTest>

using namespace gatescope;
using namespace gatescope::analysis;

class AnalysisFieldTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// The names of the contract, in its order.
    void namesOfTheContract() {
        const QStringList expected =
            QString(
                "id input source flow packet time duration_ms ttfb_ms ttft_ms client server protocol tls method "
                "scheme host path query status request_bytes response_bytes complete project project_id agent "
                "agent_version model connection deployment requested_model served_model api caller stream "
                "input_tokens output_tokens total_tokens cached_tokens cache_write_tokens reasoning_tokens "
                "token_source finish_reason error_code limit_origin forwarded_for effective_client ja4 "
                "traceparent request_id stream_events content_events content_bytes usage_event closed_by max_tokens "
                "prompt_bytes images tool_calls tools content_filter audio_input_tokens audio_output_tokens "
                "image_input_tokens image_output_tokens cache_write_1h_tokens web_searches session_id stream_id service_tier "
                "gateway_tokens limit_tokens remaining_tokens retry_after_ms estimated_input_tokens "
                "estimated_output_tokens estimate_method line correlation_id response_id transaction_id trace_id backend backend_ms "
                "client_class joined_by join_certainty joined_with logical_call attempt state findings")
                .split(' ');
        QStringList names;
        for (const FieldInfo& info : fields()) {
            names << QString::fromUtf8(info.name.data(), static_cast<qsizetype>(info.name.size()));
            QVERIFY(!info.meaning.empty());
            QCOMPARE(static_cast<qsizetype>(info.id), names.size() - 1);
            const auto parsed = Field::parse(info.name);
            QVERIFY(parsed.has_value());
            QCOMPARE(parsed->id, info.id);
            QCOMPARE(parsed->type, info.type);
            QCOMPARE(parsed->name(), std::string(info.name));
        }
        QCOMPARE(names, expected);
    }

    void headerFields() {
        const auto request = Field::parse("header:X-User-Id-Hash");
        QCOMPARE(request->name(), std::string("header:x-user-id-hash"));
        QCOMPARE(request->id, FieldId::RequestHeader);
        QCOMPARE(Field::parse("response-header:Retry-After")->name(), std::string("response-header:retry-after"));
        for (const char* wrong : {"header:", "header:a b", "response-header:", "header:a,b", "header:\x01"})
            QVERIFY2(!Field::parse(wrong), wrong);
    }

    void nearNames_data() {
        QTest::addColumn<QString>("wrong");
        QTest::addColumn<QString>("near");
        QTest::newRow("swapped") << "stauts" << "status";
        QTest::newRow("no unit") << "duration" << "duration_ms";
        QTest::newRow("capital") << "Model" << "model";
        QTest::newRow("hyphen") << "total-tokens" << "total_tokens";
        QTest::newRow("far") << "zzzzzzzz" << "";
        QTest::newRow("empty") << "" << "";
        QTest::newRow("long") << QString(100'000, 'a') << "";
    }
    void nearNames() {
        QFETCH(QString, wrong);
        QFETCH(QString, near);
        const auto result = Field::parse(wrong.toStdString());
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Usage);
        const auto message = QString::fromStdString(result.error().message);
        QVERIFY2(near.isEmpty() != message.contains("did you mean " + near + "?"), qPrintable(message.left(200)));
    }

    void lists() {
        const auto list = parseFields("project, agent,header:A");
        QVERIFY(list.has_value());
        QCOMPARE(list->size(), std::size_t{3});
        QCOMPARE((*list)[2].header, std::string("a"));
        QVERIFY(!parseFields(""));
        QVERIFY(!parseFields("project,"));
        QVERIFY(!parseFields("project,,agent"));
    }
};

QTEST_APPLESS_MAIN(AnalysisFieldTest)
#include "analysis_field_test.moc"
