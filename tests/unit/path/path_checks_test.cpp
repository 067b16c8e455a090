// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/unit/path/sample_requests.h"

#include "core/path/project_claim.h"
#include "core/path/request_checks.h"
#include "core/path/well_known.h"

#include <QByteArray>

using namespace gatescope;
using namespace gatescope::path;
using namespace gatescope::path::test;

namespace {

using Ids = std::vector<std::string>;

Ids idsOf(const Fields& fields, const Trust& trust = {}) {
    const Request request(fields);
    return findingIds(readPath(request.input, trust));
}

std::string token(const std::string& claims) {
    const auto part = [](const std::string& text) {
        return QByteArray::fromStdString(text)
            .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals)
            .toStdString();
    };
    return "Bearer " + part("{\"alg\":\"RS256\"}") + "." + part(claims) + "." + part("signature");
}

std::string identity(const std::string& project) {
    return "{\"appid\":\"x\",\"nested\":{\"xms_mirid\":\"no\"},\"xms_mirid\":\"/subscriptions/s/resourcegroups/r/"
           "providers/"
           "Microsoft.CognitiveServices/accounts/acct/projects/" +
           project + "\"}";
}

} // namespace

class PathChecksTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void cgnatFromUntrusted();
    void foundryWithoutProxy();
    void hostsDisagree();
    void tlsDisagrees();
    void privateAuthority();
    void claimsDisagree();
    void tokenOfAnotherProject();
    void readsProjectClaims();
    void modelDisagrees();
    void secretsInUrls();
    void spillover();
    void metadataService();
    void wellKnown();
};

void PathChecksTest::cgnatFromUntrusted() {
    // Vector 4 of the list, with and without the marks of the data proxy.
    const Fields bare{{"host", "gw.example"}, {"x-forwarded-for", "100.64.9.87"}, {"client-ip", "10.0.77.5:50000"}};
    QCOMPARE(idsOf(bare, trusting({"10.0.9.0/24"})), Ids{"path.cgnat-from-untrusted"});
    QCOMPARE(idsOf(bare), Ids{"path.cgnat-from-untrusted"});
    const Fields moved =
        with(with(agentCall(), "x-forwarded-for", "100.64.9.87, 10.0.77.5:1"), "client-ip", "10.0.77.5:1");
    QCOMPARE(idsOf(moved, trusting({"10.0.9.0/24"})), Ids{"path.cgnat-from-untrusted"});
    QCOMPARE(idsOf(moved), Ids{}); // nobody was named, and the marks are there
    QCOMPARE(idsOf(bare, trusting({"10.0.77.0/24"})), Ids{});
}

void PathChecksTest::foundryWithoutProxy() {
    const Fields forged{{"host", "gw.example"}, {"x-ms-foundry-agent-id", "Helper:5"}, {"client-ip", "10.0.77.5:1"}};
    QCOMPARE(idsOf(forged), Ids{"path.foundry-claim-without-proxy"});
    QCOMPARE(idsOf(with(forged, "x-k8se-app-name", "j88-dataproxy--a")), Ids{});
    QCOMPARE(idsOf(with(forged, "x-forwarded-path", "/v1/https/gw.example/x")), Ids{});
    QCOMPARE(idsOf(with(forged, "x-k8se-app-name", "other--a")), Ids{"path.foundry-claim-without-proxy"});
    Request logged(forged);
    logged.input.headersComplete = false; // not logged is not the same as not sent
    QCOMPARE(findingIds(readPath(logged.input, {})), Ids{});
}

void PathChecksTest::hostsDisagree() {
    QCOMPARE(idsOf(with(agentCall(), "disguised-host", "other.azure-api.net")), (Ids{"path.forwarded-host-mismatch"}));
    QCOMPARE(idsOf(with(agentCall(), "x-forwarded-path", "/v1/https/other.example/openai/deployments/gpt-4o/x")),
             Ids{"path.forwarded-host-mismatch"});
    QCOMPARE(idsOf(with(agentCall(), "host", "APIMX.azure-api.net:443")), Ids{});
    QCOMPARE(idsOf(with(agentCall(), "disguised-host", "apimX.azure-api.net")), Ids{}); // masked
    // Behind the gateway the host is the backend's.
    QCOMPARE(idsOf(with(agentCall(), "host", "acct.openai.azure.com")), Ids{});
}

void PathChecksTest::tlsDisagrees() {
    QCOMPARE(idsOf(with(agentCall(), "x-forwarded-tlsversion", "1.2")), Ids{"path.tls-inconsistent"});
    QCOMPARE(idsOf(with(agentCall(), "x-azure-ja4-fingerprint", "t12d1113h2_d3731e0d3936_000000000000")),
             Ids{"path.tls-inconsistent"});
    QCOMPARE(idsOf(with(agentCall(), "x-azure-ja4-fingerprint", "no fingerprint")), Ids{});
    QCOMPARE(idsOf(with(agentCall(), "x-arr-ssl", "2048|256|CN=DigiCert G2|CN=*.azurewebsites.net")),
             Ids{"path.tls-inconsistent"});
    QCOMPARE(idsOf(with(agentCall(), "x-arr-ssl", "2048|256|CN=DigiCert G2|CN=apimx.azure-api.net")), Ids{});
    // Further names of a platform's certificate are below the same domain.
    const Fields regional{{"host", "site.centralindia-01.azurewebsites.net"},
                          {"x-arr-ssl", "2048|256|CN=Microsoft Azure RSA TLS Issuing CA 04|CN=*.azurewebsites.net"}};
    QCOMPARE(idsOf(regional), Ids{});
}

void PathChecksTest::privateAuthority() {
    const std::string issuedPrivately = "2048|256|CN=Contoso Issuing CA, O=Contoso, C=US|CN=*.azure-api.net";
    QCOMPARE(idsOf(with(agentCall(), "x-arr-ssl", issuedPrivately)), Ids{"path.private-ca"});
    QCOMPARE(idsOf({{"host", "a.azure-api.net"}, {"x-arr-ssl", issuedPrivately}}), Ids{}); // no agents expected
    QCOMPARE(idsOf(with(agentCall(), "x-arr-ssl", "2048|256|CN=R11, O=Let's Encrypt, C=US|CN=*.azure-api.net")), Ids{});
    QCOMPARE(idsOf(with(agentCall(), "x-arr-ssl", "true")), Ids{});
}

void PathChecksTest::claimsDisagree() {
    const Ids disagree{"path.claims-disagree"};
    QCOMPARE(idsOf(with(agentCall(), "x-envoy-external-address", "100.64.9.88")), disagree);
    QCOMPARE(idsOf(with(agentCall(), "x-real-ip", "192.0.2.1")), disagree);
    QCOMPARE(idsOf(with(agentCall(), "x-real-ip", "10.0.9.213")), Ids{});
    QCOMPARE(idsOf(with(agentCall(), "x-azure-socketip", "192.0.2.1")), disagree);
    QCOMPARE(idsOf(with(agentCall(), "forwarded", "for=100.64.9.87, for=10.0.9.213")), Ids{});
    QCOMPARE(idsOf(with(agentCall(), "forwarded", "for=100.64.9.88")), disagree);
    Request logged(agentCall());
    logged.input.logPeer = Endpoint::parse("10.0.9.213");
    QCOMPARE(findingIds(readPath(logged.input, {})), Ids{});
    logged.input.logPeer = Endpoint::parse("10.0.50.1");
    QCOMPARE(findingIds(readPath(logged.input, {})), disagree);
    QCOMPARE(findingIds(readPath(logged.input, trusting({"10.0.50.0/24"}))), Ids{"path.cgnat-from-untrusted"});
}

void PathChecksTest::tokenOfAnotherProject() {
    QCOMPARE(idsOf(with(agentCall(), "authorization", token(identity("other")))), Ids{"id.mirid-mismatch"});
    QCOMPARE(idsOf(with(agentCall(), "authorization", token(identity("sampleproject1")))), Ids{});
    QCOMPARE(idsOf(with(agentCall(), "authorization", "Bearer REDACTED")), Ids{});
    const Request request(with(agentCall(), "authorization", token(identity("other"))));
    for (const Finding& finding : readPath(request.input, {}).findings)
        for (const std::string& evidence : finding.evidence)
            QVERIFY(evidence.find(token(identity("other")).substr(7, 20)) == std::string::npos);
}

void PathChecksTest::readsProjectClaims() {
    const auto claim = readProjectClaim(token(identity("p")));
    QCOMPARE(claim->account, std::string("acct"));
    QCOMPARE(claim->project, std::string("p"));
    QVERIFY(!readProjectClaim(token("{\"xms_mirid\":\"/subscriptions/s/virtualMachines/vm\"}")));
    QVERIFY(!readProjectClaim(token("{\"a\":[{\"xms_mirid\":\"/projects/p\"}]}"))); // only the outermost object counts
    QVERIFY(!readProjectClaim(token("{\"xms_mirid\":7}")));
    QVERIFY(!readProjectClaim(token(std::string(5000, '['))));
    QVERIFY(!readProjectClaim("Bearer " + std::string(kMaxTokenBytes, 'a')));
    const std::string whole = token(identity("p"));
    for (std::size_t length = 0; length + 14 < whole.size(); ++length) // shorter than the signature and its dot
        (void)readProjectClaim(whole.substr(0, length));
    QVERIFY(readProjectClaim(whole.substr(0, whole.rfind('.'))).has_value()); // the signature is not looked at
}

void PathChecksTest::modelDisagrees() {
    QCOMPARE(idsOf(with(agentCall(), "x-ms-foundry-model-id", "conn/gpt-4.1")), Ids{"id.model-mismatch"});
    Request byBody(agentCall());
    byBody.input.target = "/openai/v1/chat/completions";
    byBody.input.requestedModel = "gpt-4.1";
    QCOMPARE(findingIds(readPath(byBody.input, {})), Ids{"id.model-mismatch"});
    byBody.input.requestedModel = "gpt-4o";
    QCOMPARE(findingIds(readPath(byBody.input, {})), Ids{});
    Request both(agentCall());
    both.input.requestedModel = "ignored"; // the URL names the deployment
    QCOMPARE(findingIds(readPath(both.input, {})), Ids{});
}

void PathChecksTest::secretsInUrls() {
    QCOMPARE(secretParameters("/x?api-version=1&api-key=abc&sig=d#code=1"), std::string("api-key, sig"));
    QCOMPARE(secretParameters("/x?API-KEY=abc"), std::string("API-KEY"));
    QCOMPARE(secretParameters("/x?key=&monkey=1&code"), std::string());
    QCOMPARE(secretParameters("/x"), std::string());
    Request request(with(agentCall(), "referer", "https://a.example/?code=SECRETVALUE"));
    request.input.target = "/openai/deployments/gpt-4o/x?subscription-key=SECRETVALUE";
    const SourcePath path = readPath(request.input, {});
    QCOMPARE(findingIds(path), Ids{"sec.secret-in-url"});
    QCOMPARE(path.findings[0].evidence.size(), 2U);
    for (const std::string& evidence : path.findings[0].evidence)
        QVERIFY(evidence.find("SECRETVALUE") == std::string::npos);
}

void PathChecksTest::spillover() {
    QCOMPARE(idsOf(with(agentCall(), "x-ms-spillover-deployment", "std")), Ids{"sec.spillover-steering"});
}

void PathChecksTest::metadataService() {
    QCOMPARE(idsOf({{"host", "169.254.169.254"}}), Ids{"sec.imds-target"});
    Request absolute(Fields{{"host", "gw.example"}});
    absolute.input.target = "http://169.254.169.254/metadata/identity/oauth2/token";
    QCOMPARE(findingIds(readPath(absolute.input, {})), Ids{"sec.imds-target"});
    Request wrapped(Fields{{"host", "gw.example"}});
    wrapped.input.target = "/v1/http/169.254.169.254/metadata";
    QCOMPARE(findingIds(readPath(wrapped.input, {})), Ids{"sec.imds-target"});
    Request packets(Fields{{"host", "gw.example"}});
    packets.input.packetServer = Endpoint::parse("169.254.169.254:80");
    QCOMPARE(findingIds(readPath(packets.input, {})), Ids{"sec.imds-target"});
    Request mentioned(Fields{{"host", "gw.example"}});
    mentioned.input.target = "/search?q=169.254.169.254";
    QCOMPARE(findingIds(readPath(mentioned.input, {})), Ids{});
}

void PathChecksTest::wellKnown() {
    QVERIFY(isKnownPublicIssuer("Microsoft Azure RSA TLS Issuing CA 04", "Microsoft Corporation"));
    QVERIFY(isKnownPublicIssuer("E5", "Let's Encrypt"));
    QVERIFY(!isKnownPublicIssuer("Contoso DigiCert copy", "Contoso"));
    QVERIFY(isModelService("acct.openai.azure.com:443"));
    QVERIFY(!isModelService("openai.azure.com.example"));
    QCOMPARE(std::string(hostName("[2001:db8::1]:443")), std::string("2001:db8::1"));
    QCOMPARE(std::string(hostName("[")), std::string());
    QCOMPARE(std::string(hostName("a.example:443")), std::string("a.example"));
    QVERIFY(equalWhereNotMasked("apimX", "apim9"));
    QVERIFY(!equalWhereNotMasked("apimX", "apim99"));
}

QTEST_APPLESS_MAIN(PathChecksTest)
#include "path_checks_test.moc"
