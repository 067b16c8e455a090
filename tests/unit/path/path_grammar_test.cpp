// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "core/path/arr_ssl.h"
#include "core/path/container_app.h"
#include "core/path/forwarded.h"
#include "core/path/forwarded_for.h"
#include "core/path/forwarded_path.h"
#include "core/path/ja4_text.h"
#include "core/path/trace_context.h"

#include <fstream>
#include <nlohmann/json.hpp>

using namespace gatescope;
using namespace gatescope::path;
using nlohmann::json;

namespace {

/// Vectors that were made independently of this program.
const json& vectors() {
    static const json loaded = [] {
        std::ifstream file(GATESCOPE_SOURCE_DIR "/tests/unit/test-vectors.json");
        return json::parse(file);
    }();
    return loaded;
}

std::string textOf(const HopNode& node) {
    return node.address ? node.address->toString() : std::string(node.text);
}

std::string in(const json& vector) {
    return vector.at("in").get<std::string>();
}

} // namespace

class PathGrammarTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void forwardedForVectors();
    void forwardedForSeparators();
    void forwardedForOddEntries_data();
    void forwardedForOddEntries();
    void forwardedForLimit();
    void forwardedVectors();
    void forwardedOfTheRfc();
    void forwardedMalformed();
    void forwardedLimit();
    void arrSslVectors();
    void arrSslNames();
    void certificateNames();
    void ja4Vectors();
    void ja4Rejected_data();
    void ja4Rejected();
    void traceparents_data();
    void traceparents();
    void leafSpans();
    void leafSpanRejected();
    void forwardedPaths();
    void forwardedPathsOfOtherKinds();
    void containerApps();
    void agentIds();
    void everyPrefixIsRead();
};

void PathGrammarTest::forwardedForVectors() {
    std::size_t checked = 0;
    for (const json& vector : vectors().at("xff")) {
        const std::string text = in(vector);
        const ForwardedFor list = readForwardedFor(text);
        QCOMPARE(list.emptyEntries, vector.value("emptySkipped", std::size_t{0}));
        if (vector.value("style", "") == "rejoined") QVERIFY(list.separator == Separator::Semicolon);
        if (!vector.contains("entries")) continue;
        // A peer that the list lacks is appended by the evaluation, not by the grammar.
        for (std::size_t i = 0; i < list.entries.size(); ++i) {
            const json& entry = vector.at("entries").at(i);
            QCOMPARE(textOf(list.entries[i]), entry.at(0).get<std::string>());
            QCOMPARE(list.entries[i].port, entry.at(1).is_null() ? 0 : entry.at(1).get<int>());
            ++checked;
        }
    }
    QCOMPARE(checked, 2U + 2 + 3 + 1);
}

void PathGrammarTest::forwardedForSeparators() {
    QVERIFY(readForwardedFor("1.2.3.4").separator == Separator::None);
    QVERIFY(readForwardedFor("1.2.3.4, 5.6.7.8").separator == Separator::Comma);
    QVERIFY(readForwardedFor("1.2.3.4;5.6.7.8, 9.9.9.9").separator == Separator::Mixed);
    QCOMPARE(toString(Separator::Semicolon), std::string_view("semicolon"));
    const ForwardedFor odd = readForwardedFor(" ,, 1.2.3.4 ;\t; ");
    QCOMPARE(odd.entries.size(), 1U);
    QCOMPARE(odd.emptyEntries, 4U); // two before the address, two behind it
    QCOMPARE(readForwardedFor("").entries.size(), 0U);
    QCOMPARE(readForwardedFor("").emptyEntries, 0U);
}

void PathGrammarTest::forwardedForOddEntries_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QByteArray>("address");
    QTest::addColumn<int>("port");
    const auto add = [](const char* text, HopNode::Kind kind, const char* address = "", int port = 0) {
        QTest::newRow(text) << QByteArray(text) << static_cast<int>(kind) << QByteArray(address) << port;
    };
    using enum HopNode::Kind;
    add("192.0.2.1:4711", Address, "192.0.2.1", 4711);
    add("192.0.2.1:_p", Address, "192.0.2.1"); // RFC 7239, 6.3: an obfuscated port
    add("[2001:db8::1]", Address, "2001:db8::1");
    add("[2001:db8::1]:65535", Address, "2001:db8::1", 65535);
    add("2001:db8::1", Address, "2001:db8::1");
    add("64:ff9b::a00:9d5", Address, "10.0.9.213"); // RFC 6052: 0a 00 09 d5
    add("UNKNOWN", Unknown);
    add("_hidden", Obfuscated);
    add("_", Token);
    add("host.example", Token);
    add("192.0.2.1:0", Token);
    add("192.0.2.1:65536", Token);
    add("192.0.2.1:", Token);
    add("192.0.2.1:80x", Token);
    add("[2001:db8::1", Token);
    add("[2001:db8::1]80", Token);
    add("[192.0.2.1]:80", Token);
    add("192.0.2.256", Token);
    add("192.0.2.1/24", Token);
    add("fe80::1%eth0", Token);
}

void PathGrammarTest::forwardedForOddEntries() {
    QFETCH(QByteArray, text);
    QFETCH(int, kind);
    QFETCH(QByteArray, address);
    QFETCH(int, port);
    const HopNode node = readHopNode(text.toStdString());
    QCOMPARE(static_cast<int>(node.kind), kind);
    QCOMPARE(QByteArray::fromStdString(node.address ? node.address->toString() : std::string()), address);
    QCOMPARE(int{node.port}, port);
}

void PathGrammarTest::forwardedForLimit() {
    std::string text = "9.9.9.9";
    for (std::size_t i = 1; i < ForwardedFor::kMaxEntries + 3; ++i) text += ", 1.1.1." + std::to_string(i % 250);
    const ForwardedFor list = readForwardedFor(text);
    QCOMPARE(list.entries.size(), ForwardedFor::kMaxEntries);
    QCOMPARE(list.droppedEntries, 3U);
    QCOMPARE(textOf(list.entries.back()), std::string("1.1.1.66")); // the nearest hops are kept
}

void PathGrammarTest::forwardedVectors() {
    for (const json& vector : vectors().at("forwarded")) {
        const Forwarded read = readForwarded(in(vector));
        QCOMPARE(read.malformed, 0U);
        QCOMPARE(read.elements.size(), vector.at("for").size());
        for (std::size_t i = 0; i < read.elements.size(); ++i) {
            const HopNode node = read.elements[i].forNode();
            QCOMPARE(textOf(node), vector.at("for").at(i).get<std::string>());
            QCOMPARE(node.port, vector.at("ports").at(i).is_null() ? 0 : vector.at("ports").at(i).get<int>());
        }
    }
}

/// The examples of RFC 7239, section 4 and 7.1.
void PathGrammarTest::forwardedOfTheRfc() {
    const Forwarded gazonk = readForwarded("for=\"_gazonk\"");
    QVERIFY(gazonk.elements.at(0).forNode().kind == HopNode::Kind::Obfuscated);
    const Forwarded upper = readForwarded("For=\"[2001:db8:cafe::17]:4711\"");
    QCOMPARE(upper.elements.at(0).forNode().port, 4711);
    const Forwarded all = readForwarded("for=192.0.2.60;proto=http;by=203.0.113.43");
    QCOMPARE(all.elements.size(), 1U);
    QCOMPARE(all.elements[0].proto, std::string("http"));
    QCOMPARE(textOf(all.elements[0].byNode()), std::string("203.0.113.43"));
    const Forwarded two = readForwarded("for=192.0.2.43,for=\"[2001:db8:cafe::17]\",for=unknown");
    QCOMPARE(two.elements.size(), 3U);
    QVERIFY(two.elements[2].forNode().kind == HopNode::Kind::Unknown);
    const Forwarded host = readForwarded("for=_hidden;host=\"a\\\"b\";ext=1");
    QCOMPARE(host.elements.at(0).host, std::string("a\"b"));
    QCOMPARE(host.malformed, 0U);
}

void PathGrammarTest::forwardedMalformed() {
    QCOMPARE(readForwarded("for").malformed, 1U);
    QCOMPARE(readForwarded("=x").malformed, 1U);
    QCOMPARE(readForwarded("for=\"open").malformed, 1U);
    QCOMPARE(readForwarded("for=a;for=b").malformed, 1U);
    QCOMPARE(readForwarded("for=a;for=b").elements.at(0).forText, std::string("a"));
    const Forwarded next = readForwarded("garbage, for=192.0.2.1");
    QCOMPARE(next.malformed, 1U);
    QCOMPARE(next.elements.size(), 1U);
    QCOMPARE(readForwarded(" , ,; ").elements.size(), 0U);
}

void PathGrammarTest::forwardedLimit() {
    std::string text;
    for (std::size_t i = 0; i < Forwarded::kMaxElements + 2; ++i) text += "for=1.1.1." + std::to_string(i) + ",";
    const Forwarded read = readForwarded(text);
    QCOMPARE(read.elements.size(), Forwarded::kMaxElements);
    QCOMPARE(read.droppedElements, 2U);
    QCOMPARE(read.elements.back().forText, std::string("1.1.1.65"));
}

void PathGrammarTest::arrSslVectors() {
    for (const json& vector : vectors().at("xArrSsl")) {
        const std::string text = in(vector);
        const auto read = readArrSsl(text);
        QVERIFY(read.has_value());
        QCOMPARE(read->isTrueOnly, vector.value("form", "") == "aca");
        if (vector.contains("certBits")) QCOMPARE(*read->certificateBits, vector.at("certBits").get<unsigned>());
        if (vector.contains("cipherBits")) QCOMPARE(*read->cipherBits, vector.at("cipherBits").get<unsigned>());
        QCOMPARE(read->issuerName, vector.value("issuerCN", std::string()));
        QCOMPARE(read->subjectName, vector.value("subjectCN", std::string()));
    }
}

void PathGrammarTest::arrSslNames() {
    // Commas in names of companies are no separators; a quoted value keeps them in any case.
    QCOMPARE(nameAttribute("CN=Thawte TLS RSA CA G1, O=DigiCert, Inc., C=US", "O"), std::string("DigiCert, Inc."));
    QCOMPARE(nameAttribute("O=\"DigiCert, C=Inc.\", C=US", "C"), std::string("US"));
    QCOMPARE(nameAttribute("C=US;CN=a.example", "cn"), std::string("a.example"));
    QCOMPARE(nameAttribute("C=US", "CN"), std::string());
    QCOMPARE(nameAttribute("", "CN"), std::string());
    QVERIFY(!readArrSsl("2048|256|CN=a"));
    QVERIFY(!readArrSsl("false"));
    QVERIFY(!readArrSsl(""));
    const std::string unknownLengths = "x||CN=a|CN=b";
    QVERIFY(!readArrSsl(unknownLengths)->certificateBits);
    QVERIFY(!readArrSsl(unknownLengths)->cipherBits);
}

void PathGrammarTest::certificateNames() {
    QVERIFY(certificateNameMatches("*.azure-api.net", "apimx.azure-api.net"));
    QVERIFY(certificateNameMatches("GW.example", "gw.EXAMPLE"));
    QVERIFY(!certificateNameMatches("*.azure-api.net", "a.b.azure-api.net")); // one label only
    QVERIFY(!certificateNameMatches("*.azure-api.net", "azure-api.net"));
    QVERIFY(!certificateNameMatches("*.azure-api.net", ".azure-api.net"));
}

void PathGrammarTest::ja4Vectors() {
    for (const json& vector : vectors().at("ja4")) {
        const std::string text = in(vector);
        const auto read = readJa4(text);
        QVERIFY2(read.has_value(), text.c_str());
        QCOMPARE(read->isRedacted, vector.value("redacted", false));
        if (!vector.contains("transport")) continue;
        QCOMPARE(std::string(read->transport), vector.at("transport").get<std::string>());
        QCOMPARE(std::string(read->tlsVersion), vector.at("tls").get<std::string>());
        QCOMPARE(read->hasServerName, vector.value("sni", true));
        QCOMPARE(read->ciphers, vector.at("ciphers").get<unsigned>());
        QCOMPARE(read->extensions, vector.at("extensions").get<unsigned>());
        QCOMPARE(std::string(read->alpn), vector.at("alpn").get<std::string>());
    }
    const auto none = readJa4("t00i000000_000000000000_000000000000");
    QVERIFY(none && none->tlsVersion.empty() && none->alpn.empty() && !none->hasServerName);
}

void PathGrammarTest::ja4Rejected_data() {
    QTest::addColumn<QByteArray>("text");
    for (const char* text :
         {"", "t13d1113h2_d3731e0d3936", "x13d1113h2_d3731e0d3936_000000000000", "t14d1113h2_d3731e0d3936_000000000000",
          "t13x1113h2_d3731e0d3936_000000000000", "t13dx113h2_d3731e0d3936_000000000000",
          "t13d1113h2_D3731e0d3936_000000000000", "t13d1113h2-d3731e0d3936_000000000000",
          "t13d1113h2_d3731e0d3936_0000000000000", "t13d1113h-_d3731e0d3936_000000000000"})
        QTest::newRow(*text != 0 ? text : "empty") << QByteArray(text);
}

void PathGrammarTest::ja4Rejected() {
    QFETCH(QByteArray, text);
    QVERIFY(!readJa4(text.toStdString()));
}

/// W3C Trace Context, 3.2.2 and its test suite's rules.
void PathGrammarTest::traceparents_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("valid");
    QTest::addColumn<bool>("sampled");
    const auto add = [](const char* name, const char* text, bool valid, bool sampled = false) {
        QTest::newRow(name) << QByteArray(text) << valid << sampled;
    };
    add("of the specification", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true, true);
    add("not sampled", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", true);
    add("masked", "00-62ff160923b2c1724242c037be40e7cb-4f1b402461aXXXXX-01", true, true);
    add("later version, longer", "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", true, true);
    add("version 00 is never longer", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false);
    add("later version, no dash", "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more", false);
    add("version ff", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false);
    add("trace of zeros", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", false);
    add("parent of zeros", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false);
    add("upper case", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false);
    add("short", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1", false);
}

void PathGrammarTest::traceparents() {
    QFETCH(QByteArray, text);
    QFETCH(bool, valid);
    QFETCH(bool, sampled);
    const std::string plain = text.toStdString();
    const auto read = readTraceparent(plain);
    QCOMPARE(read.has_value(), valid);
    if (!valid) return;
    QCOMPARE(read->isSampled, sampled);
    QCOMPARE(read->traceId.size(), 32U);
    QCOMPARE(read->parentId.size(), 16U);
    QCOMPARE(read->isRedacted, text.contains('X'));
}

void PathGrammarTest::leafSpans() {
    for (const json& vector : vectors().at("leafSpan"))
        QCOMPARE(leafSpanId(in(vector)).value_or(""), vector.at("spanId").get<std::string>());
    // The edges of 64 bits: 2^63 - 1 and -2^63.
    QCOMPARE(*leafSpanId("a=b,leaf_customer_span_id=9223372036854775807;p"), std::string("7fffffffffffffff"));
    QCOMPARE(*leafSpanId("leaf_customer_span_id=-9223372036854775808"), std::string("8000000000000000"));
}

void PathGrammarTest::leafSpanRejected() {
    for (const char* text :
         {"", "leaf_customer_span_id", "leaf_customer_span_id=", "leaf_customer_span_id=9223372036854775808",
          "leaf_customer_span_id=173926958944XXXXXX", "other=1"})
        QVERIFY2(!leafSpanId(text), text);
}

void PathGrammarTest::forwardedPaths() {
    for (const json& vector : vectors().at("forwardedPath")) {
        const std::string text = in(vector);
        const auto read = readForwardedPath(text);
        QVERIFY(read.has_value());
        QCOMPARE(std::string(read->scheme), vector.at("scheme").get<std::string>());
        QCOMPARE(std::string(read->host), vector.at("host").get<std::string>());
        QCOMPARE(std::string(read->path), vector.at("path").get<std::string>());
        QCOMPARE(read->deployment, vector.at("deployment").get<std::string>());
    }
    const auto bare = readForwardedPath("/v1/http/host:8080?x=1");
    QCOMPARE(std::string(bare->host), std::string("host:8080"));
    QCOMPARE(std::string(bare->path), std::string("/"));
    QCOMPARE(std::string(bare->query), std::string("x=1"));
    QCOMPARE(deploymentOf("/openai/deployments/gpt%2D4o/chat"), std::string("gpt-4o"));
    QCOMPARE(deploymentOf("/deployments"), std::string());
    QCOMPARE(deploymentOf("/deployments/a%2"), std::string("a%2"));
}

void PathGrammarTest::forwardedPathsOfOtherKinds() {
    for (const char* text :
         {"", "/mock", "/v1/chat/completions", "/v1/https/", "/v1/https", "/v1/ftp/host/x", "v1/https/h/"})
        QVERIFY2(!readForwardedPath(text), text);
}

void PathGrammarTest::containerApps() {
    const ContainerApp proxy = readContainerApp("j8820ec0658b4aeXXXXX-dataproxy--vuww7ja");
    QVERIFY(proxy.isDataProxy);
    QCOMPARE(std::string(proxy.app), std::string("j8820ec0658b4aeXXXXX-dataproxy"));
    QVERIFY(readContainerApp("j88-dataproxy").isDataProxy);
    QVERIFY(readContainerApp("j88-dataproxy").revision.empty());
    QVERIFY(!readContainerApp("kong-gateway--ccdquo8").isDataProxy);
    QVERIFY(!readContainerApp("my-dataproxy-copy--1").isDataProxy);
}

void PathGrammarTest::agentIds() {
    for (const json& vector : vectors().at("agentId")) {
        const std::string text = in(vector);
        const AgentId id = readAgentId(text);
        QCOMPARE(std::string(id.name), vector.at("name").get<std::string>());
        QCOMPARE(std::string(id.version),
                 vector.at("version").is_null() ? "" : vector.at("version").get<std::string>());
    }
}

/// No prefix of a good text makes a reader stumble, and none is taken for a whole JA4 or traceparent.
void PathGrammarTest::everyPrefixIsRead() {
    std::vector<std::string> texts{"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"};
    for (const char* kind : {"xff", "forwarded", "xArrSsl", "ja4", "leafSpan", "forwardedPath", "agentId"})
        for (const json& vector : vectors().at(kind)) texts.push_back(in(vector));
    for (const std::string& text : texts)
        for (std::size_t length = 0; length < text.size(); ++length) {
            const std::string prefix = text.substr(0, length); // its own memory, so that a sanitizer sees its end
            QVERIFY(readForwardedFor(prefix).entries.size() <= prefix.size());
            (void)readForwarded(prefix);
            (void)readArrSsl(prefix);
            QVERIFY(!readJa4(prefix));
            QVERIFY(!readTraceparent(prefix));
            (void)leafSpanId(prefix);
            (void)readForwardedPath(prefix);
            (void)readContainerApp(prefix);
            (void)readAgentId(prefix);
        }
}

QTEST_APPLESS_MAIN(PathGrammarTest)
#include "path_grammar_test.moc"
