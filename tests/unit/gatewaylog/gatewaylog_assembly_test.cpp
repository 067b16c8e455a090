// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/llm_assembly.h"
#include "tests/unit/gatewaylog/material.h"
#include "tests/unit/gatewaylog/whole_log.h"

#include <QTest>
#include <array>
#include <nlohmann/json.hpp>

using namespace gatescope;
using namespace gatescope::gatewaylog;
using namespace gatescope::gatewaylog::test;

namespace {

std::vector<LlmPart> sampleParts(const std::vector<std::string>& ids) {
    static const auto kSamples =
        nlohmann::json::parse(fileText(GATESCOPE_SOURCE_DIR "/tests/unit/sample-records.json"));
    std::string text;
    for (const std::string& id : ids)
        for (const auto& entry : kSamples.at("samples"))
            if (entry.at("id") == id) text += entry.at("record").dump() + "\n";
    return std::move(readLog(text).parts);
}

LlmPart headPart(const std::string& id = "c") {
    LlmPart part;
    part.line = 10;
    part.time = 100;
    part.correlationId = id;
    part.requestId = "chatcmpl-1";
    part.model = "gpt-4o-2024-11-20";
    part.deployment = "gpt-4o";
    part.promptTokens = 640;
    part.completionTokens = 50;
    return part;
}

LlmPart textPart(std::int64_t number, const std::string& request, const std::string& response = {},
                 const std::string& id = "c") {
    LlmPart part;
    part.line = 20 + static_cast<std::uint64_t>(number);
    part.correlationId = id;
    part.requestId = "chatcmpl-1";
    part.sequence = number;
    part.requestMessages = request;
    part.responseMessages = response;
    return part;
}

std::vector<LlmAssembly::Whole> assembled(std::vector<LlmPart> parts, AssemblyLimits limits = {}) {
    LlmAssembly assembly(limits);
    for (LlmPart& part : parts) assembly.add(0, std::move(part));
    return assembly.finish();
}

LogRecord onlyOf(std::vector<LlmPart> parts, AssemblyLimits limits = {}) {
    auto whole = assembled(std::move(parts), limits);
    if (whole.size() != 1) qFatal("%zu calls", whole.size());
    return std::move(whole.front().record);
}

/// What was cut, as the findings name it.
QString cutOf(const LogRecord& record) {
    QString text;
    for (const Finding& finding : record.http.findings)
        if (finding.kind->id == "log.truncated") text += QString::fromStdString(finding.evidence.front()) + ";";
    return text;
}

} // namespace

class GatewaylogAssemblyTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void putsTheSampleTogether();
    void anyOrderGivesTheSame();
    void takesRowsTwice();
    void seesMissingNumbers_data();
    void seesMissingNumbers();
    void joinsEveryCut();
    void keepsDirectionsApart();
    void keepsCallsApart();
    void addsUpWhatIsNotStated();
    void leavesProbesOut();
    void namesTheApiByTheAnswer();
    void limitsACall();
    void limitsAllCalls();
    void limitsRows();
    void startsAgain();
};

void GatewaylogAssemblyTest::putsTheSampleTogether() {
    const LogRecord record = onlyOf(sampleParts({"llm-header-row", "llm-chunk-1", "llm-chunk-2"}));
    QCOMPARE(record.format, std::string_view("apim-llm"));
    QCOMPARE(record.facts.correlationId, std::string("b6f1c0de-0001-4a00-8000-000000000001"));
    QCOMPARE(record.facts.line, std::uint64_t{1});
    QCOMPARE(formatTime(record.http.requestTrace.firstByte), std::string("2026-01-15T10:00:00.200000000Z"));
    const llm::CallFacts& call = record.call;
    QVERIFY(call.usage.input == 640 && call.usage.output == 50 && call.usage.total == 690 && call.usage.cached == 512);
    QVERIFY(call.usage.source == llm::TokenSource::Log && !call.usage.cacheWrite && !call.usage.reasoning);
    QCOMPARE(call.deployment, std::string("gpt-4o"));
    QCOMPARE(call.servedModel, std::string("gpt-4o-2024-11-20"));
    QCOMPARE(call.model, std::string("gpt-4o"));
    QCOMPARE(call.responseId, std::string("chatcmpl-1"));
    QCOMPARE(call.api, std::string("openai.chat"));
    QVERIFY(call.stream);
    // "first half" in the user's message, "Hi" in the answer.
    QVERIFY(call.promptBytes == 10 && call.contentBytes == 2);
    QVERIFY(record.http.findings.empty());
    QVERIFY(record.http.requestTrace.seen && record.http.responseTrace.seen && record.http.response.status == 0);
}

void GatewaylogAssemblyTest::anyOrderGivesTheSame() {
    std::vector<std::size_t> order{0, 1, 2};
    const std::vector<LlmPart> parts = sampleParts({"llm-header-row", "llm-chunk-1", "llm-chunk-2"});
    do {
        const LogRecord record = onlyOf({parts[order[0]], parts[order[1]], parts[order[2]]});
        QCOMPARE(record.facts.line, std::uint64_t{1}); // of the head, wherever it came
        QVERIFY(record.call.usage.total == 690 && record.call.promptBytes == 10 && record.call.contentBytes == 2);
        QVERIFY(record.http.findings.empty());
    } while (std::ranges::next_permutation(order).found);
}

void GatewaylogAssemblyTest::takesRowsTwice() {
    // At least once is how rows are delivered; the table's row repeats the exported one without cached tokens.
    const LogRecord record = onlyOf(sampleParts({"llm-header-row", "llm-chunk-1", "llm-chunk-1", "llm-chunk-2",
                                                 "llm-table-row", "llm-header-row", "llm-chunk-2"}));
    QVERIFY(record.call.usage.total == 690 && record.call.usage.cached == 512 && record.call.promptBytes == 10);
    QVERIFY(record.http.findings.empty());
    // Twice the same number with different texts is not the same row.
    QCOMPARE(cutOf(onlyOf({headPart(), textPart(1, "[]"), textPart(1, "[{}]")})), QString("request messages;"));
}

void GatewaylogAssemblyTest::seesMissingNumbers_data() {
    QTest::addColumn<QString>("rows"); // number, direction and what it holds of `["abc"]`
    QTest::addColumn<QString>("cut");
    const auto add = [](const char* name, const char* rows, const char* cut) {
        QTest::newRow(name) << QString(rows) << QString(cut);
    };
    add("whole", "0h 1q[{} 2q] 3a[] ", "");
    add("numbers begin at 1", "1h 2q[{} 3q] 4a[]", "");
    add("each direction with its own numbers", "0h 1q[{} 2q] 1a[ 2a]", "");
    add("each direction from 0", "0h 0q[{} 1q] 0a[ 1a]", "");
    add("no head", "1q[] 2a[]", "");
    add("one in the middle", "0h 1q[{} 3q] 4a[]", "request messages;");
    add("the last one", "0h 1q[{} 3a[]", "request messages;");
    add("the first one", "0h 2q{}] 3a[]", "request messages;");
    add("the first one of the answer", "0h 1q[] 3a{}]", "response messages;");
    add("the head and the first one", "2q{}] 3a[]", "request messages;");
    add("only the end", "7a]", "response messages;");
    add("no JSON", "0h 1qabc", "request messages;");
    add("more behind it", "0h 1q[] 2qx", "request messages;");
}

void GatewaylogAssemblyTest::seesMissingNumbers() {
    QFETCH(QString, rows);
    QFETCH(QString, cut);
    std::vector<LlmPart> parts;
    for (const QString& word : rows.split(' ', Qt::SkipEmptyParts)) {
        const std::int64_t number = word[0].digitValue();
        const std::string text = word.mid(2).toStdString();
        if (word[1] == 'h') {
            parts.push_back(headPart());
            parts.back().sequence = number;
        } else {
            parts.push_back(word[1] == 'q' ? textPart(number, text) : textPart(number, "", text));
        }
    }
    QCOMPARE(cutOf(onlyOf(parts)), cut);
    std::ranges::reverse(parts);
    QCOMPARE(cutOf(onlyOf(parts)), cut);
}

void GatewaylogAssemblyTest::joinsEveryCut() {
    // A border may stand anywhere: in a name, behind a backslash, inside a character of several octets.
    const std::string messages = "[{\"role\":\"user\",\"content\":\"\\\"h\xc3\xa9\\u00e9\\n\"}]";
    for (std::size_t cut = 1; cut < messages.size(); ++cut) {
        const LogRecord record =
            onlyOf({headPart(), textPart(1, messages.substr(0, cut)), textPart(2, messages.substr(cut))});
        QVERIFY(record.http.findings.empty());
        // `"`, `h`, two characters of two octets each, and a line feed.
        QCOMPARE(record.call.promptBytes, std::optional<std::int64_t>(7));
    }
}

void GatewaylogAssemblyTest::keepsDirectionsApart() {
    const LogRecord record = onlyOf({headPart(), textPart(1, R"([{"role":"user","content":"abc"}])", R"([{"role":)"),
                                     textPart(2, "", R"("assistant","content":"defgh"}])")});
    QVERIFY(record.call.promptBytes == 3 && record.call.contentBytes == 5 && record.http.findings.empty());
    // What is cut is not measured, and what is whole still is.
    const LogRecord cut = onlyOf({headPart(), textPart(1, R"([{"role":"user","content":"abc"}])", R"([{"role":)")});
    QVERIFY(cut.call.promptBytes == 3 && !cut.call.contentBytes);
    QVERIFY(cut.call.usage.total == 690); // of the head
}

void GatewaylogAssemblyTest::keepsCallsApart() {
    LlmAssembly assembly;
    assembly.add(3, textPart(1, "[]", "", "b"));
    assembly.add(1, headPart("a"));
    assembly.add(2, headPart("b"));
    assembly.add(0, headPart("")); // without an id nothing can be put together
    assembly.add(0, headPart(""));
    const auto whole = assembly.finish();
    QCOMPARE(whole.size(), std::size_t{4});
    QCOMPARE(whole[0].record.facts.correlationId, std::string("b"));
    QCOMPARE(whole[0].input, 2U); // of the head
    QCOMPARE(whole[1].record.facts.correlationId, std::string("a"));
    QCOMPARE(whole[1].input, 1U);
}

void GatewaylogAssemblyTest::addsUpWhatIsNotStated() {
    LlmPart part = headPart();
    QVERIFY(onlyOf({part}).call.usage.total == 690);
    part.totalTokens = 700; // a stated one stays as it is
    QVERIFY(onlyOf({part}).call.usage.total == 700);
    part.totalTokens.reset();
    part.promptTokens.reset();
    QVERIFY(!onlyOf({part}).call.usage.total);
    part.completionTokens.reset();
    QVERIFY(onlyOf({part}).call.usage.source == llm::TokenSource::Missing);
    part.promptTokens = std::numeric_limits<std::int64_t>::max();
    part.completionTokens = std::numeric_limits<std::int64_t>::max();
    QVERIFY(onlyOf({part}).call.usage.total == std::numeric_limits<std::int64_t>::max());
    part.promptTokens = -1; // no count
    QVERIFY(!onlyOf({part}).call.usage.input);
}

void GatewaylogAssemblyTest::leavesProbesOut() {
    LlmPart probe;
    probe.correlationId = "p";
    probe.promptTokens = probe.completionTokens = probe.totalTokens = 0;
    QVERIFY(assembled({probe}).empty());
    probe.totalTokens = 1;
    QCOMPARE(assembled({probe}).size(), std::size_t{1});
    probe.totalTokens = 0;
    probe.model = "gpt-4o"; // a call that failed
    QCOMPARE(assembled({probe}).size(), std::size_t{1});
}

void GatewaylogAssemblyTest::namesTheApiByTheAnswer() {
    const std::array<std::pair<const char*, const char*>, 5> kCases{{{"chatcmpl-1", "openai.chat"},
                                                                     {"cmpl-1", "openai.completions"},
                                                                     {"resp_1", "openai.responses"},
                                                                     {"msg_1", "anthropic.messages"},
                                                                     {"b6f1c0de", ""}}};
    for (const auto& [id, api] : kCases) {
        LlmPart part = headPart();
        part.requestId = id;
        QCOMPARE(onlyOf({part}).call.api, std::string(api));
    }
}

void GatewaylogAssemblyTest::limitsACall() {
    const std::string messages = R"([{"role":"user","content":"abc"}])";
    AssemblyLimits limits;
    limits.maxCallBytes = messages.size();
    const LogRecord whole = onlyOf({headPart(), textPart(1, messages)}, limits);
    QVERIFY(whole.http.findings.empty() && whole.call.promptBytes == 3);
    limits.maxCallBytes = messages.size() - 1;
    const LogRecord cut = onlyOf({headPart(), textPart(1, messages)}, limits);
    QCOMPARE(cutOf(cut), QString("messages;"));
    QVERIFY(!cut.call.promptBytes && cut.call.usage.total == 690);
}

void GatewaylogAssemblyTest::limitsAllCalls() {
    // The first call is read with what is there when the second one fills the room; its head still counts.
    AssemblyLimits limits;
    limits.maxHeldBytes = 60;
    const std::string messages = R"([{"role":"user","content":"abc"}])"; // 33 octets
    const auto whole = assembled({textPart(1, messages, "", "a"), textPart(1, messages, "", "b"),
                                  textPart(2, "", "[]", "a"), headPart("a"), headPart("b")},
                                 limits);
    QCOMPARE(whole.size(), std::size_t{2});
    QVERIFY(whole[0].record.call.promptBytes == 3 && whole[0].record.call.usage.total == 690);
    QCOMPARE(cutOf(whole[0].record), QString("messages;")); // what came too late
    QVERIFY(whole[1].record.call.promptBytes == 3 && whole[1].record.http.findings.empty());
}

void GatewaylogAssemblyTest::limitsRows() {
    std::vector<LlmPart> parts{headPart()};
    for (int i = 1; i < 3'000; ++i) parts.push_back(textPart(i, i == 1 ? "[" : i == 2'999 ? "]" : "1,"));
    QVERIFY(!cutOf(onlyOf(parts)).isEmpty());
}

void GatewaylogAssemblyTest::startsAgain() {
    LlmAssembly assembly;
    QVERIFY(assembly.finish().empty());
    assembly.add(0, headPart());
    QCOMPARE(assembly.finish().size(), std::size_t{1});
    QVERIFY(assembly.finish().empty());
}

QTEST_APPLESS_MAIN(GatewaylogAssemblyTest)
#include "gatewaylog_assembly_test.moc"
