// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "core/analysis/indexed_totals.h"
#include "core/analysis/joining.h"
#include "tests/unit/analysis/records.h"

#include <algorithm>
#include <random>

using namespace gatescope;
using namespace gatescope::analysis;
using namespace gatescope::analysis::test;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

/// A record of a log: POST /chat answered with 200.
ExchangeRecord logged(std::string source, TimeNs time, std::uint64_t line, Headers headers = {}) {
    ExchangeRecord record = exchangeAt(time, "/chat", std::move(headers));
    record.source = std::move(source);
    record.input = 1;
    record.flowStart = 0;
    record.client = record.server = {};
    record.tls.clear();
    record.http.request.method = "POST";
    record.http.requestTrace.firstPacket = record.http.responseTrace.firstPacket = 0;
    record.http.requestTrace.complete = record.http.responseTrace.complete = false;
    record.log.line = line;
    return record;
}

/// The same call as packets show it.
ExchangeRecord seen(TimeNs time, std::uint64_t packet, Headers headers = {}) {
    ExchangeRecord record = exchangeAt(time, "/chat", std::move(headers));
    record.http.request.method = "POST";
    record.http.requestTrace.firstPacket = packet;
    record.flowStart = packet;
    return record;
}

void setTokens(ExchangeRecord& record, std::int64_t input, std::int64_t output, llm::TokenSource source) {
    record.call.api = "openai.chat";
    record.call.usage.input = input;
    record.call.usage.output = output;
    record.call.usage.total = input + output;
    record.call.usage.source = source;
}

FlowRecord connection(std::uint64_t firstPacket, TimeNs first, TimeNs last, std::string_view client) {
    FlowRecord flow;
    flow.firstPacket = firstPacket;
    flow.firstTime = first;
    flow.lastTime = last;
    flow.client = *Endpoint::parse(client);
    flow.server = *Endpoint::parse("10.0.20.5:443");
    flow.packets = 20;
    flow.payloadBytes = 4000;
    flow.protocol = "tls";
    return flow;
}

Snapshot joined(std::vector<ExchangeRecord> records, std::vector<FlowRecord> flows = {}) {
    Dataset dataset({"a.pcap", "gateway.log", "model.log"});
    dataset.append({std::move(records), std::move(flows), {}, {}});
    dataset.finish();
    return dataset.snapshot();
}

std::string cell(const Snapshot& snapshot, std::string_view name, std::int64_t id = 1) {
    return textOf(snapshot, name, *snapshot.rowOfId(id));
}

constexpr const char* kTrace = "00-62ff160923b2c1724242c037be40e7cb-4f1b402461a00000-01";
constexpr const char* kSameTrace = "00-62ff160923b2c1724242c037be40e7cb-1111111111111111-01";

} // namespace

class JoiningTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rowsOfOneCorrelationIdAreOneCall() {
        ExchangeRecord gateway = logged("apim-gateway", kStart, 1, {{"openai-project", "sampleproject1"}});
        gateway.call.identity.project = "sampleproject1";
        gateway.log.correlationId = "c-1";
        ExchangeRecord model = logged("apim-llm", kStart + 5 * kMs, 2);
        model.http = {};
        model.log.correlationId = "c-1";
        model.call.servedModel = "gpt-4o-2024-11-20";
        setTokens(model, 640, 50, llm::TokenSource::Log);
        const Snapshot snapshot = joined({std::move(model), std::move(gateway)});

        QCOMPARE(snapshot.exchanges(), std::size_t{1});
        QCOMPARE(cell(snapshot, "source"), std::string("apim-gateway"));
        QCOMPARE(cell(snapshot, "project"), std::string("sampleproject1"));
        QCOMPARE(cell(snapshot, "total_tokens"), std::string("690"));
        QCOMPARE(cell(snapshot, "token_source"), std::string("log"));
        QCOMPARE(cell(snapshot, "served_model"), std::string("gpt-4o-2024-11-20"));
        QCOMPARE(cell(snapshot, "line"), std::string("1"));
        QCOMPARE(cell(snapshot, "joined_by"), std::string("correlation-id"));
        QCOMPARE(cell(snapshot, "join_certainty"), std::string("sure"));
        QCOMPARE(cell(snapshot, "joined_with"), std::string("apim-llm"));
    }

    void eachCellKnowsItsRecord() {
        ExchangeRecord gateway = logged("apim-gateway", kStart, 1);
        gateway.log.correlationId = "c-1";
        ExchangeRecord model = logged("apim-llm", kStart, 2);
        model.log.correlationId = "c-1";
        setTokens(model, 640, 50, llm::TokenSource::Log);
        const Snapshot snapshot = joined({std::move(gateway), std::move(model)});
        const Row shown = *snapshot.rowOfId(1);
        QCOMPARE(snapshot.parts(shown), (std::vector<Row>{0, 1}));
        QCOMPARE(snapshot.partOf(field("method"), shown), std::optional<Row>(0));
        QCOMPARE(snapshot.partOf(field("total_tokens"), shown), std::optional<Row>(1));
        QVERIFY(!snapshot.partOf(field("agent"), shown));
        QCOMPARE(snapshot.shown(0), shown);
        QCOMPARE(snapshot.shown(1), shown);
        QCOMPARE(snapshot.id(1), std::int64_t{1});
    }

    void theTraceOfARequestTiesLogAndPackets() {
        ExchangeRecord packets = seen(kStart, 4, {{"traceparent", kTrace}});
        setTokens(packets, 10, 2, llm::TokenSource::Reported);
        ExchangeRecord log = logged("nginx-json", kStart, 7, {{"traceparent", kTrace}, {"x-extra", "1"}});
        log.call.identity.agent = "TestAgent";
        const Snapshot snapshot = joined({std::move(packets), std::move(log)});
        QCOMPARE(snapshot.exchanges(), std::size_t{1});
        QCOMPARE(cell(snapshot, "source"), std::string("packets"));
        QCOMPARE(cell(snapshot, "packet"), std::string("4"));
        QCOMPARE(cell(snapshot, "agent"), std::string("TestAgent"));
        QCOMPARE(cell(snapshot, "total_tokens"), std::string("12"));
        QCOMPARE(cell(snapshot, "header:x-extra"), std::string("1"));
        QCOMPARE(cell(snapshot, "joined_by"), std::string("traceparent"));
    }

    void aTraceIdAloneTiesOnlyWhenNobodySharesIt() {
        const Snapshot one = joined({seen(kStart, 4, {{"traceparent", kTrace}}),
                                     logged("nginx-json", kStart, 7, {{"traceparent", kSameTrace}})});
        QCOMPARE(one.exchanges(), std::size_t{1});
        // Two calls of one agent run share the trace; which is which, the id does not say, and the times are far apart.
        const Snapshot two = joined({seen(kStart, 4, {{"traceparent", kTrace}}),
                                     seen(kStart + 300 * kSecond, 40, {{"traceparent", kTrace}}),
                                     logged("nginx-json", kStart + 900 * kSecond, 7, {{"traceparent", kSameTrace}})});
        QCOMPARE(two.exchanges(), std::size_t{3});
    }

    void attemptsOfACallAreToldApartByStatusAndOrder() {
        std::vector<ExchangeRecord> records;
        const int statuses[] = {429, 429, 200};
        for (std::uint64_t i = 0; i < 3; ++i) {
            const TimeNs at = kStart + static_cast<TimeNs>(i) * kSecond;
            records.push_back(seen(at, 10 * (i + 1), {{"traceparent", kTrace}}));
            records.back().http.response.status = statuses[i];
            records.push_back(logged("nginx-json", at, i + 1, {{"traceparent", kTrace}}));
            records.back().http.response.status = statuses[i];
        }
        const Snapshot snapshot = joined(std::move(records));
        QCOMPARE(snapshot.exchanges(), std::size_t{3});
        for (std::int64_t id = 1; id <= 3; ++id) {
            QCOMPARE(cell(snapshot, "packet", id), std::to_string(10 * id));
            QCOMPARE(cell(snapshot, "line", id), std::to_string(id));
        }
    }

    void answersThatDifferAreDifferentAttempts() {
        std::vector<ExchangeRecord> records;
        records.push_back(seen(kStart, 4, {{"traceparent", kTrace}}));
        records.push_back(logged("nginx-json", kStart, 7, {{"traceparent", kTrace}}));
        records.back().http.response.status = 429;
        QCOMPARE(joined(std::move(records)).exchanges(), std::size_t{2});
    }

    void theTwoSidesOfAnAddressTranslationAreOneCall() {
        // Before the carrier's translation the client is 10.1.1.5, behind it 100.64.9.87; the numbers stay.
        FlowRecord inside = connection(1, kStart, kStart + kSecond, "10.1.1.5:5000");
        FlowRecord outside = connection(101, kStart, kStart + kSecond, "100.64.9.87:61000");
        FlowRecord another = connection(201, kStart, kStart + kSecond, "100.64.9.88:61000");
        inside.sequencePair = outside.sequencePair = 0x1111'2222'3333'4444;
        another.sequencePair = 0x1111'2222'3333'4445;
        std::vector<ExchangeRecord> records;
        const auto call = [&](const FlowRecord& flow, std::uint32_t index, std::string target) {
            records.push_back(seen(kStart + index * 10 * kMs, flow.firstPacket + 1 + index));
            records.back().flowStart = flow.start();
            records.back().client = flow.client;
            records.back().http.indexInConnection = index;
            records.back().http.request.target = std::move(target);
        };
        call(inside, 0, "/one");
        call(inside, 1, "/two");
        call(inside, 2, "/three");
        call(outside, 0, "/one");
        call(outside, 1, "/three"); // what was lost there does not shift the others
        call(another, 0, "/one");
        const Snapshot snapshot = joined(std::move(records), {inside, outside, another});
        QCOMPARE(snapshot.exchanges(), std::size_t{4});
        QCOMPARE(cell(snapshot, "client", 1), std::string("10.1.1.5:5000"));
        QCOMPARE(cell(snapshot, "joined_by", 1), std::string("sequence-numbers"));
        QCOMPARE(cell(snapshot, "join_certainty", 1), std::string("sure"));
        QCOMPARE(snapshot.parts(*snapshot.rowOfId(1)), (std::vector<Row>{0, 3}));
        QVERIFY(snapshot.parts(*snapshot.rowOfId(2)).empty()); // the third connection's
        QVERIFY(snapshot.parts(*snapshot.rowOfId(3)).empty());
        QCOMPARE(snapshot.parts(*snapshot.rowOfId(4)), (std::vector<Row>{2, 4}));
        QVERIFY(snapshot.findings().empty()); // nobody said that there is a log
    }

    void equalSequenceNumbersAloneAreNoTranslation() {
        FlowRecord one = connection(1, kStart, kStart + kSecond, "10.1.1.5:5000");
        FlowRecord sameHosts = connection(101, kStart, kStart + kSecond, "10.1.1.5:5001");
        FlowRecord later = connection(201, kStart + 10 * kSecond, kStart + 11 * kSecond, "100.64.9.87:61000");
        one.sequencePair = sameHosts.sequencePair = later.sequencePair = 0x0000'0064'0000'0064;
        std::vector<ExchangeRecord> records;
        for (const FlowRecord& flow : {one, sameHosts, later}) {
            records.push_back(seen(flow.firstTime, flow.firstPacket + 1));
            records.back().flowStart = flow.start();
        }
        QCOMPARE(joined(std::move(records), {one, sameHosts, later}).exchanges(), std::size_t{3});
    }

    void ofTwoHopsTheOneThatTheLogNames() {
        ExchangeRecord front = seen(kStart, 4, {{"traceparent", kTrace}});
        front.client = *Endpoint::parse("10.0.9.213:37382");
        front.server = *Endpoint::parse("10.0.20.5:80");
        ExchangeRecord back = seen(kStart - kMs, 20, {{"traceparent", kTrace}}); // a clock of its own, a little behind
        back.client = *Endpoint::parse("10.0.20.5:51000");
        back.server = *Endpoint::parse("10.0.11.5:8080");
        ExchangeRecord log = logged("nginx-json", kStart, 7, {{"traceparent", kTrace}});
        log.client = *Endpoint::parse("10.0.9.213:37382");
        const Snapshot snapshot = joined({std::move(front), std::move(back), std::move(log)});
        QCOMPARE(snapshot.exchanges(), std::size_t{2});
        for (std::int64_t id = 1; id <= 2; ++id) {
            const bool isFront = cell(snapshot, "client", id) == "10.0.9.213:37382";
            QCOMPARE(cell(snapshot, "line", id), std::string(isFront ? "7" : "<none>"));
        }
    }

    void aConnectionThatNobodyCanReadGetsItsCall() {
        ExchangeRecord log = logged("nginx-json", kStart + kSecond, 7);
        log.client = *Endpoint::parse("10.0.9.213:37382");
        log.call.identity.agent = "BillingAgent";
        log.tls = "1.2";
        const Snapshot snapshot =
            joined({std::move(log)}, {connection(1, kStart, kStart + 2 * kSecond, "10.0.9.213:37382")});
        QCOMPARE(snapshot.exchanges(), std::size_t{1});
        QCOMPARE(cell(snapshot, "source"), std::string("nginx-json"));
        QCOMPARE(cell(snapshot, "flow"), std::string("1"));
        QCOMPARE(cell(snapshot, "input"), std::string("a.pcap"));
        QCOMPARE(cell(snapshot, "client"), std::string("10.0.9.213:37382"));
        QCOMPARE(cell(snapshot, "server"), std::string("10.0.20.5:443"));
        QCOMPARE(cell(snapshot, "agent"), std::string("BillingAgent"));
        QCOMPARE(cell(snapshot, "packet"), std::string("<none>"));
        QCOMPARE(cell(snapshot, "joined_by"), std::string("client-port"));
        QCOMPARE(cell(snapshot, "joined_with"), std::string("packets"));
        QVERIFY(snapshot.joins().unexplainedFlows.empty());
    }

    void thePortMayStandInTheListOfHops() {
        // sample-records.json: callerIpAddress without a port, and the same address with one as the last hop.
        ExchangeRecord log = logged("apim-gateway", kStart, 1, {{"x-forwarded-for", "100.64.9.87, 10.0.9.213:10095"}});
        log.client = *Endpoint::parse("10.0.9.213");
        const Snapshot snapshot =
            joined({std::move(log)}, {connection(1, kStart, kStart + kSecond, "10.0.9.213:10095")});
        QCOMPARE(cell(snapshot, "joined_by"), std::string("client-port"));
        QCOMPARE(cell(snapshot, "client"), std::string("10.0.9.213:10095"));
    }

    void aPortThatWasUsedAgainIsAnotherConnection() {
        ExchangeRecord log = logged("nginx-json", kStart + 500 * kSecond, 7);
        log.client = *Endpoint::parse("10.0.9.213:37382");
        const Snapshot snapshot = joined(
            {std::move(log)}, {connection(1, kStart, kStart + 2 * kSecond, "10.0.9.213:37382"),
                               connection(90, kStart + 499 * kSecond, kStart + 501 * kSecond, "10.0.9.213:37382")});
        QCOMPARE(cell(snapshot, "flow"), std::string("2"));
        QCOMPARE(snapshot.joins().unexplainedFlows, std::vector<std::uint32_t>{0});
    }

    void twoConnectionsAtOnceAreNotGuessed() {
        ExchangeRecord log = logged("nginx-json", kStart, 7);
        log.client = *Endpoint::parse("10.0.9.213:37382");
        const Snapshot snapshot =
            joined({std::move(log)}, {connection(1, kStart, kStart + kSecond, "10.0.9.213:37382"),
                                      connection(2, kStart, kStart + kSecond, "10.0.9.213:37382")});
        QCOMPARE(cell(snapshot, "joined_by"), std::string("<none>"));
    }

    void callsOfOneReadableConnectionAreTiedInTheirOrder() {
        std::vector<ExchangeRecord> records;
        for (std::uint64_t i = 0; i < 3; ++i) {
            const TimeNs at = kStart + static_cast<TimeNs>(i) * 10 * kMs;
            records.push_back(seen(at, 10 * (i + 1)));
            records.back().flowStart = 5;
            records.back().http.indexInConnection = static_cast<std::uint32_t>(i);
            records.push_back(logged("nginx-json", kStart, i + 1)); // whole seconds: all at the same time
            records.back().client = *Endpoint::parse("10.0.9.213:10095");
        }
        const Snapshot snapshot =
            joined(std::move(records), {connection(5, kStart, kStart + kSecond, "10.0.9.213:10095")});
        QCOMPARE(snapshot.exchanges(), std::size_t{3});
        for (std::int64_t id = 1; id <= 3; ++id) QCOMPARE(cell(snapshot, "line", id), std::to_string(id));
    }

    void withoutAnIdOnlyTheOneCallThatFits() {
        const Snapshot one = joined({seen(kStart, 4), logged("nginx-combined", kStart + kSecond, 7)});
        QCOMPARE(one.exchanges(), std::size_t{1});
        QCOMPARE(cell(one, "joined_by"), std::string("unique-match"));
        QCOMPARE(cell(one, "join_certainty"), std::string("likely"));
        const Snapshot twice =
            joined({seen(kStart, 4), seen(kStart + 10 * kMs, 40), logged("nginx-combined", kStart + kSecond, 7)});
        QCOMPARE(twice.exchanges(), std::size_t{3});
        const Snapshot late = joined({seen(kStart, 4), logged("nginx-combined", kStart + 60 * kSecond, 7)});
        QCOMPARE(late.exchanges(), std::size_t{2});
    }

    void aSizeThatCannotBeIsNoMatch() {
        ExchangeRecord log = logged("nginx-json", kStart, 7);
        log.log.sentBytes = 1; // less than the body of two octets that was seen
        QCOMPARE(joined({seen(kStart, 4), std::move(log)}).exchanges(), std::size_t{2});
        ExchangeRecord fitting = logged("nginx-json", kStart, 7);
        fitting.log.sentBytes = 180;
        QCOMPARE(joined({seen(kStart, 4), std::move(fitting)}).exchanges(), std::size_t{1});
    }

    void clocksAreComparedBySurePairsFirst() {
        constexpr std::int64_t kBehind = 30 * kSecond; // the log's clock is 30 s behind
        std::vector<ExchangeRecord> records;
        records.push_back(seen(kStart, 4, {{"traceparent", kTrace}}));
        records.push_back(logged("nginx-json", kStart - kBehind, 1, {{"traceparent", kTrace}}));
        records.push_back(seen(kStart + 100 * kSecond, 40));
        records.push_back(logged("nginx-json", kStart + 100 * kSecond - kBehind, 2));
        const Snapshot snapshot = joined(std::move(records));
        QCOMPARE(snapshot.exchanges(), std::size_t{2});
        QCOMPARE(snapshot.joins().offsets.size(), std::size_t{1});
        QCOMPARE(snapshot.joins().offsets.front().offsetNs, kBehind);
        QCOMPARE(cell(snapshot, "joined_by", 2), std::string("unique-match"));
        const auto isClockFinding = [](const PlacedFinding& placed) {
            return placed.finding.kind->id == "join.clocks-differ";
        };
        QCOMPARE(std::ranges::count_if(snapshot.findings(), isClockFinding), std::ptrdiff_t{1});
    }

    void twoRecordsOfOneFormatAreTwoCalls() {
        ExchangeRecord first = logged("apim-gateway", kStart, 1);
        ExchangeRecord second = logged("apim-gateway", kStart + kSecond, 2);
        first.log.correlationId = second.log.correlationId = "c-1";
        QCOMPARE(joined({std::move(first), std::move(second)}).exchanges(), std::size_t{2});
    }

    void whatIsLeftIsCountedAndListedOnBothSides() {
        std::vector<ExchangeRecord> records;
        records.push_back(seen(kStart, 4, {{"traceparent", kTrace}}));
        records.push_back(logged("nginx-json", kStart, 1, {{"traceparent", kTrace}}));
        records.push_back(seen(kStart + 200 * kSecond, 40));
        records.push_back(logged("nginx-json", kStart + 400 * kSecond, 2));
        records.push_back(logged("nginx-json", kStart + 600 * kSecond, 3));
        const Snapshot snapshot =
            joined(std::move(records), {connection(70, kStart, kStart + kSecond, "10.0.9.9:1000")});
        const auto& counts = snapshot.joins().counts;
        QCOMPARE(counts.size(), std::size_t{2});
        QVERIFY(!counts[0].isLog && counts[0].joined == 1 && counts[0].unjoined == 1);
        QVERIFY(counts[0].flows == 1 && counts[0].flowsJoined == 0);
        QVERIFY(counts[1].isLog && counts[1].joined == 1 && counts[1].unjoined == 2);
        const auto countOf = [&](std::string_view id) {
            return std::ranges::count_if(snapshot.findings(),
                                         [&](const PlacedFinding& placed) { return placed.finding.kind->id == id; });
        };
        QCOMPARE(countOf("join.no-packets"), std::ptrdiff_t{2});
        QCOMPARE(countOf("join.no-log"), std::ptrdiff_t{2}); // the call of packet 40 and the connection
    }

    void countsOfOneCallAreNotAddedUp() {
        ExchangeRecord packets = seen(kStart, 4, {{"traceparent", kTrace}});
        setTokens(packets, 640, 50, llm::TokenSource::Reported);
        ExchangeRecord log = logged("apim-gateway", kStart, 1, {{"traceparent", kTrace}});
        setTokens(log, 600, 40, llm::TokenSource::Gateway);
        const Snapshot snapshot = joined({std::move(packets), std::move(log)});
        const auto totals = totalsOf(snapshot, snapshot.order());
        QCOMPARE(totals.exchanges, std::uint64_t{1});
        QCOMPARE(cell(snapshot, "input_tokens"), std::string("640"));
        QCOMPARE(cell(snapshot, "token_source"), std::string("reported"));
    }

    void theOrderOfArrivalDoesNotMatter() {
        std::vector<ExchangeRecord> records;
        for (std::uint64_t i = 0; i < 40; ++i) {
            const TimeNs at = kStart + static_cast<TimeNs>(i) * 7 * kSecond;
            const std::string trace =
                "00-62ff160923b2c1724242c037be40e7" + std::to_string(10 + i % 20) + "-4f1b402461a00000-01";
            records.push_back(seen(at, 10 * (i + 1), {{"traceparent", trace}}));
            records.push_back(logged("nginx-json", at, i + 1, {{"traceparent", trace}}));
        }
        const auto describe = [](const Snapshot& snapshot) {
            std::string text;
            for (const Row row : snapshot.order())
                for (const auto* name : {"packet", "line", "joined_by", "source"})
                    text += textOf(snapshot, name, row) + " ";
            return text;
        };
        const std::string expected = describe(joined(records));
        QVERIFY(expected.find("traceparent") != std::string::npos);
        std::mt19937 random(7);
        for (int round = 0; round < 5; ++round) {
            std::ranges::shuffle(records, random);
            QCOMPARE(describe(joined(records)), expected);
        }
    }

    void withoutLogsNothingIsTied() {
        const Snapshot snapshot =
            joined({seen(kStart, 4, {{"traceparent", kTrace}}), seen(kStart, 40, {{"traceparent", kTrace}})});
        QCOMPARE(snapshot.exchanges(), std::size_t{2});
        QVERIFY(snapshot.joins().counts.empty());
    }
};

QTEST_APPLESS_MAIN(JoiningTest)
#include "analysis_joining_test.moc"
