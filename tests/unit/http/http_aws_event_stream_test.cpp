// SPDX-License-Identifier: Apache-2.0
// The first three frames are test vectors that AWS publishes with its event stream libraries (empty message, payload
// without headers, payload with one text header). All others are built here with a CRC of zlib.
#include "core/http/aws_event_stream.h"
#include "tests/unit/http/aws_frames.h"

#include <QTest>
#include <functional>
#include <random>
#include <string>
#include <vector>

using namespace gatescope;
using namespace gatescope::http;
using namespace gatescope::http::test;

namespace {

std::string fromHex(const char* hex) {
    return QByteArray::fromHex(hex).toStdString();
}

/// Feeds pieces that lie in memory of their own. `[type payload]` of each frame.
std::string read(AwsEventStreamDecoder& decoder, std::string_view text, const std::function<std::size_t()>& next) {
    std::string told;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, next());
        text.remove_prefix(part.size());
        const std::vector<char> copy(part.begin(), part.end());
        Bytes rest = asBytes({copy.data(), copy.size()});
        while (const auto found = decoder.take(rest)) {
            told += '[';
            told += found->eventType;
            told += ' ';
            told += found->payload;
            told += ']';
        }
        if (!rest.empty()) return "left over";
    }
    return told;
}

std::string read(AwsEventStreamDecoder& decoder, std::string_view text) {
    return read(decoder, text, [] { return std::size_t(-1); });
}

const std::string kGood = eventFrame("messageStart", "{}") + eventFrame("contentBlockDelta", R"({"a":1})") +
                          eventFrame("metadata", R"({"usage":{}})");
const std::string kGoodTold = R"([messageStart {}][contentBlockDelta {"a":1}][metadata {"usage":{}}])";

} // namespace

class HttpAwsEventStreamTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsThePublishedVectors();
    void readsEveryTypeOfHeader();
    void takesAnySplit();
    void takesEveryTruncation();
    void dropsDamagedFrames();
    void findsTheNextFrameBehindALoss();
    void skipsLongFrames();
    void refusesWrongHeaders();
};

void HttpAwsEventStreamTest::readsThePublishedVectors() {
    AwsEventStreamDecoder decoder;
    QVERIFY(read(decoder, fromHex("000000100000000005c248eb7d98c8ff")) == "[ ]");
    QVERIFY(read(decoder, fromHex("0000001D00000000FD528C5A7B27666F6F273A27626172277DC3653936")) == "[ {'foo':'bar'}]");
    QVERIFY(read(decoder, fromHex("0000003D0000002007FD83960C636F6E74656E742D747970650700106170706C69636174696F6E2F6A"
                                  "736F6E7B27666F6F273A27626172277D8D9C08B1")) == "[ {'foo':'bar'}]");
    QCOMPARE(decoder.damagedFrames(), std::uint64_t{0});
    QVERIFY(!decoder.hasPartialFrame());
}

void HttpAwsEventStreamTest::readsEveryTypeOfHeader() {
    std::string headers;
    const auto add = [&](char type, std::size_t octets) {
        headers += "\x01x";
        headers += type;
        headers.append(octets, 'v');
    };
    for (const auto& [type, octets] :
         {std::pair{'\0', 0}, {'\1', 0}, {'\2', 1}, {'\3', 2}, {'\4', 4}, {'\5', 8}, {'\x08', 8}, {'\x09', 16}})
        add(type, static_cast<std::size_t>(octets));
    headers += std::string("\x01x\x06\0\2vv", 7);
    headers += header(":message-type", "exception") + header(":exception-type", "throttlingException");
    AwsEventStreamDecoder decoder;
    const std::string text = frame(headers, "{}");
    Bytes rest = asBytes(text);
    const auto found = decoder.take(rest);
    QVERIFY(found && found->messageType == "exception" && found->eventType == "throttlingException");
}

void HttpAwsEventStreamTest::takesAnySplit() {
    AwsEventStreamDecoder decoder;
    QVERIFY(read(decoder, kGood) == kGoodTold);
    for (std::size_t size = 1; size < kGood.size(); ++size)
        QVERIFY(read(decoder, kGood, [size] { return size; }) == kGoodTold);
    std::mt19937 random(7);
    for (int i = 0; i < 200; ++i) QVERIFY(read(decoder, kGood, [&] { return 1 + random() % 60; }) == kGoodTold);
    QCOMPARE(decoder.damagedFrames(), std::uint64_t{0});
}

void HttpAwsEventStreamTest::takesEveryTruncation() {
    for (std::size_t length = 0; length < kGood.size(); ++length) {
        AwsEventStreamDecoder decoder;
        const std::string told = read(decoder, kGood.substr(0, length));
        QVERIFY(kGoodTold.starts_with(told));
        QCOMPARE(decoder.damagedFrames(), std::uint64_t{0});
    }
}

void HttpAwsEventStreamTest::dropsDamagedFrames() {
    const std::string first = eventFrame("one", "1");
    const std::string text = first + eventFrame("two", "2");
    for (std::size_t at = 0; at < first.size(); ++at) {
        std::string damaged = text;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
        for (const std::size_t size : {std::size_t{1}, std::size_t{5}, damaged.size()}) {
            AwsEventStreamDecoder decoder;
            const std::string told = read(decoder, damaged, [size] { return size; });
            QVERIFY2(told == "[two 2]", told.c_str());
            QCOMPARE(decoder.damagedFrames(), std::uint64_t{1});
        }
    }
}

void HttpAwsEventStreamTest::findsTheNextFrameBehindALoss() {
    const std::string a = eventFrame("a", "1");
    const std::string b = eventFrame("b", "2");
    for (std::size_t kept = 0; kept <= a.size(); ++kept)
        for (std::size_t from = kept; from <= a.size(); ++from) {
            AwsEventStreamDecoder decoder;
            std::string told = read(decoder, a.substr(0, kept));
            decoder.gap();
            told += read(decoder, a.substr(from) + b, [] { return std::size_t{9}; });
            QVERIFY(told == (kept == a.size() || from == 0 ? "[a 1][b 2]" : "[b 2]"));
            QCOMPARE(decoder.damagedFrames(), std::uint64_t{0}); // a loss is not the sender's fault
        }
}

void HttpAwsEventStreamTest::skipsLongFrames() {
    const std::string longest = frame({}, std::string(84, 'x')); // 100 octets
    const std::string tooLong = frame({}, std::string(85, 'x'));
    for (const std::size_t size : {std::size_t{1}, std::size_t{13}, std::size_t{50}, std::size_t(-1)}) {
        AwsEventStreamDecoder decoder(100);
        QVERIFY(read(decoder, longest + tooLong + longest, [size] { return size; }) ==
                "[ " + std::string(84, 'x') + "][ " + std::string(84, 'x') + "]");
        QCOMPARE(decoder.oversizedFrames(), std::uint64_t{1});
        QCOMPARE(decoder.damagedFrames(), std::uint64_t{0});
        decoder.reset();
        QCOMPARE(decoder.oversizedFrames(), std::uint64_t{0});
    }
    // A length of 4 GiB takes no memory.
    std::string prelude;
    addNumber(prelude, 0xffffffffU);
    addNumber(prelude, 0);
    addCrc(prelude);
    AwsEventStreamDecoder decoder;
    QVERIFY(read(decoder, prelude + std::string(100, 'x')).empty());
    QVERIFY(decoder.hasPartialFrame());
}

void HttpAwsEventStreamTest::refusesWrongHeaders() {
    AwsEventStreamDecoder decoder;
    for (const std::string& headers : {std::string("\x05"
                                                   "ab"),
                                       std::string("\x01x\x0a"),
                                       std::string("\x01x\x07\xff\xff"
                                                   "a"),
                                       std::string("\x01x\x07"),
                                       std::string("\x01x\x05"
                                                   "1234"),
                                       std::string("\x01")})
        QVERIFY(read(decoder, frame(headers, "{}")).empty());
    QCOMPARE(decoder.damagedFrames(), std::uint64_t{6});
    // More headers than the frame has room for, and a frame shorter than its own frame: no prelude at all.
    for (const std::size_t total : {std::size_t{15}, std::size_t{20}}) {
        std::string text;
        addNumber(text, total);
        addNumber(text, 5);
        addCrc(text);
        QVERIFY(read(decoder, text + std::string(40, '\0') + kGood) == kGoodTold);
    }
}

QTEST_APPLESS_MAIN(HttpAwsEventStreamTest)
#include "http_aws_event_stream_test.moc"
