// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/packet_export.h"

#include "core/capture/capture_set.h"
#include "core/capture/pcapng_writer.h"
#include "core/packet/packet_decoder.h"
#include "core/pipeline/captures_between.h"
#include "core/pipeline/flow_choice.h"
#include "core/tls/secret_store.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace gatescope::pipeline {

namespace {

using capture::InterfaceInfo;
using capture::Packet;

/// Comments are what people added by hand; a capture that was worked through has more than an analysis keeps.
constexpr std::size_t kMostComments = 1'000'000;
constexpr std::size_t kMostCommentBytes = 64U << 20;

/// What the captures say besides packets, handed to the writer in time.
class NotesInOrder {
public:
    /// Takes what is new since the last call.
    void take(const capture::SourceInfo& info) {
        for (; m_comments < info.comments.size(); ++m_comments) {
            const PacketRef packet = info.commentPackets[m_comments];
            if (packet == 0)
                ofCaptures.push_back(info.comments[m_comments]);
            else
                m_ofPackets[packet].push_back(info.comments[m_comments]);
        }
    }
    std::vector<std::string> ofPacket(PacketRef packet) {
        if (m_ofPackets.empty()) return {};
        const auto node = m_ofPackets.extract(packet);
        return node.empty() ? std::vector<std::string>() : std::move(node.mapped());
    }

    std::vector<std::string> ofCaptures; ///< comments not yet written

private:
    std::size_t m_comments = 0;
    std::unordered_map<PacketRef, std::vector<std::string>> m_ofPackets;
};

/// Packets with pieces of datagrams that are not whole yet: whose they are is known only then.
class HeldPieces {
public:
    struct Held {
        std::vector<std::uint8_t> octets;
        Packet packet; ///< without its data
        std::vector<std::string> comments;
    };

    /// Holds a piece under the innermost datagram, with the pieces of those around it.
    void hold(const std::vector<packet::FragmentKey>& keys, const Packet& packet, std::vector<std::string> comments) {
        if (keys.empty()) return;
        std::vector<Held> around = take({keys.begin(), keys.end() - 1});
        const auto [at, isNew] = m_held.try_emplace(keys.back());
        if (isNew) m_order.push_back(keys.back());
        for (Held& piece : around) add(at->second, std::move(piece));
        add(at->second, {{packet.data.begin(), packet.data.end()}, packet, std::move(comments)});
        while (m_bytes > kMostBytes && !m_order.empty()) {
            take({m_order.front()});
            m_order.pop_front();
        }
        if (m_order.size() > kMostForgotten + 2 * m_held.size())
            std::erase_if(m_order, [this](const auto& key) { return !m_held.contains(key); });
    }
    /// All that is held of these datagrams, which is forgotten.
    std::vector<Held> take(const std::vector<packet::FragmentKey>& keys) {
        std::vector<Held> pieces;
        if (m_held.empty()) return pieces;
        for (const packet::FragmentKey& key : keys) {
            auto node = m_held.extract(key);
            if (node.empty()) continue;
            for (Held& piece : node.mapped()) {
                m_bytes -= piece.octets.size();
                pieces.push_back(std::move(piece));
            }
        }
        return pieces;
    }

private:
    void add(std::vector<Held>& pieces, Held&& piece) {
        m_bytes += piece.octets.size();
        pieces.push_back(std::move(piece));
    }

    /// Datagrams that have gone and still stand in the order.
    static constexpr std::size_t kMostForgotten = 1024;
    /// As much as reassembly holds, headers around it included; the oldest datagram is given up first.
    static constexpr std::size_t kMostBytes = 2 * packet::FragmentLimits{}.maxHeldBytes;

    std::map<packet::FragmentKey, std::vector<Held>> m_held;
    std::deque<packet::FragmentKey> m_order;
    std::size_t m_bytes = 0;
};

/// Writes chosen packets, and what must stand in front of them.
class SliceWriter {
public:
    SliceWriter(const PacketExport& wanted, SecretText secrets, const std::function<bool(std::string_view)>& write)
        : m_wanted(wanted), m_secrets(std::move(secrets)), m_write(write) {}

    void write(const Packet& packet, const capture::SourceInfo& info, NotesInOrder& notes,
               const std::vector<std::string>& comments) {
        begin(notes);
        const std::uint32_t interface = interfaceOf(packet, info, notes);
        Packet timed = packet;
        if (timed.time == kNoTime) {
            timed.time = m_lastTime;
            ++withoutTime;
        }
        m_lastTime = timed.time;
        m_writer->addPacket(interface, timed, comments);
        ++packets;
    }
    bool finish(NotesInOrder& notes) {
        begin(notes);
        return m_writer->finish();
    }
    bool failed() const { return m_writer && m_writer->failed(); }

    std::uint64_t packets = 0;
    std::uint64_t withoutTime = 0;

private:
    /// The section begins with the first packet, when the comments of its capture are known.
    void begin(NotesInOrder& notes) {
        if (m_writer) return;
        std::vector<std::string> comments{m_wanted.comment};
        std::ranges::move(std::exchange(notes.ofCaptures, {}), std::back_inserter(comments));
        m_writer.emplace(m_write, capture::PcapngWriter::About{m_wanted.application, std::move(comments)});
        if (!m_secrets.empty()) m_writer->addSecrets({m_secrets.data(), m_secrets.size()});
    }
    std::uint32_t interfaceOf(const Packet& packet, const capture::SourceInfo& info, NotesInOrder& notes) {
        const auto [at, isNew] = m_interfaces.try_emplace({packet.interfaceIndex, packet.linkType});
        if (!isNew) return at->second;
        InterfaceInfo described;
        if (packet.interfaceIndex < info.interfaces.size()) described = info.interfaces[packet.interfaceIndex];
        described.linkType = packet.linkType;
        at->second = m_writer->addInterface(described, std::exchange(notes.ofCaptures, {}));
        return at->second;
    }

    const PacketExport& m_wanted;
    SecretText m_secrets; ///< a key log
    const std::function<bool(std::string_view)>& m_write;
    std::optional<capture::PcapngWriter> m_writer;
    std::map<std::pair<std::uint32_t, std::uint16_t>, std::uint32_t> m_interfaces;
    TimeNs m_lastTime = 0;
};

/// The captures that may hold packets of the chosen connections, so that packets come in the order of the analysis.
std::vector<capture::CaptureSet::Opened> membersFor(const analysis::Snapshot& snapshot, const FlowChoice& choice,
                                                    const std::vector<std::string>& paths) {
    std::vector<capture::CaptureSet::Opened> members;
    if (choice.connections() == 0) return members;
    for (capture::SetMember& member : capturesBetween(snapshot, paths, choice.firstTime(), choice.lastTime()))
        members.push_back({std::move(member), nullptr});
    return members;
}

/// The key log of the sessions on the connections of the chosen rows, and of no others.
SecretText secretsOf(const analysis::Snapshot& snapshot, const PacketExport& wanted, PacketExportResult& result) {
    if (!wanted.secrets) return {};
    std::unordered_set<PacketRef> flows;
    for (const analysis::Row row : wanted.rows) {
        for (const analysis::Row part : snapshot.parts(row)) flows.insert(snapshot.flowStart(part));
        flows.insert(snapshot.flowStart(row));
        if (const analysis::Flow* flow = snapshot.connectionOf(row)) flows.insert(flow->record.start());
    }
    std::vector<tls::Random> clients;
    for (const analysis::TlsSession& session : snapshot.tlsSessions()) {
        const tls::SessionFacts& facts = session.record->facts;
        if (!facts.clientHelloSeen || !flows.contains(session.record->flowStart)) continue;
        if (wanted.secrets->knows(facts.clientRandom, wanted.secrets->generation())) ++result.sessionsWithSecrets;
        clients.push_back(facts.clientRandom);
        clients.insert(clients.end(), facts.laterRandoms.begin(), facts.laterRandoms.end());
    }
    return wanted.secrets->keyLogFor(clients);
}

/// As the capture says it.
TimeNs original(TimeNs time, TimeNs clockOffset) {
    TimeNs sum = 0;
    if (time == kNoTime || __builtin_add_overflow(time, clockOffset, &sum)) return time;
    return sum;
}

} // namespace

std::expected<PacketExportResult, Error> exportPackets(const analysis::Snapshot& snapshot, const PacketExport& wanted,
                                                       const std::function<bool(std::string_view)>& write,
                                                       const std::stop_token& stop) {
    FlowChoice choice(snapshot, wanted.rows);
    if (choice.connections() == 0 && !wanted.rows.empty())
        return std::unexpected(Error{ErrorKind::Usage, "the chosen requests are known from logs only: no packets"});
    PacketExportResult result;
    result.connections = choice.connections();
    result.rowsWithoutPackets = choice.rowsWithoutPackets();

    auto members = membersFor(snapshot, choice, wanted.paths);
    result.clocksDiffer = std::ranges::any_of(members, [](const auto& one) { return one.member.clockOffset != 0; });
    const auto& spans = snapshot.captures();
    capture::ReaderLimits limits;
    limits.maxComments = kMostComments;
    limits.maxCommentBytes = kMostCommentBytes;
    capture::CaptureSet set(std::move(members), limits, stop);
    packet::PacketDecoder decoder({.fragments = {}, .vxlanPorts = wanted.vxlanPorts});
    NotesInOrder notes;
    SliceWriter writer(wanted, secretsOf(snapshot, wanted, result), write);
    capture::PacketBlock block;
    packet::TcpSegment segment;
    HeldPieces held;
    while (!writer.failed()) {
        if (stop.stop_requested()) return std::unexpected(Error{ErrorKind::Stopped, "stopped"});
        const auto more = set.read(block);
        notes.take(set.info());
        if (!more || !*more) break;
        packet::KeptBytes kept;
        for (Packet& packet : block.packets) {
            auto comments = notes.ofPacket(packet.number);
            const auto outcome = decoder.decode(packet, segment, kept);
            packet.time = original(packet.time, spans[inputOf(packet.number)].clockOffset);
            if (outcome == packet::PacketDecoder::Outcome::Fragment)
                held.hold(decoder.pieceOf(), packet, std::move(comments));
            if (outcome != packet::PacketDecoder::Outcome::Tcp) continue;
            const auto pieces = held.take(decoder.pieceOf());
            if (!choice.has(segment)) continue;
            for (const HeldPieces::Held& piece : pieces) {
                Packet whole = piece.packet;
                whole.data = piece.octets;
                writer.write(whole, set.info(), notes, piece.comments);
            }
            writer.write(packet, set.info(), notes, comments);
        }
    }
    if (stop.stop_requested()) return std::unexpected(Error{ErrorKind::Stopped, "stopped"});
    if (!writer.finish(notes)) return std::unexpected(Error{ErrorKind::Internal, "the file cannot be written"});
    result.packets = writer.packets;
    result.withoutTime = writer.withoutTime;
    result.commentsLeftOut = notes.ofCaptures.size();
    return result;
}

} // namespace gatescope::pipeline
