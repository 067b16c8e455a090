// SPDX-License-Identifier: Apache-2.0
// Input: limits in one octet, then a script of segments, eight octets each, with numbers near those in use or far away.
#include "core/tcp/connection_table.h"

#include <array>
#include <cstdlib>
#include <vector>

using namespace gatescope;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

class Handler final : public tcp::ConnectionHandler {
public:
    std::size_t open = 0;

private:
    class Consumer final : public tcp::StreamConsumer {
    public:
        Consumer(Handler& handler, const tcp::ConnectionInfo& info) : m_handler(handler), m_info(info) {
            ++m_handler.open;
        }
        ~Consumer() override {
            require(m_closed);
            --m_handler.open;
        }
        void onData(tcp::Side from, Bytes data, const tcp::Place&) override {
            require(!m_closed && !m_fin[tcp::indexOf(from)] && !data.empty());
            delivered += data.size();
            for (const std::uint8_t octet : data) sum += octet;
        }
        void onGap(tcp::Side from, std::uint64_t length, const tcp::Place&) override {
            require(!m_closed && !m_fin[tcp::indexOf(from)] && length > 0);
            lost += length;
        }
        void onFin(tcp::Side from, const tcp::Place&) override {
            require(!m_closed && !m_fin[tcp::indexOf(from)]);
            m_fin[tcp::indexOf(from)] = true;
        }
        void onClosed(tcp::CloseReason reason) override {
            require(!m_closed && (reason != tcp::CloseReason::Finished || (m_fin[0] && m_fin[1])));
            m_closed = true;
        }
        std::uint64_t delivered = 0, lost = 0;
        unsigned sum = 0;

    private:
        Handler& m_handler;
        tcp::ConnectionInfo m_info;
        bool m_closed = false;
        std::array<bool, 2> m_fin{};
    };

    std::unique_ptr<tcp::StreamConsumer> opened(const tcp::ConnectionInfo& info) override {
        return std::make_unique<Consumer>(*this, info);
    }
    void forgotten(const tcp::ConnectionInfo& info, std::unique_ptr<tcp::StreamConsumer> consumer) override {
        const auto& seen = static_cast<const Consumer&>(*consumer);
        require(info.payloadBytes == seen.delivered &&
                info.lostBytes == seen.lost); // nothing is told twice or not at all
    }
    void found(Finding&& finding) override { require(finding.kind != nullptr); }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    tcp::Limits limits;
    if ((data[0] & 1) != 0) limits.maxHeldPerStream = 600;
    if ((data[0] & 2) != 0) limits.maxHeldTotal = 900;
    if ((data[0] & 4) != 0) limits.maxConnections = 2;
    if ((data[0] & 8) != 0) limits.startSegments = 2;
    if ((data[0] & 16) != 0) limits.ackedPastPackets = 3;
    const std::uint32_t base = (data[0] & 32) != 0 ? 0xffff'ffc0U : 1'000U;
    Handler handler;
    tcp::ConnectionTable table(handler, limits);
    const std::vector<std::uint8_t> filler(256, 'f');
    TimeNs now = 0;
    std::uint64_t number = 0;
    for (std::size_t at = 1; at + 8 <= size; at += 8) {
        const std::uint8_t* step = data + at;
        const bool fromClient = (step[0] & 1) != 0;
        const auto port = static_cast<std::uint16_t>(1'000 + (step[0] >> 1) % 3);
        packet::TcpSegment s;
        const std::uint8_t one[4] = {10, 0, 0, 1}, two[4] = {10, 0, 0, 2};
        s.source = fromClient ? Endpoint{IpAddress::fromV4(one), port} : Endpoint{IpAddress::fromV4(two), 80};
        s.destination = fromClient ? Endpoint{IpAddress::fromV4(two), 80} : Endpoint{IpAddress::fromV4(one), port};
        s.flowHash = 5;
        s.flags = step[1] & 0x17U;
        s.sequence = base + ((step[0] & 0x40) != 0 ? static_cast<std::uint32_t>(step[2]) << 24 : step[2]);
        s.acknowledgement = base + ((step[0] & 0x80) != 0 ? static_cast<std::uint32_t>(step[3]) << 24 : step[3]);
        s.payload = Bytes(filler).first(step[4]);
        s.uncaptured = step[5] < 200 ? 0 : step[5] - 200U;
        // Mostly small steps of time; now and then minutes, hours, or back.
        constexpr std::array<TimeNs, 8> kSteps{
            0, 1'000, 1'000'000, 250'000'000, 3'000'000'000, 70'000'000'000, 5LL * 3'600'000'000'000, -9'000'000'000};
        now += kSteps[step[6] % kSteps.size()];
        if (step[7] == 255)
            now = static_cast<TimeNs>(0x7fff'ffff'ffff'fff0LL);
        else if (step[7] == 254)
            now = -static_cast<TimeNs>(0x7fff'ffff'ffff'fff0LL);
        if (now > 0x7000'0000'0000'0000LL || now < -0x7000'0000'0000'0000LL) now /= 2;
        s.time = now;
        s.packet = ++number;
        table.add(s);
        if (step[7] % 5 == 0) table.sweep(now);
    }
    table.finish();
    require(table.size() == 0 && handler.open == 0);
    return 0;
}
