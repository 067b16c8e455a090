// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/unit/path/sample_requests.h"

#include "core/path/connection_label.h"
#include "core/path/trace_context.h"
#include "core/path/trust_suggestion.h"
#include "core/path/well_known.h"

#include <QFile>
#include <nlohmann/json.hpp>

using namespace gatescope;
using namespace gatescope::path;
using namespace gatescope::path::test;

namespace {

Subnet subnet(const char* cidr, const char* role, bool trusted, const char* name = "") {
    Subnet result = parseTrusted(cidr).value();
    result.role = role;
    result.trusted = trusted;
    result.name = name;
    return result;
}

std::string lines(std::initializer_list<const char*> list) {
    std::string text;
    for (const char* line : list) text += (text.empty() ? "" : "\n") + std::string(line);
    return text;
}

/// The dump of the first article, if the shared files are there.
std::optional<nlohmann::ordered_json> seedDump() {
    QFile file(qEnvironmentVariable("GATESCOPE_SHARED", GATESCOPE_SOURCE_DIR "/../shared") +
               "/corpus/header-dumps/foundry-byo-gateway-apim-request.json");
    if (!file.open(QIODevice::ReadOnly)) return std::nullopt;
    return nlohmann::ordered_json::parse(file.readAll().toStdString());
}

} // namespace

class PathSourcePathTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void agentCallWithoutTrust();
    void agentCallWithTrust();
    void seedDumpFacts();
    void packetsOfTheFrontLeg();
    void packetsBehindTheGateway();
    void packetsBehindTheGatewayUnexplained();
    void packetsBeforeTheDataProxy();
    void managedNetwork();
    void applicationGateway();
    void frontDoor();
    void directClient();
    void directToTheModel();
    void containerAppAsGateway();
    void logOnly();
    void invented();
    void onlyForwarded();
    void nothing();
    void labels();
    void lanesNeverGoBack();
};

void PathSourcePathTest::agentCallWithoutTrust() {
    const Request request(agentCall());
    const SourcePath path = readPath(request.input, {});
    QCOMPARE(
        drawn(path),
        lines({"managed-compute agent 100.64.9.87 Helper claimed", "managed-compute app-ingress inferred",
               "managed-compute data-proxy j88-dataproxy claimed", "delegated-subnet proxy 10.0.9.213:10095 proven",
               "private-endpoint front-end apimx.azure-api.net proven", "gateway gateway apimx.azure-api.net proven",
               "~ model model gpt-4o claimed"}));
    QCOMPARE(path.effectiveClientText, std::string("10.0.9.213"));
    QVERIFY(!path.verifiedBy);
    QCOMPARE(path.clientHops, (std::vector<std::size_t>{0, 3}));
    QCOMPARE(findingIds(path), std::vector<std::string>{});
    const auto suggestion = suggestTrust(path);
    QVERIFY(suggestion.has_value());
    QCOMPARE(suggestion->cidr, std::string("10.0.9.0/24"));
    QCOMPARE(suggestion->client.toString(), std::string("100.64.9.87"));
}

void PathSourcePathTest::agentCallWithTrust() {
    const Request request(agentCall());
    const SourcePath path = readPath(request.input, trusting({"10.0.9.0/24"}));
    QCOMPARE(path.effectiveClientText, std::string("100.64.9.87"));
    QCOMPARE(path.verifiedBy->toString(), std::string("10.0.9.213"));
    QVERIFY(path.hops[0].standing == Standing::Proven);
    QVERIFY(path.hops[2].standing == Standing::Proven); // the trusted hop's own statement
    QVERIFY(path.hops[3].trusted && !path.hops[0].trusted);
    QVERIFY(!suggestTrust(path));
    QCOMPARE(findingIds(path), std::vector<std::string>{});
}

/// The regression facts that the dump must keep to.
void PathSourcePathTest::seedDumpFacts() {
    const auto dump = seedDump();
    if (!dump) QSKIP("the shared files are not here");
    Fields fields;
    for (const auto& [name, value] : dump->items()) fields.emplace_back(name, value.get<std::string>());
    QCOMPARE(fields.size(), 35U);
    Request request(fields);
    const auto header = [&](const char* name) { return request.headers.find(name).value_or(std::string_view()); };
    request.input.target = header("x-original-url");
    const auto list = header("x-forwarded-for");
    QCOMPARE(list.find(';') != std::string_view::npos, true);
    const SourcePath path = readPath(request.input, trusting({"10.0.9.0/24"}));
    QCOMPARE(path.clientHops.size(), 2U);
    const Hop& agent = path.hops[path.clientHops[0]];
    const Hop& proxy = path.hops[path.clientHops[1]];
    QCOMPARE(agent.address->toString(), std::string("100.64.9.87"));
    QVERIFY(agent.addressClass.kind == AddressKind::Cgnat);
    QCOMPARE(std::string(agent.addressClass.ranges.at(0)->name), std::string("Foundry agent platform reserved"));
    QVERIFY(agent.role == Role::Agent);
    QCOMPARE(proxy.port, 10095);
    QCOMPARE(statedPeer(request.headers)->toString(), std::string("10.0.9.213:10095")); // CLIENT-IP is the last entry
    QCOMPARE(path.effectiveClientText, std::string("100.64.9.87"));
    QCOMPARE(path.verifiedBy->toString(), std::string("10.0.9.213"));
    QCOMPARE(readPath(request.input, {}).effectiveClientText, std::string("10.0.9.213"));
    // Host, embedded target, TLS version, certificate and model agree, so there is no finding.
    QCOMPARE(findingIds(path), std::vector<std::string>{});
    QCOMPARE(findingIds(readPath(request.input, {})), std::vector<std::string>{});
    QVERIFY(!leafSpanId(header("correlation-context"))); // its last digits are masked
    for (const char* absent : {"user-agent", "x-azure-ref", "x-appgw-trace-id"}) QVERIFY(header(absent).empty());
}

void PathSourcePathTest::packetsOfTheFrontLeg() {
    Request request(agentCall());
    request.input.packetClient = Endpoint::parse("10.0.9.213:10095");
    request.input.packetServer = Endpoint::parse("10.0.9.4:443");
    const SourcePath path = readPath(request.input, {});
    QVERIFY(path.hops[3].standing == Standing::Seen);
    QCOMPARE(drawn({{path.hops[4]}, {}, {}, {}, {}, {}}),
             std::string("private-endpoint front-end 10.0.9.4:443 apimx.azure-api.net seen"));
    QCOMPARE(findingIds(path), std::vector<std::string>{});
}

void PathSourcePathTest::packetsBehindTheGateway() {
    Request request(agentCall(), {{"x-ms-region", "East US 2"}, {"x-ms-deployment-name", "gpt-4o"}});
    request.input.packetClient = Endpoint::parse("10.0.20.10:48230");
    request.input.packetServer = Endpoint::parse("10.0.20.11:8080");
    Trust trust;
    trust.subnets = {subnet("10.0.9.192/27", "agent-subnet", true, "agents"), subnet("10.0.20.10", "gateway", true),
                     subnet("10.0.20.11", "backend", false, "East")};
    const SourcePath path = readPath(request.input, trust);
    QCOMPARE(drawn(path),
             lines({"managed-compute agent 100.64.9.87 Helper proven", "managed-compute app-ingress inferred",
                    "managed-compute data-proxy j88-dataproxy proven", "delegated-subnet proxy 10.0.9.213:10095 proven",
                    "private-endpoint front-end apimx.azure-api.net proven",
                    "gateway gateway 10.0.20.10:48230 apimx.azure-api.net seen",
                    "backend backend 10.0.20.11:8080 East US 2 seen", "model model gpt-4o proven"}));
    QCOMPARE(path.effectiveClientText, std::string("100.64.9.87"));
    QCOMPARE(path.verifiedBy->toString(), std::string("10.0.9.213"));
    QCOMPARE(path.hops[3].subnet, std::string("agents"));
    QCOMPARE(findingIds(path), std::vector<std::string>{}); // the gateway is a known hop between
}

void PathSourcePathTest::packetsBehindTheGatewayUnexplained() {
    Request request(agentCall());
    request.input.packetClient = Endpoint::parse("10.0.20.10:48230");
    request.input.packetServer = Endpoint::parse("10.0.20.11:8080");
    const SourcePath path = readPath(request.input, {});
    QCOMPARE(path.effectiveClientText, std::string("10.0.20.10"));
    QCOMPARE(findingIds(path), std::vector<std::string>{"path.claims-disagree"});
    QVERIFY(std::ranges::none_of(path.hops, [](const Hop& hop) { return hop.standing == Standing::Proven; }));
    const auto peer = std::ranges::find(path.hops, Standing::Seen, &Hop::standing);
    QVERIFY(std::ranges::any_of(peer->evidence, &Evidence::against));
}

void PathSourcePathTest::packetsBeforeTheDataProxy() {
    Request request(Fields{{"host", "100.64.9.1"}, {"x-ms-foundry-model-id", "conn/gpt-4o"}});
    request.input.target = "/v1/https/apimx.azure-api.net/openai/deployments/gpt-4o/chat/completions";
    request.input.packetClient = Endpoint::parse("100.64.9.88:56825");
    request.input.packetServer = Endpoint::parse("100.64.9.1:80");
    const SourcePath path = readPath(request.input, {});
    QCOMPARE(drawn(path),
             lines({"managed-compute agent 100.64.9.88:56825 seen", "managed-compute data-proxy 100.64.9.1:80 seen",
                    "~ gateway gateway apimx.azure-api.net claimed", "~ model model gpt-4o claimed"}));
    QCOMPARE(findingIds(path), std::vector<std::string>{});
}

/// A managed virtual network shows no address of the customer.
void PathSourcePathTest::managedNetwork() {
    const Request request(
        with(with(agentCall(), "x-forwarded-for", "100.64.9.87, 100.64.200.7:4000"), "client-ip", "100.64.200.7:4000"));
    const SourcePath path = readPath(request.input, {});
    QVERIFY(std::ranges::none_of(path.hops, [](const Hop& hop) { return hop.lane == Lane::DelegatedSubnet; }));
    QVERIFY(drawn(path).find("100.64.200.7:4000 proven") != std::string::npos);
}

void PathSourcePathTest::applicationGateway() {
    Request request(Fields{{"host", "gw.example"},
                           {"x-appgw-trace-id", "abc"},
                           {"x-original-host", "ai.example"},
                           {"x-forwarded-for", "198.51.100.7:40000"}});
    request.input.packetClient = Endpoint::parse("10.1.0.5:5000");
    request.input.packetServer = Endpoint::parse("10.2.0.4:443");
    const SourcePath path = readPath(request.input, trusting({"10.1.0.0/24"}));
    QCOMPARE(drawn(path),
             lines({"client-network client 198.51.100.7:40000 proven", "edge app-gateway 10.1.0.5:5000 seen",
                    "gateway gateway 10.2.0.4:443 gw.example seen", "~ model model gpt-4o claimed"}));
    // Without its address it is there all the same, and who connected is not shown.
    const Request dump(
        {{"host", "gw.example"}, {"x-appgw-trace-id", "abc"}, {"x-forwarded-for", "198.51.100.7:40000"}});
    QCOMPARE(drawn(readPath(dump.input, {})),
             lines({"client-network client 198.51.100.7:40000 claimed", "edge app-gateway claimed",
                    "~ gateway gateway gw.example claimed", "~ model model gpt-4o claimed"}));
}

void PathSourcePathTest::frontDoor() {
    Trust trust = trusting({"192.0.2.0/24"});
    trust.frontDoorId = "fd-1";
    const Fields fields{{"host", "gw.example"},
                        {"x-azure-fdid", "fd-1"},
                        {"x-azure-socketip", "203.0.113.9"},
                        {"x-forwarded-for", "203.0.113.9, 192.0.2.10:443"},
                        {"client-ip", "192.0.2.10:443"}};
    const Request request(fields);
    const SourcePath path = readPath(request.input, trust);
    QCOMPARE(drawn(path), lines({"client-network client 203.0.113.9 proven", "edge front-door 192.0.2.10:443 proven",
                                 "gateway gateway gw.example claimed", "~ model model gpt-4o claimed"}));
    QCOMPARE(findingIds(path), std::vector<std::string>{});
    for (const char* id : {"", "fd-2"}) {
        const Request bypass(with(fields, "x-azure-fdid", id));
        QCOMPARE(findingIds(readPath(bypass.input, trust)), std::vector<std::string>{"path.front-door-bypass"});
    }
}

void PathSourcePathTest::directClient() {
    Request request(Fields{{"host", "gw.example"}});
    request.input.packetClient = Endpoint::parse("10.5.0.9:40000");
    request.input.packetServer = Endpoint::parse("10.0.0.4:443");
    QCOMPARE(drawn(readPath(request.input, {})),
             lines({"client-network client 10.5.0.9:40000 seen", "gateway gateway 10.0.0.4:443 gw.example seen",
                    "~ model model gpt-4o claimed"}));
}

void PathSourcePathTest::directToTheModel() {
    Request request(Fields{{"host", "acct.openai.azure.com"}}, {{"x-ms-region", "West US 3"}});
    request.input.packetClient = Endpoint::parse("10.5.0.9:40000");
    request.input.packetServer = Endpoint::parse("20.1.2.3:443");
    QCOMPARE(drawn(readPath(request.input, {})),
             lines({"client-network client 10.5.0.9:40000 seen",
                    "backend backend 20.1.2.3:443 acct.openai.azure.com seen", "model model gpt-4o claimed"}));
}

/// A gateway on Container Apps, as its upstream sees it.
void PathSourcePathTest::containerAppAsGateway() {
    const Request request(Fields{{"host", "httpbin.org"},
                                 {"x-envoy-external-address", "126.218.11.92"},
                                 {"x-forwarded-host", "kong.example.azurecontainerapps.io"},
                                 {"x-k8se-app-name", "kong-gateway--ccdquo8"},
                                 {"x-arr-ssl", "true"}});
    const SourcePath path = readPath(request.input, {});
    QCOMPARE(drawn(path), lines({"client-network client 126.218.11.92 claimed", "edge app-ingress inferred",
                                 "~ gateway gateway kong.example.azurecontainerapps.io claimed",
                                 "backend backend httpbin.org claimed", "model model gpt-4o claimed"}));
    QCOMPARE(path.effectiveClientText, std::string()); // one header alone proves nobody
    QCOMPARE(findingIds(path), std::vector<std::string>{});
}

void PathSourcePathTest::logOnly() {
    Request request(Fields{{"host", "gw.example"}});
    request.input.logPeer = Endpoint::parse("10.0.9.213");
    request.input.backend = "pool-east";
    request.input.headersComplete = false;
    QCOMPARE(drawn(readPath(request.input, {})),
             lines({"client-network client 10.0.9.213 proven", "gateway gateway gw.example proven",
                    "backend backend pool-east proven", "model model gpt-4o claimed"}));
}

void PathSourcePathTest::invented() {
    // Vector 3 of the list: an entry that the caller put before the real ones.
    const Request request(with(agentCall(), "x-forwarded-for", "1.2.3.4, 100.64.9.87, 10.0.9.213:4431"));
    const SourcePath path = readPath(request.input, trusting({"10.0.9.0/24"}));
    QCOMPARE(path.effectiveClientText, std::string("100.64.9.87"));
    QVERIFY(path.hops[0].standing == Standing::Claimed);
    QVERIFY(path.hops[0].role == Role::Client);
    QVERIFY(path.hops[1].role == Role::Agent);
    QVERIFY(path.hops[1].standing == Standing::Proven);
}

void PathSourcePathTest::onlyForwarded() {
    Request request(Fields{{"host", "gw.example"}, {"forwarded", "for=192.0.2.43;proto=https, for=_hidden"}});
    request.input.packetClient = Endpoint::parse("10.5.0.9:40000");
    const SourcePath path = readPath(request.input, trusting({"10.5.0.0/16"}));
    QCOMPARE(path.effectiveClientText, std::string("_hidden"));
    QVERIFY(!path.effectiveClient);
    QCOMPARE(path.clientHops.size(), 2U);
    QCOMPARE(path.hops[1].text, std::string("_hidden"));
}

void PathSourcePathTest::nothing() {
    const SourcePath path = readPath({}, {});
    QVERIFY(path.hops.empty() && path.findings.empty() && path.effectiveClientText.empty());
}

void PathSourcePathTest::labels() {
    const Request request(agentCall());
    QCOMPARE(connectionLabel(request.input), std::string("TLS 1.3, h2, apimx.azure-api.net"));
    Request plain(Fields{{"host", "[2001:db8::1]:8080"}});
    plain.input.tls = "none";
    QCOMPARE(connectionLabel(plain.input), std::string("no TLS, 2001:db8::1"));
    QCOMPARE(connectionLabel({}), std::string());
}

void PathSourcePathTest::lanesNeverGoBack() {
    for (const char* list : {"203.0.113.1, 100.64.9.87, 10.0.9.213:10095", "100.100.0.1, 100.64.9.87, 10.0.9.213:10095",
                             "unknown, _x, 100.100.0.48, 8.8.8.8", "10.0.9.213:1, 100.64.9.87"})
        for (const char* peer : {"10.0.9.213:10095", "100.64.9.87:1", ""}) {
            const Request request(with(with(agentCall(), "x-forwarded-for", list), "client-ip", peer));
            const SourcePath path = readPath(request.input, trusting({"10.0.9.0/24"}));
            QVERIFY(std::ranges::is_sorted(path.hops, {}, &Hop::lane));
        }
}

QTEST_APPLESS_MAIN(PathSourcePathTest)
#include "path_source_path_test.moc"
