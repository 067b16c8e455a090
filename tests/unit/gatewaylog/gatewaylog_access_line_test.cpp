// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/access_line.h"

#include <QTest>
#include <string>

using namespace gatescope::gatewaylog;

namespace {

/// The sample of Envoy's documentation (`envoyDefault` of log-schemas.json).
const std::string kEnvoy = R"([2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 )"
                           R"("10.0.35.28" "nsq2http" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" )"
                           R"("tcp://10.0.2.1:80")";
/// By the columns of `istioDefault`.
const std::string kIstio =
    R"([2026-01-15T10:00:00.100Z] "POST /v1/chat/completions HTTP/1.1" 503 UF,URX )"
    R"(upstream_reset_before_response_started{connection_failure} - "delayed connect error: 111" )"
    R"(474 152 3 - "100.64.9.87,10.0.9.213" "curl/8.5.0" "83b63da3-0000" "apimx.azure-api.net" )"
    R"("20.1.2.3:443" outbound|443||fdry1.openai.azure.com 10.0.0.7:40122 10.0.0.7:8080 )"
    R"(100.64.9.87:45057 apimx.azure-api.net default)";
const std::string kNginx =
    R"nginx(10.0.9.213 - - [15/Jan/2026:10:00:00 +0000] "POST /openai/v1/responses HTTP/1.1" )nginx"
    R"nginx(200 2310 "-" "AzureOpenAI/Python 2.24.0" "100.64.9.87, 10.0.9.213")nginx";

} // namespace

class GatewaylogAccessLineTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsEnvoy();
    void readsIstio();
    void readsConnectionsWithoutRequest();
    void readsNginx();
    void readsEscapes();
    void refusesWhatIsNone_data();
    void refusesWhatIsNone();
    void aCutLineIsNone();
    void readsRequestLines();
};

void GatewaylogAccessLineTest::readsEnvoy() {
    const auto line = parseEnvoyLine(kEnvoy);
    QVERIFY(line.has_value());
    QCOMPARE(line->time, "2016-04-15T20:17:00.310Z");
    QCOMPARE(line->method, "POST");
    QCOMPARE(line->path, "/api/v1/locations");
    QCOMPARE(line->protocol, "HTTP/2");
    QCOMPARE(line->code, "204");
    QCOMPARE(line->flags, "-");
    QCOMPARE(line->bytesReceived, "154");
    QCOMPARE(line->bytesSent, "0");
    QCOMPARE(line->durationMs, "226");
    QCOMPARE(line->upstreamMs, "100");
    QCOMPARE(line->forwardedFor, "10.0.35.28");
    QCOMPARE(line->userAgent, "nsq2http");
    QCOMPARE(line->requestId, "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2");
    QCOMPARE(line->authority, "locations");
    QCOMPARE(line->upstreamHost, "tcp://10.0.2.1:80");
    QVERIFY(line->details.empty() && line->downstreamRemote.empty());
}

void GatewaylogAccessLineTest::readsIstio() {
    const auto line = parseEnvoyLine(kIstio);
    QVERIFY(line.has_value());
    QCOMPARE(line->code, "503");
    QCOMPARE(line->flags, "UF,URX");
    QCOMPARE(line->details, "upstream_reset_before_response_started{connection_failure}");
    QCOMPARE(line->termination, "-");
    QCOMPARE(line->failure, "delayed connect error: 111");
    QCOMPARE(line->bytesReceived, "474");
    QCOMPARE(line->durationMs, "3");
    QCOMPARE(line->upstreamMs, "-");
    QCOMPARE(line->upstreamHost, "20.1.2.3:443");
    QCOMPARE(line->cluster, "outbound|443||fdry1.openai.azure.com");
    QCOMPARE(line->upstreamLocal, "10.0.0.7:40122");
    QCOMPARE(line->downstreamLocal, "10.0.0.7:8080");
    QCOMPARE(line->downstreamRemote, "100.64.9.87:45057");
    QCOMPARE(line->serverName, "apimx.azure-api.net");
    QCOMPARE(line->route, "default");
}

void GatewaylogAccessLineTest::readsConnectionsWithoutRequest() {
    const auto line = parseEnvoyLine(
        R"([2026-01-15T10:00:00.100Z] "- - -" 0 NR filter_chain_not_found - "-" 0 0 0 - "-" "-" "-" "-" "-" - - )"
        R"(100.64.226.69:443 10.0.9.213:13231 - -)");
    QVERIFY(line.has_value());
    QCOMPARE(line->method, "-");
    QCOMPARE(line->details, "filter_chain_not_found");
    QCOMPARE(line->downstreamRemote, "10.0.9.213:13231");
}

void GatewaylogAccessLineTest::readsNginx() {
    const auto line = parseNginxLine(kNginx);
    QVERIFY(line.has_value());
    QCOMPARE(line->address, "10.0.9.213");
    QCOMPARE(line->user, "-");
    QCOMPARE(line->time, "15/Jan/2026:10:00:00 +0000");
    QCOMPARE(line->request, "POST /openai/v1/responses HTTP/1.1");
    QCOMPARE(line->code, "200");
    QCOMPARE(line->bodyBytesSent, "2310");
    QCOMPARE(line->referer, "-");
    QCOMPARE(line->userAgent, "AzureOpenAI/Python 2.24.0");
    QVERIFY(line->forwardedFor == "100.64.9.87, 10.0.9.213");

    const auto combined = parseNginxLine(kNginx.substr(0, kNginx.rfind(" \"")));
    QVERIFY(combined.has_value() && !combined->forwardedFor);
    QVERIFY(parseNginxLine(kNginx + " 0.242 0.242")->forwardedFor == "100.64.9.87, 10.0.9.213");
}

void GatewaylogAccessLineTest::readsEscapes() {
    const auto line = parseNginxLine(
        R"nginx(::1 - bob [15/Jan/2026:10:00:00 +0000] "\x16\x03\x01" 400 150 "-" "say \"hi\" \x22x\x5C")nginx");
    QVERIFY(line.has_value());
    QCOMPARE(line->address, "::1");
    QCOMPARE(line->user, "bob");
    QCOMPARE(withoutEscapes(line->userAgent), std::string("say \"hi\" \"x\\"));
    QCOMPARE(withoutEscapes(line->request), std::string("\x16\x03\x01"));
    QCOMPARE(withoutEscapes("\\xG0 \\x4 \\n \\"), std::string("\\xG0 \\x4 \\n \\"));
    QCOMPARE(withoutEscapes(""), std::string());
}

void GatewaylogAccessLineTest::refusesWhatIsNone_data() {
    QTest::addColumn<std::string>("line");
    QTest::newRow("empty") << std::string();
    QTest::newRow("blank") << std::string(" ");
    QTest::newRow("text") << std::string("2026-01-15 10:00:00 INFO started");
    QTest::newRow("code") << std::string(
        R"(10.0.9.213 - - [15/Jan/2026:10:00:00 +0000] "GET / HTTP/1.1" ok 2310 "-" "-")");
    QTest::newRow("common") << std::string(R"(10.0.9.213 - - [15/Jan/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 2310)");
    QTest::newRow("duration") << std::string(R"([t] "GET / HTTP/2" 204 - 154 0 2x6 100 "-" "-" "-" "-" "-")");
    QTest::newRow("open quote") << std::string(R"([t] "GET / HTTP/2" 204 - 154 0 226 100 "-" "-" "-" "-" "-)");
}

void GatewaylogAccessLineTest::refusesWhatIsNone() {
    QFETCH(std::string, line);
    QVERIFY(!parseEnvoyLine(line));
    QVERIFY(!parseNginxLine(line));
}

/// Each prefix: none up to the last column that must be there, and never a piece of a quoted value.
void GatewaylogAccessLineTest::aCutLineIsNone() {
    for (std::size_t length = 0; length < kEnvoy.size(); ++length)
        QVERIFY(!parseEnvoyLine(std::string(kEnvoy, 0, length)));
    const std::size_t upstream = kIstio.find("\"20.1.2.3:443\"") + 14;
    for (std::size_t length = 0; length < kIstio.size(); ++length)
        QCOMPARE(parseEnvoyLine(std::string(kIstio, 0, length)).has_value(), length >= upstream);
    const std::size_t agent = kNginx.rfind(" \"");
    for (std::size_t length = 0; length < kNginx.size(); ++length)
        QCOMPARE(parseNginxLine(std::string(kNginx, 0, length)).has_value(), length == agent || length == agent + 1);
}

void GatewaylogAccessLineTest::readsRequestLines() {
    const auto line = parseRequestLine("POST /a b?c=d e HTTP/1.1");
    QVERIFY(line.has_value());
    QCOMPARE(line->method, "POST");
    QCOMPARE(line->target, "/a b?c=d e");
    QCOMPARE(line->protocol, "HTTP/1.1");
    for (const std::string_view none :
         {"", "-", "GET /", "GET  HTTP/1.1", "get / HTTP/1.1", " / HTTP/1.1", "GET / SPDY/3"})
        QVERIFY(!parseRequestLine(none));
}

QTEST_APPLESS_MAIN(GatewaylogAccessLineTest)
#include "gatewaylog_access_line_test.moc"
