// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "core/tls/handshake_reader.h"
#include "tests/unit/tls/message_writer.h"
#include "tests/unit/tls/rfc8448.h"

#include <algorithm>
#include <random>

using namespace gatescope;
using namespace gatescope::tls;
using namespace gatescope::test;

namespace {

struct Seen {
    int type = 0;
    QByteArray whole;
    PacketRef first = 0;
    PacketRef last = 0;
    bool operator==(const Seen&) const = default;
};

class Sink final : public HandshakeSink {
public:
    std::vector<Seen> messages;
    std::vector<LongHandshakeMessage> tooLong;
    HandshakeReader* resetOnMessage = nullptr;

    QByteArrayList texts() const {
        QByteArrayList list;
        for (const Seen& seen : messages) list.append(seen.whole);
        return list;
    }

private:
    void onMessage(const HandshakeMessage& message) override {
        QCOMPARE(message.body.data(), message.whole.data() + 4);
        QCOMPARE(message.body.size() + 4, message.whole.size());
        messages.push_back({static_cast<int>(message.type),
                            QByteArray(reinterpret_cast<const char*>(message.whole.data()),
                                       static_cast<qsizetype>(message.whole.size())),
                            message.first.packet, message.last.packet});
        if (resetOnMessage) resetOnMessage->reset();
    }
    void onTooLong(const LongHandshakeMessage& message) override { tooLong.push_back(message); }
};

/// ServerHello, EncryptedExtensions, an empty message, Certificate.
QByteArrayList flight() {
    return {rfc8448::kServerHello, rfc8448::kEncryptedExtensions, handshakeMessage(14, {}), rfc8448::kCertificate};
}

void feed(HandshakeReader& reader, Sink& sink, const QByteArray& octets, PacketRef packet) {
    // A copy of exactly that size, gone after the call.
    const std::vector<std::uint8_t> bytes(octets.begin(), octets.end());
    reader.feed(bytes, {packet, static_cast<TimeNs>(packet)}, sink);
}

} // namespace

class TlsHandshakeReaderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void oneFragment();
    void everySplit();
    void octetByOctet();
    void randomSplits();
    void everyTruncation();
    void places();
    void longestMessage();
    void tooLongMessage();
    void resetForgets();
    void resetWithinACall();
};

void TlsHandshakeReaderTest::oneFragment() {
    HandshakeReader reader;
    Sink sink;
    feed(reader, sink, flight().join(), 1);
    QCOMPARE(sink.texts(), flight());
    QCOMPARE(sink.messages[0].type, 2);
    QCOMPARE(sink.messages[2].type, 14);
    QCOMPARE(sink.messages[3].type, 11);
    QVERIFY(!reader.isInMessage());
}

void TlsHandshakeReaderTest::everySplit() {
    const QByteArray octets = flight().join();
    for (qsizetype at = 0; at <= octets.size(); ++at) {
        HandshakeReader reader;
        Sink sink;
        feed(reader, sink, octets.first(at), 1);
        feed(reader, sink, octets.sliced(at), 2);
        QCOMPARE(sink.texts(), flight());
        QVERIFY(!reader.isInMessage());
    }
}

void TlsHandshakeReaderTest::octetByOctet() {
    HandshakeReader reader;
    Sink sink;
    for (const char octet : flight().join()) feed(reader, sink, QByteArray(1, octet), 1);
    QCOMPARE(sink.texts(), flight());
}

void TlsHandshakeReaderTest::randomSplits() {
    std::mt19937 random(8448);
    const QByteArray octets = flight().join();
    for (int round = 0; round < 300; ++round) {
        HandshakeReader reader;
        Sink sink;
        for (qsizetype at = 0; at < octets.size();) {
            const auto size = std::min<qsizetype>(octets.size() - at, static_cast<qsizetype>(random() % 200));
            feed(reader, sink, octets.sliced(at, size), 1);
            at += size;
        }
        QCOMPARE(sink.texts(), flight());
    }
}

void TlsHandshakeReaderTest::everyTruncation() {
    const QByteArray octets = flight().join();
    for (qsizetype size = 0; size < octets.size(); ++size) {
        HandshakeReader reader;
        Sink sink;
        feed(reader, sink, octets.first(size), 1);
        qsizetype end = 0;
        QByteArrayList expected;
        for (const QByteArray& message : flight()) {
            if (end + message.size() > size) break;
            end += message.size();
            expected.append(message);
        }
        QCOMPARE(sink.texts(), expected);
        QCOMPARE(reader.isInMessage(), end != size);
    }
}

void TlsHandshakeReaderTest::places() {
    HandshakeReader reader;
    Sink sink;
    const QByteArray message = rfc8448::kServerHello;
    feed(reader, sink, message.first(2), 7); // even its header is split
    feed(reader, sink, message.sliced(2, 10), 8);
    feed(reader, sink, message.sliced(12) + message + message.first(4), 9);
    feed(reader, sink, message.sliced(4), 10);
    QCOMPARE(sink.messages, (std::vector<Seen>{{2, message, 7, 9}, {2, message, 9, 9}, {2, message, 9, 10}}));
}

void TlsHandshakeReaderTest::longestMessage() {
    const QByteArray longest =
        handshakeMessage(11, QByteArray(static_cast<qsizetype>(HandshakeReader::kMaxMessageBytes), 'x'));
    for (const qsizetype piece : {longest.size(), qsizetype{16'384}}) {
        HandshakeReader reader;
        Sink sink;
        for (qsizetype at = 0; at < longest.size(); at += piece)
            feed(reader, sink, longest.sliced(at, std::min(piece, longest.size() - at)), 1);
        QCOMPARE(sink.texts(), QByteArrayList{longest});
        QVERIFY(sink.tooLong.empty());
    }
}

void TlsHandshakeReaderTest::tooLongMessage() {
    const auto length = static_cast<qsizetype>(HandshakeReader::kMaxMessageBytes) + 1;
    const QByteArray octets =
        rfc8448::kServerHello + handshakeMessage(11, QByteArray(length, '\x0b')) + rfc8448::kCertificate;
    for (const qsizetype piece : {octets.size(), qsizetype{16'384}, qsizetype{91}}) {
        HandshakeReader reader;
        Sink sink;
        for (qsizetype at = 0; at < octets.size(); at += piece)
            feed(reader, sink, octets.sliced(at, std::min(piece, octets.size() - at)), static_cast<PacketRef>(at));
        QCOMPARE(sink.texts(), (QByteArrayList{rfc8448::kServerHello, rfc8448::kCertificate}));
        QCOMPARE(sink.tooLong.size(), std::size_t{1});
        QCOMPARE(sink.tooLong[0].type, HandshakeType::Certificate);
        QCOMPARE(sink.tooLong[0].length, static_cast<std::uint32_t>(length));
        QCOMPARE(sink.tooLong[0].first.packet, static_cast<PacketRef>(rfc8448::kServerHello.size() / piece * piece));
        QVERIFY(!reader.isInMessage());
    }

    // While it is being skipped, a message is under way.
    HandshakeReader reader;
    Sink sink;
    feed(reader, sink, QByteArray::fromHex("0bffffff 00"), 1);
    QVERIFY(reader.isInMessage());
    QCOMPARE(sink.tooLong[0].length, 0xffffffU);
    reader.reset();
    feed(reader, sink, rfc8448::kServerHello, 2);
    QCOMPARE(sink.texts(), QByteArrayList{rfc8448::kServerHello});
}

void TlsHandshakeReaderTest::resetForgets() {
    const QByteArray message = rfc8448::kEncryptedExtensions;
    for (qsizetype at = 1; at < message.size(); ++at) {
        HandshakeReader reader;
        Sink sink;
        feed(reader, sink, message.first(at), 1);
        QVERIFY(reader.isInMessage());
        reader.reset();
        QVERIFY(!reader.isInMessage());
        feed(reader, sink, message, 2);
        QCOMPARE(sink.messages, (std::vector<Seen>{{8, message, 2, 2}}));
    }
}

void TlsHandshakeReaderTest::resetWithinACall() {
    HandshakeReader reader;
    Sink sink;
    sink.resetOnMessage = &reader;
    const QByteArray octets = flight().join();
    feed(reader, sink, octets.first(20), 1);
    feed(reader, sink, octets.sliced(20), 2);
    QCOMPARE(sink.texts(), flight());
    QVERIFY(!reader.isInMessage());
}

QTEST_APPLESS_MAIN(TlsHandshakeReaderTest)
#include "tls_handshake_reader_test.moc"
