// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/capture_file.h"
#include "core/packet/packet_decoder.h"
#include "core/tcp/connection_table.h"

#include <memory>
#include <string>
#include <vector>

namespace gatescope::test {

/// One piece of a TCP connection, in the order of delivery.
struct CapturedPiece {
    unsigned direction = 0; ///< 0: the end that was first seen sending
    std::string octets;     ///< empty: a gap of `lost` octets
    std::uint64_t lost = 0;
};
using CapturedConnection = std::vector<CapturedPiece>;

/// All TCP connections of a small capture, by their first packets; none when it cannot be read.
class CapturedConnections final : private tcp::ConnectionHandler {
public:
    static std::vector<CapturedConnection> of(const std::string& path) {
        CapturedConnections all;
        auto opened = capture::openCapture(path);
        if (!opened) return {};
        packet::PacketDecoder decoder;
        capture::PacketBlock block;
        packet::KeptBytes kept;
        packet::TcpSegment segment;
        tcp::ConnectionHandler& handler = all;
        tcp::ConnectionTable table(handler);
        while (true) {
            const auto more = (*opened)->read(block);
            if (!more || !*more) break;
            TimeNs now = kNoTime;
            for (const capture::Packet& packet : block.packets) {
                now = packet.time;
                if (decoder.decode(packet, segment, kept) == packet::PacketDecoder::Outcome::Tcp) table.add(segment);
            }
            table.sweep(now);
        }
        table.finish();
        std::vector<CapturedConnection> connections;
        for (const auto& one : all.m_connections) connections.push_back(std::move(*one));
        return connections;
    }

private:
    struct Consumer final : tcp::StreamConsumer {
        explicit Consumer(CapturedConnection& to) : pieces(to) {}
        void onData(tcp::Side from, Bytes data, const tcp::Place&) override {
            pieces.push_back({static_cast<unsigned>(from), std::string(asText(data)), 0});
        }
        void onGap(tcp::Side from, std::uint64_t length, const tcp::Place&) override {
            pieces.push_back({static_cast<unsigned>(from), {}, length});
        }
        void onFin(tcp::Side, const tcp::Place&) override {}
        void onClosed(tcp::CloseReason) override {}
        CapturedConnection& pieces;
    };

    std::unique_ptr<tcp::StreamConsumer> opened(const tcp::ConnectionInfo&) override {
        m_connections.push_back(std::make_unique<CapturedConnection>());
        return std::make_unique<Consumer>(*m_connections.back());
    }
    void forgotten(const tcp::ConnectionInfo&, std::unique_ptr<tcp::StreamConsumer>) override {}
    void found(Finding&&) override {}

    std::vector<std::unique_ptr<CapturedConnection>> m_connections;
};

} // namespace gatescope::test
