// SPDX-License-Identifier: Apache-2.0
// Recordings of real providers, each with a table of what is in it that was not made by this program. They are not part
// of the project: without them only the small case of our own runs.
#include "tests/unit/llm/observed_call.h"

#include <QTest>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace gatescope;
using namespace gatescope::llm;
using gatescope::llm::test::Call;
using gatescope::llm::test::observe;

namespace {

namespace fs = std::filesystem;

fs::path sharedFolder() {
    if (const char* given = std::getenv("GATESCOPE_SHARED")) return given;
    return fs::path(GATESCOPE_SOURCE_DIR).parent_path() / "shared";
}

std::string contentOf(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Rows of a table with a head line, as name to value. `-` is "not seen" and is left out.
std::vector<std::map<std::string, std::string>> rowsOf(const fs::path& path) {
    std::ifstream file(path);
    std::vector<std::map<std::string, std::string>> rows;
    std::vector<std::string> names;
    for (std::string line; std::getline(file, line);) {
        std::vector<std::string> cells;
        std::istringstream stream(line);
        for (std::string cell; std::getline(stream, cell, '\t');) cells.push_back(cell);
        if (names.empty()) {
            names = cells;
            continue;
        }
        auto& row = rows.emplace_back();
        for (std::size_t i = 0; i < cells.size() && i < names.size(); ++i)
            if (cells[i] != "-") row[names[i]] = cells[i];
    }
    return rows;
}

std::string bodyText(const nlohmann::json& message) {
    if (!message.contains("body")) return {};
    const auto& body = message.at("body");
    if (body.is_string()) return body.get<std::string>();
    if (body.is_object() && body.contains("string")) return body.at("string").get<std::string>();
    return body.is_null() ? std::string() : body.dump();
}

void addHeaders(const nlohmann::json& message, std::vector<std::pair<std::string, std::string>>& headers) {
    headers.clear();
    for (const auto& [name, value] : message.at("headers").items())
        if (QString::fromStdString(name).toLower() != "content-encoding") // recordings hold decoded bodies
            headers.emplace_back(name, value.is_string() ? value.get<std::string>() : value.at(0).get<std::string>());
}

Call callOf(const nlohmann::json& recording) {
    Call call;
    const auto& request = recording.at("request");
    const auto& response = recording.at("response");
    call.method = request.at("method");
    call.target = request.at("url");
    addHeaders(request, call.requestHeaders);
    addHeaders(response, call.responseHeaders);
    call.requestBody = bodyText(request);
    call.responseBody = bodyText(response);
    call.status = response.at("status").at("code");
    return call;
}

QString number(const std::optional<std::int64_t>& count) {
    return count ? QString::number(*count) : QString();
}

} // namespace

class LlmRecordingsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsRecordings_data();
    void readsRecordings();
    void readsABodyOfOurOwn();
    void survivesTheJsonTestSuite();
};

void LlmRecordingsTest::readsRecordings_data() {
    QTest::addColumn<QString>("path");
    const fs::path corpus = sharedFolder() / "corpus";
    if (!fs::exists(corpus)) return;
    for (const auto& entry : fs::recursive_directory_iterator(corpus)) {
        const std::string path = entry.path().string();
        if (!path.ends_with(".json") || !fs::exists(path + ".truth.tsv")) continue;
        const auto recording = nlohmann::json::parse(contentOf(path), nullptr, false);
        if (recording.is_object() && recording.contains("request") && recording.contains("response"))
            QTest::newRow(entry.path().filename().c_str()) << QString::fromStdString(path);
    }
}

void LlmRecordingsTest::readsRecordings() {
    if (!QTest::currentDataTag()) QSKIP("the recordings are not here");
    QFETCH(QString, path);
    const Call call = callOf(nlohmann::json::parse(contentOf(path.toStdString())));
    const auto rows = rowsOf(path.toStdString() + ".truth.tsv");
    QCOMPARE(rows.size(), std::size_t{1});
    auto truth = rows.front();
    const CallFacts facts = observe(call);
    const auto wanted = [&](const char* name) { return QString::fromStdString(truth[name]); };
    QCOMPARE(QString::fromStdString(facts.requestedModel), wanted("req_model"));
    QCOMPARE(QString::fromStdString(facts.servedModel), wanted("resp_model"));
    QCOMPARE(facts.stream, truth["stream"] == "yes");
    if (facts.api != "anthropic.messages") { // there the table has the provider's own count, without cache
        QCOMPARE(number(facts.usage.input), wanted("input_tokens"));
        QCOMPARE(number(facts.usage.total), wanted("total_tokens"));
    }
    QCOMPARE(number(facts.usage.output), wanted("output_tokens"));
    QCOMPARE(number(facts.usage.cached), wanted("cached_tokens"));
    QCOMPARE(number(facts.usage.reasoning), wanted("reasoning_tokens"));
    QCOMPARE(QString::fromStdString(facts.finishReason), wanted("finish"));
    QCOMPARE(QString::fromStdString(facts.errorCode), wanted("error_code"));
    if (facts.stream) QCOMPARE(QString::number(facts.streamEvents), wanted("sse_events"));
}

void LlmRecordingsTest::readsABodyOfOurOwn() {
    const auto recording = nlohmann::json::parse(R"({
        "request": {"method": "POST", "url": "https://host.example/v1/responses",
                    "headers": {"Content-Type": "application/json"},
                    "body": "{\"input\":\"hi\",\"model\":\"o4-mini\",\"stream\":true}"},
        "response": {"status": {"code": 200}, "headers": {"Content-Type": "text/event-stream"},
                     "body": "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"model\":\"o4-mini-2025-04-16\",\"status\":\"in_progress\",\"usage\":null}}\n\nevent: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"model\":\"o4-mini-2025-04-16\",\"status\":\"completed\",\"usage\":{\"input_tokens\":20,\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":166,\"output_tokens_details\":{\"reasoning_tokens\":128},\"total_tokens\":186}}}\n\n"}})");
    const CallFacts facts = observe(callOf(recording));
    QVERIFY(facts.requestedModel == "o4-mini" && facts.servedModel == "o4-mini-2025-04-16");
    QVERIFY(facts.streamRequested && facts.stream);
    QCOMPARE(facts.usage.total.value(), 186);
    QCOMPARE(facts.usage.reasoning.value(), 128);
    QVERIFY(facts.finishReason == "completed");
}

void LlmRecordingsTest::survivesTheJsonTestSuite() {
    std::vector<std::string> documents{"",
                                       "[",
                                       "{",
                                       "\"",
                                       "{\"model\":\"",
                                       "[[[[",
                                       "{\"a\":",
                                       "\xEF\xBB\xBF{}",
                                       "{}{}",
                                       std::string(100000, '['),
                                       std::string("{\"model\":\"a\0b\"}", 15)};
    const fs::path suite = sharedFolder() / "corpus" / "JSONTestSuite";
    if (fs::exists(suite))
        for (const auto& entry : fs::recursive_directory_iterator(suite))
            if (entry.is_regular_file()) documents.push_back(contentOf(entry.path()));
    CallObserver observer;
    for (const std::string& document : documents)
        for (const std::string& body : {document, "{\"usage\":" + document + ",\"model\":" + document + "}",
                                        "{\"choices\":" + document + ",\"response\":" + document + "}"})
            for (const char* target : {"/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/embeddings",
                                       "/v1beta/models/g:generateContent"}) {
                Call call;
                call.target = target;
                call.requestBody = call.responseBody = body;
                observe(observer, call, test::wholePiece);
                call = test::streamCall(target, "data: " + body + "\n\n");
                observe(observer, call, test::wholePiece);
            }
    Call good;
    good.responseBody = R"({"model":"still works"})";
    QVERIFY(observe(observer, good, test::wholePiece).servedModel == "still works");
}

QTEST_APPLESS_MAIN(LlmRecordingsTest)
#include "llm_recordings_test.moc"
