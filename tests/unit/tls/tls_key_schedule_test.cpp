// SPDX-License-Identifier: Apache-2.0
// Vectors of RFC 8448, 3 (TLS 1.3), RFC 9001, A.1 (QUIC), and of NIST's validation programme for TLS 1.0 to 1.2; what
// has none is compared with what libssl agreed in a real handshake.
#include <QTest>

#include "core/tls/key_schedule.h"
#include "core/tls/record_cipher.h"
#include "core/tls/secret_store.h"
#include "tests/support/openssl_pair.h"

#include <algorithm>

using namespace gatescope;
using namespace gatescope::tls;
using test::OpensslIdentity;
using test::OpensslPair;
using test::OpensslPairOptions;

namespace {

SecretBytes unhex(const char* hex) {
    const QByteArray octets = QByteArray::fromHex(hex);
    return SecretBytes(octets.begin(), octets.end());
}

QByteArray hexOf(Bytes bytes) {
    return QByteArray(reinterpret_cast<const char*>(bytes.data()), static_cast<int>(bytes.size())).toHex();
}

Random randomOf(const char* hex) {
    Random random{};
    std::ranges::copy(unhex(hex), random.begin());
    return random;
}

/// Handshake messages that passed in the clear, up to and with ClientKeyExchange; without a client certificate that is
/// all before the client's ChangeCipherSpec.
std::string transcriptOf(const OpensslPair& pair) {
    std::string messages;
    for (const auto& flight : pair.flights()) {
        ByteReader reader(asBytes(flight.octets));
        while (reader.remaining() >= 5) {
            const std::uint8_t type = reader.u8();
            reader.skip(2);
            const Bytes fragment = reader.take(reader.u16());
            if (type == 20) return messages;
            messages += asText(fragment);
        }
    }
    return messages;
}

} // namespace

class TlsKeyScheduleTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void secretsOfTls13();
    void recordOfTls13();
    void initialSecretsOfQuic();
    void limitsOfExpandLabel();
    void secretsOfTls12();
    void secretsOfTls11();
    void keyBlockSizes();
    void masterSecretsOfRealHandshakes_data();
    void masterSecretsOfRealHandshakes();
};

void TlsKeyScheduleTest::secretsOfTls13() {
    const CipherSuite suite = *findCipherSuite(0x1301);
    const SecretBytes zeros(32, 0);
    const SecretBytes early = hkdfExtract(Hash::Sha256, {}, zeros);
    QCOMPARE(hexOf(early), QByteArray("33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a"));
    const SecretBytes nothing = transcriptHash(kTls13, suite, {});
    const SecretBytes derived = hkdfExpandLabel(Hash::Sha256, early, "derived", nothing, 32);
    QCOMPARE(hexOf(derived), QByteArray("6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba"));
    const SecretBytes shared = unhex("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d");
    const SecretBytes handshake = hkdfExtract(Hash::Sha256, derived, shared);
    QCOMPARE(hexOf(handshake), QByteArray("1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac"));
    const SecretBytes hellos = unhex("860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8");
    const SecretBytes client = hkdfExpandLabel(Hash::Sha256, handshake, "c hs traffic", hellos, 32);
    QCOMPARE(hexOf(client), QByteArray("b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21"));
    const SecretBytes server = hkdfExpandLabel(Hash::Sha256, handshake, "s hs traffic", hellos, 32);
    QCOMPARE(hexOf(server), QByteArray("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38"));

    const TrafficKeys clientKeys = trafficKeys(suite, client);
    QCOMPARE(hexOf(clientKeys.key), QByteArray("dbfaa693d1762c5b666af5d950258d01"));
    QCOMPARE(hexOf(clientKeys.iv), QByteArray("5bd3c71b836e0b76bb73265f"));
    QVERIFY(clientKeys.mac.empty());
    const TrafficKeys serverKeys = trafficKeys(suite, server);
    QCOMPARE(hexOf(serverKeys.key), QByteArray("3fce516009c21727d0f2e4e86ee403bc"));
    QCOMPARE(hexOf(serverKeys.iv), QByteArray("5d313eb2671276ee13000b30"));
}

void TlsKeyScheduleTest::recordOfTls13() {
    // RFC 8448, 3: the client's application data, 50 octets 00 to 31.
    const SecretBytes secret = unhex("9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5");
    const CipherSuite suite = *findCipherSuite(0x1301);
    const TrafficKeys keys = trafficKeys(suite, secret);
    QCOMPARE(hexOf(keys.key), QByteArray("17422dda596ed5d9acd890e3c63f5051"));
    QCOMPARE(hexOf(keys.iv), QByteArray("5b78923dee08579033e523d9"));
    const SecretBytes fragment =
        unhex("a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20"
              "441e2b62974e1f5a6292a2977014bd1e3deae63aeebb21694915e4");
    const auto cipher = RecordCipher::create(kTls13, suite, keys, false);
    const auto opened = cipher->open(0, {23, 0x0303, fragment});
    QVERIFY(opened);
    QCOMPARE(int{opened->type}, 23);
    QByteArray expected;
    for (char octet = 0; octet < 0x32; ++octet) expected += octet;
    QCOMPARE(hexOf(opened->content), expected.toHex());
    QCOMPARE(cipher->overhead(), fragment.size() - opened->content.size());
}

void TlsKeyScheduleTest::initialSecretsOfQuic() {
    // RFC 9001, A.1.
    const SecretBytes salt = unhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");
    const SecretBytes initial = hkdfExtract(Hash::Sha256, salt, unhex("8394c8f03e515708"));
    QCOMPARE(hexOf(initial), QByteArray("7db5df06e7a69e432496adedb00851923595221596ae2ae9fb8115c1e9ed0a44"));
    const SecretBytes client = hkdfExpandLabel(Hash::Sha256, initial, "client in", {}, 32);
    QCOMPARE(hexOf(client), QByteArray("c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea"));
    QCOMPARE(hexOf(hkdfExpandLabel(Hash::Sha256, client, "quic key", {}, 16)),
             QByteArray("1f369613dd76d5467730efcbe3b1a22d"));
    QCOMPARE(hexOf(hkdfExpandLabel(Hash::Sha256, client, "quic iv", {}, 12)), QByteArray("fa044b2f42a3fd3b46fb255c"));
    QCOMPARE(hexOf(hkdfExpandLabel(Hash::Sha256, client, "quic hp", {}, 16)),
             QByteArray("9f50449e04a0e810283a1e9933adedd2"));
}

void TlsKeyScheduleTest::limitsOfExpandLabel() {
    const SecretBytes secret(32, 1);
    // Length octets of label (with `tls13 `) and context; the counter of RFC 5869, 2.3.
    QCOMPARE(hkdfExpandLabel(Hash::Sha256, secret, std::string(249, 'x'), {}, 16).size(), std::size_t{16});
    QVERIFY(hkdfExpandLabel(Hash::Sha256, secret, std::string(250, 'x'), {}, 16).empty());
    QVERIFY(hkdfExpandLabel(Hash::Sha256, secret, "x", SecretBytes(256, 0), 16).empty());
    QCOMPARE(hkdfExpandLabel(Hash::Sha256, secret, "x", {}, 255 * 32).size(), std::size_t{255 * 32});
    QVERIFY(hkdfExpandLabel(Hash::Sha256, secret, "x", {}, 255 * 32 + 1).empty());
    QVERIFY(hkdfExpandLabel(Hash::Sha256, {}, "x", {}, 16).size() == 16); // an empty secret is one
}

void TlsKeyScheduleTest::secretsOfTls12() {
    // NIST, SP 800-135 vectors for TLS 1.2 with SHA-256, COUNT 0.
    const CipherSuite suite = *findCipherSuite(0x003d); // its key block has the length of the vector
    const SecretBytes premaster = unhex("f8938ecc9edebc5030c0c6a441e213cd24e6f770a50dda07876f8d55da062bcadb386b411fd4fe"
                                        "4313a604fce6c17fbc");
    const SecretBytes master = masterSecret(
        kTls12, suite, premaster, randomOf("36c129d01a3200894b9179faac589d9835d58775f9b5ea3587cb8fd0364cae8c"),
        randomOf("f6c9575ed7ddd73e1f7d16eca115415812a43c2b747daaaae043abfb50053fce"));
    QCOMPARE(hexOf(master),
             QByteArray("202c88c00f84a17a20027079604787461176455539e705be730890602c289a5001e34eeb3a043e5d5"
                        "2a65e66125188bf"));
    const auto keys =
        keyBlock(kTls12, suite, master, randomOf("62e1fd91f23f558a605f28478c58cf72637b89784d959df7e946d3f07bd1b616"),
                 randomOf("ae6c806f8ad4d80784549dff28a4b58fd837681a51d928c3e30ee5ff14f39868"));
    QCOMPARE(hexOf(keys[0].mac), QByteArray("d06139889fffac1e3a71865f504aa5d0d2a2e89506c6f2279b670c3e1b74f531"));
    QCOMPARE(hexOf(keys[1].mac), QByteArray("016a2530c51a3a0f7e1d6590d0f0566b2f387f8d11fd4f731cdd572d2eae927f"));
    QCOMPARE(hexOf(keys[0].key), QByteArray("6f2f81410b25e6960be68985add6c38445ad9f8c64bf8068bf9a6679485d966f"));
    QCOMPARE(hexOf(keys[1].key), QByteArray("1ad6f68b43495b10a683755ea2b858d70ccac7ec8b053c6bd41ca299d4e51928"));
    QVERIFY(keys[0].iv.empty() && keys[1].iv.empty());
}

void TlsKeyScheduleTest::secretsOfTls11() {
    // NIST, SP 800-135 vectors for TLS 1.0 and 1.1, COUNT 0.
    const CipherSuite suite = *findCipherSuite(0x0035);
    const SecretBytes premaster = unhex("bded7fa5c1699c010be23dd06ada3a48349f21e5f86263d512c0c5cc379f0e780ec55d9844b2f1"
                                        "db02a96453513568d0");
    const SecretBytes master = masterSecret(
        kTls11, suite, premaster, randomOf("e5acaf549cd25c22d964c0d930fa4b5261d2507fad84c33715b7b9a864020693"),
        randomOf("135e4d557fdf3aa6406d82975d5c606a9734c9334b42136e96990fbd5358cdb2"));
    QCOMPARE(hexOf(master),
             QByteArray("2f6962dfbc744c4b2138bb6b3d33054c5ecc14f24851d9896395a44ab3964efc2090c5bf51a089120"
                        "9f46c1e1e998f62"));
    const auto keys =
        keyBlock(kTls11, suite, master, randomOf("d58a7b1cd4fedaa232159df652ce188f9d997e061b9bf48e83b62990440931f6"),
                 randomOf("67267e650eb32444119d222a368c191af3082888dc35afe8368e638c828874be"));
    QCOMPARE(
        hexOf(keys[0].mac) + hexOf(keys[1].mac) + hexOf(keys[0].key) + hexOf(keys[1].key),
        QByteArray("3088825988e77fce68d19f756e18e43eb7fe672433504feaf99b3c503d9091b164f166db301d70c9fc0870b4a94563907"
                   "bee1a61fb786cb717576890bcc51cb9ead97e01d0a2fea99c953377b195205ff07b369589178796edc963fd80fdbe518"
                   "a2fc1c35c18ae8d"));
}

void TlsKeyScheduleTest::keyBlockSizes() {
    const SecretBytes master(48, 1);
    const Random random{};
    struct Row {
        std::uint16_t version, suite;
        std::size_t mac, key, iv;
    };
    // RFC 5246, 6.3 and appendix C; RFC 2246, 6.3; RFC 5288, 3; RFC 7905, 2.
    for (const Row& row :
         {Row{kTls10, 0x002f, 20, 16, 16}, Row{kTls11, 0x002f, 20, 16, 0}, Row{kTls10, 0x000a, 20, 24, 8},
          Row{kTls12, 0xc028, 48, 32, 0}, Row{kTls12, 0xc02f, 0, 16, 4}, Row{kTls12, 0xc0af, 0, 32, 4},
          Row{kTls12, 0xcca8, 0, 32, 12}, Row{kTls12, 0x0004, 16, 16, 0}, Row{kTls12, 0x003b, 32, 0, 0}})
        for (const TrafficKeys& keys : keyBlock(row.version, *findCipherSuite(row.suite), master, random, random)) {
            QCOMPARE(keys.mac.size(), row.mac);
            QCOMPARE(keys.key.size(), row.key);
            QCOMPARE(keys.iv.size(), row.iv);
        }
}

void TlsKeyScheduleTest::masterSecretsOfRealHandshakes_data() {
    QTest::addColumn<int>("version");
    QTest::addColumn<QString>("suite");
    QTest::addColumn<bool>("extended");
    for (const bool extended : {true, false}) {
        QTest::addRow("1.2 SHA-256 %d", extended) << TLS1_2_VERSION << "AES128-GCM-SHA256" << extended;
        QTest::addRow("1.2 SHA-384 %d", extended) << TLS1_2_VERSION << "AES256-GCM-SHA384" << extended;
        QTest::addRow("1.1 %d", extended) << TLS1_1_VERSION << "AES128-SHA" << extended;
        QTest::addRow("1.0 %d", extended) << TLS1_VERSION << "AES128-SHA" << extended;
    }
}

void TlsKeyScheduleTest::masterSecretsOfRealHandshakes() {
    QFETCH(int, version);
    QFETCH(QString, suite);
    QFETCH(bool, extended);
    static const OpensslIdentity identity = OpensslIdentity::rsa();
    OpensslPairOptions options;
    options.version = version;
    options.ciphers = suite.toStdString();
    options.extendedMasterSecret = extended;
    OpensslPair pair(identity, options);
    QVERIFY2(pair.connect(), OpensslPair::lastError().c_str());

    const std::string messages = transcriptOf(pair);
    // The last message is ClientKeyExchange: type 16, length, then the encrypted premaster with its own length.
    const std::size_t keySize = 256;
    const std::size_t at = messages.size() - keySize - 6;
    QCOMPARE(int{messages[at]}, 16);
    SecretStore store;
    QVERIFY(store.addPrivateKey(identity.privateKeyPem()));
    const auto premaster = store.decryptPremaster(asBytes(messages).last(keySize), pair.version());
    QVERIFY(premaster);
    const CipherSuite facts = *findCipherSuite(pair.cipherSuite());
    const SecretBytes master =
        extended ? extendedMasterSecret(pair.version(), facts, *premaster,
                                        transcriptHash(pair.version(), facts, asBytes(messages)))
                 : masterSecret(pair.version(), facts, *premaster, pair.clientRandom(), pair.serverRandom());
    QCOMPARE(hexOf(master), hexOf(asBytes(pair.masterSecret())));
}

QTEST_APPLESS_MAIN(TlsKeyScheduleTest)
#include "tls_key_schedule_test.moc"
