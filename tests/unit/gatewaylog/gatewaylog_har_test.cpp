// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/base64_text.h"
#include "tests/unit/gatewaylog/material.h"
#include "tests/unit/gatewaylog/whole_log.h"

#include <QTest>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

using namespace gatescope;
using namespace gatescope::gatewaylog;
using namespace gatescope::gatewaylog::test;
using nlohmann::json;

namespace {

constexpr TimeNs kMs = 1'000'000;
constexpr TimeNs kBegin = 1'768'471'200'100 * kMs; ///< 2026-01-15T10:00:00.100Z

/// An entry by the HAR 1.2 specification; tests change what they are about.
json entry() {
    json one = json::parse(
        R"({"startedDateTime":"2026-01-15T10:00:00.100Z","time":100.5,"cache":{},)"
        R"("request":{"method":"POST","url":"https://gw.example/openai/deployments/gpt-4o/chat/completions?api-version=1",)"
        R"("httpVersion":"HTTP/1.1","cookies":[],"queryString":[],"headersSize":-1,"bodySize":-1,)"
        R"("headers":[{"name":"Host","value":"gw.example"},{"name":"openai-project","value":"alpha"},)"
        R"({"name":"traceparent","value":"00-83847e4bbcd75dd007db55fae454a055-30a55df8fb08ca51-01"}],)"
        R"("postData":{"mimeType":"application/json","text":""}},)"
        R"("response":{"status":200,"statusText":"OK","httpVersion":"HTTP/1.1","cookies":[],"redirectURL":"",)"
        R"("headersSize":-1,"bodySize":-1,"headers":[{"name":"Content-Type","value":"application/json"}],)"
        R"("content":{"size":104,"mimeType":"application/json","text":""}},)"
        R"("serverIPAddress":"10.0.20.5",)"
        R"("timings":{"blocked":5,"dns":-1,"connect":20,"ssl":15,"send":0.5,"wait":70,"receive":5}})");
    one["request"]["postData"]["text"] = json{{"model", "gpt-4o"}, {"max_tokens", 5}}.dump();
    return one;
}

std::string archive(const json& entries) {
    return json{{"log", {{"version", "1.2"}, {"creator", {{"name", "t"}, {"version", "1"}}}, {"entries", entries}}}}
        .dump();
}

const std::string kAnswer =
    R"({"id":"chatcmpl-1","model":"gpt-4o-2024-08-06","choices":[{"finish_reason":"stop","message":)"
    R"({"content":"Hi"}}],"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10}})";

const LogRecord& only(const Found& found) {
    if (found.records.size() != 1) qFatal("%zu records", found.records.size());
    return found.records.front();
}

LogRecord read(const json& one) {
    Found found = readLog(archive(json::array({one})));
    if (found.title != "HTTP archive (HAR)") qFatal("not recognised");
    return std::move(const_cast<LogRecord&>(only(found)));
}

} // namespace

class GatewaylogHarTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsAnEntry();
    void readsBodies();
    void readsStreams();
    void readsTimes_data();
    void readsTimes();
    void readsSizes_data();
    void readsSizes();
    void readsEnds();
    void anUnansweredEntryHasNoAnswer();
    void decodesBase64();
    void skipsWhatIsNoEntry();
    void anySplitGivesTheSame();
    void eachPrefixIsRead();
    void readsTheCorpus();
};

void GatewaylogHarTest::readsAnEntry() {
    const LogRecord record = read(entry());
    QCOMPARE(record.format, std::string_view("har"));
    QCOMPARE(record.http.request.method, std::string("POST"));
    QCOMPARE(record.http.request.target,
             std::string("https://gw.example/openai/deployments/gpt-4o/chat/completions?api-version=1"));
    QCOMPARE(record.http.response.status, 200);
    QCOMPARE(record.http.response.reason, std::string("OK"));
    QVERIFY(record.facts.versionKnown && record.http.request.version == http::Version::Http11);
    QCOMPARE(record.call.api, std::string("openai.chat"));
    QCOMPARE(record.call.deployment, std::string("gpt-4o"));
    QCOMPARE(record.call.identity.project, std::string("alpha"));
    QVERIFY(record.call.maxTokens == 5);
    QCOMPARE(record.facts.traceId, std::string("83847e4bbcd75dd007db55fae454a055"));
    QCOMPARE(record.server.toString(), std::string("10.0.20.5:443"));
    QVERIFY(record.client == Endpoint{} && record.tls.empty() && !record.call.usage.total);
}

void GatewaylogHarTest::readsBodies() {
    json one = entry();
    one["response"]["content"]["text"] = kAnswer;
    // What is in the archive is decoded, whatever the wire had.
    one["response"]["headers"].push_back({{"name", "Content-Encoding"}, {"value", "gzip"}});
    const auto check = [](const LogRecord& record) {
        QVERIFY(record.call.usage.input == 9 && record.call.usage.output == 1 && record.call.usage.total == 10);
        QVERIFY(record.call.usage.source == llm::TokenSource::Reported);
        QCOMPARE(record.call.responseId, std::string("chatcmpl-1"));
        QCOMPARE(record.call.servedModel, std::string("gpt-4o-2024-08-06"));
        QCOMPARE(record.call.finishReason, std::string("stop"));
        QVERIFY(record.call.findings.empty());
    };
    check(read(one));
    one["response"]["content"]["text"] = QByteArray::fromStdString(kAnswer).toBase64().toStdString();
    one["response"]["content"]["encoding"] = "base64";
    check(read(one));
    one["response"]["content"]["text"] = "no base64!";
    QVERIFY(!read(one).call.usage.total);
}

void GatewaylogHarTest::readsStreams() {
    json one = entry();
    one["response"]["headers"][0]["value"] = "text/event-stream";
    one["response"]["content"]["text"] =
        "data: {\"id\":\"chatcmpl-2\",\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1,\"total_tokens\":10}}\n\n"
        "data: [DONE]\n\n";
    const LogRecord record = read(one);
    QVERIFY(record.call.stream && record.call.streamEvents == 3);
    QVERIFY(record.call.usage.total == 10);
    QCOMPARE(record.call.responseId, std::string("chatcmpl-2"));
    QVERIFY(record.call.firstToken == kNoTime); // an archive does not say when events came
}

void GatewaylogHarTest::readsTimes_data() {
    QTest::addColumn<QByteArray>("change");
    QTest::addColumn<TimeNs>("requestFirst");
    QTest::addColumn<TimeNs>("responseFirst");
    QTest::addColumn<TimeNs>("responseLast");
    // 100.5 ms in all: 5 blocked, 20 connecting, then the request goes out; the last 5 ms of them for the answer.
    QTest::newRow("all phases") << QByteArray("{}") << kBegin + 25 * kMs << kBegin + 95'500'000 << kBegin + 100'500'000;
    QTest::newRow("no phase") << QByteArray(R"({"timings":{"send":-1,"wait":-1,"receive":-1}})") << kBegin << kNoTime
                              << kBegin + 100'500'000;
    QTest::newRow("end only") << QByteArray(R"({"timings":{"send":0,"wait":100.5,"receive":-1}})") << kBegin << kNoTime
                              << kBegin + 100'500'000;
    QTest::newRow("nothing") << QByteArray(R"({"time":0,"timings":{"send":-1,"wait":-1,"receive":-1}})") << kBegin
                             << kNoTime << kNoTime;
    QTest::newRow("too long") << QByteArray(R"({"timings":{"send":1,"wait":1,"receive":1000}})") << kBegin << kNoTime
                              << kBegin + 100'500'000;
    QTest::newRow("negative") << QByteArray(R"({"time":-5})") << kBegin << kNoTime << kNoTime;
    QTest::newRow("no time") << QByteArray(R"({"startedDateTime":"1970-01-01T00:00:00.000Z"})") << kNoTime << kNoTime
                             << kNoTime;
    QTest::newRow("no date") << QByteArray(R"({"startedDateTime":"today"})") << kNoTime << kNoTime << kNoTime;
    QTest::newRow("offset") << QByteArray(R"({"startedDateTime":"2026-01-15T03:00:00.100-07:00","time":-1})") << kBegin
                            << kNoTime << kNoTime;
}

void GatewaylogHarTest::readsTimes() {
    QFETCH(QByteArray, change);
    QFETCH(TimeNs, requestFirst);
    QFETCH(TimeNs, responseFirst);
    QFETCH(TimeNs, responseLast);
    json one = entry();
    one.update(json::parse(change.toStdString()));
    const LogRecord record = read(one);
    QCOMPARE(record.http.requestTrace.firstByte, requestFirst);
    QCOMPARE(record.http.responseTrace.firstByte, responseFirst);
    QCOMPARE(record.http.responseTrace.lastByte, responseLast);
}

void GatewaylogHarTest::readsSizes_data() {
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<QByteArray>("response");
    QTest::addColumn<qint64>("sent");
    QTest::addColumn<qint64>("received");
    const QByteArray ok(R"({"bodySize":7})");
    QTest::newRow("stated") << QByteArray(R"({"bodySize":3})") << ok << qint64{3} << qint64{7};
    QTest::newRow("by its text") << QByteArray(R"({"postData":{"text":"abcd"}})") << ok << qint64{4} << qint64{7};
    QTest::newRow("by its header") << QByteArray(R"({"headers":[{"name":"content-length","value":"12"}]})") << ok
                                   << qint64{12} << qint64{7};
    QTest::newRow("no body") << QByteArray(R"({"postData":null,"headers":[{"name":"Host","value":"h"}]})") << ok
                             << qint64{0} << qint64{7};
    QTest::newRow("no heads") << QByteArray(R"({"postData":null,"headers":[]})") << ok << qint64{-1} << qint64{7};
    QTest::newRow("compressed") << QByteArray(R"({"bodySize":3})")
                                << QByteArray(R"({"content":{"size":100,"compression":60}})") << qint64{3}
                                << qint64{40};
    QTest::newRow("plain") << QByteArray(R"({"bodySize":3})") << QByteArray(R"({"content":{"size":100}})") << qint64{3}
                           << qint64{100};
    QTest::newRow("coded") << QByteArray(R"({"bodySize":3})")
                           << QByteArray(
                                  R"({"content":{"size":100},"headers":[{"name":"content-encoding","value":"br"}]})")
                           << qint64{3} << qint64{-1};
}

void GatewaylogHarTest::readsSizes() {
    QFETCH(QByteArray, request);
    QFETCH(QByteArray, response);
    QFETCH(qint64, sent);
    QFETCH(qint64, received);
    json one = entry();
    const auto change = [](json& into, const QByteArray& members) {
        const json parsed = json::parse(members.toStdString());
        for (const auto& [name, value] : parsed.items())
            if (value.is_null())
                into.erase(name);
            else
                into[name] = value;
    };
    change(one["request"], request);
    change(one["response"], response);
    const LogRecord record = read(one);
    QCOMPARE(record.facts.bodySizesKnown, sent >= 0 && received >= 0);
    if (!record.facts.bodySizesKnown) return;
    QCOMPARE(record.http.requestTrace.bodyBytes, std::uint64_t(sent));
    QCOMPARE(record.http.responseTrace.bodyBytes, std::uint64_t(received));
}

void GatewaylogHarTest::readsEnds() {
    json one = entry();
    one["request"]["url"] = "http://gw.example:8080/v1/models";
    const LogRecord plain = read(one);
    QCOMPARE(plain.server.toString(), std::string("10.0.20.5:8080"));
    QCOMPARE(plain.tls, std::string("none"));
    one["serverIPAddress"] = "[2001:db8::5]";
    one["request"]["url"] = "https://gw.example/";
    QCOMPARE(read(one).server.toString(), std::string("[2001:db8::5]:443"));
    one.erase("serverIPAddress");
    QVERIFY(read(one).server == Endpoint{});
}

void GatewaylogHarTest::anUnansweredEntryHasNoAnswer() {
    json one = entry();
    one["response"]["status"] = 0;
    const LogRecord record = read(one);
    QVERIFY(!record.http.responseTrace.seen && record.http.response.status == 0);
    QVERIFY(record.http.responseTrace.lastByte == kNoTime);
}

// RFC 4648, 10.
void GatewaylogHarTest::decodesBase64() {
    for (const auto& [text, octets] : std::map<std::string, std::string>{{"", ""},
                                                                         {"Zg==", "f"},
                                                                         {"Zm8=", "fo"},
                                                                         {"Zm9v", "foo"},
                                                                         {"Zm9vYg==", "foob"},
                                                                         {"Zm9v\r\nYmE=", "fooba"},
                                                                         {"Zm9vYmFy", "foobar"},
                                                                         {"Zm9vYg", "foob"}})
        QVERIFY(fromBase64(text) == octets);
    for (const char* none : {"Z", "Zg=", "Zg===", "=", "Zg==Zg==", "Zm9v!", "Zm9-"}) QVERIFY(!fromBase64(none));
}

void GatewaylogHarTest::skipsWhatIsNoEntry() {
    const Found found = readLog(archive(json::array({entry(), {{"note", "x"}}, 7, entry()})));
    QCOMPARE(found.records.size(), std::size_t{2});
}

void GatewaylogHarTest::anySplitGivesTheSame() {
    const std::string text =
        json{{"log", {{"version", "1.2"}, {"entries", json::array({entry(), entry(), entry()})}}}}.dump(2);
    const std::string whole = described(readLog(text));
    QCOMPARE(readLog(text).records.size(), std::size_t{3});
    QCOMPARE(described(readLog(text, [] { return std::size_t{1}; })), whole);
    std::mt19937 random(3);
    for (int run = 0; run < 20; ++run)
        QCOMPARE(described(readLog(text, [&] { return std::size_t{1} + random() % 300; })), whole);
    QCOMPARE(described(readLog("\xEF\xBB\xBF" + text)), whole);
}

void GatewaylogHarTest::eachPrefixIsRead() {
    const std::string text = archive(json::array({entry(), entry()}));
    const std::string first = described(readLog(text).records.front());
    const std::size_t second = text.find("startedDateTime", text.find("startedDateTime") + 1);
    for (std::size_t length = 0; length < text.size(); length += length < 200 ? 1 : 7) {
        const Found found = readLog(std::string(text, 0, length));
        QVERIFY(found.records.size() <= 2);
        if (length > second) QVERIFY(!found.records.empty() && described(found.records.front()) == first);
    }
}

/// Compared with what another program found in them: one line an exchange.
void GatewaylogHarTest::readsTheCorpus() {
    const auto folder = sharedFolder();
    if (folder.empty()) QSKIP("no shared material");
    std::size_t archives = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder / "corpus/mitmproxy")) {
        if (file.path().extension() != ".har") continue;
        ++archives;
        const Found found = readLog(fileText(file.path()));
        QCOMPARE(found.title, std::string("HTTP archive (HAR)"));
        QVERIFY(found.findings.empty());
        std::istringstream truth(fileText(file.path().string() + ".truth.tsv"));
        std::string line, cell;
        std::getline(truth, line);
        for (const LogRecord& record : found.records) {
            QVERIFY(std::getline(truth, line));
            std::istringstream cells(line);
            std::vector<std::string> row;
            while (std::getline(cells, cell, '\t')) row.push_back(cell);
            QCOMPARE(record.http.request.method, row[1]);
            QVERIFY(record.http.request.target.ends_with(row[2] + row[3]));
            QCOMPARE(std::to_string(record.http.response.status), row[4]);
            if (row[5] != "-") QCOMPARE(header(record.http.response.headers, "content-type"), row[5]);
            QCOMPARE(record.call.stream, row[6] == "yes");
            QVERIFY(record.call.api.empty() && record.http.requestTrace.firstByte != kNoTime);
        }
        QVERIFY(!std::getline(truth, line));
    }
    QCOMPARE(archives, std::size_t{7});
}

QTEST_APPLESS_MAIN(GatewaylogHarTest)
#include "gatewaylog_har_test.moc"
