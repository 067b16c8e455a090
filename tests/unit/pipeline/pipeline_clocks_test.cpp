// SPDX-License-Identifier: Apache-2.0
// The same traffic as two places saw it, with a difference of clocks and a delay that the test chose.
#include "captures.h"
#include "core/pipeline/clock_matches.h"
#include "core/pipeline/clocks.h"

#include <QTest>
#include <functional>

using namespace gatescope;
using namespace gatescope::pipeline;
using namespace gatescope::test;

class PipelineClocksTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void findsOffsetAndDelay();
    void findsItBehindAddressTranslationAndCutPackets();
    void knowsNoDelayFromOneDirection();
    void leavesOutStrangersAndNearlyRightClocks();
    void ignoresWhatIsSentAgain();
    void comparesClocksThatAreHoursApart();
    void looksOnlyAtTheEndsOfARingBuffer();
    void goesOverACaptureInBetween();
    void countsMatches();

private:
    CaptureFolder m_folder;
};

namespace {

constexpr TimeNs kDelay = 7 * kMillisecond;

/// Some connections with questions and answers, all different.
CaptureBuilder traffic(const std::string& client = "100.64.9.87", int connections = 3, int turns = 10) {
    CaptureBuilder capture;
    capture.step = 20 * kMillisecond;
    for (int i = 0; i < connections; ++i) {
        capture.clientSequence += 1'000'000;
        TcpFlow flow = capture.connect(client + ":" + std::to_string(40'000 + i), "10.0.9.213:80");
        for (int turn = 0; turn < turns; ++turn) {
            const std::string word = std::to_string(i) + "." + std::to_string(turn);
            flow.client("question number " + word).server("and the answer " + word + std::string(90, 'x'));
        }
        flow.close();
    }
    return capture;
}

/// As seen `kDelay` further towards the server, with a clock that is ahead by `offset`.
CaptureBuilder seenAtServer(CaptureBuilder capture, TimeNs offset) {
    for (CaptureBuilder::Packet& packet : capture.packets()) {
        const bool fromClient = packet.frame[5] == 2; // the builder's hardware addresses
        packet.time += offset + (fromClient ? kDelay : -kDelay);
    }
    return capture;
}

std::vector<capture::SetMember> members(const std::vector<std::string>& paths) {
    std::vector<capture::SetMember> list;
    for (const std::string& path : paths) list.push_back({static_cast<std::uint32_t>(list.size()), path, 0});
    return list;
}

} // namespace

void PipelineClocksTest::findsOffsetAndDelay() {
    const CaptureBuilder a = traffic();
    for (const TimeNs offset : {1'234'567'000LL, -1'234'567'000LL}) {
        const CaptureBuilder b = seenAtServer(a, offset);
        const auto clocks = estimateClocks(members({m_folder.write("a", a.pcap()), m_folder.write("b", b.pcapng())}));
        QCOMPARE(clocks.size(), std::size_t{1});
        QCOMPARE(clocks[0].input, 1U);
        QCOMPARE(clocks[0].reference, 0U);
        QCOMPARE(clocks[0].offset, offset);
        QCOMPARE(clocks[0].spread, 0);
        QCOMPARE(clocks[0].delay, std::optional<TimeNs>(kDelay));
        QCOMPARE(clocks[0].packets, 60U); // 3 connections, 10 questions and 10 answers each
    }
}

void PipelineClocksTest::findsItBehindAddressTranslationAndCutPackets() {
    const CaptureBuilder b = seenAtServer(traffic("203.0.113.7"), 5 * kMillisecond);
    // 54 octets of headers, and 80 of what they carry.
    const auto clocks =
        estimateClocks(members({m_folder.write("a", traffic().pcap()), m_folder.write("b", b.pcap(134))}));
    QCOMPARE(clocks.size(), std::size_t{1});
    QCOMPARE(clocks[0].offset, 5 * kMillisecond);
    QCOMPARE(clocks[0].packets, 60U);
}

void PipelineClocksTest::knowsNoDelayFromOneDirection() {
    CaptureBuilder b = seenAtServer(traffic(), 50 * kMillisecond);
    std::erase_if(b.packets(), [](const auto& packet) { return packet.frame[5] != 2; });
    const auto clocks = estimateClocks(members({m_folder.write("a", traffic().pcap()), m_folder.write("b", b.pcap())}));
    QCOMPARE(clocks.size(), std::size_t{1});
    QCOMPARE(clocks[0].offset, 50 * kMillisecond + kDelay);
    QVERIFY(!clocks[0].delay);
    QCOMPARE(clocks[0].packets, 30U);
}

void PipelineClocksTest::leavesOutStrangersAndNearlyRightClocks() {
    CaptureBuilder other;
    other.clientSequence = 77;
    TcpFlow flow = other.connect("192.0.2.1:1", "192.0.2.2:80");
    for (int i = 0; i < 100; ++i) flow.client("something else " + std::to_string(i)).server("and so on");
    const std::string a = m_folder.write("a", traffic().pcap());
    QVERIFY(estimateClocks(members({a, m_folder.write("b", other.pcap())})).empty());
    QVERIFY(estimateClocks(members({a, m_folder.write("b", seenAtServer(traffic(), 90'000).pcap())})).empty());
    QVERIFY(estimateClocks(members({a, a})).empty());
    QVERIFY(estimateClocks(members({a})).empty());
    QVERIFY(estimateClocks(members({a, m_folder.path("missing"), m_folder.write("text", "no capture")})).empty());
    // One connection with four segments in both is too little.
    const CaptureBuilder few = traffic("100.64.9.87", 1, 2);
    QVERIFY(estimateClocks(members({m_folder.write("few", few.pcap()),
                                    m_folder.write("b", seenAtServer(few, 5'000'000'000).pcap())}))
                .empty());
}

void PipelineClocksTest::ignoresWhatIsSentAgain() {
    CaptureBuilder a = traffic();
    CaptureBuilder b = seenAtServer(a, 2'000'000'000);
    // Each question once more, 300 ms later and with another IP identification.
    auto& packets = a.packets();
    const auto before = packets;
    for (const auto& packet : before)
        if (packet.frame[5] == 2 && packet.frame.size() > 60) {
            packets.push_back(packet);
            packets.back().time += 300 * kMillisecond;
            packets.back().frame[18] = '\x77';
        }
    std::ranges::stable_sort(packets, {}, &CaptureBuilder::Packet::time);
    QCOMPARE(packets.size(), b.packets().size() + 30);
    const auto clocks = estimateClocks(members({m_folder.write("a", a.pcap()), m_folder.write("b", b.pcap())}));
    QCOMPARE(clocks.size(), std::size_t{1});
    // Only the answers can be trusted; they come from the server.
    QCOMPARE(clocks[0].packets, 30U);
    QCOMPARE(clocks[0].offset, 2'000'000'000 - kDelay);
}

void PipelineClocksTest::comparesClocksThatAreHoursApart() {
    constexpr TimeNs kHours = 5'000'000'000'000;
    const auto clocks = estimateClocks(members(
        {m_folder.write("a", traffic().pcap()), m_folder.write("b", seenAtServer(traffic(), kHours).pcapng())}));
    QCOMPARE(clocks.size(), std::size_t{1});
    QCOMPARE(clocks[0].offset, kHours);
}

void PipelineClocksTest::looksOnlyAtTheEndsOfARingBuffer() {
    // All files hold the same segments, so that a comparison would find them.
    std::vector<std::string> paths;
    constexpr std::size_t count = 40;
    for (std::size_t i = 0; i < count; ++i) {
        CaptureBuilder part = traffic("100.64.9.87", 1, 30);
        for (auto& packet : part.packets()) packet.time += static_cast<TimeNs>(i) * 10'000'000'000;
        paths.push_back(m_folder.write(("ring" + std::to_string(i)).c_str(), part.pcap()));
    }
    QVERIFY(estimateClocks(members(paths)).empty()); // more files than are compared when their times do not overlap
    paths.resize(2);
    QCOMPARE(estimateClocks(members(paths)).size(), std::size_t{1}); // compared, and the same segments 10 s later
}

void PipelineClocksTest::goesOverACaptureInBetween() {
    // The third shares traffic with the second only.
    const CaptureBuilder first = traffic("100.64.9.87", 2);
    CaptureBuilder second = seenAtServer(first, 3'000'000'000);
    CaptureBuilder own;
    own.clientSequence = 7'000'000;
    own.now = second.packets().front().time;
    own.step = 20 * kMillisecond;
    TcpFlow flow = own.connect("192.0.2.1:1", "192.0.2.2:80");
    for (int i = 0; i < 20; ++i)
        flow.client("only behind " + std::to_string(i)).server("yes, that is so: " + std::to_string(i));
    std::ranges::copy(own.packets(), std::back_inserter(second.packets()));
    std::ranges::stable_sort(second.packets(), {}, &CaptureBuilder::Packet::time);
    const CaptureBuilder third = seenAtServer(own, 1'000'000'000);
    const auto clocks = estimateClocks(members(
        {m_folder.write("a", first.pcap()), m_folder.write("b", second.pcap()), m_folder.write("c", third.pcap())}));
    QCOMPARE(clocks.size(), std::size_t{2});
    QCOMPARE(clocks[1].input, 2U);
    QCOMPARE(clocks[1].reference, 0U);
    QCOMPARE(clocks[1].offset, 4'000'000'000);
}

void PipelineClocksTest::countsMatches() {
    const ClockLimits limits;
    std::vector<ClockMatch> matches;
    for (std::uint64_t i = 0; i < 11; ++i) matches.push_back({1, true, 100});
    QVERIFY(!estimateFrom(matches, limits)); // 11 of one connection
    matches.push_back({1, true, 100});
    QVERIFY(estimateFrom(matches, limits));
    // Half of 3, 5, 7, 100 with the middle 7 lie within 4: differences 4, 2, 0, 93.
    const auto some = estimateFrom({{1, true, 3}, {1, true, 5}, {2, true, 7}, {2, true, 100}}, limits);
    QCOMPARE(some->offset, 7);
    QCOMPARE(some->spread, 4);
    QVERIFY(!some->delay);
    // Extremes of the type.
    const TimeNs low = kNoTime + 1;
    const TimeNs high = std::numeric_limits<TimeNs>::max();
    QVERIFY(estimateFrom({{1, true, low}, {1, false, high}, {2, true, high}, {2, false, low}}, limits));
}

QTEST_APPLESS_MAIN(PipelineClocksTest)

#include "pipeline_clocks_test.moc"
