// SPDX-License-Identifier: Apache-2.0
#include "records.h"

#include "core/analysis/finding_collector.h"

#include <QtTest>

#include <algorithm>
#include <random>
#include <thread>

using namespace gatescope;
using namespace gatescope::analysis;
using namespace gatescope::analysis::test;

namespace {

const FindingKind kOdd{"test.odd", Severity::Low, "Odd", "", ""};
const FindingKind kBad{"test.bad", Severity::High, "Bad", "", ""};

/// Everything that an output could show, as text.
std::string dump(const Snapshot& snapshot) {
    std::string text;
    for (const Row row : snapshot.order()) {
        for (const FieldInfo& info : fields()) text += textOf(snapshot, info.name, row) + ";";
        for (const auto direction : {Direction::Request, Direction::Response})
            for (const auto& header : snapshot.headers(direction, row))
                text += std::string(header.name) + "=" + std::string(snapshot.text(header.value)) + ";";
        text += "\n";
    }
    for (const Flow& flow : snapshot.flows())
        text += std::to_string(flow.number) + "=" + std::to_string(flow.record.firstPacket) + "\n";
    for (const auto& placed : snapshot.findings()) {
        text += placed.finding.kind->id;
        text += " " + std::to_string(placed.finding.packet.value_or(0)) + " ";
        text += placed.row ? std::to_string(snapshot.id(*placed.row)) : "-";
        for (const auto& evidence : placed.finding.evidence) text += " " + evidence;
        text += "\n";
    }
    return text;
}

/// Exchanges of 40 connections; many begin at the same time.
std::vector<ExchangeRecord> manyRecords(std::size_t count) {
    std::mt19937 random(7);
    std::vector<ExchangeRecord> records;
    for (std::size_t i = 0; i < count; ++i) {
        auto record = exchangeAt(kStart + static_cast<TimeNs>(random() % 50) * kMs, "/p" + std::to_string(i % 13),
                                 {{"Host", "h" + std::to_string(i % 3)}, {"X-N", std::to_string(i)}});
        record.input = i % 2;
        record.flowStart = 1 + i % 40;
        record.http.indexInConnection = static_cast<std::uint32_t>(i / 40);
        record.http.requestTrace.firstPacket = i / 5 + 1;
        if (i % 11 == 0) record.http.findings.push_back({&kOdd, {"n" + std::to_string(i)}, {}, i / 5 + 1, {}});
        records.push_back(std::move(record));
    }
    return records;
}

} // namespace

class AnalysisDatasetTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void emptySnapshot() {
        const Snapshot snapshot;
        QCOMPARE(snapshot.size(), std::size_t{0});
        QVERIFY(snapshot.order().empty() && snapshot.flows().empty() && snapshot.findings().empty());
        QVERIFY(!snapshot.rowOfId(1) && !snapshot.complete());
        QCOMPARE(snapshot.headerCode("host"), StringPool::kNone);
    }

    void fieldsOfACall() {
        auto record = exchangeAt(kStart, "/openai/deployments/gpt-4o/chat/completions?api-version=1&x=?",
                                 {{"Host", "apimx.azure-api.net"},
                                  {"X-Forwarded-For", "100.64.9.87;10.0.9.213:10095"},
                                  {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
                                  {"X-Request-ID", "r1"}},
                                 {{"x-request-id", "r2"}});
        record.call.api = "openai.chat";
        record.call.identity.project = "sampleproject1";
        record.call.stream = true;
        record.call.streamEvents = 9;
        record.call.firstToken = kStart + 7 * kMs;
        record.call.usage.input = 70'000;
        record.call.usage.output = 0;
        record.call.usage.source = llm::TokenSource::Reported;
        record.http.request.version = http::Version::Http10;
        const auto snapshot = snapshotOf({record});
        const auto is = [&](const char* name, const char* expected) {
            QCOMPARE(QString::fromStdString(textOf(snapshot, name)), QString(expected));
        };
        is("id", "1");
        is("input", "a.pcap");
        is("source", "packets");
        is("flow", "<none>");
        is("packet", "4");
        is("time", "1767225600000000000");
        is("duration_ms", "10000000");
        is("ttfb_ms", "5000000");
        is("ttft_ms", "7000000");
        is("client", "10.0.9.213:10095");
        is("server", "10.0.1.4:80");
        is("protocol", "http/1.0");
        is("tls", "none");
        is("method", "GET");
        is("scheme", "http");
        is("host", "apimx.azure-api.net");
        is("path", "/openai/deployments/gpt-4o/chat/completions");
        is("query", "api-version=1&x=?");
        is("status", "200");
        is("request_bytes", "0");
        is("response_bytes", "2");
        is("complete", "1");
        is("project", "sampleproject1");
        is("agent", "<none>");
        is("stream", "1");
        is("stream_events", "9");
        is("input_tokens", "70000");
        is("output_tokens", "0");
        is("total_tokens", "<none>");
        is("token_source", "reported");
        is("forwarded_for", "100.64.9.87|10.0.9.213:10095");
        is("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        is("request_id", "r1");
        is("findings", "<none>");
        is("effective_client", "10.0.9.213"); // the last hop: nobody is trusted
        is("header:HOST", "apimx.azure-api.net");
        is("response-header:x-request-id", "r2");
        is("response-header:host", "<none>");
        is("header:absent", "<none>");
    }

    void halfExchanges() {
        auto request = exchangeAt(kStart);
        request.http.responseTrace = {};
        request.http.response = {};
        request.call.api = "openai.chat";
        request.call.streamRequested = true;
        auto response = exchangeAt(kStart);
        response.http.requestTrace = {};
        response.http.request = {};
        const auto snapshot = snapshotOf({response, request});
        for (const char* name : {"status", "duration_ms", "ttfb_ms", "response_bytes"})
            QCOMPARE(textOf(snapshot, name, 1), std::string("<none>"));
        QCOMPARE(textOf(snapshot, "stream", 1), std::string("1"));
        QCOMPARE(textOf(snapshot, "complete", 1), std::string("0"));
        for (const char* name :
             {"time", "packet", "method", "scheme", "host", "path", "duration_ms", "ttfb_ms", "request_bytes"})
            QCOMPARE(textOf(snapshot, name, 0), std::string("<none>"));
        QCOMPARE(textOf(snapshot, "stream", 0), std::string("0"));
        QCOMPARE(textOf(snapshot, "status", 0), std::string("200"));
        QCOMPARE(snapshot.startTime(0), kStart + 5 * kMs);
        QCOMPARE(snapshot.order(), (std::vector<Row>{1, 0}));
    }

    void targets_data() {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("target");
        QTest::addColumn<QString>("expected"); // scheme host path query; the Host header says "given", TLS is on
        QTest::newRow("origin") << "GET" << "/a/b?c=d?e" << "https given /a/b c=d?e";
        QTest::newRow("no query") << "GET" << "/a" << "https given /a <none>";
        QTest::newRow("empty query") << "GET" << "/a?" << "https given /a <none>";
        QTest::newRow("absolute") << "GET" << "http://other:8080/x?y=1" << "http other:8080 /x y=1";
        QTest::newRow("absolute, no path") << "GET" << "http://other" << "http other / <none>";
        QTest::newRow("absolute, only query") << "GET" << "http://other?q" << "http other / q";
        QTest::newRow("absolute, credentials") << "GET" << "http://u:secret@other/x" << "http other /x <none>";
        QTest::newRow("authority") << "CONNECT" << "model.example:443" << "https model.example:443 <none> <none>";
        QTest::newRow("asterisk") << "OPTIONS" << "*" << "https given * <none>";
        QTest::newRow("url in path") << "GET" << "/v1/https://h/p" << "https given /v1/https://h/p <none>";
        QTest::newRow("no scheme") << "GET" << "://x" << "https given ://x <none>";
    }
    void targets() {
        QFETCH(QString, method);
        QFETCH(QString, target);
        QFETCH(QString, expected);
        auto record = exchangeAt(kStart, target.toStdString(), {{"host", "given"}});
        record.http.request.method = method.toStdString();
        record.tls = "1.3";
        const auto snapshot = snapshotOf({record});
        const auto got = textOf(snapshot, "scheme") + " " + textOf(snapshot, "host") + " " + textOf(snapshot, "path") +
                         " " + textOf(snapshot, "query");
        QCOMPARE(QString::fromStdString(got), expected);
    }

    void forwardedFor_data() {
        // The entries of the vectors `xff` in tests/unit/test-vectors.json, as sent.
        QTest::addColumn<QStringList>("lines");
        QTest::addColumn<QString>("expected");
        QTest::newRow("joined again") << QStringList{"100.64.9.87;10.0.9.213:10095"} << "100.64.9.87|10.0.9.213:10095";
        QTest::newRow("comma") << QStringList{"93.184.216.34:37627, 13.69.64.134:22020"}
                               << "93.184.216.34:37627|13.69.64.134:22020";
        QTest::newRow("IPv6, empty end") << QStringList{"[2001:db8::1]:443, 2001:db8::2, unknown, "}
                                         << "[2001:db8::1]:443|2001:db8::2|unknown";
        QTest::newRow("several lines") << QStringList{"1.1.1.1", " 2.2.2.2 ;\t3.3.3.3"} << "1.1.1.1|2.2.2.2|3.3.3.3";
        QTest::newRow("nothing in it") << QStringList{" , ;"} << "<none>";
    }
    void forwardedFor() {
        QFETCH(QStringList, lines);
        QFETCH(QString, expected);
        Headers headers;
        for (const auto& line : lines) headers.emplace_back("x-FORWARDED-for", line.toStdString());
        QCOMPARE(QString::fromStdString(textOf(snapshotOf({exchangeAt(kStart, "/", headers)}), "forwarded_for")),
                 expected);
    }

    void headersAsSent() {
        const auto snapshot =
            snapshotOf({exchangeAt(kStart, "/", {{"B", "1"}, {"a", ""}, {"b", "2"}}, {{"Set-Cookie", "x"}}),
                        exchangeAt(kStart + 1, "/", {{"B", "1"}, {"a", "z"}, {"b", "2"}}),
                        exchangeAt(kStart + 2, "/", {{"a", "q"}})});
        const auto fields = snapshot.headers(Direction::Request, 0);
        QCOMPARE(fields.size(), std::size_t{3});
        QCOMPARE(fields[0].name, std::string_view("B"));
        QCOMPARE(fields[2].name, std::string_view("b"));
        QCOMPARE(fields[0].lowerName, fields[2].lowerName);
        QCOMPARE(textOf(snapshot, "header:b"), std::string("1"));
        QCOMPARE(textOf(snapshot, "header:a"), std::string("")); // empty is a value
        QCOMPARE(textOf(snapshot, "header:a", 1), std::string("z"));
        QCOMPARE(textOf(snapshot, "header:a", 2), std::string("q"));
        QCOMPARE(snapshot.headers(Direction::Response, 0).size(), std::size_t{1});
        QVERIFY(snapshot.headers(Direction::Response, 1).empty());
        QCOMPARE(snapshot.headerCode("z"), StringPool::kNone); // a value, no name
    }

    void numbersOfEveryWidth() {
        std::vector<ExchangeRecord> records;
        const std::vector<std::int64_t> values{0, 32'767, 32'768, -5, 2'147'483'647, 2'147'483'648, 9, INT64_MAX};
        for (const auto value : values) {
            records.push_back(exchangeAt(kStart));
            records.back().call.usage.cached = value;
        }
        const auto snapshot = snapshotOf(records);
        std::vector<Row> rows{7, 0, 3, 5};
        std::vector<std::int64_t> out(rows.size());
        snapshot.numbers(FieldId::CachedTokens, rows, out.data());
        for (std::size_t i = 0; i < rows.size(); ++i) QCOMPARE(out[i], values[rows[i]]);
        for (Row row = 0; row < values.size(); ++row)
            QCOMPARE(snapshot.number(FieldId::CachedTokens, row), values[row]);
        QCOMPARE(snapshot.number(FieldId::CacheWriteTokens, 0), kNoNumber);
    }

    void flowsAreNumberedWhenKnown() {
        Dataset dataset({"a", "b"});
        auto record = exchangeAt(kStart);
        record.input = 1;
        record.flowStart = packetRef(1, 3);
        dataset.append({{record}, {}, {}});
        QCOMPARE(dataset.snapshot().number(FieldId::Flow, 0), kNoNumber);
        FlowRecord early, same, unknown;
        early.firstPacket = 9;
        early.firstTime = kStart;
        same.input = 1;
        same.firstPacket = 3;
        same.firstTime = kStart;
        unknown.firstPacket = 1;
        dataset.append({{}, {unknown, same, early}, {}});
        FlowRecord again = same;
        again.packets = 12;
        dataset.append({{}, {again}, {}});
        const auto snapshot = dataset.snapshot();
        QCOMPARE(snapshot.flows().size(), std::size_t{3});
        QCOMPARE(snapshot.number(FieldId::Flow, 0), std::int64_t{2}); // same time: input 0 first
        QCOMPARE(snapshot.flowByNumber(2)->record.packets, std::uint64_t{12});
        QCOMPARE(snapshot.flowByNumber(3)->record.firstPacket, std::uint64_t{1}); // no time: last
        QVERIFY(!snapshot.flowByNumber(0) && !snapshot.flowByNumber(4));
    }

    void findingsArePlaced() {
        auto record = exchangeAt(kStart);
        record.http.findings.push_back({&kOdd, {}, {}, 6, {}});
        record.call.findings.push_back({&kBad, {}, {}, {}, {}});
        record.call.findings.push_back({&kOdd, {}, {}, 5, {}});
        Dataset dataset({"a"});
        dataset.append({{record}, {}, {Finding{&kOdd, {"file"}, 0U, 1, {}}}});
        const auto snapshot = dataset.snapshot();
        QCOMPARE(textOf(snapshot, "findings"), std::string("test.bad|test.odd"));
        const auto& all = snapshot.findings();
        QCOMPARE(all.size(), std::size_t{4});
        QCOMPARE(all[0].finding.kind, &kBad);
        QCOMPARE(*all[0].finding.flowStart, std::uint64_t{1});
        QVERIFY(all[0].row && !all[1].row);
        QCOMPARE(*all[2].finding.packet, std::uint64_t{5});
    }

    void findingsAreLimited() {
        std::vector<Finding> findings;
        const std::size_t extra = FindingCollector::kMaxFindings + 123;
        for (std::size_t i = 0; i < FindingCollector::kMaxFindings + extra; ++i)
            findings.push_back({i % 1000 == 0 ? &kBad : &kOdd, {}, 0U, i, {}});
        std::string first;
        for (const unsigned seed : {1U, 2U}) {
            std::shuffle(findings.begin(), findings.end(), std::mt19937(seed));
            Dataset dataset({"a"});
            dataset.append({{}, {}, findings});
            const auto snapshot = dataset.snapshot();
            QCOMPARE(snapshot.findings().size(), FindingCollector::kMaxFindings + 1);
            QCOMPARE(snapshot.findings().back().finding.kind, &kFindingsLeftOut);
            QCOMPARE(snapshot.findings().back().finding.evidence[0], std::to_string(extra) + " more findings");
            const auto text = dump(snapshot);
            if (first.empty()) first = text;
            QVERIFY(text == first);
        }
    }

    /// The same exchanges give the same rows whatever their order of arrival, and with snapshots on the way.
    void orderOfArrivalDoesNotMatter() {
        auto records = manyRecords(20'000);
        std::string first;
        for (const unsigned threads : {1U, 8U}) {
            Dataset dataset({"a", "b"});
            std::vector<std::jthread> workers;
            for (unsigned worker = 0; worker < threads; ++worker)
                workers.emplace_back([&, worker] {
                    for (std::size_t i = worker; i < records.size(); i += threads) {
                        Batch batch;
                        batch.exchanges.push_back(records[i]);
                        if (i < 40) { // the first batches carry the connections too
                            FlowRecord flow;
                            flow.input = i % 2;
                            flow.firstPacket = 1 + i;
                            flow.firstTime = kStart + static_cast<TimeNs>(i % 4);
                            batch.flows.push_back(flow);
                        }
                        dataset.append(std::move(batch));
                        if (i % 997 == 0) (void)dataset.snapshot();
                    }
                });
            workers.clear();
            dataset.finish();
            const auto text = dump(dataset.snapshot());
            if (first.empty()) first = text;
            QVERIFY(text == first);
            std::shuffle(records.begin(), records.end(), std::mt19937(3));
        }
    }

    /// For the thread sanitizer: readers work while writers go on.
    void readWhileWriting() {
        const auto records = manyRecords(4'000);
        Dataset dataset({"a", "b"});
        std::atomic<bool> done = false;
        std::jthread reader([&] {
            std::size_t before = 0;
            while (!done) {
                const auto snapshot = dataset.snapshot();
                if (snapshot.size() < before) std::abort();
                before = snapshot.size();
                if (before != 0) {
                    const auto row = snapshot.order()[before / 2];
                    for (const FieldInfo& info : fields()) (void)textOf(snapshot, info.name, row);
                    (void)snapshot.headers(Direction::Request, row);
                    (void)snapshot.value(field("header:x-n"), row);
                    (void)snapshot.findings();
                }
            }
        });
        {
            std::vector<std::jthread> writers;
            for (std::size_t worker = 0; worker < 3; ++worker)
                writers.emplace_back([&, worker] {
                    for (std::size_t i = worker; i < records.size(); i += 3) {
                        auto record = records[i];
                        record.call.usage.input = static_cast<std::int64_t>(i) << (i / 100); // every width
                        dataset.append({{record}, {}, {}});
                    }
                });
        }
        done = true;
        reader.join();
        QCOMPARE(dataset.snapshot().size(), records.size());
    }

    void sameSnapshotWhenNothingChanged() {
        Dataset dataset({"a"});
        dataset.append({{exchangeAt(kStart)}, {}, {}});
        const auto a = dataset.snapshot();
        const auto b = dataset.snapshot();
        QCOMPARE(&a.order(), &b.order());
        QVERIFY(!a.complete());
        dataset.finish();
        QVERIFY(dataset.snapshot().complete());
        QCOMPARE(dataset.snapshot().size(), std::size_t{1});
    }
};

QTEST_APPLESS_MAIN(AnalysisDatasetTest)
#include "analysis_dataset_test.moc"
