// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/log_reader.h"
#include "core/report/har_export.h"
#include "tests/unit/analysis/records.h"

#include <QTest>
#include <nlohmann/json.hpp>

using namespace gatescope;
using namespace gatescope::report;
using namespace gatescope::analysis::test;
using nlohmann::json;

namespace {

class Text : public ByteSink {
public:
    bool write(std::string_view bytes) override {
        text += bytes;
        return true;
    }
    std::string text;
};

struct Written {
    std::string text;
    json log;
    HarSummary summary;
};

Written written(const analysis::Snapshot& snapshot, bool reveal = false) {
    Text sink;
    const HarSummary summary = writeHar(snapshot, snapshot.order(), {"1.2.3", reveal}, sink);
    return {sink.text, json::parse(sink.text).at("log"), summary};
}

analysis::ExchangeRecord secretCall() {
    analysis::ExchangeRecord record =
        exchangeAt(kStart + 123, "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21&api-key=abcdef&x",
                   {{"Host", "gw.example"},
                    {"Authorization", "Bearer abcdef"},
                    {"openai-project", "alpha"},
                    {"X-Odd", "a\"\\\n\xff"}},
                   {{"Content-Type", "application/json"}, {"Location", "https://gw.example/next"}});
    record.http.request.method = "POST";
    record.http.requestTrace.bodyBytes = 70;
    record.call.api = "openai.chat";
    record.call.identity.project = "alpha";
    record.call.deployment = record.call.model = "gpt-4o";
    record.call.servedModel = "gpt-4o-2024-08-06";
    record.call.responseId = "chatcmpl-1";
    record.call.finishReason = "stop";
    record.call.firstToken = kStart + 123 + 7 * kMs;
    record.call.usage.input = 9;
    record.call.usage.output = 1;
    record.call.usage.total = 10;
    record.call.usage.cached = 4;
    record.call.usage.source = llm::TokenSource::Reported;
    return record;
}

struct Records : gatewaylog::LogSink {
    std::vector<gatewaylog::LogRecord> records;
    std::size_t others = 0;
    void onRecord(gatewaylog::LogRecord&& record) override { records.push_back(std::move(record)); }
    void onLlmPart(gatewaylog::LlmPart&&) override { ++others; }
    void onFlow(gatewaylog::LogFlow&&) override { ++others; }
    void onMetric(gatewaylog::LogMetric&&) override { ++others; }
    void onFinding(Finding&&) override { ++others; }
};

std::vector<gatewaylog::LogRecord> readAgain(const std::string& text) {
    const auto shape = gatewaylog::recognise(asBytes(text), true);
    if (!shape) return {};
    gatewaylog::LogSplitter splitter(*shape);
    gatewaylog::PieceReader reader(*shape);
    std::vector<gatewaylog::LogPiece> pieces;
    splitter.feed(asBytes(text), pieces);
    splitter.finish(pieces);
    Records found;
    for (const auto& piece : pieces) reader.read(piece, found);
    return std::move(found.records);
}

bool isNumber(const json& object, const char* name) {
    return object.contains(name) && object[name].is_number();
}
bool isText(const json& object, const char* name) {
    return object.contains(name) && object[name].is_string();
}
bool isList(const json& object, const char* name) {
    return object.contains(name) && object[name].is_array();
}

/// The members that HAR 1.2 wants in each entry (http://www.softwareishard.com/blog/har-12-spec).
void checkEntry(const json& entry) {
    QVERIFY(isText(entry, "startedDateTime") && isNumber(entry, "time") && entry["time"] >= 0);
    QVERIFY(entry["cache"].is_object());
    const json& request = entry["request"];
    for (const char* name : {"method", "url", "httpVersion"}) QVERIFY(isText(request, name));
    for (const char* name : {"cookies", "headers", "queryString"}) QVERIFY(isList(request, name));
    for (const char* name : {"headersSize", "bodySize"}) QVERIFY(isNumber(request, name));
    const json& response = entry["response"];
    for (const char* name : {"statusText", "httpVersion", "redirectURL"}) QVERIFY(isText(response, name));
    for (const char* name : {"cookies", "headers"}) QVERIFY(isList(response, name));
    for (const char* name : {"status", "headersSize", "bodySize"}) QVERIFY(isNumber(response, name));
    QVERIFY(isNumber(response["content"], "size") && isText(response["content"], "mimeType"));
    double sum = 0;
    for (const char* name : {"send", "wait", "receive"}) {
        QVERIFY(isNumber(entry["timings"], name));
        sum += std::max(0.0, entry["timings"][name].get<double>());
    }
    QVERIFY(std::abs(sum - entry["time"].get<double>()) < 1e-6);
    // Others must begin with an underscore.
    for (const auto& [name, value] : entry.items()) {
        const std::vector<std::string> known{"startedDateTime", "time",    "request",         "response",
                                             "cache",           "timings", "serverIPAddress", "connection"};
        QVERIFY2(name.starts_with('_') || std::ranges::find(known, name) != known.end(), name.c_str());
    }
}

} // namespace

class ReportHarTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void hasWhatTheStandardWants();
    void masksSecrets();
    void saysWhatIsNotKnown();
    void whatIsWrittenIsRead();
    void stopsWhenTheSinkRefuses();
};

void ReportHarTest::hasWhatTheStandardWants() {
    auto unanswered = exchangeAt(kStart + kMs, "/a");
    unanswered.http.response = {};
    unanswered.http.responseTrace = {};
    const Written har = written(snapshotOf({secretCall(), unanswered, exchangeAt(kStart + 2 * kMs)}));
    QCOMPARE(har.log["version"].get<std::string>(), std::string("1.2"));
    QVERIFY(har.log["creator"] == (json{{"name", "Gatescope"}, {"version", "1.2.3"}}));
    QCOMPARE(har.log["entries"].size(), std::size_t{3});
    QVERIFY(har.summary.entries == 3 && har.summary.withoutRequest == 0 && har.summary.withoutTime == 0);
    for (const json& entry : har.log["entries"]) checkEntry(entry);

    const json& call = har.log["entries"][0];
    QCOMPARE(call["startedDateTime"].get<std::string>(), std::string("2026-01-01T00:00:00.000000123Z"));
    QCOMPARE(call["time"].get<double>(), 10.0);
    QVERIFY(call["timings"] == (json{{"send", 0}, {"wait", 5.0}, {"receive", 5.0}}));
    QCOMPARE(call["request"]["httpVersion"].get<std::string>(), std::string("HTTP/1.1"));
    QCOMPARE(call["request"]["bodySize"].get<int>(), 70);
    QCOMPARE(call["response"]["status"].get<int>(), 200);
    QVERIFY(call["response"]["content"] == (json{{"size", 2}, {"mimeType", "application/json"}}));
    QCOMPARE(call["response"]["redirectURL"].get<std::string>(), std::string("https://gw.example/next"));
    QCOMPARE(call["serverIPAddress"].get<std::string>(), std::string("10.0.1.4"));
    QCOMPARE(call["request"]["queryString"].size(), std::size_t{3});
    QCOMPARE(call["_call"]["total_tokens"].get<int>(), 10);
}

void ReportHarTest::masksSecrets() {
    const auto snapshot = snapshotOf({secretCall()});
    const Written masked = written(snapshot);
    QVERIFY(masked.text.find("abcdef") == std::string::npos);
    QVERIFY(masked.text.find("Bearer ***") != std::string::npos);
    QCOMPARE(masked.log["entries"][0]["request"]["url"].get<std::string>(),
             std::string("http://gw.example/openai/deployments/gpt-4o/chat/"
                         "completions?api-version=2024-10-21&api-key=***&x"));
    const Written revealed = written(snapshot, true);
    QVERIFY(revealed.text.find("Bearer abcdef") != std::string::npos);
    QVERIFY(revealed.text.find("api-key=abcdef") != std::string::npos);
}

void ReportHarTest::saysWhatIsNotKnown() {
    auto unanswered = exchangeAt(kStart, "/a");
    unanswered.http.response = {};
    unanswered.http.responseTrace = {};
    auto timeless = exchangeAt(kNoTime, "/b");
    timeless.http.requestTrace = {};
    timeless.http.responseTrace = {};
    auto half = exchangeAt(kStart + kMs);
    half.http.request = {};
    const Written har = written(snapshotOf({unanswered, timeless, half}));
    QVERIFY(har.summary.entries == 2 && har.summary.withoutRequest == 1 && har.summary.withoutTime == 1);
    for (const json& entry : har.log["entries"]) {
        checkEntry(entry);
        QVERIFY(entry["time"] == 0 && entry["timings"]["wait"] == -1 && entry["timings"]["receive"] == -1);
        QVERIFY(!entry.contains("_call"));
    }
    const auto records = readAgain(har.text);
    QCOMPARE(records.size(), std::size_t{2});
    int withTime = 0;
    for (const auto& record : records) {
        withTime += record.http.requestTrace.firstByte == kStart ? 1 : 0;
        QVERIFY(record.http.requestTrace.firstByte == kStart || record.http.requestTrace.firstByte == kNoTime);
        QVERIFY(record.http.responseTrace.lastByte == kNoTime);
    }
    QCOMPARE(withTime, 1);
}

void ReportHarTest::whatIsWrittenIsRead() {
    const auto call = secretCall();
    const auto records = readAgain(written(snapshotOf({call}), true).text);
    QCOMPARE(records.size(), std::size_t{1});
    const auto& read = records.front();
    QCOMPARE(read.http.request.method, std::string("POST"));
    QCOMPARE(read.http.request.target, "http://gw.example" + call.http.request.target);
    QCOMPARE(read.http.requestTrace.firstByte, call.http.requestTrace.firstByte);
    QCOMPARE(read.http.responseTrace.firstByte, call.http.responseTrace.firstByte);
    QCOMPARE(read.http.responseTrace.lastByte, call.http.responseTrace.lastByte);
    QCOMPARE(read.call.firstToken, call.call.firstToken);
    QVERIFY(read.facts.bodySizesKnown && read.http.requestTrace.bodyBytes == 70 &&
            read.http.responseTrace.bodyBytes == 2);
    QCOMPARE(read.http.response.status, 200);
    QVERIFY(read.client == call.client && read.server == call.server);
    QCOMPARE(read.call.api, call.call.api);
    QCOMPARE(read.call.model, call.call.model);
    QCOMPARE(read.call.servedModel, call.call.servedModel);
    QCOMPARE(read.call.responseId, call.call.responseId);
    QCOMPARE(read.call.finishReason, call.call.finishReason);
    QCOMPARE(read.call.identity.project, std::string("alpha"));
    QVERIFY(read.call.usage.input == 9 && read.call.usage.output == 1 && read.call.usage.total == 10 &&
            read.call.usage.cached == 4);
    QVERIFY(read.call.usage.source == llm::TokenSource::Log);
    for (const char* name : {"authorization", "openai-project", "host"})
        QVERIFY(read.http.request.headers.find(name) == call.http.request.headers.find(name));
    QCOMPARE(read.http.request.headers.size(), call.http.request.headers.size());
    QVERIFY(read.http.request.headers.find("x-odd") == "a\"\\\n\xEF\xBF\xBD"); // JSON cannot hold that octet
}

void ReportHarTest::stopsWhenTheSinkRefuses() {
    class Closed : public ByteSink {
    public:
        bool write(std::string_view) override {
            ++writes;
            return false;
        }
        int writes = 0;
    };
    std::vector<analysis::ExchangeRecord> many;
    for (int i = 0; i < 2000; ++i) many.push_back(exchangeAt(kStart + i * kMs));
    const auto snapshot = snapshotOf(std::move(many));
    Closed sink;
    const HarSummary summary = writeHar(snapshot, snapshot.order(), {}, sink);
    QCOMPARE(sink.writes, 1);
    QVERIFY(summary.entries < 1000);
}

QTEST_APPLESS_MAIN(ReportHarTest)
#include "report_har_test.moc"
