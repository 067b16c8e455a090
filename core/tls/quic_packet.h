// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatescope::tls {

/// RFC 9000, 17.2 and 17.3. A step of QUIC (Step::recordType) has that of the first packet in its datagram.
enum class QuicPacketType : std::uint8_t {
    Initial,
    ZeroRtt,
    Handshake,
    Retry,
    Negotiation, ///< of versions
    OneRtt,      ///< short header
    Other        ///< of a version whose packets are not known
};
/// `Initial`, `0-RTT`, ..., as the RFC writes them.
std::string_view quicPacketTypeName(QuicPacketType type);

/// One packet of a datagram.
struct QuicPacket {
    QuicPacketType type = QuicPacketType::Other;
    std::uint32_t version = 0; ///< of a long header
    Bytes destination;         ///< connection ids, of a long header
    Bytes source;
    Bytes whole;              ///< from its first octet to its end
    std::size_t numberAt = 0; ///< of Initial: where the protected packet number begins
    bool isCut = false;       ///< it is longer than what there is of the datagram
};

/// Takes the next packet off a datagram (RFC 9000, 12.2). A packet that states no length, or whose form is not known,
/// takes all that is left. Nothing: what is left is no packet; it may be padding.
std::optional<QuicPacket> takeQuicPacket(Bytes& datagram);

/// RFC 9000, 16. Fails as ByteReader does.
std::uint64_t takeVariableInteger(ByteReader& reader);

/// Version 2 (RFC 9369), which numbers its packet types differently.
inline constexpr std::uint32_t kQuicVersion2 = 0x6b3343cf;

} // namespace gatescope::tls
