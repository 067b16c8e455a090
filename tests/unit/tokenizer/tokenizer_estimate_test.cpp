// SPDX-License-Identifier: Apache-2.0
// Expected encodings: the model table that js-tiktoken 1.0.21 ships, and tiktoken's for the names after it.
#include "core/tokenizer/encoding.h"

#include <QTest>
#include <limits>
#include <string>

using namespace gatescope::tokenizer;

class EstimateTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fourOctetsAreOneToken() {
        QCOMPARE(estimateByBytes(0), 0);
        QCOMPARE(estimateByBytes(1), 1);
        QCOMPARE(estimateByBytes(4), 1);
        QCOMPARE(estimateByBytes(5), 2);
        QCOMPARE(estimateByBytes(-7), 0);
        QCOMPARE(estimateByBytes(std::numeric_limits<std::int64_t>::max()), std::int64_t{1} << 61);
    }

    void knowsTheModels_data() {
        QTest::addColumn<std::string>("model");
        QTest::addColumn<std::string>("expected");
        const std::string o200k = "o200k_base", cl100k = "cl100k_base", none;
        for (const char* model :
             {"gpt-4o", "gpt-4o-2024-11-20", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-nano-2025-04-14", "gpt-4.5-preview",
              "gpt-5", "gpt-5-mini", "gpt-5-chat-latest", "gpt-5.1", "o1", "o1-mini", "o3-mini-2025-01-31", "o4-mini",
              "chatgpt-4o-latest", "gpt-oss-120b", "GPT-4o", "ft:gpt-4o-mini:org::id"})
            QTest::newRow(model) << std::string(model) << o200k;
        for (const char* model :
             {"gpt-4", "gpt-4-32k-0613", "gpt-4-turbo-2024-04-09", "gpt-3.5-turbo", "gpt-35-turbo", "gpt-35-turbo-16k",
              "text-embedding-ada-002", "text-embedding-3-small", "ft:gpt-3.5-turbo:x"})
            QTest::newRow(model) << std::string(model) << cl100k;
        for (const char* model : {"", "claude-sonnet-4", "gemini-2.5-pro", "gpt-", "gpt-4omni", "gpt-40", "gpt-5x", "o",
                                  "o11", "o1x", "my-gpt-4o", "gpt-2", "text-embedding-300", "ft:", "mistral-large"})
            QTest::newRow(model) << std::string(model) << none;
    }
    void knowsTheModels() {
        QFETCH(std::string, model);
        QFETCH(std::string, expected);
        const auto encoding = encodingOfModel(model);
        QCOMPARE(encoding ? std::string(toString(*encoding)) : std::string(), expected);
    }
};

QTEST_APPLESS_MAIN(EstimateTest)
#include "tokenizer_estimate_test.moc"
