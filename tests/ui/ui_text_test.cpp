// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/curl_command.h"
#include "ui/bridge/json_text.h"
#include "ui/bridge/text.h"
#include "ui/views/request_table.h"
#include "ui/widgets/palette.h"

#include "core/analysis/filter.h"
#include "tests/ui/sample_traffic.h"

#include <QTest>

using namespace gatescope;
using namespace gatescope::ui;

class UiTextTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void numbersAreWrittenForPeople() {
        QCOMPARE(countText(1'204'331), QStringLiteral("1,204,331"));
        QCOMPARE(shortCount(9'999), QStringLiteral("9,999"));
        QCOMPARE(shortCount(1'234'567), QStringLiteral("1.2M"));
        QCOMPARE(bytesText(474), QStringLiteral("474 B"));
        QCOMPARE(bytesText(1'200'000), QStringLiteral("1.2 MB"));
        QCOMPARE(durationText(612'000'000), QStringLiteral("612 ms"));
        QCOMPARE(durationText(4'200'000'000), QStringLiteral("4.20 s"));
        QCOMPARE(durationText(64'000'000'000), QStringLiteral("1 min 04 s"));
        QCOMPARE(clockText(1'773'858'194'203'117'000, false), QStringLiteral("18:23:14.203"));
        QCOMPARE(clockText(1'773'858'194'203'117'000, true), QStringLiteral("2026-03-18 18:23:14.203"));
        QCOMPARE(counted(1, "gap", "gaps"), QStringLiteral("1 gap"));
        QCOMPARE(counted(0, "gap", "gaps"), QStringLiteral("0 gaps"));
    }

    void controlCharactersAreShownAndNotObeyed() {
        QCOMPARE(toText("a\nb"), QStringLiteral("a\u240Ab"));
        QCOMPARE(toText(std::string_view("\x1b[31m", 5)), QStringLiteral("\u241B[31m"));
    }

    void jsonIsLaidOutAndOtherwiseKept() {
        const std::string whole = "{\"b\":1.0,\"a\":[1,{\"x\":\"}\"}],\"e\":{},\"n\":[ ]}";
        QCOMPARE(indentJson(whole),
                 std::string("{\n  \"b\": 1.0,\n  \"a\": [\n    1,\n    {\n      \"x\": \"}\"\n    }\n  ],"
                             "\n  \"e\": {},\n  \"n\": []\n}"));
        // Cut off in the middle of a text with an escape: nothing is lost.
        QCOMPARE(indentJson("{\"a\":\"say \\\"hi"), std::string("{\n  \"a\": \"say \\\"hi"));
        QCOMPARE(indentJson(""), std::string());
    }

    void jsonKeepsItsVisibleCharacters_data() {
        QTest::addColumn<QByteArray>("json");
        QTest::newRow("deep") << QByteArray(5'000, '[');
        QTest::newRow("closing only") << QByteArray("]]}}");
        QTest::newRow("not json") << QByteArray("hello: world, [x");
    }
    void jsonKeepsItsVisibleCharacters() {
        QFETCH(QByteArray, json);
        const auto visible = [](const std::string& text) {
            std::string kept;
            for (const char letter : text) {
                if (letter != ' ' && letter != '\n') kept += letter;
            }
            return kept;
        };
        QCOMPARE(visible(indentJson(json.toStdString())), visible(json.toStdString()));
    }

    void streamedTextIsFoundInEachShape() {
        QCOMPARE(streamedText("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}"), std::string("Hi"));
        QCOMPARE(streamedText("{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"other\"}}]}"), std::string());
        QCOMPARE(streamedText("{\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}"), std::string("Hi"));
        QCOMPARE(streamedText("{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}"),
                 std::string("Hi"));
        QCOMPARE(streamedText("[DONE]"), std::string());
        QCOMPARE(streamedText(""), std::string());
    }

    void conditionsOfCellsAreValidFilters() {
        const auto snapshot = test::twelveCallSnapshot();
        for (const auto& info : analysis::fields()) {
            for (const analysis::Row row : snapshot.order()) {
                const std::string condition = equalsExpression(snapshot, fieldOf(info.id), row);
                const auto filter = analysis::Filter::parse(condition);
                QVERIFY2(filter.has_value(), condition.c_str());
                const auto rows = filter->apply(snapshot, snapshot.order());
                QVERIFY2(std::find(rows.begin(), rows.end(), row) != rows.end(), condition.c_str());
            }
        }
    }

    void conditionsForTheFilterBarHoldNoSecret() {
        const auto snapshot = test::twelveCallSnapshot();
        const analysis::Row row = snapshot.order().front();
        for (const char* name : {"header:api-key", "header:authorization"}) {
            const auto field = analysis::Field::parse(name).value();
            QCOMPARE(shownCondition(snapshot, field, row), "exists(" + std::string(name) + ")");
            QVERIFY(equalsExpression(snapshot, field, row).find(test::kSecret) != std::string::npos);
        }
    }

    void conditionsAreCombined() {
        QCOMPARE(combined({}, "a == 1", Combine::AndSelected), QStringLiteral("a == 1"));
        QCOMPARE(combined("b == 2", "a == 1", Combine::Selected), QStringLiteral("a == 1"));
        QCOMPARE(combined("b == 2 || c", "a == 1", Combine::AndSelected), QStringLiteral("(b == 2 || c) && a == 1"));
        QCOMPARE(combined("b == 2", "a == 1", Combine::OrNotSelected), QStringLiteral("(b == 2) || !(a == 1)"));
    }

    void curlCommandHoldsNoSecret() {
        const auto snapshot = test::twelveCallSnapshot();
        const std::string command = curlCommand(snapshot, snapshot.order().front(), "{\"q\":\"it's\"}");
        QVERIFY(command.starts_with("curl -X 'POST' 'http://apimeus.azure-api.net/openai/deployments/gpt-4o/chat/"));
        QVERIFY(command.find("-H 'openai-project: sampleproject1'") != std::string::npos);
        QVERIFY(command.find(test::kSecret) == std::string::npos);
        QVERIFY(command.find("--data-binary '{\"q\":\"it'\\''s\"}'") != std::string::npos);
        QVERIFY(command.find("-H 'Host") == std::string::npos);
    }

    /// WCAG 2.1, 1.4.3: 4.5:1 for text.
    void textCanBeRead_data() {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void textCanBeRead() {
        QFETCH(bool, dark);
        const QPalette palette = dark ? darkPalette() : lightPalette();
        constexpr double kEnough = 4.5;
        QCOMPARE(isDark(palette), dark);
        for (const Tone tone : {Tone::Text, Tone::Muted, Tone::Accent, Tone::Good, Tone::Warning, Tone::Bad, Tone::Key,
                                Tone::String, Tone::Number}) {
            for (const auto role : {QPalette::Base, QPalette::AlternateBase, QPalette::Window}) {
                const double ratio = contrast(colour(tone, palette), palette.color(role));
                QVERIFY2(ratio >= kEnough, qPrintable(QStringLiteral("tone %1: %2").arg(int(tone)).arg(ratio)));
            }
        }
        for (const Tone surface :
             {Tone::FilterValid, Tone::FilterInvalid, Tone::BannerBad, Tone::BannerWarning, Tone::Chip}) {
            QVERIFY(contrast(colour(Tone::Text, palette), colour(surface, palette)) >= kEnough);
        }
        for (const auto group : {QPalette::Active, QPalette::Inactive}) {
            QVERIFY(contrast(palette.color(group, QPalette::HighlightedText),
                             palette.color(group, QPalette::Highlight)) >= kEnough);
        }
        QVERIFY(contrast(palette.color(QPalette::ButtonText), palette.color(QPalette::Button)) >= kEnough);
        QVERIFY(contrast(palette.color(QPalette::ToolTipText), palette.color(QPalette::ToolTipBase)) >= kEnough);
    }
};

QTEST_MAIN(UiTextTest)
#include "ui_text_test.moc"
