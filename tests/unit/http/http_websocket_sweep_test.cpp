// SPDX-License-Identifier: Apache-2.0
// WebSockets: any split gives the same, any prefix is safe, and after a loss nothing is told that was not sent.
#include "tests/unit/http/websocket_dialogue.h"

#include "core/http/websocket_start.h"

#include <QTest>
#include <random>
#include <set>

using namespace gatescope;
using test::FrameMaker;
using test::WebSocketDialogue;

namespace {

std::string unhex(const char* text) {
    return QByteArray::fromHex(text).toStdString();
}

struct Turn {
    unsigned direction;
    std::string text;
};
struct Conversation {
    const char* extensions;
    std::vector<Turn> turns;
};

const std::string kEvent = R"({"type": "response.output_text.delta", "delta": "Gr)"
                           "\xc3\xbc\xc3\x9f"
                           R"(e"})";
const std::string kDone = R"({"type": "response.done", "response": {"usage": {"total_tokens": 12}}})";

std::vector<Conversation> conversations() {
    const auto client = FrameMaker::client;
    const auto server = FrameMaker::server;
    return {
        {"",
         {{0, client(0x81, kEvent) + client(0x01, "{\"frag") + client(0x89, "ping") + client(0x80, "ment\": 1}")},
          {1, server(0x8a, "ping") + server(0x81, kDone) + server(0x82, std::string(300, '\x81')) + server(0x02, "ab") +
                  server(0x00, "") + server(0x80, "cd")},
          {0, client(0x81, std::string(66'000, '{')) + client(0x88, "\x03\xe8")},
          {1, server(0x88, "\x03\xf3"
                           "tired")}}},
        {"permessage-deflate",
         {{1, unhex("c107f248cdc9c90700 c105f200110000 4103f248cd 8900 8004c9c90700 c10b000500faff48656c6c6f00")},
          {0, client(0xc1, unhex("f248cdc9c90700")) + client(0x81, kEvent) + client(0xc1, unhex("f200110000"))},
          {1, unhex("c108f348cdc9c9070000 c105f200110000 c103ffffff c105f200110000") + server(0x81, kDone)}}},
        {"", {{1, server(0x81, kEvent) + unhex("f1f2") + "some noise" + server(0x81, kDone) + server(0x81, "x")}}},
    };
}

template <typename Next>
QByteArray played(const Conversation& conversation, Next&& next, std::size_t limit = std::size_t(-1),
                  bool middle = false) {
    WebSocketDialogue d(middle ? nullptr : conversation.extensions, middle);
    for (const Turn& turn : conversation.turns) {
        std::string_view text = turn.text;
        text = text.substr(0, limit);
        limit -= text.size();
        while (!text.empty()) {
            const std::size_t length = std::min<std::size_t>(next(), text.size());
            d.feed(turn.direction, text.substr(0, length));
            text.remove_prefix(length);
        }
    }
    const QByteArray log = d.fin(1).close().log();
    return d.orderly ? log : log + " disorder";
}

std::size_t whole() {
    return std::size_t(-1);
}
std::size_t single() {
    return 1;
}

} // namespace

class HttpWebSocketSweepTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void wholeIsRight();
    void splitsGiveTheSame();
    void prefixesAreSafe();
    void damagedOctetsAreSafe();
    void lossAnywhere_data();
    void lossAnywhere();
    void lossInsideAMessageKeepsStep();
    void lossOfCompressedMessages();
    void lossOfCompressedMessagesWithoutContext();
    void middleOfAConnection();
    void textThatLooksLikeAFrame();
    void looksLikeWebSocket();
    void manyFalseFramesTakeLinearTime();
};

void HttpWebSocketSweepTest::wholeIsRight() {
    const auto all = conversations();
    const QByteArray event = QByteArray::fromStdString(kEvent);
    const QByteArray done = QByteArray::fromStdString(kDone);
    QCOMPARE(played(all[0], whole), "c text " + event + " | c text {\"fragment\": 1} | s text " + done +
                                        " | s binary <600> | s binary 61626364 | c text <66000> | c close 1000  | "
                                        "(websocket.closed: server: 1011 Internal Error) | s close 1011 tired");
    QCOMPARE(played(all[1], whole),
             "s text Hello | s text Hello | s text Hello | s text Hello | c text Hello | c text " + event +
                 " | c text Hello | s text Hello | s text Hello | (websocket.cannot-inflate: from the server) | s lost "
                 "| s text H~ | s text " +
                 done + " | (websocket.not-closed)");
    QCOMPARE(played(all[2], whole), "s text " + event + " | (websocket.malformed: reserved bit) | s lost | s text " +
                                        done + " | s text x | (websocket.not-closed)");
}

void HttpWebSocketSweepTest::splitsGiveTheSame() {
    std::mt19937 random(3);
    for (const Conversation& conversation : conversations())
        for (const bool middle : {false, true}) {
            const auto all = std::size_t(-1);
            const QByteArray expected = played(conversation, whole, all, middle);
            QCOMPARE(played(conversation, single, all, middle), expected);
            for (int round = 0; round < 25; ++round)
                QCOMPARE(played(conversation, [&] { return 1 + random() % 60; }, all, middle), expected);
        }
}

void HttpWebSocketSweepTest::prefixesAreSafe() {
    for (const Conversation& conversation : conversations()) {
        std::size_t size = 0;
        for (const Turn& turn : conversation.turns) size += turn.text.size();
        for (std::size_t limit = 0; limit <= size; limit += size > 10'000 && limit > 500 ? 4'999 : 1)
            QCOMPARE(played(conversation, single, limit), played(conversation, whole, limit));
    }
}

void HttpWebSocketSweepTest::damagedOctetsAreSafe() {
    std::mt19937 random(17);
    const auto all = conversations();
    for (int round = 0; round < 2'000; ++round) {
        Conversation conversation = all[1 + random() % (all.size() - 1)];
        for (int i = 0; i < 3; ++i) {
            std::string& text = conversation.turns[random() % conversation.turns.size()].text;
            text[random() % text.size()] = static_cast<char>(random());
        }
        QCOMPARE(played(conversation, [&] { return 1 + random() % 100; }), played(conversation, whole));
    }
}

void HttpWebSocketSweepTest::lossAnywhere_data() {
    QTest::addColumn<int>("direction");
    QTest::newRow("client") << 0;
    QTest::newRow("server") << 1;
}

void HttpWebSocketSweepTest::lossAnywhere() {
    QFETCH(int, direction);
    const auto frame = [&](unsigned first, std::string_view text) {
        return FrameMaker::frame(first, text, direction == 0);
    };
    const char* who = direction == 0 ? "c text " : "s text ";
    std::string all;
    std::set<QByteArray> sent;
    for (int i = 0; i < 6; ++i) {
        const std::string text = "{\"type\": \"event\", \"number\": " + std::to_string(i) + "}";
        sent.insert(who + QByteArray::fromStdString(text));
        all += i == 3 ? frame(0x01, text.substr(0, 20)) + frame(0x80, text.substr(20)) : frame(0x81, text);
    }
    const std::string last = frame(0x81, kDone);
    for (std::size_t at = 0; at < all.size(); ++at)
        for (const std::size_t length :
             {std::size_t(1), std::size_t(2), std::size_t(15), std::size_t(60), all.size()}) {
            const std::size_t end = std::min(at + length, all.size());
            WebSocketDialogue d;
            const auto side = static_cast<unsigned>(direction);
            d.feed(side, std::string_view(all).substr(0, at)).gap(side, end - at);
            d.feed(side, all.substr(end) + last).close();
            QByteArray log = d.log();
            QCOMPARE(log.count("websocket.messages-lost"), qsizetype(1));
            const QList<QByteArray> told = log.replace(" | ", "\n").split('\n');
            const QByteArray where = QByteArray::number(qulonglong(at)) + '+' + QByteArray::number(qulonglong(length));
            QVERIFY2(told.contains(who + QByteArray::fromStdString(kDone)), where);
            std::size_t wholeMessages = 0;
            for (const QByteArray& line : told) {
                if (!line.startsWith(who) || line == who + QByteArray::fromStdString(kDone)) continue;
                // Whole as it was sent, or marked and the beginning of one.
                const bool cut = line.endsWith('~');
                wholeMessages += cut ? 0 : 1;
                const bool known = std::any_of(sent.begin(), sent.end(), [&](const QByteArray& message) {
                    return cut ? message.startsWith(line.chopped(1)) : message == line;
                });
                QVERIFY2(known, where + ": " + line);
            }
            // A loss of one octet costs the message that it hits, and one more where the header of the next is hit.
            QVERIFY2(length > 2 || wholeMessages >= 4, where);
        }
}

void HttpWebSocketSweepTest::lossInsideAMessageKeepsStep() {
    const std::string frame = FrameMaker::client(0x82, "0123456789");
    for (std::size_t from = 0; from < 10; ++from)
        for (std::size_t length = 1; from + length <= 10; ++length) {
            WebSocketDialogue d;
            d.client(frame.substr(0, 6 + from)).gap(0, length);
            d.client(frame.substr(6 + from + length) + FrameMaker::client(0x82, "a")).close();
            const QByteArray lost =
                "(websocket.messages-lost: " + QByteArray::number(qulonglong(length)) + " octets) | ";
            const QByteArray cut = "c binary " + QByteArray("0123456789").left(int(from)).toHex() + '~';
            QCOMPARE(d.log(), lost + (from == 0 ? QByteArray("c lost") : cut) + " | c binary 61");
            if (from != 0) QCOMPARE(d.messages[0].wireBytes, std::uint64_t(10));
        }
}

void HttpWebSocketSweepTest::lossOfCompressedMessages() {
    // "Hello", then references to it (RFC 7692, 7.2.3.2).
    const std::string hello = unhex("c107f248cdc9c90700");
    const std::string again = unhex("c105f200110000");
    WebSocketDialogue d("permessage-deflate");
    d.server(hello + hello.substr(0, 5)).gap(1, 3).server(hello.substr(8) + again + hello + again).close();
    const QByteArray log = d.log();
    // The first three octets hold two letters (3 + 2 * 8 bits of 24). Without the lost message only the letter in
    // front of the reference is known of the next; then there is one that needs no other.
    QCOMPARE(log, QByteArray("s text Hello | (websocket.messages-lost: 3 octets) | s text He~ | "
                             "(websocket.cannot-inflate: from the server) | s text H~ | s text Hello | s text Hello"));
}

void HttpWebSocketSweepTest::lossOfCompressedMessagesWithoutContext() {
    // Made with zlib (level 9, raw, window of 15 bits, Z_SYNC_FLUSH) from {"type":"response.done","n":1} by Python.
    const std::string done =
        FrameMaker::server(0xc1, unhex("aa562aa92c4855b2522a4a2d2ec8cf2b4ed54bc9cf4b55d251ca53b232ac0500"));
    WebSocketDialogue d("permessage-deflate; server_no_context_takeover");
    d.server(done).gap(1, 100).server("\xc1\x1f\xc1noise\xc1\x81" + done + done).close();
    QCOMPARE(d.log(),
             QByteArray("s text {\"type\":\"response.done\",\"n\":1} | (websocket.messages-lost: 100 octets) | "
                        "s lost | s text {\"type\":\"response.done\",\"n\":1} | "
                        "s text {\"type\":\"response.done\",\"n\":1}"));
}

void HttpWebSocketSweepTest::middleOfAConnection() {
    WebSocketDialogue d(nullptr);
    d.server("rest of a message\"}" + FrameMaker::server(0x81, kDone) + FrameMaker::server(0x81, "short"));
    d.client("\x12\x34" + FrameMaker::client(0x81, kEvent)).close();
    QCOMPARE(d.log(), "s text " + QByteArray::fromStdString(kDone) + " | s text short | c text " +
                          QByteArray::fromStdString(kEvent));
}

void HttpWebSocketSweepTest::textThatLooksLikeAFrame() {
    // Inside JSON: characters whose UTF-8 ends with 81, and text that quotes JSON.
    const std::string text = "rest \xc3\x81 {\\\"x\\\": 1}\xc3\x81\"{\\\"type\\\": \\\"response.done\\\"}\", "
                             "\"\xc3\x81 [{\\\"a\\\" not JSON: \xc3\x81 {\"x\": \"and so on, and so on, and so on\"}";
    WebSocketDialogue d("", true);
    d.server(text + FrameMaker::server(0x81, kDone)).close();
    QCOMPARE(d.log(), "s text " + QByteArray::fromStdString(kDone));
}

void HttpWebSocketSweepTest::looksLikeWebSocket() {
    bool fromClient = false;
    const std::string good = FrameMaker::server(0x89, "x") + FrameMaker::server(0x81, kDone);
    QVERIFY(http::looksLikeWebSocket(asBytes(good), fromClient));
    QVERIFY(!fromClient);
    const std::string cut =
        FrameMaker::client(0x82, "binary") + FrameMaker::client(0x81, kEvent + std::string(100, ' ')).substr(0, 40);
    QVERIFY(http::looksLikeWebSocket(asBytes(cut), fromClient));
    QVERIFY(fromClient);
    for (const std::string& bad :
         {FrameMaker::server(0x89, "x"), FrameMaker::server(0x81, "not JSON, but a text"), good + "\xff\xff",
          FrameMaker::client(0x81, kEvent) + FrameMaker::server(0x81, kDone), kDone, "x" + good, std::string()})
        QVERIFY(!http::looksLikeWebSocket(asBytes(bad), fromClient));
}

void HttpWebSocketSweepTest::manyFalseFramesTakeLinearTime() {
    for (const char* pattern : {"\xc1\x7d", "\x81\x7d{\"", "\xc1\x01\xf2", "\x81\x10{\"type\": \"\x81\x10 x"}) {
        std::string text;
        while (text.size() < 1U << 20) text += pattern;
        WebSocketDialogue d(nullptr);
        d.server(text);
        for (std::size_t at = 0; at < 20'000; ++at) d.server(std::string_view(text).substr(at, 1));
        QVERIFY(d.close().orderly);
    }
}

QTEST_APPLESS_MAIN(HttpWebSocketSweepTest)
#include "http_websocket_sweep_test.moc"
