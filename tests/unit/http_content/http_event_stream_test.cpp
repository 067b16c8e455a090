// SPDX-License-Identifier: Apache-2.0
#include "core/http/event_stream.h"

#include <QTest>
#include <random>
#include <utility>
#include <vector>

using namespace gatescope;
using http::EventStreamDecoder;
using http::ServerSentEvent;

namespace {

using Events = std::vector<std::pair<std::string, std::string>>;

/// Feeds `text` in pieces of the lengths that `next` gives. Each piece lies in memory of its own, which is gone after
/// the call, so that a view kept too long is seen by the address sanitizer.
template <typename Next>
Events decoded(std::string_view text, Next&& next, std::size_t limit = 1024 * 1024,
               std::uint64_t* oversized = nullptr) {
    EventStreamDecoder decoder(limit);
    Events events;
    while (!text.empty()) {
        const std::vector<char> piece(text.begin(), text.begin() + std::min<std::size_t>(next(), text.size()));
        text.remove_prefix(piece.size());
        decoder.feed(asBytes({piece.data(), piece.size()}),
                     [&](const ServerSentEvent& event) { events.emplace_back(event.name, event.data); });
    }
    if (oversized) *oversized = decoder.oversizedEvents();
    return events;
}

Events whole(std::string_view text, std::size_t limit = 1024 * 1024, std::uint64_t* oversized = nullptr) {
    return decoded(text, [] { return std::size_t(-1); }, limit, oversized);
}

} // namespace

class HttpEventStreamTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void decodes_data();
    void decodes();
    void splitsGiveTheSame_data() { decodes_data(); }
    void splitsGiveTheSame();
    void prefixesGiveAPrefix();
    void passesWithoutACopy();
    void saysThatAnEventIsPartial();
    void dropsWhatIsTooLong_data();
    void dropsWhatIsTooLong();
    void gapGivesUpTheEventUnderWay();
    void resetBeginsAnew();
};

void HttpEventStreamTest::decodes_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QStringList>("expected"); // name, data, name, data, ...
    // The examples of WHATWG HTML, 9.2.6.
    QTest::newRow("example of three messages")
        << QByteArray(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n")
        << QStringList{"", "first event", "", "second event", "", " third event"};
    QTest::newRow("example of empty data")
        << QByteArray("data\n\ndata\ndata\n\ndata:") << QStringList{"", "", "", "\n"};
    QTest::newRow("example of a space") << QByteArray("data:test\n\ndata: test\n\n")
                                        << QStringList{"", "test", "", "test"};
    QTest::newRow("example of stock") << QByteArray("data: YHOO\ndata: +2\ndata: 10\n\n")
                                      << QStringList{"", "YHOO\n+2\n10"};
    QTest::newRow("names") << QByteArray("event: add\ndata: 1\n\ndata: 2\n\nevent:remove\ndata:3\n\n")
                           << QStringList{"add", "1", "", "2", "remove", "3"};
    QTest::newRow("name without data") << QByteArray("event: add\n\ndata: 2\n\n") << QStringList{"", "2"};
    QTest::newRow("last name wins") << QByteArray("event: a\nevent: b\ndata: 2\n\n") << QStringList{"b", "2"};
    QTest::newRow("empty name") << QByteArray("event: a\nevent\ndata: 2\n\n") << QStringList{"", "2"};
    QTest::newRow("crlf") << QByteArray("event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n") << QStringList{"a", "1", "", "2"};
    QTest::newRow("cr") << QByteArray("event: a\rdata: 1\r\rdata: 2\r\r") << QStringList{"a", "1", "", "2"};
    QTest::newRow("mixed") << QByteArray("data: 1\r\n\ndata: 2\n\rdata: 3\r\r\ndata: 4\n\r\n")
                           << QStringList{"", "1", "", "2", "", "3", "", "4"};
    QTest::newRow("byte order mark") << QByteArray("\xEF\xBB\xBF"
                                                   "data: 1\n\n\xEF\xBB\xBF"
                                                   "data: 2\n\ndata: 3\n\n")
                                     << QStringList{"", "1", "", "3"};
    QTest::newRow("only a mark") << QByteArray("\xEF\xBB\xBF\n\n") << QStringList{};
    QTest::newRow("unknown fields") << QByteArray("datax: 1\nfoo: 2\n data: 3\nDATA: 4\ndata: 5\n\n")
                                    << QStringList{"", "5"};
    QTest::newRow("no last blank line") << QByteArray("data: 1\n\ndata: 2\n") << QStringList{"", "1"};
    QTest::newRow("many blank lines") << QByteArray("\n\n\r\n\rdata: 1\n\n\n\n\n") << QStringList{"", "1"};
    QTest::newRow("colons in the data") << QByteArray("data: {\"a\":\"b: c\"}\n\n")
                                        << QStringList{"", "{\"a\":\"b: c\"}"};
}

static Events expectedEvents(const QStringList& list) {
    Events events;
    for (int i = 0; i + 1 < list.size(); i += 2) events.emplace_back(list[i].toStdString(), list[i + 1].toStdString());
    return events;
}

void HttpEventStreamTest::decodes() {
    QFETCH(QByteArray, text);
    QFETCH(QStringList, expected);
    QVERIFY(whole(text.toStdString()) == expectedEvents(expected));
}

void HttpEventStreamTest::splitsGiveTheSame() {
    QFETCH(QByteArray, text);
    QFETCH(QStringList, expected);
    const std::string bytes = text.toStdString();
    const Events wanted = expectedEvents(expected);
    QVERIFY(decoded(bytes, [] { return std::size_t{1}; }) == wanted);
    for (std::size_t first = 1; first < bytes.size(); ++first) {
        bool begun = false;
        const auto cut = [&] { return std::exchange(begun, true) ? std::size_t(-1) : first; };
        QVERIFY2(decoded(bytes, cut) == wanted, std::to_string(first).c_str());
    }
    std::mt19937 random(7);
    for (int round = 0; round < 50; ++round)
        QVERIFY(decoded(bytes, [&] { return std::size_t{1} + random() % 9; }) == wanted);
}

void HttpEventStreamTest::prefixesGiveAPrefix() {
    const std::string text = "event: a\ndata: 1\n\ndata: 2\r\n\r\n: c\n\ndata: 3\ndata: 4\n\n";
    const Events all = whole(text);
    QCOMPARE(all.size(), std::size_t{3});
    for (std::size_t length = 0; length < text.size(); ++length) {
        const Events some = whole(std::string_view(text).substr(0, length));
        QVERIFY(some.size() <= all.size());
        QVERIFY(std::equal(some.begin(), some.end(), all.begin()));
    }
}

void HttpEventStreamTest::passesWithoutACopy() {
    const std::string text = "event: delta\ndata: {\"x\":1}\n\n";
    EventStreamDecoder decoder;
    int seen = 0;
    decoder.feed(asBytes(text), [&](const ServerSentEvent& event) {
        ++seen;
        QVERIFY(event.data.data() == text.data() + text.find('{'));
        QVERIFY(event.name.data() == text.data() + text.find("delta"));
    });
    QCOMPARE(seen, 1);
}

void HttpEventStreamTest::saysThatAnEventIsPartial() {
    EventStreamDecoder decoder;
    const auto ignore = [](const ServerSentEvent&) {};
    decoder.feed(asBytes("data: 1\n\n"), ignore);
    QVERIFY(!decoder.hasPartialEvent());
    decoder.feed(asBytes("da"), ignore);
    QVERIFY(decoder.hasPartialEvent());
    decoder.feed(asBytes("ta: 2\n"), ignore);
    QVERIFY(decoder.hasPartialEvent());
    decoder.feed(asBytes("\n"), ignore);
    QVERIFY(!decoder.hasPartialEvent());
}

void HttpEventStreamTest::dropsWhatIsTooLong_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("one long line") << QByteArray("data: 12345678901\n\n");
    QTest::newRow("lines that are long together") << QByteArray("data: 1234567\ndata: 12345678\n\n");
    QTest::newRow("a long comment") << QByteArray(": 1234567890123456\ndata: 1\n\n");
    QTest::newRow("a long name") << QByteArray("event: 1234567890123456\ndata: 1\n\n");
    QTest::newRow("long lines in a row") << QByteArray("data: 12345678901\ndata: 12345678901\ndata: 1\n\n");
}

void HttpEventStreamTest::dropsWhatIsTooLong() {
    QFETCH(QByteArray, text);
    const std::string bytes = "data: before\n\n" + text.toStdString() + "data: after\n\n";
    const Events wanted{{"", "before"}, {"", "after"}};
    for (std::size_t length = 1; length <= bytes.size(); ++length) {
        std::uint64_t oversized = 0;
        QVERIFY(decoded(bytes, [&] { return length; }, 14, &oversized) == wanted);
        QCOMPARE(oversized, std::uint64_t{1});
    }
}

void HttpEventStreamTest::gapGivesUpTheEventUnderWay() {
    EventStreamDecoder decoder;
    Events events;
    const auto keep = [&](const ServerSentEvent& event) { events.emplace_back(event.name, event.data); };
    decoder.feed(asBytes("data: 1\n\ndata: 2"), keep);
    decoder.gap();
    // The rest of an unknown line looks like a field; it must not become an event.
    decoder.feed(asBytes("data: fake\n\ndata: 3\n\n"), keep);
    QVERIFY((events == Events{{"", "1"}, {"", "3"}}));
    QCOMPARE(decoder.oversizedEvents(), std::uint64_t{0});
}

void HttpEventStreamTest::resetBeginsAnew() {
    EventStreamDecoder decoder;
    Events events;
    const auto keep = [&](const ServerSentEvent& event) { events.emplace_back(event.name, event.data); };
    decoder.feed(asBytes("event: x\ndata: 1\ndata"), keep);
    decoder.reset();
    QVERIFY(!decoder.hasPartialEvent());
    decoder.feed(asBytes("\xEF\xBB\xBF"
                         "data: 2\n\n"),
                 keep);
    QVERIFY((events == Events{{"", "2"}}));
}

QTEST_APPLESS_MAIN(HttpEventStreamTest)
#include "http_event_stream_test.moc"
