// SPDX-License-Identifier: Apache-2.0
// Host names against certificates: RFC 9525, 6.3 to 6.5, its predecessor RFC 6125, 6.4.3, RFC 5280, 4.2.1.6, and RFC
// 3492 for names with other letters. Where OpenSSL has an opinion (X509_check_host, X509_check_ip_asc) it is asked,
// too.
#include <QElapsedTimer>
#include <QTest>

#include "core/trust/host_name.h"
#include "core/trust/sent_chain.h"
#include "core/trust/trust_findings.h"
#include "tests/support/certificate_maker.h"

#include <algorithm>
#include <openssl/x509v3.h>

using namespace gatescope;
using namespace gatescope::trust;
using test::makeCertificate;

namespace {

test::MadeCertificate made(const QByteArray& names, const std::string& subject = "O=Contoso") {
    test::CertificateRecipe recipe;
    recipe.subject = subject;
    if (!names.isEmpty()) recipe.extensions.emplace_back("subjectAltName", names.toStdString());
    return makeCertificate(recipe);
}

Problems problemsOf(const QByteArray& names, std::string_view host, const std::string& subject = "O=Contoso") {
    const auto certificate = readCertificate(made(names, subject).der);
    return certificate ? checkHost(**certificate, host) : Problems{{}, {}};
}

bool says(const Problems& problems, std::string_view words) {
    return problems.size() == 1 && std::ranges::any_of(problems[0].evidence, [&](const std::string& fact) {
               return fact.find(words) != std::string::npos;
           });
}

bool openSslMatches(const test::MadeCertificate& certificate, const QByteArray& host) {
    constexpr unsigned kFlags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    auto* x509 = static_cast<X509*>(certificate.x509.get());
    const int address = X509_check_ip_asc(x509, host.constData(), kFlags);
    if (address != -2) return address == 1; // -2: that is no address
    return X509_check_host(x509, host.constData(), static_cast<std::size_t>(host.size()), kFlags, nullptr) == 1;
}

} // namespace

class TrustHostTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void matches_data();
    void matches();
    void reasons_data();
    void reasons();
    void commonNameAlone();
    void lastDotOfTheHost();
    void nearestNames();
    void manyNames();
    void otherLetters_data();
    void otherLetters();
    void octetsThatNoNameHas();
    void noHost();
};

void TrustHostTest::matches_data() {
    QTest::addColumn<QByteArray>("names");
    QTest::addColumn<QByteArray>("host");
    QTest::addColumn<bool>("match");
    const auto row = [](const char* names, const char* host, bool match) {
        QTest::addRow("%s / %s", names, host) << QByteArray(names) << QByteArray(host) << match;
    };
    // RFC 9525, 6.3: equal without regard to case; a wildcard is the whole first label and stands for one.
    row("DNS:www.example.com", "www.example.com", true);
    row("DNS:www.example.com", "WWW.Example.COM", true);
    row("DNS:WWW.EXAMPLE.COM", "www.example.com", true);
    row("DNS:www.example.com", "example.com", false);
    row("DNS:example.com", "www.example.com", false);
    row("DNS:*.example.com", "foo.example.com", true);
    row("DNS:*.example.com", "bar.foo.example.com", false);
    row("DNS:*.example.com", "example.com", false);
    row("DNS:*.EXAMPLE.com", "foo.example.COM", true);
    row("DNS:a.example,DNS:b.example", "b.example", true);
    // RFC 6125, 6.4.3, allowed these; RFC 9525, 6.3, does not.
    row("DNS:baz*.example.net", "baz1.example.net", false);
    row("DNS:*baz.example.net", "foobaz.example.net", false);
    row("DNS:b*z.example.net", "buzz.example.net", false);
    row("DNS:bar.*.example.net", "bar.foo.example.net", false);
    row("DNS:*.*.example.net", "a.b.example.net", false);
    row("DNS:*", "localhost", false);
    row("DNS:*", "a.example", false);
    row("DNS:*.com", "example.com", false);
    // A-labels are labels like others.
    row("DNS:xn--bcher-kva.example", "xn--bcher-kva.example", true);
    row("DNS:*.example.com", "xn--bcher-kva.example.com", true);
    row("DNS:xn--*.example.com", "xn--bcher-kva.example.com", false);
    // RFC 9525, 6.4 and 6.5: addresses are octets in names of their own kind.
    row("IP:10.0.9.213", "10.0.9.213", true);
    row("IP:10.0.9.213", "10.0.9.214", false);
    row("DNS:10.0.9.213", "10.0.9.213", false);
    row("DNS:*.0.9.213", "10.0.9.213", false);
    row("IP:2001:db8::1", "2001:db8::1", true);
    row("IP:2001:db8::1", "2001:0DB8:0:0:0:0:0:1", true);
    row("IP:2001:db8::1", "2001:db8::2", false);
    // Other kinds of names name no host.
    row("email:gw@gw.example", "gw.example", false);
    row("URI:https://gw.example/", "gw.example", false);
    row("URI:https://other.example/,DNS:gw.example", "gw.example", true);
    row("DNS:gw_1.example.com", "gw_1.example.com", true);
}

void TrustHostTest::matches() {
    QFETCH(QByteArray, names);
    QFETCH(QByteArray, host);
    QFETCH(bool, match);
    const auto made = ::made(names);
    const auto certificate = readCertificate(made.der);
    QVERIFY(certificate.has_value());
    const Problems problems = checkHost(**certificate, host.toStdString());
    QCOMPARE(problems.empty(), match);
    QCOMPARE(openSslMatches(made, host), match);
    if (match) return;
    QCOMPARE(problems[0].kind, &kHostMismatch);
    QVERIFY(problems[0].weight == Weight::Rejects);
    QCOMPARE(problems[0].depth, 0);
    QCOMPARE(problems[0].evidence[0], std::string("O=Contoso"));
}

void TrustHostTest::reasons_data() {
    QTest::addColumn<QByteArray>("names");
    QTest::addColumn<QByteArray>("host");
    QTest::addColumn<QByteArray>("words");
    const auto row = [](const char* names, const char* host, const char* words) {
        QTest::addRow("%s / %s", names, host) << QByteArray(names) << QByteArray(host) << QByteArray(words);
    };
    row("DNS:*.example.com", "a.b.example.com", "one label only");
    row("DNS:*.example.com", "example.com", "not for the domain itself");
    row("DNS:gw*.example.com", "gw1.example.com", "part of a label");
    row("DNS:gw.*.example.com", "gw.eu.example.com", "whole first label");
    row("DNS:*.com", "example.com", "top-level domain");
    row("DNS:gw.example.com.", "gw.example.com", "dot at its end");
    row("DNS:10.0.9.213", "10.0.9.213", "as a DNS name");
    row("IP:10.0.9.1", "10.0.9.213", "not this one");
    row("DNS:gw.example", "10.0.9.213", "it has no IP address");
    row("email:a@gw.example", "gw.example", "other kinds");
    row("DNS:gw-1.example.com", "gw_1.example.com", "underscore");
    row("DNS:gw-1.example.com", "gw_1.example.com", "nearest name is gw-1.example.com");
    row("DNS:a.example,DNS:b.example", "gw.contoso.com", "a.example, b.example");
    row("", "gw.example", "names no host");
}

void TrustHostTest::reasons() {
    QFETCH(QByteArray, names);
    QFETCH(QByteArray, host);
    QFETCH(QByteArray, words);
    QVERIFY(says(problemsOf(names, host.toStdString()), words.toStdString()));
    QVERIFY(says(problemsOf(names, host.toStdString()), "asked for " + host.toStdString()));
}

void TrustHostTest::commonNameAlone() {
    const Problems alone = problemsOf("", "gw.example", "O=Contoso,CN=gw.example");
    QCOMPARE(alone.size(), std::size_t{1});
    QCOMPARE(alone[0].kind, &kCommonNameOnly);
    QVERIFY(alone[0].concerns.find("curl") != std::string::npos);
    const Problems wild = problemsOf("", "a.gw.example", "CN=*.gw.example");
    QCOMPARE(wild[0].kind, &kCommonNameOnly);
    const Problems address = problemsOf("", "10.0.9.213", "CN=10.0.9.213");
    QCOMPARE(address[0].kind, &kCommonNameOnly);
    // With DNS names the common name counts nowhere.
    const Problems beside = problemsOf("DNS:other.example", "gw.example", "CN=gw.example");
    QCOMPARE(beside[0].kind, &kHostMismatch);
    QCOMPARE(problemsOf("", "other.example", "CN=gw.example")[0].kind, &kHostMismatch);
    QVERIFY(says(problemsOf("", "other.example", "CN=gw.example"), "its common name is gw.example"));
}

void TrustHostTest::lastDotOfTheHost() {
    const Problems problems = problemsOf("DNS:gw.example", "gw.example.");
    QCOMPARE(problems.size(), std::size_t{1});
    QVERIFY(problems[0].weight == Weight::StricterStacks);
    QVERIFY(says(problems, "with a dot at the end"));
    QVERIFY(!openSslMatches(made("DNS:gw.example"), "gw.example."));
    QVERIFY(problemsOf("DNS:gw.example", "other.example.")[0].weight == Weight::Rejects);
    QVERIFY(problemsOf("IP:2001:db8::1", "[2001:db8::1]").empty());
    QVERIFY(!problemsOf("DNS:gw.example", "[gw.example]").empty()); // RFC 3986, 3.2.2: brackets are for addresses
}

void TrustHostTest::nearestNames() {
    const QByteArray names = "DNS:portal.contoso.com,DNS:gw.contoso.com,DNS:gw.fabrikam.com";
    QVERIFY(says(problemsOf(names, "gw2.contoso.com"), "nearest name is gw.contoso.com"));
    QVERIFY(says(problemsOf(names, "porta1.contoso.com"), "nearest name is portal.contoso.com"));
    QVERIFY(!says(problemsOf(names, "apim.azure-api.net"), "nearest"));
}

void TrustHostTest::manyNames() {
    QByteArray names;
    for (int i = 0; i < 3000; ++i) names += "DNS:host-" + QByteArray::number(i) + ".contoso.com,";
    names.chop(1);
    const auto many = made(names);
    const auto certificate = readCertificate(many.der);
    QVERIFY(certificate.has_value());
    QVERIFY((*certificate)->namesCut);
    QElapsedTimer timer;
    timer.start();
    QVERIFY(checkHost(**certificate, "host-5.contoso.com").empty());
    QVERIFY(checkHost(**certificate, "host-2999.contoso.com").empty()); // behind the limit: OpenSSL knows
    const Problems problems = checkHost(**certificate, "hos-7777.contoso.com");
    QCOMPARE(problems.size(), std::size_t{1});
    QVERIFY(says(problems, "2040 more"));
    QVERIFY(timer.elapsed() < 1000);
}

void TrustHostTest::otherLetters_data() {
    QTest::addColumn<QByteArray>("written");
    QTest::addColumn<QByteArray>("ascii");
    QTest::newRow("german") << QByteArray("b\xc3\xbc"
                                          "cher.example")
                            << QByteArray("xn--bcher-kva.example");
    // RFC 3492, 7.1: (B), (I) in small letters, (L).
    QTest::newRow("chinese") << QString::fromUtf16(u"\u4ED6\u4EEC\u4E3A\u4EC0\u4E48\u4E0D\u8BF4\u4E2D\u6587").toUtf8()
                             << QByteArray("xn--ihqwcrb4cv8a8dqg056pqjye");
    QTest::newRow("russian")
        << QString::fromUtf16(
               u"\u043F\u043E\u0447\u0435\u043C\u0443\u0436\u0435\u043E\u043D\u0438\u043D\u0435\u0433\u043E"
               u"\u0432\u043E\u0440\u044F\u0442\u043F\u043E\u0440\u0443\u0441\u0441\u043A\u0438")
               .toUtf8()
        << QByteArray("xn--b1abfaaepdrnnbgefbadotcwatmq2g4l");
    QTest::newRow("japanese") << QString::fromUtf16(u"3\u5E74B\u7D44\u91D1\u516B\u5148\u751F").toUtf8()
                              << QByteArray("xn--3b-ww4c5e180e575a65lsy2b");
}

void TrustHostTest::otherLetters() {
    QFETCH(QByteArray, written);
    QFETCH(QByteArray, ascii);
    const HostName host = readHostName(written.toStdString());
    QCOMPARE(QByteArray::fromStdString(host.text), ascii);
    QVERIFY(host.converted);
    QVERIFY(problemsOf("DNS:" + ascii, written.toStdString()).empty());
    QCOMPARE(matchName(written.toStdString(), host), NameMatch::NotAscii);
}

void TrustHostTest::octetsThatNoNameHas() {
    const HostName host = readHostName("gw.example");
    QCOMPARE(matchName(std::string("gw.example\0.evil.example", 24), host), NameMatch::ControlOctet);
    QCOMPARE(matchName("gw.exa mple", host), NameMatch::ControlOctet);
    QCOMPARE(matchName("", host), NameMatch::Different);
    QCOMPARE(matchName("", readHostName("")), NameMatch::Different);
    QVERIFY(readHostName("\xff\xfe.example").unreadable);
    QVERIFY(says(problemsOf("DNS:gw.example", "\xff\xfe.example"), "neither ASCII nor UTF-8"));
}

void TrustHostTest::noHost() {
    QVERIFY(problemsOf("DNS:gw.example", "").empty());
    QVERIFY(problemsOf("", "  ").empty());
    QVERIFY(!problemsOf("DNS:gw.example", std::string(70'000, 'a')).empty());
    QVERIFY(!problemsOf("DNS:gw.example", std::string(70'000, '.')).empty());
}

QTEST_APPLESS_MAIN(TrustHostTest)
#include "trust_host_test.moc"
