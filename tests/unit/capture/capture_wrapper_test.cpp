// SPDX-License-Identifier: Apache-2.0
#include "capture_building.h"
#include "capture_reading.h"

#include <QTest>

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

using namespace gatescope;
using namespace gatescope::capture;
using namespace gatescope::capture::testing;

class CaptureWrapperTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void givesTheSameAsPlain_data();
    void givesTheSameAsPlain();
    void readsPiecesAsOneStream_data() { givesTheSameAsPlain_data(); }
    void readsPiecesAsOneStream();
    void readsEachPrefix_data() { givesTheSameAsPlain_data(); }
    void readsEachPrefix();
    void readsInAnySplit_data() { givesTheSameAsPlain_data(); }
    void readsInAnySplit();
    void tellsDamage_data() { givesTheSameAsPlain_data(); }
    void tellsDamage();
    void refusesNesting();
    void leavesOutPadding();
    void leavesOutSkippableFrames();
    void tellsTrailingBytes();
};

namespace {

std::string plainFile(unsigned packets) {
    std::string file = pcapHeader();
    for (unsigned i = 0; i < packets; ++i)
        file += pcapRecord(kLittle, i, i * 7919 % 1'000'000, 2000, std::string(i % 97, static_cast<char>(i * 31)));
    return file;
}

std::string gzip(const std::string& plain) {
    z_stream stream{};
    constexpr int kGzip = 16 + MAX_WBITS;
    if (deflateInit2(&stream, 6, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
    std::string out(deflateBound(&stream, plain.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int result = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return result == Z_STREAM_END ? out : std::string();
}

std::string zstd(const std::string& plain) {
    std::string out(ZSTD_compressBound(plain.size()), '\0');
    ZSTD_CCtx* context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1); // as the zstd program does
    out.resize(ZSTD_compress2(context, out.data(), out.size(), plain.data(), plain.size()));
    ZSTD_freeCCtx(context);
    return out;
}

std::string lz4(const std::string& plain) {
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled; // as the lz4 program does
    std::string out(LZ4F_compressFrameBound(plain.size(), &preferences), '\0');
    out.resize(LZ4F_compressFrame(out.data(), out.size(), plain.data(), plain.size(), &preferences));
    return out;
}

std::string wrap(const QString& wrapper, const std::string& plain) {
    if (wrapper == "gzip") return gzip(plain);
    return wrapper == "zstd" ? zstd(plain) : lz4(plain);
}

} // namespace

void CaptureWrapperTest::givesTheSameAsPlain_data() {
    QTest::addColumn<QString>("wrapper");
    for (const char* name : {"gzip", "zstd", "lz4"}) QTest::newRow(name) << name;
}

void CaptureWrapperTest::givesTheSameAsPlain() {
    QFETCH(QString, wrapper);
    const std::string plain = plainFile(20'000); // more than one block
    const std::string file = wrap(wrapper, plain);
    const Reading reading = readAll(file);
    QVERIFY2(reading.clean(), qPrintable(reading.message()));
    QCOMPARE(reading.packets, readAll(plain).packets);
    QCOMPARE(QString::fromStdString(reading.info.format), QStringLiteral("pcap (%1)").arg(wrapper));
    QCOMPARE(reading.bytesRead, file.size());
    QCOMPARE(reading.totalBytes, file.size());

    const Section s(kBig);
    const Reading ng = readAll(wrap(wrapper, s.header() + s.interface(1) + s.enhanced(0, 1, 1, "a")));
    QCOMPARE(ng.packets, QStringList{"1 @1000 1/1 if0 link1 61"});
    QCOMPARE(QString::fromStdString(ng.info.format), QStringLiteral("pcapng (%1)").arg(wrapper));
}

void CaptureWrapperTest::readsPiecesAsOneStream() {
    QFETCH(QString, wrapper);
    const std::string plain = plainFile(500);
    const QStringList expected = readAll(plain).packets;
    for (const std::size_t cut : {std::size_t{0}, std::size_t{10}, std::size_t{24}, plain.size() / 2, plain.size()}) {
        const Reading reading = readAll(wrap(wrapper, plain.substr(0, cut)) + wrap(wrapper, plain.substr(cut)));
        QVERIFY2(reading.clean(), qPrintable(reading.message()));
        QCOMPARE(reading.packets, expected);
    }
}

void CaptureWrapperTest::readsEachPrefix() {
    QFETCH(QString, wrapper);
    const std::string plain = plainFile(40);
    const std::string file = wrap(wrapper, plain);
    const QStringList whole = readAll(plain).packets;
    qsizetype last = 0;
    for (std::size_t length = 0; length <= file.size(); ++length) {
        const Reading reading = readAll(file.substr(0, length));
        QCOMPARE(reading.clean(), length == file.size());
        if (reading.openError)
            QCOMPARE(static_cast<int>(reading.openError->kind), static_cast<int>(ErrorKind::UnknownFormat));
        else if (!reading.clean())
            QCOMPARE(reading.findingIds(), QStringList{"capture.unreadable-rest"});
        QVERIFY(reading.packets.size() >= last);
        last = reading.packets.size();
        QCOMPARE(reading.packets, whole.first(last));
    }
    QCOMPARE(last, whole.size());
}

void CaptureWrapperTest::readsInAnySplit() {
    QFETCH(QString, wrapper);
    const std::string plain = plainFile(300);
    const std::string file = wrap(wrapper, plain.substr(0, 5000)) + wrap(wrapper, plain.substr(5000));
    const QStringList whole = readAll(plain).packets;
    for (const std::size_t step : {1, 2, 5, 64, 999}) {
        for (const std::size_t blockBytes : {100, 4096}) {
            const Reading reading = readAll(file, {.blockBytes = blockBytes}, step);
            QVERIFY2(reading.clean(), qPrintable(reading.message()));
            QCOMPARE(reading.packets, whole);
        }
    }
}

void CaptureWrapperTest::tellsDamage() {
    QFETCH(QString, wrapper);
    const std::string plain = plainFile(3000);
    const QStringList whole = readAll(plain).packets;
    std::string file = wrap(wrapper, plain);
    file[file.size() - 2] ^= 0x55; // in the check of the whole, which comes last in all three formats
    const Reading reading = readAll(file);
    QVERIFY(reading.readError);
    QCOMPARE(static_cast<int>(reading.readError->kind), static_cast<int>(ErrorKind::Damaged));
    QVERIFY2(reading.message().startsWith(wrapper + " data damaged near byte"), qPrintable(reading.message()));
    QCOMPARE(reading.packets, whole);
    QCOMPARE(reading.findingIds(), QStringList{"capture.unreadable-rest"});
    QVERIFY(reading.staysAtEnd);
}

void CaptureWrapperTest::refusesNesting() {
    const Reading reading = readAll(gzip(zstd(plainFile(3))));
    QVERIFY(reading.openError);
    QCOMPARE(static_cast<int>(reading.openError->kind), static_cast<int>(ErrorKind::UnknownFormat));
    QVERIFY(reading.message().contains("zstd inside gzip"));
}

void CaptureWrapperTest::leavesOutPadding() {
    const Reading reading = readAll(gzip(plainFile(3)) + std::string(512, '\0'));
    QVERIFY(reading.clean());
    QCOMPARE(reading.packets.size(), 3);
}

void CaptureWrapperTest::leavesOutSkippableFrames() {
    // RFC 8878 section 3.1.2: magic number, length, that many octets.
    const std::string skippable = Octets(kLittle).u32(0x184d2a50).u32(3).text("abc").done();
    QCOMPARE(readAll(skippable + zstd(plainFile(3)) + skippable).packets.size(), 3);
    const Reading lz4First = readAll(lz4(plainFile(3)) + skippable);
    QVERIFY(lz4First.clean());
    QCOMPARE(lz4First.packets.size(), 3);
}

void CaptureWrapperTest::tellsTrailingBytes() {
    const Reading reading = readAll(gzip(plainFile(3)) + "garbage");
    QCOMPARE(reading.packets.size(), 3);
    QVERIFY(reading.readError);
    QVERIFY2(reading.message().contains("what follows"), qPrintable(reading.message()));
}

QTEST_APPLESS_MAIN(CaptureWrapperTest)
#include "capture_wrapper_test.moc"
