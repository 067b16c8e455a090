// SPDX-License-Identifier: Apache-2.0
// Loss inside HTTP/1 connections: what was seen is kept, what is incomplete is marked, and reading goes on.
#include "tests/unit/http/dialogue.h"

#include <QTest>

using namespace gatescope;
using test::Dialogue;

namespace {
const std::string kFirst = "POST /one HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789";
const std::string kSecond =
    "POST /two HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n4\r\nghij\r\n0\r\n\r\n";
const std::string kFirstAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nABCDEFGHIJ";
const std::string kSecondAnswer =
    "HTTP/1.1 201 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nklmnop\r\n4\r\nqrst\r\n0\r\n\r\n";
const std::string kThird = "GET /three HTTP/1.1\r\n\r\n";
const std::string kThirdAnswer = "HTTP/1.1 202 OK\r\nContent-Length: 2\r\n\r\nhi";
} // namespace

class HttpHttp1GapTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void insideABodyKeepsStep_data();
    void insideABodyKeepsStep();
    void insideABodyUntilClose();
    void everywhereInRequests();
    void everywhereInResponses();
    void wholeResponseLost();
    void finalResponseLostAfterAnInterimOne();
    void wholeRequestLost();
    void beforeTheFirstOctet();
    void startInsideABody();
    void decoysInBodies_data();
    void decoysInBodies();
    void searchIsGivenUp();
};

void HttpHttp1GapTest::insideABodyKeepsStep_data() {
    QTest::addColumn<int>("from"); // into the body of the first answer
    QTest::addColumn<int>("length");
    for (int from = 0; from < 10; ++from)
        for (int length = 1; from + length <= 10; ++length) QTest::addRow("%d+%d", from, length) << from << length;
}

void HttpHttp1GapTest::insideABodyKeepsStep() {
    QFETCH(int, from);
    QFETCH(int, length);
    const std::size_t at = kFirstAnswer.size() - 10 + static_cast<std::size_t>(from);
    const auto lost = static_cast<std::size_t>(length);
    const std::string body = std::string("ABCDEFGHIJ").erase(static_cast<std::size_t>(from), lost);
    Dialogue d;
    d.client(kFirst).server(kFirstAnswer.substr(0, at)).gap(1, lost);
    if (at + lost < kFirstAnswer.size()) d.server(kFirstAnswer.substr(at + lost));
    d.client(kThird).server(kThirdAnswer).close();
    QByteArray expected =
        "POST /one [0123456789] 200 [" + QByteArray::fromStdString(body) + "]~! (http.body-gap) | GET /three 202 [hi]";
    expected.replace("[]", "").replace("200 ~", "200~");
    QCOMPARE(d.log(), expected);
    QVERIFY(d.orderly);
}

void HttpHttp1GapTest::insideABodyUntilClose() {
    Dialogue d;
    d.client(kThird).server("HTTP/1.1 200 OK\r\n\r\nabc").gap(1, 50'000).server("xyz").fin(1).close();
    QCOMPARE(d.log(), QByteArray("GET /three 200 [abcxyz]~! (http.body-gap)"));
}

void HttpHttp1GapTest::everywhereInRequests() {
    const std::string all = kFirst + kSecond;
    for (std::size_t at = 0; at < all.size(); ++at) {
        for (const std::size_t length :
             {std::size_t(1), std::size_t(2), std::size_t(7), std::size_t(40), all.size() - at}) {
            if (at + length > all.size()) continue;
            Dialogue d;
            // As a connection gives it: answers come after what they answer.
            const auto part = [&](std::size_t from, std::size_t to) {
                const std::size_t a = std::max(from, std::min(at, to));
                const std::size_t b = std::max(from, std::min(at + length, to));
                if (a > from) d.client(all.substr(from, a - from));
                if (b > a) d.gap(0, b - a);
                if (to > b) d.client(all.substr(b, to - b));
            };
            part(0, kFirst.size());
            d.server(kFirstAnswer);
            part(kFirst.size(), all.size());
            d.server(kSecondAnswer).client(kThird).server(kThirdAnswer).close();
            const QByteArray log = d.log();
            const QByteArray where =
                QByteArray::number(qulonglong(at)) + '+' + QByteArray::number(qulonglong(length)) + ": " + log;
            QVERIFY2(d.orderly, where.constData());
            QVERIFY2(log.endsWith("GET /three 202 [hi]"), where.constData());
            QVERIFY2(log.contains(" 200 [ABCDEFGHIJ]") && log.contains(" 201 [klmnopqrst]"), where.constData());
            // Whole where nothing was lost, and only there.
            const bool first = at >= kFirst.size();
            const bool second = at + length <= kFirst.size();
            QVERIFY2(log.contains("POST /one [0123456789] 200 [ABCDEFGHIJ] |") == first, where.constData());
            QVERIFY2(log.contains("POST /two [abcdefghij] 201 [klmnopqrst] |") == second, where.constData());
        }
    }
}

void HttpHttp1GapTest::everywhereInResponses() {
    const std::string all = kFirstAnswer + kSecondAnswer;
    for (std::size_t at = 0; at < all.size(); ++at) {
        for (const std::size_t length :
             {std::size_t(1), std::size_t(2), std::size_t(7), std::size_t(40), all.size() - at}) {
            if (at + length > all.size()) continue;
            Dialogue d;
            const auto part = [&](std::size_t from, std::size_t to) {
                const std::size_t a = std::max(from, std::min(at, to));
                const std::size_t b = std::max(from, std::min(at + length, to));
                if (a > from) d.server(all.substr(from, a - from));
                if (b > a) d.gap(1, b - a);
                if (to > b) d.server(all.substr(b, to - b));
            };
            d.client(kFirst);
            part(0, kFirstAnswer.size());
            d.client(kSecond);
            part(kFirstAnswer.size(), all.size());
            d.client(kThird).server(kThirdAnswer).close();
            const QByteArray log = d.log();
            const QByteArray where =
                QByteArray::number(qulonglong(at)) + '+' + QByteArray::number(qulonglong(length)) + ": " + log;
            QVERIFY2(d.orderly, where.constData());
            QVERIFY2(log.endsWith("GET /three 202 [hi]"), where.constData());
            QCOMPARE(d.exchanges.size(), std::size_t(3));
            const bool first = at >= kFirstAnswer.size();
            const bool second = at + length <= kFirstAnswer.size();
            QVERIFY2(log.startsWith("POST /one [0123456789] 200 [ABCDEFGHIJ] |") == first, where.constData());
            QVERIFY2(log.contains("POST /two [abcdefghij] 201 [klmnopqrst] |") == second, where.constData());
        }
    }
}

void HttpHttp1GapTest::wholeResponseLost() {
    Dialogue d;
    d.client(kFirst).gap(1, kFirstAnswer.size()).client(kThird).server(kThirdAnswer).close();
    QCOMPARE(d.log(), QByteArray("POST /one [0123456789] -~! (http.response-lost) | GET /three 202 [hi]"));
}

void HttpHttp1GapTest::finalResponseLostAfterAnInterimOne() {
    Dialogue d;
    d.client(kFirst)
        .server("HTTP/1.1 100 Continue\r\n\r\n")
        .gap(1, kFirstAnswer.size())
        .client(kThird)
        .server(kThirdAnswer)
        .close();
    QCOMPARE(d.log(), QByteArray("POST /one [0123456789] -~! (http.response-lost) | GET /three 202 [hi]"));
}

void HttpHttp1GapTest::wholeRequestLost() {
    Dialogue d;
    d.client(kThird)
        .server(kThirdAnswer)
        .gap(0, kFirst.size())
        .server(kFirstAnswer)
        .client(kThird)
        .server(kThirdAnswer)
        .close();
    QCOMPARE(d.log(),
             QByteArray("GET /three 202 [hi] | -~ 200 [ABCDEFGHIJ] (http.request-missing) | GET /three 202 [hi]"));
}

void HttpHttp1GapTest::beforeTheFirstOctet() {
    Dialogue d;
    d.gap(0, 5).client(kFirst.substr(5)).server(kFirstAnswer).client(kThird).server(kThirdAnswer).close();
    const QByteArray log = d.log();
    QVERIFY2(log.endsWith("GET /three 202 [hi]") && log.contains("200 [ABCDEFGHIJ]"), log.constData());
}

void HttpHttp1GapTest::startInsideABody() {
    Dialogue d(false);
    d.server("FGHIJ").client(kThird).server(kThirdAnswer).close();
    QCOMPARE(d.log(), QByteArray("GET /three 202 [hi]"));
    Dialogue e(false); // the rest of a body and the next message in one piece
    e.server("GHIJ" + kFirstAnswer).client(kThird).server(kThirdAnswer).close();
    QCOMPARE(e.log(), QByteArray("-~ 200 [ABCDEFGHIJ] (http.request-missing) | GET /three 202 [hi]"));
}

void HttpHttp1GapTest::decoysInBodies_data() {
    QTest::addColumn<QByteArray>("rest");
    QTest::newRow("JSON") << QByteArray(
        R"(x": "GET /decoy HTTP/1.1\r\nHost: d\r\n\r\n", "y": "HTTP/1.1 299 Decoy\r\n\r\n"})");
    QTest::newRow("JSON with lines") << QByteArray(
        "x\": \"GET /decoy HTTP/1.1\",\r\n \"y\": \"HTTP/1.1 299 Decoy\",\r\n \"z\": 1\r\n}");
    QTest::newRow("event stream") << QByteArray(
        "ata: {\"x\": \"HTTP/1.1 299 Decoy\"}\r\n\r\ndata: {\"x\": \"GET /decoy HTTP/1.1\"}\r\n\r\n");
    QTest::newRow("log lines") << QByteArray(
        "10.0.0.1 \"GET /decoy HTTP/1.1\" 299\r\n10.0.0.1 \"POST /decoy HTTP/1.1\" 299\r\n");
}

void HttpHttp1GapTest::decoysInBodies() {
    QFETCH(QByteArray, rest);
    Dialogue d(false);
    d.server(rest.toStdString()).client(kThird).server(kThirdAnswer).close();
    QCOMPARE(d.log(), QByteArray("GET /three 202 [hi]"));
    Dialogue e; // the same after a loss
    e.client(kThird)
        .server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        .gap(1, 99)
        .server(rest.toStdString());
    e.client(kThird).server(kThirdAnswer).close();
    QCOMPARE(e.log(), QByteArray("GET /three 200~! (http.body-gap) | GET /three 202 [hi]"));
    Dialogue f(false); // and in the other direction
    f.client(rest.toStdString()).client(kThird).server(kThirdAnswer).close();
    QCOMPARE(f.log(), QByteArray("GET /three 202 [hi]"));
}

void HttpHttp1GapTest::searchIsGivenUp() {
    Dialogue d(false);
    const std::string noise(1U << 20, 'n');
    for (int i = 0; i < 5; ++i) d.client(noise);
    d.client("\r\n" + kThird).close();
    QCOMPARE(d.log(), QByteArray());
}

QTEST_APPLESS_MAIN(HttpHttp1GapTest)
#include "http_http1_gap_test.moc"
