// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/capture_file.h"
#include "core/packet/packet_decoder.h"
#include "core/tcp/connection_table.h"

#include <functional>
#include <memory>
#include <string>

namespace gatescope::test {

/// Reads a capture and gives the streams of its TCP connections to consumers that `make` makes. False: it could not be
/// opened.
class StreamReplay final : private tcp::ConnectionHandler {
public:
    using Make = std::function<std::unique_ptr<tcp::StreamConsumer>(const tcp::ConnectionInfo&)>;

    static bool play(const std::string& path, const Make& make) {
        auto source = capture::openCapture(path);
        if (!source) return false;
        StreamReplay replay(make);
        packet::PacketDecoder decoder;
        capture::PacketBlock block;
        for (;;) {
            const auto more = (*source)->read(block);
            if (!more || !*more) break; // a cut file ends there
            packet::KeptBytes kept;
            packet::TcpSegment segment;
            for (const capture::Packet& packet : block.packets) {
                replay.m_now = std::max(replay.m_now, packet.time);
                if (decoder.decode(packet, segment, kept) == packet::PacketDecoder::Outcome::Tcp)
                    replay.m_table.add(segment);
            }
            replay.m_table.sweep(replay.m_now);
        }
        replay.m_table.finish();
        return true;
    }

private:
    explicit StreamReplay(const Make& make) : m_make(make), m_table(static_cast<tcp::ConnectionHandler&>(*this)) {}

    std::unique_ptr<tcp::StreamConsumer> opened(const tcp::ConnectionInfo& info) override { return m_make(info); }
    void forgotten(const tcp::ConnectionInfo&, std::unique_ptr<tcp::StreamConsumer>) override {}
    void found(Finding&&) override {}

    const Make& m_make;
    tcp::ConnectionTable m_table;
    TimeNs m_now = kNoTime;
};

} // namespace gatescope::test
