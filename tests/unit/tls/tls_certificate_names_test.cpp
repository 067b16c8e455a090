// SPDX-License-Identifier: Apache-2.0
// Names after RFC 4514: the examples of its section 4, what section 2.4 escapes, and what a terminal must not see.
#include <QTest>

#include "core/tls/handshake_messages.h"

#include <memory>
#include <openssl/evp.h>
#include <openssl/x509.h>

using namespace gatescope::tls;

namespace {

struct Attribute {
    const char* type = "";
    QByteArray value;
    bool joins = false; ///< one set with the attribute before it
    int encoding = V_ASN1_UTF8STRING;
};
using Attributes = std::vector<Attribute>;

void write(X509_NAME* name, const Attributes& attributes) {
    for (const Attribute& attribute : attributes) {
        const std::unique_ptr<ASN1_OBJECT, decltype(&ASN1_OBJECT_free)> type(OBJ_txt2obj(attribute.type, 0),
                                                                             ASN1_OBJECT_free);
        QVERIFY(type);
        QVERIFY(X509_NAME_add_entry_by_OBJ(name, type.get(), attribute.encoding,
                                           reinterpret_cast<const unsigned char*>(attribute.value.constData()),
                                           static_cast<int>(attribute.value.size()), -1,
                                           attribute.joins ? -1 : 0) == 1);
    }
}

/// A certificate with these names and nothing else that matters.
std::string certificate(const Attributes& subject, const Attributes& issuer) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"),
                                                                  EVP_PKEY_free);
    write(X509_get_subject_name(certificate.get()), subject);
    write(X509_get_issuer_name(certificate.get()), issuer);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 60);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), nullptr);
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate.get(), &der);
    const std::string result(reinterpret_cast<const char*>(der), static_cast<std::size_t>(std::max(size, 0)));
    OPENSSL_free(der);
    return result;
}

std::string subjectText(const Attributes& subject) {
    const auto names = certificateNames(certificate(subject, {{"CN", "issuer"}}));
    return names ? names->subject : "unreadable";
}

} // namespace

class TlsCertificateNamesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void orderAndTypes();
    void examplesOfRfc4514();
    void escapes();
    void encodings();
    void whatATerminalMustNotSee();
    void otherTypes();
    void notACertificate();
};

void TlsCertificateNamesTest::orderAndTypes() {
    const auto names = certificateNames(
        certificate({{"C", "FI"}, {"O", "Lab Gateway PKI"}, {"CN", "apim-lab.azure-api.net"}}, {{"CN", "Root"}}));
    QVERIFY(names.has_value());
    QCOMPARE(names->subject, std::string("CN=apim-lab.azure-api.net,O=Lab Gateway PKI,C=FI"));
    QCOMPARE(names->issuer, std::string("CN=Root"));
    QCOMPARE(subjectText({{"street", "A 1"}, {"L", "Turku"}, {"ST", "FI-19"}, {"OU", "Unit"}}),
             std::string("OU=Unit,ST=FI-19,L=Turku,STREET=A 1"));
    QCOMPARE(subjectText({}), std::string());
}

void TlsCertificateNamesTest::examplesOfRfc4514() {
    QCOMPARE(
        subjectText(
            {{"DC", "net", false, V_ASN1_IA5STRING}, {"DC", "example", false, V_ASN1_IA5STRING}, {"UID", "jsmith"}}),
        std::string("UID=jsmith,DC=example,DC=net"));
    QCOMPARE(subjectText({{"DC", "net", false, V_ASN1_IA5STRING},
                          {"DC", "example", false, V_ASN1_IA5STRING},
                          {"CN", "J.  Smith"},
                          {"OU", "Sales", true}}),
             std::string("OU=Sales+CN=J.  Smith,DC=example,DC=net"));
    QCOMPARE(subjectText({{"DC", "net", false, V_ASN1_IA5STRING}, {"CN", "James \"Jim\" Smith, III"}}),
             std::string("CN=James \\\"Jim\\\" Smith\\, III,DC=net"));
    QCOMPARE(subjectText({{"CN", "Before\rAfter"}}), std::string("CN=Before\\0DAfter"));
    QCOMPARE(subjectText({{"CN", "Lu\xc4\x8di\xc4\x87"}}), std::string("CN=Lu\xc4\x8di\xc4\x87"));
}

void TlsCertificateNamesTest::escapes() {
    QCOMPARE(subjectText({{"O", "a+b;c<d>e\\f,g=h"}}), std::string("O=a\\+b\\;c\\<d\\>e\\\\f\\,g=h"));
    QCOMPARE(subjectText({{"O", "#1"}}), std::string("O=\\#1"));
    QCOMPARE(subjectText({{"O", " both "}}), std::string("O=\\ both\\ "));
    QCOMPARE(subjectText({{"O", " "}}), std::string("O=\\ "));
    QCOMPARE(subjectText({{"O", "a #b"}}), std::string("O=a #b"));
    QCOMPARE(subjectText({{"O", QByteArray("nul\0l", 5)}}), std::string("O=nul\\00l"));
}

void TlsCertificateNamesTest::encodings() {
    QCOMPARE(subjectText({{"O", QByteArray::fromHex("00c4006c"), false, V_ASN1_BMPSTRING}}),
             std::string("O=\xc3\x84l"));
    QCOMPARE(subjectText({{"O", QByteArray::fromHex("0001f512"), false, V_ASN1_UNIVERSALSTRING}}),
             std::string("O=\xf0\x9f\x94\x92"));
    QCOMPARE(subjectText({{"O", "printable", false, V_ASN1_PRINTABLESTRING}}), std::string("O=printable"));
    QCOMPARE(subjectText({{"O", QByteArray("\xc4l"), false, V_ASN1_T61STRING}}), std::string("O=\xc3\x84l"));
    // No text (2.4): as its encoding, X.690, 8.6: a bit string without unused bits.
    QCOMPARE(subjectText({{"1.3.6.1.4.1.1466.0", QByteArray::fromHex("4869"), false, V_ASN1_BIT_STRING}}),
             std::string("1.3.6.1.4.1.1466.0=#0303004869"));
}

void TlsCertificateNamesTest::whatATerminalMustNotSee() {
    QCOMPARE(subjectText({{"CN", "a\x1b[31mb"}}), std::string("CN=a\\1B[31mb"));
    QCOMPARE(subjectText({{"CN", "a\xc2\x9b"
                                 "31m"}}),
             std::string("CN=a\\C2\\9B31m"));
    QCOMPARE(subjectText({{"CN", "a\xe2\x80\xae"
                                 "b"}}),
             std::string("CN=a\\E2\\80\\AEb"));
    QCOMPARE(subjectText({{"CN", "a\nb"}}), std::string("CN=a\\0Ab"));
}

void TlsCertificateNamesTest::otherTypes() {
    // RFC 4514, 3 has no names for these.
    QCOMPARE(subjectText({{"serialNumber", "5157550", false, V_ASN1_PRINTABLESTRING}, {"CN", "x"}}),
             std::string("CN=x,2.5.4.5=5157550"));
    QCOMPARE(subjectText({{"emailAddress", "a@b.example", false, V_ASN1_IA5STRING}}),
             std::string("1.2.840.113549.1.9.1=a@b.example"));
    QCOMPARE(subjectText({{"1.3.6.1.4.1.311.60.2.1.3", "US"}}), std::string("1.3.6.1.4.1.311.60.2.1.3=US"));
}

void TlsCertificateNamesTest::notACertificate() {
    QVERIFY(!certificateNames(""));
    QVERIFY(!certificateNames("no certificate"));
    const std::string whole = certificate({{"CN", "x"}}, {{"CN", "y"}});
    QVERIFY(certificateNames(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::vector<char> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        QVERIFY(!certificateNames({part.data(), part.size()}));
    }
}

QTEST_APPLESS_MAIN(TlsCertificateNamesTest)
#include "tls_certificate_names_test.moc"
