// SPDX-License-Identifier: Apache-2.0
#include "core/http/content_decoder.h"

#include <QTest>
#include <brotli/encode.h>
#include <random>
#include <string>
#include <zlib.h>
#include <zstd.h>

using namespace gatescope;
using http::ContentDecoder;
using Status = ContentDecoder::Status;

namespace {

/// The encoders are the reference: zlib, brotli and zstd themselves.
std::string deflated(const std::string& text, int windowBits) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string brotlied(const std::string& text) {
    std::size_t length = BrotliEncoderMaxCompressedSize(text.size()) + 64;
    std::string out(length, '\0');
    BrotliEncoderCompress(5, 22, BROTLI_MODE_GENERIC, text.size(), reinterpret_cast<const uint8_t*>(text.data()),
                          &length, reinterpret_cast<uint8_t*>(out.data()));
    out.resize(length);
    return out;
}

std::string zstandard(const std::string& text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
    return out;
}

std::string gzipped(const std::string& text) {
    return deflated(text, MAX_WBITS + 16);
}

std::string encoded(const std::string& text, const std::string& coding) {
    if (coding == "gzip") return gzipped(text);
    if (coding == "deflate") return deflated(text, MAX_WBITS);
    if (coding == "raw") return deflated(text, -MAX_WBITS);
    if (coding == "br") return brotlied(text);
    return zstandard(text);
}

struct Result {
    std::string text;
    Status status;
    bool finished;
    bool operator==(const Result&) const = default;
};

template <typename Next>
Result decode(std::string_view coding, std::string_view bytes, Next&& next, std::uint64_t limit = 1 << 20) {
    ContentDecoder decoder(coding, limit);
    Result result{{}, decoder.status(), false};
    while (!bytes.empty()) {
        const std::size_t length = std::min<std::size_t>(next(), bytes.size());
        result.status = decoder.feed(asBytes(bytes.substr(0, length)), [&](Bytes out) { result.text += asText(out); });
        bytes.remove_prefix(length);
    }
    result.finished = decoder.finished();
    return result;
}

Result atOnce(std::string_view coding, std::string_view bytes, std::uint64_t limit = 1 << 20) {
    return decode(coding, bytes, [] { return std::size_t(-1); }, limit);
}

std::string sample() {
    std::string text;
    std::mt19937 random(3);
    for (int i = 0; i < 6000; ++i) text += "word" + std::to_string(random() % 500) + (i % 11 ? " " : "\n");
    return text;
}

} // namespace

class HttpContentDecoderTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void decodesEach_data();
    void decodesEach();
    void splitsGiveTheSame_data() { decodesEach_data(); }
    void splitsGiveTheSame();
    void prefixesGiveAPrefix_data() { decodesEach_data(); }
    void prefixesGiveAPrefix();
    void passesIdentity();
    void refusesWhatItDoesNotKnow_data();
    void refusesWhatItDoesNotKnow();
    void undoesChains();
    void joinsGzipMembersAndZstdFrames();
    void acceptsZerosBehindGzip();
    void saysMalformed_data();
    void saysMalformed();
    void stopsAtTheLimit_data() { decodesEach_data(); }
    void stopsAtTheLimit();
    void stopsABomb();
};

void HttpContentDecoderTest::decodesEach_data() {
    QTest::addColumn<QString>("encoder");
    QTest::addColumn<QString>("header");
    QTest::newRow("gzip") << "gzip" << "gzip";
    QTest::newRow("x-gzip") << "gzip" << " X-GZip ";
    QTest::newRow("deflate") << "deflate" << "Deflate";
    QTest::newRow("raw deflate") << "raw" << "deflate";
    QTest::newRow("br") << "br" << "br";
    QTest::newRow("zstd") << "zstd" << "zstd";
    QTest::newRow("identity beside") << "gzip" << "identity, gzip,";
}

void HttpContentDecoderTest::decodesEach() {
    QFETCH(QString, encoder);
    QFETCH(QString, header);
    for (const std::string& text : {sample(), std::string("x"), std::string()}) {
        const Result result = atOnce(header.toStdString(), encoded(text, encoder.toStdString()));
        QVERIFY((result == Result{text, Status::Ok, true}));
    }
    QVERIFY(!ContentDecoder(header.toStdString(), 1).isIdentity());
}

void HttpContentDecoderTest::splitsGiveTheSame() {
    QFETCH(QString, encoder);
    QFETCH(QString, header);
    const std::string text = sample();
    const std::string bytes = encoded(text, encoder.toStdString());
    const Result wanted{text, Status::Ok, true};
    QVERIFY(decode(header.toStdString(), bytes, [] { return std::size_t{1}; }) == wanted);
    std::mt19937 random(11);
    for (int round = 0; round < 10; ++round)
        QVERIFY(decode(header.toStdString(), bytes, [&] { return std::size_t{1} + random() % 300; }) == wanted);
}

void HttpContentDecoderTest::prefixesGiveAPrefix() {
    QFETCH(QString, encoder);
    QFETCH(QString, header);
    const std::string text = sample().substr(0, 2000);
    const std::string bytes = encoded(text, encoder.toStdString());
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const Result result = atOnce(header.toStdString(), std::string_view(bytes).substr(0, length));
        QVERIFY(result.status == Status::Ok);
        QVERIFY(!result.finished);
        QVERIFY(text.starts_with(result.text));
    }
}

void HttpContentDecoderTest::passesIdentity() {
    for (const std::string_view header : {"", "identity", "Identity , identity"}) {
        QVERIFY(ContentDecoder(header, 10).isIdentity());
        QVERIFY((atOnce(header, "abc") == Result{"abc", Status::Ok, true}));
    }
}

void HttpContentDecoderTest::refusesWhatItDoesNotKnow_data() {
    QTest::addColumn<QString>("header");
    QTest::newRow("compress") << "compress";
    QTest::newRow("word") << "aws-chunked";
    QTest::newRow("in a chain") << "gzip, sdch";
    QTest::newRow("too long a chain") << "gzip,gzip,gzip,gzip,gzip";
}

void HttpContentDecoderTest::refusesWhatItDoesNotKnow() {
    QFETCH(QString, header);
    QVERIFY(!ContentDecoder(header.toStdString(), 10).isIdentity());
    QVERIFY((atOnce(header.toStdString(), gzipped("abc")) == Result{"", Status::Unsupported, false}));
}

void HttpContentDecoderTest::undoesChains() {
    const std::string text = sample();
    // "gzip, br" was gzip first and br over it.
    const std::string bytes = brotlied(gzipped(text));
    const Result wanted{text, Status::Ok, true};
    QVERIFY(atOnce("gzip, br", bytes) == wanted);
    QVERIFY(decode("gzip, br", bytes, [] { return std::size_t{7}; }) == wanted);
    QVERIFY(atOnce("br, gzip", bytes).status == Status::Malformed);
    QVERIFY(atOnce("deflate,zstd,gzip", gzipped(zstandard(deflated(text, MAX_WBITS)))) == wanted);
}

void HttpContentDecoderTest::joinsGzipMembersAndZstdFrames() {
    const std::string text = sample();
    const auto byteByByte = [] { return std::size_t{1}; };
    const std::string members = gzipped(text) + gzipped("") + gzipped("end");
    QVERIFY((atOnce("gzip", members) == Result{text + "end", Status::Ok, true}));
    QVERIFY((decode("gzip", members, byteByByte) == Result{text + "end", Status::Ok, true}));
    const std::string frames = zstandard(text) + zstandard("end");
    QVERIFY((atOnce("zstd", frames) == Result{text + "end", Status::Ok, true}));
    QVERIFY((decode("zstd", frames, byteByByte) == Result{text + "end", Status::Ok, true}));
}

void HttpContentDecoderTest::acceptsZerosBehindGzip() {
    const std::string zeros(5, '\0');
    QVERIFY((atOnce("gzip", gzipped("abc") + zeros) == Result{"abc", Status::Ok, true}));
    QVERIFY((atOnce("gzip", gzipped("abc") + zeros + "x").status == Status::Malformed));
}

void HttpContentDecoderTest::saysMalformed_data() {
    QTest::addColumn<QString>("header");
    QTest::addColumn<QByteArray>("bytes");
    const auto bytes = [](const std::string& text) { return QByteArray::fromStdString(text); };
    QTest::newRow("plain text as gzip") << "gzip" << QByteArray("{\"a\":1}");
    QTest::newRow("plain text as br") << "br" << QByteArray("{\"model\":\"gpt-4o\",\"usage\":null}");
    QTest::newRow("plain text as zstd") << "zstd" << QByteArray("{\"a\":1}");
    std::string broken = gzipped(sample());
    broken[broken.size() - 6] = static_cast<char>(~broken[broken.size() - 6]);
    QTest::newRow("gzip with a wrong checksum") << "gzip" << bytes(broken);
    QTest::newRow("text behind gzip") << "gzip" << bytes(gzipped("abc") + "more");
    QTest::newRow("text behind deflate") << "deflate" << bytes(deflated("abc", MAX_WBITS) + "more");
    QTest::newRow("text behind br") << "br" << bytes(brotlied("abc") + "more");
}

void HttpContentDecoderTest::saysMalformed() {
    QFETCH(QString, header);
    QFETCH(QByteArray, bytes);
    const Result result = atOnce(header.toStdString(), bytes.toStdString());
    QVERIFY(result.status == Status::Malformed);
    QVERIFY(!result.finished);
    QVERIFY(decode(header.toStdString(), bytes.toStdString(), [] { return std::size_t{1}; }) == result);
}

void HttpContentDecoderTest::stopsAtTheLimit() {
    QFETCH(QString, encoder);
    QFETCH(QString, header);
    const std::string text = sample();
    const std::string bytes = encoded(text, encoder.toStdString());
    const Result wanted{text.substr(0, 1000), Status::LimitReached, false};
    QVERIFY(atOnce(header.toStdString(), bytes, 1000) == wanted);
    QVERIFY(decode(header.toStdString(), bytes, [] { return std::size_t{3}; }, 1000) == wanted);
    // A body of exactly the limit is within it.
    QVERIFY((atOnce(header.toStdString(), bytes, text.size()) == Result{text, Status::Ok, true}));
}

void HttpContentDecoderTest::stopsABomb() {
    const std::string zeros(64U << 20, '\0');
    constexpr std::uint64_t kLimit = 1 << 20;
    for (const char* coding : {"gzip", "br", "zstd"}) {
        const Result once = atOnce(coding, encoded(zeros, coding), kLimit);
        QVERIFY(once.status == Status::LimitReached);
        QCOMPARE(once.text.size(), std::size_t{kLimit});
    }
    // A bomb in a bomb: the inner one is held to the limit as well.
    const Result twice = atOnce("gzip, br", brotlied(gzipped(zeros)), kLimit);
    QVERIFY(twice.status == Status::LimitReached);
    QCOMPARE(twice.text.size(), std::size_t{kLimit});
}

QTEST_APPLESS_MAIN(HttpContentDecoderTest)
#include "http_content_decoder_test.moc"
