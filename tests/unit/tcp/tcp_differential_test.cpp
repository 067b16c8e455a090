// SPDX-License-Identifier: Apache-2.0
// Reassembly held against one that has all the time and memory it wants: it sorts the whole connection.
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "core/tcp/connection_table.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

using namespace gatescope;

namespace {

constexpr TimeNs kStep = 10'000; ///< between packets: all of a dialogue lies within the grace for late segments

struct Piece {
    bool fromClient = true;
    std::size_t from = 0, to = 0; ///< of this direction's stream
    std::size_t acknowledged = 0; ///< of the other
    std::uint8_t flags = packet::kAck;
};

/// Octets as delivered; a lost one is '\0', which no stream contains.
using Streams = std::array<std::string, 2>;

/// Both directions of one connection, in segments of random size that take turns.
class Dialogue {
public:
    explicit Dialogue(std::uint32_t seed) : m_random(seed) {
        for (std::string& text : streams) {
            text.resize(1 + below(12'000));
            for (char& c : text) c = static_cast<char>(1 + below(255));
        }
        std::array<std::size_t, 2> at{};
        while (at[0] < streams[0].size() || at[1] < streams[1].size()) {
            std::size_t side = below(2);
            if (at[side] == streams[side].size()) side = 1 - side;
            const std::size_t to = std::min(streams[side].size(), at[side] + 1 + below(1'400));
            pieces.push_back({side == 0, at[side], to, at[1 - side]});
            at[side] = to;
        }
        // Numbers wrap inside of most dialogues.
        for (std::uint32_t& base : bases) base = static_cast<std::uint32_t>(0U - below(14'000));
    }
    std::size_t below(std::size_t n) { return m_random() % n; }

    /// Loses some for good, sends some again with other bounds, and moves each by a few places.
    void disturb(std::size_t lostPerCent, std::size_t window) {
        std::vector<std::pair<std::size_t, Piece>> moved;
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            const Piece& piece = pieces[i];
            if (below(100) >= lostPerCent) moved.emplace_back(i + below(window + 1), piece);
            if (below(4) != 0) continue;
            Piece copy = piece;
            copy.from -= std::min(copy.from, below(2'000));
            copy.to = copy.from + 1 + below(piece.to - copy.from);
            moved.emplace_back(i + below(window + 1), copy);
        }
        std::ranges::stable_sort(moved, {}, [](const auto& entry) { return entry.first; });
        pieces.clear();
        for (const auto& entry : moved) pieces.push_back(entry.second);
    }

    Streams streams;
    std::vector<Piece> pieces;
    std::array<std::uint32_t, 2> bases{};

private:
    std::mt19937 m_random;
};

/// What there is of both streams: every octet that some segment carried, and '\0' where none did.
Streams naive(const Dialogue& dialogue) {
    Streams whole;
    for (const std::size_t side : {0U, 1U}) {
        std::map<std::size_t, char> octets;
        for (const Piece& piece : dialogue.pieces) {
            if (piece.fromClient != (side == 0)) continue;
            for (std::size_t at = piece.from; at < piece.to; ++at) octets.emplace(at, dialogue.streams[side][at]);
        }
        whole[side].assign(dialogue.streams[side].size(), '\0');
        for (const auto& [at, octet] : octets) whole[side][at] = octet;
    }
    return whole;
}

class Recorder final : public tcp::ConnectionHandler {
public:
    Streams streams;
    std::array<bool, 2> fins{};
    int opened_ = 0;
    int closed = 0;

private:
    class Consumer final : public tcp::StreamConsumer {
    public:
        Consumer(Recorder& recorder, bool firstIsClient) : m_recorder(recorder), m_firstIsClient(firstIsClient) {}
        void onData(tcp::Side from, Bytes data, const tcp::Place&) override { stream(from) += asText(data); }
        void onGap(tcp::Side from, std::uint64_t length, const tcp::Place&) override {
            stream(from).append(length, '\0');
        }
        void onFin(tcp::Side from, const tcp::Place&) override { m_recorder.fins[index(from)] = true; }
        void onClosed(tcp::CloseReason) override { ++m_recorder.closed; }

    private:
        std::size_t index(tcp::Side from) const { return (from == tcp::Side::First) == m_firstIsClient ? 0 : 1; }
        std::string& stream(tcp::Side from) { return m_recorder.streams[index(from)]; }
        Recorder& m_recorder;
        bool m_firstIsClient;
    };
    std::unique_ptr<tcp::StreamConsumer> opened(const tcp::ConnectionInfo& info) override {
        ++opened_;
        return std::make_unique<Consumer>(*this, info.ends[0].port == 40'000);
    }
    void forgotten(const tcp::ConnectionInfo&, std::unique_ptr<tcp::StreamConsumer>) override {}
    void found(Finding&&) override {}
};

/// With a handshake and both FINs, which are never lost: they say where the streams begin and end.
void play(const Dialogue& dialogue, tcp::ConnectionTable& table) {
    std::uint64_t number = 0;
    const auto add = [&](const Piece& piece) {
        const Endpoint client{*IpAddress::parse("10.0.0.1"), 40'000};
        const Endpoint server{*IpAddress::parse("10.0.0.2"), 80};
        const std::size_t side = piece.fromClient ? 0 : 1;
        const bool syn = (piece.flags & packet::kSyn) != 0;
        packet::TcpSegment segment;
        segment.source = piece.fromClient ? client : server;
        segment.destination = piece.fromClient ? server : client;
        segment.sequence = dialogue.bases[side] + static_cast<std::uint32_t>(piece.from) + (syn ? 0 : 1);
        segment.acknowledgement = dialogue.bases[1 - side] + static_cast<std::uint32_t>(piece.acknowledged) + 1;
        segment.flags = piece.flags;
        segment.payload = asBytes(std::string_view(dialogue.streams[side]).substr(piece.from, piece.to - piece.from));
        segment.packet = ++number;
        segment.time = static_cast<TimeNs>(number) * kStep;
        segment.flowHash = 7;
        table.add(segment);
    };
    const std::size_t asked = dialogue.streams[0].size();
    const std::size_t answered = dialogue.streams[1].size();
    add({true, 0, 0, 0, packet::kSyn});
    add({false, 0, 0, 0, packet::kSyn | packet::kAck});
    for (const Piece& piece : dialogue.pieces) add(piece);
    add({true, asked, asked, answered, packet::kFin | packet::kAck});
    add({false, answered, answered, asked, packet::kFin | packet::kAck});
    table.finish();
}

} // namespace

class TcpDifferentialTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void reassembly_data() {
        QTest::addColumn<unsigned>("lost");
        QTest::addColumn<unsigned>("window");
        QTest::newRow("copies only") << 0U << 0U;
        QTest::newRow("reordered") << 0U << 12U;
        QTest::newRow("lost") << 10U << 0U;
        QTest::newRow("lost and reordered") << 10U << 12U;
        QTest::newRow("mostly lost") << 70U << 30U;
    }
    void reassembly() {
        QFETCH(unsigned, lost);
        QFETCH(unsigned, window);
        for (std::uint32_t seed = 1; seed <= 400; ++seed) {
            Dialogue dialogue(seed);
            dialogue.disturb(lost, window);
            const Streams wanted = naive(dialogue);
            Recorder recorder;
            tcp::ConnectionTable table(recorder);
            play(dialogue, table);
            for (const std::size_t side : {0U, 1U})
                QVERIFY2(recorder.streams[side] == wanted[side],
                         qPrintable(QString("seed %1, side %2").arg(seed).arg(side)));
            QVERIFY(recorder.fins[0] && recorder.fins[1]);
            QCOMPARE(recorder.opened_, 1);
            QCOMPARE(recorder.closed, 1);
        }
    }
};

QTEST_APPLESS_MAIN(TcpDifferentialTest)
#include "tcp_differential_test.moc"
