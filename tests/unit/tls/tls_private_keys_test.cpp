// SPDX-License-Identifier: Apache-2.0
// Keys as OpenSSL writes them, premaster secrets as it encrypts them.
#include <QTest>

#include "core/tls/secret_store.h"
#include "tests/support/openssl_pair.h"

#include <openssl/rsa.h>

using namespace gatescope;
using namespace gatescope::tls;
using test::OpensslIdentity;

namespace {

std::string derOf(const OpensslIdentity& identity, bool isPkcs8) {
    unsigned char* der = nullptr;
    int length = 0;
    if (isPkcs8) {
        PKCS8_PRIV_KEY_INFO* info = EVP_PKEY2PKCS8(identity.key.get());
        length = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
        PKCS8_PRIV_KEY_INFO_free(info);
    } else {
        length = i2d_PrivateKey(identity.key.get(), &der);
    }
    std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
    OPENSSL_free(der);
    return text;
}

enum class Pem { Traditional, TraditionalEncrypted, Pkcs8Encrypted };

std::string pemOf(const OpensslIdentity& identity, Pem form) {
    BIO* out = BIO_new(BIO_s_mem());
    const EVP_CIPHER* cipher = form == Pem::Traditional ? nullptr : EVP_aes_128_cbc();
    const char* password = form == Pem::Traditional ? nullptr : "secret";
    if (form == Pem::Pkcs8Encrypted)
        PEM_write_bio_PKCS8PrivateKey(out, identity.key.get(), cipher, password, 6, nullptr, nullptr);
    else
        PEM_write_bio_PrivateKey_traditional(out, identity.key.get(), cipher,
                                             reinterpret_cast<const unsigned char*>(password), password ? 6 : 0,
                                             nullptr, nullptr);
    char* text = nullptr;
    const long length = BIO_get_mem_data(out, &text);
    std::string pem(text, static_cast<std::size_t>(length));
    BIO_free(out);
    return pem;
}

std::vector<std::uint8_t> encryptedFor(const OpensslIdentity& identity, Bytes plain) {
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(identity.key.get(), nullptr);
    EVP_PKEY_encrypt_init(context);
    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING);
    std::size_t length = 0;
    EVP_PKEY_encrypt(context, nullptr, &length, plain.data(), plain.size());
    std::vector<std::uint8_t> sealed(length);
    EVP_PKEY_encrypt(context, sealed.data(), &length, plain.data(), plain.size());
    EVP_PKEY_CTX_free(context);
    sealed.resize(length);
    return sealed;
}

} // namespace

class TlsPrivateKeysTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void privateKeys_data();
    void privateKeys();
    void refusedKeys_data();
    void refusedKeys();
    void severalKeys();
    void tooManyKeys();
    void premasterOfAnotherVersion();
    void damagedTextsDoNoHarm();

private:
    OpensslIdentity m_rsa, m_otherRsa, m_ec;
};

void TlsPrivateKeysTest::initTestCase() {
    m_rsa = OpensslIdentity::rsa();
    m_otherRsa = OpensslIdentity::rsa();
    m_ec = OpensslIdentity::ec();
}

void TlsPrivateKeysTest::privateKeys_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("PKCS#8") << QByteArray::fromStdString(m_rsa.privateKeyPem());
    QTest::newRow("PKCS#1") << QByteArray::fromStdString(pemOf(m_rsa, Pem::Traditional));
    QTest::newRow("PKCS#8 DER") << QByteArray::fromStdString(derOf(m_rsa, true));
    QTest::newRow("PKCS#1 DER") << QByteArray::fromStdString(derOf(m_rsa, false));
    QTest::newRow("CR LF") << QByteArray::fromStdString(m_rsa.privateKeyPem()).replace("\n", "\r\n");
    QTest::newRow("behind words") << "\xef\xbb\xbf"
                                     "Bag Attributes\n  x: y\n" +
                                         QByteArray::fromStdString(m_rsa.privateKeyPem());
    QTest::newRow("behind another") << QByteArray::fromStdString(m_ec.privateKeyPem() + m_rsa.privateKeyPem());
}

void TlsPrivateKeysTest::privateKeys() {
    QFETCH(QByteArray, text);
    SecretStore store;
    const auto added = store.addPrivateKey(text.toStdString());
    QVERIFY2(added, added ? "" : added.error().message.c_str());
    QVERIFY(store.hasPrivateKeys() && !store.empty());
    QVERIFY(store.generation() > 0);
    SecretBytes premaster(48, 7);
    premaster[0] = premaster[1] = 3;
    const auto sealed = encryptedFor(m_rsa, premaster);
    QVERIFY(store.decryptPremaster(sealed, kTls12) == premaster);
    // Not for this key, or damaged.
    QVERIFY(!store.decryptPremaster(encryptedFor(m_otherRsa, premaster), kTls12));
    for (std::size_t i = 0; i < sealed.size(); i += 17) {
        auto flipped = sealed;
        flipped[i] ^= 1;
        QVERIFY(!store.decryptPremaster(flipped, kTls12));
        QVERIFY(!store.decryptPremaster(Bytes(sealed).first(i), kTls12));
    }
    QCOMPARE(ERR_peek_error(), 0UL);
}

void TlsPrivateKeysTest::refusedKeys_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("why");
    const QByteArray pem = QByteArray::fromStdString(m_rsa.privateKeyPem());
    QTest::newRow("empty") << QByteArray() << "there is no private key in it";
    QTest::newRow("words") << QByteArray("no key\n") << "there is no private key in it";
    QTest::newRow("certificate DER") << QByteArray::fromStdString(m_rsa.certificateDer())
                                     << "there is no private key in it";
    QTest::newRow("EC") << QByteArray::fromStdString(m_ec.privateKeyPem())
                        << "the private key is not RSA: only RSA key exchange can be decrypted with a key";
    QTest::newRow("EC DER") << QByteArray::fromStdString(derOf(m_ec, true))
                            << "the private key is not RSA: only RSA key exchange can be decrypted with a key";
    QTest::newRow("damaged") << QByteArray(pem).replace(28, 4, "AAAA") << "the private key is damaged";
    const QString password = "the private key is protected with a password: give it without one";
    QTest::newRow("PKCS#1 password") << QByteArray::fromStdString(pemOf(m_rsa, Pem::TraditionalEncrypted)) << password;
    QTest::newRow("PKCS#8 password") << QByteArray::fromStdString(pemOf(m_rsa, Pem::Pkcs8Encrypted)) << password;
    QByteArray base64 = QByteArray::fromStdString(pemOf(m_rsa, Pem::Pkcs8Encrypted));
    base64.replace("-----BEGIN ENCRYPTED PRIVATE KEY-----", "").replace("-----END ENCRYPTED PRIVATE KEY-----", "");
    QTest::newRow("PKCS#8 DER password") << QByteArray::fromBase64(base64) << password;
}

void TlsPrivateKeysTest::refusedKeys() {
    QFETCH(QByteArray, text);
    QFETCH(QString, why);
    SecretStore store;
    const auto added = store.addPrivateKey(text.toStdString());
    QVERIFY(!added);
    QCOMPARE(added.error().kind, ErrorKind::Usage);
    QCOMPARE(QString::fromStdString(added.error().message), why);
    QVERIFY(!store.hasPrivateKeys());
    QCOMPARE(store.generation(), std::uint64_t{0});
    QCOMPARE(ERR_peek_error(), 0UL);
}

void TlsPrivateKeysTest::severalKeys() {
    SecretStore store;
    QVERIFY(store.addPrivateKey(m_rsa.privateKeyPem() + m_otherRsa.privateKeyPem()));
    QVERIFY(store.addPrivateKey(m_rsa.privateKeyPem())); // again: no harm
    SecretBytes premaster(48, 7);
    premaster[0] = premaster[1] = 3;
    QVERIFY(store.decryptPremaster(encryptedFor(m_rsa, premaster), kTls12) == premaster);
    QVERIFY(store.decryptPremaster(encryptedFor(m_otherRsa, premaster), kTls12) == premaster);
}

void TlsPrivateKeysTest::premasterOfAnotherVersion() {
    SecretStore store;
    QVERIFY(store.addPrivateKey(m_rsa.privateKeyPem()));
    SecretBytes premaster(48, 7);
    premaster[0] = 3;
    premaster[1] = 1;
    const auto sealed = encryptedFor(m_rsa, premaster);
    QVERIFY(!store.decryptPremaster(sealed, kTls12));
    QVERIFY(store.decryptPremaster(sealed, kTls10) == premaster);
    premaster.resize(47);
    QVERIFY(!store.decryptPremaster(encryptedFor(m_rsa, premaster), kTls10));
}

void TlsPrivateKeysTest::tooManyKeys() {
    SecretStore store;
    for (std::size_t i = 0; i < SecretStore::kMaxKeys; ++i) {
        EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{512});
        QVERIFY(key != nullptr);
        unsigned char* der = nullptr;
        const int length = i2d_PrivateKey(key, &der);
        QVERIFY(store.addPrivateKey({reinterpret_cast<const char*>(der), static_cast<std::size_t>(length)}));
        OPENSSL_free(der);
        EVP_PKEY_free(key);
    }
    const auto refused = store.addPrivateKey(m_rsa.privateKeyPem());
    QVERIFY(!refused);
    QCOMPARE(QString::fromStdString(refused.error().message), QString("too many private keys: 64 at most"));
}

void TlsPrivateKeysTest::damagedTextsDoNoHarm() {
    const std::string pem = m_rsa.privateKeyPem();
    const std::string der = derOf(m_rsa, false);
    for (std::size_t cut = 0; cut < der.size(); cut += 11) QVERIFY(!SecretStore().addPrivateKey(der.substr(0, cut)));
    for (std::size_t cut = 0; cut < pem.size() - 30; cut += 31)
        QVERIFY(!SecretStore().addPrivateKey(pem.substr(0, cut)));
}

QTEST_APPLESS_MAIN(TlsPrivateKeysTest)
#include "tls_private_keys_test.moc"
