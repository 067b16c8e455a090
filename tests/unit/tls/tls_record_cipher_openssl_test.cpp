// SPDX-License-Identifier: Apache-2.0
// Real sessions of OpenSSL's libssl, opened with RecordCipher and the key schedule. What libssl's other end read is the
// expected content.
#include <QTest>

#include "core/tls/record_cipher.h"
#include "tests/support/openssl_pair.h"

#include <map>

using namespace gatescope;
using namespace gatescope::tls;
using test::OpensslIdentity;
using test::OpensslPair;
using test::OpensslPairOptions;

namespace {

SecretBytes fromHex(std::string_view hex) {
    const QByteArray octets = QByteArray::fromHex(QByteArray(hex.data(), static_cast<int>(hex.size())));
    return SecretBytes(octets.begin(), octets.end());
}

/// The last line of a key log with that label; lines of older connections come before.
SecretBytes secretOf(const std::string& keyLog, std::string_view label) {
    const std::size_t at = ("\n" + keyLog).rfind("\n" + std::string(label) + " ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + label.size() + 1 + 64 + 1;
    return fromHex(std::string_view(keyLog).substr(begin, keyLog.find('\n', begin) - begin));
}

std::vector<SealedRecord> recordsOf(std::string_view octets) {
    std::vector<SealedRecord> records;
    ByteReader reader(asBytes(octets));
    while (reader.remaining() >= 5) {
        SealedRecord record;
        record.type = reader.u8();
        record.version = reader.u16();
        record.fragment = reader.take(reader.u16());
        records.push_back(record);
    }
    return records;
}

/// What was opened of one direction.
struct Opened {
    std::string data; ///< application data
    std::size_t failed = 0;
    std::size_t opened = 0;
    std::size_t keyUpdates = 0;
};

/// Up to TLS 1.2: everything behind ChangeCipherSpec, in its order.
Opened openOld(std::string_view octets, RecordCipher& cipher) {
    Opened result;
    bool isEncrypted = false;
    std::uint64_t sequence = 0;
    for (const SealedRecord& record : recordsOf(octets)) {
        if (!isEncrypted) {
            isEncrypted = record.type == 20;
            continue;
        }
        const auto opened = cipher.open(sequence++, record);
        ++(opened ? result.opened : result.failed);
        if (opened && opened->type == 23) result.data += asText(opened->content);
    }
    return result;
}

/// TLS 1.3 with whole messages in records, as libssl sends them.
Opened openNew(std::string_view octets, const CipherSuite& suite, SecretBytes early, const SecretBytes& handshake,
               SecretBytes application) {
    Opened result;
    std::uint64_t sequence = 0;
    const auto cipherOf = [&suite](const SecretBytes& secret) {
        return RecordCipher::create(kTls13, suite, trafficKeys(suite, secret), false);
    };
    auto cipher = cipherOf(early.empty() ? handshake : early);
    for (const SealedRecord& record : recordsOf(octets)) {
        if (record.type != 23) continue;
        const auto opened = cipher->open(sequence++, record);
        ++(opened ? result.opened : result.failed);
        if (!opened) continue;
        if (opened->type == 23) result.data += asText(opened->content);
        if (opened->type != 22) continue;
        std::string types; // of the messages in it
        for (ByteReader reader(opened->content); reader.remaining() >= 4;) {
            types += static_cast<char>(reader.u8());
            const unsigned high = reader.u8();
            reader.skip(high << 16 | reader.u16());
        }
        const bool isFinished = types.find('\x14') != std::string::npos;
        const bool isUpdate = types.find('\x18') != std::string::npos;
        if (types.find('\x05') != std::string::npos)
            cipher = cipherOf(handshake);
        else if (isFinished)
            cipher = cipherOf(application);
        else if (isUpdate)
            cipher = cipherOf(application = nextTrafficSecret(suite, application));
        else
            continue;
        result.keyUpdates += isUpdate;
        sequence = 0;
    }
    return result;
}

std::array<std::unique_ptr<RecordCipher>, 2> oldCiphers(const OpensslPair& pair, bool encryptThenMac) {
    const auto suite = findCipherSuite(pair.cipherSuite());
    if (!suite) return {};
    const SecretBytes master = secretOf(pair.keyLog(), "CLIENT_RANDOM");
    const auto keys = keyBlock(pair.version(), *suite, master, pair.clientRandom(), pair.serverRandom());
    return {RecordCipher::create(pair.version(), *suite, keys[0], encryptThenMac),
            RecordCipher::create(pair.version(), *suite, keys[1], encryptThenMac)};
}

Opened openedNew(const OpensslPair& pair, Peer from, bool hasEarlyData = false) {
    const bool isClient = from == Peer::Client;
    const std::string& log = pair.keyLog();
    return openNew(pair.sent(from), *findCipherSuite(pair.cipherSuite()),
                   hasEarlyData && isClient ? secretOf(log, "CLIENT_EARLY_TRAFFIC_SECRET") : SecretBytes{},
                   secretOf(log, isClient ? "CLIENT_HANDSHAKE_TRAFFIC_SECRET" : "SERVER_HANDSHAKE_TRAFFIC_SECRET"),
                   secretOf(log, isClient ? "CLIENT_TRAFFIC_SECRET_0" : "SERVER_TRAFFIC_SECRET_0"));
}

/// Sizes around the borders of blocks and records.
void talk(OpensslPair& pair) {
    for (const std::size_t size : {1, 15, 16, 17, 31, 400, 4096, 16383, 16384, 16385, 40000}) {
        QVERIFY(pair.send(Peer::Client, std::string(size, 'c') + std::to_string(size)));
        QVERIFY(pair.send(Peer::Server, std::string(size, 's') + std::to_string(size)));
    }
    pair.closeNotify(Peer::Client);
}

} // namespace

class TlsRecordCipherOpensslTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void everySuite_data();
    void everySuite();
    void everySuiteOfTls13_data();
    void everySuiteOfTls13();
    void keyUpdates();
    void earlyData();
    void padding();
    void resumption();

private:
    std::map<std::string, OpensslIdentity> m_identities;
};

void TlsRecordCipherOpensslTest::initTestCase() {
    m_identities.emplace("rsa", OpensslIdentity::rsa());
    m_identities.emplace("ec", OpensslIdentity::ec());
    m_identities.emplace("dsa", OpensslIdentity::dsa());
}

void TlsRecordCipherOpensslTest::everySuite_data() {
    QTest::addColumn<int>("version");
    QTest::addColumn<QString>("suite");
    QTest::addColumn<QString>("identity");
    QTest::addColumn<bool>("encryptThenMac");
    test::OpensslContext context(SSL_CTX_new(TLS_method()));
    QCOMPARE(SSL_CTX_set_cipher_list(context.get(), "ALL:eNULL:@SECLEVEL=0"), 1);
    const STACK_OF(SSL_CIPHER)* suites = SSL_CTX_get_ciphers(context.get());
    for (int i = 0; i < sk_SSL_CIPHER_num(suites); ++i) {
        const SSL_CIPHER* suite = sk_SSL_CIPHER_value(suites, i);
        const QString name = SSL_CIPHER_get_name(suite);
        if (SSL_CIPHER_get_kx_nid(suite) == NID_kx_any) continue; // of TLS 1.3
        if (SSL_CIPHER_get_kx_nid(suite) == NID_kx_srp) continue; // needs a database of verifiers
        const int auth = SSL_CIPHER_get_auth_nid(suite);
        const char* identity = auth == NID_auth_ecdsa ? "ec" : auth == NID_auth_dss ? "dsa" : "rsa";
        const bool isOld = QByteArray(SSL_CIPHER_get_version(suite)) != "TLSv1.2";
        for (const int version : {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION}) {
            if (!isOld && version != TLS1_2_VERSION) continue;
            for (const bool encryptThenMac : {true, false}) {
                if (!encryptThenMac && SSL_CIPHER_is_aead(suite) == 1) continue;
                QTest::addRow("%s %x%s", qPrintable(name), version, encryptThenMac ? "" : " MAC first")
                    << version << name << QString(identity) << encryptThenMac;
            }
        }
    }
}

void TlsRecordCipherOpensslTest::everySuite() {
    QFETCH(int, version);
    QFETCH(QString, suite);
    QFETCH(QString, identity);
    QFETCH(bool, encryptThenMac);
    OpensslPairOptions options;
    options.version = version;
    options.ciphers = suite.toStdString();
    options.encryptThenMac = encryptThenMac;
    options.fragments = encryptThenMac; // both ways of TLS 1.0
    OpensslPair pair(m_identities.at(identity.toStdString()), options);
    QVERIFY2(pair.connect(), OpensslPair::lastError().c_str());
    talk(pair);

    const auto ciphers = oldCiphers(pair, encryptThenMac);
    QVERIFY(ciphers[0] && ciphers[1]);
    const Opened client = openOld(pair.sent(Peer::Client), *ciphers[0]);
    const Opened server = openOld(pair.sent(Peer::Server), *ciphers[1]);
    QCOMPARE(client.failed + server.failed, std::size_t{0});
    QVERIFY(client.data == pair.received(Peer::Server));
    QVERIFY(server.data == pair.received(Peer::Client));
    QVERIFY(client.data.size() > 90000 && client.opened > 10);
}

void TlsRecordCipherOpensslTest::everySuiteOfTls13_data() {
    QTest::addColumn<QString>("suite");
    for (const char* suite : {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
                              "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"})
        QTest::newRow(suite) << QString(suite);
}

void TlsRecordCipherOpensslTest::everySuiteOfTls13() {
    QFETCH(QString, suite);
    OpensslPairOptions options;
    options.version = TLS1_3_VERSION;
    options.suites = suite.toStdString();
    OpensslPair pair(m_identities.at("ec"), options);
    QVERIFY2(pair.connect(), OpensslPair::lastError().c_str());
    talk(pair);
    for (const Peer from : {Peer::Client, Peer::Server}) {
        const Opened opened = openedNew(pair, from);
        QCOMPARE(opened.failed, std::size_t{0});
        QVERIFY(opened.data == pair.received(otherPeer(from)));
        QVERIFY(opened.data.size() > 90000);
    }
}

void TlsRecordCipherOpensslTest::keyUpdates() {
    OpensslPairOptions options;
    options.version = TLS1_3_VERSION;
    OpensslPair pair(m_identities.at("ec"), options);
    QVERIFY(pair.connect());
    QVERIFY(pair.send(Peer::Client, "before"));
    QVERIFY(pair.updateKey(Peer::Client, true));
    QVERIFY(pair.send(Peer::Server, "answer"));
    QVERIFY(pair.send(Peer::Client, "between"));
    QVERIFY(pair.updateKey(Peer::Client, false));
    QVERIFY(pair.send(Peer::Client, "after"));
    QVERIFY(pair.updateKey(Peer::Server, false));
    QVERIFY(pair.send(Peer::Server, "end"));
    const Opened client = openedNew(pair, Peer::Client);
    const Opened server = openedNew(pair, Peer::Server);
    QCOMPARE(client.data, std::string("beforebetweenafter"));
    QCOMPARE(client.keyUpdates, std::size_t{2});
    QCOMPARE(server.data, std::string("answerend"));
    QCOMPARE(server.keyUpdates, std::size_t{2});
    QCOMPARE(client.failed + server.failed, std::size_t{0});
}

void TlsRecordCipherOpensslTest::earlyData() {
    OpensslPairOptions options;
    options.version = TLS1_3_VERSION;
    options.maxEarlyData = 16384;
    OpensslPair pair(m_identities.at("ec"), options);
    QVERIFY(pair.connect());
    QVERIFY(pair.send(Peer::Client, "first"));
    QVERIFY2(pair.connect("early"), OpensslPair::lastError().c_str());
    QVERIFY(pair.resumed() && pair.earlyDataAccepted());
    QVERIFY(pair.send(Peer::Client, " late"));
    const Opened client = openedNew(pair, Peer::Client, true);
    QCOMPARE(client.data, std::string("early late"));
    QCOMPARE(client.failed, std::size_t{0});
}

void TlsRecordCipherOpensslTest::padding() {
    OpensslPairOptions options;
    options.version = TLS1_3_VERSION;
    options.padding = 512;
    OpensslPair pair(m_identities.at("ec"), options);
    QVERIFY(pair.connect());
    const std::string zeros("zeros\0\0\0", 8); // of the content itself
    QVERIFY(pair.send(Peer::Client, zeros));
    QCOMPARE(recordsOf(pair.flights().back().octets).back().fragment.size(), std::size_t{512 + 16});
    QCOMPARE(openedNew(pair, Peer::Client).data, zeros);
}

void TlsRecordCipherOpensslTest::resumption() {
    for (const int version : {TLS1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION})
        for (const bool tickets : {true, false}) {
            OpensslPairOptions options;
            options.version = version;
            options.tickets = tickets;
            OpensslPair pair(m_identities.at("ec"), options);
            QVERIFY(pair.connect());
            QVERIFY(pair.send(Peer::Server, "x"));
            QVERIFY(pair.connect());
            QVERIFY(pair.resumed());
            QVERIFY(pair.send(Peer::Server, "resumed"));
            if (version == TLS1_3_VERSION) {
                QCOMPARE(openedNew(pair, Peer::Server).data, std::string("resumed"));
                continue;
            }
            const auto ciphers = oldCiphers(pair, true);
            QCOMPARE(openOld(pair.sent(Peer::Server), *ciphers[1]).data, std::string("resumed"));
        }
}

QTEST_APPLESS_MAIN(TlsRecordCipherOpensslTest)
#include "tls_record_cipher_openssl_test.moc"
