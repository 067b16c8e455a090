// SPDX-License-Identifier: Apache-2.0
// What is wrong with a chain whatever anybody trusts: RFC 5280, RFC 6960, RFC 8446, 4.4.2, and the Baseline
// Requirements of the CA/Browser Forum. Certificates and stapled responses are made by OpenSSL for each case.
#include <QTest>

#include "core/trust/chain.h"
#include "core/trust/sent_chain.h"
#include "core/trust/trust_findings.h"
#include "tests/support/certificate_maker.h"
#include "tests/support/corpus.h"

#include <algorithm>
#include <map>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

using namespace gatescope;
using namespace gatescope::trust;
using test::atSecond;
using test::CertificateRecipe;
using test::MadeCertificate;
using test::makeCertificate;

namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kStart = 1'704'067'200; // 2024-01-01
constexpr TimeNs kAt = atSecond(kStart + 100 * kDaySeconds);

using Path = std::vector<CertificateSet::Entry>;

CertificatePtr read(const MadeCertificate& made) {
    return readCertificate(made.der).value_or(nullptr);
}

Path pathOf(std::initializer_list<CertificatePtr> certificates) {
    Path path;
    for (const CertificatePtr& each : certificates) path.push_back({each, Origin::Sent});
    return path;
}

/// A leaf with which nobody finds fault.
CertificateRecipe goodLeaf() {
    return {.subject = "CN=gw.example",
            .notBefore = kStart,
            .notAfter = kStart + 397 * kDaySeconds,
            .extensions = {{"subjectAltName", "DNS:gw.example"},
                           {"extendedKeyUsage", "serverAuth"},
                           {"basicConstraints", "critical,CA:FALSE"},
                           {"keyUsage", "critical,digitalSignature"}}};
}

CertificateRecipe changed(CertificateRecipe recipe, const std::string& name, const std::string& value) {
    std::erase_if(recipe.extensions, [&](const auto& each) { return each.first == name; });
    if (!value.empty()) recipe.extensions.emplace_back(name, value);
    return recipe;
}

struct Family {
    MadeCertificate rootMade = makeCertificate({.subject = "CN=Root", .ca = true});
    MadeCertificate middleMade = makeCertificate(
        {.subject = "CN=Middle", .ca = true, .extensions = {{"basicConstraints", "critical,CA:TRUE,pathlen:0"}}},
        &rootMade);
    MadeCertificate leafMade = makeCertificate(goodLeaf(), &middleMade);
    CertificatePtr root = read(rootMade), middle = read(middleMade), leaf = read(leafMade);
};

/// `kind@depth`, sorted, without the part before the last dot.
QByteArrayList kinds(const Problems& problems) {
    QByteArrayList list;
    for (const Problem& problem : problems) {
        const std::string_view id = problem.kind->id;
        list.append(QByteArray::fromStdString(std::string(id.substr(id.rfind('.') + 1))) + '@' +
                    QByteArray::number(problem.depth));
    }
    std::ranges::sort(list);
    return list;
}

QByteArrayList sentKinds(const std::vector<CertificatePtr>& sent) {
    QByteArrayList list = kinds(checkSent(sent));
    for (QByteArray& each : list) each.chop(3); // `@-1`
    return list;
}

bool says(const Problems& problems, std::string_view words) {
    return std::ranges::any_of(problems, [&](const Problem& problem) {
        return std::ranges::any_of(problem.evidence,
                                   [&](const std::string& fact) { return fact.find(words) != std::string::npos; });
    });
}

const Problem* withText(const Problems& problems, std::string_view words) {
    const auto found = std::ranges::find_if(problems, [&](const Problem& problem) { return says({problem}, words); });
    return found == problems.end() ? nullptr : &*found;
}

struct StapleRecipe {
    int status = V_OCSP_CERTSTATUS_GOOD;
    std::int64_t thisUpdate = kStart + 99 * kDaySeconds, nextUpdate = kStart + 106 * kDaySeconds;
    int responseStatus = OCSP_RESPONSE_STATUS_SUCCESSFUL;
    bool breakSignature = false;
};

std::string staple(const MadeCertificate& leaf, const MadeCertificate& issuer, const MadeCertificate& signer,
                   const StapleRecipe& recipe = {}) {
    const auto x509 = [](const MadeCertificate& made) { return static_cast<X509*>(made.x509.get()); };
    OCSP_BASICRESP* basic = OCSP_BASICRESP_new();
    OCSP_CERTID* id = OCSP_cert_to_id(EVP_sha1(), x509(leaf), x509(issuer));
    ASN1_TIME* revoked = ASN1_TIME_set(nullptr, kStart + 50 * kDaySeconds);
    ASN1_TIME* from = ASN1_GENERALIZEDTIME_set(nullptr, recipe.thisUpdate);
    ASN1_TIME* to = ASN1_GENERALIZEDTIME_set(nullptr, recipe.nextUpdate);
    const int reason = recipe.status == V_OCSP_CERTSTATUS_REVOKED ? OCSP_REVOKED_STATUS_KEYCOMPROMISE : 0;
    OCSP_basic_add1_status(basic, id, recipe.status, reason, revoked, from, to);
    OCSP_basic_sign(basic, x509(signer), static_cast<EVP_PKEY*>(signer.key.get()), EVP_sha256(), nullptr, 0);
    OCSP_RESPONSE* response = OCSP_response_create(recipe.responseStatus, basic);
    unsigned char* der = nullptr;
    const int size = i2d_OCSP_RESPONSE(response, &der);
    std::string octets(reinterpret_cast<const char*>(der), static_cast<std::size_t>(std::max(size, 0)));
    OPENSSL_free(der);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    OCSP_CERTID_free(id);
    for (ASN1_TIME* time : {revoked, from, to}) ASN1_TIME_free(time);
    return octets;
}

} // namespace

class TrustSentChainTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void goodOrder();
    void oddOrders();
    void manySent();
    void goodChainHasNoLint();
    void lintsOfTheLeaf_data();
    void lintsOfTheLeaf();
    void lintsOfTheCa_data();
    void lintsOfTheCa();
    void longValidity_data();
    void longValidity();
    void serials();
    void oddKeys();
    void unusedCertificates();
    void publicLeafWithoutScts();
    void missingIssuersAtHand();
    void missingIssuersOfTheTables();
    void goodStaple();
    void badStaples();
    void stapleOfADelegate();
    void everyBeginningOfAStaple();
    void inspection();
    void expiresSoon();
    void crossSignExpires();
    void manyDefects();
    void manyDefectsOfTheCorpus();

private:
    const Family m_family;
};

void TrustSentChainTest::goodOrder() {
    const Family& f = m_family;
    QVERIFY(checkSent({}).empty());
    QVERIFY(checkSent(std::vector{f.leaf}).empty());
    QVERIFY(checkSent(std::vector{f.leaf, f.middle}).empty());
    QVERIFY(checkSent(std::vector{f.root}).empty()); // self-signed and alone: the leaf
}

void TrustSentChainTest::oddOrders() {
    const Family& f = m_family;
    const CertificatePtr other = read(makeCertificate({.subject = "CN=Other CA", .ca = true}));
    const CertificatePtr second = read(makeCertificate({.subject = "CN=old.example"}, &f.middleMade));
    QCOMPARE(sentKinds({f.leaf, f.middle, f.root}), QByteArrayList{"root-sent"});
    QCOMPARE(sentKinds({f.leaf, f.root, f.middle}), (QByteArrayList{"root-sent", "wrong-order"}));
    QCOMPARE(sentKinds({f.leaf, f.middle, f.middle}), QByteArrayList{"duplicate"});
    QCOMPARE(sentKinds({f.leaf, f.leaf, f.middle, f.leaf}), (QByteArrayList{"duplicate", "duplicate"}));
    QCOMPARE(sentKinds({f.leaf, f.middle, other}), QByteArrayList{"extra"});
    QCOMPARE(sentKinds({f.leaf, second, f.middle}), QByteArrayList{"several-leaves"});
    QCOMPARE(sentKinds({f.middle, f.leaf}), QByteArrayList{"leaf-not-first"});
    QCOMPARE(sentKinds({f.root, f.middle, f.leaf}), (QByteArrayList{"leaf-not-first", "root-sent", "wrong-order"}));
    const Problems reversed = checkSent(std::vector{f.middle, f.leaf});
    QVERIFY(reversed[0].weight == Weight::Rejects);
    QCOMPARE(reversed[0].certificate, f.leaf);
    QVERIFY(says(reversed, "stands at place 2") && says(reversed, "CN=Middle, which is a CA"));
    // Two issues of one CA, as cross-signs are sent: both certify the leaf.
    const auto otherRoot = makeCertificate({.subject = "CN=Other Root", .ca = true});
    const CertificatePtr cross = read(makeCertificate({.subject = "CN=Middle", .ca = true}, &otherRoot, &f.middleMade));
    QVERIFY(checkSent(std::vector{f.leaf, f.middle, cross}).empty());
}

void TrustSentChainTest::manySent() {
    std::vector<CertificatePtr> sent{m_family.leaf};
    sent.resize(ChainQuestion::kMaxSent, m_family.middle);
    QCOMPARE(checkSent(sent).size(), ChainQuestion::kMaxSent - 2);
    sent.push_back(m_family.root);
    const Problems problems = checkSent(sent);
    QCOMPARE(problems.size(), ChainQuestion::kMaxSent - 1);
    QCOMPARE(problems[0].kind, &kTooManyCertificates);
    QVERIFY(checkSent(std::vector<CertificatePtr>{nullptr, nullptr}).empty());
}

void TrustSentChainTest::goodChainHasNoLint() {
    const Problems problems = lint(pathOf({m_family.leaf, m_family.middle, m_family.root}), {}, kAt);
    QVERIFY2(problems.empty(), problems.empty() ? "" : problems[0].evidence.back().c_str());
    QVERIFY(lint({}, {}, kAt).empty());
}

void TrustSentChainTest::lintsOfTheLeaf_data() {
    QTest::addColumn<QByteArray>("extension");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QByteArray>("words");
    QTest::addColumn<QByteArray>("concerns");
    const auto row = [](const char* extension, const char* value, const char* words, const char* concerns) {
        QTest::newRow(words) << QByteArray(extension) << QByteArray(value) << QByteArray(words) << QByteArray(concerns);
    };
    row("extendedKeyUsage", "", "no extendedKeyUsage", "Apple");
    row("extendedKeyUsage", "anyExtendedKeyUsage", "anyExtendedKeyUsage", "OpenSSL");
    row("extendedKeyUsage", "serverAuth,anyExtendedKeyUsage", "allows anything", "rules of public CAs");
    row("extendedKeyUsage", "critical,serverAuth", "extendedKeyUsage is critical", "rules of public CAs");
    row("basicConstraints", "critical,CA:TRUE", "one of a CA", "rustls");
    row("keyUsage", "critical,digitalSignature,keyCertSign", "keyCertSign in a certificate that is no CA",
        "Python 3.13");
    row("keyUsage", "critical,keyAgreement", "no digitalSignature", "Chrome");
    row("subjectAltName", "", "no alternative name for a host", "curl");
    row("subjectAltName", "email:a@gw.example", "no alternative name for a host", "curl");
    row("subjectAltName", "DNS:other.example", "common name gw.example is not among", "rules of public CAs");
    row("subjectAltName", "DNS:gw.example,DNS:a_b.example", "underscore", "rules of public CAs");
    row("subjectAltName", "DNS:gw.example,DNS:*.com", "all names of a registry", "browsers");
    row("subjectAltName", "DNS:gw.example,DNS:*.co.uk,DNS:*.fi", "*.co.uk: a wildcard", "browsers");
    row("subjectAltName", "DNS:gw.example,DNS:10.0.0.1", "an address written as a DNS name", "by address");
    row("subjectAltName", "DNS:gw.example,DNS:https://gw.example/", "not the form of a DNS name", "rustls");
    row("nameConstraints", "critical,permitted;DNS:gw.example", "nameConstraints in a certificate that is no CA",
        "RFC 5280");
    row("authorityInfoAccess", "critical,caIssuers;URI:http://a.example/", "authority information access is critical",
        "RFC 5280");
    row("authorityInfoAccess", "DER:0500", "malformed: authority information access", "strict parsers");
    row("subjectKeyIdentifier", "critical,hash", "a key identifier is critical", "Python 3.13");
}

void TrustSentChainTest::lintsOfTheLeaf() {
    QFETCH(QByteArray, extension);
    QFETCH(QByteArray, value);
    QFETCH(QByteArray, words);
    QFETCH(QByteArray, concerns);
    const auto recipe = changed(goodLeaf(), extension.toStdString(), value.toStdString());
    const CertificatePtr leaf = read(makeCertificate(recipe, &m_family.middleMade));
    const Problems problems = lint(pathOf({leaf, m_family.middle, m_family.root}), {}, kAt);
    const Problem* problem = withText(problems, words.toStdString());
    QVERIFY(problem != nullptr);
    QCOMPARE(problem->depth, 0);
    QCOMPARE(problem->certificate, leaf);
    QCOMPARE(problem->evidence[0], std::string("CN=gw.example"));
    QVERIFY2(problem->concerns.find(concerns.toStdString()) != std::string::npos, problem->concerns.c_str());
    // A fault gives one problem, and none of the others.
    const bool alsoCa = words == "nameConstraints in a certificate that is no CA";
    QVERIFY2(problems.size() == 1 || alsoCa, QByteArray::number(problems.size()).constData());
}

void TrustSentChainTest::lintsOfTheCa_data() {
    QTest::addColumn<QByteArray>("extension");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QByteArray>("words");
    const auto row = [](const char* extension, const char* value, const char* words) {
        QTest::newRow(words) << QByteArray(extension) << QByteArray(value) << QByteArray(words);
    };
    row("basicConstraints", "CA:TRUE", "basicConstraints of a CA is not critical");
    row("nameConstraints", "permitted;DNS:example", "nameConstraints is not critical");
    row("nameConstraints", "critical,DER:3000", "nameConstraints without a name");
    row("subjectKeyIdentifier", "none", "a CA without subject key identifier");
    row("authorityKeyIdentifier", "none", "no authority key identifier");
}

void TrustSentChainTest::lintsOfTheCa() {
    QFETCH(QByteArray, extension);
    QFETCH(QByteArray, value);
    QFETCH(QByteArray, words);
    CertificateRecipe recipe{.subject = "CN=Middle", .ca = true};
    if (value == "none") {
        recipe.plain = true; // neither of the key ids
        recipe.extensions = {extension == "subjectKeyIdentifier"
                                 ? std::pair<std::string, std::string>{"authorityKeyIdentifier", "keyid"}
                                 : std::pair<std::string, std::string>{"subjectKeyIdentifier", "hash"}};
    } else {
        recipe.extensions.emplace_back(extension.toStdString(), value.toStdString());
    }
    const auto middle = makeCertificate(recipe, &m_family.rootMade);
    const CertificatePtr leaf =
        read(makeCertificate(changed(goodLeaf(), "authorityKeyIdentifier", "keyid,issuer:always"), &middle));
    const Problems problems = lint(pathOf({leaf, read(middle), m_family.root}), {}, kAt);
    const Problem* problem = withText(problems, words.toStdString());
    QVERIFY(problem != nullptr);
    QCOMPARE(problem->depth, 1);
    QCOMPARE(problem->kind, &kLint);
}

void TrustSentChainTest::longValidity_data() {
    QTest::addColumn<qint64>("from");
    QTest::addColumn<int>("days");
    QTest::addColumn<bool>("isPublic");
    QTest::addColumn<QByteArray>("limit"); // empty: none
    constexpr qint64 k2017 = 1'483'228'800, k2018 = 1'519'862'400 /* 03-01 */, k2019 = 1'561'939'200 /* 07-01 */,
                     k2020 = 1'598'918'400 /* 09-01 */, k2026 = 1'773'532'800 /* 03-15 */,
                     k2027 = 1'805'068'800 /* 03-15 */, k2029 = 1'868'227'200 /* 03-15 */;
    QTest::newRow("before any rule") << k2017 << 1500 << true << QByteArray();
    QTest::newRow("825 in 2018") << k2018 << 825 << true << QByteArray();
    QTest::newRow("826 in 2018") << k2018 << 826 << true << QByteArray("; 825 are");
    QTest::newRow("398 in 2020") << k2020 << 398 << true << QByteArray();
    QTest::newRow("399 in 2020") << k2020 << 399 << true << QByteArray("; 398 are");
    QTest::newRow("399 the day before") << k2020 - 1 << 399 << true << QByteArray();
    QTest::newRow("200 in 2026") << k2026 << 200 << true << QByteArray();
    QTest::newRow("201 in 2026") << k2026 << 201 << true << QByteArray("; 200 are");
    QTest::newRow("101 in 2027") << k2027 << 101 << true << QByteArray("; 100 are");
    QTest::newRow("48 in 2029") << k2029 << 48 << true << QByteArray("; 47 are");
    QTest::newRow("private, 825") << k2026 << 825 << false << QByteArray();
    QTest::newRow("private, 826") << k2026 << 826 << false << QByteArray("; 825 are");
    QTest::newRow("private, before Apple's rule") << k2019 - 1 << 826 << false << QByteArray();
}

void TrustSentChainTest::longValidity() {
    QFETCH(qint64, from);
    QFETCH(int, days);
    QFETCH(bool, isPublic);
    QFETCH(QByteArray, limit);
    // A public one is told by the name of its issuer: that of a root of the tables.
    const auto issuer = makeCertificate(
        {.subject = isPublic ? "C=US,O=DigiCert Inc,OU=www.digicert.com,CN=DigiCert Global Root G2" : "CN=Root",
         .ca = true});
    CertificateRecipe recipe = goodLeaf();
    recipe.notBefore = from;
    recipe.notAfter = from + days * kDaySeconds - 1; // both ends count
    const Problems problems = lint(pathOf({read(makeCertificate(recipe, &issuer))}), {}, kAt);
    QCOMPARE(kinds(problems).contains("long-validity@0"), !limit.isEmpty());
    QVERIFY(limit.isEmpty() || says(problems, limit.toStdString()));
    QVERIFY(limit.isEmpty() || says(problems, "valid for " + std::to_string(days) + " days"));
}

void TrustSentChainTest::serials() {
    const auto wordsFor = [&](const std::string& serial) {
        CertificateRecipe recipe = goodLeaf();
        recipe.serial = serial;
        return lint(pathOf({read(makeCertificate(recipe, &m_family.middleMade)), m_family.middle, m_family.root}), {},
                    kAt);
    };
    QVERIFY(says(wordsFor("00"), "the serial number is 0"));
    QVERIFY(says(wordsFor("-05"), "a negative serial number"));
    QVERIFY(wordsFor(std::string(40, '7')).empty()); // 20 octets
    QVERIFY(says(wordsFor(std::string(42, '7')), "a serial number of 21 octets"));
    CertificateRecipe old{.subject = "CN=gw.example", .version = 1, .plain = true};
    QVERIFY(
        says(lint(pathOf({read(makeCertificate(old, &m_family.middleMade)), m_family.middle}), {}, kAt), "version 1"));
}

void TrustSentChainTest::oddKeys() {
    const auto wordsFor = [&](const std::string& key) {
        CertificateRecipe recipe = changed(goodLeaf(), "keyUsage", "critical,digitalSignature");
        recipe.key = key;
        return lint(pathOf({read(makeCertificate(recipe, &m_family.middleMade)), m_family.middle, m_family.root}), {},
                    kAt);
    };
    QVERIFY(says(wordsFor("rsa2052"), "2052 bits, which is no multiple of 8"));
    QVERIFY(says(wordsFor("rsa2048"), "no keyEncipherment"));
    QVERIFY(!says(wordsFor("rsa2048"), "multiple of 8"));
    QVERIFY(wordsFor("ec384").empty());
}

void TrustSentChainTest::unusedCertificates() {
    const std::vector<CertificatePtr> extra = {
        read(makeCertificate({.subject = "CN=Weak", .key = "rsa1024", .ca = true}, &m_family.rootMade)),
        read(makeCertificate({.subject = "CN=Old", .digest = "SHA1", .ca = true}, &m_family.rootMade)),
        read(makeCertificate({.subject = "CN=Old Root", .digest = "SHA1", .ca = true}))};
    const Problems problems = lint(pathOf({m_family.leaf, m_family.middle, m_family.root}), extra, kAt);
    QCOMPARE(kinds(problems), (QByteArrayList{"weak-key@-1", "weak-signature@-1"}));
    QVERIFY(std::ranges::all_of(problems, [](const Problem& each) { return each.weight == Weight::Remark; }));
    QVERIFY(says(problems, "RSA 1024; the certificate is not on the path"));
}

void TrustSentChainTest::publicLeafWithoutScts() {
    const auto issuer =
        makeCertificate({.subject = "C=US,O=DigiCert Inc,OU=www.digicert.com,CN=DigiCert Global Root G2", .ca = true});
    const Problems problems = lint(pathOf({read(makeCertificate(goodLeaf(), &issuer))}), {}, kAt);
    QCOMPARE(kinds(problems), QByteArrayList{"no-sct@0"});
    QVERIFY(problems[0].concerns.find("only") != std::string::npos);
}

void TrustSentChainTest::missingIssuersAtHand() {
    const Family& f = m_family;
    const auto leafMade = makeCertificate(
        changed(goodLeaf(), "authorityInfoAccess", "caIssuers;URI:http://pki.example/middle.crt"), &f.middleMade);
    const CertificatePtr leaf = read(leafMade);
    Path path = pathOf({leaf, f.middle, f.root});
    path[1].origin = Origin::Capture;
    const auto missing = missingIssuers(path, std::vector{leaf}, true);
    QCOMPARE(missing.size(), std::size_t{2});
    QCOMPARE(missing[0].name, std::string("CN=Middle"));
    QCOMPARE(missing[0].certificate, f.middle);
    QVERIFY(missing[0].origin == Origin::Capture);
    QCOMPARE(missing[0].keyId, *f.middle->subjectKeyId);
    QCOMPARE(missing[0].addresses, std::vector<std::string>{"http://pki.example/middle.crt"});
    QVERIFY(!missing[0].isRoot && missing[0].known == nullptr);
    QVERIFY(missing[1].isRoot);
    QVERIFY(missingIssuers(path, std::vector{leaf, f.middle, f.root}, true).empty());
    const auto unknown = missingIssuers(pathOf({leaf}), std::vector{leaf}, false);
    QCOMPARE(unknown.size(), std::size_t{1});
    QVERIFY(unknown[0].certificate == nullptr && !unknown[0].isRoot);
    QCOMPARE(unknown[0].keyId, *f.middle->subjectKeyId);
    QVERIFY(missingIssuers({}, {}, false).empty());
    QVERIFY(missingIssuers(pathOf({f.root}), std::vector{f.root}, true).empty());
}

void TrustSentChainTest::missingIssuersOfTheTables() {
    // Names as in resources/public-intermediates.tsv; without a key id every issue fits, and the longest is taken: the
    // one under Microsoft RSA Root Certificate Authority 2017, until 2028-05-25.
    const auto issuer =
        makeCertificate({.subject = "C=US,O=Microsoft Corporation,CN=Microsoft Azure RSA TLS Issuing CA 04",
                         .ca = true,
                         .plain = true});
    const CertificatePtr leaf = read(makeCertificate(goodLeaf(), &issuer));
    const auto missing = missingIssuers(pathOf({leaf}), std::vector{leaf}, false);
    QCOMPARE(missing.size(), std::size_t{2});
    QVERIFY(missing[0].known != nullptr && !missing[0].isRoot);
    QCOMPARE(formatTime(missing[0].known->notAfter).substr(0, 10), std::string("2028-05-25"));
    QCOMPARE(missing[1].name,
             std::string("CN=Microsoft RSA Root Certificate Authority 2017,O=Microsoft Corporation,C=US"));
    QVERIFY(missing[1].isRoot);
    QVERIFY(missing[1].addresses[0].starts_with("http://www.microsoft.com/pkiops/certs/"));
}

void TrustSentChainTest::goodStaple() {
    const Family& f = m_family;
    const std::string response = staple(f.leafMade, f.middleMade, f.middleMade);
    QVERIFY(checkStaple(response, pathOf({f.leaf, f.middle, f.root}), kAt).empty());
    QVERIFY(checkStaple(response, pathOf({f.leaf, f.middle, f.root}), kNoTime).empty());
    QVERIFY(checkStaple(response, {}, kAt).empty());
    QVERIFY(checkStaple("", pathOf({f.leaf}), kAt).empty());
    const CertificatePtr must =
        read(makeCertificate(changed(goodLeaf(), "tlsfeature", "status_request"), &f.middleMade));
    QCOMPARE(kinds(checkStaple("", pathOf({must}), kAt)), QByteArrayList{"staple-missing@0"});
}

void TrustSentChainTest::badStaples() {
    const Family& f = m_family;
    const Path path = pathOf({f.leaf, f.middle, f.root});
    const auto check = [&](const StapleRecipe& recipe) {
        return checkStaple(staple(f.leafMade, f.middleMade, f.middleMade, recipe), path, kAt);
    };
    const Problems revoked = check({.status = V_OCSP_CERTSTATUS_REVOKED});
    QCOMPARE(kinds(revoked), QByteArrayList{"revoked@0"});
    QVERIFY(says(revoked, "revoked on 2024-02-20, reason: keyCompromise")); // 50 days after 2024-01-01
    QVERIFY(revoked[0].concerns.find("most agent stacks ignore staples") != std::string::npos);
    QCOMPARE(kinds(check({.status = V_OCSP_CERTSTATUS_UNKNOWN})), QByteArrayList{"revocation-unknown@0"});
    QVERIFY(says(check({.thisUpdate = kStart, .nextUpdate = kStart + 7 * kDaySeconds}), "good until 2024-01-08"));
    QVERIFY(says(check({.thisUpdate = kStart + 200 * kDaySeconds, .nextUpdate = kStart + 207 * kDaySeconds}),
                 "later than the handshake"));
    QVERIFY(says(check({.responseStatus = OCSP_RESPONSE_STATUS_TRYLATER}), "answered tryLater"));
    QVERIFY(says(checkStaple("nonsense", path, kAt), "no OCSP response"));
    // Another certificate's, another CA's, nobody's.
    QVERIFY(says(checkStaple(staple(f.middleMade, f.rootMade, f.rootMade), path, kAt), "for another certificate"));
    const auto strange = makeCertificate({.subject = "CN=Middle", .ca = true});
    QVERIFY(says(checkStaple(staple(f.leafMade, strange, strange), path, kAt), "for another certificate"));
    QVERIFY(says(checkStaple(staple(f.leafMade, f.middleMade, strange), path, kAt), "its signature does not verify"));
    std::string broken = staple(f.leafMade, f.middleMade, f.middleMade);
    const auto certificates = broken.rfind(f.middleMade.der); // the signature stands before them
    QVERIFY(certificates != std::string::npos);
    broken[certificates - 20] = static_cast<char>(broken[certificates - 20] ^ 1);
    QVERIFY(says(checkStaple(broken, path, kAt), "its signature does not verify"));
    // Without the issuer nothing is verified, and that is said.
    QVERIFY(says(checkStaple(staple(f.leafMade, f.middleMade, f.middleMade), pathOf({f.leaf}), kAt),
                 "could not be checked"));
    QVERIFY(says(checkStaple(std::string((1U << 20) + 1, 'a'), path, kAt), "longer than"));
}

void TrustSentChainTest::stapleOfADelegate() {
    const Family& f = m_family;
    const Path path = pathOf({f.leaf, f.middle, f.root});
    const auto delegate =
        makeCertificate({.subject = "CN=OCSP", .extensions = {{"extendedKeyUsage", "OCSPSigning"}}}, &f.middleMade);
    QVERIFY(checkStaple(staple(f.leafMade, f.middleMade, delegate), path, kAt).empty());
    const auto unnamed =
        makeCertificate({.subject = "CN=OCSP", .extensions = {{"extendedKeyUsage", "serverAuth"}}}, &f.middleMade);
    QVERIFY(says(checkStaple(staple(f.leafMade, f.middleMade, unnamed), path, kAt), "no OCSPSigning"));
    const auto foreign =
        makeCertificate({.subject = "CN=OCSP", .extensions = {{"extendedKeyUsage", "OCSPSigning"}}}, &f.rootMade);
    QVERIFY(says(checkStaple(staple(f.leafMade, f.middleMade, foreign), path, kAt), "was not named by the issuer"));
    const auto old = makeCertificate(
        {.subject = "CN=OCSP", .notAfter = kStart + kDaySeconds, .extensions = {{"extendedKeyUsage", "OCSPSigning"}}},
        &f.middleMade);
    QVERIFY(
        says(checkStaple(staple(f.leafMade, f.middleMade, old), path, kAt), "was valid from 2024-01-01 to 2024-01-02"));
}

void TrustSentChainTest::everyBeginningOfAStaple() {
    const Family& f = m_family;
    const Path path = pathOf({f.leaf, f.middle, f.root});
    const std::string whole = staple(f.leafMade, f.middleMade, f.middleMade);
    for (std::size_t length = 1; length < whole.size(); ++length)
        QCOMPARE(checkStaple(std::string_view(whole).substr(0, length), path, kAt).size(), std::size_t{1});
}

void TrustSentChainTest::inspection() {
    const auto root = makeCertificate({.subject = "CN=Contoso Root", .ca = true});
    const auto proxy = makeCertificate({.subject = "O=Corp,CN=Corp Firewall Inspection CA", .ca = true}, &root);
    const auto leafAt = [&](const MadeCertificate& issuer, std::int64_t from) {
        CertificateRecipe recipe = goodLeaf();
        recipe.notBefore = from;
        return read(makeCertificate(recipe, &issuer));
    };
    const TimeNs at = atSecond(kStart + 100 * kDaySeconds);
    const Problems named = checkInspection(pathOf({leafAt(proxy, kStart), read(proxy), read(root)}), true, at);
    QCOMPARE(kinds(named), QByteArrayList{"inspection@0"});
    QVERIFY(says(named, "'inspection' in its name"));
    const Problems young =
        checkInspection(pathOf({leafAt(root, kStart + 100 * kDaySeconds - 7'200), read(root)}), true, at);
    QVERIFY(says(young, "2 hours before"));
    QVERIFY(says(young, "renews often looks the same"));
    QVERIFY(checkInspection(pathOf({leafAt(root, kStart), read(root)}), true, at).empty());
    QVERIFY(checkInspection(pathOf({leafAt(proxy, kStart), read(proxy)}), false, at).empty());
    QVERIFY(checkInspection(pathOf({read(root)}), true, kNoTime).empty());
    QVERIFY(checkInspection({}, true, at).empty());
}

void TrustSentChainTest::expiresSoon() {
    const Family& f = m_family; // the leaf lasts from day 0 to day 397, its issuers to 2030
    const auto check = [&](std::int64_t dayNumber) {
        return checkExpirySoon(pathOf({f.leaf, f.middle, f.root}), atSecond(kStart + dayNumber * kDaySeconds));
    };
    QVERIFY(check(370).empty());
    QVERIFY(says(check(377), "until 2025-02-01, 20 days from then")); // 2024 has 366 days: day 397 is 2025-02-01
    QVERIFY(check(398).empty());                                      // expired: said elsewhere
    CertificateRecipe brief = goodLeaf();
    brief.notAfter = kStart + 6 * kDaySeconds;
    const CertificatePtr week = read(makeCertificate(brief, &f.middleMade));
    QVERIFY(checkExpirySoon(pathOf({week}), atSecond(kStart + 3 * kDaySeconds)).empty());
    QCOMPARE(checkExpirySoon(pathOf({week}), atSecond(kStart + 5 * kDaySeconds)).size(), std::size_t{1});
    const CertificatePtr ca = read(makeCertificate(
        {.subject = "CN=Middle", .notAfter = kStart + 300 * kDaySeconds, .ca = true}, &f.rootMade, &f.middleMade));
    QVERIFY(checkExpirySoon(pathOf({f.leaf, ca, f.root}), atSecond(kStart + 200 * kDaySeconds)).empty());
    const Problems soon = checkExpirySoon(pathOf({f.leaf, ca, f.root}), atSecond(kStart + 220 * kDaySeconds));
    QCOMPARE(kinds(soon), QByteArrayList{"expires-soon@1"});
    QVERIFY(checkExpirySoon(pathOf({f.leaf, ca}), kNoTime).empty());
    QVERIFY(checkExpirySoon({}, kAt).empty());
}

void TrustSentChainTest::crossSignExpires() {
    // The tables have a CA of this name, without this key: so the key id is left out, and every issue of it counts.
    const std::int64_t end = 1'787'616'000; // 2026-08-25
    const auto issuer =
        makeCertificate({.subject = "C=US,O=Microsoft Corporation,CN=Microsoft Azure RSA TLS Issuing CA 04",
                         .notAfter = end,
                         .ca = true,
                         .plain = true},
                        &m_family.rootMade);
    CertificateRecipe recipe = goodLeaf();
    recipe.notBefore = end - 60 * kDaySeconds;
    recipe.notAfter = end + 60 * kDaySeconds;
    const CertificatePtr leaf = read(makeCertificate(recipe, &issuer));
    const Path path = pathOf({leaf, read(issuer), m_family.root});
    const Problems soon = checkExpirySoon(path, atSecond(end - 30 * kDaySeconds));
    QCOMPARE(kinds(soon), QByteArrayList{"cross-sign-expires@1"});
    QVERIFY(says(
        soon,
        "also under CN=Microsoft RSA Root Certificate Authority 2017,O=Microsoft Corporation,C=US until 2028-05-25"));
    QCOMPARE(kinds(checkExpirySoon(path, atSecond(end + 10 * kDaySeconds))), QByteArrayList{"cross-sign-expired@1"});
}

// All at once, with certificates of our own: what each of the two says of itself is written beside it.
void TrustSentChainTest::manyDefects() {
    const auto root = makeCertificate({.subject = "CN=Multi Root", .ca = true});
    const auto middle = makeCertificate({.subject = "CN=Multi Int",
                                         .key = "rsa1024",                      // weak key
                                         .digest = "SHA1",                      // weak signature
                                         .notAfter = kStart + 10 * kDaySeconds, // expired
                                         .ca = true,
                                         .extensions = {{"basicConstraints", "critical,CA:TRUE,pathlen:0"},
                                                        {"keyUsage", "critical,digitalSignature"}, // no keyCertSign
                                                        {"extendedKeyUsage", "clientAuth"},        // not for servers
                                                        {"nameConstraints", "critical,permitted;DNS:allowed.test"}}},
                                        &root);
    const auto leaf =
        makeCertificate({.subject = "CN=bad.example",
                         .key = "rsa1024",                                     // weak key
                         .digest = "SHA1",                                     // weak signature
                         .notAfter = kStart + 20 * kDaySeconds,                // expired
                         .extensions = {{"keyUsage", "critical,keyAgreement"}, // no digitalSignature
                                        {"extendedKeyUsage", "clientAuth"},    // not for servers
                                        {"subjectAltName", "DNS:bad.example"}, // another host, not permitted
                                        {"1.2.3.4.5", "critical,DER:0500"}}},  // critical and unknown
                        &middle);
    ChainQuestion question;
    question.sent = {read(leaf), read(middle), read(root)};
    question.host = "gw.contoso.com";
    question.at = kAt;
    question.profiles = makeProfiles({});
    const QByteArrayList found = kinds(judgeChain(question).problems);
    for (const char* kind :
         {"expired@0", "expired@1", "weak-key@0", "weak-key@1", "weak-signature@0", "weak-signature@1", "key-usage@0",
          "key-usage@1", "extended-key-usage@0", "extended-key-usage@1", "host-mismatch@0", "name-constraints@0",
          "critical-extension@0", "private-ca@2", "lint@1"})
        QVERIFY2(found.contains(kind), found.join(' ').prepend(": ").prepend(kind).constData());
}

// The fifteen defects of the corpus's chain, read with `openssl x509 -text`; host to check: gw.contoso.com.
//   leaf: 1 expired 2025-01-01; 2 for bad.example only; 3 extendedKeyUsage clientAuth; 4 RSA 1024; 5 signed with SHA-1;
//         6 critical extension 1.2.3.4.5; 7 keyUsage keyAgreement only; 8 bad.example is outside of allowed.test
//   intermediate: 9 expired 2024-01-01; 10 keyUsage without keyCertSign; 11 extendedKeyUsage clientAuth; 12 RSA 1024;
//         13 signed with SHA-1; 14 pathlen without keyCertSign
//   root: 15 in no public programme
void TrustSentChainTest::manyDefectsOfTheCorpus() {
    const QString folder = test::corpusFolder() + "/trust/handshakes/certs/";
    std::vector<CertificatePtr> sent;
    for (const char* name : {"leaf", "int", "root"}) {
        QFile file(folder + "multi-defect-" + name + ".pem");
        if (!file.open(QIODevice::ReadOnly)) QSKIP("the corpus is not there");
        const QByteArray text = file.readAll();
        const qsizetype begin = text.indexOf('\n', text.indexOf("-----BEGIN")), end = text.indexOf("-----END");
        sent.push_back(
            readCertificate(QByteArray::fromBase64(text.mid(begin, end - begin)).toStdString()).value_or(nullptr));
        QVERIFY(sent.back());
    }
    ChainQuestion question;
    question.sent = sent;
    question.host = "gw.contoso.com";
    question.at = atSecond(1'795'392'000); // 2026-11-23
    question.profiles = makeProfiles({});
    const Problems problems = judgeChain(question).problems;
    const std::map<QByteArray, const char*> expected = {{"expired@0", "1"},
                                                        {"host-mismatch@0", "2"},
                                                        {"extended-key-usage@0", "3"},
                                                        {"weak-key@0", "4"},
                                                        {"weak-signature@0", "5"},
                                                        {"critical-extension@0", "6"},
                                                        {"key-usage@0", "7"},
                                                        {"name-constraints@0", "8"},
                                                        {"expired@1", "9"},
                                                        {"key-usage@1", "10"},
                                                        {"extended-key-usage@1", "11"},
                                                        {"weak-key@1", "12"},
                                                        {"weak-signature@1", "13"},
                                                        {"lint@1", "14"},
                                                        {"private-ca@2", "15"}};
    const QByteArrayList found = kinds(problems);
    for (const auto& [kind, number] : expected)
        QVERIFY2(found.contains(kind),
                 (QByteArray(number) + ' ' + kind + " is not among " + found.join(' ')).constData());
    QVERIFY(withText(problems, "pathlen without keyCertSign") != nullptr);
    QVERIFY(withText(problems, "no digitalSignature") != nullptr);
    // Without the root the chain ends below something that nobody has; the other fourteen are found all the same.
    question.sent.pop_back();
    const QByteArrayList without = kinds(judgeChain(question).problems);
    for (const auto& [kind, number] : expected)
        QVERIFY2(kind == "private-ca@2" || without.contains(kind),
                 (QByteArray(number) + " is not among " + without.join(' ')).constData());
}

QTEST_APPLESS_MAIN(TrustSentChainTest)
#include "trust_sent_chain_test.moc"
