// SPDX-License-Identifier: Apache-2.0
// Files of certificates in every format. What is read is compared with what OpenSSL and keytool wrote, and with
// containers written out here by hand after their descriptions.
#include <QTest>

#include "core/trust/certificate_file.h"
#include "tests/support/certificate_maker.h"

#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <memory>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

using namespace gatescope;
using namespace gatescope::trust;
using test::MadeCertificate;
using test::makeCertificate;

namespace {

MadeCertificate madeCa(const std::string& name) {
    return makeCertificate({.subject = "CN=" + name, .ca = true});
}

X509* x509Of(const MadeCertificate& made) {
    return static_cast<X509*>(made.x509.get());
}

std::vector<std::string> namesIn(const std::expected<CertificateFile, Error>& file) {
    std::vector<std::string> names;
    if (file)
        for (const CertificatePtr& certificate : file->certificates) names.push_back(certificate->commonName);
    return names;
}
using Names = std::vector<std::string>;

bool hasRemark(const std::expected<CertificateFile, Error>& file, std::string_view text) {
    return file && std::ranges::any_of(file->remarks, [&](const std::string& remark) {
               return remark.find(text) != std::string::npos;
           });
}

template <typename Write>
std::string written(Write write) {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> memory(BIO_new(BIO_s_mem()), BIO_free_all);
    write(memory.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string privateKeyPem(const MadeCertificate& made) {
    return written([&](BIO* to) {
        PEM_write_bio_PrivateKey(to, static_cast<EVP_PKEY*>(made.key.get()), nullptr, nullptr, 0, nullptr, nullptr);
    });
}

std::string privateKeyDer(const MadeCertificate& made) {
    return written([&](BIO* to) {
        i2d_PKCS8PrivateKey_bio(to, static_cast<EVP_PKEY*>(made.key.get()), nullptr, nullptr, 0, nullptr, nullptr);
    });
}

std::string pemOf(const std::string& label, const std::string& der) {
    const QByteArray text = QByteArray::fromStdString(der).toBase64();
    return "-----BEGIN " + label + "-----\n" + text.toStdString() + "\n-----END " + label + "-----\n";
}

/// Certificates and revocation lists without content or signers, by OpenSSL.
std::string pkcs7(const std::vector<MadeCertificate>& certificates, const std::string& crl) {
    const std::unique_ptr<PKCS7, decltype(&PKCS7_free)> message(PKCS7_new(), PKCS7_free);
    PKCS7_set_type(message.get(), NID_pkcs7_signed);
    PKCS7_content_new(message.get(), NID_pkcs7_data);
    for (const MadeCertificate& made : certificates) PKCS7_add_certificate(message.get(), x509Of(made));
    if (!crl.empty()) {
        const auto* at = reinterpret_cast<const unsigned char*>(crl.data());
        const std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> list(
            d2i_X509_CRL(nullptr, &at, static_cast<long>(crl.size())), X509_CRL_free);
        PKCS7_add_crl(message.get(), list.get());
    }
    return written([&](BIO* to) { i2d_PKCS7_bio(to, message.get()); });
}

/// By OpenSSL, with the key of the first. `password` null: neither MAC nor encryption, as newer JDKs write cacerts.
std::string pkcs12(const std::vector<MadeCertificate>& certificates, const char* password, bool withKey = true,
                   int rounds = 2'048) {
    STACK_OF(X509)* others = sk_X509_new_null();
    for (std::size_t at = withKey ? 1 : 0; at < certificates.size(); ++at)
        sk_X509_push(others, x509Of(certificates[at]));
    const bool locked = password != nullptr;
    const std::unique_ptr<PKCS12, decltype(&PKCS12_free)> file(
        PKCS12_create(password, "name", withKey ? static_cast<EVP_PKEY*>(certificates[0].key.get()) : nullptr,
                      withKey ? x509Of(certificates[0]) : nullptr, others, locked ? NID_aes_256_cbc : -1,
                      locked ? NID_aes_256_cbc : -1, rounds, locked ? rounds : -1, 0),
        PKCS12_free);
    sk_X509_free(others);
    return written([&](BIO* to) { i2d_PKCS12_bio(to, file.get()); });
}

void appendNumber(std::string& bytes, std::uint64_t value, int octets) {
    for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
}

/// A key store of Java's, written out: see the comment of sun.security.provider.JavaKeyStore.
class KeyStore {
public:
    explicit KeyStore(std::uint32_t version = 2, std::uint32_t magic = 0xfeedfeed) : m_version(version) {
        appendNumber(m_head, magic, 4);
        appendNumber(m_head, version, 4);
    }
    void trusted(const std::string& der) {
        begin(2);
        certificate(der);
    }
    void key(const std::vector<std::string>& chain) {
        begin(1);
        appendNumber(m_entries, 5, 4);
        m_entries += "12345";
        appendNumber(m_entries, chain.size(), 4);
        for (const std::string& der : chain) certificate(der);
    }
    void begin(std::uint32_t kind) {
        ++m_count;
        appendNumber(m_entries, kind, 4);
        appendNumber(m_entries, 5, 2);
        m_entries += "alias";
        appendNumber(m_entries, 1'700'000'000'000, 8);
    }
    std::string bytes() const {
        std::string all = m_head;
        appendNumber(all, m_count, 4);
        return all + m_entries + std::string(20, '\x5a'); // the digest, which needs the password
    }

private:
    void certificate(const std::string& der) {
        if (m_version == 2) {
            appendNumber(m_entries, 5, 2);
            m_entries += "X.509";
        }
        appendNumber(m_entries, der.size(), 4);
        m_entries += der;
    }

    std::uint32_t m_version, m_count = 0;
    std::string m_head, m_entries;
};

// --- DER by hand, for trust lists

std::string der(int tag, const std::string& content) {
    std::string element(1, static_cast<char>(tag));
    if (content.size() < 0x80) {
        element += static_cast<char>(content.size());
    } else {
        element += '\x83';
        appendNumber(element, content.size(), 3);
    }
    return element + content;
}
std::string hex(const char* digits) {
    return QByteArray::fromHex(digits).toStdString();
}
const std::string kServerAuth = hex("06082b06010505070301"), kEmail = hex("06082b06010505070304");
std::string attribute(int number, const std::string& value) {
    return der(0x30, hex("060a2b0601040182370a0b") + static_cast<char>(number) + der(0x31, der(0x04, value)));
}
std::string listed(char digest, const std::string& properties) {
    return der(0x30, der(0x04, std::string(20, digest)) + der(0x31, properties));
}
/// [MS-CAESO] 4.1: the list in a SignedData of PKCS#7 1.5, where the content is no octet string.
std::string trustList(const std::string& subjects, const std::string& usage = hex("060a2b0601040182370a0309"),
                      bool cms = false) {
    const std::string list = der(0x30, der(0x30, usage) + der(0x02, "\x01\x02") + der(0x17, "260719120000Z") +
                                           der(0x30, hex("06052b0e03021a") + hex("0500")) + der(0x30, subjects));
    const std::string content = der(0x30, hex("06092b0601040182370a01") + der(0xa0, cms ? der(0x04, list) : list));
    return der(0x30, hex("06092a864886f70d010702") +
                         der(0xa0, der(0x30, der(0x02, "\x01") + der(0x31, "") + content + der(0x31, ""))));
}

std::string csvField(const std::string& text) {
    return '"' + QString::fromStdString(text).replace('"', "\"\"").toStdString() + '"';
}

} // namespace

class TrustFileTest : public QObject {
    Q_OBJECT

    const MadeCertificate m_first = madeCa("first"), m_second = madeCa("second"), m_third = madeCa("third");

private Q_SLOTS:
    void pemWithTextAround() {
        const std::string text = "## Certificate data from Mozilla as of: Tue Jul  7 03:12:01 2026 GMT\n 0 s:CN=x\n" +
                                 m_first.pem() + "\nwords -----BEGIN nonsense\n" + privateKeyPem(m_first) +
                                 pemOf("CERTIFICATE REQUEST", "0") + m_second.pem() + "tail";
        const auto file = readCertificateFile(text);
        QCOMPARE(namesIn(file), (Names{"first", "second"}));
        QCOMPARE(file->format, std::string("PEM"));
        QCOMPARE(file->asOf, std::string("2026-07-07"));
        QVERIFY(hasRemark(file, "1 private key passed over"));
        QVERIFY(hasRemark(file, "1 block of another kind passed over"));
    }

    void pemOfAllKinds() {
        const std::string crl = test::makeRevocationList(m_first, {"05"});
        const std::string text = pemOf("X509 CERTIFICATE", m_first.der) + pemOf("X509 CRL", crl) +
                                 pemOf("PKCS7", pkcs7({m_second}, "")) + pemOf("CERTIFICATE", m_third.der);
        const auto file = readCertificateFile(text);
        QCOMPARE(namesIn(file), (Names{"first", "second", "third"}));
        QVERIFY(file->revocationLists == std::vector{crl});
    }

    void damagedPemIsToldAndPassed() {
        const std::string text = "-----BEGIN CERTIFICATE-----\nMII*\n-----END CERTIFICATE-----\n" +
                                 pemOf("CERTIFICATE", m_first.der.substr(0, 100)) + "-----BEGIN CERTIFICATE-----\n" +
                                 m_second.pem();
        const auto file = readCertificateFile(text);
        QCOMPARE(namesIn(file), (Names{"second"}));
        QVERIFY(hasRemark(file, "cannot be decoded"));
        QVERIFY(hasRemark(file, "certificate 1 cannot be read"));
    }

    void trustedCertificatesForOtherPurposes() {
        const auto trusted = [](const MadeCertificate& made, int purpose, bool rejects) {
            const std::unique_ptr<X509, decltype(&X509_free)> copy(X509_dup(x509Of(made)), X509_free);
            (rejects ? X509_add1_reject_object : X509_add1_trust_object)(copy.get(), OBJ_nid2obj(purpose));
            return written([&](BIO* to) { PEM_write_bio_X509_AUX(to, copy.get()); });
        };
        const auto file =
            readCertificateFile(trusted(m_first, NID_server_auth, false) + trusted(m_second, NID_email_protect, false) +
                                trusted(m_third, NID_server_auth, true));
        QCOMPARE(namesIn(file), (Names{"first"}));
        QVERIFY(file->certificates.front()->der == m_first.der); // without what OpenSSL wrote behind it
        QVERIFY(hasRemark(file, "2 certificates left out"));
    }

    void derOneAfterTheOther() {
        const std::string crl = test::makeRevocationList(m_first, {"05"});
        const auto file = readCertificateFile(m_first.der + crl + m_second.der + "rest");
        QCOMPARE(namesIn(file), (Names{"first", "second"}));
        QCOMPARE(file->revocationLists.size(), std::size_t{1});
        QCOMPARE(file->format, std::string("DER"));
        QVERIFY(hasRemark(file, "neither a certificate nor a revocation list"));
    }

    void pkcs7InDer() {
        const std::string crl = test::makeRevocationList(m_first, {"05"});
        const auto file = readCertificateFile(pkcs7({m_first, m_second}, crl));
        QCOMPARE(file->format, std::string("PKCS#7"));
        QCOMPARE(namesIn(file), (Names{"first", "second"}));
        QVERIFY(file->certificates.front()->der == m_first.der);
        QVERIFY(file->revocationLists == std::vector{crl});
    }

    void pkcs12WithUsualPasswords_data() {
        QTest::addColumn<QByteArray>("password");
        QTest::addColumn<bool>("opens");
        QTest::newRow("none") << QByteArray() << true;
        QTest::newRow("empty") << QByteArray("") << true;
        QTest::newRow("changeit") << QByteArray("changeit") << true;
        QTest::newRow("another") << QByteArray("another") << false;
    }
    void pkcs12WithUsualPasswords() {
        QFETCH(QByteArray, password);
        QFETCH(bool, opens);
        const std::string octets =
            pkcs12({m_first, m_second, m_third}, password.isNull() ? nullptr : password.constData());
        const auto file = readCertificateFile(octets);
        QCOMPARE(file.has_value(), opens);
        if (!opens) {
            QVERIFY(file.error().kind == ErrorKind::Usage);
            return;
        }
        QCOMPARE(file->format, std::string("PKCS#12"));
        QCOMPARE(namesIn(file), (Names{"first", "second", "third"}));
        QVERIFY(hasRemark(file, "1 private key passed over"));
        QCOMPARE(namesIn(readCertificateFile(pkcs12({m_second}, "changeit", false))), (Names{"second"}));
    }

    void pkcs12MayNotCostTooMuch() {
        // Rounds within the limit are done, others are not even begun: the file says more than three million.
        std::string octets = pkcs12({m_first}, "changeit", false, 0x10001);
        QCOMPARE(namesIn(readCertificateFile(octets)), (Names{"first"}));
        const std::string rounds = hex("0203010001");
        for (std::size_t at = octets.find(rounds); at != octets.npos; at = octets.find(rounds, at + 5))
            octets.replace(at, 5, hex("02037fffff"));
        const auto file = readCertificateFile(octets);
        QVERIFY(!file.has_value() && file.error().kind == ErrorKind::Usage);
    }

    void javaKeyStores_data() {
        QTest::addColumn<std::uint32_t>("version");
        QTest::addColumn<std::uint32_t>("magic");
        QTest::newRow("JKS 1") << 1U << 0xfeedfeedU;
        QTest::newRow("JKS 2") << 2U << 0xfeedfeedU;
        QTest::newRow("JCEKS") << 2U << 0xcecececeU;
    }
    void javaKeyStores() {
        QFETCH(std::uint32_t, version);
        QFETCH(std::uint32_t, magic);
        KeyStore store(version, magic);
        store.trusted(m_first.der);
        store.key({m_second.der, m_third.der});
        store.trusted("no certificate");
        store.trusted(m_third.der);
        const auto file = readCertificateFile(store.bytes());
        QCOMPARE(namesIn(file), (Names{"first", "second", "third", "third"}));
        QCOMPARE(file->format, std::string("Java key store"));
        QVERIFY(hasRemark(file, "1 private key passed over"));
        QVERIFY(hasRemark(file, "certificate 4 cannot be read"));
    }

    void javaKeyStoresThatCannotBeReadToTheEnd() {
        KeyStore secret(2, 0xcececece);
        secret.trusted(m_first.der);
        secret.begin(3);
        QVERIFY(hasRemark(readCertificateFile(secret.bytes()), "a secret key"));
        KeyStore odd;
        odd.trusted(m_first.der);
        odd.begin(9);
        QVERIFY(hasRemark(readCertificateFile(odd.bytes()), "unknown kind 9"));
        QVERIFY(!readCertificateFile(KeyStore(3).bytes()).has_value());
        QVERIFY(!readCertificateFile(KeyStore().bytes()).has_value()); // nothing in it
    }

    void ccadbReports() {
        // Columns as in CCADB's report of Mozilla's included roots; the PEM stands in single quotes there.
        const auto quoted = [](const MadeCertificate& made) { return csvField("'" + made.pem() + "'"); };
        const std::string mozilla =
            "\"Owner\",\"Common Name\",\"Trust Bits\",\"Distrust for TLS After Date\",\"PEM Info\"\r\n"
            "\"A, \"\"B\"\"\",\"first\",\"Email;Websites\",\"\"," +
            quoted(m_first) + "\r\nC,second,Email,," + quoted(m_second) + "\r\nC,third,Websites,2026.11.30," +
            quoted(m_third) + "\r\n";
        const auto file = readCertificateFile(mozilla);
        QCOMPARE(file->format, std::string("CCADB CSV"));
        QCOMPARE(namesIn(file), (Names{"first", "third"}));
        QVERIFY(hasRemark(file, "1 certificate left out"));
        QVERIFY(hasRemark(file, "of 1 roots"));
        // That of all certificates has no purposes: they all come.
        const std::string all = "\"SHA-256 Fingerprint\",\"X.509 Certificate (PEM)\"\n\"00\"," +
                                csvField(m_first.pem()) + "\n\"01\"," + csvField(m_second.pem());
        QCOMPARE(namesIn(readCertificateFile("\xef\xbb\xbf" + all)), (Names{"first", "second"}));
        const std::string microsoft =
            "\"Microsoft Status\",\"Microsoft EKUs\",\"PEM\"\n\"Included\",\"Server Authentication\"," +
            quoted(m_first) + "\n\"Disabled\",\"Server Authentication\"," + quoted(m_second) +
            "\n\"Included\",\"Secure Email\"," + quoted(m_third);
        QCOMPARE(namesIn(readCertificateFile(microsoft)), (Names{"first"}));
        QVERIFY(hasRemark(readCertificateFile(microsoft), "2 certificates left out"));
    }

    void trustLists() {
        const std::string servers = attribute(9, der(0x30, kEmail + kServerAuth)),
                          mail = attribute(9, der(0x30, kEmail));
        const std::string since = attribute(104, std::string(8, '\x01'));
        const std::string subjects =
            listed('a', servers + attribute(98, std::string(32, 'A'))) + // for servers
            listed('b', mail) +                                          // for mail only
            listed('c', "") +                                            // for all purposes
            listed('d', servers + since) +                               // no longer trusted
            listed('e', since + attribute(122, der(0x30, kEmail))) +     // no longer for mail
            listed('f', attribute(122, der(0x30, kServerAuth)) + since); // no longer for servers
        for (const bool cms : {false, true}) {
            const auto file = readCertificateFile(trustList(subjects, hex("060a2b0601040182370a0309"), cms));
            QVERIFY(file.has_value());
            QCOMPARE(file->format, std::string("certificate trust list"));
            QCOMPARE(file->asOf, std::string("2026-07-19"));
            QCOMPARE(file->listed.size(), std::size_t{3});
            QCOMPARE(char(file->listed[0].sha1[0]), 'a');
            QCOMPARE(char(file->listed[0].sha256->at(31)), 'A');
            QCOMPARE(char(file->listed[1].sha1[19]), 'c');
            QVERIFY(!file->listed[1].sha256);
            QCOMPARE(char(file->listed[2].sha1[0]), 'e');
            QVERIFY(hasRemark(file, "3 certificates left out"));
        }
        // disallowedcert.stl lists what is not trusted.
        const auto disallowed = readCertificateFile(trustList(subjects, hex("060a2b0601040182370a031e")));
        QVERIFY(!disallowed.has_value());
        QVERIFY(disallowed.error().message.find("not trusted") != std::string::npos);
    }

    void otherFilesAreRefusedInWords_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QByteArray>("word");
        QTest::newRow("empty") << QByteArray() << QByteArray("empty");
        QTest::newRow("cabinet") << QByteArray("MSCF\0\0\0\0", 8) << QByteArray("cabinet");
        QTest::newRow("zip") << QByteArray("PK\x03\x04") << QByteArray("ZIP");
        QTest::newRow("xz") << QByteArray("\xfd\x37zXZ") << QByteArray("compressed");
        QTest::newRow("text") << QByteArray("hello") << QByteArray("neither PEM");
        QTest::newRow("key") << QByteArray::fromStdString(privateKeyDer(m_first)) << QByteArray("a private key");
        QTest::newRow("only a key") << QByteArray::fromStdString(privateKeyPem(m_first)) << QByteArray("1 private key");
    }
    void otherFilesAreRefusedInWords() {
        QFETCH(QByteArray, content);
        QFETCH(QByteArray, word);
        const auto file = readCertificateFile({content.constData(), std::size_t(content.size())});
        QVERIFY(!file.has_value());
        QVERIFY(file.error().kind == ErrorKind::UnknownFormat);
        QVERIFY2(file.error().message.find(word.toStdString()) != std::string::npos, file.error().message.c_str());
    }

    void everyPrefixIsReadOrRefused() {
        KeyStore store;
        store.trusted(m_first.der);
        store.key({m_second.der});
        const std::string wholes[] = {m_first.pem() + m_second.pem(),
                                      m_first.der + m_second.der,
                                      pkcs7({m_first}, test::makeRevocationList(m_first, {})),
                                      pkcs12({m_first}, nullptr),
                                      pkcs12({m_first}, "changeit", true, 1),
                                      store.bytes(),
                                      "\"Trust Bits\",\"PEM\"\n\"Websites\"," + csvField(m_first.pem()),
                                      trustList(listed('a', attribute(98, std::string(32, 'A'))))};
        for (const std::string& whole : wholes) {
            QVERIFY(readCertificateFile(whole).has_value());
            for (std::size_t size = 0; size < whole.size(); ++size) {
                const std::vector<char> exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
                const auto file = readCertificateFile({exact.data(), exact.size()});
                QVERIFY(file.has_value() || !file.error().message.empty());
            }
        }
    }

    void limitsAreTold() {
        std::string many;
        for (std::size_t i = 0; i <= CertificateFile::kMaxCertificates; ++i) many += pemOf("CERTIFICATE", "0");
        auto file = readCertificateFile(many + m_first.pem());
        QVERIFY(!file.has_value()); // all that it may have was looked at
        file = readCertificateFile(m_first.pem() + many);
        QCOMPARE(namesIn(file), (Names{"first"}));
        QVERIFY(hasRemark(file, "only the first 20000"));
        QVERIFY(hasRemark(file, "and 19979 more")); // 19,999 remarks, 20 of them shown
        QCOMPARE(file->remarks.size(), CertificateFile::kMaxRemarks + 2);
        std::string lists;
        for (std::size_t i = 0; i <= CertificateFile::kMaxRevocationLists; ++i)
            lists += pemOf("X509 CRL", test::makeRevocationList(m_first, {}));
        file = readCertificateFile(lists);
        QCOMPARE(file->revocationLists.size(), CertificateFile::kMaxRevocationLists);
        std::string large = hex("3084") + std::string(CertificateFile::kMaxContainerBytes, '\0');
        QVERIFY(readCertificateFile(large).error().message.find("8 MiB") != std::string::npos);
    }

    /// keytool writes, we read.
    void keytoolAgrees() {
        const QString keytool = QStandardPaths::findExecutable("keytool");
        if (keytool.isEmpty()) QSKIP("no keytool here");
        const QTemporaryDir folder;
        QFile pem(folder.filePath("first.pem"));
        QVERIFY(pem.open(QIODevice::WriteOnly));
        pem.write(QByteArray::fromStdString(m_first.pem()));
        pem.close();
        for (const char* type : {"JKS", "JCEKS", "PKCS12"}) {
            const QString store = folder.filePath(type);
            QCOMPARE(QProcess::execute(keytool, {"-importcert", "-noprompt", "-alias", "one", "-file", pem.fileName(),
                                                 "-keystore", store, "-storetype", type, "-storepass", "changeit"}),
                     0);
            QFile file(store);
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray content = file.readAll();
            const auto read = readCertificateFile({content.constData(), std::size_t(content.size())});
            QCOMPARE(namesIn(read), (Names{"first"}));
            QVERIFY(read->certificates.front()->der == m_first.der);
        }
    }

    /// Debian makes Java's store out of the same certificates as the system's bundle.
    void debiansStoreForJava() {
        const auto readPath = [](const char* path) {
            QFile file(path);
            const QByteArray content = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
            return readCertificateFile({content.constData(), std::size_t(content.size())});
        };
        const auto java = readPath("/etc/ssl/certs/java/cacerts");
        const auto bundle = readPath("/etc/ssl/certs/ca-certificates.crt");
        if (!java || !bundle) QSKIP("no Debian with ca-certificates-java");
        const auto digests = [](const CertificateFile& file) {
            std::vector<std::string> all;
            for (const CertificatePtr& certificate : file.certificates) all.push_back(certificate->sha256Text());
            std::ranges::sort(all);
            return all;
        };
        QCOMPARE(digests(*java), digests(*bundle));
    }
};

QTEST_APPLESS_MAIN(TrustFileTest)
#include "trust_file_test.moc"
