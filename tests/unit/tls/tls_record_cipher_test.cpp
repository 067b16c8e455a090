// SPDX-License-Identifier: Apache-2.0
// What RecordCipher refuses, and what it does after a loss. Records come from libssl, those with RC4 from libcrypto's
// own RC4.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <QTest>

#include "core/tls/record_cipher.h"
#include "tests/support/openssl_pair.h"

#include <openssl/hmac.h>
#include <openssl/rc4.h>

using namespace gatescope;
using namespace gatescope::tls;
using test::OpensslIdentity;
using test::OpensslPair;
using test::OpensslPairOptions;

namespace {

struct Kept {
    std::uint8_t type = 0;
    std::uint16_t version = 0;
    std::vector<std::uint8_t> fragment;
    SealedRecord sealed() const { return {type, version, fragment}; }
};

/// The client's encrypted records, of which the first is Finished.
struct Sample {
    std::uint16_t version = 0;
    CipherSuite suite;
    TrafficKeys keys;
    bool encryptThenMac = false;
    std::vector<Kept> records;

    std::unique_ptr<RecordCipher> cipher() const { return RecordCipher::create(version, suite, keys, encryptThenMac); }
};

std::vector<Kept> recordsOf(std::string_view octets) {
    std::vector<Kept> records;
    for (ByteReader reader(asBytes(octets)); reader.remaining() >= 5;) {
        Kept record;
        record.type = reader.u8();
        record.version = reader.u16();
        const Bytes fragment = reader.take(reader.u16());
        record.fragment.assign(fragment.begin(), fragment.end());
        records.push_back(record);
    }
    return records;
}

Sample sampleOf(int version, const char* suite, bool encryptThenMac = true) {
    static const OpensslIdentity identity = OpensslIdentity::ec();
    OpensslPairOptions options;
    options.version = version;
    options.fragments = false; // one record for each text
    options.encryptThenMac = encryptThenMac;
    (version == TLS1_3_VERSION ? options.suites : options.ciphers) = suite;
    OpensslPair pair(identity, options);
    if (!pair.connect()) return {};
    for (const char* text : {"one", "the second text of some length", "3", "fourth", "fifth"})
        if (!pair.send(Peer::Client, text)) return {};

    Sample sample{.version = pair.version(),
                  .suite = *findCipherSuite(pair.cipherSuite()),
                  .keys = {},
                  .encryptThenMac = encryptThenMac,
                  .records = recordsOf(pair.sent(Peer::Client))};
    const bool isTls13 = version == TLS1_3_VERSION;
    if (isTls13) {
        const std::string label = "CLIENT_TRAFFIC_SECRET_0 ";
        const std::size_t at = pair.keyLog().find(label) + label.size() + 65;
        const std::string hex = pair.keyLog().substr(at, pair.keyLog().find('\n', at) - at);
        const QByteArray secret = QByteArray::fromHex(QByteArray::fromStdString(hex));
        sample.keys = trafficKeys(sample.suite, asBytes({secret.data(), static_cast<std::size_t>(secret.size())}));
    } else {
        sample.keys = keyBlock(sample.version, sample.suite, asBytes(pair.masterSecret()), pair.clientRandom(),
                               pair.serverRandom())[0];
    }
    // In TLS 1.3 Finished still has the keys of the handshake.
    while (!sample.records.empty() && sample.records.front().type != 20) sample.records.erase(sample.records.begin());
    if (!sample.records.empty()) sample.records.erase(sample.records.begin());
    if (isTls13 && !sample.records.empty()) sample.records.erase(sample.records.begin());
    return sample;
}

/// RFC 5246, 6.2.3.1: HMAC with SHA-1 over sequence number, type (application data), version, length, content.
std::string macOf(const SecretBytes& key, std::uint8_t sequence, std::uint16_t version, const std::string& text) {
    std::string input(7, '\0');
    input += static_cast<char>(sequence);
    input += '\x17';
    for (const std::size_t number : {std::size_t{version}, text.size()}) {
        input += static_cast<char>(number >> 8);
        input += static_cast<char>(number);
    }
    input += text;
    std::string mac(20, '\0');
    HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(input.data()),
         input.size(), reinterpret_cast<unsigned char*>(mac.data()), nullptr);
    return mac;
}

std::string openedText(RecordCipher& cipher, std::uint64_t sequence, const SealedRecord& record) {
    const auto opened = cipher.open(sequence, record);
    return opened ? std::string(asText(opened->content)) : "refused";
}

} // namespace

class TlsRecordCipherTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void damage_data();
    void damage();
    void chainedAfterALoss_data();
    void chainedAfterALoss();
    void rc4();
    void tripleDes();
    void emptyContent();
    void onlyPadding();
    void whatIsNotMade();
    void suites();
};

void TlsRecordCipherTest::damage_data() {
    QTest::addColumn<int>("version");
    QTest::addColumn<QString>("suite");
    QTest::addColumn<bool>("encryptThenMac");
    const auto row = [](int version, const char* suite, bool encryptThenMac = true) {
        QTest::addRow("%s %x %d", suite, version, encryptThenMac) << version << QString(suite) << encryptThenMac;
    };
    row(TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256");
    row(TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256");
    row(TLS1_3_VERSION, "TLS_AES_128_CCM_SHA256");
    row(TLS1_3_VERSION, "TLS_AES_128_CCM_8_SHA256");
    row(TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384");
    row(TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305");
    row(TLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM8");
    row(TLS1_2_VERSION, "ECDHE-ECDSA-AES256-CCM");
    row(TLS1_2_VERSION, "ECDHE-ECDSA-ARIA128-GCM-SHA256");
    row(TLS1_2_VERSION, "ECDHE-ECDSA-AES256-SHA384", true);
    row(TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA", false);
    row(TLS1_2_VERSION, "ECDHE-ECDSA-NULL-SHA");
    row(TLS1_1_VERSION, "ECDHE-ECDSA-AES128-SHA", true);
    row(TLS1_VERSION, "ECDHE-ECDSA-AES128-SHA", true);
    row(TLS1_VERSION, "ECDHE-ECDSA-AES128-SHA", false);
}

void TlsRecordCipherTest::damage() {
    QFETCH(int, version);
    QFETCH(QString, suite);
    QFETCH(bool, encryptThenMac);
    const Sample sample = sampleOf(version, qPrintable(suite), encryptThenMac);
    const std::size_t first = version == TLS1_3_VERSION ? 0 : 1; // record 0 of the older ones is Finished
    QCOMPARE(sample.records.size(), first + 5);
    const Kept& record = sample.records[0];
    const auto cipher = sample.cipher();
    QVERIFY(cipher);

    // The chained ones with the MAC inside take what was refused for the record before: the same one may be tried
    // again.
    const auto refused = [&cipher](std::uint64_t sequence, const Kept& kept) {
        return !cipher->open(sequence, kept.sealed());
    };
    for (const std::uint64_t sequence : {std::uint64_t{1}, std::uint64_t{256}, ~std::uint64_t{0}})
        QVERIFY(refused(sequence, record));
    QVERIFY(cipher->open(0, record.sealed()));
    QCOMPARE(openedText(*cipher, 1, sample.records[1].sealed()), first == 0 ? "the second text of some length" : "one");

    // A new one for each: nothing that failed may help what follows.
    for (std::size_t bit = 0; bit < 8 * record.fragment.size(); ++bit) {
        const auto fresh = sample.cipher();
        Kept flipped = record;
        flipped.fragment[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        QVERIFY2(!fresh->open(0, flipped.sealed()), qPrintable(QString::number(bit)));
        if (!fresh->chains()) QVERIFY(fresh->open(0, record.sealed()));
    }
    for (std::size_t size = 0; size < record.fragment.size(); ++size) {
        Kept cut = record;
        cut.fragment.resize(size);
        QVERIFY(!sample.cipher()->open(0, cut.sealed()));
        cut.fragment.assign(record.fragment.end() - static_cast<std::ptrdiff_t>(size), record.fragment.end());
        QVERIFY(!sample.cipher()->open(0, cut.sealed()));
    }
    Kept other = record;
    other.version ^= 1;
    QVERIFY(!sample.cipher()->open(0, other.sealed()));
    other = record;
    other.type ^= 1;
    QVERIFY(!sample.cipher()->open(0, other.sealed()));
    other = record;
    other.fragment.resize(RecordCipher::kMaxCiphertext + 1);
    QVERIFY(!sample.cipher()->open(0, other.sealed()));
}

void TlsRecordCipherTest::chainedAfterALoss_data() {
    QTest::addColumn<bool>("encryptThenMac");
    QTest::newRow("encrypt-then-MAC") << true;
    QTest::newRow("MAC first") << false;
}

void TlsRecordCipherTest::chainedAfterALoss() {
    QFETCH(bool, encryptThenMac);
    for (const char* suite : {"ECDHE-ECDSA-AES256-SHA", "ECDHE-ECDSA-AES128-SHA"}) {
        const Sample sample = sampleOf(TLS1_VERSION, suite, encryptThenMac);
        const auto cipher = sample.cipher();
        QVERIFY(cipher && cipher->chains());
        QVERIFY(cipher->open(0, sample.records[0].sealed()));
        QCOMPARE(openedText(*cipher, 1, sample.records[1].sealed()), std::string("one"));
        // Record 2 is lost: 3 cannot be opened, whatever number is tried; 4 can, once its number is found.
        for (const std::uint64_t sequence : {2, 3, 4})
            QCOMPARE(openedText(*cipher, sequence, sample.records[3].sealed()), std::string("refused"));
        for (const std::uint64_t sequence : {2, 3})
            QCOMPARE(openedText(*cipher, sequence, sample.records[4].sealed()), std::string("refused"));
        QCOMPARE(openedText(*cipher, 4, sample.records[4].sealed()), std::string("fourth"));
        QCOMPARE(openedText(*cipher, 5, sample.records[5].sealed()), std::string("fifth"));
    }
}

void TlsRecordCipherTest::rc4() {
    const CipherSuite suite = *findCipherSuite(0x0005); // TLS_RSA_WITH_RC4_128_SHA
    QCOMPARE(suite.cipher, BulkCipher::Rc4);
    const TrafficKeys keys{.key = SecretBytes(16, 0x21), .iv = {}, .mac = SecretBytes(20, 0x43)};
    RC4_KEY state;
    RC4_set_key(&state, 16, keys.key.data());
    const auto cipher = RecordCipher::create(kTls11, suite, keys, false);
    QVERIFY(cipher && cipher->chains());
    for (std::uint8_t sequence = 0; sequence < 20; ++sequence) {
        const std::string text(std::size_t{1} + 97U * sequence, static_cast<char>('a' + sequence));
        const std::string plain = text + macOf(keys.mac, sequence, kTls11, text);
        std::vector<std::uint8_t> sealed(plain.size());
        RC4(&state, plain.size(), reinterpret_cast<const unsigned char*>(plain.data()), sealed.data());
        QVERIFY(!cipher->open(sequence + 1U, {23, kTls11, sealed}));
        sealed[0] ^= 1;
        QVERIFY(!cipher->open(sequence, {23, kTls11, sealed}));
        sealed[0] ^= 1;
        QCOMPARE(openedText(*cipher, sequence, {23, kTls11, sealed}), text);
    }
    QCOMPARE(cipher->overhead(), std::size_t{20});
}

void TlsRecordCipherTest::tripleDes() {
    // Sealed here, because Debian's libssl is built without its suites. RFC 5246, 6.2.3.2; RFC 2246, 6.2.3.2.
    const CipherSuite suite = *findCipherSuite(0x000a); // TLS_RSA_WITH_3DES_EDE_CBC_SHA
    TrafficKeys keys{.key = {}, .iv = SecretBytes(8, 0x65), .mac = SecretBytes(20, 0x43)};
    for (std::uint8_t i = 0; i < 24; ++i) keys.key.push_back(static_cast<std::uint8_t>(7 * i + 1));
    for (const std::uint16_t version : {kTls10, kTls12}) {
        const auto cipher = RecordCipher::create(version, suite, keys, false);
        QVERIFY(cipher);
        QCOMPARE(cipher->chains(), version == kTls10);
        QCOMPARE(cipher->overhead(), std::size_t{version == kTls10 ? 20U : 28U});
        std::string iv(keys.iv.begin(), keys.iv.end());
        for (std::uint8_t sequence = 0; sequence < 40; ++sequence) {
            const std::string text(sequence, 'x');
            std::string plain = text + macOf(keys.mac, sequence, version, text);
            const std::size_t padding = 8 - plain.size() % 8 + 8U * (sequence % 5U); // more than needed is allowed
            plain.append(padding, static_cast<char>(padding - 1));
            std::string sealed(plain.size(), '\0');
            EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
            int length = 0;
            EVP_EncryptInit_ex(context, EVP_des_ede3_cbc(), nullptr, keys.key.data(),
                               reinterpret_cast<const unsigned char*>(iv.data()));
            EVP_EncryptUpdate(context, reinterpret_cast<unsigned char*>(sealed.data()), &length,
                              reinterpret_cast<const unsigned char*>(plain.data()), static_cast<int>(plain.size()));
            EVP_CIPHER_CTX_free(context);
            const std::string fragment = version == kTls10 ? sealed : iv + sealed;
            iv = sealed.substr(sealed.size() - 8); // of TLS 1.0; the newer ones take any
            QCOMPARE(openedText(*cipher, sequence, {23, version, asBytes(fragment)}), text);
        }
    }
}

void TlsRecordCipherTest::emptyContent() {
    // An AEAD record without content is allowed (RFC 5246, 6.2.1): sealed here, because libssl sends none.
    const CipherSuite suite = *findCipherSuite(0xc02f);
    const TrafficKeys keys{.key = SecretBytes(16, 1), .iv = SecretBytes(4, 2), .mac = {}};
    std::array<std::uint8_t, 12> nonce{2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 9};
    const std::array<std::uint8_t, 13> additional{0, 0, 0, 0, 0, 0, 0, 5, 23, 3, 3, 0, 0};
    std::vector<std::uint8_t> fragment(8 + 16);
    std::copy(nonce.begin() + 4, nonce.end(), fragment.begin());
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    int length = 0;
    EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), nullptr, keys.key.data(), nonce.data());
    EVP_EncryptUpdate(context, nullptr, &length, additional.data(), static_cast<int>(additional.size()));
    EVP_EncryptFinal_ex(context, fragment.data(), &length);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, fragment.data() + 8);
    EVP_CIPHER_CTX_free(context);
    const auto opened = RecordCipher::create(kTls12, suite, keys, false)->open(5, {23, kTls12, fragment});
    QVERIFY(opened);
    QVERIFY(opened->content.empty());
}

void TlsRecordCipherTest::onlyPadding() {
    // RFC 8446, 5.4: without a type the record is refused, although it verifies.
    const CipherSuite suite = *findCipherSuite(0x1301);
    const TrafficKeys keys{.key = SecretBytes(16, 1), .iv = SecretBytes(12, 2), .mac = {}};
    for (const std::uint8_t last : {std::uint8_t{0}, std::uint8_t{23}}) {
        std::array<std::uint8_t, 4> inner{0, 0, 0, last};
        const std::array<std::uint8_t, 5> header{23, 3, 3, 0, 20};
        std::vector<std::uint8_t> fragment(inner.size() + 16);
        EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
        int length = 0;
        EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), nullptr, keys.key.data(), keys.iv.data());
        EVP_EncryptUpdate(context, nullptr, &length, header.data(), static_cast<int>(header.size()));
        EVP_EncryptUpdate(context, fragment.data(), &length, inner.data(), static_cast<int>(inner.size()));
        EVP_EncryptFinal_ex(context, fragment.data() + length, &length);
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, fragment.data() + inner.size());
        EVP_CIPHER_CTX_free(context);
        const auto cipher = RecordCipher::create(kTls13, suite, keys, false);
        const auto opened = cipher->open(0, {23, kTls12, fragment});
        QCOMPARE(opened.has_value(), last != 0);
        if (opened) QCOMPARE(opened->content.size(), std::size_t{3}); // zeros in front are content
    }
}

void TlsRecordCipherTest::whatIsNotMade() {
    const CipherSuite gcm = *findCipherSuite(0xc02f);
    const CipherSuite tls13 = *findCipherSuite(0x1301);
    const CipherSuite cbc = *findCipherSuite(0x002f);
    const TrafficKeys gcmKeys{.key = SecretBytes(16, 1), .iv = SecretBytes(4, 2), .mac = {}};
    const TrafficKeys cbcKeys{.key = SecretBytes(16, 1), .iv = SecretBytes(16, 2), .mac = SecretBytes(20, 3)};
    QVERIFY(RecordCipher::create(kTls12, gcm, gcmKeys, false));
    QVERIFY(!RecordCipher::create(kTls11, gcm, gcmKeys, false)); // AEAD came with TLS 1.2
    QVERIFY(!RecordCipher::create(kTls13, gcm, gcmKeys, false));
    QVERIFY(!RecordCipher::create(kTls12, tls13, gcmKeys, false));
    QVERIFY(!RecordCipher::create(kTls13, tls13, gcmKeys, false)); // the nonce is too short
    QVERIFY(RecordCipher::create(kTls10, cbc, cbcKeys, false));
    QVERIFY(!RecordCipher::create(kSsl3, cbc, cbcKeys, false));
    QVERIFY(!RecordCipher::create(kTls12, cbc, {}, false));
    TrafficKeys withoutIv = cbcKeys;
    withoutIv.iv.clear();
    QVERIFY(!RecordCipher::create(kTls10, cbc, withoutIv, false));
    QVERIFY(RecordCipher::create(kTls12, cbc, withoutIv, false));
    CipherSuite camellia = gcm; // OpenSSL has no such cipher
    camellia.cipher = BulkCipher::CamelliaGcm;
    QVERIFY(!RecordCipher::create(kTls12, camellia, gcmKeys, false));
}

void TlsRecordCipherTest::suites() {
    for (const unsigned none : {0x0000U, 0x00ffU, 0x5600U, 0x0a0aU, 0x1306U, 0xffffU, 0x0003U})
        QVERIFY(!findCipherSuite(
            static_cast<std::uint16_t>(none))); // RFC 5246, A.5; RFC 5746; RFC 7507; RFC 8701; an export suite
    // Every suite of libssl is known, with its key length.
    test::OpensslContext context(SSL_CTX_new(TLS_method()));
    QCOMPARE(SSL_CTX_set_cipher_list(context.get(), "ALL:eNULL:@SECLEVEL=0"), 1);
    const STACK_OF(SSL_CIPHER)* list = SSL_CTX_get_ciphers(context.get());
    QVERIFY(sk_SSL_CIPHER_num(list) > 100);
    for (int i = 0; i < sk_SSL_CIPHER_num(list); ++i) {
        const SSL_CIPHER* known = sk_SSL_CIPHER_value(list, i);
        const auto suite = findCipherSuite(SSL_CIPHER_get_protocol_id(known));
        QVERIFY2(suite, SSL_CIPHER_get_name(known));
        int bits = 0;
        SSL_CIPHER_get_bits(known, &bits);
        QCOMPARE(8 * suite->keySize, suite->cipher == BulkCipher::TripleDesCbc ? 192 : bits);
        QCOMPARE(int{suite->isAead}, SSL_CIPHER_is_aead(known));
        const bool isSha384 = QByteArray(SSL_CIPHER_get_name(known)).endsWith("SHA384");
        QCOMPARE(suite->prfHash, isSha384 ? Hash::Sha384 : Hash::Sha256);
    }
}

QTEST_APPLESS_MAIN(TlsRecordCipherTest)
#include "tls_record_cipher_test.moc"
