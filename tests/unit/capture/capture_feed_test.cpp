// SPDX-License-Identifier: Apache-2.0
// Captures of a feed, read as one.
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "core/capture/feed_reader.h"
#include "tests/support/capture_builder.h"

#include <set>
#include <string>
#include <vector>

using namespace gatescope;
using namespace gatescope::capture;
using test::CaptureBuilder;

namespace {

/// Gives a few octets at a time, and now and then nothing.
class SlowSource final : public ByteSource {
public:
    SlowSource(std::string bytes, std::size_t piece) : m_bytes(std::move(bytes)), m_piece(piece) {}
    std::size_t read(std::uint8_t* to, std::size_t count) override {
        m_idle = !std::exchange(m_idle, false) && m_at < m_bytes.size();
        if (m_idle) return 0;
        const std::size_t taken = std::min({count, m_piece, m_bytes.size() - m_at});
        std::copy_n(m_bytes.begin() + static_cast<std::ptrdiff_t>(m_at), taken, to);
        m_at += taken;
        return taken;
    }
    const std::optional<Error>& error() const override { return m_error; }
    bool idle() const override { return m_idle; }
    std::uint64_t bytesTaken() const override { return m_at; }
    std::uint64_t totalBytes() const override { return 0; }

private:
    std::string m_bytes;
    std::size_t m_piece;
    std::size_t m_at = 0;
    bool m_idle = true;
    std::optional<Error> m_error;
};

class ListFeed final : public CaptureFeed {
public:
    explicit ListFeed(std::vector<std::string> captures, std::size_t piece = 4096)
        : m_captures(std::move(captures)), m_piece(piece) {}
    std::expected<std::optional<FedCapture>, Error> next(const std::stop_token&) override {
        if (m_at == m_captures.size()) return std::nullopt;
        const std::string& bytes = m_captures[m_at++];
        if (bytes == "missing") return std::unexpected(Error{ErrorKind::CannotOpen, "it is gone"});
        return FedCapture{"", std::to_string(m_at), std::make_unique<SlowSource>(bytes, m_piece)};
    }

private:
    std::vector<std::string> m_captures;
    std::size_t m_piece;
    std::size_t m_at = 0;
};

struct Seen {
    std::vector<PacketRef> numbers;
    std::vector<std::size_t> sizes;
    std::set<std::uint32_t> interfaces;
    std::vector<SetMemberResult> results;
    std::size_t idle = 0;
    std::size_t findings = 0;
};

Seen readAll(ListFeed feed) {
    Seen seen;
    std::uint32_t inputs = 0;
    FeedReader reader(
        feed, [&](const FedCapture&) { return inputs++; },
        [&](std::uint32_t, const SetMemberResult& result) { seen.results.push_back(result); }, {});
    PacketBlock block;
    for (auto step = reader.read(block); step != FeedReader::Step::End; step = reader.read(block)) {
        seen.idle += step == FeedReader::Step::Idle ? 1 : 0;
        for (const Packet& packet : block.packets) {
            seen.numbers.push_back(packet.number);
            seen.sizes.push_back(packet.data.size());
            seen.interfaces.insert(packet.interfaceIndex);
        }
    }
    seen.findings = reader.takeFindings().size();
    return seen;
}

std::string someCapture(int calls) {
    CaptureBuilder capture;
    auto flow = capture.connect("10.0.0.1:1000", "10.0.0.2:80");
    for (int i = 0; i < calls; ++i) flow.client("GET / HTTP/1.1\r\n\r\n");
    return capture.pcap();
}

} // namespace

class CaptureFeedTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void anyPiecesGiveTheSamePackets() {
        const std::string capture = someCapture(3);
        const Seen whole = readAll(ListFeed({capture}, capture.size()));
        QCOMPARE(whole.numbers, (std::vector<PacketRef>{1, 2, 3, 4, 5, 6}));
        for (std::size_t piece = 1; piece < 100; ++piece) {
            const Seen seen = readAll(ListFeed({capture}, piece));
            QCOMPARE(seen.numbers, whole.numbers);
            QCOMPARE(seen.sizes, whole.sizes);
            QVERIFY(seen.idle > 0 || piece > 60); // the head alone is waited for without a word
            QVERIFY(!seen.results.at(0).error);
        }
    }

    void oneAfterTheOther() {
        const Seen seen = readAll(ListFeed({someCapture(0), someCapture(1)}));
        QCOMPARE(seen.numbers,
                 (std::vector<PacketRef>{packetRef(0, 1), packetRef(0, 2), packetRef(0, 3), packetRef(1, 1),
                                         packetRef(1, 2), packetRef(1, 3), packetRef(1, 4)}));
        QCOMPARE(seen.interfaces.size(), std::size_t{2});
        QCOMPARE(seen.results.at(1).packets, std::uint64_t{4});
        QCOMPARE(seen.results.at(1).format, std::string("pcap"));
    }

    void oneThatFailsEndsAlone() {
        const std::string good = someCapture(1);
        const Seen seen = readAll(ListFeed(
            {"this is no capture, but a text that is long enough", "missing", good.substr(0, good.size() - 1), good}));
        QCOMPARE(seen.results.size(), std::size_t{4});
        QCOMPARE(seen.results[0].error.value().kind, ErrorKind::UnknownFormat);
        QCOMPARE(seen.results[1].error.value().kind, ErrorKind::CannotOpen);
        QCOMPARE(seen.results[2].error.value().kind, ErrorKind::Damaged);
        QCOMPARE(seen.results[2].packets, std::uint64_t{3});
        QVERIFY(!seen.results[3].error);
        QCOMPARE(seen.results[3].packets, std::uint64_t{4});
        QVERIFY(seen.findings >= 1); // the cut one is told
    }

    void everyCutIsToldOnce() {
        const std::string capture = someCapture(1);
        for (std::size_t length = 0; length < capture.size(); ++length) {
            const Seen seen = readAll(ListFeed({capture.substr(0, length), capture}));
            QCOMPARE(seen.results.size(), std::size_t{2});
            QVERIFY(seen.results[0].packets < 4);
            QCOMPARE(seen.results[1].packets, std::uint64_t{4});
        }
    }
};

QTEST_APPLESS_MAIN(CaptureFeedTest)
#include "capture_feed_test.moc"
