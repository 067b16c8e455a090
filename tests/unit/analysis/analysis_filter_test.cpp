// SPDX-License-Identifier: Apache-2.0
#include "records.h"

#include "core/analysis/filter.h"

#include <QtTest>

#include <chrono>
#include <random>
#include <thread>

using namespace gatescope;
using namespace gatescope::analysis;
using namespace gatescope::analysis::test;

namespace {

const FindingKind kGap{"tcp.gap", Severity::Low, "Gap", "", ""};
const FindingKind kCut{"http.cut", Severity::Low, "Cut", "", ""};

/// Five exchanges, told apart by their ids 1 to 5:
/// 1 project p1, gpt-4o, stream, 1500 tokens, forwarded CGNAT hop
/// 2 project p1, gpt-4.1, no stream, 40 tokens, 429, x-limit 7
/// 3 no project, no model call, client 192.168.1.1, https, x-limit 12
/// 4 project P1, stream, 0 tokens, findings tcp.gap and http.cut
/// 5 only a request, seen one second later; header x-empty without text
Snapshot five() {
    auto one = exchangeAt(kStart, "/openai/chat/completions",
                          {{"X-Forwarded-For", "100.64.9.87;10.0.9.213:10095"}, {"User-Agent", "say \"hi\" \\o/"}});
    one.call.api = "openai.chat";
    one.call.stream = true;
    one.call.identity.project = "p1";
    one.call.model = "gpt-4o";
    one.call.usage.total = 1500;
    auto two = exchangeAt(kStart + 1 * kMs, "/openai/chat/completions", {}, {{"X-Limit", "7"}});
    two.call.api = "openai.chat";
    two.call.identity.project = "p1";
    two.call.model = "gpt-4.1";
    two.call.usage.total = 40;
    two.http.response.status = 429;
    two.http.responseTrace.lastByte = kStart + 1 * kMs + 1'500'500'000;
    auto three = exchangeAt(kStart + 2 * kMs, "/health", {}, {{"X-Limit", "12"}});
    three.client = *Endpoint::parse("192.168.1.1:5000");
    three.tls = "1.3";
    auto four = exchangeAt(kStart + 3 * kMs, "/v1/messages");
    four.call.api = "anthropic.messages";
    four.call.stream = true;
    four.call.identity.project = "P1";
    four.call.usage.total = 0;
    four.http.findings.push_back({&kGap, {}, {}, {}, {}});
    four.http.findings.push_back({&kCut, {}, {}, {}, {}});
    auto five = exchangeAt(kStart + 1000 * kMs, "/late", {{"X-Empty", ""}});
    five.http.responseTrace = {};
    five.http.response = {};
    return snapshotOf({three, five, one, four, two});
}

QString idsOf(const Snapshot& snapshot, const Filter& filter) {
    QString ids;
    for (const Row row : filter.apply(snapshot, snapshot.order())) ids += QString::number(snapshot.id(row));
    return ids;
}

} // namespace

class AnalysisFilterTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void matches_data() {
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* filter, const char* ids) { QTest::newRow(filter) << ids; };
        row("", "12345");
        row("  \t", "12345");
        row("stream", "14");
        row("not stream", "235");
        row("! stream", "235");
        row("!!stream", "14");
        row("not not stream", "14");
        row("total_tokens > 1000 or not stream", "1235");
        row("stream && total_tokens > 0", "1");
        row("total_tokens", "12");
        row("exists(total_tokens)", "124");
        row("total_tokens == 0", "4");
        row("total_tokens != 0", "12");
        row("not total_tokens != 0", "345");
        row("total_tokens in {0, 40,41}", "24");
        row("project == \"p1\"", "12");
        row("project == p1", "12");
        row("project != \"p1\"", "4");
        row("project == \"absent\"", "");
        row("project != \"absent\"", "124");
        row("not project == \"p1\"", "345");
        row("project", "124");
        row("project in {\"p1\", \"P1\"}", "124");
        row("model in {\"gpt-4o\", \"gpt-4.1\"}", "12");
        row("path contains \"/chat/\"", "12");
        row("path contains \"/CHAT/\"", "");
        row("path contains \"\"", "12345");
        row("path ~ \"^/(v1|health)\"", "34");
        row("path matches \"s$\"", "124");
        row("path ~ \"\\d\"", "4");
        row("path ~ \"\\\\d\"", "4");
        row("findings contains \"tcp.gap\"", "4");
        row("findings == \"http.cut\"", "4");
        row("findings != \"http.cut\"", "4"); // the other one differs
        row("findings == \"http\"", "");
        row("not findings", "1235");
        row("forwarded_for in 100.64.0.0/10", "1");
        row("forwarded_for in 10.0.9.0/24", "1");
        row("forwarded_for in 10.0.8.0/24", "");
        row("forwarded_for == \"10.0.9.213:10095\"", "1");
        row("client in 192.168.0.0/16", "3");
        row("client in \"10.0.0.0/8\"", "1245");
        row("client in ::/0", "12345");
        row("header:user-agent == \"say \\\"hi\\\" \\\\o/\"", "1");
        row("header:User-Agent", "1");
        row("header:x-empty", "5");
        row("header:x-empty == \"\"", "5");
        row("header:absent", "");
        row("response-header:x-limit < 10", "2");
        row("response-header:x-limit >= 7.5", "3");
        row("response-header:x-limit < \"2\"", "3"); // text: "12" before "2"
        row("status >= 400", "2");
        row("status < 400", "134");
        row("status != 200", "2");
        row("complete == false", "5");
        row("complete != true", "5");
        row("complete in {true}", "1234");
        row("stream == true", "14");
        row("stream == false", "23"); // an answer of something else than a model is no stream either
        row("duration_ms > 1500", "2");
        row("duration_ms > 1500.5", "");
        row("duration_ms >= 1500.5", "2");
        row("duration_ms == 10", "134");
        row("duration_ms <= 10.000000", "134");
        row("time >= \"2026-01-01T00:00:01Z\"", "5");
        row("time < 2026-01-01T00:00:00.002Z", "12");
        row("time == 2026-01-01T01:00:00.001+01:00", "2");
        row("tls == 1.3", "3");
        row("scheme == https", "3");
        row("id in {2,4}", "24");
        row("id > 3 or id == 1 and stream", "145");
        row("(id > 3 or id == 1) and stream", "14");
        row("id == 1 || id == 2 && id == 3", "1");
        row("not id == 1 and id < 3", "2");
        row("not (id == 1 and id < 3)", "2345");
        row("id==1or id==2", "");
    }
    void matches() {
        QFETCH(QString, expected);
        const std::string text = QTest::currentDataTag();
        if (text == "id==1or id==2") { // a word ends at a blank, not inside
            QVERIFY(!Filter::parse(text));
            return;
        }
        const auto filter = Filter::parse(text);
        QVERIFY2(filter.has_value(), filter ? "" : filter.error().message.c_str());
        QCOMPARE(idsOf(five(), *filter), expected);
        QCOMPARE(filter->text(), text);
        QCOMPARE(filter->matchesEverything(), QString::fromStdString(text).trimmed().isEmpty());
    }

    void errors_data() {
        QTest::addColumn<int>("column");
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("candidate");
        const auto row = [](const char* filter, int column, const char* message, const char* candidate) {
            QTest::newRow(filter) << column << message << candidate;
        };
        row("stauts == 200", 1, "did you mean status?", "status");
        row("stat", 1, "unknown field", "status");
        row("status = 200", 8, "an operator", "==");
        row("status == ", 11, "a whole number", "");
        row("status == ok", 11, "a whole number, found \"ok\"", "");
        row("status == 12.5", 11, "a whole number", "");
        row("status == 99999999999999999999", 11, "a whole number", "");
        row("status contains 2", 8, "status cannot be compared with contains", ">=");
        row("stream > 1", 8, "stream cannot be compared with >", "!=");
        row("stream == yes", 11, "true or false", "false");
        row("duration_ms > 1s", 15, "milliseconds", "");
        row("duration_ms > 1.", 15, "milliseconds", "");
        row("time > yesterday", 8, "a time like", "");
        row("time > 2026-02-30T00:00:00Z", 8, "a time like", "");
        row("time > 9999-01-01T00:00:00Z", 8, "a time like", "");
        row("project == \"p1", 12, "closing double quote", "");
        row("project == 'p1'", 12, "double quotes", "");
        row("project ==", 11, "a text in double quotes, found the end", "");
        row("path ~ \"(\"", 8, "regular expression", "");
        row("(stream", 8, "expected \")\", found the end", ")");
        row("stream)", 7, "no opening bracket", "");
        row("stream stream", 8, "an operator", "");
        row("status == 200 stream", 15, "\"and\", \"or\" or the end", "and");
        row("stream and", 11, "a field, found the end", "stream");
        row("and stream", 1, "a field, found \"and\"", "not");
        row("not", 4, "a field", "exists(");
        row("()", 2, "a field", "");
        row("exists stream", 8, "\"(\"", "(");
        row("exists(stream", 14, "\")\"", ")");
        row("exists(nothing)", 8, "unknown field", "");
        row("status in 5", 11, "\"{\"", "{");
        row("status in {", 12, "a whole number", "");
        row("status in {}", 12, "a whole number", "");
        row("status in {1 2}", 14, "\",\" or \"}\"", "}");
        row("status in {1,}", 14, "a whole number", "");
        row("client in 10.0.0.0/33", 11, "an address range", "{");
        row("client in {\"a\"", 15, "\",\" or \"}\"", ",");
        row("header: == 1", 1, "header name", "header:");
        row("stream & stream", 8, "found \"&\"", "");
        row("status == 200 and (total_tokens > 1 or foo)", 40, "unknown field \"foo\"", "");
    }
    void errors() {
        QFETCH(int, column);
        QFETCH(QString, message);
        QFETCH(QString, candidate);
        const auto filter = Filter::parse(QTest::currentDataTag());
        QVERIFY(!filter.has_value());
        const auto& error = filter.error();
        QVERIFY2(QString::fromStdString(error.message).contains(message), error.message.c_str());
        QCOMPARE(static_cast<int>(error.column), column);
        if (!candidate.isEmpty())
            QVERIFY(std::find(error.candidates.begin(), error.candidates.end(), candidate.toStdString()) !=
                    error.candidates.end());
    }

    void candidatesBeginWithWhatWasTyped() {
        const auto filter = Filter::parse("stream and in");
        QVERIFY(!filter);
        const auto cached = Filter::parse("cach");
        QCOMPARE(cached.error().candidates,
                 (std::vector<std::string>{"cached_tokens", "cache_write_tokens", "cache_write_1h_tokens"}));
        QCOMPARE(Filter::parse("head").error().candidates, (std::vector<std::string>{"header:"}));
    }

    /// Each row matches either `e` or `not e`.
    void notParts() {
        const auto snapshot = five();
        std::vector<std::string> atoms;
        for (const FieldInfo& info : fields()) {
            atoms.push_back("exists(" + std::string(info.name) + ")");
            atoms.push_back(std::string(info.name));
        }
        atoms.insert(atoms.end(), {"status > 300", "path ~ \"chat\"", "stream or id < 3", "exists(header:x-empty)"});
        for (const auto& atom : atoms) {
            auto with = Filter::parse(atom)->apply(snapshot, snapshot.order());
            const auto without = Filter::parse("not (" + atom + ")")->apply(snapshot, snapshot.order());
            with.insert(with.end(), without.begin(), without.end());
            std::sort(with.begin(), with.end());
            QVERIFY2(with == (std::vector<Row>{0, 1, 2, 3, 4}), atom.c_str());
        }
    }

    void depthIsLimited() {
        const auto nested = [](std::size_t depth, const std::string& open, const std::string& close) {
            std::string text;
            for (std::size_t i = 0; i < depth; ++i) text += open;
            text += "stream";
            for (std::size_t i = 0; i < depth; ++i) text += close;
            return text;
        };
        QVERIFY(Filter::parse(nested(150, "(", ")")));
        for (const auto& [open, close] : {std::pair{"(", ")"}, {"!", ""}, {"not ", ""}, {"(!", ")"}}) {
            const auto deep = Filter::parse(nested(60'000, open, close));
            QVERIFY(!deep);
            QVERIFY(deep.error().message.find("nested too deeply") != std::string::npos);
        }
        // A chain is no nesting.
        std::string chain = "stream";
        for (int i = 0; i < 10'000; ++i) chain += " or stream";
        QVERIFY(Filter::parse(chain));
        QVERIFY(!Filter::parse(std::string(1 << 20, ' ') + "stream"));
        QVERIFY(!Filter::parse("path ~ \"((a{1000}){1000}){1000}\""));
    }

    void everyPrefixIsAnswered() {
        const std::string text = "not (project == \"p\\\"1\" && status >= 400) || exists(header:x-a) and "
                                 "client in 10.0.0.0/8 or model in {\"a\", \"b\"} and duration_ms > 1500.5";
        QVERIFY(Filter::parse(text));
        for (std::size_t length = 0; length <= text.size(); ++length) {
            const auto filter = Filter::parse(std::string_view(text).substr(0, length));
            if (!filter) QVERIFY(filter.error().column >= 1 && filter.error().column <= length + 1);
        }
    }

    void quoting() {
        for (const std::string& value : {std::string("plain"), std::string("a\"b\\c\\\""), std::string("\\"),
                                         std::string("tab\tand\nline"), std::string("nul\0in", 6), std::string()}) {
            const auto snapshot = snapshotOf(
                {exchangeAt(kStart, "/", {{"x-v", value}}), exchangeAt(kStart + 1, "/", {{"x-v", "other"}})});
            const auto filter = Filter::parse("header:x-v == " + quoteForFilter(value));
            QVERIFY(filter.has_value());
            QCOMPARE(idsOf(snapshot, *filter), QString("1"));
        }
    }

    void stopIsHonoured() {
        const auto snapshot = five();
        std::stop_source stop;
        const auto filter = Filter::parse("exists(id)");
        QCOMPARE(filter->apply(snapshot, snapshot.order(), stop.get_token()).size(), std::size_t{5});
        stop.request_stop();
        QVERIFY(filter->apply(snapshot, snapshot.order(), stop.get_token()).empty());
        QVERIFY(Filter().apply(snapshot, snapshot.order(), stop.get_token()).empty());
    }

    void keepsTheOrderOfRows() {
        const auto snapshot = five();
        const std::vector<Row> rows{4, 2, 0};
        QCOMPARE(Filter::parse("id > 0")->apply(snapshot, rows), rows);
    }

    /// Against the cells one by one, over more rows than a block and a chunk have.
    void sameAsCellByCell() {
        std::mt19937 random(11);
        std::vector<ExchangeRecord> records;
        for (int i = 0; i < 20'000; ++i) {
            auto record = exchangeAt(kStart + i, "/p" + std::to_string(random() % 100),
                                     {{"x-n", std::to_string(random() % 5000)}});
            if (random() % 3 == 0) record.call.usage.total = static_cast<std::int64_t>(random() % 100'000);
            records.push_back(std::move(record));
        }
        const auto snapshot = snapshotOf(std::move(records));
        auto rows = snapshot.order();
        std::shuffle(rows.begin(), rows.end(), random);
        const auto found = Filter::parse("total_tokens > 50000 and not path contains \"7\" or header:x-n < 100")
                               ->apply(snapshot, rows);
        std::vector<Row> expected;
        for (const Row row : rows) {
            const auto total = snapshot.number(FieldId::TotalTokens, row);
            const bool many = total != kNoNumber && total > 50'000;
            if ((many && textOf(snapshot, "path", row).find('7') == std::string::npos) ||
                std::stoi(textOf(snapshot, "header:x-n", row)) < 100)
                expected.push_back(row);
        }
        QVERIFY(found == expected);
        QVERIFY(!found.empty());
    }

    /// For the thread sanitizer.
    void filterWhileWriting() {
        Dataset dataset({"a"});
        std::atomic<bool> done = false;
        std::jthread reader([&] {
            const auto filter =
                Filter::parse("header:x-n contains \"7\" or path ~ \"3\" or total_tokens > 5 or id == 1");
            while (!done) {
                const auto snapshot = dataset.snapshot();
                (void)filter->apply(snapshot, snapshot.order());
            }
        });
        for (int i = 0; i < 3000; ++i) {
            auto record = exchangeAt(kStart - i, "/" + std::to_string(i), {{"x-n", std::to_string(i)}});
            record.call.usage.total = i;
            dataset.append({{record}, {}, {}});
        }
        done = true;
    }
};

QTEST_APPLESS_MAIN(AnalysisFilterTest)
#include "analysis_filter_test.moc"
