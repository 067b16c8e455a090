// SPDX-License-Identifier: Apache-2.0
// Messages, control frames and what is odd, after RFC 6455 and RFC 7692; vectors are the examples of those texts.
#include "tests/unit/http/websocket_dialogue.h"

#include "core/http/websocket_frame.h"
#include "core/http/websocket_inflater.h"

#include <QTest>
#include <numeric>
#include <zlib.h>

using namespace gatescope;
using test::FrameMaker;
using test::WebSocketDialogue;

namespace {

std::string unhex(const char* text) {
    return QByteArray::fromHex(text).toStdString();
}
const char* const kDeflate = "permessage-deflate";
const char* const kDeflateAlone = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/// Messages of one sender with permessage-deflate.
class Deflater {
public:
    explicit Deflater(bool takesOver = true) : m_takesOver(takesOver) {
        deflateInit2(&m_stream, 1, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
    }
    ~Deflater() { deflateEnd(&m_stream); }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;
    std::string message(std::string_view text) {
        std::string output(text.size() + 1'000, '\0');
        m_stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
        m_stream.avail_in = static_cast<uInt>(text.size());
        m_stream.next_out = reinterpret_cast<Bytef*>(output.data());
        m_stream.avail_out = static_cast<uInt>(output.size());
        deflate(&m_stream, Z_SYNC_FLUSH);
        output.resize(output.size() - m_stream.avail_out - 4); // without 00 00 ff ff
        if (!m_takesOver) deflateReset(&m_stream);
        return output;
    }

private:
    z_stream m_stream{};
    bool m_takesOver;
};

} // namespace

class HttpWebSocketTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void examples_data();
    void examples();
    void unmasksAtAnyPlace();
    void tracesTellPacketsAndLength();
    void controlFramesBetweenFragments();
    void closing_data();
    void closing();
    void nothingBehindAClose();
    void endWithoutAClose();
    void masking();
    void notFrames_data();
    void notFrames();
    void fragmentsInTheWrongOrder();
    void messageUnderWayAtTheEnd();
    void largeMessageIsCut();
    void largeCompressedMessageIsCut();
    void bombIsStopped();
    void contextIsTakenOver();
    void contextIsNotTakenOver();
    void extensionsOfTheHandshake_data();
    void extensionsOfTheHandshake();
    void unknownExtension();
};

void HttpWebSocketTest::examples_data() {
    QTest::addColumn<bool>("fromClient");
    QTest::addColumn<QByteArray>("octets");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, bool fromClient, const char* octets, const char* expected) {
        QTest::newRow(name) << fromClient << QByteArray::fromHex(octets) << QByteArray(expected);
    };
    row("RFC 6455, 5.7: unmasked text", false, "810548656c6c6f", "s text Hello");
    row("RFC 6455, 5.7: masked text", true, "818537fa213d7f9f4d5158", "c text Hello");
    row("RFC 6455, 5.7: fragmented text", false, "010348656c 80026c6f", "s text Hello");
    row("RFC 6455, 5.7: ping and masked pong", false, "890548656c6c6f", "");
    row("RFC 6455, 5.7: masked pong", true, "8a8537fa213d7f9f4d5158", "");
    row("empty messages", false, "8100 8200", "s text  | s binary ");
    row("empty last fragment", false, "010348656c 0000 8000", "s text Hel");
    row("RFC 7692, 7.2.3.1", false, "c107f248cdc9c90700", "s text Hello");
    row("RFC 7692, 7.2.3.1: fragmented", false, "4103f248cd 8004c9c90700", "s text Hello");
    row("RFC 7692, 7.2.3.2: shared window", false, "c107f248cdc9c90700 c105f200110000", "s text Hello | s text Hello");
    row("RFC 7692, 7.2.3.3: not compressed", false, "c10b000500faff48656c6c6f00", "s text Hello");
    row("RFC 7692, 7.2.3.4: BFINAL", false, "c108f348cdc9c9070000", "s text Hello");
    row("RFC 7692, 7.2.3.4, then a shared window", false, "c108f348cdc9c9070000 c105f200110000",
        "s text Hello | s text Hello");
    row("RFC 7692, 7.2.3.5: two blocks", false, "c10df2480500 0000ffffcac9c90700", "s text Hello");
    row("RFC 7692, 7.2.3.6: empty", false, "c10100", "s text ");
    row("not compressed among compressed", false, "c107f248cdc9c90700 810548656c6c6f c105f200110000",
        "s text Hello | s text Hello | s text Hello");
}

void HttpWebSocketTest::examples() {
    QFETCH(bool, fromClient);
    QFETCH(QByteArray, octets);
    for (const std::size_t length : {std::size_t(1), std::size_t(3), std::size_t(1'000)}) {
        WebSocketDialogue d(kDeflate);
        std::string_view rest(octets.constData(), static_cast<std::size_t>(octets.size()));
        for (; !rest.empty(); rest.remove_prefix(std::min(length, rest.size())))
            d.feed(fromClient ? 0 : 1, rest.substr(0, length));
        QTEST(d.close().log(), "expected");
        QVERIFY(d.orderly);
    }
    // RFC 6455, 5.7: 256 octets with a length of two octets, 64 KiB with one of eight.
    WebSocketDialogue d;
    d.server(unhex("827e0100") + std::string(256, 'x'))
        .server(unhex("827f0000000000010000") + std::string(65'536, 'y'));
    QCOMPARE(d.log(), QByteArray("s binary <512> | s binary <131072>")); // as hex
}

void HttpWebSocketTest::unmasksAtAnyPlace() {
    std::vector<std::uint8_t> octets(100);
    std::iota(octets.begin(), octets.end(), std::uint8_t(1));
    const std::array<std::uint8_t, 4> mask{0x37, 0xfa, 0x21, 0x3d};
    std::uint32_t key = 0;
    std::memcpy(&key, mask.data(), 4);
    for (std::size_t from = 0; from < 20; ++from)
        for (std::size_t length = 0; from + length <= octets.size(); ++length) {
            std::vector<std::uint8_t> result(length);
            http::unmask(Bytes(octets).subspan(from, length), key, from, result.data());
            for (std::size_t i = 0; i < length; ++i) QCOMPARE(result[i], octets[from + i] ^ mask[(from + i) % 4]);
        }
}

void HttpWebSocketTest::tracesTellPacketsAndLength() {
    WebSocketDialogue d(kDeflate); // packets are counted from 1
    d.server(unhex("890141"))
        .server(unhex("41"))
        .server(unhex("03f248cd89"))
        .server(unhex("00"))
        .server(unhex("8004c9c907008100"));
    QCOMPARE(d.log(), QByteArray("s text Hello | s text "));
    QCOMPARE(d.messages[0].first.packet, std::uint64_t(2));
    QCOMPARE(d.messages[0].last.packet, std::uint64_t(5));
    QCOMPARE(d.messages[0].wireBytes, std::uint64_t(7));
    QCOMPARE(d.messages[1].first.packet, std::uint64_t(5));
    QCOMPARE(d.messages[1].wireBytes, std::uint64_t(0));
}

void HttpWebSocketTest::controlFramesBetweenFragments() {
    WebSocketDialogue d;
    d.client(FrameMaker::client(0x01, "He") + FrameMaker::client(0x89, "are you there") +
             FrameMaker::client(0x00, "ll") + FrameMaker::client(0x8a, "") + FrameMaker::client(0x80, "o"));
    d.client(FrameMaker::client(0x02, "ab") + FrameMaker::client(0x88, "\x03\xe8"
                                                                       "bye"))
        .close();
    QCOMPARE(d.log(), QByteArray("c text Hello | c binary 6162~ | c close 1000 bye"));
}

void HttpWebSocketTest::closing_data() {
    QTest::addColumn<QByteArray>("payload");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const QByteArray& payload, const char* expected) {
        QTest::newRow(name) << payload << QByteArray(expected);
    };
    row("no code", "", "s close 0 ");
    row("1000", "\x03\xe8", "s close 1000 ");
    row("1001 and a reason", "\x03\xe9gone", "s close 1001 gone");
    row("1008", "\x03\xf0no", "(websocket.closed: server: 1008 Policy Violation) | s close 1008 no");
    row("1011", "\x03\xf3", "(websocket.closed: server: 1011 Internal Error) | s close 1011 ");
    row("3000", "\x0b\xb8", "(websocket.closed: server: 3000 Unauthorized) | s close 3000 ");
    row("4001", "\x0f\xa1", "(websocket.closed: server: 4001) | s close 4001 ");
    row("1006, which is not to be sent", "\x03\xee",
        "(websocket.malformed: close code 1006) | (websocket.closed: server: 1006 Abnormal Closure) | s close 1006 ");
    row("one octet", "\x03", "(websocket.malformed: close frame of one octet) | s close 0 ");
}

void HttpWebSocketTest::closing() {
    QFETCH(QByteArray, payload);
    WebSocketDialogue d;
    d.server(FrameMaker::server(0x88, payload.toStdString())).fin(1).close();
    QTEST(d.log(), "expected");
}

void HttpWebSocketTest::nothingBehindAClose() {
    WebSocketDialogue d;
    d.server(FrameMaker::server(0x88, "") + FrameMaker::server(0x81, "late") + "\xff\xff").gap(1, 5).server("x");
    d.client(FrameMaker::client(0x81, "on its way")).client(FrameMaker::client(0x88, "")).fin(0).close();
    QCOMPARE(d.log(), QByteArray("s close 0  | c text on its way | c close 0 "));
}

void HttpWebSocketTest::endWithoutAClose() {
    WebSocketDialogue d;
    d.server(FrameMaker::server(0x81, "x")).fin(1).fin(0).close();
    QCOMPARE(d.log(), QByteArray("s text x | (websocket.not-closed)"));
    QCOMPARE(d.findings[0].packet.value_or(0), std::uint64_t(2));
    WebSocketDialogue e; // a close frame may have been missed
    e.gap(1, 10).fin(1).close();
    QCOMPARE(e.log(), QByteArray("(websocket.messages-lost: 10 octets) | s lost"));
}

void HttpWebSocketTest::masking() {
    WebSocketDialogue d;
    d.client(FrameMaker::server(0x81, "plain") + FrameMaker::server(0x81, "again"));
    d.server(FrameMaker::client(0x81, "masked")).close();
    QCOMPARE(d.log(), QByteArray("(websocket.masking: not masked) | c text plain | c text again | s text masked"));
}

void HttpWebSocketTest::notFrames_data() {
    QTest::addColumn<QByteArray>("octets");
    QTest::addColumn<QByteArray>("evidence");
    QTest::newRow("opcode 3") << QByteArray::fromHex("8300") << QByteArray("reserved opcode");
    QTest::newRow("opcode 11") << QByteArray::fromHex("8b00") << QByteArray("reserved opcode");
    QTest::newRow("RSV1 without an extension") << QByteArray::fromHex("c100") << QByteArray("reserved bit");
    QTest::newRow("RSV3") << QByteArray::fromHex("9100") << QByteArray("reserved bit");
    QTest::newRow("long ping") << QByteArray::fromHex("897e0100") << QByteArray("control frame over 125 octets");
    QTest::newRow("fragmented close") << QByteArray::fromHex("0800") << QByteArray("control frame in fragments");
    QTest::newRow("length") << QByteArray::fromHex("827fffffffffffffffff") << QByteArray("length over 63 bits");
}

void HttpWebSocketTest::notFrames() {
    QFETCH(QByteArray, octets);
    QFETCH(QByteArray, evidence);
    WebSocketDialogue d;
    d.server(FrameMaker::server(0x81, "before") + octets.toStdString() + "noise noise");
    d.server(FrameMaker::server(0x81, "{\"type\": \"response.done\"}") + FrameMaker::server(0x81, "short")).close();
    QCOMPARE(d.log(), "s text before | (websocket.malformed: " + evidence +
                          ") | s lost | s text {\"type\": \"response.done\"} | s text short");
}

void HttpWebSocketTest::fragmentsInTheWrongOrder() {
    WebSocketDialogue d;
    d.server(FrameMaker::server(0x80, "nothing to continue") + FrameMaker::server(0x01, "begun ") +
             FrameMaker::server(0x81, "another") + FrameMaker::server(0x81, "third"))
        .close();
    QCOMPARE(d.log(), QByteArray("(websocket.fragments: continues no message) | s text begun ~ | s text another | "
                                 "s text third"));
}

void HttpWebSocketTest::messageUnderWayAtTheEnd() {
    WebSocketDialogue d(kDeflate);
    d.server(unhex("810a48656c")).client(unhex("81")).close();
    QCOMPARE(d.log(), QByteArray("s text Hel~"));
    WebSocketDialogue e(kDeflate);
    e.server(unhex("4103f248cd")).close();
    QVERIFY(e.log().endsWith("~") || e.messages.empty()); // the inflater may hold back what it is sure of
}

void HttpWebSocketTest::largeMessageIsCut() {
    constexpr std::size_t kLimit = http::WebSocketConnection::kMaxMessageBytes;
    for (const std::size_t size : {kLimit, kLimit + 1}) {
        const std::string frame = FrameMaker::client(0x81, std::string(size, 'x'));
        for (const std::size_t piece : {frame.size(), std::size_t(10'000)}) {
            WebSocketDialogue d;
            for (std::size_t at = 0; at < frame.size(); at += piece)
                d.client(std::string_view(frame).substr(at, piece));
            d.client(FrameMaker::client(0x81, "next")).close();
            const QByteArray text = "c text <1048576>";
            QCOMPARE(d.log(), size == kLimit ? text + " | c text next"
                                             : "(websocket.message-too-large: 1048576 octets are read) | " + text +
                                                   "~ | c text next");
            QCOMPARE(d.messages[0].wireBytes, std::uint64_t(size));
        }
    }
}

void HttpWebSocketTest::largeCompressedMessageIsCut() {
    // The context stays: what is too long to be told is inflated all the same.
    std::string text;
    for (unsigned i = 0; text.size() < 3U << 20; ++i) text += std::to_string(i * 2'654'435'761U) + ',';
    Deflater deflater;
    const std::string large = deflater.message(text);
    const std::string tail = text.substr(text.size() - 150);
    const std::string small = deflater.message(tail);
    QVERIFY(small.size() < 60); // it refers to the large one
    WebSocketDialogue d(kDeflate);
    d.server(FrameMaker::server(0xc1, large) + FrameMaker::server(0xc1, small)).close();
    QCOMPARE(d.log(),
             QByteArray("(websocket.message-too-large: 1048576 octets are read) | s text <1048576>~ | s text ") +
                 QByteArray::fromStdString(tail));
}

void HttpWebSocketTest::bombIsStopped() {
    Deflater deflater;
    const std::string bomb = deflater.message(std::string(8U << 20, 'x'));
    const std::string next = deflater.message("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    QVERIFY(bomb.size() < 40'000);
    http::WebSocketInflater inflater(true);
    std::string output;
    inflater.beginMessage();
    QVERIFY(inflater.add(asBytes(bomb), output, 1U << 20) == http::WebSocketInflater::Status::TooLarge);
    QCOMPARE(output.size(), std::size_t(1U << 20));
    QVERIFY(inflater.produced() < bomb.size() * 201);
    WebSocketDialogue d(kDeflate);
    d.server(FrameMaker::server(0xc1, bomb) + FrameMaker::server(0xc1, next))
        .server(FrameMaker::server(0x81, "plain"))
        .close();
    // What follows refers to what was not inflated.
    QCOMPARE(d.log(), QByteArray("(websocket.message-too-large: 1048576 octets are read) | s text <1048576>~ | "
                                 "(websocket.cannot-inflate: from the server) | s lost | s text plain"));
}

void HttpWebSocketTest::contextIsTakenOver() {
    Deflater deflater;
    const std::string event = R"({"type": "response.audio.delta", "event_id": "event_1", "delta": "AAAA"})";
    WebSocketDialogue d(kDeflate);
    QByteArray expected;
    for (int i = 0; i < 5; ++i) {
        const std::string message = deflater.message(event);
        QVERIFY(i == 0 || message.size() < 10);
        d.client(FrameMaker::client(0xc1, message));
        expected += (i == 0 ? "c text " : " | c text ") + QByteArray::fromStdString(event);
    }
    QCOMPARE(d.close().log(), expected);
}

void HttpWebSocketTest::contextIsNotTakenOver() {
    Deflater deflater(false);
    const std::string first = deflater.message("a message, a message");
    const std::string second = deflater.message("a message, a message");
    QCOMPARE(first, second);
    WebSocketDialogue d(kDeflateAlone);
    d.server(FrameMaker::server(0xc1, first) + FrameMaker::server(0xc1, second)).close();
    QCOMPARE(d.log(), QByteArray("s text a message, a message | s text a message, a message"));
}

void HttpWebSocketTest::extensionsOfTheHandshake_data() {
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<bool>("client");
    QTest::addColumn<bool>("server");
    QTest::newRow("plain") << QByteArray("permessage-deflate") << true << true;
    QTest::newRow("case and blanks") << QByteArray(" Permessage-Deflate ;Server_No_Context_Takeover\t") << true
                                     << false;
    QTest::newRow("windows") << QByteArray("permessage-deflate; client_max_window_bits=10; client_no_context_takeover; "
                                           "server_max_window_bits=\"15\"")
                             << false << true;
}

void HttpWebSocketTest::extensionsOfTheHandshake() {
    QFETCH(QByteArray, value);
    QFETCH(bool, client);
    QFETCH(bool, server);
    // The second message refers to the first (RFC 7692, 7.2.3.2): it is read only where the context is kept.
    const std::string first = unhex("f248cdc9c90700");
    const std::string second = unhex("f200110000");
    WebSocketDialogue d(value.constData());
    d.client(FrameMaker::client(0xc1, first) + FrameMaker::client(0xc1, second)).close();
    QCOMPARE(d.log().contains("c text Hello | c text Hello"), client);
    WebSocketDialogue e(value.constData());
    e.server(FrameMaker::server(0xc1, first) + FrameMaker::server(0xc1, second)).close();
    QCOMPARE(e.log().contains("s text Hello | s text Hello"), server);
}

void HttpWebSocketTest::unknownExtension() {
    WebSocketDialogue d("x-webkit-deflate-frame");
    d.server(FrameMaker::server(0xc1, "\x01\x02\x03") + FrameMaker::server(0x81, "plain")).close();
    QCOMPARE(d.log(), QByteArray("(websocket.unknown-extension: x-webkit-deflate-frame) | s lost | s text plain"));
}

QTEST_APPLESS_MAIN(HttpWebSocketTest)
#include "http_websocket_test.moc"
