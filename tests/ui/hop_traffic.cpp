// SPDX-License-Identifier: Apache-2.0
#include "tests/ui/hop_traffic.h"

namespace gatescope::ui::test {
namespace {

using path::AddressKind;
using path::Lane;
using path::Role;
using path::Standing;

constexpr TimeNs kStart = 1'773'858'194'203'117'000; // 2026-03-18T18:23:14.203117Z
constexpr TimeNs kMs = 1'000'000;

struct HopCall {
    const char* peer;
    const char* forwardedFor; ///< null: no such header
    bool dataProxy;
    const char* project;
    const char* agent;
    int status;
};

constexpr HopCall kCalls[]{
    {"10.0.9.213:10095", "100.64.9.87;10.0.9.213:10095", true, "sampleproject1", "TestAgent:5", 200},
    {"10.0.9.213:10101", "100.64.9.87;10.0.9.213:10101", true, "sampleproject1", "TestAgent:5", 200},
    {"10.0.9.214:20001", "100.64.12.4;10.0.9.214:20001", true, "sampleproject1", "Helper:1", 200},
    {"10.0.9.213:10107", "100.64.9.87;10.0.9.213:10107", true, "sampleproject1", "TestAgent:5", 429},
    {"10.0.4.7:51001", "100.64.9.87", false, "sampleproject1", "TestAgent:5", 200},
    {"10.0.9.213:10113", "100.64.9.87;10.0.9.213:10113", true, "sampleproject1", "TestAgent:5", 200},
    {"10.0.9.214:20003", "100.64.12.4;10.0.9.214:20003", true, "sampleproject1", "Helper:1", 200},
    {"20.50.1.7:40112", nullptr, false, "", "", 500},
    {"10.0.9.213:10119", "100.64.9.87;10.0.9.213:10119", true, "sampleproject1", "TestAgent:5", 200},
    {"10.0.4.7:51007", "100.64.9.87", false, "sampleproject1", "TestAgent:5", 200},
    {"10.0.9.214:20009", "100.64.12.4;10.0.9.214:20009", true, "sampleproject1", "Helper:1", 200},
    {"10.0.9.213:10125", "100.64.9.87;10.0.9.213:10125", true, "sampleproject1", "TestAgent:5", 200},
};

void addDataProxyMarks(http::HeaderList& headers, const std::string& agentAddress) {
    headers.add("x-envoy-external-address", agentAddress);
    headers.add("x-envoy-expected-rq-timeout-ms", "1800000");
    headers.add("x-k8se-app-name", "j8820a1b2c3d4-dataproxy--vuww7ja");
    headers.add("x-k8se-app-namespace", "k8se-apps");
    headers.add("x-k8se-protocol", "http1");
    headers.add("x-ms-containerapp-name", "j8820a1b2c3d4-dataproxy");
    headers.add("x-ms-containerapp-revision-name", "j8820a1b2c3d4-dataproxy--vuww7ja");
}

analysis::ExchangeRecord recordOf(const HopCall& call, int second, std::uint64_t flowStart) {
    analysis::ExchangeRecord record;
    record.flowStart = flowStart;
    record.client = *Endpoint::parse(call.peer);
    record.server = *Endpoint::parse("10.0.4.12:80");
    const TimeNs begin = kStart + second * 1'000 * kMs;
    auto& http = record.http;
    http.request.method = "POST";
    http.request.target = "/openai/deployments/gpt-4o/chat/completions?api-version=2025-03-01-preview";
    auto& headers = http.request.headers;
    headers.add("Host", "apimeus.azure-api.net");
    headers.add("api-key", kSecret);
    headers.add("CLIENT-IP", call.peer);
    if (call.forwardedFor) headers.add("X-Forwarded-For", call.forwardedFor);
    if (*call.project) {
        headers.add("openai-project", call.project);
        headers.add("x-ms-foundry-project-id", "455cbebf-0000-4c1f-9a35-2f2e1f0a7d11");
        headers.add("x-ms-foundry-agent-id", call.agent);
    }
    if (call.dataProxy) {
        const std::string list = call.forwardedFor;
        addDataProxyMarks(headers, list.substr(0, list.find(';')));
    }
    http.requestTrace = {begin, begin + kMs, flowStart, flowStart + 1, 474, true, true, false};
    http.response.status = call.status;
    http.response.headers.add("Content-Type", "application/json");
    http.response.headers.add("x-ms-region", "East US 2");
    if (second >= 6) http.response.headers.add("x-ms-deployment-name", "gpt-4o"); // only in the second half
    http.responseTrace = {begin + 600 * kMs, begin + 900 * kMs, flowStart + 2, flowStart + 9, 900, true, true, false};
    auto& facts = record.call;
    facts.api = "openai.chat";
    facts.identity.project = call.project;
    const std::string agent = call.agent;
    facts.identity.agent = agent.substr(0, agent.find(':'));
    facts.model = facts.deployment = "gpt-4o";
    if (call.status == 200) {
        facts.usage.input = 1'000;
        facts.usage.output = 200;
        facts.usage.total = 1'200;
        facts.usage.source = llm::TokenSource::Reported;
    }
    return record;
}

analysis::PathTotals totals(std::uint64_t calls, std::uint64_t errors, std::uint64_t throttled,
                            std::optional<std::int64_t> tokens) {
    return {.exchanges = calls,
            .errors = errors,
            .throttled = throttled,
            .totalTokens = tokens,
            .durationP95 = 2'100 * kMs,
            .firstTime = kStart,
            .lastTime = kStart + 60'000 * kMs};
}

analysis::PathNode node(Lane lane, Role role, const char* address, AddressKind kind, const char* name,
                        Standing standing, const analysis::PathTotals& sums) {
    analysis::PathNode node;
    node.lane = lane;
    node.role = role;
    node.address = address;
    node.kind = kind;
    node.name = name;
    node.standing = standing;
    node.totals = sums;
    return node;
}

} // namespace

analysis::Batch hopBatch() {
    analysis::Batch batch;
    std::uint64_t flow = 1;
    int second = 0;
    for (const auto& call : kCalls) {
        auto exchange = recordOf(call, second++, flow);
        analysis::FlowRecord line;
        line.firstPacket = flow;
        line.firstTime = line.lastTime = exchange.http.requestTrace.firstByte;
        line.client = exchange.client;
        line.server = exchange.server;
        line.packets = 12;
        line.protocol = "http/1.1";
        batch.flows.push_back(line);
        batch.exchanges.push_back(std::move(exchange));
        flow += 50;
    }
    return batch;
}

analysis::Snapshot hopSnapshot() {
    analysis::Dataset dataset({"hops.pcapng"});
    dataset.append(hopBatch());
    dataset.finish();
    return dataset.snapshot();
}

analysis::PathGraph handMadeGraph() {
    analysis::PathGraph graph;
    const auto most = totals(812, 12, 12, 1'204'331);
    graph.nodes.push_back(node(Lane::ManagedCompute, Role::Agent, "100.64.9.87", AddressKind::Cgnat, "TestAgent",
                               Standing::Claimed, most));
    graph.nodes.back().rangeName = "Foundry agent platform reserved";
    graph.nodes.back().evidence = {{"x-forwarded-for", "100.64.9.87", false},
                                   {"x-envoy-external-address", "100.64.9.87", false},
                                   {"x-real-ip", "10.0.4.7", true}};
    graph.nodes.push_back(node(Lane::ManagedCompute, Role::DataProxy, "", AddressKind::Public, "j8820-dataproxy",
                               Standing::Inferred, most));
    graph.nodes.push_back(
        node(Lane::DelegatedSubnet, Role::Proxy, "10.0.9.213", AddressKind::Private, "", Standing::Proven, most));
    graph.nodes.back().subnet = "agents";
    graph.nodes.back().ports = 14;
    graph.nodes.push_back(node(Lane::Gateway, Role::Gateway, "10.0.4.12", AddressKind::Private, "apimeus.azure-api.net",
                               Standing::Seen, most));
    graph.nodes.push_back(node(Lane::Backend, Role::Backend, "", AddressKind::Public, "eastus2", Standing::Claimed,
                               totals(800, 0, 0, 1'204'331)));
    graph.nodes.push_back(node(Lane::Backend, Role::Backend, "", AddressKind::Public, "westus3", Standing::Claimed,
                               totals(12, 12, 12, {})));
    graph.edges = {{0, 1, Standing::Claimed, true, "", most},
                   {1, 2, Standing::Inferred, false, "", most},
                   {2, 3, Standing::Proven, false, "TLS 1.3, apimeus.azure-api.net", most},
                   {3, 4, Standing::Claimed, false, "", totals(800, 0, 0, 1'204'331)},
                   {3, 5, Standing::Claimed, false, "", totals(12, 12, 12, {})}};
    analysis::PathSummary path;
    path.nodes = {0, 1, 2, 3, 4};
    path.totals = totals(800, 0, 0, 1'204'331);
    path.example.effectiveClientText = "100.64.9.87";
    path.example.verifiedBy = IpAddress::parse("10.0.9.213");
    graph.paths.push_back(path);
    path.nodes.back() = 5;
    path.totals = totals(12, 12, 12, {});
    path.example.verifiedBy.reset();
    graph.paths.push_back(path);
    return graph;
}

analysis::PathGraph wideGraph(std::uint32_t agents) {
    analysis::PathGraph graph;
    for (std::uint32_t i = 0; i < agents; ++i) {
        const std::string address = "100.64." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1);
        auto sums = totals(1 + i % 40, i % 7 == 0 ? 1 : 0, 0, 1'000);
        sums.firstTime = kStart + i * kMs;
        graph.nodes.push_back(node(Lane::ManagedCompute, Role::Agent, address.c_str(), AddressKind::Cgnat, "TestAgent",
                                   Standing::Claimed, sums));
        graph.edges.push_back({i, agents, Standing::Claimed, false, "", sums});
    }
    graph.nodes.push_back(node(Lane::Gateway, Role::Gateway, "10.0.4.12", AddressKind::Private, "apimeus.azure-api.net",
                               Standing::Seen, totals(agents * 20, 0, 0, 1'000)));
    return graph;
}

} // namespace gatescope::ui::test
