// SPDX-License-Identifier: Apache-2.0
// Recordings of real providers, and one of our own with every API, read by this program and by a script that shares no
// code with it (tests/recordings/read_usage.py). Beside most recordings of others there is a table that was made by
// neither. They are not part of the project; without them only our own is read.
#include "core/llm/realtime_session.h"
#include "tests/unit/llm/observed_call.h"

#include <QCoreApplication>
#include <QProcess>
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
using Row = std::map<std::string, std::string>;

const fs::path kOwn = fs::path(GATESCOPE_SOURCE_DIR) / "tests" / "recordings";

fs::path corpus() {
    const char* given = std::getenv("GATESCOPE_SHARED");
    return (given ? fs::path(given) : fs::path(GATESCOPE_SOURCE_DIR).parent_path() / "shared") / "corpus";
}

QStringList recordings() {
    QStringList files{QString::fromStdString((kOwn / "every-api.json").string())};
    if (!fs::exists(corpus())) return files;
    for (const auto& entry : fs::recursive_directory_iterator(corpus())) {
        const std::string path = entry.path().string();
        const bool table = fs::exists(path + ".truth.tsv") && (path.ends_with(".yaml") || path.ends_with(".json"));
        const bool fixture =
            path.find("/heron/") != std::string::npos && (path.ends_with(".sse") || path.ends_with(".json"));
        const bool session = path.find("/realtime/") != std::string::npos && path.ends_with(".yaml");
        if (table || fixture || session) files << QString::fromStdString(path);
    }
    files.sort();
    return files;
}

/// Row `number` of the table beside a recording; `-` is "not seen" and is left out.
Row truthOf(const std::string& path, std::size_t number) {
    std::ifstream file(path + ".truth.tsv");
    std::vector<std::string> names;
    Row row;
    std::size_t at = 0;
    for (std::string line; std::getline(file, line);) {
        std::vector<std::string> cells;
        std::istringstream stream(line);
        for (std::string cell; std::getline(stream, cell, '\t');) cells.push_back(cell);
        if (names.empty()) {
            names = cells;
        } else if (at++ == number) {
            for (std::size_t i = 0; i < cells.size() && i < names.size(); ++i)
                if (cells[i] != "-") row[names[i]] = cells[i];
        }
    }
    return row;
}

std::string decoded(const nlohmann::json& base64) {
    return QByteArray::fromBase64(QByteArray::fromStdString(base64.get<std::string>())).toStdString();
}

Call callOf(const nlohmann::json& exchange) {
    Call call;
    call.method = exchange.at("method");
    call.target = exchange.at("url");
    call.status = exchange.at("status");
    call.requestHeaders = exchange.at("request_headers").get<decltype(call.requestHeaders)>();
    call.responseHeaders = exchange.at("response_headers").get<decltype(call.responseHeaders)>();
    call.requestBody = decoded(exchange.at("request_body"));
    call.responseBody = decoded(exchange.at("response_body"));
    return call;
}

void put(Row& row, const char* name, const std::optional<std::int64_t>& count) {
    if (count) row[name] = std::to_string(*count);
}
void put(Row& row, const char* name, const std::string& text) {
    if (!text.empty()) row[name] = text;
}

void putUsage(Row& row, const Usage& usage) {
    put(row, "input", usage.input);
    put(row, "output", usage.output);
    put(row, "total", usage.source == TokenSource::Reported ? usage.total : std::nullopt);
    put(row, "cached", usage.cached);
    put(row, "cache_write", usage.cacheWrite);
    put(row, "cache_write_1h", usage.cacheWrite1h);
    put(row, "reasoning", usage.reasoning);
    put(row, "audio_in", usage.audioInput);
    put(row, "audio_out", usage.audioOutput);
    put(row, "image_in", usage.imageInput);
    put(row, "image_out", usage.imageOutput);
    put(row, "web_searches", usage.webSearches);
}

/// Under the names of the script's columns.
Row rowOf(const CallFacts& facts) {
    Row row;
    if (facts.api.empty()) return row;
    putUsage(row, facts.usage);
    put(row, "tier", facts.serviceTier);
    put(row, "finish", facts.finishReason);
    put(row, "tools", facts.tools);
    put(row, "tool_calls", std::int64_t{facts.toolCalls});
    put(row, "filter", facts.contentFilter);
    if (facts.stream) {
        put(row, "events", std::int64_t{facts.streamEvents});
        put(row, "content_events", std::int64_t{facts.contentEvents});
        if (facts.usageEvent != 0) put(row, "usage_event", std::int64_t{facts.usageEvent});
    }
    put(row, "content_bytes", facts.contentBytes);
    put(row, "max_tokens", facts.maxTokens);
    put(row, "images", std::int64_t{facts.images});
    put(row, "prompt_bytes", facts.promptBytes);
    put(row, "limit", facts.limit.limitTokens);
    put(row, "remaining", facts.limit.remainingTokens);
    put(row, "error", facts.errorCode);
    return row;
}

void addTo(std::optional<std::int64_t>& sum, const std::optional<std::int64_t>& count) {
    if (count) sum = sum.value_or(0) + *count;
}

/// The server's JSON messages of a session, as its calls tell them; its framing is read elsewhere.
Row rowOfSession(const nlohmann::json& messages) {
    auto handshake = std::make_shared<http::Exchange>();
    handshake->request.method = "GET";
    handshake->request.target = "/openai/v1/realtime?model=m";
    RealtimeSession session(handshake);
    for (const auto& message : messages) {
        const std::string text = message.get<std::string>();
        session.onMessage({false, true, false, text, text.size(), {1, 1}, {1, 1}});
    }
    session.onEnded();
    Usage sum;
    sum.source = TokenSource::Reported;
    std::string finish;
    std::string tools;
    std::int64_t toolCalls = 0;
    for (const RealtimeCall& call : session.takeDone()) {
        const Usage& usage = call.facts.usage;
        for (const auto count : {&Usage::input, &Usage::output, &Usage::total, &Usage::cached, &Usage::reasoning,
                                 &Usage::audioInput, &Usage::audioOutput, &Usage::imageInput, &Usage::imageOutput})
            addTo(sum.*count, usage.*count);
        finish = call.facts.finishReason;
        if (!tools.empty() && !call.facts.tools.empty()) tools += ',';
        tools += call.facts.tools;
        toolCalls += call.facts.toolCalls;
    }
    Row row;
    putUsage(row, sum);
    put(row, "finish", finish);
    put(row, "tools", tools);
    put(row, "tool_calls", toolCalls);
    return row;
}

QString described(const Row& row) {
    QStringList cells;
    for (const auto& [name, value] : row) cells << QString::fromStdString(name + "=" + value);
    return cells.join(' ');
}

/// What the table beside the recording says, where its columns mean the same: its counts are those of the provider, so
/// only OpenAI's can be compared as they are.
void compareWithTruth(const Row& truth, const CallFacts& facts) {
    if (truth.empty() || facts.api.empty()) return;
    const auto wanted = [&](const char* name) {
        const auto found = truth.find(name);
        return found == truth.end() ? QString() : QString::fromStdString(found->second);
    };
    const auto count = [](const std::optional<std::int64_t>& value) {
        return value ? QString::number(*value) : QString();
    };
    QCOMPARE(QString::fromStdString(facts.requestedModel), wanted("req_model"));
    if (wanted("stream") == "eventstream") { // the table's maker did not read the frames
        QVERIFY(facts.stream);
        return;
    }
    QCOMPARE(QString::fromStdString(facts.servedModel), wanted("resp_model"));
    QCOMPARE(facts.stream, wanted("stream") == "yes");
    QCOMPARE(QString::fromStdString(facts.finishReason), wanted("finish"));
    QCOMPARE(QString::fromStdString(facts.errorCode), wanted("error_code"));
    QCOMPARE(count(facts.usage.cached), wanted("cached_tokens"));
    QCOMPARE(count(facts.usage.reasoning), wanted("reasoning_tokens"));
    if (facts.stream) QCOMPARE(QString::number(facts.streamEvents), wanted("sse_events"));
    if (const QString remaining = wanted("remaining_tokens"); !remaining.startsWith("X-"))
        QCOMPARE(count(facts.limit.remainingTokens), remaining);
    if (facts.api == "gemini") {
        QCOMPARE(count(facts.usage.total), wanted("total_tokens"));
    } else {
        QCOMPARE(count(facts.usage.output), wanted("output_tokens"));
        if (!facts.api.starts_with("openai.")) return;
        QCOMPARE(count(facts.usage.input), wanted("input_tokens"));
        QCOMPARE(count(facts.usage.total), wanted("total_tokens"));
    }
}

} // namespace

class LlmRecordedUsageTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void agreesWithAnIndependentReader_data();
    void agreesWithAnIndependentReader();

private:
    std::vector<nlohmann::json> m_exchanges;
};

void LlmRecordedUsageTest::initTestCase() {
    QProcess script;
    script.start("python3",
                 QStringList{"-B", QString::fromStdString((kOwn / "read_usage.py").string()), "--json"} + recordings());
    if (!script.waitForStarted()) QSKIP("python3 is not here");
    QVERIFY(script.waitForFinished(120'000));
    QVERIFY2(script.exitCode() == 0, script.readAllStandardError().constData());
    for (const QByteArray& line : script.readAllStandardOutput().split('\n'))
        if (!line.isEmpty()) m_exchanges.push_back(nlohmann::json::parse(line.toStdString()));
    QVERIFY(m_exchanges.size() >= 19); // those of our own
}

void LlmRecordedUsageTest::agreesWithAnIndependentReader_data() {
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < m_exchanges.size(); ++i) {
        const fs::path path(m_exchanges[i].at("file").get<std::string>());
        QTest::addRow("%s/%s %d", path.parent_path().filename().c_str(), path.filename().c_str(),
                      m_exchanges[i].at("number").get<int>())
            << static_cast<int>(i);
    }
}

void LlmRecordedUsageTest::agreesWithAnIndependentReader() {
    QFETCH(int, index);
    const nlohmann::json& recorded = m_exchanges[static_cast<std::size_t>(index)];
    const nlohmann::json& exchange = recorded.at("exchange");
    Row wanted;
    QStringList notCounted;
    for (const auto& [name, value] : recorded.at("row").items()) {
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        if (text == "*")
            notCounted << QString::fromStdString(name);
        else if (name != "api")
            wanted[name] = text;
    }
    Row found;
    if (exchange.contains("messages")) {
        found = rowOfSession(exchange.at("messages"));
    } else {
        const Call call = callOf(exchange);
        const CallFacts facts = observe(call);
        found = rowOf(facts);
        if (recorded.at("row").empty()) found.clear(); // a kind of call that the script does not read
        QCOMPARE(described(rowOf(observe(call, {}, [] { return std::size_t{61}; }))), described(rowOf(facts)));
        compareWithTruth(truthOf(recorded.at("file"), recorded.at("number")), facts);
        // The script measures the prompts of few APIs.
        if (!wanted.contains("prompt_bytes")) notCounted << "prompt_bytes";
    }
    for (const QString& name : notCounted) found.erase(name.toStdString());
    QCOMPARE(described(found), described(wanted));
}

QTEST_GUILESS_MAIN(LlmRecordedUsageTest)
#include "llm_recorded_usage_test.moc"
