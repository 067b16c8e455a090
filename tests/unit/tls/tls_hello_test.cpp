// SPDX-License-Identifier: Apache-2.0
// Both hellos: the octets of RFC 8448 and messages written by hand after RFC 8446, RFC 5246, RFC 6066 and RFC 7301.
#include <QTest>

#include "core/tls/hello.h"
#include "tests/unit/tls/message_writer.h"
#include "tests/unit/tls/rfc8448.h"

using namespace gatescope;
using namespace gatescope::tls;
using namespace gatescope::test;
using Numbers = std::vector<std::uint16_t>;

namespace {

QByteArray octets(const char* text) {
    return QByteArray::fromHex(text);
}

ClientHello clientHello(const std::vector<Extension>& extensions) {
    const QByteArray body = clientHelloBody({0x1301}, extensions);
    auto hello = parseClientHello(rfc8448::bytesOf(body));
    return hello ? *hello : ClientHello();
}

} // namespace

class TlsHelloTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void clientHelloOfRfc8448();
    void resumingClientHelloOfRfc8448();
    void serverHelloOfRfc8448();
    void helloRetryRequestOfRfc8448();
    void clientHelloWithoutExtensions();
    void extensionsOfClientHello();
    void serverNames_data();
    void serverNames();
    void damagedExtensions();
    void firstOfRepeatedExtensionsCounts();
    void greaseIsKept();
    void serverHelloOfTls12();
    void serverHelloOfAnEarlyDraft();
    void truncatedClientHello();
    void truncatedServerHello();
    void malformed();
};

void TlsHelloTest::clientHelloOfRfc8448() {
    const auto hello = parseClientHello(rfc8448::bodyOf(rfc8448::kClientHello));
    QVERIFY(hello.has_value());
    QCOMPARE(hello->legacyVersion, std::uint16_t{0x0303});
    QCOMPARE(QByteArray(reinterpret_cast<const char*>(hello->random.data()), 32).toHex(),
             QByteArray("cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7"));
    QVERIFY(hello->sessionId.empty());
    QCOMPARE(hello->cipherSuites, (Numbers{0x1301, 0x1303, 0x1302}));
    QVERIFY(hello->hasExtensions);
    QCOMPARE(hello->extensions, (Numbers{0, 0xff01, 10, 35, 51, 43, 13, 45, 28}));
    QCOMPARE(hello->serverName, std::optional<std::string>("server"));
    QCOMPARE(hello->groups, (Numbers{0x1d, 0x17, 0x18, 0x19, 0x100, 0x101, 0x102, 0x103, 0x104}));
    QCOMPARE(hello->keyShares, (Numbers{0x1d}));
    QCOMPARE(hello->versions, (Numbers{0x0304}));
    QCOMPARE(hello->signatureSchemes, (Numbers{0x0403, 0x0503, 0x0603, 0x0203, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501,
                                               0x0601, 0x0201, 0x0402, 0x0502, 0x0602, 0x0202}));
    QVERIFY(hello->hasTicketExtension);
    QVERIFY(hello->ticket.empty());
    QVERIFY(hello->alpn.empty());
    QCOMPARE(hello->pskIdentities, 0U);
    QVERIFY(!hello->renegotiates && !hello->offersEarlyData && !hello->extendedMasterSecret && !hello->asksForStatus);
}

void TlsHelloTest::resumingClientHelloOfRfc8448() {
    const auto hello = parseClientHello(rfc8448::bodyOf(rfc8448::kResumingClientHello));
    QVERIFY(hello.has_value());
    QCOMPARE(hello->pskIdentities, 1U);
    QVERIFY(hello->offersEarlyData);
    QVERIFY(!hello->hasTicketExtension);
    QCOMPARE(hello->extensions, (Numbers{0, 0xff01, 10, 51, 42, 43, 13, 45, 28, 21, 41}));
}

void TlsHelloTest::serverHelloOfRfc8448() {
    const auto hello = parseServerHello(rfc8448::bodyOf(rfc8448::kServerHello));
    QVERIFY(hello.has_value());
    QCOMPARE(hello->legacyVersion, std::uint16_t{0x0303});
    QCOMPARE(hello->version, std::uint16_t{0x0304});
    QCOMPARE(hello->cipherSuite, std::uint16_t{0x1301});
    QCOMPARE(hello->compression, std::uint8_t{0});
    QCOMPARE(hello->keyShare, std::optional<std::uint16_t>(0x1d));
    QCOMPARE(hello->extensions, (Numbers{51, 43}));
    QCOMPARE(hello->random[0], std::uint8_t{0xa6});
    QCOMPARE(hello->random[31], std::uint8_t{0x28});
    QVERIFY(!hello->isRetryRequest && !hello->psk && !hello->alpn && !hello->willSendTicket);
}

void TlsHelloTest::helloRetryRequestOfRfc8448() {
    const auto hello = parseServerHello(rfc8448::bodyOf(rfc8448::kHelloRetryRequest));
    QVERIFY(hello.has_value());
    QVERIFY(hello->isRetryRequest);
    QCOMPARE(hello->keyShare, std::optional<std::uint16_t>(0x17));
    QCOMPARE(hello->version, std::uint16_t{0x0304});
    QCOMPARE(hello->extensions, (Numbers{51, 44, 43}));
}

void TlsHelloTest::clientHelloWithoutExtensions() {
    const QByteArray body = octets("0301") + QByteArray(32, 'r') + octets("04 61626364 0004 002f00ff 0100");
    const auto hello = parseClientHello(rfc8448::bytesOf(body));
    QVERIFY(hello.has_value());
    QVERIFY(!hello->hasExtensions);
    QCOMPARE(hello->sessionId, std::string("abcd"));
    QCOMPARE(hello->cipherSuites, (Numbers{0x002f, 0x00ff}));
    QVERIFY(!hello->serverName);

    const QByteArray empty = body + octets("0000");
    const auto withBlock = parseClientHello(rfc8448::bytesOf(empty));
    QVERIFY(withBlock && withBlock->hasExtensions && withBlock->extensions.empty());
}

void TlsHelloTest::extensionsOfClientHello() {
    const ClientHello hello = clientHello({
        {5, octets("0100000000")},                                           // status_request, OCSP
        {11, octets("03000102")},                                            // point formats
        {16, octets("000c 026832 08687474702f312e31")},                      // h2, http/1.1
        {22, {}},                                                            // encrypt_then_mac
        {23, {}},                                                            // extended_master_secret
        {27, octets("06 0001 0002 0003")},                                   // zlib, brotli, zstd
        {35, QByteArray("TICKET")},                                          // session_ticket
        {41, octets("000e 0002 aabb 00000000 0000 00000001 0004 03010203")}, // two identities, a binder
        {42, {}},
        {43, octets("06 1a1a 0304 0303")},
        {49, {}},
        {51, octets("000e 1a1a 0001 00 001d 0005 0102030405")},
        {0xfe0d, octets("00")},
        {0xff01, octets("03 aabbcc")},
    });
    QVERIFY(hello.asksForStatus);
    QCOMPARE(hello.pointFormats, (std::vector<std::uint8_t>{0, 1, 2}));
    QCOMPARE(hello.alpn, (std::vector<std::string>{"h2", "http/1.1"}));
    QVERIFY(hello.encryptThenMac);
    QVERIFY(hello.extendedMasterSecret);
    QCOMPARE(hello.certificateCompressions, (Numbers{1, 2, 3}));
    QVERIFY(hello.hasTicketExtension);
    QCOMPARE(hello.ticket, std::string("TICKET"));
    QCOMPARE(hello.pskIdentities, 2U);
    QVERIFY(hello.offersEarlyData);
    QCOMPARE(hello.versions, (Numbers{0x1a1a, 0x0304, 0x0303}));
    QVERIFY(hello.postHandshakeAuthentication);
    QCOMPARE(hello.keyShares, (Numbers{0x1a1a, 0x001d}));
    QVERIFY(hello.encryptedClientHello);
    QVERIFY(hello.renegotiates);
    QVERIFY(!clientHello({{0xff01, octets("00")}}).renegotiates);
}

void TlsHelloTest::serverNames_data() {
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("plain") << QByteArray("gw.example") << QByteArray("gw.example");
    QTest::newRow("control octets") << QByteArray("a\x1b[31m\r\nb\0c", 11) << QByteArray("a\\1B[31m\\0D\\0Ab\\00c");
    QTest::newRow("UTF-8") << QByteArray("b\xc3\xbc"
                                         "cher")
                           << QByteArray("b\xc3\xbc"
                                         "cher");
    QTest::newRow("no UTF-8") << QByteArray("a\xff\xc3") << QByteArray("a\\FF\\C3");
    QTest::newRow("C1 control") << QByteArray("a\xc2\x9b"
                                              "1m")
                                << QByteArray("a\\C2\\9B1m");
    QTest::newRow("turns writing") << QByteArray("a\xe2\x80\xae"
                                                 "b")
                                   << QByteArray("a\\E2\\80\\AEb");
    QTest::newRow("overlong") << QByteArray("a\xc0\x8a\xe0\x80\x8a") << QByteArray("a\\C0\\8A\\E0\\80\\8A");
    QTest::newRow("surrogate") << QByteArray("\xed\xa0\x80") << QByteArray("\\ED\\A0\\80");
    QTest::newRow("outside Unicode") << QByteArray("\xf4\x90\x80\x80") << QByteArray("\\F4\\90\\80\\80");
    QTest::newRow("four octets") << QByteArray("\xf0\x9f\x94\x92") << QByteArray("\xf0\x9f\x94\x92");
    QTest::newRow("empty") << QByteArray("") << QByteArray("");
}

void TlsHelloTest::serverNames() {
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, expected);
    // A name of another type before it is passed over.
    const QByteArray list = octets("07 0001 61 00") + number16(name.size()) + name;
    const ClientHello hello = clientHello({{0, number16(list.size()) + list}});
    QCOMPARE(hello.serverName, std::optional(expected.toStdString()));
}

void TlsHelloTest::damagedExtensions() {
    // Lengths inside that are wrong leave out the value, not the message.
    const ClientHello hello = clientHello({
        {0, octets("0020 00 0003 616263")},
        {10, octets("00")},
        {11, octets("09 00")},
        {13, octets("0003 040304")},
        {16, octets("0009 026832 05 6162")},
        {43, octets("")},
        {51, octets("0006 001d 0020 aabb")},
        {41, octets("ffff")},
        {23, {}},
    });
    QCOMPARE(hello.extensions.size(), std::size_t{9});
    QVERIFY(!hello.serverName);
    QVERIFY(hello.groups.empty() && hello.pointFormats.empty() && hello.versions.empty() && hello.keyShares.empty());
    QCOMPARE(hello.signatureSchemes, (Numbers{0x0403}));
    QVERIFY(hello.alpn.empty());
    QCOMPARE(hello.pskIdentities, 0U);
    QVERIFY(hello.extendedMasterSecret);
}

void TlsHelloTest::firstOfRepeatedExtensionsCounts() {
    const ClientHello hello = clientHello({{16, octets("0003 026832")}, {16, octets("0003 026833")}});
    QCOMPARE(hello.alpn, (std::vector<std::string>{"h2"}));
    QCOMPARE(hello.extensions, (Numbers{16, 16}));
}

void TlsHelloTest::greaseIsKept() {
    const QByteArray body = clientHelloBody({0xdada, 0x1301}, {{0x2a2a, {}}, {10, octets("0004 caca 001d")}});
    const auto hello = parseClientHello(rfc8448::bytesOf(body));
    QVERIFY(hello.has_value());
    QCOMPARE(hello->cipherSuites, (Numbers{0xdada, 0x1301}));
    QCOMPARE(hello->extensions, (Numbers{0x2a2a, 10}));
    QCOMPARE(hello->groups, (Numbers{0xcaca, 0x1d}));
    // RFC 8701, 2.
    int count = 0;
    for (unsigned value = 0; value <= 0xffff; ++value) count += isGrease(static_cast<std::uint16_t>(value)) ? 1 : 0;
    QCOMPARE(count, 16);
    QVERIFY(isGrease(0x0a0a) && isGrease(0xfafa) && !isGrease(0x0a1a) && !isGrease(0x0b0b));
}

void TlsHelloTest::serverHelloOfTls12() {
    const QByteArray body = serverHelloBody(0x0303, 0xc02f,
                                            {{0xff01, octets("00")},
                                             {11, octets("0100")},
                                             {22, {}},
                                             {23, {}},
                                             {35, {}},
                                             {16, octets("0009 08687474702f312e31")}});
    const auto hello = parseServerHello(rfc8448::bytesOf(body));
    QVERIFY(hello.has_value());
    QCOMPARE(hello->version, std::uint16_t{0x0303});
    QCOMPARE(hello->cipherSuite, std::uint16_t{0xc02f});
    QCOMPARE(hello->alpn, std::optional<std::string>("http/1.1"));
    QVERIFY(hello->willSendTicket && hello->extendedMasterSecret && hello->encryptThenMac && !hello->isRetryRequest);
    QVERIFY(!hello->keyShare);

    const QByteArray resumed = serverHelloBody(0x0303, 0x1301, {{41, octets("0001")}, {43, octets("0304")}});
    const auto withPsk = parseServerHello(rfc8448::bytesOf(resumed));
    QVERIFY(withPsk && withPsk->psk == std::uint16_t{1} && withPsk->version == kTls13);
}

void TlsHelloTest::serverHelloOfAnEarlyDraft() {
    // draft-ietf-tls-tls13-18, 4.1.3: version, random, suite, extensions; key_share had the number 40.
    const QByteArray body = octets("7f12") + QByteArray(32, 'r') + octets("1301 000a 0028 0006 001d 0002 aabb");
    const auto hello = parseServerHello(rfc8448::bytesOf(body));
    QVERIFY(hello.has_value());
    QCOMPARE(hello->version, std::uint16_t{0x7f12});
    QCOMPARE(hello->cipherSuite, std::uint16_t{0x1301});
    QCOMPARE(hello->keyShare, std::optional<std::uint16_t>(0x1d));
}

void TlsHelloTest::truncatedClientHello() {
    const Bytes whole = rfc8448::bodyOf(rfc8448::kClientHello);
    // A message that ends before its extensions is one of a client that has none: 2 + 32 + 1 + 2 + 6 + 2 octets.
    constexpr std::size_t kWithoutExtensions = 45;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::vector<std::uint8_t> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        const auto hello = parseClientHello(part);
        QCOMPARE(hello.has_value(), size == kWithoutExtensions);
        if (!hello) QCOMPARE(hello.error(), DecodeError::Truncated);
    }
}

void TlsHelloTest::truncatedServerHello() {
    const Bytes whole = rfc8448::bodyOf(rfc8448::kServerHello);
    constexpr std::size_t kWithoutExtensions = 2 + 32 + 1 + 2 + 1;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::vector<std::uint8_t> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        const auto hello = parseServerHello(part);
        QCOMPARE(hello.has_value(), size == kWithoutExtensions);
        if (!hello) QCOMPARE(hello.error(), DecodeError::Truncated);
    }
}

void TlsHelloTest::malformed() {
    const QByteArray start = octets("0303") + QByteArray(32, 'r');
    const auto clientError = [&](const QByteArray& rest) {
        const QByteArray body = start + rest;
        const auto hello = parseClientHello(rfc8448::bytesOf(body));
        return hello ? std::optional<DecodeError>() : hello.error();
    };
    QCOMPARE(clientError(octets("21") + QByteArray(33, 's') + octets("0002 1301 0100")), DecodeError::Malformed);
    QCOMPARE(clientError(octets("00 0003 130113 0100")), DecodeError::Malformed);           // half a suite
    QCOMPARE(clientError(octets("00 0002 1301 0100 0000 00")), DecodeError::Malformed);     // octets behind the block
    QCOMPARE(clientError(octets("00 0002 1301 0100 0003 000000")), DecodeError::Malformed); // half an extension
    QCOMPARE(clientError(octets("00 0002 1301 0100 0005 0000000200")), DecodeError::Malformed);

    const QByteArray server = start + octets("00 1301 00 0000 ff");
    QCOMPARE(parseServerHello(rfc8448::bytesOf(server)).error(), DecodeError::Malformed);
}

QTEST_APPLESS_MAIN(TlsHelloTest)
#include "tls_hello_test.moc"
