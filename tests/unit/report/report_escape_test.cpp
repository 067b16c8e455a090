// SPDX-License-Identifier: Apache-2.0
#include "core/report/base64.h"
#include "core/report/cell_text.h"
#include "core/report/escape.h"
#include "core/report/utf8.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QtTest>
#include <limits>

using namespace gatescope;
using namespace gatescope::report;

class ReportEscapeTest : public QObject {
    Q_OBJECT

private:
    template <typename Append, typename Value>
    static std::string written(Append append, Value value) {
        std::string out;
        append(out, value);
        return out;
    }
    static std::string json(std::string_view text) { return written(appendJsonString, text); }
    static std::string csv(std::string_view text) { return written(appendCsvText, text); }
    static std::string tsv(std::string_view text) { return written(appendTsvText, text); }
    static std::string terminal(std::string_view text) { return written(appendTerminalText, text); }

private Q_SLOTS:
    void jsonStrings() {
        QCOMPARE(json("plain"), std::string("\"plain\""));
        QCOMPARE(json("a\"b\\c\n\r\t"), std::string("\"a\\\"b\\\\c\\n\\r\\t\""));
        QCOMPARE(json(std::string_view("\0\x1b\x7f", 3)), std::string("\"\\u0000\\u001b\\u007f\""));
        QCOMPARE(json("Zürich 日本 😀"), std::string("\"Zürich 日本 😀\""));
        QCOMPARE(json("\xff\xc3"), std::string("\"\\ufffd\\ufffd\""));
    }

    /// Whatever the octets, another reader takes the string, and gives valid text back.
    void jsonIsAlwaysValid() {
        std::uint64_t state = 20260101;
        for (int round = 0; round < 2000; ++round) {
            std::string octets;
            for (int i = 0; i < 24; ++i) {
                state = state * 6364136223846793005ULL + 1442695040888963407ULL;
                octets += static_cast<char>(state >> 56);
            }
            const std::string text = "[" + json(octets) + "]";
            QVERIFY(isValidUtf8(text));
            QJsonParseError error{};
            const auto document = QJsonDocument::fromJson(QByteArray::fromStdString(text), &error);
            QCOMPARE(error.error, QJsonParseError::NoError);
            QCOMPARE(document.array().size(), 1);
        }
    }

    /// Unicode 15, table 3-7, row by row: first and last of each, and what lies just outside.
    void utf8Borders() {
        for (const char* valid : {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                                  "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
            QVERIFY(isValidUtf8(valid));
        for (const char* invalid : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                                    "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xf0\x9f\x98"})
            QVERIFY(!isValidUtf8(invalid));
    }

    void csvFields() {
        QCOMPARE(csv("plain"), std::string("plain"));
        QCOMPARE(csv("a,b"), std::string("\"a,b\""));
        QCOMPARE(csv("say \"x\""), std::string("\"say \"\"x\"\"\""));
        QCOMPARE(csv("two\r\nlines"), std::string("\"two\r\nlines\""));
        QCOMPARE(csv(""), std::string("\"\""));
        for (const std::string start : {"=", "+", "-", "@", "\t", "\r"})
            QCOMPARE(csv(start + "1"), "\"'" + start + "1\"");
        QCOMPARE(csv("1=2"), std::string("1=2"));
        QCOMPARE(csv("\x1b[31m"), std::string("\xef\xbf\xbd[31m"));
    }

    void tsvFields() {
        QCOMPARE(tsv("a\tb\nc\rd\\e"), std::string("a\\tb\\nc\\rd\\\\e"));
        QCOMPARE(tsv("\xff"), std::string("\xef\xbf\xbd"));
    }

    void terminalText() {
        QCOMPARE(terminal("\x1b]0;title\x07"), std::string("\\x1b]0;title\\x07"));
        QCOMPARE(terminal("a\xc2\x9b"
                          "31m"),
                 std::string("a\\u009b31m"));
        QCOMPARE(terminal("\xe2\x80\xae"), std::string("\\u202e"));
        QCOMPARE(terminal("a\nb"), std::string("a\\nb"));
        QCOMPARE(written(appendTerminalLines, std::string_view("a\n\tb\r")), std::string("a\n\tb\\r"));
        QCOMPARE(terminal("日本 \"q\" \\"), std::string("日本 \"q\" \\"));
    }

    void durations() {
        QCOMPARE(written(appendDuration, 0), std::string("0.000"));
        QCOMPARE(written(appendDuration, 1'234'567), std::string("1.235"));
        QCOMPARE(written(appendDuration, 499), std::string("0.000"));
        QCOMPARE(written(appendDuration, 500), std::string("0.001"));
        QCOMPARE(written(appendDuration, -1'500'000), std::string("-1.500"));
        QCOMPARE(written(appendDuration, std::numeric_limits<std::int64_t>::min()), std::string("-9223372036854.776"));
    }

    /// RFC 4648, section 10.
    void base64() {
        for (const auto& [plain, coded] :
             {std::pair("", ""), std::pair("f", "Zg=="), std::pair("fo", "Zm8="), std::pair("foo", "Zm9v"),
              std::pair("foob", "Zm9vYg=="), std::pair("fooba", "Zm9vYmE="), std::pair("foobar", "Zm9vYmFy")})
            QCOMPARE(toBase64(plain), std::string(coded));
    }
};

QTEST_APPLESS_MAIN(ReportEscapeTest)
#include "report_escape_test.moc"
