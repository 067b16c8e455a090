// SPDX-License-Identifier: Apache-2.0
// Columns are counted by hand. Good filters are those of pcap-filter(7).
#include <QTest>

#include "core/live/filter_check.h"

#include <QElapsedTimer>

using namespace gatescope::live;

class LiveFilterTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void takesGoodFilters_data();
    void takesGoodFilters();
    void pointsAtTheWord_data();
    void pointsAtTheWord();
    void looksUpNoName_data();
    void looksUpNoName();
    void endsOnLongNonsense();
    void describesTheProblem();
};

void LiveFilterTest::takesGoodFilters_data() {
    QTest::addColumn<QByteArray>("filter");
    for (const char* filter : {"",
                               " ",
                               "tcp",
                               "tcp port 8080",
                               "port http",
                               "tcp port https or udp port domain",
                               "host 10.0.0.1 and not port 22",
                               "src net 10.0.0.0/8",
                               "net 10.0.0.0 mask 255.0.0.0",
                               "ip6 host 2001:db8::1",
                               "ether host 02:00:00:00:00:01",
                               "ether src aabb.ccdd.eeff",
                               "portrange 8000-8100",
                               "ip proto \\tcp",
                               "ip proto 47",
                               "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
                               "tcp[13] & 2 != 0",
                               "tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420",
                               "len > 100 and less 1000",
                               "vlan 100 and ip",
                               "not (arp or icmp6)",
                               "! arp && ! icmp",

                               "icmp[icmptype] = icmp-echo",
                               "src host 10.0.0.1 or dst host 10.0.0.2",
                               "tcp src port 443 or 8443",
                               "ip[8] < 5",
                               "ether proto 0x86dd",
                               "ether proto \\ip",
                               "mpls 1024",
                               "pppoes 0x27 and ip",
                               "ip multicast",
                               "ether broadcast",
                               "llc",
                               "host ::1",
                               "net 10.1",
                               "dst port 80 and (src 10.1.1.1 or src 10.1.1.2)",
                               "ip host 10.0.0.1 and 10.0.0.2",
                               "link[0] & 1 = 0"})
        QTest::newRow(filter) << QByteArray(filter);
}

void LiveFilterTest::takesGoodFilters() {
    QFETCH(QByteArray, filter);
    const auto problem = checkFilter(filter.toStdString());
    QVERIFY2(!problem, problem ? describe(*problem, filter.toStdString(), false).c_str() : "");
}

void LiveFilterTest::pointsAtTheWord_data() {
    QTest::addColumn<QByteArray>("filter");
    QTest::addColumn<int>("column");
    QTest::addColumn<int>("length");
    const auto row = [](const char* filter, int column, int length) {
        QTest::newRow(filter) << QByteArray(filter) << column << length;
    };
    row("tcp prot 80", 5, 4);
    row("tcp port", 9, 0);
    row("tcp port 99999", 10, 5);
    row("tcp and", 8, 0);
    row("and tcp", 1, 3);
    row("tcp and and udp", 9, 3);
    row("(tcp or udp", 12, 0);
    row("tcp) or udp", 4, 1);
    row("host 10.0.0.300", 6, 10);
    row("net 10.0.0.0/40", 14, 2);
    row("tcp[13", 7, 0);
    row("tcp[13] &", 10, 0);
    row("tcp[13:3] = 0", 8, 1);
    row("tcp[] = 0", 5, 1);
    row("port 80 port 81", 9, 4);
    row("tcp == udp", 5, 1);
    row("src src 10.0.0.1", 5, 3);
    row("ip proto", 9, 0);
    row("port 80 and host", 17, 0);
    row("portrange 80-", 14, 0);
    row("tcp @ udp", 5, 1);
    row("not", 4, 0);
    row("len >", 6, 0);
    row("len > tcp", 7, 3);
    row("ether host 10.0.0.1", 12, 8);
    row("port http or prot 8080", 14, 4);
}

void LiveFilterTest::pointsAtTheWord() {
    QFETCH(QByteArray, filter);
    QFETCH(int, column);
    QFETCH(int, length);
    const auto problem = checkFilter(filter.toStdString());
    QVERIFY(problem.has_value());
    QCOMPARE(QByteArray::fromStdString(describe(*problem, filter.toStdString(), false)).isEmpty(), false);
    QCOMPARE(static_cast<int>(problem->column), column);
    QCOMPARE(static_cast<int>(problem->length), length);
}

void LiveFilterTest::looksUpNoName_data() {
    QTest::addColumn<QByteArray>("filter");
    QTest::addColumn<int>("column");
    const auto row = [](const char* filter, int column) { QTest::newRow(filter) << QByteArray(filter) << column; };
    row("host gateway.example", 6);
    row("gateway.example", 1);
    row("tcp and src gateway.example", 13);
    row("net corp", 5);
    row("host localhost", 6);
    row("port 80 and src 1and1.example", 17);
    row("port 80 or host 1and1.example", 17);
    row("ether host printer", 12);
    row("host a-b-c", 6);
    row("(host x)", 7);
}

void LiveFilterTest::looksUpNoName() {
    QFETCH(QByteArray, filter);
    QFETCH(int, column);
    QElapsedTimer timer;
    timer.start();
    const auto problem = checkFilter(filter.toStdString());
    QVERIFY(timer.elapsed() < 1000);
    QVERIFY(problem.has_value());
    QCOMPARE(static_cast<int>(problem->column), column);
    QVERIFY(problem->message.find("not looked up") != std::string::npos);
}

void LiveFilterTest::endsOnLongNonsense() {
    for (const std::size_t length : {1000U, 8000U}) {
        std::string filter;
        while (filter.size() < length) filter += "tcp and ( ";
        QElapsedTimer timer;
        timer.start();
        QVERIFY(checkFilter(filter).has_value());
        QVERIFY2(timer.elapsed() < 5000, qPrintable(QString::number(timer.elapsed())));
    }
    QVERIFY(checkFilter(std::string("tcp\0x", 5)).has_value());
}

void LiveFilterTest::describesTheProblem() {
    const std::string filter = "tcp and and udp";
    const auto problem = checkFilter(filter);
    QVERIFY(problem.has_value());
    QCOMPARE(QString::fromStdString(describe(*problem, filter, false)),
             QStringLiteral("syntax error at column 9: `and`"));
    QCOMPARE(QString::fromStdString(describe(*problem, filter, true)),
             QStringLiteral("syntax error at column 9: `and`\n  tcp and and udp\n          ^^^"));
}

QTEST_APPLESS_MAIN(LiveFilterTest)
#include "live_filter_test.moc"
