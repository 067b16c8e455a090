// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatescope::test {

/// A capture of TCP over IPv4 over Ethernet (pcap, little-endian), taken apart so that it can be spoilt as captures are
/// in practice. For tests only: anything else throws.
class CaptureVariants {
public:
    struct Packet {
        std::uint32_t seconds = 0, fraction = 0, wireLength = 0;
        std::string frame;
        std::pair<unsigned, unsigned> ports; ///< of the connection: lower first
        bool fromLower = false;
        std::size_t payload = 0; ///< octets
        std::size_t payloadAt = 0;
    };

    explicit CaptureVariants(std::string_view file) : m_header(file.substr(0, 24)) {
        if (file.size() < 24 || little32(file, 20) != 1) throw std::invalid_argument("CaptureVariants: link type");
        for (std::size_t at = 24; at + 16 <= file.size();) {
            Packet packet;
            packet.seconds = little32(file, at);
            packet.fraction = little32(file, at + 4);
            const std::size_t length = little32(file, at + 8);
            packet.wireLength = little32(file, at + 12);
            packet.frame = file.substr(at + 16, length);
            at += 16 + length;
            describe(packet);
            m_packets.push_back(std::move(packet));
        }
    }

    std::string whole() const { return write(m_packets); }

    /// Without the `index`th packet of every connection, from 0. Handshakes of TCP count.
    std::string without(std::size_t index) const {
        std::vector<Packet> kept;
        std::map<std::pair<unsigned, unsigned>, std::size_t> seen;
        for (const Packet& packet : m_packets)
            if (seen[packet.ports]++ != index) kept.push_back(packet);
        return write(kept);
    }
    /// Only what comes behind the first `count` packets of every connection.
    std::string withoutFirst(std::size_t count) const {
        std::vector<Packet> kept;
        std::map<std::pair<unsigned, unsigned>, std::size_t> seen;
        for (const Packet& packet : m_packets)
            if (++seen[packet.ports] > count) kept.push_back(packet);
        return write(kept);
    }
    /// Only the first `count` packets of every connection.
    std::string onlyFirst(std::size_t count) const {
        std::vector<Packet> kept;
        std::map<std::pair<unsigned, unsigned>, std::size_t> seen;
        for (const Packet& packet : m_packets)
            if (++seen[packet.ports] <= count) kept.push_back(packet);
        return write(kept);
    }
    /// Each frame cut after so many octets.
    std::string cutAt(std::size_t snap) const {
        std::vector<Packet> kept = m_packets;
        for (Packet& packet : kept) packet.frame.resize(std::min(packet.frame.size(), snap));
        return write(kept);
    }
    /// Segments of at most so many octets.
    std::string splitInto(std::size_t size) const {
        std::vector<Packet> kept;
        for (const Packet& packet : m_packets) {
            std::size_t at = 0;
            do {
                kept.push_back(piece(packet, at, std::min(size, packet.payload - at)));
                at += size;
            } while (at < packet.payload);
        }
        return write(kept);
    }
    /// Neighbours of one connection and direction that both carry something change places, the times stay.
    std::string reordered() const {
        std::vector<Packet> kept = m_packets;
        for (std::size_t i = 0; i + 1 < kept.size(); ++i) {
            if (kept[i].ports != kept[i + 1].ports || kept[i].fromLower != kept[i + 1].fromLower) continue;
            if (kept[i].payload == 0 || kept[i + 1].payload == 0) continue;
            std::swap(kept[i], kept[i + 1]);
            std::swap(kept[i].seconds, kept[i + 1].seconds);
            std::swap(kept[i].fraction, kept[i + 1].fraction);
            ++i;
        }
        return write(kept);
    }
    /// Every segment with content comes again, as another packet, right behind the one that follows it.
    std::string retransmitted() const {
        std::vector<Packet> kept;
        const Packet* again = nullptr;
        for (const Packet& packet : m_packets) {
            kept.push_back(packet);
            if (again) {
                kept.push_back(*again);
                kept.back().seconds = packet.seconds;
                kept.back().fraction = packet.fraction;
                kept.back().frame[18] ^= '\x55'; // IP identification: no copy of the same packet
            }
            again = packet.payload != 0 ? &packet : nullptr;
        }
        return write(kept);
    }

private:
    static std::uint32_t octet(std::string_view text, std::size_t at) { return static_cast<std::uint8_t>(text.at(at)); }
    static std::uint32_t little32(std::string_view text, std::size_t at) {
        return octet(text, at) | octet(text, at + 1) << 8 | octet(text, at + 2) << 16 | octet(text, at + 3) << 24;
    }
    static unsigned big16(std::string_view text, std::size_t at) { return octet(text, at) << 8 | octet(text, at + 1); }
    static void setBig(std::string& text, std::size_t at, std::uint32_t value, int octets) {
        for (int i = octets; i-- > 0; value >>= 8) text.at(at + static_cast<std::size_t>(i)) = static_cast<char>(value);
    }

    static void describe(Packet& packet) {
        constexpr std::size_t kEthernet = 14;
        if (big16(packet.frame, 12) != 0x0800 || octet(packet.frame, kEthernet + 9) != 6)
            throw std::invalid_argument("CaptureVariants: protocol");
        const std::size_t tcp = kEthernet + 4 * (octet(packet.frame, kEthernet) & 15);
        const unsigned from = big16(packet.frame, tcp), to = big16(packet.frame, tcp + 2);
        packet.ports = std::minmax(from, to);
        packet.fromLower = from < to;
        packet.payloadAt = tcp + 4 * (octet(packet.frame, tcp + 12) >> 4);
        packet.payload = kEthernet + big16(packet.frame, kEthernet + 2) - packet.payloadAt;
    }
    /// A part of a segment as a segment of its own; FIN stays with the last one.
    static Packet piece(const Packet& packet, std::size_t at, std::size_t size) {
        if (size == packet.payload) return packet;
        constexpr std::size_t kEthernet = 14;
        Packet part = packet;
        const std::size_t tcp = kEthernet + 4 * (octet(packet.frame, kEthernet) & 15);
        const std::uint32_t sequence = big16(packet.frame, tcp + 4) << 16 | big16(packet.frame, tcp + 6);
        part.frame = packet.frame.substr(0, packet.payloadAt) + packet.frame.substr(packet.payloadAt + at, size);
        setBig(part.frame, kEthernet + 2, static_cast<std::uint32_t>(part.frame.size() - kEthernet), 2);
        setBig(part.frame, kEthernet + 4, big16(packet.frame, kEthernet + 4) + 7 * static_cast<std::uint32_t>(at), 2);
        setBig(part.frame, tcp + 4, sequence + static_cast<std::uint32_t>(at), 4);
        if (at + size < packet.payload) part.frame[tcp + 13] &= '\xfe';
        part.wireLength = static_cast<std::uint32_t>(part.frame.size());
        part.payload = size;
        return part;
    }

    std::string write(const std::vector<Packet>& packets) const {
        std::string file(m_header);
        const auto add = [&](std::uint32_t value) {
            for (int i = 0; i < 4; ++i, value >>= 8) file += static_cast<char>(value);
        };
        for (const Packet& packet : packets) {
            add(packet.seconds);
            add(packet.fraction);
            add(static_cast<std::uint32_t>(packet.frame.size()));
            add(packet.wireLength);
            file += packet.frame;
        }
        return file;
    }

    std::string m_header;
    std::vector<Packet> m_packets;
};

} // namespace gatescope::test
