// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "core/path/address_class.h"
#include "core/path/network_range.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace gatescope;
using namespace gatescope::path;
using nlohmann::json;

namespace {
AddressClass classOf(std::string_view text) {
    return classify(*IpAddress::parse(text));
}
} // namespace

class PathAddressTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void boundaries();
    void kinds_data();
    void kinds();
    void longestPrefixFirst();
    void wrappedAddresses();
    void everyRangeIsThere();
    void networkRanges();
};

/// The boundary tests that come with the list of ranges.
void PathAddressTest::boundaries() {
    std::ifstream file(GATESCOPE_SOURCE_DIR "/resources/special-address-ranges.json");
    const json ranges = json::parse(file);
    QVERIFY(ranges.at("boundaryTests").size() >= 8);
    for (const json& test : ranges.at("boundaryTests")) {
        const auto found = classOf(test.at("ip").get<std::string>());
        QCOMPARE(found.kind == AddressKind::Cgnat, test.at("cgnat").get<bool>());
        if (!test.at("cgnat").get<bool>()) QVERIFY(found.kind == AddressKind::Public);
    }
    const auto hasRange = [](std::string_view ip, std::string_view cidr) {
        return std::ranges::any_of(classOf(ip).ranges, [&](const SpecialRange* range) { return range->cidr == cidr; });
    };
    QVERIFY(hasRange("100.64.9.87", "100.64.0.0/11"));
    QVERIFY(hasRange("100.95.255.255", "100.64.0.0/11"));
    QVERIFY(!hasRange("100.96.0.0", "100.64.0.0/11"));
    QVERIFY(hasRange("100.100.0.168", "100.100.0.0/17"));
}

void PathAddressTest::kinds_data() {
    QTest::addColumn<QByteArray>("address");
    QTest::addColumn<QByteArray>("kind");
    const auto add = [](const char* address, const char* kind) {
        QTest::newRow(address) << QByteArray(address) << QByteArray(kind);
    };
    add("8.8.8.8", "public");
    add("100.100.224.1", "cgnat"); // reserved by Foundry, and shared address space all the same
    add("10.255.255.255", "private");
    add("11.0.0.0", "public");
    add("172.15.255.255", "public");
    add("172.16.0.0", "private");
    add("172.30.1.1", "private"); // reserved by the platform within RFC 1918
    add("172.32.0.0", "public");
    add("192.168.0.1", "private");
    add("168.63.129.16", "azure-platform");
    add("168.63.129.17", "public");
    add("169.254.169.254", "azure-platform");
    add("169.254.129.1", "link-local");
    add("127.0.0.1", "loopback");
    add("0.1.2.3", "reserved");
    add("192.0.2.1", "documentation");
    add("203.0.113.1", "documentation");
    add("198.19.0.1", "reserved");
    add("224.0.0.1", "reserved");
    add("255.255.255.255", "reserved");
    add("::1", "loopback");
    add("fd00::1", "private");
    add("fe80::1", "link-local");
    add("2001:db8::1", "documentation");
    add("2a00::1", "public");
}

void PathAddressTest::kinds() {
    QFETCH(QByteArray, address);
    QFETCH(QByteArray, kind);
    QCOMPARE(QByteArray::fromStdString(std::string(toString(classOf(address.toStdString()).kind))), kind);
}

void PathAddressTest::longestPrefixFirst() {
    const auto found = classOf("100.64.9.87").ranges;
    QCOMPARE(found.size(), 2U);
    QCOMPARE(std::string(found[0]->name), std::string("Foundry agent platform reserved"));
    QCOMPARE(std::string(found[1]->cidr), std::string("100.64.0.0/10"));
    QVERIFY(classOf("8.8.8.8").ranges.empty());
}

void PathAddressTest::wrappedAddresses() {
    QVERIFY(classOf("::ffff:100.64.9.87").kind == AddressKind::Cgnat);
    QVERIFY(classOf("64:ff9b::6440:957").kind == AddressKind::Cgnat); // 100.64.9.87
    QCOMPARE(unwrapped(*IpAddress::parse("64:ff9b::6440:957")).toString(), std::string("100.64.9.87"));
    QCOMPARE(unwrapped(*IpAddress::parse("64:ff9c::6440:957")).toString(), std::string("64:ff9c::6440:957"));
}

void PathAddressTest::everyRangeIsThere() {
    std::ifstream file(GATESCOPE_SOURCE_DIR "/resources/special-address-ranges.json");
    const json ranges = json::parse(file);
    std::size_t expected = 0;
    for (const json& range : ranges.at("ranges")) expected += range.at("role") != "unwrap" ? 1 : 0;
    QCOMPARE(specialRanges().size(), expected);
}

void PathAddressTest::networkRanges() {
    const auto range = [](std::string_view text) { return NetworkRange::parse(text).value(); };
    QCOMPARE(range("10.0.9.213/24").toString(), std::string("10.0.9.0/24"));
    QCOMPARE(range("2001:db8::1/32").toString(), std::string("2001:db8::/32"));
    QCOMPARE(range("10.0.9.213").toString(), std::string("10.0.9.213/32"));
    QVERIFY(range("10.0.0.0/8").overlaps(range("10.9.0.0/16")));
    QVERIFY(range("10.9.0.0/16").overlaps(range("10.0.0.0/8")));
    QVERIFY(!range("10.0.0.0/16").overlaps(range("10.1.0.0/16")));
    QVERIFY(!range("0.0.0.0/0").contains(*IpAddress::parse("2001:db8::1")));
    QVERIFY(range("::/0").contains(range("10.0.0.0/8"))); // IPv4 is a part of the 128 bits
    for (const char* text : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0/8", "::/129", "10.0.0.0/-1"})
        QVERIFY2(!NetworkRange::parse(text), text);
}

QTEST_APPLESS_MAIN(PathAddressTest)
#include "path_address_test.moc"
