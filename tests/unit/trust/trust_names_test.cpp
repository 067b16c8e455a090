// SPDX-License-Identifier: Apache-2.0
// Distinguished names as RFC 4514, 4, RFC 2253, 5, OpenSSL, Windows and dumps of headers write them; certificates in
// headers (Envoy's documentation of x-forwarded-client-cert, RFC 9440, 2.2); and what names alone tell.
#include <QTest>

#include "core/trust/certificate_headers.h"
#include "core/trust/chain.h"
#include "core/trust/dn_text.h"
#include "core/trust/named_paths.h"
#include "core/trust/trust_findings.h"
#include "tests/support/certificate_maker.h"

#include <algorithm>
#include <chrono>

using namespace gatescope;
using namespace gatescope::trust;
using test::makeCertificate;

namespace {

std::string rfc4514(std::string_view text) {
    const auto name = readDnText(text);
    return name ? toRfc4514(*name) : "unreadable";
}

std::string key(std::string_view text) {
    const auto name = readDnText(text);
    return name ? comparableKey(*name) : "unreadable";
}

TimeNs day(int year, unsigned month, unsigned dayOfMonth) {
    using namespace std::chrono;
    const sys_days days(std::chrono::year(year) / month / dayOfMonth);
    return std::int64_t{days.time_since_epoch().count()} * 86'400 * 1'000'000'000;
}

const ProfileVerdict* verdictOf(const ChainAnswer& answer, std::string_view id) {
    const auto found =
        std::ranges::find_if(answer.verdicts, [&](const auto& verdict) { return verdict.profile->id == id; });
    return found == answer.verdicts.end() ? nullptr : &*found;
}

const Problem* problemOf(const ChainAnswer& answer, const FindingKind& kind) {
    const auto found = std::ranges::find(answer.problems, &kind, &Problem::kind);
    return found == answer.problems.end() ? nullptr : &*found;
}

bool says(const Problem* problem, std::string_view words) {
    return problem != nullptr && std::ranges::any_of(problem->evidence, [&](const std::string& fact) {
               return fact.find(words) != std::string::npos;
           });
}

QByteArray base64(const std::string& octets) {
    return QByteArray::fromStdString(octets).toBase64();
}

const char* const kSeed = "2048|256|CN=Microsoft Azure RSA TLS Issuing CA 04;O=Microsoft Corporation;C=US|"
                          "CN=*.azure-api.net;O=Microsoft Corporation;L=Redmond;S=WA;C=US";

} // namespace

class TrustNamesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsNames_data();
    void readsNames();
    void refusesWhatIsNone();
    void sameNameHoweverWritten();
    void differentNames();
    void readsItsOwnWriting();
    void limits();
    void arrSsl();
    void envoy();
    void namesInHeadersOfTheirOwn();
    void certificatesInHeaders();
    void headersThatTellNothing();
    void crossSignedIssuerDayByDay();
    void privateIssuer();
    void knownOrganisation();
    void selfSigned();
    void ownRootByName();
    void rootAsIssuer();
    void untoldIssuer();
    void weakKeyAndHost();
};

void TrustNamesTest::readsNames_data() {
    QTest::addColumn<QByteArray>("written");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* written, const char* expected) {
        QTest::newRow(written) << QByteArray(written) << QByteArray(expected);
    };
    // RFC 4514, 4.
    row("UID=jsmith,DC=example,DC=net", "UID=jsmith,DC=example,DC=net");
    row("OU=Sales+CN=J.  Smith,DC=example,DC=net", "OU=Sales+CN=J.  Smith,DC=example,DC=net");
    row("CN=James \\\"Jim\\\" Smith\\, III,DC=example,DC=net", "CN=James \\\"Jim\\\" Smith\\, III,DC=example,DC=net");
    row("CN=Before\\0dAfter,DC=example,DC=net", "CN=Before\\0DAfter,DC=example,DC=net");
    row("CN=Lu\\C4\\8Di\\C4\\87", "CN=Lu\xc4\x8di\xc4\x87");
    // RFC 2253, 5, and 4: quotes, semicolons, blanks around separators.
    row("CN=Steve Kille,O=Isode Limited,C=GB", "CN=Steve Kille,O=Isode Limited,C=GB");
    row("CN=L. Eagle,O=\"Sue, Grabbit and Runn\",C=GB", "CN=L. Eagle,O=Sue\\, Grabbit and Runn,C=GB");
    row("CN = L. Eagle ; O = Sue\\, Grabbit and Runn ; C = GB", "CN=L. Eagle,O=Sue\\, Grabbit and Runn,C=GB");
    row("O=\"a \"\"b\"\" c\"", "O=a \\\"b\\\" c");
    row("O=\"a \\\"b\\\" c\", C=FI", "O=a \\\"b\\\" c,C=FI");
    // A comma of the value that nobody escaped.
    row("CN=DigiCert TLS RSA SHA256 2020 CA1, O=DigiCert, Inc., C=US",
        "CN=DigiCert TLS RSA SHA256 2020 CA1,O=DigiCert\\, Inc.,C=US");
    // OpenSSL's one line, with the country first, and octets.
    row("/C=US/O=DigiCert, Inc./CN=a/b Test", "CN=a/b Test,O=DigiCert\\, Inc.,C=US");
    row("/C=FI/O=P\\xC3\\xA4iv\\xC3\\xA4/CN=gw.example", "CN=gw.example,O=P\xc3\xa4iv\xc3\xa4,C=FI");
    // nginx's older $ssl_client_s_dn and Java's order from the top.
    row("C=FI, ST=Uusimaa, L=Espoo, O=Contoso, CN=agent-7", "CN=agent-7,O=Contoso,L=Espoo,ST=Uusimaa,C=FI");
    // Windows and App Service.
    row("CN=*.azure-api.net;O=Microsoft Corporation;L=Redmond;S=WA;C=US",
        "CN=*.azure-api.net,O=Microsoft Corporation,L=Redmond,ST=WA,C=US");
    row("E=a@b.example, CN=x", "1.2.840.113549.1.9.1=a@b.example,CN=x");
    row("emailAddress=a@b.example,CN=x", "1.2.840.113549.1.9.1=a@b.example,CN=x");
    row("SERIALNUMBER=12, OID.2.5.4.97=VATES-1, CN=x", "2.5.4.5=12,2.5.4.97=VATES-1,CN=x");
    row("oid.=46, CN=x", "OID.=46,CN=x"); // no number: a name like any other
    row("CN=a,", "CN=a");
    row("CN=a;", "CN=a");
    row("CN=a\\,", "CN=a\\,");
    row("CN=,O=b", "CN=,O=b");
    row("\"CN=a,O=b\"", "CN=a,O=b");
    row("cn=a,o=b", "CN=a,O=b");
    row("CN=\\ a\\ ", "CN=\\ a\\ ");
}

void TrustNamesTest::readsNames() {
    QFETCH(QByteArray, written);
    QFETCH(QByteArray, expected);
    QCOMPARE(QByteArray::fromStdString(rfc4514(written.toStdString())), expected);
}

void TrustNamesTest::refusesWhatIsNone() {
    for (const char* text : {"", "  ", "true", "gw.example", "=a", ",CN=a", "/", "a b=c", "\""})
        QVERIFY2(!readDnText(text), text);
}

void TrustNamesTest::sameNameHoweverWritten() {
    const std::string expected = key("CN=GeoTrust G5 TLS CA1,O=DigiCert\\, Inc.,ST=Utah,C=US");
    for (const char* text :
         {"C=US, ST=Utah, O=\"DigiCert, Inc.\", CN=GeoTrust G5 TLS CA1",
          "CN=GeoTrust G5 TLS CA1;O=DigiCert;Inc.;S=Utah;C=US", "/C=US/ST=Utah/O=DigiCert, Inc./CN=GeoTrust G5 TLS CA1",
          "cn=geotrust  g5 tls ca1, o=DigiCert\\2C Inc., s=UTAH, c=us",
          "CN=GeoTrust G5 TLS CA1, O=DigiCert, Inc., S=Utah, C=US"})
        QCOMPARE(key(text), expected);
}

void TrustNamesTest::differentNames() {
    const std::string name = key("CN=a,O=b");
    for (const char* text : {"CN=a", "CN=a,O=b,O=b", "CN=b,O=a", "CN=a,OU=b", "CN=a O=b", "CN=a,O=c"})
        QVERIFY2(key(text) != name, text);
    // The parts of one name never run into those of another.
    QVERIFY(key("CN=a\\0aO=b") != key("CN=a,O=b"));
}

void TrustNamesTest::readsItsOwnWriting() {
    for (const auto& row : publicRoots()) {
        const auto name = readDnText(row.subject);
        QVERIFY2(name.has_value(), std::string(row.subject).c_str());
        QCOMPARE(comparableKey(*readDnText(toRfc4514(*name))), comparableKey(*name));
    }
}

void TrustNamesTest::limits() {
    std::string many = "CN=a";
    for (std::size_t i = 1; i < DnText::kMaxAttributes; ++i) many += ",O=b";
    QVERIFY(readDnText(many).has_value());
    QVERIFY(!readDnText(many + ",O=b"));
    QVERIFY(readDnText("CN=" + std::string(DnText::kMaxOctets - 3, 'a')).has_value());
    QVERIFY(!readDnText("CN=" + std::string(DnText::kMaxOctets - 2, 'a')));
    // Every beginning of a good text is read or refused.
    const std::string good = "CN=\"a, \\\"b\",O=c\\2C\\xC3;S=d + OU=e";
    for (std::size_t length = 0; length <= good.size(); ++length)
        (void)readDnText(std::string_view(good).substr(0, length));
}

void TrustNamesTest::arrSsl() {
    const auto header = readCertificateHeader("X-ARR-SSL", kSeed);
    QVERIFY(header.has_value());
    QVERIFY(header->whose == CertificateHeader::Whose::Server);
    QCOMPARE(header->names.keyBits, 2048U);
    QCOMPARE(header->names.source, std::string("x-arr-ssl"));
    QCOMPARE(rfc4514(header->names.issuer),
             std::string("CN=Microsoft Azure RSA TLS Issuing CA 04,O=Microsoft Corporation,C=US"));
    QCOMPARE(rfc4514(header->names.subject),
             std::string("CN=*.azure-api.net,O=Microsoft Corporation,L=Redmond,ST=WA,C=US"));
    const auto onTheWire = namedCertificateOf(
        "x-arr-ssl", "2048|256|C=US, O=DigiCert Inc, CN=DigiCert SHA2 Secure Server CA|C=FI, CN=gw.example");
    QVERIFY(onTheWire.has_value());
    QCOMPARE(rfc4514(onTheWire->subject), std::string("CN=gw.example,C=FI"));
    const auto odd = namedCertificateOf("x-arr-ssl", "many|256|CN=a|CN=b");
    QVERIFY(odd.has_value());
    QCOMPARE(odd->keyBits, 0U);
}

void TrustNamesTest::envoy() {
    const auto made = makeCertificate({.subject = "O=Contoso,CN=agent-7"});
    const QByteArray encoded = QByteArray::fromStdString(made.pem()).toPercentEncoding();
    const std::string value = "By=spiffe://gw;Hash=468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688;"
                              "Subject=\"/C=US/ST=CA/O=Lyft\\\"s/CN=test; client\";URI=spiffe://lyft.example/fe;"
                              "DNS=lyft.example;DNS=www.lyft.example,By=spiffe://b;Subject=\"CN=second\"";
    const auto header = readCertificateHeader("x-forwarded-client-cert", value);
    QVERIFY(header.has_value());
    QVERIFY(header->whose == CertificateHeader::Whose::Client);
    QCOMPARE(rfc4514(header->names.subject), std::string("CN=test\\; client,O=Lyft\\\"s,ST=CA,C=US"));
    QCOMPARE(header->hosts, (std::vector<std::string>{"spiffe://lyft.example/fe", "lyft.example", "www.lyft.example"}));
    QVERIFY(header->certificates.empty());
    const auto whole =
        readCertificateHeader("X-Forwarded-Client-Cert", "Cert=\"" + encoded.toStdString() + "\";Subject=\"CN=lies\"");
    QVERIFY(whole.has_value());
    QCOMPARE(whole->certificates.size(), std::size_t{1});
    QCOMPARE(whole->certificates[0]->der, made.der);
    QCOMPARE(whole->names.subject, std::string("CN=agent-7,O=Contoso")); // the certificate's own
}

void TrustNamesTest::namesInHeadersOfTheirOwn() {
    for (const char* name : {"x-client-cert-subject-dn", "ssl_client_s_dn", "SSL-Client-Subject-DN",
                             "X-SSL-Client-S-DN", "HTTP_X_SSL_CLIENT_S_DN", "x-amzn-mtls-clientcert-subject"}) {
        const auto named = namedCertificateOf(name, "CN=agent-7,O=Contoso");
        QVERIFY2(named.has_value(), name);
        QCOMPARE(named->subject, std::string("CN=agent-7,O=Contoso"));
        QVERIFY(named->issuer.empty());
    }
    const auto issuer = namedCertificateOf("ssl-client-issuer-dn", "/C=FI/CN=Contoso%20CA");
    QVERIFY(issuer.has_value());
    QCOMPARE(rfc4514(issuer->issuer), std::string("CN=Contoso CA,C=FI"));
}

void TrustNamesTest::certificatesInHeaders() {
    const auto root = makeCertificate({.subject = "CN=root", .ca = true});
    const auto made = makeCertificate({.subject = "CN=agent-7"}, &root);
    const QByteArray pem = QByteArray::fromStdString(made.pem());
    const QByteArray der = base64(made.der);
    const std::vector<std::pair<const char*, QByteArray>> ways = {
        {"x-client-cert", pem.toPercentEncoding()},
        {"ssl-client-cert", QByteArray(pem).replace('\n', "\n\t")},
        {"x-ssl-client-cert", QByteArray(pem).replace('\n', ' ')},
        {"x-amzn-mtls-clientcert-leaf", pem.toPercentEncoding("+=/")},
        {"x-arr-clientcert", der},
        {"x-forwarded-tls-client-cert", der + ',' + base64(root.der)},
        {"client-cert", ':' + der + ':'},
    };
    for (const auto& [name, value] : ways) {
        const auto header = readCertificateHeader(name, value.toStdString());
        QVERIFY2(header.has_value(), name);
        QCOMPARE(header->certificates[0]->der, made.der);
        QCOMPARE(header->names.issuer, std::string("CN=root"));
    }
    QCOMPARE(readCertificateHeader("client-cert-chain", (':' + der + ":, :" + base64(root.der) + ':').toStdString())
                 ->certificates.size(),
             std::size_t{2});
    QByteArray many;
    for (std::size_t i = 0; i < CertificateHeader::kMaxCertificates + 3; ++i) many += der + ',';
    QCOMPARE(readCertificateHeader("client-cert-chain", many.toStdString())->certificates.size(),
             CertificateHeader::kMaxCertificates);
    // Every beginning of it is read or refused.
    for (qsizetype length = 0; length < pem.size(); length += 3)
        QVERIFY(!readCertificateHeader("x-client-cert", pem.left(length).toStdString()) || length > pem.size() - 40);
}

void TrustNamesTest::headersThatTellNothing() {
    QVERIFY(!readCertificateHeader("x-arr-ssl", "true")); // Container Apps
    QVERIFY(!readCertificateHeader("x-arr-ssl", ""));
    QVERIFY(!readCertificateHeader("x-arr-ssl", "2048|256|CN=a"));
    QVERIFY(!readCertificateHeader("x-arr-ssl", "2048|256||"));
    QVERIFY(!readCertificateHeader("x-forwarded-for", "CN=a"));
    QVERIFY(!readCertificateHeader("x-client-cert", "bm9uZQ=="));
    QVERIFY(!readCertificateHeader("x-client-cert-subject-dn", "none"));
    QVERIFY(!readCertificateHeader("x-forwarded-client-cert", ";;=;,\""));
    QVERIFY(!readCertificateHeader("x-arr-ssl", "1|1|" + std::string(CertificateHeader::kMaxOctets, 'a') + "|CN=b"));
    QVERIFY(!namedCertificateOf("x-forwarded-client-cert", "DNS=a.example"));
}

// The tables hold that issuer three times (read with grep): twice under DigiCert Global Root G2 until 2026-08-25, once
// under Microsoft RSA Root Certificate Authority 2017 until 2028-05-25. G2 is a root of all six programmes, the other
// one of Mozilla, Microsoft, Apple and Android only.
void TrustNamesTest::crossSignedIssuerDayByDay() {
    const auto named = namedCertificateOf("x-arr-ssl", kSeed);
    QVERIFY(named.has_value());
    const auto profiles = makeProfiles({});
    const auto before = judgeNames(*named, "contoso.azure-api.net", day(2026, 1, 15), profiles);
    const auto near = judgeNames(*named, "contoso.azure-api.net", day(2026, 7, 1), profiles);
    const auto after = judgeNames(*named, "contoso.azure-api.net", day(2026, 11, 22), profiles);
    const auto late = judgeNames(*named, "contoso.azure-api.net", day(2028, 6, 1), profiles);
    QVERIFY(before.namesOnly && before.complete && !before.privateCa);
    for (const char* id : {"strict-common", "mozilla", "microsoft", "apple", "android"}) {
        QVERIFY2(verdictOf(before, id) != nullptr, id);
        QVERIFY(verdictOf(before, id)->verdict == Verdict::Trusted && verdictOf(before, id)->byName);
        QVERIFY(verdictOf(after, id)->verdict == Verdict::Trusted);
        QCOMPARE(verdictOf(after, id)->root,
                 std::string("CN=Microsoft RSA Root Certificate Authority 2017,O=Microsoft Corporation,C=US"));
        QVERIFY(verdictOf(late, id)->verdict == Verdict::Untrusted);
        QCOMPARE(verdictOf(late, id)->reason, std::string("trust.certificate.expired"));
    }
    for (const char* id : {"openjdk", "openjdk-old"}) {
        const ProfileVerdict* verdict = verdictOf(before, id);
        QVERIFY2(verdict != nullptr, id);
        QVERIFY(verdict->verdict == Verdict::Trusted);
        QVERIFY(verdict->root.starts_with("CN=DigiCert Global Root G2,"));
        QCOMPARE(verdict->reasonText,
                 std::string("By name: DigiCert Global Root G2 until 2026-08-25; this list lacks Microsoft RSA Root "
                             "Certificate Authority 2017 until 2028-05-25."));
        QVERIFY(verdictOf(after, id)->verdict == Verdict::Untrusted);
        QCOMPARE(verdictOf(after, id)->reason, std::string("trust.certificate.expired"));
    }
    QCOMPARE(verdictOf(before, "mozilla")->reasonText,
             std::string("By name: DigiCert Global Root G2 until 2026-08-25, then Microsoft RSA Root Certificate "
                         "Authority 2017 until 2028-05-25."));
    // More than 90 days before: nothing to say; then a warning; then the fact.
    QVERIFY(problemOf(before, kCrossSignExpires) == nullptr && problemOf(before, kCrossSignExpired) == nullptr);
    QVERIFY(
        says(problemOf(near, kCrossSignExpires), "after 2026-08-25 no path is left for: OpenJDK 17.0.2; Oracle JDK"));
    QVERIFY(says(problemOf(near, kCrossSignExpires), "another path is left for: Public CAs: strict common"));
    QVERIFY(says(problemOf(after, kCrossSignExpired), "under DigiCert Global Root G2 until 2026-08-25"));
    QVERIFY(says(problemOf(after, kExpired), "OpenJDK 17.0.2"));
    QVERIFY(problemOf(after, kExpired)->weight == Weight::StricterStacks);
    QVERIFY(problemOf(late, kExpired)->weight == Weight::Rejects);
    QVERIFY(says(problemOf(after, kNamesOnly), "the common name fits contoso.azure-api.net"));
    QVERIFY(after.headline.find("OpenJDK 17.0.2") != std::string::npos);
    // The last day itself still counts.
    QVERIFY(verdictOf(judgeNames(*named, "", day(2026, 8, 25), profiles), "openjdk")->verdict == Verdict::Trusted);
    QVERIFY(verdictOf(judgeNames(*named, "", day(2026, 8, 26), profiles), "openjdk")->verdict == Verdict::Untrusted);
}

void TrustNamesTest::privateIssuer() {
    const auto profiles = makeProfiles({});
    const auto answer = judgeNames({"CN=gw.contoso.com", "CN=Contoso Issuing CA 3,O=Contoso", 0, "x-arr-ssl"}, "",
                                   day(2026, 11, 22), profiles);
    QVERIFY(answer.privateCa && answer.namesOnly && !answer.complete);
    QVERIFY(verdictOf(answer, "strict-common")->verdict == Verdict::Untrusted);
    QCOMPARE(verdictOf(answer, "strict-common")->reason, std::string("private-ca"));
    QCOMPARE(answer.topName, std::string("CN=Contoso Issuing CA 3,O=Contoso"));
    QVERIFY(problemOf(answer, kPrivateCa) != nullptr);
    QCOMPARE(answer.headline,
             std::string("By names only (x-arr-ssl): private CA: Contoso Issuing CA 3, in no public programme."));
}

void TrustNamesTest::knownOrganisation() {
    const auto profiles = makeProfiles({});
    const auto answer = judgeNames({"CN=gw.contoso.com", "CN=DigiCert Brand New CA,O=DigiCert, Inc.,C=US", 0, ""}, "",
                                   day(2026, 11, 22), profiles);
    QVERIFY(!answer.privateCa);
    QVERIFY(verdictOf(answer, "strict-common")->verdict == Verdict::Undecided);
    QVERIFY(problemOf(answer, kPrivateCa) == nullptr);
}

void TrustNamesTest::selfSigned() {
    const auto profiles = makeProfiles({});
    const auto answer = judgeNames({"CN=gw,O=Contoso", "O=Contoso, CN=GW", 0, ""}, "", day(2026, 11, 22), profiles);
    QVERIFY(!answer.privateCa);
    QVERIFY(problemOf(answer, kSelfSignedLeaf) != nullptr);
    QCOMPARE(verdictOf(answer, "mozilla")->reason, std::string(kSelfSignedLeaf.id));
}

void TrustNamesTest::ownRootByName() {
    const auto root = makeCertificate({.subject = "O=Contoso,CN=Contoso Root", .ca = true});
    ProfileSources sources;
    QVERIFY(sources.custom.add(readCertificate(root.der).value(), Origin::User));
    sources.customOnly = true;
    const auto profiles = makeProfiles(sources);
    const auto answer = judgeNames({"CN=gw", "O=Contoso;CN=Contoso Root", 0, ""}, "", day(2026, 11, 22), profiles);
    const ProfileVerdict* own = verdictOf(answer, "custom");
    QVERIFY(own != nullptr);
    QVERIFY(own->verdict == Verdict::Trusted && own->byName);
    const auto below = judgeNames({"CN=gw", "CN=Contoso Issuing", 0, ""}, "", day(2026, 11, 22), profiles);
    QVERIFY(verdictOf(below, "custom")->verdict == Verdict::Undecided);
}

void TrustNamesTest::rootAsIssuer() {
    const auto profiles = makeProfiles({});
    const auto answer =
        judgeNames({"CN=gw", "C=US,O=DigiCert Inc,OU=www.digicert.com,CN=DigiCert Global Root G2", 0, ""}, "",
                   day(2026, 11, 22), profiles);
    QVERIFY(verdictOf(answer, "openjdk")->verdict == Verdict::Trusted);
    QVERIFY(verdictOf(judgeNames({"CN=gw", "CN=DigiCert Global Root G2,OU=www.digicert.com,O=DigiCert Inc,C=US", 0, ""},
                                 "", day(2012, 1, 1), profiles),
                      "openjdk")
                ->reason == kNotYetValid.id);
}

void TrustNamesTest::untoldIssuer() {
    const auto profiles = makeProfiles({});
    const auto answer = judgeNames({"CN=gw", "", 0, ""}, "gw", day(2026, 11, 22), profiles);
    QVERIFY(std::ranges::all_of(answer.verdicts, [](const auto& each) { return each.verdict == Verdict::Undecided; }));
    QVERIFY(!answer.headline.empty());
    QVERIFY(judgeNames({}, "", kNoTime, {}).verdicts.empty());
}

void TrustNamesTest::weakKeyAndHost() {
    const auto profiles = makeProfiles({});
    const auto weak = judgeNames({"CN=gw", "CN=x", 1024, ""}, "other.example", kNoTime, profiles);
    QVERIFY(says(problemOf(weak, kWeakKey), "RSA 1024"));
    QVERIFY(says(problemOf(weak, kNamesOnly), "whether it names other.example is not told"));
    QVERIFY(problemOf(judgeNames({"CN=gw", "CN=x", 256, ""}, "", kNoTime, profiles), kWeakKey) == nullptr);
    QVERIFY(problemOf(judgeNames({"CN=gw", "CN=x", 0, ""}, "", kNoTime, profiles), kWeakKey) == nullptr);
}

QTEST_APPLESS_MAIN(TrustNamesTest)
#include "trust_names_test.moc"
