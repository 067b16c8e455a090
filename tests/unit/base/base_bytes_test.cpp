// SPDX-License-Identifier: Apache-2.0
#include "core/base/byte_reader.h"
#include "core/base/finding.h"
#include "core/base/hash.h"

#include <QTest>
#include <array>
#include <string>
#include <vector>

using namespace gatescope;

class BaseBytesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void reads();
    void staysFailed();
    void loads();
    void hashSpreads();
    void severities();
};

void BaseBytesTest::reads() {
    const std::vector<std::uint8_t> bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18};
    ByteReader reader(bytes);
    QCOMPARE(reader.u8(), std::uint8_t(1));
    QCOMPARE(reader.u16(), std::uint16_t(0x0203));
    QCOMPARE(reader.u32(), 0x04050607U);
    QCOMPARE(reader.u64(), std::uint64_t(0x08090a0b0c0d0e0fULL));
    QCOMPARE(reader.position(), std::size_t(15));
    reader.skip(1);
    const Bytes rest = reader.take(2);
    QCOMPARE(rest.size(), std::size_t(2));
    QCOMPARE(rest[0], std::uint8_t(17));
    QCOMPARE(reader.remaining(), std::size_t(0));
    QVERIFY(reader.take(0).empty());
    QVERIFY(!reader.failed());
}

void BaseBytesTest::staysFailed() {
    const std::vector<std::uint8_t> bytes{1, 2, 3};
    ByteReader reader(bytes);
    QCOMPARE(reader.u32(), 0U);
    QVERIFY(reader.failed());
    QCOMPARE(reader.u8(), std::uint8_t(0)); // although there is one
    QCOMPARE(reader.position(), std::size_t(0));
    ByteReader other(bytes);
    QVERIFY(other.take(4).empty());
    QVERIFY(other.failed());
    ByteReader third(bytes);
    third.skip(std::size_t(-1));
    QVERIFY(third.failed());
    QVERIFY(ByteReader(Bytes{}).remaining() == 0);
}

void BaseBytesTest::loads() {
    const std::array<std::uint8_t, 5> bytes{0xff, 0x01, 0x02, 0x03, 0x04}; // at an odd address
    QCOMPARE(loadBigEndian<std::uint32_t>(bytes.data() + 1), 0x01020304U);
    QCOMPARE(loadLittleEndian<std::uint32_t>(bytes.data() + 1), 0x04030201U);
    QCOMPARE(loadBigEndian<std::uint16_t>(bytes.data()), std::uint16_t(0xff01));
}

void BaseBytesTest::hashSpreads() {
    // Numbered texts of one length, of many lengths, and numbers: in 1,024 slots no slot has far more than its share.
    // With 102,400 keys a slot holds 100 +- 10; 200 is ten standard deviations off.
    const auto spread = [](auto&& hashOf) {
        std::array<int, 1024> low{}, high{};
        for (std::uint64_t i = 0; i < 102'400; ++i) {
            const std::uint64_t hash = hashOf(i);
            ++low[hash % 1024];
            ++high[(hash >> 40) % 1024]; // the pipeline chooses workers by these
        }
        return std::max(*std::max_element(low.begin(), low.end()), *std::max_element(high.begin(), high.end()));
    };
    QVERIFY(spread([](std::uint64_t i) { return hashBytes("agent-" + std::to_string(1'000'000 + i)); }) < 200);
    QVERIFY(spread([](std::uint64_t i) { return hashBytes(std::string(i % 700, 'a') + std::to_string(i)); }) < 200);
    QVERIFY(spread([](std::uint64_t i) { return mix64(i, 0); }) < 200);
    QVERIFY(spread([](std::uint64_t i) { return mix64(i << 32, 7); }) < 200);
    QVERIFY(hashBytes("") != hashBytes(std::string_view("\0", 1)));
    QVERIFY(hashBytes(std::string_view("\0", 1)) != hashBytes(std::string_view("\0\0", 2)));
    QCOMPARE(hashBytes("same text"), hashBytes(std::string("same ") + "text"));
}

void BaseBytesTest::severities() {
    for (const Severity severity : {Severity::Info, Severity::Low, Severity::Medium, Severity::High})
        QVERIFY(parseSeverity(toString(severity)) == severity);
    QVERIFY(!parseSeverity("High").has_value());
    QVERIFY(!parseSeverity("").has_value());
}

QTEST_APPLESS_MAIN(BaseBytesTest)
#include "base_bytes_test.moc"
