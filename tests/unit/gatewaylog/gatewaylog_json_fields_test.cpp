// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/json_fields.h"
#include "core/gatewaylog/json_text_of.h"
#include "core/llm/padded_buffer.h"
#include "tests/unit/gatewaylog/whole_log.h"

#include <QTest>
#include <filesystem>
#include <nlohmann/json.hpp>

using namespace gatescope;
using namespace gatescope::gatewaylog;
using namespace gatescope::gatewaylog::test;

namespace {

/// The fields of a text written as JSON again; nothing when it is none.
std::optional<std::string> readBack(std::string_view text) {
    llm::PaddedBuffer padded;
    padded.assign(text);
    JsonFields json;
    LogFields fields;
    if (!json.read(padded.view(), fields)) return {};
    return jsonTextOf(fields, LogFields::kRoot);
}

const std::vector<std::string> kValid{
    "{}",
    "[]",
    " [ ] ",
    "[1]",
    "[1,2 , 3]",
    "[0,-0,-1,10,1.5,-0.25,1e3,1E-2,1.5e+2]",
    "[9223372036854775807,-9223372036854775808]",
    "[true,false,null]",
    R"({"a":{"b":[{}]}})",
    R"({"a" : "b" , "c" :[ ]})",
    R"({"a":1,"a":2})",
    R"(["","a","\"\\\/\b\f\n\r\t"])",
    R"(["\u0000\u0041\u00e9\u20ac\ud83d\ude00"])",
    "[\"h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f\"]",
    "\t[\n1\r]\n",
};

const std::vector<std::string> kInvalid{
    "",
    " ",
    "1",
    "\"a\"",
    "null",
    "{",
    "[",
    "]",
    "}",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1]]",
    "[1][2]",
    "[1]x",
    "{]",
    "[}",
    "{1:2}",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\" 1}",
    "{\"a\":1,}",
    "{,}",
    "{:}",
    "{\"a\":1 \"b\":2}",
    "[tru]",
    "[True]",
    "[nul l]",
    "[truefalse]",
    "[01]",
    "[-]",
    "[+1]",
    "[1.]",
    "[.5]",
    "[1e]",
    "[1e+]",
    "[0x1]",
    "[1a]",
    "[NaN]",
    "[Infinity]",
    "[1-2]",
    "[\"a]",
    "[\"a\"b]",
    "[\"a\"\"b\"]",
    "[a]",
    "['a']",
    "[\"\\x\"]",
    "[\"\\u12\"]",
    "[\"\\u12g4\"]",
    "[\"\\\"]",
    "[\"\n\"]",
    "[\"\x01\"]",
    "[\"\xff\"]",
    "[\"\xc3\"]",
    "[\"\xed\xa0\x80\"]",
    "[1,\"a\":2]",
    "{\"a\",\"b\"}",
    "[1\x01]",
    "[\xef\xbb\xbf]",
    "{\"a\":1]",
    "[1}",
};

} // namespace

class GatewaylogJsonFieldsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsValidText();
    void refusesInvalidText();
    void refusesEveryPrefix();
    void takesHalfPairsForReplacements();
    void takesLargeNumbers();
    void limitsDepth();
    void findsNamesInAnyCase();
    void hashesWithoutCase();
    void expandsTexts();
    void visitsRecords_data();
    void visitsRecords();
    void agreesWithTheSuite();
};

void GatewaylogJsonFieldsTest::readsValidText() {
    for (const std::string& text : kValid) {
        const auto back = readBack(text);
        QVERIFY2(back, text.c_str());
        // A repeated name stays as it is here; another parser keeps the last one.
        if (text.find("\"a\":1,\"a\"") != std::string::npos)
            QCOMPARE(*back, text);
        else
            QVERIFY2(nlohmann::json::parse(*back) == nlohmann::json::parse(text), text.c_str());
    }
}

void GatewaylogJsonFieldsTest::refusesInvalidText() {
    for (const std::string& text : kInvalid) QVERIFY2(!readBack(text), text.c_str());
    QVERIFY(!readBack(std::string_view("[1]\0", 4)));
}

void GatewaylogJsonFieldsTest::refusesEveryPrefix() {
    const std::string text = R"({"a":[1.5e3,true,null,"x\u00e9\n",{"b":"c"}],"d":{}})";
    for (std::size_t length = 0; length < text.size(); ++length)
        QVERIFY2(!readBack(text.substr(0, length)), std::to_string(length).c_str());
    QVERIFY(readBack(text));
    // What stands behind the text is not a part of it.
    llm::PaddedBuffer padded;
    padded.assign(text);
    JsonFields json;
    LogFields fields;
    for (std::size_t length = 0; length < text.size(); ++length)
        QVERIFY(!json.read(padded.view().substr(0, length), fields));
}

void GatewaylogJsonFieldsTest::takesHalfPairsForReplacements() {
    const std::string replacement = "\xef\xbf\xbd";
    QCOMPARE(*readBack(R"(["\ud83d"])"), "[\"" + replacement + "\"]");
    QCOMPARE(*readBack(R"(["\ude00x"])"), "[\"" + replacement + "x\"]");
    QCOMPARE(*readBack(R"(["\ud83d\u0041"])"), "[\"" + replacement + "A\"]");
}

void GatewaylogJsonFieldsTest::takesLargeNumbers() {
    llm::PaddedBuffer padded;
    padded.assign("[9223372036854775808,-1e400,1.5,12.0]");
    JsonFields json;
    LogFields fields;
    QVERIFY(json.read(padded.view(), fields));
    std::vector<LogFields::Member> members;
    fields.forEach(LogFields::kRoot, [&](LogFields::Index index) { members.push_back(fields[index]); });
    QVERIFY(members[0].kind == LogFields::Kind::Real && members[0].real == 9223372036854775808.0);
    QVERIFY(members[1].kind == LogFields::Kind::Null); // no double holds it
    const LogFields::Index fraction = fields[fields[fields[LogFields::kRoot].first].next].next;
    QVERIFY(!fields.integer(fraction) && fields.real(fraction) == 1.5);
    QVERIFY(fields.integer(fields[fraction].next) == 12);
}

void GatewaylogJsonFieldsTest::limitsDepth() {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    QVERIFY(readBack(nested(JsonFields::kMaxDepth)));
    QVERIFY(!readBack(nested(JsonFields::kMaxDepth + 1)));
    QVERIFY(!readBack(std::string(1'000'000, '[')));
}

void GatewaylogJsonFieldsTest::findsNamesInAnyCase() {
    llm::PaddedBuffer padded;
    padded.assign(R"({"Properties":{"lastError":{"Reason":"x"}},"A_b":"-","n":" 5","e":""})");
    JsonFields json;
    LogFields fields;
    QVERIFY(json.read(padded.view(), fields));
    QCOMPARE(fields.text(fields.at("properties", "LASTERROR", "reason")), std::optional<std::string_view>("x"));
    QVERIFY(fields.at("properties", "none", "reason") == LogFields::kNone);
    QVERIFY(fields.find("a_b") != LogFields::kNone && fields.find("a-b") == LogFields::kNone);
    QVERIFY(!fields.text(fields.find("a_b")) && !fields.text(fields.find("e"))); // not set
    QVERIFY(!fields.integer(fields.find("n")));
}

void GatewaylogJsonFieldsTest::hashesWithoutCase() {
    // At compile time and at run time, of every length.
    static_assert(LogFields::hashOf("responseCode") == LogFields::hashOf("RESPONSECODE"));
    const std::string lower = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    for (std::size_t length = 0; length <= lower.size(); ++length) {
        std::string upper = lower.substr(0, length);
        for (char& c : upper) c = static_cast<char>(std::toupper(c));
        QCOMPARE(LogFields::hashOf(upper), LogFields::hashOf(std::string_view(lower).substr(0, length)));
        if (length != 0)
            QVERIFY(LogFields::hashOf(upper) != LogFields::hashOf(std::string_view(upper).substr(0, length - 1)));
    }
    constexpr std::uint32_t kCompiled = LogFields::hashOf("correlationId");
    const std::string name = "CorrelationID";
    QCOMPARE(LogFields::hashOf(name), kCompiled);
}

void GatewaylogJsonFieldsTest::expandsTexts() {
    llm::PaddedBuffer padded;
    padded.assign(R"({"a":" {\"b\":\"{\\\"c\\\":1}\"}","bad":"{\"x\":","plain":"text","list":[1]})");
    JsonFields json;
    LogFields fields;
    QVERIFY(json.read(padded.view(), fields));
    QVERIFY(json.expand(fields, fields.find("a")));
    QVERIFY(json.expand(fields, fields.at("a", "b")));
    QVERIFY(fields.integer(fields.at("a", "b", "c")) == 1);
    QVERIFY(json.expand(fields, fields.find("list")));
    for (const char* name : {"bad", "plain", "none"}) QVERIFY2(!json.expand(fields, fields.find(name)), name);
    QCOMPARE(fields.text(fields.find("bad")), std::optional<std::string_view>("{\"x\":")); // as it was
    QVERIFY(fields[fields.find("bad")].first == LogFields::kNone);
    // One record may hold only so many.
    std::string many = "{";
    for (int i = 0; i < 100; ++i) many += (i == 0 ? "\"" : ",\"") + std::to_string(i) + R"(":"{}")";
    padded.assign(many + "}");
    QVERIFY(json.read(padded.view(), fields));
    int expanded = 0;
    for (int i = 0; i < 100; ++i) expanded += json.expand(fields, fields.find(std::to_string(i))) ? 1 : 0;
    QCOMPARE(expanded, 32);
}

void GatewaylogJsonFieldsTest::visitsRecords_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("records");
    const auto add = [](const char* text, const char* records) { QTest::newRow(text) << text << records; };
    add(R"({"a":1})", R"({"a":1};)");
    add(R"([{"a":1},{"a":2},3])", R"({"a":1};{"a":2};)");
    add(R"({"records":[{"a":1},{"a":2}],"b":3})", R"({"a":1};{"a":2};)");
    add(R"({"value":[{"a":1}]})", R"({"a":1};)");
    add(R"({"value":[1]})", R"({"value":[1]};)");
    add(R"({"records":[]})", "");
    add(R"({"log":{"version":"1.2","entries":[{"a":1}]}})", R"({"a":1};)");
    add(R"({"log":{"a":1}})", R"({"log":{"a":1}};)");
    add(R"([{"records":[{"a":1}]},[{"a":2}]])", R"({"a":1};{"a":2};)");
    add("[[[[[[{}]]]]]]", "");
}

void GatewaylogJsonFieldsTest::visitsRecords() {
    QFETCH(QString, text);
    QFETCH(QString, records);
    llm::PaddedBuffer padded;
    padded.assign(text.toStdString());
    JsonFields json;
    LogFields fields;
    QString found;
    QVERIFY(json.readRecords(padded.view(), fields,
                             [&] { found += QString::fromStdString(jsonTextOf(fields, LogFields::kRoot)) + ";"; }));
    QCOMPARE(found, records);
}

void GatewaylogJsonFieldsTest::agreesWithTheSuite() {
    const auto folder = sharedFolder() / "corpus/JSONTestSuite/test_parsing";
    if (!std::filesystem::is_directory(folder)) QSKIP("no shared folder");
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        const std::string text = fileText(entry.path());
        const bool isRecord = text.starts_with('{') || text.starts_with('[') || text.starts_with(' ');
        const bool valid = readBack(text).has_value();
        if (name.starts_with("y_") && isRecord) QVERIFY2(valid, name.c_str());
        if (name.starts_with("n_")) QVERIFY2(!valid, name.c_str());
        ++count;
    }
    QVERIFY(count > 10);
}

QTEST_APPLESS_MAIN(GatewaylogJsonFieldsTest)
#include "gatewaylog_json_fields_test.moc"
