// SPDX-License-Identifier: Apache-2.0
// Any split of the octets gives the same exchanges; any prefix and any damage is safe.
#include "tests/unit/http/http2_conversation.h"

#include <QTest>
#include <random>

using namespace gatescope;
using namespace gatescope::test::h2;

namespace {

/// Frames that the protocol forbids, but whose lengths can be believed.
Conversation rude() {
    Encoder up, down;
    Conversation turns;
    const auto client = [&](std::initializer_list<std::string> frames) { turns.push_back({0, joined(frames)}); };
    const auto server = [&](std::initializer_list<std::string> frames) { turns.push_back({1, joined(frames)}); };
    client({std::string(kPreface), frame(4, 0, 3, ""), data(0, "nowhere"), frame(8, 0, 1, "123"),
            up.headers(1, request("POST", "/x")), frame(0, Padded, 1, number(9, 1) + "short"),
            frame(9, EndHeaders, 1, "\x82"), data(1, "y", EndStream)});
    server({settings(), frame(1, 0, 1, "\x88"), data(1, "between"), down.headers(1, response(200)),
            data(1, "z", EndStream)});
    client({up.headers(2, request("GET", "/even"), EndHeaders | EndStream),
            frame(1, EndHeaders | EndStream, 3, "\xff\xff\xff"),
            up.headers(5, request("GET", "/five"), EndHeaders | EndStream)});
    server({down.headers(5, response(200), EndHeaders | EndStream)});
    return turns;
}

/// Everything but the times.
QByteArray describe(Dialogue& d) {
    QByteArray text = d.log();
    for (std::size_t i = 0; i < d.exchanges.size(); ++i) {
        const http::Exchange& x = d.exchanges[i];
        text += " #" + QByteArray::number(x.indexInConnection);
        for (const auto* headers : {&x.request.headers, &x.response.headers})
            for (std::size_t n = 0; n < headers->size(); ++n)
                text += ' ' + QByteArray::fromStdString(std::string((*headers)[n].name) + '=' +
                                                        std::string((*headers)[n].value));
    }
    return text + (d.orderly ? "" : " disorder");
}

/// Plays a conversation in pieces of the lengths that `next` gives, up to `limit` octets.
template <typename Next>
QByteArray played(const Conversation& conversation, Next&& next, std::size_t limit = std::size_t(-1)) {
    Dialogue d;
    for (const Turn& turn : conversation) {
        std::string_view octets = turn.octets;
        octets = octets.substr(0, limit);
        limit -= octets.size();
        while (!octets.empty()) {
            const std::size_t length = std::min<std::size_t>(next(), octets.size());
            d.feed(turn.direction, octets.substr(0, length));
            octets.remove_prefix(length);
        }
    }
    d.fin(1).fin(0).close();
    return describe(d);
}

std::size_t whole() {
    return std::size_t(-1);
}

} // namespace

class HttpHttp2SweepTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void wholeIsRight();
    void splitsGiveTheSame();
    void everyBoundary();
    void prefixesAreSafe();
    void damagedOctetsAreSafe();
};

void HttpHttp2SweepTest::wholeIsRight() {
    const QByteArray log = played(busy(), whole);
    QVERIFY2(log.startsWith("1 POST /one [firstsecond] 200 [answer] | 2 GET /pushed 200 | 5 POST /five [upload]~ -~ "
                            "(client-rst-stream) (http2.stream-reset) | 3 GET /three 200 [abbccc] | 7 PUT /seven 429 "
                            "[slow down] | 9 GET /nine -~ #0 "),
             log.constData());
    QVERIFY(log.contains(" x-id=3 "));
    const QByteArray odd = played(rude(), whole);
    QVERIFY2(odd.startsWith("1 POST /x [y] 200 [z] "), odd.constData());
    QVERIFY2(odd.contains("(http2.frame-error)") && odd.contains("(http2.hpack-error)"), odd.constData());
    QVERIFY2(odd.contains("5 GET /five 200"), odd.constData());
}

void HttpHttp2SweepTest::splitsGiveTheSame() {
    std::mt19937 random(11);
    for (const Conversation& conversation : {busy(), rude()}) {
        const QByteArray log = played(conversation, whole);
        QCOMPARE(played(conversation, [] { return std::size_t(1); }), log);
        for (int round = 0; round < 300; ++round)
            QCOMPARE(played(conversation, [&] { return 1 + random() % 40; }), log);
    }
}

void HttpHttp2SweepTest::everyBoundary() {
    const Conversation conversation = busy();
    const QByteArray log = played(conversation, whole);
    for (std::size_t turn = 0; turn < conversation.size(); ++turn) {
        for (std::size_t at = 1; at < conversation[turn].octets.size(); ++at) {
            Conversation split = conversation;
            split[turn].octets = conversation[turn].octets.substr(0, at);
            split.insert(split.begin() + std::ptrdiff_t(turn) + 1,
                         {conversation[turn].direction, conversation[turn].octets.substr(at)});
            QCOMPARE(played(split, whole), log);
        }
    }
}

void HttpHttp2SweepTest::prefixesAreSafe() {
    for (const Conversation& conversation : {busy(), rude()}) {
        std::size_t size = 0;
        for (const Turn& turn : conversation) size += turn.octets.size();
        for (std::size_t limit = 0; limit <= size; ++limit) {
            const QByteArray log = played(conversation, whole, limit);
            QVERIFY2(!log.contains("disorder"), log.constData());
            QCOMPARE(played(conversation, [] { return std::size_t(1); }, limit), log);
        }
    }
}

void HttpHttp2SweepTest::damagedOctetsAreSafe() {
    std::mt19937 random(13);
    const Conversation good[]{busy(), rude()};
    for (int round = 0; round < 5'000; ++round) {
        Conversation conversation = good[round % 2];
        for (int i = 0; i < 3; ++i) {
            std::string& octets = conversation[random() % conversation.size()].octets;
            octets[random() % octets.size()] = static_cast<char>(random());
        }
        const QByteArray log = played(conversation, [&] { return 1 + random() % 200; });
        QVERIFY2(!log.contains("disorder"), log.constData());
    }
}

QTEST_APPLESS_MAIN(HttpHttp2SweepTest)
#include "http_http2_sweep_test.moc"
