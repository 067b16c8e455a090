// SPDX-License-Identifier: Apache-2.0
// Messages behind the hellos: RFC 8448's, and others written by hand after RFC 5246, RFC 8422, RFC 8446 and RFC 8879.
#include <QTest>

#include "core/tls/handshake_messages.h"
#include "tests/unit/tls/message_writer.h"
#include "tests/unit/tls/rfc8448.h"

#include <brotli/encode.h>
#include <functional>
#include <zlib.h>
#include <zstd.h>

using namespace gatescope;
using namespace gatescope::tls;
using namespace gatescope::test;
using rfc8448::bodyOf;
using rfc8448::bytesOf;
using Numbers = std::vector<std::uint16_t>;

namespace {

QByteArray octets(const char* text) {
    return QByteArray::fromHex(text);
}

/// Every beginning of `body` must be refused as cut; it is read from memory that ends there.
template <typename Parse>
void verifyTruncations(const QByteArray& body, const Parse& parse) {
    QVERIFY(parse(bytesOf(body)).has_value());
    for (qsizetype size = 0; size < body.size(); ++size) {
        const std::vector<std::uint8_t> part(body.begin(), body.begin() + size);
        const auto result = parse(Bytes(part));
        QVERIFY(!result);
        QCOMPARE(result.error(), DecodeError::Truncated);
    }
    const QByteArray longer = body + '\0';
    const auto result = parse(bytesOf(longer));
    QVERIFY(!result);
    QCOMPARE(result.error(), DecodeError::Malformed);
}

/// The body of a Certificate of TLS 1.3.
QByteArray certificateBody(const QByteArrayList& certificates, const std::vector<Extension>& ofFirst = {}) {
    QByteArray list;
    for (const QByteArray& one : certificates)
        list += vector24(one) + extensionBlock(list.isEmpty() ? ofFirst : std::vector<Extension>());
    return '\0' + vector24(list);
}

QByteArray compressedBody(int algorithm, qsizetype size, const QByteArray& compressed) {
    return number16(algorithm) + number24(size) + vector24(compressed);
}

QByteArray deflated(const QByteArray& text) {
    uLongf size = compressBound(static_cast<uLong>(text.size()));
    QByteArray output(static_cast<qsizetype>(size), '\0');
    compress(reinterpret_cast<Bytef*>(output.data()), &size, reinterpret_cast<const Bytef*>(text.constData()),
             static_cast<uLong>(text.size()));
    return output.first(static_cast<qsizetype>(size));
}
QByteArray brotlied(const QByteArray& text) {
    std::size_t size = BrotliEncoderMaxCompressedSize(static_cast<std::size_t>(text.size())) + 64;
    QByteArray output(static_cast<qsizetype>(size), '\0');
    BrotliEncoderCompress(5, 22, BROTLI_MODE_GENERIC, static_cast<std::size_t>(text.size()),
                          reinterpret_cast<const uint8_t*>(text.constData()), &size,
                          reinterpret_cast<uint8_t*>(output.data()));
    return output.first(static_cast<qsizetype>(size));
}
QByteArray zstandard(const QByteArray& text) {
    QByteArray output(static_cast<qsizetype>(ZSTD_compressBound(static_cast<std::size_t>(text.size()))), '\0');
    const std::size_t size = ZSTD_compress(output.data(), static_cast<std::size_t>(output.size()), text.constData(),
                                           static_cast<std::size_t>(text.size()), 3);
    return output.first(static_cast<qsizetype>(size));
}

struct Compression {
    const char* name;
    int algorithm;
    std::function<QByteArray(const QByteArray&)> compress;
};
const std::vector<Compression>& compressions() {
    static const std::vector<Compression> all = {
        {"zlib", 1, deflated}, {"brotli", 2, brotlied}, {"zstd", 3, zstandard}};
    return all;
}

/// A point of x25519 and a signature.
const QByteArray kPoint = "\x20" + QByteArray(32, 'p');
const QByteArray kSignature = vector16(QByteArray(64, 's'));

} // namespace

class TlsHandshakeMessageTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void encryptedExtensions();
    void certificateOfRfc8448();
    void certificateOfTls12();
    void stapledStatus();
    void malformedCertificates();
    void certificateLimits();
    void compressedCertificates();
    void compressedCertificateLimits();
    void damagedCompressedCertificates();
    void certificateStatus();
    void certificateVerify();
    void newSessionTickets();
    void keyExchangeForms_data();
    void keyExchangeForms();
    void otherKeyExchanges();
};

void TlsHandshakeMessageTest::encryptedExtensions() {
    const auto parsed = parseEncryptedExtensions(bodyOf(rfc8448::kEncryptedExtensions));
    QVERIFY(parsed.has_value());
    QCOMPARE(parsed->extensions, (Numbers{10, 28, 0}));
    QVERIFY(!parsed->alpn && !parsed->acceptsEarlyData);
    verifyTruncations(rfc8448::kEncryptedExtensions.sliced(4), parseEncryptedExtensions);

    const QByteArray body = extensionBlock({{42, {}}, {16, octets("0003 026832")}});
    const auto other = parseEncryptedExtensions(bytesOf(body));
    QVERIFY(other && other->acceptsEarlyData);
    QCOMPARE(other->alpn, std::optional<std::string>("h2"));
    const QByteArray broken = octets("0003 002a00");
    QCOMPARE(parseEncryptedExtensions(bytesOf(broken)).error(), DecodeError::Malformed);
}

void TlsHandshakeMessageTest::certificateOfRfc8448() {
    const auto parse = [](Bytes body) { return parseCertificate(body, true); };
    const auto message = parse(bodyOf(rfc8448::kCertificate));
    QVERIFY(message.has_value());
    QCOMPARE(message->der.size(), std::size_t{1});
    QCOMPARE(message->der[0].size(), std::size_t{432}); // 01 b0
    QVERIFY(message->ocspResponse.empty() && !message->cut);
    verifyTruncations(rfc8448::kCertificate.sliced(4), parse);
    const auto names = certificateNames(message->der[0]);
    QVERIFY(names.has_value());
    QCOMPARE(names->subject, std::string("CN=rsa"));
    QCOMPARE(names->issuer, std::string("CN=rsa"));
}

void TlsHandshakeMessageTest::certificateOfTls12() {
    const auto parse = [](Bytes body) { return parseCertificate(body, false); };
    const QByteArray body = vector24(vector24("leaf") + vector24("intermediate"));
    const auto message = parse(bytesOf(body));
    QVERIFY(message.has_value());
    QCOMPARE(message->der, (std::vector<std::string>{"leaf", "intermediate"}));
    verifyTruncations(body, parse);
    // A client that has none.
    const QByteArray none = octets("000000");
    QVERIFY(parse(bytesOf(none)).has_value() && parse(bytesOf(none))->der.empty());
}

void TlsHandshakeMessageTest::stapledStatus() {
    const QByteArray status = '\1' + vector24("OCSP");
    const QByteArray body = certificateBody({"leaf", "ca"}, {{18, "SCT"}, {5, status}, {5, '\1' + vector24("again")}});
    const auto message = parseCertificate(bytesOf(body), true);
    QVERIFY(message.has_value());
    QCOMPARE(message->ocspResponse, std::string("OCSP"));
    QCOMPARE(message->der.size(), std::size_t{2});

    // That of another certificate is not the leaf's; one of another type, or that is cut, is none.
    const QByteArray second =
        '\0' + vector24(vector24("leaf") + extensionBlock({}) + vector24("ca") + extensionBlock({{5, status}}));
    QVERIFY(parseCertificate(bytesOf(second), true)->ocspResponse.empty());
    const QByteArray odd = certificateBody({"leaf"}, {{5, '\2' + vector24("OCSP")}, {5, octets("01 000009 41")}});
    QVERIFY(parseCertificate(bytesOf(odd), true)->ocspResponse.empty());
}

void TlsHandshakeMessageTest::malformedCertificates() {
    const auto errorOf = [](const QByteArray& body, bool isTls13) {
        const auto message = parseCertificate(bytesOf(body), isTls13);
        return message ? std::optional<DecodeError>() : message.error();
    };
    QCOMPARE(errorOf(octets("000003 000000"), false), DecodeError::Malformed);     // an empty certificate
    QCOMPARE(errorOf(octets("000004 00000941"), false), DecodeError::Malformed);   // longer than the list
    QCOMPARE(errorOf(octets("000002 0000"), false), DecodeError::Malformed);       // half a length
    QCOMPARE(errorOf(octets("00 000004 00000141"), true), DecodeError::Malformed); // no extensions
    QCOMPARE(errorOf(octets("00 000007 00000141 000100"), true), DecodeError::Malformed);
}

void TlsHandshakeMessageTest::certificateLimits() {
    QByteArrayList many;
    for (int i = 0; i < 64; ++i) many.append("certificate");
    const QByteArray most = certificateBody(many);
    QVERIFY(!parseCertificate(bytesOf(most), true)->cut);
    many.append("one more");
    const QByteArray more = certificateBody(many);
    const auto message = parseCertificate(bytesOf(more), true);
    QVERIFY(message && message->cut);
    QCOMPARE(message->der.size(), std::size_t{CertificateMessage::kMaxCertificates});

    const QByteArray half(1 << 19, 'x');
    const QByteArray full = certificateBody({half, half});
    QVERIFY(!parseCertificate(bytesOf(full), true)->cut);
    const QByteArray over = certificateBody({half, half, "y"});
    const auto cut = parseCertificate(bytesOf(over), true);
    QVERIFY(cut && cut->cut);
    QCOMPARE(cut->der.size(), std::size_t{2});
}

void TlsHandshakeMessageTest::compressedCertificates() {
    const QByteArray plain = rfc8448::kCertificate.sliced(4);
    for (const Compression& compression : compressions()) {
        const QByteArray body = compressedBody(compression.algorithm, plain.size(), compression.compress(plain));
        const auto message = parseCompressedCertificate(bytesOf(body));
        QVERIFY2(message.has_value(), compression.name);
        QCOMPARE(message->der, parseCertificate(bytesOf(plain), true)->der);
        verifyTruncations(body, parseCompressedCertificate);
    }
}

void TlsHandshakeMessageTest::compressedCertificateLimits() {
    const auto limit = static_cast<qsizetype>(CertificateMessage::kMaxBytes);
    for (const Compression& compression : compressions()) {
        // As long as may be: one certificate in 9 octets of context, lengths and extensions.
        const QByteArray longest = certificateBody({QByteArray(limit - 9, 'x')});
        QCOMPARE(longest.size(), limit);
        const QByteArray body = compressedBody(compression.algorithm, limit, compression.compress(longest));
        const auto message = parseCompressedCertificate(bytesOf(body));
        QVERIFY2(message.has_value(), compression.name);
        QCOMPARE(message->der[0].size(), static_cast<std::size_t>(limit - 9));

        const QByteArray longer = certificateBody({QByteArray(limit - 8, 'x')});
        const QByteArray over = compressedBody(compression.algorithm, limit + 1, compression.compress(longer));
        QCOMPARE(parseCompressedCertificate(bytesOf(over)).error(), DecodeError::LimitReached);
        // It says less than it is: nothing is written past what it says.
        const QByteArray lying = compressedBody(compression.algorithm, 100, compression.compress(longer));
        QCOMPARE(parseCompressedCertificate(bytesOf(lying)).error(), DecodeError::Malformed);
    }
}

void TlsHandshakeMessageTest::damagedCompressedCertificates() {
    const QByteArray plain = rfc8448::kCertificate.sliced(4);
    const auto errorOf = [](const QByteArray& body) {
        const auto message = parseCompressedCertificate(bytesOf(body));
        return message ? std::optional<DecodeError>() : message.error();
    };
    for (const Compression& compression : compressions()) {
        const QByteArray good = compression.compress(plain);
        const int algorithm = compression.algorithm;
        QCOMPARE(errorOf(compressedBody(algorithm, plain.size() + 1, good)), DecodeError::Malformed);
        QCOMPARE(errorOf(compressedBody(algorithm, plain.size() - 1, good)), DecodeError::Malformed);
        QCOMPARE(errorOf(compressedBody(algorithm, plain.size(), good.chopped(1))), DecodeError::Malformed);
        QCOMPARE(errorOf(compressedBody(algorithm, plain.size(), {})), DecodeError::Malformed);
        QCOMPARE(errorOf(compressedBody(algorithm, 0, good)), DecodeError::Malformed);
        QCOMPARE(errorOf(compressedBody(algorithm, plain.size(), QByteArray(50, '\xff'))), DecodeError::Malformed);
        // Sound, but what comes out is cut.
        const QByteArray part = plain.chopped(5);
        QCOMPARE(errorOf(compressedBody(algorithm, part.size(), compression.compress(part))), DecodeError::Malformed);
    }
    QCOMPARE(errorOf(compressedBody(0, plain.size(), deflated(plain))), DecodeError::Unsupported);
    QCOMPARE(errorOf(compressedBody(4, plain.size(), deflated(plain))), DecodeError::Unsupported);
}

void TlsHandshakeMessageTest::certificateStatus() {
    const QByteArray body = '\1' + vector24("OCSP");
    QCOMPARE(*parseCertificateStatus(bytesOf(body)), std::string("OCSP"));
    verifyTruncations(body, parseCertificateStatus);
    const QByteArray multi = '\2' + vector24(vector24("leaf") + vector24("intermediate")); // RFC 6961
    QCOMPARE(*parseCertificateStatus(bytesOf(multi)), std::string("leaf"));
    const QByteArray unknown = '\3' + vector24("x");
    QCOMPARE(parseCertificateStatus(bytesOf(unknown)).error(), DecodeError::Unsupported);

    const QByteArray most = '\1' + vector24(QByteArray(64 << 10, 'o'));
    QCOMPARE(parseCertificateStatus(bytesOf(most))->size(), std::size_t{64U << 10});
    const QByteArray more = '\1' + vector24(QByteArray((64 << 10) + 1, 'o'));
    QCOMPARE(parseCertificateStatus(bytesOf(more)).error(), DecodeError::LimitReached);
}

void TlsHandshakeMessageTest::certificateVerify() {
    QCOMPARE(*parseCertificateVerify(bodyOf(rfc8448::kCertificateVerify)), std::uint16_t{0x0804});
    verifyTruncations(rfc8448::kCertificateVerify.sliced(4), parseCertificateVerify);
}

void TlsHandshakeMessageTest::newSessionTickets() {
    const auto tls13 = [](Bytes body) { return parseNewSessionTicket(body, true); };
    const auto ticket = tls13(bodyOf(rfc8448::kNewSessionTicket));
    QVERIFY(ticket.has_value());
    QCOMPARE(ticket->size(), std::size_t{0xb2});
    QVERIFY(ticket->starts_with("\x2c\x03\x5d\x82") && ticket->ends_with("\x4a\xe4\xd3\x57"));
    verifyTruncations(rfc8448::kNewSessionTicket.sliced(4), tls13);

    const auto tls12 = [](Bytes body) { return parseNewSessionTicket(body, false); };
    const QByteArray body = octets("00001c20 0006 544943 4b4554");
    QCOMPARE(*tls12(bytesOf(body)), std::string("TICKET"));
    verifyTruncations(body, tls12);
}

void TlsHandshakeMessageTest::keyExchangeForms_data() {
    QTest::addColumn<int>("suite");
    QTest::addColumn<int>("version");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("group");
    QTest::addColumn<int>("scheme");
    const QByteArray ecdh = octets("03 001d") + kPoint;
    const QByteArray scheme = octets("0804");
    const QByteArray dh = vector16("prime") + vector16("g") + vector16("public");
    const QByteArray hint = vector16("hint");
    QTest::newRow("ECDHE-RSA 1.2") << 0xc02f << 0x0303 << ecdh + scheme + kSignature << 0x1d << 0x0804;
    QTest::newRow("ECDHE-ECDSA 1.2") << 0xc02c << 0x0303 << ecdh + octets("0403") + kSignature << 0x1d << 0x0403;
    QTest::newRow("ECDHE-RSA 1.0") << 0xc013 << 0x0301 << ecdh + kSignature << 0x1d << -1;
    QTest::newRow("ECDHE-PSK") << 0xd001 << 0x0303 << hint + ecdh << 0x1d << -1;
    QTest::newRow("ECDH anonymous") << 0xc018 << 0x0303 << ecdh << 0x1d << -1;
    QTest::newRow("DHE-RSA 1.2") << 0x009e << 0x0303 << dh + scheme + kSignature << -1 << 0x0804;
    QTest::newRow("DHE-DSS 1.1") << 0x0032 << 0x0302 << dh + kSignature << -1 << -1;
    QTest::newRow("DH anonymous") << 0x00a6 << 0x0303 << dh << -1 << -1;
    QTest::newRow("DHE-PSK") << 0x00aa << 0x0303 << hint + dh << -1 << -1;
    QTest::newRow("PSK-DHE") << 0xc0aa << 0x0303 << hint + dh << -1 << -1;
    QTest::newRow("SRP-RSA") << 0xc01e << 0x0303
                             << vector16("N") + vector16("g") + octets("0173") + vector16("B") + scheme + kSignature
                             << -1 << 0x0804;
    QTest::newRow("RSA export") << 0x0003 << 0x0301 << vector16("modulus") + vector16("exponent") + kSignature << -1
                                << -1;
}

void TlsHandshakeMessageTest::keyExchangeForms() {
    QFETCH(int, suite);
    QFETCH(int, version);
    QFETCH(QByteArray, body);
    QFETCH(int, group);
    QFETCH(int, scheme);
    const auto parse = [&](Bytes bytes) {
        return parseServerKeyExchange(bytes, static_cast<std::uint16_t>(suite), static_cast<std::uint16_t>(version));
    };
    const auto facts = parse(bytesOf(body));
    QVERIFY(facts.has_value());
    QCOMPARE(facts->group ? int{*facts->group} : -1, group);
    QCOMPARE(facts->signatureScheme ? int{*facts->signatureScheme} : -1, scheme);
    verifyTruncations(body, parse);
}

void TlsHandshakeMessageTest::otherKeyExchanges() {
    const QByteArray anything = octets("0102030405");
    // RSA, TLS 1.3, PSK, GOST and a suite that nobody knows: nothing is said, whatever is in it.
    for (const std::uint16_t suite : Numbers{0x002f, 0x1301, 0x00a8, 0xc102, 0x9999}) {
        const auto facts = parseServerKeyExchange(bytesOf(anything), suite, kTls12);
        QVERIFY(facts && !facts->group && !facts->signatureScheme);
    }
    // A curve that is written out (RFC 4492, 5.4).
    const QByteArray explicitCurve = octets("01 0102030405060708");
    const auto facts = parseServerKeyExchange(bytesOf(explicitCurve), 0xc02f, kTls12);
    QVERIFY(facts && !facts->group && !facts->signatureScheme);
}

QTEST_APPLESS_MAIN(TlsHandshakeMessageTest)
#include "tls_handshake_message_test.moc"
