// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/replay.h"

#include "core/capture/capture_set.h"
#include "core/packet/packet_decoder.h"
#include "core/tcp/connection_table.h"

#include <optional>
#include <utility>

namespace gatescope::pipeline {

namespace {

/// Follows the first connection that is opened; the next one between the same ends is another.
class OneConnection final : public tcp::ConnectionHandler {
public:
    explicit OneConnection(ReplayTarget& target) : m_target(target) {}

    bool over() const { return m_over || (m_consumer != nullptr && m_consumer->satisfied()); }

private:
    std::unique_ptr<tcp::StreamConsumer> opened(const tcp::ConnectionInfo& info) override {
        if (m_opened) {
            m_over = true;
            return nullptr;
        }
        m_opened = true;
        auto consumer = m_target.opened(info);
        m_consumer = consumer.get();
        return consumer;
    }
    void forgotten(const tcp::ConnectionInfo&, std::unique_ptr<tcp::StreamConsumer> consumer) override {
        if (consumer.get() == m_consumer) m_consumer = nullptr;
        if (consumer) m_over = true;
    }
    void found(Finding&&) override {} // said once, by the analysis

    ReplayTarget& m_target;
    ReplayConsumer* m_consumer = nullptr; ///< owned by the table
    bool m_opened = false;
    bool m_over = false;
};

bool belongs(const packet::TcpSegment& segment, const packet::TcpSegment& first) {
    return segment.flowHash == first.flowHash &&
           ((segment.source == first.source && segment.destination == first.destination) ||
            (segment.source == first.destination && segment.destination == first.source));
}

} // namespace

std::string nameOf(const ContentPlace& place) {
    for (const capture::SetMember& member : place.captures)
        if (member.input == inputOf(place.flowStart)) return member.path;
    return "the capture";
}

std::expected<void, Error> replay(const ContentPlace& place, ReplayTarget& target, std::stop_token stop) {
    std::vector<capture::CaptureSet::Opened> members;
    for (const capture::SetMember& member : place.captures) members.push_back({member, nullptr});
    capture::CaptureSet source(std::move(members), {}, stop);
    packet::PacketDecoder decoder({.fragments = {}, .vxlanPorts = place.vxlanPorts});
    OneConnection handler(target);
    tcp::ConnectionTable table(handler);
    capture::PacketBlock block;
    std::optional<packet::TcpSegment> first;
    while (!handler.over()) {
        if (stop.stop_requested()) return std::unexpected(Error{ErrorKind::Stopped, "stopped"});
        const auto more = source.read(block);
        if (!more || !*more) break; // what is before the damage is all there is
        packet::KeptBytes kept;
        packet::TcpSegment segment;
        TimeNs latest = kNoTime;
        for (const capture::Packet& packet : block.packets) {
            latest = std::max(latest, packet.time);
            if (decoder.decode(packet, segment, kept) != packet::PacketDecoder::Outcome::Tcp) continue;
            if (!first && segment.packet == place.flowStart) first = segment;
            if (!first || !belongs(segment, *first)) continue;
            table.add(segment);
            if (handler.over()) break;
        }
        table.sweep(latest);
    }
    table.finish();
    if (first) return {};
    for (const capture::SetMemberResult& read : source.results())
        if (read.error && read.error->kind == ErrorKind::CannotOpen) return std::unexpected(*read.error);
    return std::unexpected(
        Error{ErrorKind::Damaged, nameOf(place) + ": the connection's first packet is not there any more"});
}

} // namespace gatescope::pipeline
