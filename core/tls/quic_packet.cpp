// SPDX-License-Identifier: Apache-2.0
#include "core/tls/quic_packet.h"

#include "core/tls/quic_initial.h"

#include <fmt/format.h>

#include <array>

namespace gatescope::tls {

namespace {

constexpr std::uint8_t kLongForm = 0x80;
constexpr std::uint8_t kFixedBit = 0x40;
/// RFC 9000, 17.2: of the versions that are in use.
constexpr std::size_t kMaxConnectionId = 20;
constexpr std::uint32_t kQ046 = 0x51303436;
/// Drafts of version 2 had its numbering too (draft-ietf-quic-v2).
constexpr std::uint32_t kDraftOfVersion2 = 0x709a50c4;

constexpr bool isDigit(std::uint32_t octet) {
    return octet >= '0' && octet <= '9';
}
/// Google's own versions are three digits behind a letter.
constexpr bool isGoogle(std::uint32_t version) {
    const std::uint32_t letter = version >> 24;
    return (letter == 'Q' || letter == 'T') && isDigit(version >> 16 & 0xff) && isDigit(version >> 8 & 0xff) &&
           isDigit(version & 0xff);
}

/// Google's Q046: one octet for the lengths of both connection ids, each 0 or 8 octets.
std::array<std::size_t, 2> oldLengths(std::uint8_t octet) {
    return {(octet & 0xf0) != 0 ? 8U : 0U, (octet & 0x0f) != 0 ? 8U : 0U};
}

/// The part of a long header that all versions share (RFC 8999, 5.1); the reader stands behind it.
std::optional<QuicPacket> takeInvariants(ByteReader& reader) {
    QuicPacket packet;
    const std::uint8_t first = reader.u8();
    packet.version = reader.u32();
    const bool isFixed = packet.version == 0 || (first & kFixedBit) != 0;
    if (reader.failed() || (first & kLongForm) == 0 || !isFixed) return std::nullopt;
    if (packet.version == kQ046) {
        const auto [destination, source] = oldLengths(reader.u8());
        packet.destination = reader.take(destination);
        packet.source = reader.take(source);
    } else {
        for (Bytes* id : {&packet.destination, &packet.source}) {
            const std::size_t length = reader.u8();
            if (length > kMaxConnectionId) return std::nullopt;
            *id = reader.take(length);
        }
    }
    if (reader.failed()) return std::nullopt;
    return packet;
}

QuicPacketType typeOf(std::uint8_t first, std::uint32_t version) {
    using enum QuicPacketType;
    constexpr std::array kOfVersion1{Initial, ZeroRtt, Handshake, Retry};
    constexpr std::array kOfVersion2{Retry, Initial, ZeroRtt, Handshake}; // RFC 9369, 3.2
    if (version == 0) return Negotiation;
    if (version == kQ046) return Other;
    const std::size_t bits = first >> 4 & 3;
    return version == kQuicVersion2 || version == kDraftOfVersion2 ? kOfVersion2[bits] : kOfVersion1[bits];
}

/// From a long header's invariants to the end of the packet, where its length is stated (RFC 9000, 17.2).
bool takeRest(QuicPacket& packet, ByteReader& reader, Bytes datagram) {
    if (packet.type == QuicPacketType::Initial) reader.skip(takeVariableInteger(reader)); // the token
    const std::uint64_t length = takeVariableInteger(reader);
    if (reader.failed()) return false;
    packet.numberAt = reader.position();
    packet.isCut = length > reader.remaining();
    packet.whole = packet.isCut ? datagram : datagram.first(packet.numberAt + static_cast<std::size_t>(length));
    return true;
}

} // namespace

std::string_view quicPacketTypeName(QuicPacketType type) {
    switch (type) {
    case QuicPacketType::Initial:
        return "Initial";
    case QuicPacketType::ZeroRtt:
        return "0-RTT";
    case QuicPacketType::Handshake:
        return "Handshake";
    case QuicPacketType::Retry:
        return "Retry";
    case QuicPacketType::Negotiation:
        return "Version Negotiation";
    case QuicPacketType::OneRtt:
        return "1-RTT";
    case QuicPacketType::Other:
        break;
    }
    return "QUIC";
}

std::uint64_t takeVariableInteger(ByteReader& reader) {
    const std::uint8_t first = reader.u8();
    std::uint64_t value = first & 0x3f;
    for (unsigned more = (1U << (first >> 6)) - 1; more != 0; --more) value = value << 8 | reader.u8();
    return reader.failed() ? 0 : value;
}

std::optional<QuicPacket> takeQuicPacket(Bytes& datagram) {
    if (datagram.empty()) return std::nullopt;
    const std::uint8_t first = datagram.front();
    QuicPacket packet;
    if ((first & kLongForm) == 0) {
        if ((first & kFixedBit) == 0) return std::nullopt;
        packet.type = QuicPacketType::OneRtt;
        packet.whole = datagram;
    } else {
        ByteReader reader(datagram);
        const auto invariants = takeInvariants(reader);
        if (!invariants) return std::nullopt;
        packet = *invariants;
        packet.type = typeOf(first, packet.version);
        const bool statesLength = packet.type == QuicPacketType::Initial || packet.type == QuicPacketType::ZeroRtt ||
                                  packet.type == QuicPacketType::Handshake;
        if (!statesLength || !takeRest(packet, reader, datagram)) {
            packet.isCut = statesLength;
            packet.whole = datagram;
        }
    }
    datagram = datagram.subspan(packet.whole.size());
    return packet;
}

std::optional<QuicHeader> parseQuicLongHeader(Bytes datagram) {
    ByteReader reader(datagram);
    const auto packet = takeInvariants(reader);
    if (!packet) return std::nullopt;
    QuicHeader header;
    header.isLong = true;
    header.version = packet->version;
    header.destination = asText(packet->destination);
    header.source = asText(packet->source);
    return header;
}

std::string quicVersionName(std::uint32_t version) {
    if (version == 0) return "negotiation";
    if (version == 1) return "1";
    if (version == kQuicVersion2) return "2";
    if ((version & 0xffffff00) == 0xff000000) return fmt::format("draft-{}", version & 0xff);
    if (isGoogle(version))
        return {static_cast<char>(version >> 24), static_cast<char>(version >> 16 & 0xff),
                static_cast<char>(version >> 8 & 0xff), static_cast<char>(version & 0xff)};
    return fmt::format("{:#010x}", version);
}

} // namespace gatescope::tls
