// SPDX-License-Identifier: Apache-2.0
#include "core/http/message.h"

#include <QTest>

using namespace gatescope::http;

class HttpMessageTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void comparesNamesInAnyCase();
    void keepsOrderAndCase();
    void findsTheFirstInAnyCase();
    void clearForgets();
    void namesVersionsAsTheContract();
};

void HttpMessageTest::comparesNamesInAnyCase() {
    QVERIFY(equalsIgnoreCase("X-MS-Foundry", "x-ms-foundry"));
    QVERIFY(equalsIgnoreCase("", ""));
    QVERIFY(!equalsIgnoreCase("a", "ab"));
    // '@' and '`', '[' and '{' differ by the bit that makes a letter lower case.
    QVERIFY(!equalsIgnoreCase("@", "`"));
    QVERIFY(!equalsIgnoreCase("[", "{"));
}

void HttpMessageTest::keepsOrderAndCase() {
    HeaderList headers;
    headers.add("Host", "a.example");
    headers.add("X-Empty", "");
    headers.add("set-cookie", "a=1");
    headers.add("Set-Cookie", "b=2");
    QCOMPARE(headers.size(), std::size_t{4});
    QVERIFY(headers[0].name == "Host" && headers[0].value == "a.example");
    QVERIFY(headers[1].name == "X-Empty" && headers[1].value.empty());
    QVERIFY(headers[2].name == "set-cookie" && headers[2].value == "a=1");
    QVERIFY(headers[3].name == "Set-Cookie" && headers[3].value == "b=2");
    QCOMPARE(headers.bytes(), std::string_view("Hosta.exampleX-Emptyset-cookiea=1Set-Cookieb=2").size());
}

void HttpMessageTest::findsTheFirstInAnyCase() {
    HeaderList headers;
    headers.add("SET-Cookie", "a=1");
    headers.add("set-cookie", "b=2");
    headers.add("X-Empty", "");
    QVERIFY(headers.find("Set-Cookie") == "a=1");
    QVERIFY(headers.find("x-empty").has_value());
    QVERIFY(!headers.find("x-none").has_value());
    QVERIFY(!headers.find("").has_value());
}

void HttpMessageTest::clearForgets() {
    HeaderList headers;
    headers.add("a", "1");
    headers.clear();
    QCOMPARE(headers.size(), std::size_t{0});
    QVERIFY(!headers.find("a").has_value());
    headers.add("b", "2");
    QVERIFY(headers[0].name == "b" && headers[0].value == "2");
}

void HttpMessageTest::namesVersionsAsTheContract() {
    QVERIFY(toString(Version::Http10) == "http/1.0");
    QVERIFY(toString(Version::Http11) == "http/1.1");
    QVERIFY(toString(Version::H2) == "h2");
    QVERIFY(toString(Version::H2c) == "h2c");
    QVERIFY(toString(Version::WebSocket) == "websocket");
    QVERIFY(toString(Version::H3) == "h3");
}

QTEST_APPLESS_MAIN(HttpMessageTest)
#include "http_message_test.moc"
