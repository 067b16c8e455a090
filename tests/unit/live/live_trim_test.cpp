// SPDX-License-Identifier: Apache-2.0
// Packets by hand: Ethernet 14 octets, IPv4 20, IPv6 40, TCP 20, UDP 8 (RFC 894, 791, 8200, 9293, 768).
#include <QTest>

#include "core/live/header_trim.h"
#include "core/live/seen_packets.h"

#include <array>
#include <random>
#include <string>

using namespace gatescope;
using namespace gatescope::live;

class LiveTrimTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void keepsOnlyHeads_data();
    void keepsOnlyHeads();
    void keepsAHeadOfTwoSegments();
    void keepsAHandshakeOfTwoSegments();
    void knowsLinkTypes();
    void keepsNothingOfOtherPayload();
    void leavesTheHeadAtItsLimit();
    void survivesEveryPrefixAndNoise();
    void tellsCopies();
};

namespace {

std::string big16(unsigned value) {
    return {static_cast<char>(value >> 8), static_cast<char>(value)};
}
std::string big32(unsigned value) {
    return big16(value >> 16) + big16(value & 0xffffU);
}

std::string ethernet(unsigned type) {
    return std::string(12, '\2') + big16(type);
}
std::string tcp(unsigned sequence, const std::string& payload) {
    return big16(40'000) + big16(8080) + big32(sequence) + big32(1) + std::string("\x50\x18\x01\x00\0\0\0\0", 8) +
           payload;
}
std::string ip4(char protocol, const std::string& content, unsigned fragment = 0) {
    return std::string("\x45\0", 2) + big16(static_cast<unsigned>(20 + content.size())) + big16(1) + big16(fragment) +
           '\x40' + protocol + big16(0) + std::string("\x0a\0\0\1\x0a\0\0\2", 8) + content;
}
std::string ip6(char next, const std::string& content) {
    return std::string("\x60\0\0\0", 4) + big16(static_cast<unsigned>(content.size())) + next + '\x40' +
           std::string(32, '\3') + content;
}
std::string overEthernet(const std::string& payload, unsigned sequence = 1) {
    return ethernet(0x0800) + ip4(6, tcp(sequence, payload));
}
std::span<const std::uint8_t> octets(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
/// Octets of payload that are kept of one segment.
int keptOf(HeaderTrimmer& trimmer, const std::string& payload, unsigned sequence = 1) {
    return static_cast<int>(trimmer.keptBytes(1, octets(overEthernet(payload, sequence)))) - 14 - 20 - 20;
}
std::string tlsRecord(char type, std::size_t length) {
    return std::string(1, type) + "\3\3" + big16(static_cast<unsigned>(length)) + std::string(length, 's');
}

} // namespace

void LiveTrimTest::keepsOnlyHeads_data() {
    QTest::addColumn<QByteArray>("payload");
    QTest::addColumn<int>("kept");
    const auto row = [](const char* name, const std::string& head, const std::string& body) {
        QTest::newRow(name) << QByteArray::fromStdString(head + body) << static_cast<int>(head.size());
    };
    row("nothing", "", "");
    row("request", "POST /v1/chat HTTP/1.1\r\nHost: a\r\n\r\n", "{\"secret\": 1}");
    row("response", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n", "secret");
    row("lines without carriage return", "HTTP/1.1 200 OK\nA: b\n\n", "secret\r\n\r\nsecret");
    row("interim response", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "secret");
    row("a body that looks like a head", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 404 secret\r\n\r\n");
    row("no head", "", "secret");
    row("a line that is no request", "", "POST office\r\nsecret\r\n\r\n");
    row("HTTP/2", "", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    row("TLS handshake", tlsRecord(22, 100) + tlsRecord(20, 1), "");
    row("TLS alert", tlsRecord(21, 2), "");
    row("TLS data", std::string("\x17\3\3\0\x64", 5), std::string(100, 's'));
    row("TLS handshake and data", tlsRecord(22, 40) + std::string("\x17\3\3\0\x64", 5), std::string(100, 's'));
    row("almost TLS", "", std::string("\x16\3\7\0\x64", 5) + std::string(100, 's'));
}

void LiveTrimTest::keepsOnlyHeads() {
    QFETCH(QByteArray, payload);
    QFETCH(int, kept);
    HeaderTrimmer trimmer(true);
    QCOMPARE(keptOf(trimmer, payload.toStdString()), kept);
}

void LiveTrimTest::keepsAHeadOfTwoSegments() {
    const std::string head = "POST /v1/chat HTTP/1.1\r\nHost: a\r\nToken: b\r\n\r\n";
    for (std::size_t cut = 10; cut < head.size(); ++cut) {
        HeaderTrimmer trimmer(true);
        QCOMPARE(keptOf(trimmer, head.substr(0, cut), 1000), static_cast<int>(cut));
        const auto next = static_cast<unsigned>(1000 + cut);
        QCOMPARE(keptOf(trimmer, head.substr(cut) + "secret", next), static_cast<int>(head.size() - cut));
        QCOMPARE(keptOf(trimmer, "secret", next + static_cast<unsigned>(head.size() - cut + 6)), 0);
    }
    HeaderTrimmer trimmer(true); // a segment is missing: what follows may be the body
    keptOf(trimmer, head.substr(0, 30), 1000);
    QCOMPARE(keptOf(trimmer, "secret", 1100), 0);
}

void LiveTrimTest::keepsAHandshakeOfTwoSegments() {
    const std::string records = tlsRecord(22, 3000) + tlsRecord(20, 1) + std::string("\x17\3\3\0\x64", 5);
    HeaderTrimmer trimmer(true);
    QCOMPARE(keptOf(trimmer, records.substr(0, 1400), 1), 1400);
    QCOMPARE(keptOf(trimmer, records.substr(1400, 1400), 1401), 1400);
    QCOMPARE(keptOf(trimmer, records.substr(2800) + "secret", 2801), static_cast<int>(records.size() - 2800));
    QCOMPARE(keptOf(trimmer, "secret", 2801 + static_cast<unsigned>(records.size() - 2800 + 6)), 0);
}

void LiveTrimTest::knowsLinkTypes() {
    const std::string head = "GET / HTTP/1.1\r\n\r\n", body = "secret";
    const std::string four = ip4(6, tcp(1, head + body)), six = ip6(6, tcp(1, head + body));
    const auto kept = [](int linkType, const std::string& packet) {
        HeaderTrimmer trimmer(true);
        return trimmer.keptBytes(static_cast<std::uint16_t>(linkType), octets(packet));
    };
    const auto check = [&](int linkType, const std::string& link, const std::string& network) {
        QCOMPARE(kept(linkType, link + network), link.size() + network.size() - body.size());
    };
    check(1, ethernet(0x0800), four);
    check(1, ethernet(0x86dd), six);
    check(1, ethernet(0x8100) + big16(5) + big16(0x0800), four);
    check(1, ethernet(0x88a8) + big16(5) + big16(0x8100) + big16(6) + big16(0x86dd), six);
    check(113, std::string(14, '\0') + big16(0x0800), four);
    check(276, big16(0x86dd) + std::string(18, '\0'), six);
    check(101, "", four);
    check(101, "", six);
    check(0, std::string(4, '\2'), four);
    QCOMPARE(kept(1, ethernet(0x0800) + four + std::string(6, '\0')), 14 + four.size() - body.size()); // padding
    QCOMPARE(kept(105, four), 0U); // another link type: not an octet
    // IPv6 with hop-by-hop options of 8 octets.
    check(1, ethernet(0x86dd), ip6(0, std::string("\6\0\0\0\0\0\0\0", 8) + tcp(1, head + body)));
}

void LiveTrimTest::keepsNothingOfOtherPayload() {
    const auto kept = [](const std::string& packet) {
        HeaderTrimmer trimmer(true);
        return trimmer.keptBytes(1, octets(packet));
    };
    const std::string secret(64, 's');
    QCOMPARE(kept(ethernet(0x0800) + ip4(17, std::string(8, '\1') + secret)), 14U + 20 + 8);
    QCOMPARE(kept(ethernet(0x0800) + ip4(1, std::string(8, '\1') + secret)), 14U + 20 + 8);
    QCOMPARE(kept(ethernet(0x0800) + ip4(47, secret)), 14U + 20);
    QCOMPARE(kept(ethernet(0x0800) + ip4(6, secret, 100)), 14U + 20); // a later fragment
    QCOMPARE(kept(ethernet(0x0806) + std::string(28, '\1') + secret), 14U + 28);
    QCOMPARE(kept(ethernet(0x8847) + secret), 14U);
}

void LiveTrimTest::leavesTheHeadAtItsLimit() {
    HeaderTrimmer trimmer(true);
    unsigned sequence = 1;
    int kept = keptOf(trimmer, "GET / HTTP/1.1\r\n", sequence);
    sequence += 16;
    for (int i = 0; i < 100; ++i, sequence += 1000) kept += keptOf(trimmer, std::string(1000, 'x'), sequence);
    QCOMPARE(kept, static_cast<int>(HeaderTrimmer::kMaxHeadBytes));
}

void LiveTrimTest::survivesEveryPrefixAndNoise() {
    const std::string packet = ethernet(0x8100) + big16(5) + big16(0x86dd) +
                               ip6(0, std::string("\6\0\0\0\0\0\0\0", 8) + tcp(1, "GET / HTTP/1.1\r\n\r\nx"));
    std::mt19937 random(8);
    HeaderTrimmer trimmer(true);
    for (const std::uint16_t linkType : std::to_array<std::uint16_t>({0, 1, 101, 108, 113, 228, 229, 276, 147}))
        for (std::size_t length = 0; length <= packet.size(); ++length)
            for (int round = 0; round < 20; ++round) {
                std::string noisy = packet.substr(0, length);
                if (round > 0 && length > 0) noisy[random() % length] = static_cast<char>(random());
                // Exactly as much memory as it has, so that a sanitizer sees a step too far.
                const std::vector<std::uint8_t> exact(noisy.begin(), noisy.end());
                QVERIFY(trimmer.keptBytes(linkType, exact) <= exact.size());
            }
}

void LiveTrimTest::tellsCopies() {
    SeenPackets seen(12'345, true);
    const std::string packet = overEthernet("hello"), otherLink = std::string(14, '\7') + packet.substr(14);
    const std::string onAny = big16(0x0800) + std::string(18, '\0') + packet.substr(14);
    const auto isCopy = [&](int linkType, const std::string& bytes, std::uint64_t place, TimeNs time) {
        const auto wire = static_cast<std::uint32_t>(bytes.size());
        return seen.isCopy(static_cast<std::uint16_t>(linkType), octets(bytes), wire, place, time);
    };
    constexpr TimeNs kNow = 1'700'000'000'000'000'000, kMillisecond = 1'000'000;
    QVERIFY(!isCopy(1, packet, 1, kNow));
    QVERIFY(isCopy(1, packet, 2, kNow + kMillisecond));
    QVERIFY(isCopy(1, packet, 3, kNow + kMillisecond));
    QVERIFY(!isCopy(1, overEthernet("Hello"), 2, kNow));
    QVERIFY(!isCopy(1, packet, 1, kNow + 2 * kMillisecond)); // sent again
    QVERIFY(isCopy(1, packet, 2, kNow + 3 * kMillisecond));
    QVERIFY(!isCopy(1, packet, 2, kNow + 1000 * kMillisecond));    // much later
    QVERIFY(!isCopy(1, otherLink, 2, kNow + 1000 * kMillisecond)); // the same place again, whatever the link says
    QVERIFY(!isCopy(1, overEthernet("link"), 1, kNow));
    QVERIFY(isCopy(276, big16(0x0800) + std::string(18, '\0') + overEthernet("link").substr(14), 2, kNow));
    SeenPackets unused(1, false);
    QVERIFY(!unused.isCopy(1, octets(packet), 1, 1, kNow) && !unused.isCopy(1, octets(packet), 1, 2, kNow));
}

QTEST_APPLESS_MAIN(LiveTrimTest)
#include "live_trim_test.moc"
