// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "core/trust/certificate.h"
#include "core/trust/certificate_set.h"
#include "tests/support/certificate_maker.h"

#include <limits>

using namespace gatescope;
using namespace gatescope::trust;
using test::CertificateRecipe;
using test::makeCertificate;

namespace {

CertificatePtr readMade(const CertificateRecipe& recipe, const test::MadeCertificate* issuer = nullptr) {
    return readCertificate(makeCertificate(recipe, issuer).der).value_or(nullptr);
}

} // namespace

class CertificateTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void fieldsAreThoseOfTheRecipe();
    void extensionsAreRead();
    void namesCompareWithoutCaseAndSpaces();
    void namesOfOtherOrderDiffer();
    void signaturesDecideWhoIssued();
    void keyIdsThatContradictRuleOut();
    void timesBeyondTheRangeBecomeItsLimit();
    void anythingElseIsMalformed();
    void setsKeepEachOnceWithItsBestOrigin();
};

void CertificateTest::fieldsAreThoseOfTheRecipe() {
    const auto made =
        makeCertificate({.subject = "C=FI,O=Contoso\\, Ltd,CN=gw.example", .key = "rsa2048", .serial = "0a1b2c"});
    const CertificatePtr certificate = readCertificate(made.der).value_or(nullptr);
    QVERIFY(certificate);
    QCOMPARE(certificate->subject, std::string("CN=gw.example,O=Contoso\\, Ltd,C=FI")); // RFC 4514: last part first
    QCOMPARE(certificate->commonName, std::string("gw.example"));
    QCOMPARE(certificate->serial, std::string("0a1b2c"));
    QCOMPARE(certificate->serialOctets, std::size_t{3});
    QCOMPARE(formatTime(certificate->notBefore), std::string("2024-01-01T00:00:00.000000000Z"));
    QCOMPARE(formatTime(certificate->notAfter), std::string("2030-01-01T00:00:00.000000000Z"));
    QCOMPARE(certificate->keyText, std::string("RSA 2048"));
    QCOMPARE(certificate->signatureDigest, std::string("SHA256"));
    QVERIFY(certificate->selfSigned);
    QVERIFY(certificate->unreadable.empty());
}

void CertificateTest::extensionsAreRead() {
    const auto root = makeCertificate({.subject = "CN=root", .ca = true});
    const CertificatePtr leaf =
        readMade({.subject = "CN=leaf",
                  .extensions = {{"subjectAltName", "DNS:gw.example,IP:10.0.9.213,IP:2001:db8::1,email:a@b.example"},
                                 {"extendedKeyUsage", "serverAuth"},
                                 {"keyUsage", "critical,digitalSignature,keyEncipherment"},
                                 {"authorityInfoAccess",
                                  "caIssuers;URI:http://ca.example/root.crt,OCSP;URI:http://ocsp.example"},
                                 {"crlDistributionPoints", "URI:http://crl.example/root.crl"},
                                 {"tlsfeature", "status_request"},
                                 {"1.2.3.4", "critical,DER:0500"}}},
                 &root);
    QVERIFY(leaf);
    QVERIFY(leaf->hasAlternativeName);
    QCOMPARE(leaf->names.size(), std::size_t{4});
    QCOMPARE(leaf->names[0].text, std::string("gw.example"));
    QCOMPARE(leaf->names[1].text, std::string("10.0.9.213"));
    QCOMPARE(leaf->names[2].text, std::string("2001:db8::1"));
    QCOMPARE(leaf->names[3].kind, AlternativeName::Kind::Email);
    QCOMPARE(*leaf->extendedKeyUsage, std::vector<std::string>{"1.3.6.1.5.5.7.3.1"}); // RFC 5280, 4.2.1.12
    QCOMPARE(*leaf->keyUsage, std::uint16_t(Certificate::kDigitalSignature | Certificate::kKeyEncipherment));
    QCOMPARE(leaf->caIssuers, std::vector<std::string>{"http://ca.example/root.crt"});
    QCOMPARE(leaf->ocsp, std::vector<std::string>{"http://ocsp.example"});
    QCOMPARE(leaf->crl, std::vector<std::string>{"http://crl.example/root.crl"});
    QVERIFY(leaf->mustStaple);
    QVERIFY(!leaf->isCa);
    QVERIFY(!leaf->selfIssued);
    const CertificatePtr ca = readCertificate(root.der).value_or(nullptr);
    QCOMPARE(*leaf->authorityKeyId, *ca->subjectKeyId);
    QCOMPARE(*ca->subjectKeyId, ca->publicKeySha1); // RFC 5280, 4.2.1.2, method 1, is what OpenSSL's `hash` does
    QVERIFY(ca->isCa);
    bool isCritical = false;
    for (const auto& extension : leaf->extensions) isCritical |= extension.oid == "1.2.3.4" && extension.critical;
    QVERIFY(isCritical);
}

// RFC 5280, 7.1: case and runs of blanks do not count.
void CertificateTest::namesCompareWithoutCaseAndSpaces() {
    const auto upper = readMade({.subject = "O=Contoso  Ltd,CN=Issuing CA"});
    const auto lower = readMade({.subject = "O=contoso ltd,CN=issuing ca"});
    QCOMPARE(upper->subjectKey, lower->subjectKey);
    QVERIFY(upper->subject != lower->subject);
}

void CertificateTest::namesOfOtherOrderDiffer() {
    QVERIFY(readMade({.subject = "O=A,CN=B"})->subjectKey != readMade({.subject = "CN=B,O=A"})->subjectKey);
    // Lengths are part of the key, so no value can look like two.
    QVERIFY(readMade({.subject = "CN=ab,CN=c"})->subjectKey != readMade({.subject = "CN=a,CN=bc"})->subjectKey);
}

void CertificateTest::signaturesDecideWhoIssued() {
    const auto root = makeCertificate({.subject = "CN=root", .ca = true, .plain = true});
    const auto twin = makeCertificate({.subject = "CN=root", .ca = true, .plain = true}); // same name, another key
    const auto leaf = readMade({.subject = "CN=leaf", .plain = true}, &root);
    const auto rootRead = readCertificate(root.der).value_or(nullptr),
               twinRead = readCertificate(twin.der).value_or(nullptr);
    QVERIFY(couldBeIssuedBy(*leaf, *rootRead));
    QVERIFY(couldBeIssuedBy(*leaf, *twinRead));
    QVERIFY(isIssuedBy(*leaf, *rootRead));
    QVERIFY(!isIssuedBy(*leaf, *twinRead));
}

void CertificateTest::keyIdsThatContradictRuleOut() {
    const auto root = makeCertificate({.subject = "CN=root", .ca = true});
    const auto twin = readMade({.subject = "CN=root", .ca = true});
    const auto leaf = readMade({.subject = "CN=leaf"}, &root);
    QVERIFY(!couldBeIssuedBy(*leaf, *twin));
}

// RFC 5280, 4.1.2.5: 99991231235959Z means no end; TimeNs ends in 2262.
void CertificateTest::timesBeyondTheRangeBecomeItsLimit() {
    const auto certificate = readMade({.subject = "CN=forever", .notAfter = 253'402'300'799});
    QCOMPARE(certificate->notAfter, std::numeric_limits<TimeNs>::max());
}

void CertificateTest::anythingElseIsMalformed() {
    const std::string der = makeCertificate({.subject = "CN=a"}).der;
    for (std::size_t size = 0; size < der.size(); ++size)
        QCOMPARE(readCertificate(std::string_view(der).substr(0, size)).error(), DecodeError::Malformed);
    QCOMPARE(readCertificate(der + '\0').error(), DecodeError::Malformed);
    QCOMPARE(readCertificate(std::string(Certificate::kMaxBytes + 1, '0')).error(), DecodeError::LimitReached);
}

void CertificateTest::setsKeepEachOnceWithItsBestOrigin() {
    const auto certificate = readMade({.subject = "CN=a"});
    CertificateSet set;
    QVERIFY(set.add(certificate, Origin::System));
    QVERIFY(set.add(certificate, Origin::Sent));
    QVERIFY(set.add(certificate, Origin::User));
    QCOMPARE(set.size(), std::size_t{1});
    QVERIFY(set.find(certificate->sha256)->origin == Origin::Sent);
    QCOMPARE(set.withSubject(certificate->subjectKey).size(), std::size_t{1});
    QVERIFY(set.withSubject("other").empty());
}

QTEST_APPLESS_MAIN(CertificateTest)
#include "trust_certificate_test.moc"
