// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace gatescope::packet {

/// What became of one packet; each has exactly one.
enum class Outcome : std::uint8_t {
    Tcp,            ///< a segment was filled
    OtherTraffic,   ///< not IP, or IP with something other than TCP
    Quic,           ///< QUIC, which may be HTTP/3: ends, payload (the datagram), packet, time and hash were filled
    Encrypted,      ///< IPsec ESP, MACsec or PPP encryption: what is inside cannot be seen
    NotDecoded,     ///< an encapsulation that is known by name only
    Fragment,       ///< a piece of a datagram that is not whole yet
    Truncated,      ///< the capture ends inside the headers
    Malformed,      ///< a header contradicts itself
    TooManyTunnels, ///< nested deeper than PacketDecoder::kMaxTunnels
    UnknownLink     ///< a link type that is not decoded
};
inline constexpr std::size_t kOutcomes = 10;

} // namespace gatescope::packet
