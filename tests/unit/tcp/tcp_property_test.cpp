// SPDX-License-Identifier: Apache-2.0
// Whatever happens to segments on their way, what comes out is the stream that was sent.
#include "core/tcp/connection_table.h"

#include <QTest>
#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace gatescope;

namespace {

struct Sent {
    bool fromClient;
    std::size_t from; ///< offset into the stream
    std::size_t to;
    std::size_t acknowledged; ///< of the other stream
    unsigned flags;
};

/// What came out of one direction: octets at their offsets, and which were lost.
struct Received {
    std::string octets;
    std::vector<std::pair<std::size_t, std::size_t>> gaps;
    bool fin = false;
};

class Recorder final : public tcp::ConnectionHandler {
public:
    std::array<Received, 2> sides; ///< client, server
    int opens = 0;
    int closes = 0;
    bool afterTheEnd = false;

private:
    class Consumer final : public tcp::StreamConsumer {
    public:
        Consumer(Recorder& recorder, bool firstIsClient) : m_recorder(recorder), m_firstIsClient(firstIsClient) {}
        void onData(tcp::Side from, Bytes data, const tcp::Place&) override {
            Received& side = of(from);
            m_recorder.afterTheEnd |= side.fin || m_recorder.closes != 0;
            side.octets += asText(data);
        }
        void onGap(tcp::Side from, std::uint64_t length, const tcp::Place&) override {
            Received& side = of(from);
            m_recorder.afterTheEnd |= side.fin || m_recorder.closes != 0;
            side.gaps.emplace_back(side.octets.size(), side.octets.size() + length);
            side.octets.append(length, '\0');
        }
        void onFin(tcp::Side from, const tcp::Place&) override {
            m_recorder.afterTheEnd |= of(from).fin;
            of(from).fin = true;
        }
        void onClosed(tcp::CloseReason) override { ++m_recorder.closes; }

    private:
        Received& of(tcp::Side from) { return m_recorder.sides[(from == tcp::Side::First) == m_firstIsClient ? 0 : 1]; }
        Recorder& m_recorder;
        bool m_firstIsClient;
    };
    std::unique_ptr<tcp::StreamConsumer> opened(const tcp::ConnectionInfo& info) override {
        ++opens;
        return std::make_unique<Consumer>(*this, info.ends[0].port != 80);
    }
    void forgotten(const tcp::ConnectionInfo&, std::unique_ptr<tcp::StreamConsumer>) override {}
    void found(Finding&&) override {}
};

/// Two random streams, cut into segments that take turns, each direction ended by a FIN.
class Conversation {
public:
    explicit Conversation(std::uint32_t seed) : random(seed) {
        for (std::string& text : streams) {
            text.resize(below(8'000));
            for (char& c : text) c = static_cast<char>(1 + below(255)); // zero stands for a lost octet
        }
        std::array<std::size_t, 2> at{};
        while (at[0] < streams[0].size() || at[1] < streams[1].size()) {
            const std::size_t side = at[0] == streams[0].size() ? 1 : at[1] == streams[1].size() ? 0 : below(2);
            const std::size_t to = std::min(streams[side].size(), at[side] + 1 + below(700));
            segments.push_back({side == 0, at[side], to, at[1 - side], 0});
            at[side] = to;
        }
        firstBase = static_cast<std::uint32_t>(random());
        secondBase = static_cast<std::uint32_t>(random());
    }
    std::size_t below(std::size_t n) { return random() % n; }

    /// Copies some, also with other bounds, and moves each by at most `window` places.
    void disturb(std::size_t window) {
        std::vector<std::pair<std::size_t, Sent>> moved;
        for (std::size_t i = 0; i < segments.size(); ++i) {
            moved.emplace_back(i + below(window + 1), segments[i]);
            if (below(5) != 0) continue;
            Sent copy = segments[i];
            const std::string& stream = streams[copy.fromClient ? 0 : 1];
            copy.from -= std::min(copy.from, below(300));
            copy.to = std::min(stream.size(), copy.to + below(300));
            // Octets cannot be sent before what they follow was: the copy comes after the original, within the window.
            copy.to = std::min(copy.to, segments[i].to);
            moved.emplace_back(i + below(window + 1), copy);
        }
        std::stable_sort(moved.begin(), moved.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        segments.clear();
        for (const auto& entry : moved) segments.push_back(entry.second);
    }
    /// Plays all but `dropped`; handshake and FINs are whole.
    void play(tcp::ConnectionTable& table, const std::vector<bool>& dropped = {}) {
        add(table, {true, 0, 0, 0, packet::kSyn});
        add(table, {false, 0, 0, 0, packet::kSyn | packet::kAck});
        for (std::size_t i = 0; i < segments.size(); ++i)
            if (dropped.empty() || !dropped[i]) add(table, segments[i]);
        add(table, {true, streams[0].size(), streams[0].size(), streams[1].size(), packet::kFin});
        add(table, {false, streams[1].size(), streams[1].size(), streams[0].size(), packet::kFin});
        table.finish();
    }

    std::mt19937 random;
    std::array<std::string, 2> streams;
    std::vector<Sent> segments;
    std::uint32_t firstBase, secondBase;

private:
    void add(tcp::ConnectionTable& table, const Sent& sent) {
        packet::TcpSegment s;
        const Endpoint client{*IpAddress::parse("2001:db8::1"), 1'234};
        const Endpoint server{*IpAddress::parse("2001:db8::2"), 80};
        s.source = sent.fromClient ? client : server;
        s.destination = sent.fromClient ? server : client;
        const bool syn = (sent.flags & packet::kSyn) != 0;
        s.sequence = (sent.fromClient ? firstBase : secondBase) + static_cast<std::uint32_t>(sent.from) + (syn ? 0 : 1);
        s.acknowledgement =
            (sent.fromClient ? secondBase : firstBase) + static_cast<std::uint32_t>(sent.acknowledged) + 1;
        s.flags = static_cast<std::uint8_t>(sent.flags | (syn ? 0U : unsigned{packet::kAck}));
        const std::string& stream = streams[sent.fromClient ? 0 : 1];
        s.payload = asBytes(std::string_view(stream).substr(sent.from, sent.to - sent.from));
        s.packet = ++m_packet;
        s.time = static_cast<TimeNs>(m_packet) * 1'000;
        s.flowHash = 42;
        table.add(s);
    }
    std::uint64_t m_packet = 0;
};

} // namespace

class TcpPropertyTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void wholeStreamsComeOutWhole();
    void lostOctetsAreExactlyTheGaps();
};

void TcpPropertyTest::wholeStreamsComeOutWhole() {
    for (std::uint32_t seed = 1; seed <= 600; ++seed) {
        Conversation conversation(seed);
        conversation.disturb(seed % 12);
        Recorder recorder;
        tcp::ConnectionTable table(recorder);
        conversation.play(table);
        for (std::size_t side = 0; side < 2; ++side) {
            QVERIFY2(recorder.sides[side].gaps.empty(), std::to_string(seed).c_str());
            QVERIFY2(recorder.sides[side].octets == conversation.streams[side], std::to_string(seed).c_str());
            QVERIFY2(recorder.sides[side].fin, std::to_string(seed).c_str());
        }
        QCOMPARE(recorder.opens, 1);
        QCOMPARE(recorder.closes, 1);
        QVERIFY(!recorder.afterTheEnd);
    }
}

void TcpPropertyTest::lostOctetsAreExactlyTheGaps() {
    for (std::uint32_t seed = 1; seed <= 600; ++seed) {
        Conversation conversation(seed);
        conversation.disturb(seed % 12);
        std::vector<bool> dropped;
        for (std::size_t i = 0; i < conversation.segments.size(); ++i) dropped.push_back(conversation.below(10) == 0);
        std::array<std::string, 2> expected{std::string(conversation.streams[0].size(), '\0'),
                                            std::string(conversation.streams[1].size(), '\0')};
        for (std::size_t i = 0; i < conversation.segments.size(); ++i) {
            if (dropped[i]) continue;
            const Sent& sent = conversation.segments[i];
            const std::size_t side = sent.fromClient ? 0 : 1;
            expected[side].replace(sent.from, sent.to - sent.from, conversation.streams[side], sent.from,
                                   sent.to - sent.from);
        }
        Recorder recorder;
        tcp::ConnectionTable table(recorder);
        conversation.play(table, dropped);
        for (std::size_t side = 0; side < 2; ++side)
            QVERIFY2(recorder.sides[side].octets == expected[side], std::to_string(seed).c_str());
        QCOMPARE(recorder.opens, 1);
        QCOMPARE(recorder.closes, 1);
        QVERIFY(!recorder.afterTheEnd);
    }
}

QTEST_APPLESS_MAIN(TcpPropertyTest)
#include "tcp_property_test.moc"
