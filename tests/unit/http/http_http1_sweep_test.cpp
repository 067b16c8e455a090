// SPDX-License-Identifier: Apache-2.0
// Any split of the octets gives the same exchanges; any prefix is safe.
#include "tests/unit/http/dialogue.h"

#include <QTest>
#include <random>

using namespace gatescope;
using test::Dialogue;

namespace {

struct Turn {
    unsigned direction;
    std::string text;
};
using Conversation = std::vector<Turn>;

const std::vector<Conversation>& conversations() {
    static const std::vector<Conversation> kAll{
        {{0, "POST /a?b=c HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"},
         {1, "HTTP/1.1 100 Continue\r\nX: y\r\n\r\n"},
         {0, "bodyGET /b HTTP/1.1\r\n\r\nHEAD /c HTTP/1.0\r\n\r\n"},
         {1, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n00a\r\n0123456789\r\n0\r\nTrail: "
             "er\r\n\r\n"
             "HTTP/1.1 404 Not Found\r\nContent-Length: 1000\r\n\r\n"},
         {0, "DELETE /d HTTP/1.1\r\n\r\n"},
         {1, "HTTP/1.1 503 Busy\r\n\r\nuntil the end"}},
        {{0, "\r\nM-SEARCH /x HTTP/1.1\r\n\r\n"},
         {1, "HTTP/1.1 204\r\n\r\n"},
         {0, "GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"},
         {1, "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n\x81\x05hello"},
         {0, "\x81\x85 masked"}},
        {{0, "CONNECT h:443 HTTP/1.1\r\n\r\n"},
         {1, "HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno"},
         {0, "CONNECT h:443 HTTP/1.1\r\n\r\n"},
         {1, "HTTP/1.1 200 Yes\r\n\r\n"},
         {0, "\x16\x03\x01"},
         {1, "\x16\x03\x03"}},
        {{0, "GET /lf HTTP/1.1\nHost: h\n\n"}, {1, "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"}},
    };
    return kAll;
}

/// Plays a conversation in pieces of the lengths that `next` gives, up to `limit` octets.
template <typename Next>
QByteArray played(const Conversation& conversation, Next&& next, std::size_t limit = std::size_t(-1),
                  bool* orderly = nullptr) {
    Dialogue d;
    for (const Turn& turn : conversation) {
        std::string_view text = turn.text;
        text = text.substr(0, limit);
        limit -= text.size();
        while (!text.empty()) {
            const std::size_t length = std::min<std::size_t>(next(), text.size());
            d.feed(turn.direction, text.substr(0, length));
            text.remove_prefix(length);
        }
    }
    QByteArray log = d.fin(1).fin(0).close().log();
    log += ' ' + QByteArray::fromStdString(d.connection.protocol());
    if (orderly)
        *orderly = d.orderly;
    else if (!d.orderly)
        log += " disorder";
    return log;
}

} // namespace

class HttpHttp1SweepTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void splitsGiveTheSame();
    void wholeIsRight();
    void prefixesAreSafe();
    void damagedOctetsAreSafe();
};

void HttpHttp1SweepTest::wholeIsRight() {
    const auto whole = [] { return std::size_t(-1); };
    QCOMPARE(played(conversations()[0], whole),
             QByteArray("POST /a?b=c [body] 200 [hello] | GET /b 200 [abc0123456789] | HEAD /c 404 | DELETE /d 503 "
                        "[until the end] http/1.1"));
    QCOMPARE(played(conversations()[1], whole), QByteArray("M-SEARCH /x 204 | GET /ws 101 (http.upgraded) websocket"));
    QCOMPARE(played(conversations()[2], whole),
             QByteArray("CONNECT h:443 407 [no] | CONNECT h:443 200 (http.upgraded) tunnel"));
    QCOMPARE(played(conversations()[3], whole), QByteArray("GET /lf 200 [hi] http/1.1"));
}

void HttpHttp1SweepTest::splitsGiveTheSame() {
    std::mt19937 random(11);
    for (const Conversation& conversation : conversations()) {
        const QByteArray whole = played(conversation, [] { return std::size_t(-1); });
        QCOMPARE(played(conversation, [] { return std::size_t(1); }), whole);
        for (int round = 0; round < 300; ++round)
            QCOMPARE(played(conversation, [&] { return 1 + random() % 40; }), whole);
    }
}

void HttpHttp1SweepTest::prefixesAreSafe() {
    for (const Conversation& conversation : conversations()) {
        std::size_t size = 0;
        for (const Turn& turn : conversation) size += turn.text.size();
        for (std::size_t limit = 0; limit <= size; ++limit) {
            bool orderly = false;
            const QByteArray whole = played(conversation, [] { return std::size_t(-1); }, limit, &orderly);
            QVERIFY2(orderly, QByteArray::number(qulonglong(limit)) + whole);
            QCOMPARE(played(conversation, [] { return std::size_t(1); }, limit), whole);
        }
    }
}

void HttpHttp1SweepTest::damagedOctetsAreSafe() {
    std::mt19937 random(13);
    for (int round = 0; round < 5'000; ++round) {
        Conversation conversation = conversations()[random() % conversations().size()];
        for (int i = 0; i < 3; ++i) {
            std::string& text = conversation[random() % conversation.size()].text;
            text[random() % text.size()] = static_cast<char>(random());
        }
        bool orderly = false;
        const QByteArray log = played(conversation, [&] { return 1 + random() % 200; }, std::size_t(-1), &orderly);
        QVERIFY2(orderly, log.constData());
    }
}

QTEST_APPLESS_MAIN(HttpHttp1SweepTest)
#include "http_http1_sweep_test.moc"
