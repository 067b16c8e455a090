// SPDX-License-Identifier: Apache-2.0
// Lines as draft-ietf-tls-keylogfile and the documentation of NSS show them.
#include <QTest>

#include "core/tls/secret_store.h"

#include <ctime>
#include <thread>

using namespace gatescope;
using namespace gatescope::tls;

namespace {

constexpr std::uint64_t kAny = ~std::uint64_t{0};
const std::string kClient(64, 'a'); ///< 32 octets 0xaa
const std::string kMaster =
    "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff";

Random randomOf(std::uint8_t octet) {
    Random random;
    random.fill(octet);
    return random;
}

std::string hexOf(const SecretBytes& bytes) {
    return QByteArray(reinterpret_cast<const char*>(bytes.data()), static_cast<int>(bytes.size()))
        .toHex()
        .toStdString();
}

std::string lower(std::string text) {
    return QByteArray::fromStdString(text).toLower().toStdString();
}

std::string textOf(const SecretText& text) {
    return {text.begin(), text.end()};
}

struct Expected {
    std::size_t secrets = 0, known = 0, ignored = 0, damaged = 0;
};

bool counted(const KeyLogCount& count, const Expected& expected) {
    return count.secrets == expected.secrets && count.known == expected.known && count.ignored == expected.ignored &&
           count.damaged == expected.damaged && count.leftOut == 0;
}

} // namespace

class TlsSecretStoreTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyLabel_data();
    void everyLabel();
    void wrongLengths_data();
    void wrongLengths();
    void lineEnds_data();
    void lineEnds();
    void lines_data();
    void lines();
    void firstSecretCounts();
    void cutLineIsCompleted();
    void generations();
    void sessions();
    void keyLogOfChosenClients();
    void oldRsaLines();
    void looks_data();
    void looks();
    void oneMillionLines();
    void manyThreads();
    void damagedTextsDoNoHarm();
};

void TlsSecretStoreTest::everyLabel_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("label");
    const auto row = [](const char* name, SecretLabel label) {
        QTest::newRow(name) << QString(name) << static_cast<int>(label);
    };
    row("CLIENT_RANDOM", SecretLabel::ClientRandom);
    row("CLIENT_EARLY_TRAFFIC_SECRET", SecretLabel::ClientEarlyTraffic);
    row("CLIENT_HANDSHAKE_TRAFFIC_SECRET", SecretLabel::ClientHandshakeTraffic);
    row("SERVER_HANDSHAKE_TRAFFIC_SECRET", SecretLabel::ServerHandshakeTraffic);
    row("CLIENT_TRAFFIC_SECRET_0", SecretLabel::ClientTraffic);
    row("SERVER_TRAFFIC_SECRET_0", SecretLabel::ServerTraffic);
    row("EARLY_EXPORTER_SECRET", SecretLabel::EarlyExporter);
    row("EXPORTER_SECRET", SecretLabel::Exporter);
}

void TlsSecretStoreTest::everyLabel() {
    QFETCH(QString, name);
    QFETCH(int, label);
    SecretStore store;
    QVERIFY(store.empty());
    const std::string line = name.toStdString() + " " + kClient + " " + kMaster + "\n";
    QVERIFY(counted(store.addKeyLog(line), {.secrets = 1}));
    QVERIFY(!store.empty());
    for (std::size_t other = 0; other < kSecretLabels; ++other) {
        const auto found = store.find(static_cast<SecretLabel>(other), randomOf(0xaa), kAny);
        QCOMPARE(found.has_value(), static_cast<int>(other) == label);
        if (found) QCOMPARE(hexOf(*found), lower(kMaster));
    }
    QVERIFY(store.knows(randomOf(0xaa), kAny));
    QVERIFY(!store.knows(randomOf(0xab), kAny));
    QVERIFY(!store.find(static_cast<SecretLabel>(label), randomOf(0xab), kAny));
    QCOMPARE(textOf(store.keyLogFor({randomOf(0xaa)})),
             name.toStdString() + " " + kClient + " " + lower(kMaster) + "\n");
}

void TlsSecretStoreTest::wrongLengths_data() {
    QTest::addColumn<QString>("label");
    QTest::addColumn<int>("clientOctets");
    QTest::addColumn<int>("secretOctets");
    QTest::addColumn<bool>("isGood");
    // A master secret has 48 octets (RFC 5246, 8.1), one of TLS 1.3 those of SHA-256 or SHA-384.
    for (const int octets : {0, 1, 31, 32, 33, 47, 48, 49, 64, 500}) {
        QTest::addRow("master %d", octets) << QString("CLIENT_RANDOM") << 32 << octets << (octets == 48);
        QTest::addRow("traffic %d", octets)
            << QString("SERVER_TRAFFIC_SECRET_0") << 32 << octets << (octets == 32 || octets == 48);
        QTest::addRow("client %d", octets) << QString("CLIENT_RANDOM") << octets << 48 << (octets == 32);
    }
}

void TlsSecretStoreTest::wrongLengths() {
    QFETCH(QString, label);
    QFETCH(int, clientOctets);
    QFETCH(int, secretOctets);
    QFETCH(bool, isGood);
    SecretStore store;
    const QString line =
        label + ' ' + QString("5c").repeated(clientOctets) + ' ' + QString("e1").repeated(secretOctets);
    const KeyLogCount count = store.addKeyLog(line.toStdString());
    QVERIFY(counted(count, isGood ? Expected{.secrets = 1} : Expected{.damaged = 1}));
    QCOMPARE(store.empty(), !isGood);
}

void TlsSecretStoreTest::lineEnds_data() {
    QTest::addColumn<QString>("end");
    QTest::newRow("LF") << QString("\n");
    QTest::newRow("CR LF") << QString("\r\n");
    QTest::newRow("CR") << QString("\r");
}

void TlsSecretStoreTest::lineEnds() {
    QFETCH(QString, end);
    SecretStore store;
    const std::string line = end.toStdString();
    const std::string text = "\xef\xbb\xbf# SSL/TLS secrets log file, generated by NSS" + line + line +
                             "CLIENT_RANDOM " + kClient + " " + kMaster + line + "  \t" + line + "# more" + line +
                             "EXPORTER_SECRET " + kClient + " " + kMaster; // no end
    QVERIFY(counted(store.addKeyLog(text), {.secrets = 2}));
}

void TlsSecretStoreTest::lines_data() {
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<int>("secrets");
    QTest::addColumn<int>("ignored");
    QTest::addColumn<int>("damaged");
    const QByteArray client(64, '1');
    const QByteArray master(96, '2');
    const auto row = [](const char* name, const QByteArray& line, int secrets, int ignored, int damaged) {
        QTest::newRow(name) << line << secrets << ignored << damaged;
    };
    row("mixed case", "CLIENT_RANDOM " + QByteArray(32, 'F') + QByteArray(32, 'f') + ' ' + master, 1, 0, 0);
    row("blanks around", " CLIENT_RANDOM\t " + client + "   " + master + " \t", 1, 0, 0);
    row("lower case label", "client_random " + client + ' ' + master, 0, 0, 1);
    row("no secret", "CLIENT_RANDOM " + client, 0, 0, 1);
    row("label only", "CLIENT_RANDOM", 0, 0, 1);
    row("a word more", "CLIENT_RANDOM " + client + ' ' + master + " 33", 0, 0, 1);
    row("odd digits", "CLIENT_RANDOM " + client + ' ' + QByteArray(95, '2'), 0, 0, 1);
    row("no digit", "CLIENT_RANDOM " + client + ' ' + QByteArray(95, '2') + 'g', 0, 0, 1);
    row("no digit of eight bits", "CLIENT_RANDOM " + client + ' ' + QByteArray(95, '2') + '\xb2', 0, 0, 1);
    row("NUL inside", "CLIENT_RANDOM " + client + ' ' + QByteArray(95, '2') + '\0', 0, 0, 1);
    row("NULs only", QByteArray(100, '\0'), 0, 0, 1);
    row("garbage", "\x16\x03\x01\x02", 0, 0, 1);
    row("words", "this is no key log", 0, 0, 1);
    row("QUIC", "QUIC_CLIENT_HANDSHAKE_TRAFFIC_SECRET " + client + ' ' + master, 0, 1, 0);
    row("ECH", "ECH_SECRET " + client + ' ' + master, 0, 1, 0);
    row("later traffic", "CLIENT_TRAFFIC_SECRET_1 " + client + ' ' + master, 0, 1, 0);
    row("unknown label, no digits", "HELLO DEAR READER", 0, 0, 1);
    row("gigantic", QByteArray(3'000'000, 'A'), 0, 0, 1);
    row("gigantic comment", '#' + QByteArray(900, 'A'), 0, 0, 0);
    row("gigantic blanks", "CLIENT_RANDOM " + client + QByteArray(2000, ' ') + master, 0, 0, 1);
    row("RSA too short", "RSA 0011223344556677 " + QByteArray(94, '0'), 0, 0, 1);
    row("RSA prefix too short", "RSA 00112233445566 " + QByteArray(96, '0'), 0, 0, 1);
    row("RSA", "RSA 0011223344556677 " + QByteArray(96, '0'), 1, 0, 0);
    row("RSA session", "RSA Session-ID:" + client + " Master-Key:" + master, 1, 0, 0);
    row("RSA session without id", "RSA Session-ID: Master-Key:" + master, 0, 0, 1);
    row("RSA session of 33", "RSA Session-ID:" + client + "11 Master-Key:" + master, 0, 0, 1);
    row("RSA session, no key", "RSA Session-ID:" + client + ' ' + master, 0, 0, 1);
}

void TlsSecretStoreTest::lines() {
    QFETCH(QByteArray, line);
    QFETCH(int, secrets);
    QFETCH(int, ignored);
    QFETCH(int, damaged);
    SecretStore store;
    const std::string good = "CLIENT_RANDOM " + kClient + " " + kMaster;
    // The lines around it are not harmed.
    const KeyLogCount count = store.addKeyLog(line.toStdString() + "\n" + good + "\n" + line.toStdString());
    QCOMPARE(count.secrets, static_cast<std::size_t>(secrets) + 1);
    QCOMPARE(count.known, static_cast<std::size_t>(secrets));
    QCOMPARE(count.ignored, static_cast<std::size_t>(2 * ignored));
    QCOMPARE(count.damaged, static_cast<std::size_t>(2 * damaged));
}

void TlsSecretStoreTest::firstSecretCounts() {
    SecretStore store;
    const std::string begin = "CLIENT_RANDOM " + kClient + " ";
    QVERIFY(counted(store.addKeyLog(begin + kMaster + "\n" + begin + std::string(96, '9') + "\n"),
                    {.secrets = 1, .known = 1}));
    QCOMPARE(hexOf(*store.find(SecretLabel::ClientRandom, randomOf(0xaa), kAny)), lower(kMaster));
}

void TlsSecretStoreTest::cutLineIsCompleted() {
    SecretStore store;
    const std::string begin = "CLIENT_TRAFFIC_SECRET_0 " + kClient + " ";
    QVERIFY(counted(store.addKeyLog(begin + kMaster.substr(0, 64)), {.secrets = 1}));
    QVERIFY(counted(store.addKeyLog(begin + kMaster), {.secrets = 1}));
    QCOMPARE(hexOf(*store.find(SecretLabel::ClientTraffic, randomOf(0xaa), kAny)), lower(kMaster));
    QVERIFY(counted(store.addKeyLog(begin + kMaster.substr(0, 64)), {.known = 1}));
    QCOMPARE(hexOf(*store.find(SecretLabel::ClientTraffic, randomOf(0xaa), kAny)), lower(kMaster));
}

void TlsSecretStoreTest::generations() {
    SecretStore store;
    QCOMPARE(store.generation(), std::uint64_t{0});
    store.addKeyLog("# nothing\n");
    QCOMPARE(store.generation(), std::uint64_t{0});
    const std::string other(64, 'b');
    store.addKeyLog("CLIENT_RANDOM " + kClient + " " + kMaster);
    const std::uint64_t first = store.generation();
    QVERIFY(first > 0);
    store.addKeyLog("CLIENT_RANDOM " + kClient + " " + kMaster);
    QCOMPARE(store.generation(), first); // nothing was new
    store.addKeyLog("CLIENT_RANDOM " + other + " " + kMaster + "\nEXPORTER_SECRET " + kClient + " " + kMaster);
    const std::uint64_t second = store.generation();
    QVERIFY(second > first);
    QVERIFY(!store.find(SecretLabel::ClientRandom, randomOf(0xaa), first - 1));
    QVERIFY(!store.knows(randomOf(0xaa), first - 1));
    QVERIFY(store.find(SecretLabel::ClientRandom, randomOf(0xaa), first));
    QVERIFY(store.knows(randomOf(0xaa), first));
    QVERIFY(!store.find(SecretLabel::ClientRandom, randomOf(0xbb), first));
    QVERIFY(!store.find(SecretLabel::Exporter, randomOf(0xaa), first));
    QVERIFY(!store.knows(randomOf(0xbb), first));
    QVERIFY(store.find(SecretLabel::ClientRandom, randomOf(0xbb), second));
    QVERIFY(store.find(SecretLabel::Exporter, randomOf(0xaa), second));
}

void TlsSecretStoreTest::sessions() {
    SecretStore store;
    const SecretBytes first(48, 1);
    const SecretBytes second(48, 2);
    QVERIFY(!store.findSession("id"));
    store.addSession("id", first, 1);
    store.addSession(std::string(3000, 't'), second, SecretStore::kLearnedGeneration);
    store.addSession("", second, 1);
    QVERIFY(store.findSession("id") == first);
    QVERIFY(store.findSession(std::string(3000, 't')) == second);
    QVERIFY(!store.findSession(std::string(3000, 't'), 1)); // only another reading may use it
    QVERIFY(store.hasLearned());
    QVERIFY(!store.findSession(""));
    QVERIFY(!store.findSession("i"));
    store.addSession("id", second, 1); // a server may give the same id again
    QVERIFY(store.findSession("id") == second);
}

void TlsSecretStoreTest::keyLogOfChosenClients() {
    SecretStore store;
    const std::string other(64, 'b');
    const std::string early = "CLIENT_EARLY_TRAFFIC_SECRET " + kClient + " " + std::string(64, '0') + "\n";
    const std::string traffic = "SERVER_TRAFFIC_SECRET_0 " + kClient + " " + std::string(64, '1') + "\n";
    const std::string master = "CLIENT_RANDOM " + other + " " + std::string(96, '2') + "\n";
    store.addKeyLog(traffic + master + early);
    QCOMPARE(textOf(store.keyLogFor({})), std::string());
    QCOMPARE(textOf(store.keyLogFor({randomOf(1)})), std::string());
    QCOMPARE(textOf(store.keyLogFor({randomOf(0xbb), randomOf(0xaa), randomOf(0xbb)})), master + early + traffic);
    SecretStore copy;
    const SecretText text = store.keyLogFor({randomOf(0xbb), randomOf(0xaa)});
    QVERIFY(counted(copy.addKeyLog({text.data(), text.size()}), {.secrets = 3}));
}

void TlsSecretStoreTest::oldRsaLines() {
    SecretStore store;
    QVERIFY(!store.hasPrivateKeys());
    const std::string premaster = "0303" + std::string(92, '7');
    store.addKeyLog("RSA 0102030405060708 " + premaster + "\nRSA Session-ID:0A0B Master-Key:" + kMaster + "\n");
    QVERIFY(store.hasPrivateKeys());
    std::vector<std::uint8_t> encrypted{1, 2, 3, 4, 5, 6, 7, 8, 99};
    QCOMPARE(hexOf(*store.decryptPremaster(encrypted, kTls12)), premaster);
    encrypted[7] = 9;
    QVERIFY(!store.decryptPremaster(encrypted, kTls12));
    QVERIFY(!store.decryptPremaster({}, kTls12));
    QCOMPARE(hexOf(*store.findSession("\x0a\x0b")), lower(kMaster));
}

void TlsSecretStoreTest::looks_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("isKeyLog");
    QTest::addColumn<bool>("isPrivateKey");
    const auto row = [](const char* name, const QByteArray& text, bool isKeyLog, bool isPrivateKey) {
        QTest::newRow(name) << text << isKeyLog << isPrivateKey;
    };
    const QByteArray line = "CLIENT_RANDOM " + QByteArray::fromStdString(kClient + ' ' + kMaster);
    row("line", line, true, false);
    row("cut line", line.left(40), true, false);
    row("behind a comment", "# x\r\n\r\n" + line, true, false);
    row("behind a mark", "\xef\xbb\xbf" + line, true, false);
    row("title only", "# SSL/TLS secrets log file, generated by NSS\n", true, false);
    row("QUIC", "QUIC_SERVER_TRAFFIC_SECRET_0 00", true, false);
    row("old", "RSA Session-ID:00 Master-Key:00", true, false);
    row("comment only", "# a shell script\n", false, false);
    row("empty", "", false, false);
    row("words", "CLIENT_RANDOM of the day\n" + line, false, false);
    row("garbage first", "garbage\n" + line, false, false);
    row("pcap", QByteArray("\xd4\xc3\xb2\xa1\2\0\4\0", 8), false, false);
    row("PKCS#8", "-----BEGIN PRIVATE KEY-----\nMII", false, true);
    row("PKCS#1", "x\r\n-----BEGIN RSA PRIVATE KEY-----\r\nMII", false, true);
    row("certificate and key", "-----BEGIN CERTIFICATE-----\nMII\n-----BEGIN EC PRIVATE KEY-----\n", false, true);
    row("certificate", "-----BEGIN CERTIFICATE-----\nMII\n", false, false);
    row("public", "-----BEGIN PUBLIC KEY-----\nMII\n", false, false);
}

void TlsSecretStoreTest::looks() {
    QFETCH(QByteArray, text);
    QFETCH(bool, isKeyLog);
    QFETCH(bool, isPrivateKey);
    QCOMPARE(looksLikeKeyLog(text.toStdString()), isKeyLog);
    QCOMPARE(looksLikePrivateKey(text.toStdString()), isPrivateKey);
}

void TlsSecretStoreTest::oneMillionLines() {
    std::string text;
    text.reserve(180'000'000);
    constexpr std::uint32_t kLines = 1'000'000;
    for (std::uint32_t i = 0; i < kLines; ++i) {
        const QByteArray number = QByteArray::number(i, 16).rightJustified(64, '0');
        text += "CLIENT_RANDOM ";
        text.append(number.data(), 64);
        text += ' ';
        text.append(32, '5');
        text.append(number.data(), 64);
        text += '\n';
    }
    SecretStore store;
    const std::clock_t begin = std::clock(); // of this process alone: others may be busy
    QVERIFY(counted(store.addKeyLog(text), {.secrets = kLines}));
    const auto milliseconds = (std::clock() - begin) * 1000 / CLOCKS_PER_SEC;
    qInfo("a million lines: %ld ms of CPU", static_cast<long>(milliseconds));
    QVERIFY(milliseconds < 5000); // about one second
    Random random{};
    random[29] = 0x0f;
    random[30] = 0x42;
    random[31] = 0x3f; // 999,999
    QCOMPARE(hexOf(*store.find(SecretLabel::ClientRandom, random, kAny)),
             std::string(32, '5') + std::string(58, '0') + "0f423f");
    random[31] = 0x40;
    QVERIFY(!store.knows(random, kAny));
}

void TlsSecretStoreTest::manyThreads() {
    SecretStore store;
    const auto add = [&store](std::uint8_t begin) {
        for (unsigned i = 0; i < 100; ++i) {
            const QByteArray client = QByteArray(1, static_cast<char>(begin + i)).toHex().repeated(32);
            store.addKeyLog("CLIENT_RANDOM " + client.toStdString() + " " + kMaster + "\n");
            store.addSession(client.toStdString(), SecretBytes(48, begin), 1);
        }
    };
    std::size_t seen = 0;
    std::thread first(add, std::uint8_t{0});
    std::thread second(add, std::uint8_t{100});
    for (unsigned i = 0; i < 2000; ++i)
        seen += store.find(SecretLabel::ClientRandom, randomOf(static_cast<std::uint8_t>(i)), store.generation())
                    .has_value();
    first.join();
    second.join();
    QVERIFY(seen <= 2000);
    for (unsigned i = 0; i < 200; ++i) QVERIFY(store.knows(randomOf(static_cast<std::uint8_t>(i)), store.generation()));
    QCOMPARE(store.generation(), std::uint64_t{200});
}

void TlsSecretStoreTest::damagedTextsDoNoHarm() {
    const std::string line = "CLIENT_RANDOM " + kClient + " " + kMaster;
    for (std::size_t cut = 0; cut < line.size(); ++cut) {
        SecretStore store;
        const KeyLogCount count = store.addKeyLog(line.substr(0, cut));
        QCOMPARE(count.secrets, std::size_t{0});
        QCOMPARE(count.damaged, std::size_t{cut == 0 ? 0U : 1U});
    }
}

QTEST_APPLESS_MAIN(TlsSecretStoreTest)
#include "tls_secret_store_test.moc"
