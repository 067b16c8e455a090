// SPDX-License-Identifier: Apache-2.0
// Names as IANA's registries write them. Suites are held against those that OpenSSL knows.
#include <QTest>

#include "core/tls/names.h"

#include <openssl/ssl.h>
#include <set>

using namespace gatescope;
using namespace gatescope::tls;

class TlsNamesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void suitesOfOpenSsl();
    void suitesOfTheRegistry();
    void alerts();
    void handshakeTypes();
    void recordTypes();
    void groups();
    void signatureSchemes();
    void extensions();
    void versions();
};

void TlsNamesTest::suitesOfOpenSsl() {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_method()), SSL_CTX_free);
    QVERIFY(SSL_CTX_set_cipher_list(context.get(), "ALL:COMPLEMENTOFALL:@SECLEVEL=0") == 1);
    const STACK_OF(SSL_CIPHER)* suites = SSL_CTX_get_ciphers(context.get());
    QVERIFY(sk_SSL_CIPHER_num(suites) > 100);
    for (int i = 0; i < sk_SSL_CIPHER_num(suites); ++i) {
        const SSL_CIPHER* suite = sk_SSL_CIPHER_value(suites, i);
        QCOMPARE(cipherSuiteName(SSL_CIPHER_get_protocol_id(suite)), std::string(SSL_CIPHER_standard_name(suite)));
    }
}

void TlsNamesTest::suitesOfTheRegistry() {
    // Those at the ends of its blocks, and their number: 28 + 41 + 7 + 68 up to 00c7, 00ff, 7 of TLS 1.3, 5600, 181 of
    // c001 to c0b5, 7 GOST, 7 ChaCha20, 4 of d001 to d005.
    QCOMPARE(cipherSuiteName(0x0000), std::string("TLS_NULL_WITH_NULL_NULL"));
    QCOMPARE(cipherSuiteName(0x001b), std::string("TLS_DH_anon_WITH_3DES_EDE_CBC_SHA"));
    QCOMPARE(cipherSuiteName(0x001c), std::string("0x001c"));
    QCOMPARE(cipherSuiteName(0x001e), std::string("TLS_KRB5_WITH_DES_CBC_SHA"));
    QCOMPARE(cipherSuiteName(0x00c7), std::string("TLS_SM4_CCM_SM3"));
    QCOMPARE(cipherSuiteName(0x00ff), std::string("TLS_EMPTY_RENEGOTIATION_INFO_SCSV"));
    QCOMPARE(cipherSuiteName(0x1307), std::string("TLS_AEGIS_128L_SHA256"));
    QCOMPARE(cipherSuiteName(0x1308), std::string("0x1308"));
    QCOMPARE(cipherSuiteName(0x5600), std::string("TLS_FALLBACK_SCSV"));
    QCOMPARE(cipherSuiteName(0xc0ab), std::string("TLS_PSK_DHE_WITH_AES_256_CCM_8"));
    QCOMPARE(cipherSuiteName(0xc0b5), std::string("TLS_SHA384_SHA384"));
    QCOMPARE(cipherSuiteName(0xc106), std::string("TLS_GOSTR341112_256_WITH_MAGMA_MGM_S"));
    QCOMPARE(cipherSuiteName(0xccae), std::string("TLS_RSA_PSK_WITH_CHACHA20_POLY1305_SHA256"));
    QCOMPARE(cipherSuiteName(0xd004), std::string("0xd004"));
    QCOMPARE(cipherSuiteName(0xd005), std::string("TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256"));
    QCOMPARE(cipherSuiteName(0xffff), std::string("0xffff"));

    std::set<std::string> names;
    for (unsigned suite = 0; suite <= 0xffff; ++suite) {
        std::string name = cipherSuiteName(static_cast<std::uint16_t>(suite));
        if (name.starts_with("TLS_")) QVERIFY2(names.insert(name).second, name.c_str());
    }
    QCOMPARE(names.size(), std::size_t{28 + 41 + 7 + 68 + 1 + 7 + 1 + 181 + 7 + 7 + 4});
}

void TlsNamesTest::alerts() {
    QCOMPARE(alertName(0), std::string("close_notify"));
    QCOMPARE(alertName(40), std::string("handshake_failure"));
    QCOMPARE(alertName(48), std::string("unknown_ca"));
    QCOMPARE(alertName(90), std::string("user_canceled"));
    QCOMPARE(alertName(112), std::string("unrecognized_name"));
    QCOMPARE(alertName(116), std::string("certificate_required"));
    QCOMPARE(alertName(120), std::string("no_application_protocol"));
    QCOMPARE(alertName(121), std::string("ech_required"));
    QCOMPARE(alertName(255), std::string("0xff"));
}

void TlsNamesTest::handshakeTypes() {
    QCOMPARE(handshakeTypeName(HandshakeType::HelloRequest), std::string("hello_request"));
    QCOMPARE(handshakeTypeName(HandshakeType::ClientHello), std::string("client_hello"));
    QCOMPARE(handshakeTypeName(HandshakeType::ServerHelloDone), std::string("server_hello_done"));
    QCOMPARE(handshakeTypeName(HandshakeType::CompressedCertificate), std::string("compressed_certificate"));
    QCOMPARE(handshakeTypeName(HandshakeType::NextProtocol), std::string("next_protocol"));
    QCOMPARE(handshakeTypeName(HandshakeType::MessageHash), std::string("message_hash"));
    QCOMPARE(handshakeTypeName(HandshakeType::Encrypted), std::string("encrypted handshake message"));
    QCOMPARE(handshakeTypeName(static_cast<HandshakeType>(99)), std::string("0x63"));
}

void TlsNamesTest::recordTypes() {
    QCOMPARE(recordTypeName(20), std::string("change_cipher_spec"));
    QCOMPARE(recordTypeName(23), std::string("application_data"));
    QCOMPARE(recordTypeName(24), std::string("heartbeat"));
    QCOMPARE(recordTypeName(19), std::string("0x13"));
}

void TlsNamesTest::groups() {
    QCOMPARE(groupName(0x0017), std::string("secp256r1"));
    QCOMPARE(groupName(0x001d), std::string("x25519"));
    QCOMPARE(groupName(0x0104), std::string("ffdhe8192"));
    QCOMPARE(groupName(4588), std::string("X25519MLKEM768"));
    QCOMPARE(groupName(25497), std::string("X25519Kyber768Draft00"));
    QCOMPARE(groupName(0x1a1a), std::string("0x1a1a"));
}

void TlsNamesTest::signatureSchemes() {
    QCOMPARE(signatureSchemeName(0x0403), std::string("ecdsa_secp256r1_sha256"));
    QCOMPARE(signatureSchemeName(0x0804), std::string("rsa_pss_rsae_sha256"));
    QCOMPARE(signatureSchemeName(0x0807), std::string("ed25519"));
    QCOMPARE(signatureSchemeName(0x0202), std::string("dsa_sha1"));
    QCOMPARE(signatureSchemeName(0x0001), std::string("0x0001"));
}

void TlsNamesTest::extensions() {
    QCOMPARE(extensionName(0), std::string("server_name"));
    QCOMPARE(extensionName(16), std::string("application_layer_protocol_negotiation"));
    QCOMPARE(extensionName(51), std::string("key_share"));
    QCOMPARE(extensionName(65281), std::string("renegotiation_info"));
    QCOMPARE(extensionName(65037), std::string("encrypted_client_hello"));
    QCOMPARE(extensionName(40), std::string("0x0028"));
}

void TlsNamesTest::versions() {
    QCOMPARE(versionName(0x0300), std::string("ssl 3.0"));
    QCOMPARE(versionName(0x0301), std::string("1.0"));
    QCOMPARE(versionName(0x0302), std::string("1.1"));
    QCOMPARE(versionName(0x0303), std::string("1.2"));
    QCOMPARE(versionName(0x0304), std::string("1.3"));
    QCOMPARE(versionName(0x7f1c), std::string("1.3-draft28")); // RFC 8446 before it was one: 0x7f00 and the draft
    QCOMPARE(versionName(0x7f12), std::string("1.3-draft18"));
    QCOMPARE(versionName(0x0305), std::string("0x0305"));
}

QTEST_APPLESS_MAIN(TlsNamesTest)
#include "tls_names_test.moc"
