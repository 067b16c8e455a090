// SPDX-License-Identifier: Apache-2.0
// JA3 after salesforce/ja3 (README.md: text form and its two examples), JA4 after FoxIO's technical_details/JA4.md with
// its example. Hashes of other cases are those of the text that the descriptions ask for, written out beside them.
#include <QTest>

#include "core/tls/fingerprints.h"

#include <QCryptographicHash>

using namespace gatescope::tls;

namespace {

std::string hashOf(const char* text, QCryptographicHash::Algorithm algorithm) {
    return QCryptographicHash::hash(QByteArray(text), algorithm).toHex().toStdString();
}
std::string md5(const char* text) {
    return hashOf(text, QCryptographicHash::Md5);
}
std::string sha(const char* text) {
    return hashOf(text, QCryptographicHash::Sha256).substr(0, 12);
}

/// The browser of JA4.md's example, with GREASE where it sends it.
ClientHello browserHello() {
    ClientHello hello;
    hello.legacyVersion = 0x0303;
    hello.cipherSuites = {0x1a1a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                          0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
    hello.extensions = {0x2a2a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d,
                        0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015, 0x3a3a};
    hello.hasExtensions = true;
    hello.serverName = "example.com";
    hello.alpn = {"h2", "http/1.1"};
    hello.versions = {0x4a4a, 0x0304, 0x0303};
    hello.groups = {0x5a5a, 0x001d, 0x0017, 0x0018};
    hello.pointFormats = {0};
    hello.signatureSchemes = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601};
    return hello;
}

ClientHello helloWithAlpn(std::string name) {
    ClientHello hello = browserHello();
    hello.alpn = {std::move(name)};
    return hello;
}

} // namespace

class TlsFingerprintTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void ja3OfItsReadme();
    void ja3LeavesOutGrease();
    void ja3sOfAnAnswer();
    void ja4OfItsDescription();
    void ja4Counts();
    void ja4Versions_data();
    void ja4Versions();
    void ja4Protocols_data();
    void ja4Protocols();
    void ja4WithoutParts();
    void ja4SortsExtensionsNotSchemes();
};

void TlsFingerprintTest::ja3OfItsReadme() {
    ClientHello hello;
    hello.legacyVersion = 769;
    hello.cipherSuites = {47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4};
    hello.extensions = {0, 10, 11};
    hello.groups = {23, 24, 25};
    hello.pointFormats = {0};
    QCOMPARE(ja3(hello), std::string("ada70206e40642a3e4461f35503241d5"));

    ClientHello bare;
    bare.legacyVersion = 769;
    bare.cipherSuites = {4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99};
    QCOMPARE(ja3(bare), std::string("de350869b8c85de67a350c8d186f11e6"));
}

void TlsFingerprintTest::ja3LeavesOutGrease() {
    QCOMPARE(ja3(browserHello()),
             md5("771,4865-4866-4867-49195-49199-49196-49200-52393-52392-49171-49172-156-157-47-53,"
                 "27-0-51-16-17513-23-45-13-5-35-18-43-65281-11-10-21,29-23-24,0"));
}

void TlsFingerprintTest::ja3sOfAnAnswer() {
    ServerHello hello;
    hello.legacyVersion = 769;
    hello.version = 769;
    hello.cipherSuite = 47;
    QCOMPARE(ja3s(hello), md5("769,47,"));
    hello.extensions = {65281, 0, 11, 35, 5, 16};
    QCOMPARE(ja3s(hello), md5("769,47,65281-0-11-35-5-16"));
    // The version is that of the message also where the extension says another.
    hello.legacyVersion = 771;
    hello.version = 772;
    QCOMPARE(ja3s(hello), md5("771,47,65281-0-11-35-5-16"));
}

void TlsFingerprintTest::ja4OfItsDescription() {
    QCOMPARE(ja4(browserHello()), std::string("t13d1516h2_8daaf6152771_e5627efa2ab1"));
    QCOMPARE(ja4(browserHello(), true), std::string("q13d1516h2_8daaf6152771_e5627efa2ab1"));
}

void TlsFingerprintTest::ja4Counts() {
    ClientHello hello = browserHello();
    // Signalling values are suites like others.
    hello.cipherSuites = {0x0a0a, 0x1301, 0x00ff, 0x5600};
    hello.extensions = {0x0000, 0x0010, 0xfafa};
    hello.signatureSchemes.clear();
    QCOMPARE(ja4(hello), "t13d0302h2_" + sha("00ff,1301,5600") + "_000000000000");

    hello.cipherSuites.clear();
    hello.extensions.clear();
    for (std::uint16_t i = 0; i < 99; ++i) hello.cipherSuites.push_back(i);
    for (std::uint16_t i = 100; i < 199; ++i) hello.extensions.push_back(i);
    QVERIFY(ja4(hello).starts_with("t13i9999h2_"));
    for (std::uint16_t i = 200; i < 400; ++i) hello.cipherSuites.push_back(i);
    for (std::uint16_t i = 200; i < 201; ++i) hello.extensions.push_back(i);
    QVERIFY(ja4(hello).starts_with("t13i9999h2_"));
}

void TlsFingerprintTest::ja4Versions_data() {
    QTest::addColumn<int>("legacy");
    QTest::addColumn<QList<int>>("offered");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("highest, not first") << 0x0303 << QList<int>{0x0303, 0x7a7a, 0x0304} << QByteArray("t13");
    QTest::newRow("1.2 offered") << 0x0303 << QList<int>{0x0303, 0x0302} << QByteArray("t12");
    QTest::newRow("only GREASE") << 0x0302 << QList<int>{0x7a7a} << QByteArray("t11");
    QTest::newRow("1.2") << 0x0303 << QList<int>{} << QByteArray("t12");
    QTest::newRow("1.1") << 0x0302 << QList<int>{} << QByteArray("t11");
    QTest::newRow("1.0") << 0x0301 << QList<int>{} << QByteArray("t10");
    QTest::newRow("SSL 3.0") << 0x0300 << QList<int>{} << QByteArray("ts3");
    QTest::newRow("SSL 2.0") << 0x0002 << QList<int>{} << QByteArray("ts2");
    QTest::newRow("unknown") << 0x0505 << QList<int>{} << QByteArray("t00");
}

void TlsFingerprintTest::ja4Versions() {
    QFETCH(int, legacy);
    QFETCH(QList<int>, offered);
    QFETCH(QByteArray, expected);
    ClientHello hello = browserHello();
    hello.legacyVersion = static_cast<std::uint16_t>(legacy);
    hello.versions.clear();
    for (const int version : offered) hello.versions.push_back(static_cast<std::uint16_t>(version));
    QCOMPARE(ja4(hello).substr(0, 3), expected.toStdString());
}

void TlsFingerprintTest::ja4Protocols_data() {
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("h2") << QByteArray("h2") << QByteArray("h2");
    QTest::newRow("http/1.1") << QByteArray("http/1.1") << QByteArray("h1");
    QTest::newRow("one letter") << QByteArray("q") << QByteArray("qq");
    QTest::newRow("empty") << QByteArray("") << QByteArray("00");
    // JA4.md, ALPN extension value: the examples for values that are no letters and digits.
    QTest::newRow("ab") << QByteArray::fromHex("ab") << QByteArray("ab");
    QTest::newRow("abcd") << QByteArray::fromHex("abcd") << QByteArray("ad");
    QTest::newRow("30ab") << QByteArray::fromHex("30ab") << QByteArray("3b");
    QTest::newRow("3031abcd") << QByteArray::fromHex("3031abcd") << QByteArray("3d");
    QTest::newRow("30abcd31") << QByteArray::fromHex("30abcd31") << QByteArray("01");
    QTest::newRow("GREASE") << QByteArray::fromHex("baba") << QByteArray("ba");
}

void TlsFingerprintTest::ja4Protocols() {
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, expected);
    QCOMPARE(ja4(helloWithAlpn(name.toStdString())).substr(8, 2), expected.toStdString());
}

void TlsFingerprintTest::ja4WithoutParts() {
    ClientHello hello;
    hello.legacyVersion = 0x0303;
    QCOMPARE(ja4(hello), std::string("t12i000000_000000000000_000000000000"));
    hello.extensions = {0x0000};
    QCOMPARE(ja4(hello), std::string("t12d000100_000000000000_000000000000"));
    // Without signature algorithms nothing stands behind the extensions, not even the underscore.
    hello.extensions = {0x0023, 0x0005};
    QCOMPARE(ja4(hello), "t12i000200_000000000000_" + sha("0005,0023"));
}

void TlsFingerprintTest::ja4SortsExtensionsNotSchemes() {
    ClientHello hello;
    hello.legacyVersion = 0x0303;
    hello.cipherSuites = {0xc030, 0x002f};
    hello.extensions = {0xff01, 0x000d, 0x000a};
    hello.signatureSchemes = {0x0804, 0xaaaa, 0x0403};
    QCOMPARE(ja4(hello), "t12i020300_" + sha("002f,c030") + "_" + sha("000a,000d,ff01_0804,0403"));
}

QTEST_APPLESS_MAIN(TlsFingerprintTest)
#include "tls_fingerprint_test.moc"
