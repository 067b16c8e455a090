// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "core/path/source_path.h"
#include "core/path/trust.h"
#include "core/path/trusted_hops.h"

#include <fstream>
#include <nlohmann/json.hpp>

using namespace gatescope;
using namespace gatescope::path;
using nlohmann::json;

namespace {

Trust trusting(const std::vector<std::string>& networks) {
    Trust trust;
    for (const std::string& network : networks) trust.subnets.push_back(parseTrusted(network).value());
    return trust;
}

std::optional<Endpoint> endpoint(std::string_view text) {
    return text.empty() ? std::nullopt : Endpoint::parse(text);
}

EffectiveClient clientBehind(std::string_view list, std::string_view peer, const Trust& trust) {
    ClientClaims claims;
    claims.forwardedFor = list;
    claims.packetClient = endpoint(peer);
    return effectiveClient(claims, trust);
}

std::string clientOf(std::string_view list, std::string_view peer, const Trust& trust) {
    return clientBehind(list, peer, trust).text;
}

std::string verifierOf(std::string_view list, std::string_view peer, const Trust& trust) {
    const auto by = clientBehind(list, peer, trust).verifiedBy;
    return by ? by->toString() : std::string();
}

} // namespace

class PathTrustTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void vectors();
    void nothingIsTrustedByItself();
    void allTrustedGivesTheLeftmost();
    void whatIsNoAddressIsNotTrusted();
    void noListGivesThePeer();
    void countsHopsAsEnvoyDoes_data();
    void countsHopsAsEnvoyDoes();
    void countsFromAListedPeer();
    void parsesNetworks();
    void smallestSubnet();
    void statedPeers();
    void observedPeersStandNearest();
};

void PathTrustTest::vectors() {
    std::ifstream file(GATESCOPE_SOURCE_DIR "/tests/unit/test-vectors.json");
    const json all = json::parse(file);
    std::size_t checked = 0;
    for (const json& vector : all.at("xff")) {
        if (!vector.contains("client")) continue;
        Trust trust = trusting(vector.value("trusted", std::vector<std::string>()));
        if (vector.contains("envoy")) {
            trust.trustedHops = vector.at("envoy").at("xff_num_trusted_hops").get<unsigned>();
            trust.useRemoteAddress = vector.at("envoy").at("use_remote_address").get<bool>();
        }
        const std::string text = vector.at("in");
        const std::string peer = vector.at("peer");
        QCOMPARE(clientOf(text, peer, trust), vector.at("client").get<std::string>());
        if (vector.contains("verifiedBy"))
            QCOMPARE(verifierOf(text, peer, trust), vector.at("verifiedBy").get<std::string>());
        // What stands left of the client is claimed.
        const ForwardedFor list = readForwardedFor(text);
        const HopChain chain = evaluateHops(list.entries, {peerNode(*Endpoint::parse(peer), peer)}, trust);
        if (vector.contains("claimed")) QCOMPARE(*chain.client, vector.at("claimed").size());
        if (vector.contains("entries")) QCOMPARE(chain.items.size(), vector.at("entries").size());
        ++checked;
    }
    QCOMPARE(checked, 5U);
}

void PathTrustTest::nothingIsTrustedByItself() {
    QCOMPARE(clientOf("100.64.9.87, 10.0.9.213:10095", "10.0.9.213:10095", {}), std::string("10.0.9.213"));
    QCOMPARE(verifierOf("100.64.9.87, 10.0.9.213:10095", "10.0.9.213:10095", {}), std::string());
    QCOMPARE(clientOf("1.1.1.1", "127.0.0.1", {}), std::string("127.0.0.1"));
}

void PathTrustTest::allTrustedGivesTheLeftmost() {
    const Trust trust = trusting({"10.0.0.0/8"});
    QCOMPARE(clientOf("10.0.0.1, 10.0.0.2", "10.0.0.3", trust), std::string("10.0.0.1"));
    QCOMPARE(verifierOf("10.0.0.1, 10.0.0.2", "10.0.0.3", trust), std::string("10.0.0.2"));
    QCOMPARE(verifierOf("", "10.0.0.3", trust), std::string()); // nobody stands right of it
}

void PathTrustTest::whatIsNoAddressIsNotTrusted() {
    const Trust trust = trusting({"0.0.0.0/0"});
    const EffectiveClient client = clientBehind("1.1.1.1, unknown, 10.0.0.2", "10.0.0.3", trust);
    QCOMPARE(client.text, std::string("unknown"));
    QVERIFY(!client.address);
    QCOMPARE(client.verifiedBy->toString(), std::string("10.0.0.2"));
}

void PathTrustTest::noListGivesThePeer() {
    QCOMPARE(clientOf("", "192.0.2.5:80", {}), std::string("192.0.2.5"));
    QCOMPARE(clientOf("1.1.1.1", "", {}), std::string("1.1.1.1"));
    QCOMPARE(clientOf("", "", {}), std::string());
}

/// The examples of Envoy's documentation on X-Forwarded-For, by their numbers.
void PathTrustTest::countsHopsAsEnvoyDoes_data() {
    QTest::addColumn<bool>("useRemoteAddress");
    QTest::addColumn<unsigned>("hops");
    QTest::addColumn<QByteArray>("client");
    QTest::newRow("1") << true << 0U << QByteArray("192.0.2.5");
    QTest::newRow("2") << false << 0U << QByteArray("203.0.113.1");
    QTest::newRow("3") << true << 2U << QByteArray("203.0.113.10");
    QTest::newRow("4") << false << 2U << QByteArray("203.0.113.128");
    QTest::newRow("as many as there are") << true << 3U << QByteArray("203.0.113.128");
    QTest::newRow("fewer than counted") << true << 4U << QByteArray("192.0.2.5");
    QTest::newRow("fewer than counted, internal") << false << 3U << QByteArray("192.0.2.5");
}

void PathTrustTest::countsHopsAsEnvoyDoes() {
    QFETCH(bool, useRemoteAddress);
    QFETCH(unsigned, hops);
    QFETCH(QByteArray, client);
    Trust trust;
    trust.trustedHops = hops;
    trust.useRemoteAddress = useRemoteAddress;
    QCOMPARE(QByteArray::fromStdString(clientOf("203.0.113.128, 203.0.113.10, 203.0.113.1", "192.0.2.5:1", trust)),
             client);
}

/// A front end writes its peer into the list; that entry is the peer, not one more hop.
void PathTrustTest::countsFromAListedPeer() {
    Trust trust;
    trust.trustedHops = 1;
    QCOMPARE(clientOf("100.64.9.87;10.0.9.213:10095", "10.0.9.213:10095", trust), std::string("100.64.9.87"));
    trust.trustedHops = 0;
    QCOMPARE(clientOf("100.64.9.87;10.0.9.213:10095", "10.0.9.213:10095", trust), std::string("10.0.9.213"));
    QCOMPARE(clientOf("100.64.9.87", "", trust), std::string()); // the peer is not known
}

void PathTrustTest::parsesNetworks() {
    QVERIFY(parseTrusted(" 10.0.9.0/24 ")->trusted);
    QCOMPARE(parseTrusted(" 10.0.9.0/24 ")->cidr, std::string("10.0.9.0/24"));
    QVERIFY(parseTrusted("2001:db8::/32").has_value());
    for (const char* text : {"", "10.0.9.0/33", "agents", "10.0.9.0-10.0.9.9"}) {
        const auto parsed = parseTrusted(text);
        QVERIFY(!parsed && parsed.error().kind == ErrorKind::Usage && !parsed.error().message.empty());
    }
    QVERIFY(trusting({"10.0.9.0/24"}).trusts(*IpAddress::parse("64:ff9b::a00:9d5"))); // 10.0.9.213 through NAT64
}

void PathTrustTest::smallestSubnet() {
    Trust trust = trusting({"10.0.0.0/8", "10.0.9.0/24", "10.0.9.0/24"});
    trust.subnets[2].name = "agents";
    trust.subnets[0].name = "all";
    QCOMPARE(trust.subnetOf(*IpAddress::parse("10.0.9.1"))->name, std::string("agents"));
    QCOMPARE(trust.subnetOf(*IpAddress::parse("10.1.9.1"))->name, std::string("all"));
    QVERIFY(trust.subnetOf(*IpAddress::parse("192.0.2.1")) == nullptr);
    for (Subnet& subnet : trust.subnets) subnet.trusted = false;
    QVERIFY(!trust.trusts(*IpAddress::parse("10.0.9.1")));
}

void PathTrustTest::statedPeers() {
    http::HeaderList headers;
    QVERIFY(!statedPeer(headers));
    headers.add("X-Azure-SocketIP", "192.0.2.7");
    QCOMPARE(statedPeer(headers)->toString(), std::string("192.0.2.7:0"));
    headers.add("client-ip", "10.0.9.213:10095");
    QCOMPARE(statedPeer(headers)->toString(), std::string("10.0.9.213:10095"));
}

/// CLIENT-IP is a header; who sent the packets, or whom the gateway logged, was observed.
void PathTrustTest::observedPeersStandNearest() {
    ClientClaims claims{"100.64.9.87, 10.0.9.213:1", {}, "10.0.9.213:1", {}, {}, {}};
    const Trust agents = trusting({"10.0.9.0/24"});
    QCOMPARE(effectiveClient(claims, agents).text, std::string("100.64.9.87"));
    claims.packetClient = endpoint("10.0.20.10:9");
    QCOMPARE(effectiveClient(claims, agents).text, std::string("10.0.20.10"));
    QCOMPARE(effectiveClient(claims, trusting({"10.0.9.0/24", "10.0.20.10"})).text, std::string("100.64.9.87"));
    claims.packetClient.reset();
    claims.logPeer = endpoint("10.0.20.10");
    QCOMPARE(effectiveClient(claims, agents).text, std::string("10.0.20.10"));
    // Front Door lists the source of its own connection; others may have followed.
    ClientClaims edge{"203.0.113.9, 192.0.2.10:443", {}, {}, "203.0.113.9", {}, {}};
    QCOMPARE(effectiveClient(edge, {}).text, std::string("192.0.2.10"));
    edge.forwardedFor = {};
    QCOMPARE(effectiveClient(edge, {}).text, std::string("203.0.113.9"));
    const ClientClaims standard{{}, "for=192.0.2.43", {}, {}, {}, {}};
    QCOMPARE(effectiveClient(standard, {}).text, std::string("192.0.2.43"));
}

QTEST_APPLESS_MAIN(PathTrustTest)
#include "path_trust_test.moc"
