// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/ip_address.h"

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Builds small captures for tests, packet by packet, so that every expected value can be worked out by hand.
///
///     CaptureBuilder capture;                                   // first packet at 2026-01-01T00:00:00Z
///     auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80"); // 3 packets, 1 ms apart
///     flow.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n");         // packet 4 at +3 ms
///     capture.wait(5'000'000);                                  // +5 ms before the next packet
///     flow.server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "hi"); // packets 5 and 6: one for each argument
///     flow.close();                                             // FIN, FIN, ACK
///     writeFile(path, capture.pcap());
///
/// Header-only, needs nothing but the base room. For tests only: wrong use throws.
namespace gatescope::test {

inline constexpr std::int64_t kMillisecond = 1'000'000;
/// 2026-01-01T00:00:00Z
inline constexpr std::int64_t kBuilderStart = 1'767'225'600'000'000'000;

enum TcpFlags : std::uint8_t { kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16 };

/// Octets in network order.
class Octets {
public:
    Octets& u8(unsigned value) {
        m_text += static_cast<char>(value & 0xff);
        return *this;
    }
    Octets& u16(unsigned value) { return u8(value >> 8).u8(value); }
    Octets& u32(std::uint32_t value) { return u16(value >> 16).u16(value & 0xffff); }
    Octets& text(std::string_view value) {
        m_text += value;
        return *this;
    }
    Octets& little16(unsigned value) { return u8(value).u8(value >> 8); }
    Octets& little32(std::uint32_t value) { return little16(value & 0xffff).little16(value >> 16); }
    const std::string& str() const { return m_text; }

private:
    std::string m_text;
};

/// The Internet checksum (RFC 1071).
inline unsigned internetChecksum(std::string_view data) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < data.size(); ++i)
        sum += static_cast<std::uint32_t>(static_cast<std::uint8_t>(data[i])) << (i % 2 == 0 ? 8 : 0);
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

class CaptureBuilder;

/// One TCP connection of a CaptureBuilder, which must outlive it. Copies speak for the same connection.
class TcpFlow {
public:
    /// One segment for each text; a text longer than the segment size becomes several.
    template <typename... Text>
    TcpFlow& client(const Text&... payload) {
        (send(true, payload), ...);
        return *this;
    }
    template <typename... Text>
    TcpFlow& server(const Text&... payload) {
        (send(false, payload), ...);
        return *this;
    }
    /// Sent but never captured: the sequence number moves on, time does too, no packet is written.
    TcpFlow& lostFromClient(std::string_view payload) { return lose(true, payload); }
    TcpFlow& lostFromServer(std::string_view payload) { return lose(false, payload); }
    /// A segment at `offset` octets into that side's stream, whatever was sent before: retransmission, overlap.
    TcpFlow& again(bool fromClient, std::uint32_t offset, std::string_view payload);
    /// FIN from the client, FIN from the server, last ACK.
    TcpFlow& close();
    /// FIN from one side only.
    TcpFlow& finish(bool fromClient);
    TcpFlow& reset(bool fromClient);
    /// A segment without payload.
    TcpFlow& ack(bool fromClient);
    /// Octets that one side has sent so far.
    std::uint32_t sent(bool fromClient) const;

private:
    friend class CaptureBuilder;
    TcpFlow(CaptureBuilder& capture, std::size_t index) : m_capture(&capture), m_index(index) {}
    TcpFlow& send(bool fromClient, std::string_view payload);
    TcpFlow& lose(bool fromClient, std::string_view payload);

    CaptureBuilder* m_capture;
    std::size_t m_index;
};

class CaptureBuilder {
public:
    struct Packet {
        std::int64_t time = 0;
        std::string frame;
    };

    // Settings; a change applies to the packets that follow.
    std::int64_t now = kBuilderStart;     ///< time of the next packet
    std::int64_t step = kMillisecond;     ///< from one packet to the next
    std::size_t segmentBytes = 1400;      ///< payload of one segment at most
    std::vector<unsigned> vlans;          ///< 802.1Q tags, outermost first
    std::uint32_t clientSequence = 1'000; ///< of the SYN of the connections that follow
    std::uint32_t serverSequence = 5'000'000;

    CaptureBuilder& wait(std::int64_t nanoseconds) {
        now += nanoseconds;
        return *this;
    }

    /// A connection with its handshake (3 packets).
    TcpFlow connect(std::string_view client, std::string_view server) {
        TcpFlow flow = midstream(client, server);
        segment(flow.m_index, true, kSyn, clientSequence, 0, {});
        segment(flow.m_index, false, kSyn | kAck, serverSequence, clientSequence + 1, {});
        segment(flow.m_index, true, kAck, clientSequence + 1, serverSequence + 1, {});
        return flow;
    }
    /// A connection whose handshake came before the capture began.
    TcpFlow midstream(std::string_view client, std::string_view server) {
        const auto from = Endpoint::parse(client);
        const auto to = Endpoint::parse(server);
        if (!from || !to || from->address.isV4() != to->address.isV4())
            throw std::invalid_argument("CaptureBuilder: endpoints");
        m_connections.push_back(
            {*from, *to, clientSequence + 1, serverSequence + 1, clientSequence + 1, serverSequence + 1});
        return {*this, m_connections.size() - 1};
    }
    /// Any frame as it is.
    CaptureBuilder& frame(std::string bytes) {
        m_packets.push_back({now, std::move(bytes)});
        now += step;
        return *this;
    }

    // What was written so far may be changed: packet numbers count from 1, as in Wireshark.
    std::vector<Packet>& packets() { return m_packets; }
    /// Takes a packet out, as if the capture had lost it.
    CaptureBuilder& drop(std::size_t number) {
        m_packets.erase(m_packets.begin() + static_cast<std::ptrdiff_t>(number - 1));
        return *this;
    }
    /// Two packets change places; the times stay where they were.
    CaptureBuilder& swap(std::size_t first, std::size_t second) {
        std::swap(m_packets.at(first - 1).frame, m_packets.at(second - 1).frame);
        return *this;
    }
    /// The same packet seen twice, one nanosecond later.
    CaptureBuilder& duplicate(std::size_t number) {
        Packet copy = m_packets.at(number - 1);
        copy.time += 1;
        m_packets.insert(m_packets.begin() + static_cast<std::ptrdiff_t>(number), copy);
        return *this;
    }

    /// Little-endian pcap with nanoseconds, LINKTYPE_ETHERNET. `snap` cuts each packet.
    std::string pcap(std::uint32_t snap = 262'144) const {
        Octets file;
        file.little32(0xa1b23c4d).little16(2).little16(4).little32(0).little32(0).little32(snap).little32(1);
        for (const Packet& packet : m_packets) {
            const std::string_view data = std::string_view(packet.frame).substr(0, snap);
            file.little32(static_cast<std::uint32_t>(packet.time / 1'000'000'000));
            file.little32(static_cast<std::uint32_t>(packet.time % 1'000'000'000));
            file.little32(static_cast<std::uint32_t>(data.size()));
            file.little32(static_cast<std::uint32_t>(packet.frame.size())).text(data);
        }
        return file.str();
    }
    /// Little-endian pcapng: one section, one Ethernet interface with nanoseconds, enhanced packet blocks.
    std::string pcapng() const {
        std::string file = block(
            0x0a0d0d0a,
            Octets().little32(0x1a2b3c4d).little16(1).little16(0).little32(0xffffffff).little32(0xffffffff).str());
        const Octets resolution = Octets().little16(9).little16(1).u8(9).u8(0).u8(0).u8(0).little32(0);
        file += block(1, Octets().little16(1).little16(0).little32(0).text(resolution.str()).str());
        for (const Packet& packet : m_packets) {
            const auto time = static_cast<std::uint64_t>(packet.time);
            const auto length = static_cast<std::uint32_t>(packet.frame.size());
            Octets body;
            body.little32(0)
                .little32(static_cast<std::uint32_t>(time >> 32))
                .little32(static_cast<std::uint32_t>(time));
            body.little32(length).little32(length).text(packet.frame);
            file += block(6, body.str());
        }
        return file;
    }

private:
    friend class TcpFlow;
    struct Connection {
        Endpoint client, server;
        std::uint32_t clientNext, serverNext;   ///< next sequence numbers
        std::uint32_t clientFirst, serverFirst; ///< of the first payload octet
    };

    static std::string block(std::uint32_t type, std::string body) {
        body.resize((body.size() + 3) / 4 * 4);
        const auto length = static_cast<std::uint32_t>(body.size() + 12);
        return Octets().little32(type).little32(length).text(body).little32(length).str();
    }
    static std::string_view addressOctets(const IpAddress& address) {
        const std::string_view all(reinterpret_cast<const char*>(address.bytes().data()), 16);
        return address.isV4() ? all.substr(12) : all;
    }

    void segment(std::size_t index, bool fromClient, unsigned flags, std::uint32_t sequence, std::uint32_t ack,
                 std::string_view payload) {
        const Connection& connection = m_connections.at(index);
        const Endpoint& from = fromClient ? connection.client : connection.server;
        const Endpoint& to = fromClient ? connection.server : connection.client;
        frame(ethernet(from.address.isV4(), fromClient) + ip(from, to, tcp(from, to, flags, sequence, ack, payload)));
    }
    std::string ethernet(bool isV4, bool fromClient) const {
        Octets header;
        header.u32(0x02000000).u16(fromClient ? 2 : 1).u32(0x02000000).u16(fromClient ? 1 : 2);
        for (const unsigned vlan : vlans) header.u16(0x8100).u16(vlan);
        return header.u16(isV4 ? 0x0800 : 0x86dd).str();
    }
    std::string ip(const Endpoint& from, const Endpoint& to, const std::string& payload) {
        const auto addresses = std::string(addressOctets(from.address)) + std::string(addressOctets(to.address));
        const auto length = static_cast<unsigned>(payload.size());
        if (!from.address.isV4())
            return Octets().u32(0x60000000).u16(length).u8(6).u8(64).text(addresses).text(payload).str();
        ++m_ipId;
        const auto header = [&](unsigned checksum) {
            return Octets()
                .u8(0x45)
                .u8(0)
                .u16(20 + length)
                .u16(m_ipId)
                .u16(0x4000)
                .u8(64)
                .u8(6)
                .u16(checksum)
                .text(addresses)
                .str();
        };
        return header(internetChecksum(header(0))) + payload;
    }
    static std::string tcp(const Endpoint& from, const Endpoint& to, unsigned flags, std::uint32_t sequence,
                           std::uint32_t ack, std::string_view payload) {
        const auto whole = [&](unsigned checksum) {
            return Octets()
                .u16(from.port)
                .u16(to.port)
                .u32(sequence)
                .u32(ack)
                .u8(5 << 4)
                .u8(flags)
                .u16(64'000)
                .u16(checksum)
                .u16(0)
                .text(payload)
                .str();
        };
        // The pseudo header of IPv4 and that of IPv6 have the same sum.
        const std::string pseudo = std::string(addressOctets(from.address)) + std::string(addressOctets(to.address)) +
                                   Octets().u16(6).u16(static_cast<unsigned>(20 + payload.size())).str();
        return whole(internetChecksum(pseudo + whole(0)));
    }

    std::vector<Packet> m_packets;
    std::vector<Connection> m_connections;
    unsigned m_ipId = 0;
};

inline TcpFlow& TcpFlow::send(bool fromClient, std::string_view payload) {
    do {
        const std::string_view piece = payload.substr(0, m_capture->segmentBytes);
        payload.remove_prefix(piece.size());
        auto& connection = m_capture->m_connections.at(m_index);
        std::uint32_t& next = fromClient ? connection.clientNext : connection.serverNext;
        const std::uint32_t other = fromClient ? connection.serverNext : connection.clientNext;
        m_capture->segment(m_index, fromClient, kPsh | kAck, next, other, piece);
        next += static_cast<std::uint32_t>(piece.size());
    } while (!payload.empty());
    return *this;
}

inline TcpFlow& TcpFlow::lose(bool fromClient, std::string_view payload) {
    auto& connection = m_capture->m_connections.at(m_index);
    (fromClient ? connection.clientNext : connection.serverNext) += static_cast<std::uint32_t>(payload.size());
    m_capture->now += m_capture->step;
    return *this;
}

inline TcpFlow& TcpFlow::again(bool fromClient, std::uint32_t offset, std::string_view payload) {
    const auto& connection = m_capture->m_connections.at(m_index);
    const std::uint32_t first = fromClient ? connection.clientFirst : connection.serverFirst;
    const std::uint32_t other = fromClient ? connection.serverNext : connection.clientNext;
    m_capture->segment(m_index, fromClient, kPsh | kAck, first + offset, other, payload);
    return *this;
}

inline TcpFlow& TcpFlow::ack(bool fromClient) {
    const auto& connection = m_capture->m_connections.at(m_index);
    m_capture->segment(m_index, fromClient, kAck, fromClient ? connection.clientNext : connection.serverNext,
                       fromClient ? connection.serverNext : connection.clientNext, {});
    return *this;
}

inline TcpFlow& TcpFlow::finish(bool fromClient) {
    auto& connection = m_capture->m_connections.at(m_index);
    std::uint32_t& next = fromClient ? connection.clientNext : connection.serverNext;
    const std::uint32_t other = fromClient ? connection.serverNext : connection.clientNext;
    m_capture->segment(m_index, fromClient, kFin | kAck, next, other, {});
    ++next;
    return *this;
}

inline TcpFlow& TcpFlow::close() {
    finish(true);
    finish(false);
    return ack(true);
}

inline TcpFlow& TcpFlow::reset(bool fromClient) {
    const auto& connection = m_capture->m_connections.at(m_index);
    m_capture->segment(m_index, fromClient, kRst | kAck, fromClient ? connection.clientNext : connection.serverNext,
                       fromClient ? connection.serverNext : connection.clientNext, {});
    return *this;
}

inline std::uint32_t TcpFlow::sent(bool fromClient) const {
    const auto& connection = m_capture->m_connections.at(m_index);
    return fromClient ? connection.clientNext - connection.clientFirst : connection.serverNext - connection.serverFirst;
}

} // namespace gatescope::test
