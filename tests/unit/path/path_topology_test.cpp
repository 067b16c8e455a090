// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "core/path/topology_limits.h"
#include "core/path/trust.h"

#include <QFile>
#include <algorithm>

using namespace gatescope;
using namespace gatescope::path;

namespace {

Trust topology(std::string_view text) {
    return readTopology(text).value();
}

std::string subnets(std::string_view entries) {
    return "{\"subnets\": [" + std::string(entries) + "]}";
}

/// `id: first evidence; second evidence` of each finding.
QStringList checked(const Trust& trust) {
    QStringList list;
    for (const Finding& finding : checkTopology(trust)) {
        QStringList evidence;
        for (const std::string& text : finding.evidence) evidence += QString::fromStdString(text);
        list += QString::fromUtf8(finding.kind->id.data(), static_cast<qsizetype>(finding.kind->id.size())) + ": " +
                evidence.join("; ");
    }
    return list;
}

QString one(const char* cidr, const char* role) {
    const auto list =
        checked(topology(subnets(std::string("{\"cidr\": \"") + cidr + "\", \"role\": \"" + role + "\"}")));
    return list.join(" | ");
}

Trust sample(const char* name) {
    QFile file(QStringLiteral(GATESCOPE_SOURCE_DIR "/resources/samples/") + name);
    if (!file.open(QIODevice::ReadOnly)) return {};
    return topology(file.readAll().toStdString());
}

} // namespace

class PathTopologyTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsAll();
    void writesWhatItReads();
    void errors_data();
    void errors();
    void limits();
    void everyPrefixIsAnError();
    void reservedRanges_data();
    void reservedRanges();
    void agentSubnets();
    void overlaps();
    void bareRangesAreNotChecked();
    void samples();
};

void PathTopologyTest::readsAll() {
    const Trust trust = topology(
        "{\"version\": 1, \"front_door_id\": \"fd\", \"trusted_hops\": 2, \"use_remote_address\": false, \"subnets\": ["
        "{\"cidr\": \"10.0.9.0/24\", \"name\": \"agents\", \"role\": \"agent-subnet\", \"trusted\": true, \"where\": "
        "\"spoke\"},"
        "{\"cidr\": \"2001:db8::/64\"}]}");
    QCOMPARE(trust.subnets.size(), 2U);
    QCOMPARE(trust.subnets[0].name, std::string("agents"));
    QCOMPARE(trust.subnets[0].role, std::string("agent-subnet"));
    QCOMPARE(trust.subnets[0].where, std::string("spoke"));
    QVERIFY(trust.subnets[0].trusted && !trust.subnets[1].trusted);
    QCOMPARE(*trust.frontDoorId, std::string("fd"));
    QCOMPARE(*trust.trustedHops, 2U);
    QVERIFY(!trust.useRemoteAddress);
    QVERIFY(topology("{}").subnets.empty());
    QVERIFY(!topology("{}").frontDoorId);
}

void PathTopologyTest::writesWhatItReads() {
    const Trust trust = sample("topology.json");
    const std::string text = writeTopology(trust);
    QCOMPARE(writeTopology(topology(text)), text);
    QCOMPARE(topology(text).subnets.size(), trust.subnets.size());
    Trust odd;
    odd.subnets.push_back(*parseTrusted("10.0.0.0/8"));
    odd.subnets[0].name = "\xff\"\n";
    odd.frontDoorId = "";
    odd.trustedHops = 0;
    odd.useRemoteAddress = false;
    const Trust again = topology(writeTopology(odd));
    QVERIFY(again.frontDoorId && again.trustedHops == 0U && !again.useRemoteAddress);
    QCOMPARE(again.subnets[0].name, std::string("\xef\xbf\xbd\"\n")); // what is no UTF-8 becomes U+FFFD
}

void PathTopologyTest::errors_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("isFormat");
    QTest::addColumn<QByteArray>("says");
    const auto add = [](const char* name, const std::string& text, bool isFormat, const char* says) {
        QTest::newRow(name) << QByteArray::fromStdString(text) << isFormat << QByteArray(says);
    };
    add("no JSON", "{\n\"subnets\": [\n}", true, "line 3");
    add("no object", "[]", true, "JSON object");
    add("unknown key", "{\"subnet\": []}", false, "'subnet'");
    add("unknown key of a subnet", subnets("{\"cidr\": \"10.0.0.0/8\", \"truested\": true}"), false, "subnets[0]");
    add("no range", subnets("{\"cidr\": \"10.0.0.0/8\"}, {\"name\": \"x\"}"), false, "subnets[1].cidr");
    add("bad range", subnets("{\"cidr\": \"10.0.0.0/40\"}"), false, "10.0.0.0/40");
    add("role", subnets("{\"cidr\": \"10.0.0.0/8\", \"role\": \"agent\"}"), false, "agent-subnet");
    add("trusted", subnets("{\"cidr\": \"10.0.0.0/8\", \"trusted\": \"yes\"}"), false, "trusted");
    add("subnet", subnets("7"), false, "subnets[0]");
    add("version", "{\"version\": 2}", false, "version 1");
    add("hops", "{\"trusted_hops\": -1}", false, "trusted_hops");
}

void PathTopologyTest::errors() {
    QFETCH(QByteArray, text);
    QFETCH(bool, isFormat);
    QFETCH(QByteArray, says);
    const auto read = readTopology(text.toStdString());
    QVERIFY(!read);
    QCOMPARE(read.error().kind, isFormat ? ErrorKind::UnknownFormat : ErrorKind::Usage);
    QVERIFY2(QByteArray::fromStdString(read.error().message).contains(says), read.error().message.c_str());
}

void PathTopologyTest::limits() {
    QVERIFY(!readTopology("{}" + std::string(kMaxTopologyBytes, ' ')));
    std::string many = "{\"cidr\": \"10.0.0.0/8\"}";
    for (std::size_t i = 1; i < kMaxSubnets; ++i) many += ",{\"cidr\": \"10.0.0.0/8\"}";
    QCOMPARE(topology(subnets(many)).subnets.size(), kMaxSubnets);
    QVERIFY(!readTopology(subnets(many + ",{\"cidr\": \"10.0.0.0/8\"}")));
    QVERIFY(!readTopology(
        subnets("{\"cidr\": \"10.0.0.0/8\", \"name\": \"" + std::string(kMaxTopologyText + 1, 'x') + "\"}")));
    QVERIFY(!readTopology(std::string(100'000, '['))); // nesting costs no stack
}

void PathTopologyTest::everyPrefixIsAnError() {
    const std::string text = subnets("{\"cidr\": \"10.0.9.0/24\", \"trusted\": true}");
    for (std::size_t length = 0; length < text.size(); ++length)
        QVERIFY(!readTopology(std::string_view(text).substr(0, length)));
    QVERIFY(readTopology(text).has_value());
}

/// Ranges of the Foundry list (agents, virtual networks, limitations) and of Container Apps.
void PathTopologyTest::reservedRanges_data() {
    QTest::addColumn<QByteArray>("cidr");
    QTest::addColumn<bool>("reserved");
    for (const char* cidr :
         {"169.254.0.0/16", "172.30.0.0/24", "172.31.4.0/24", "192.0.2.0/24", "0.0.0.0/24", "127.0.0.0/24",
          "100.100.0.0/24", "100.100.192.0/24", "100.100.224.0/24", "100.64.0.0/24", "100.95.255.0/24",
          "100.100.128.0/24", "100.100.160.0/24", "172.16.0.0/12", "100.127.0.0/16", "168.63.0.0/16"})
        QTest::newRow(cidr) << QByteArray(cidr) << true;
    for (const char* cidr : {"10.0.0.0/8", "172.16.0.0/16", "172.29.255.0/24", "192.168.0.0/16", "100.63.255.0/24",
                             "100.128.0.0/24", "192.0.3.0/24", "2001:db8::/32"})
        QTest::newRow(cidr) << QByteArray(cidr) << false;
}

void PathTopologyTest::reservedRanges() {
    QFETCH(QByteArray, cidr);
    QFETCH(bool, reserved);
    const QString found = one(cidr.constData(), "customer");
    QCOMPARE(found.contains("path.reserved-overlap"), reserved);
}

void PathTopologyTest::agentSubnets() {
    QCOMPARE(one("10.0.9.0/24", "agent-subnet"), QString());
    QCOMPARE(one("10.0.9.0/27", "agent-subnet"), QString());
    QVERIFY(one("10.0.9.0/28", "agent-subnet").contains("path.agent-subnet-small"));
    QVERIFY(one("20.0.9.0/24", "agent-subnet").contains("path.subnet-not-private"));
    QVERIFY(one("20.0.9.0/24", "private-endpoint").contains("path.subnet-not-private"));
    QCOMPARE(one("20.0.9.0/24", "customer"), QString());
    QVERIFY(one("172.16.0.0/11", "agent-subnet").contains("path.subnet-not-private")); // half of it is public
    QCOMPARE(one("10.0.9.0/28", "private-endpoint"), QString());
}

void PathTopologyTest::overlaps() {
    const auto two = [](const char* first, const char* second) {
        return checked(topology(subnets(std::string(first) + "," + second))).filter("path.subnet-overlap").size();
    };
    const char* const agents = "{\"cidr\": \"10.0.9.0/24\", \"role\": \"agent-subnet\"}";
    QCOMPARE(two(agents, "{\"cidr\": \"10.0.9.128/25\", \"role\": \"private-endpoint\"}"), 1);
    QCOMPARE(two(agents, "{\"cidr\": \"10.0.10.0/24\", \"role\": \"private-endpoint\"}"), 0);
    QCOMPARE(two(agents, "{\"cidr\": \"10.0.0.0/16\", \"role\": \"customer\"}"), 0); // the network that it is a part of
    QCOMPARE(two("{\"cidr\": \"10.0.0.0/16\", \"where\": \"a\"}", "{\"cidr\": \"10.0.0.0/16\", \"where\": \"b\"}"), 1);
}

void PathTopologyTest::bareRangesAreNotChecked() {
    Trust trust;
    trust.subnets.push_back(*parseTrusted("100.64.9.0/24"));
    QVERIFY(checked(trust).isEmpty());
    QCOMPARE(one("100.64.9.0/24", "platform"), QString());
}

void PathTopologyTest::samples() {
    QCOMPARE(checked(sample("topology-lab.json")), QStringList());
    QCOMPARE(checked(sample("topology.json")),
             QStringList("path.reserved-overlap: branch offices 100.100.4.0/22 in peered with hub; 100.100.0.0/17 is "
                         "reserved by Foundry agents and Container Apps workload profiles"));
}

QTEST_APPLESS_MAIN(PathTopologyTest)
#include "path_topology_test.moc"
