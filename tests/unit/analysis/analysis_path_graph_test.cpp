// SPDX-License-Identifier: Apache-2.0
#include <QElapsedTimer>
#include <QTest>

#include "core/analysis/filter.h"
#include "core/analysis/grouping.h"
#include "core/analysis/path_graph.h"
#include "core/analysis/path_ways.h"
#include "tests/unit/analysis/records.h"

#include <algorithm>
#include <set>

using namespace gatescope;
using namespace gatescope::analysis;
using namespace gatescope::analysis::test;

namespace {

/// A call of an agent behind its data proxy, seen in packets on the leg from the data proxy to the gateway.
ExchangeRecord agentCall(int number, std::string agent, std::string project = "p1",
                         const std::string& proxy = "10.0.9.213", int status = 200) {
    const std::string port = std::to_string(10000 + number);
    const std::string container = agent == "A" ? "100.64.9.87" : "100.64.9.88";
    ExchangeRecord record = callAt(kStart + number * 1000 * kMs, project, agent, "gpt-4o", 100, status);
    record.client = *Endpoint::parse(proxy + ":" + port);
    record.server = *Endpoint::parse("10.0.1.4:443");
    record.flowStart = static_cast<std::uint64_t>(number) + 1;
    addHeaders(record.http.request.headers, {{"Host", "gw.example"},
                                             {"x-ms-foundry-agent-id", agent + ":3"},
                                             {"x-ms-foundry-project-id", project},
                                             {"x-ms-foundry-model-id", "conn/gpt-4o"},
                                             {"x-ms-client-request-id", "id-" + std::to_string(number)},
                                             {"x-forwarded-for", container + ", " + proxy + ":" + port},
                                             {"x-envoy-external-address", container},
                                             {"x-k8se-app-name", "j88-dataproxy--a"},
                                             {"client-ip", proxy + ":" + port}});
    return record;
}

std::vector<ExchangeRecord> twoAgents() {
    std::vector<ExchangeRecord> records;
    for (int i = 0; i < 6; ++i) records.push_back(agentCall(i, "A"));
    for (int i = 6; i < 10; ++i) records.push_back(agentCall(i, "B", "p1", "10.0.9.213", i == 9 ? 429 : 200));
    records.back().http.response.status = 429;
    return records;
}

const PathNode* find(const PathGraph& graph, path::Role role, std::string_view address = {},
                     std::string_view name = {}) {
    for (const PathNode& node : graph.nodes)
        if (node.role == role && (address.empty() || node.address == address) && (name.empty() || node.name == name))
            return &node;
    return nullptr;
}

std::vector<std::string> ids(const std::vector<PlacedFinding>& findings) {
    std::vector<std::string> result;
    for (const PlacedFinding& placed : findings) result.emplace_back(placed.finding.kind->id);
    return result;
}

bool has(const std::vector<PlacedFinding>& findings, std::string_view id) {
    return std::ranges::any_of(findings, [&](const PlacedFinding& placed) { return placed.finding.kind->id == id; });
}

PathGraph graphOf(const Snapshot& snapshot, const PathOptions& options = {}) {
    return pathGraph(snapshot, snapshot.order(), options);
}

/// Everything about a graph that is shown, as text.
std::string told(const PathGraph& graph) {
    std::string text;
    for (const PathNode& node : graph.nodes)
        text += std::string(toString(node.lane)) + node.address + node.name + std::to_string(node.totals.exchanges) +
                std::to_string(node.ports) + '\n';
    for (const PathEdge& edge : graph.edges)
        text += std::to_string(edge.from) + '>' + std::to_string(edge.to) + edge.label +
                std::to_string(edge.totals.exchanges) + '\n';
    for (const PlacedFinding& placed : graph.findings) {
        text += std::string(placed.finding.kind->id);
        for (const std::string& evidence : placed.finding.evidence) text += '|' + evidence;
        text += '\n';
    }
    return text;
}

} // namespace

class AnalysisPathGraphTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void nodesEdgesAndTotals();
    void standings();
    void sameForAnyOrderOfArrival();
    void totalsAgreeWithGroups();
    void smallNodesArePutTogether();
    void rowsWithoutPath();
    void nodeConditionsFindTheirExchanges();
    void equalFindingsAreOne();
    void projectFromTwoSubnets();
    void clientRequestIdConstant();
    void secretsOnceForEachInput();
    void logsWithoutIdentity();
    void trustChangesTheClient();
    void stops();
    void limitOfWays();
    void fewWaysAreQuick();
};

void AnalysisPathGraphTest::nodesEdgesAndTotals() {
    const Snapshot snapshot = snapshotOf(twoAgents());
    const PathGraph graph = graphOf(snapshot);
    QCOMPARE(graph.paths.size(), 2U);
    QCOMPARE(graph.paths[0].totals.exchanges, 6U); // most exchanges first
    QCOMPARE(graph.paths[1].totals.exchanges, 4U);
    QCOMPARE(graph.paths[1].totals.throttled, 1U);
    QCOMPARE(graph.paths[1].totals.errors, 1U);
    const PathNode* const proxy = find(graph, path::Role::Proxy, "10.0.9.213");
    QVERIFY(proxy != nullptr);
    QCOMPARE(proxy->totals.exchanges, 10U);
    QCOMPARE(*proxy->totals.totalTokens, 1000);
    QCOMPARE(proxy->totals.errors, 1U);
    QCOMPARE(proxy->ports, 10U); // a new source port for each call
    QVERIFY(proxy->standing == path::Standing::Seen);
    QVERIFY(proxy->lane == path::Lane::DelegatedSubnet);
    const PathNode* const agent = find(graph, path::Role::Agent, "100.64.9.87", "A");
    QVERIFY(agent != nullptr);
    QCOMPARE(agent->totals.exchanges, 6U);
    QCOMPARE(*agent->totals.durationP95, 10 * kMs); // each call takes 10 ms
    QCOMPARE(agent->rangeName, std::string("Foundry agent platform reserved"));
    QCOMPARE(agent->ports, 0U);
    for (const PathEdge& edge : graph.edges) QVERIFY(graph.nodes[edge.from].lane <= graph.nodes[edge.to].lane);
    const auto toGateway = std::ranges::find_if(
        graph.edges, [&](const PathEdge& edge) { return graph.nodes[edge.to].role == path::Role::Gateway; });
    QVERIFY(toGateway != graph.edges.end());
    QCOMPARE(toGateway->totals.exchanges, 10U);
    QCOMPARE(toGateway->label, std::string("no TLS, gw.example"));
    QCOMPARE(graph.withoutPath, 0U);
    QCOMPARE(graph.paths[0].firstRow, snapshot.order()[0]);
}

void AnalysisPathGraphTest::standings() {
    const Snapshot snapshot = snapshotOf(twoAgents());
    const PathGraph graph = graphOf(snapshot);
    for (const PathEdge& edge : graph.edges) {
        const PathNode& from = graph.nodes[edge.from];
        const PathNode& to = graph.nodes[edge.to];
        if (from.role == path::Role::Proxy) QVERIFY(edge.standing == path::Standing::Seen);
        if (to.role == path::Role::AppIngress) QVERIFY(edge.standing == path::Standing::Inferred);
        if (to.role == path::Role::Model) QVERIFY(edge.gap); // no backend is shown
    }
}

void AnalysisPathGraphTest::sameForAnyOrderOfArrival() {
    std::vector<ExchangeRecord> records = twoAgents();
    const Snapshot sorted = snapshotOf(twoAgents());
    std::ranges::reverse(records);
    std::swap(records[2], records[7]);
    const Snapshot mixed = snapshotOf(std::move(records));
    const PathGraph a = graphOf(sorted);
    const PathGraph b = graphOf(mixed);
    QCOMPARE(told(a), told(b));
    QCOMPARE(sorted.id(a.paths[0].firstRow), mixed.id(b.paths[0].firstRow));
}

void AnalysisPathGraphTest::totalsAgreeWithGroups() {
    const Snapshot snapshot = snapshotOf(twoAgents());
    const PathGraph graph = graphOf(snapshot);
    for (const Group& group : groupBy(snapshot, snapshot.order(), {field("agent")})) {
        const PathNode* const agent = find(graph, path::Role::Agent, {}, *group.key[0]);
        QVERIFY(agent != nullptr);
        QCOMPARE(agent->totals.exchanges, group.totals.exchanges);
        QCOMPARE(*agent->totals.totalTokens, group.totals.totalTokens);
        QCOMPARE(agent->totals.errors, group.totals.errors);
        QVERIFY(agent->totals.durationP95 == group.totals.durationP95);
        QCOMPARE(agent->totals.firstTime, group.totals.firstTime);
        QCOMPARE(agent->totals.lastTime, group.totals.lastTime);
    }
}

void AnalysisPathGraphTest::smallNodesArePutTogether() {
    std::vector<ExchangeRecord> records;
    int number = 0;
    for (int client = 1; client <= 5; ++client)
        for (int call = 0; call < client; ++call) {
            records.push_back(exchangeAt(kStart + number++ * kMs, "/", {{"Host", "gw.example"}}));
            records.back().client = *Endpoint::parse("10.5.0." + std::to_string(client) + ":40000");
        }
    const Snapshot snapshot = snapshotOf(std::move(records));
    PathOptions options;
    options.maxNodesPerLane = 3;
    const PathGraph graph = graphOf(snapshot, options);
    std::vector<const PathNode*> clients;
    for (const PathNode& node : graph.nodes)
        if (node.lane == path::Lane::ClientNetwork) clients.push_back(&node);
    QCOMPARE(clients.size(), 3U);
    QCOMPARE(clients[0]->address, std::string("10.5.0.5"));
    QCOMPARE(clients[1]->address, std::string("10.5.0.4"));
    QCOMPARE(clients[2]->groupedNodes, 3U);
    QCOMPARE(clients[2]->totals.exchanges, 1U + 2 + 3);
    QCOMPARE(nodeCondition(*clients[2]), std::string());
    QCOMPARE(graph.edges.size(), 3U);
    options.maxNodesPerLane = 5;
    QCOMPARE(graphOf(snapshot, options).edges.size(), 5U);
}

void AnalysisPathGraphTest::rowsWithoutPath() {
    ExchangeRecord record = exchangeAt(kStart, "/");
    record.source = "nginx-json";
    record.client = {};
    record.server = {};
    const Snapshot snapshot = snapshotOf({record});
    const PathGraph graph = graphOf(snapshot);
    QCOMPARE(graph.withoutPath, 1U);
    QVERIFY(graph.nodes.empty() && graph.paths.empty() && graph.edges.empty());
}

void AnalysisPathGraphTest::nodeConditionsFindTheirExchanges() {
    const Snapshot snapshot = snapshotOf(twoAgents());
    const PathGraph graph = graphOf(snapshot);
    std::size_t checked = 0;
    for (const PathNode& node : graph.nodes) {
        const std::string condition = nodeCondition(node);
        if (condition.empty()) continue;
        const auto filter = Filter::parse(condition);
        QVERIFY2(filter.has_value(), condition.c_str());
        QVERIFY2(filter->apply(snapshot, snapshot.order()).size() == node.totals.exchanges, condition.c_str());
        ++checked;
    }
    QVERIFY(checked >= 5); // two agents, proxy, gateway, model
}

void AnalysisPathGraphTest::equalFindingsAreOne() {
    std::vector<ExchangeRecord> records;
    for (int i = 0; i < 5; ++i) {
        records.push_back(exchangeAt(kStart + i * kMs, "/", {{"x-ms-spillover-deployment", i < 3 ? "std" : "other"}}));
        records.back().client = *Endpoint::parse("10.5.0.1:" + std::to_string(40000 + i));
    }
    const Snapshot snapshot = snapshotOf(std::move(records));
    const auto findings = pathFindings(snapshot, snapshot.order(), {});
    QCOMPARE(ids(findings), (std::vector<std::string>{"sec.spillover-steering", "sec.spillover-steering"}));
    QCOMPARE(findings[0].finding.evidence.back(), std::string("3 exchanges"));
    QCOMPARE(findings[1].finding.evidence.back(), std::string("2 exchanges"));
    QCOMPARE(snapshot.id(*findings[1].row), 4);
    QCOMPARE(*findings[0].finding.packet, 4U);
}

void AnalysisPathGraphTest::projectFromTwoSubnets() {
    std::vector<ExchangeRecord> records{agentCall(0, "A", "p1", "10.0.9.213"), agentCall(1, "A", "p1", "10.0.9.214"),
                                        agentCall(2, "A", "p2", "10.0.9.213")};
    QVERIFY(!has(graphOf(snapshotOf(records)).findings, "path.multi-subnet-project")); // one /24
    records.push_back(agentCall(3, "A", "p1", "10.0.77.5"));
    const Snapshot snapshot = snapshotOf(records);
    const auto findings = graphOf(snapshot).findings;
    const auto found = std::ranges::find_if(
        findings, [](const PlacedFinding& placed) { return placed.finding.kind->id == "path.multi-subnet-project"; });
    QVERIFY(found != findings.end());
    QCOMPARE(found->finding.evidence[0], std::string("project: p1"));
    QCOMPARE(found->finding.evidence[1], std::string("subnets: 10.0.77.0/24, 10.0.9.0/24"));
    QCOMPARE(snapshot.id(*found->row), 4); // where the second one was new
    // One subnet in the topology is one, however large.
    path::Trust trust;
    trust.subnets.push_back(*path::parseTrusted("10.0.0.0/16"));
    QVERIFY(!has(pathFindings(snapshot, snapshot.order(), trust), "path.multi-subnet-project"));
    // Two TLS clients.
    std::vector<ExchangeRecord> two{agentCall(0, "A"), agentCall(1, "A")};
    two[0].http.request.headers.add("x-azure-ja4-fingerprint", "t13d1113h2_d3731e0d3936_000000000000");
    two[1].http.request.headers.add("x-azure-ja4-fingerprint", "t13d1113h2_d3731e0d3936_000000000001");
    QVERIFY(has(graphOf(snapshotOf(two)).findings, "path.multi-subnet-project"));
}

void AnalysisPathGraphTest::clientRequestIdConstant() {
    std::vector<ExchangeRecord> records{agentCall(0, "A"), agentCall(0, "A")};
    QVERIFY(has(graphOf(snapshotOf(records)).findings, "id.client-request-id-constant"));
    records[1] = agentCall(1, "A");
    QVERIFY(!has(graphOf(snapshotOf(records)).findings, "id.client-request-id-constant"));
    records.pop_back(); // one request says nothing
    QVERIFY(!has(graphOf(snapshotOf(records)).findings, "id.client-request-id-constant"));
}

void AnalysisPathGraphTest::secretsOnceForEachInput() {
    std::vector<ExchangeRecord> records;
    for (int i = 0; i < 6; ++i) {
        ExchangeRecord record =
            exchangeAt(kStart + i * kMs, "/", {{"api-key", i == 0 ? "REDACTED" : "s3cr3tkey" + std::to_string(i)}});
        record.input = static_cast<std::uint32_t>(i % 2);
        if (record.input == 1) record.source = "har";
        records.push_back(std::move(record));
    }
    const Snapshot snapshot = snapshotOf(std::move(records), {"a.pcap", "b.har"});
    const auto findings = pathFindings(snapshot, snapshot.order(), {});
    QCOMPARE(ids(findings), (std::vector<std::string>{"sec.secret-in-capture", "sec.secret-in-capture"}));
    QVERIFY(findings[0].finding.kind->severity == Severity::High); // in a file that people pass around
    QVERIFY(findings[1].finding.kind->severity == Severity::Info);
    QCOMPARE(snapshot.id(*findings[1].row), 3); // the first of the capture is masked
    for (const PlacedFinding& placed : findings)
        for (const std::string& evidence : placed.finding.evidence)
            QVERIFY(evidence.find("s3cr3t") == std::string::npos);
}

void AnalysisPathGraphTest::logsWithoutIdentity() {
    ExchangeRecord logged = callAt(kStart, "", "", "gpt-4o", 10);
    logged.source = "apim-gateway";
    QVERIFY(has(graphOf(snapshotOf({logged})).findings, "log.header-not-logged"));
    logged.call.identity.project = "p1";
    QVERIFY(!has(graphOf(snapshotOf({logged})).findings, "log.header-not-logged"));
    logged.call.identity.project.clear();
    logged.source = "packets";
    QVERIFY(!has(graphOf(snapshotOf({logged})).findings, "log.header-not-logged"));
}

void AnalysisPathGraphTest::trustChangesTheClient() {
    const Snapshot snapshot = snapshotOf(twoAgents());
    auto trust = std::make_shared<path::Trust>();
    trust->subnets.push_back(*path::parseTrusted("10.0.9.0/24"));
    const PathGraph graph = graphOf(snapshot, {trust, 0});
    QCOMPARE(graph.paths[0].example.effectiveClientText, std::string("100.64.9.87"));
    QCOMPARE(graphOf(snapshot).paths[0].example.effectiveClientText, std::string("10.0.9.213"));
    QCOMPARE(pathOf(snapshot, snapshot.order()[0], *trust).effectiveClientText, std::string("100.64.9.87"));
}

void AnalysisPathGraphTest::stops() {
    const Snapshot snapshot = snapshotOf(twoAgents());
    const PathGraph graph = pathGraph(snapshot, snapshot.order(), {}, [] { return true; });
    QVERIFY(graph.nodes.empty() && graph.paths.empty());
}

void AnalysisPathGraphTest::limitOfWays() {
    std::vector<ExchangeRecord> records;
    for (std::size_t i = 0; i < PathWays::kMaxWays + 7; ++i) {
        const std::string client =
            "10." + std::to_string(i >> 16) + '.' + std::to_string(i >> 8 & 255) + '.' + std::to_string(i & 255);
        records.push_back(exchangeAt(kStart + static_cast<TimeNs>(i), "/", {{"x-forwarded-for", client}}));
    }
    const Snapshot snapshot = snapshotOf(std::move(records));
    const PathWays ways = pathWays(snapshot, snapshot.order());
    QCOMPARE(ways.ways.size(), PathWays::kMaxWays);
    QCOMPARE(ways.beyondLimit, 7U);
    const PathGraph graph = graphOf(snapshot);
    QCOMPARE(graph.withoutPath, 7U);
    QVERIFY(has(graph.findings, "path.too-many-ways"));
}

/// Ports and request ids do not make a way, so many calls cost little more than their columns.
void AnalysisPathGraphTest::fewWaysAreQuick() {
    constexpr int kCalls = 20'000;
    std::vector<ExchangeRecord> records;
    for (int i = 0; i < kCalls; ++i) records.push_back(agentCall(i, i % 3 ? "A" : "B"));
    const Snapshot snapshot = snapshotOf(std::move(records));
    QElapsedTimer timer;
    timer.start();
    const PathGraph graph = graphOf(snapshot);
    QVERIFY2(timer.elapsed() < 2000, "took over 0.1 ms an exchange");
    QCOMPARE(graph.paths.size(), 2U);
    QCOMPARE(pathWays(snapshot, snapshot.order()).ways.size(), 2U);
    QCOMPARE(find(graph, path::Role::Proxy)->ports, static_cast<std::uint64_t>(kCalls));
}

QTEST_APPLESS_MAIN(AnalysisPathGraphTest)
#include "analysis_path_graph_test.moc"
