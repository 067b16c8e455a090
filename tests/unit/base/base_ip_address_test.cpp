// SPDX-License-Identifier: Apache-2.0
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "core/base/ip_address.h"

using namespace gatescope;

class BaseIpAddressTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void addresses_data();
    void addresses();
    void refused_data();
    void refused();
    void endpoints_data();
    void endpoints();
    void ranges_data();
    void ranges();
    void mappedIsTheSame();
};

void BaseIpAddressTest::addresses_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* text, const char* expected) {
        QTest::newRow(text) << QByteArray(text) << QByteArray(expected);
    };
    row("10.0.9.213", "10.0.9.213");
    row("0.0.0.0", "0.0.0.0");
    row("255.255.255.255", "255.255.255.255");
    // RFC 5952, 1 to 4.
    for (const char* same :
         {"2001:db8:0:0:1:0:0:1", "2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", "2001:db8::0:1:0:0:1",
          "2001:0db8::1:0:0:1", "2001:db8:0:0:1::1", "2001:db8:0000:0:1::1", "2001:DB8:0:0:1::1"})
        row(same, "2001:db8::1:0:0:1");
    row("2001:0db8::0001", "2001:db8::1");
    row("2001:db8:0:0:0:0:2:1", "2001:db8::2:1");
    row("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
    row("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");
    row("2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1");
    row("::", "::");
    row("::1", "::1");
    row("fe80::", "fe80::");
    row("64:ff9b::192.0.2.33", "64:ff9b::c000:221");
    row("::ffff:192.0.2.1", "192.0.2.1"); // mapped: the same address
}

void BaseIpAddressTest::addresses() {
    QFETCH(QByteArray, text);
    const auto address = IpAddress::parse(text.toStdString());
    QVERIFY(address.has_value());
    QTEST(QByteArray::fromStdString(address->toString()), "expected");
    QVERIFY(IpAddress::parse(address->toString()) == address);
}

void BaseIpAddressTest::refused_data() {
    QTest::addColumn<QByteArray>("text");
    for (const char* text : {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.-4", " 1.2.3.4", "1.2.3.4 ", "::1::",
                             "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "[::1]", "fe80::1%eth0", "10.0.0.0/8",
                             "localhost", "1.2.3.4:80", "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"})
        QTest::newRow(text) << QByteArray(text);
    QTest::newRow("zero octet") << QByteArray("1.2.3.4\0x", 9);
}

void BaseIpAddressTest::refused() {
    QFETCH(QByteArray, text);
    QVERIFY(!IpAddress::parse(text.toStdString()).has_value());
}

void BaseIpAddressTest::endpoints_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected"); // empty: refused
    const auto row = [](const char* text, const char* expected) {
        QTest::newRow(text) << QByteArray(text) << QByteArray(expected);
    };
    row("10.0.9.213:10095", "10.0.9.213:10095");
    row("10.0.9.213", "10.0.9.213:0");
    row("[2001:db8::1]:443", "[2001:db8::1]:443");
    row("[2001:db8::1]", "[2001:db8::1]:0");
    row("2001:db8::1", "[2001:db8::1]:0");
    row("10.0.0.1:65535", "10.0.0.1:65535");
    row("[::ffff:10.0.0.1]:80", "10.0.0.1:80");
    for (const char* text : {"", ":", ":80", "10.0.0.1:", "10.0.0.1:65536", "10.0.0.1:-1", "10.0.0.1:+1", "10.0.0.1:8x",
                             "10.0.0.1: 80", "[::1", "[::1]80", "[::1]:", "[]:80", "[::1]:99999999999", "host:80"})
        row(text, "");
}

void BaseIpAddressTest::endpoints() {
    QFETCH(QByteArray, text);
    const auto endpoint = Endpoint::parse(text.toStdString());
    QTEST(endpoint ? QByteArray::fromStdString(endpoint->toString()) : QByteArray(), "expected");
}

void BaseIpAddressTest::ranges_data() {
    QTest::addColumn<QByteArray>("range");
    QTest::addColumn<QByteArray>("inside");
    QTest::addColumn<QByteArray>("outside");
    const auto row = [](const char* range, const char* inside, const char* outside) {
        QTest::newRow(range) << QByteArray(range) << QByteArray(inside) << QByteArray(outside);
    };
    row("100.64.0.0/10", "100.64.0.0 100.127.255.255 100.64.9.87", "100.63.255.255 100.128.0.0 ::"); // RFC 6598
    row("172.16.0.0/12", "172.16.0.0 172.31.255.255", "172.15.255.255 172.32.0.0");
    row("10.1.2.3/8", "10.0.0.0 10.255.255.255", "11.0.0.0 9.255.255.255"); // host bits do not count
    row("192.0.2.7", "192.0.2.7", "192.0.2.6 192.0.2.8");
    row("192.0.2.7/32", "192.0.2.7 ::ffff:192.0.2.7", "192.0.2.6");
    row("0.0.0.0/0", "0.0.0.0 255.255.255.255", "::1 2001:db8::1");
    row("fc00::/7", "fc00:: fdff:ffff::1", "fbff:: fe00::");
    row("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::");
    row("::1/128", "::1", ":: ::2");
    for (const char* text : {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "10.0.0/8", "10.0.0.0/8x"})
        row(text, "", "");
}

void BaseIpAddressTest::ranges() {
    QFETCH(QByteArray, range);
    QFETCH(QByteArray, inside);
    QFETCH(QByteArray, outside);
    const auto cidr = Cidr::parse(range.toStdString());
    QCOMPARE(cidr.has_value(), !inside.isEmpty());
    if (!cidr) return;
    for (const QByteArray& text : inside.split(' '))
        QVERIFY2(cidr->contains(*IpAddress::parse(text.toStdString())), text);
    for (const QByteArray& text : outside.split(' '))
        QVERIFY2(!cidr->contains(*IpAddress::parse(text.toStdString())), text);
}

void BaseIpAddressTest::mappedIsTheSame() {
    const std::uint8_t four[4] = {192, 0, 2, 1};
    QVERIFY(IpAddress::fromV4(four) == IpAddress::parse("::ffff:192.0.2.1"));
    QVERIFY(IpAddress::fromV4(four).isV4());
    QVERIFY(!IpAddress::parse("::1")->isV4());
    QVERIFY(!IpAddress().isV4());
}

QTEST_APPLESS_MAIN(BaseIpAddressTest)
#include "base_ip_address_test.moc"
