// SPDX-License-Identifier: Apache-2.0
// Vectors of the GCM proposal (McGrew and Viega, appendix B); all sizes against OpenSSL's own GCM.
#include <QTest>

#include "core/tls/short_gcm.h"

#include <openssl/evp.h>
#include <vector>

using namespace gatescope;
using namespace gatescope::tls;

namespace {

using Octets = std::vector<std::uint8_t>;

Octets unhex(const char* hex) {
    const QByteArray octets = QByteArray::fromHex(hex);
    return {octets.begin(), octets.end()};
}

std::array<std::uint8_t, 12> nonceOf(const Octets& octets) {
    std::array<std::uint8_t, 12> nonce{};
    std::copy_n(octets.begin(), nonce.size(), nonce.begin());
    return nonce;
}

/// Content and tag.
Octets sealedBy(const EVP_CIPHER* cipher, const Octets& key, const std::array<std::uint8_t, 12>& nonce,
                const Octets& additional, const Octets& text) {
    Octets sealed(text.size() + 16);
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    int length = 0;
    EVP_EncryptInit_ex(context, cipher, nullptr, key.data(), nonce.data());
    EVP_EncryptUpdate(context, nullptr, &length, additional.data(), static_cast<int>(additional.size()));
    EVP_EncryptUpdate(context, sealed.data(), &length, text.data(), static_cast<int>(text.size()));
    EVP_EncryptFinal_ex(context, sealed.data() + text.size(), &length);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, sealed.data() + text.size());
    EVP_CIPHER_CTX_free(context);
    return sealed;
}

} // namespace

class TlsShortGcmTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void vectors();
    void everySize();
    void damage();
    void limits();
};

void TlsShortGcmTest::init() {
    if (!ShortGcm::create(*findCipherSuite(0x1301), Octets(16)))
        QSKIP("this processor has no carry-less multiplication");
}

void TlsShortGcmTest::vectors() {
    // Test case 3.
    const auto aes128 = ShortGcm::create(*findCipherSuite(0x1301), unhex("feffe9928665731c6d6a8f9467308308"));
    const auto nonce = nonceOf(unhex("cafebabefacedbaddecaf888"));
    const Octets text = unhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e24"
                              "49a6b525b16aedf5aa0de657ba637b391aafd255");
    Octets opened(64);
    QVERIFY(
        aes128->open(nonce, {},
                     unhex("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5a"
                           "ac84aa051ba30b396a0aac973d58e091473f5985"),
                     unhex("4d5c2af327cd64a62cf35abd2ba6fab4").data(), opened.data()));
    QVERIFY(opened == text);
    // Test case 1: nothing at all.
    const auto zeros = ShortGcm::create(*findCipherSuite(0x1301), Octets(16, 0));
    QVERIFY(zeros->open({}, {}, {}, unhex("58e2fccefa7e3061367f1d57a4e7455a").data(), nullptr));
    // Test case 14: AES-256, one block of zeros.
    const auto aes256 = ShortGcm::create(*findCipherSuite(0x1302), Octets(32, 0));
    Octets block(16, 0xff);
    QVERIFY(aes256->open({}, {}, unhex("cea7403d4d606b6e074ec5d3baf39d18"),
                         unhex("d0d1c8a799996bf0265b98b5d48ab919").data(), block.data()));
    QVERIFY(block == Octets(16, 0));
}

void TlsShortGcmTest::everySize() {
    Octets key(32);
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(37 * i + 5);
    const auto gcm = ShortGcm::create(*findCipherSuite(0x1302), key);
    const auto nonce = nonceOf(Octets(12, 0xc3));
    for (std::size_t size = 0; size <= ShortGcm::kMaxBytes; ++size) {
        Octets text(size);
        for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<std::uint8_t>(i * i + size);
        const Octets additional(size % 17, static_cast<std::uint8_t>(size));
        const Octets sealed = sealedBy(EVP_aes_256_gcm(), key, nonce, additional, text);
        Octets opened(size + 1, 0x55);
        QVERIFY(gcm->open(nonce, additional, Bytes(sealed).first(size), sealed.data() + size, opened.data()));
        QCOMPARE(int{opened.back()}, 0x55); // nothing behind it is written
        opened.pop_back();
        QVERIFY(opened == text);
    }
}

void TlsShortGcmTest::damage() {
    const Octets key(16, 9);
    const auto gcm = ShortGcm::create(*findCipherSuite(0xc02f), key);
    const auto nonce = nonceOf(Octets(12, 1));
    const Octets additional(13, 2);
    const Octets text(200, 3);
    Octets sealed = sealedBy(EVP_aes_128_gcm(), key, nonce, additional, text);
    Octets opened(200, 0x55);
    for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
        sealed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        QVERIFY(!gcm->open(nonce, additional, Bytes(sealed).first(200), sealed.data() + 200, opened.data()));
        sealed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    }
    QVERIFY(!gcm->open(nonce, Octets(12, 2), Bytes(sealed).first(200), sealed.data() + 200, opened.data()));
    QVERIFY(
        !gcm->open(nonceOf(Octets(12, 2)), additional, Bytes(sealed).first(200), sealed.data() + 200, opened.data()));
    QVERIFY(opened == Octets(200, 0x55)); // what does not verify is not written
    QVERIFY(gcm->open(nonce, additional, Bytes(sealed).first(200), sealed.data() + 200, opened.data()));
    QVERIFY(opened == text);
}

void TlsShortGcmTest::limits() {
    const auto gcm = ShortGcm::create(*findCipherSuite(0x1301), Octets(16));
    Octets out(ShortGcm::kMaxBytes + 16);
    QVERIFY(!gcm->open({}, Octets(17), Octets(1), out.data(), out.data()));
    QVERIFY(!gcm->open({}, {}, Octets(ShortGcm::kMaxBytes + 1), out.data(), out.data()));
    QVERIFY(!ShortGcm::create(*findCipherSuite(0x1303), Octets(32))); // another cipher
}

QTEST_APPLESS_MAIN(TlsShortGcmTest)
#include "tls_short_gcm_test.moc"
