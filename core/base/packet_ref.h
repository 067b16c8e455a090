// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace gatescope {

/// A packet among all inputs of one analysis: which input, and the packet's number in it, from 1 as Wireshark counts.
/// Connections may reach over inputs (a ring buffer's files), so a number alone would not tell packets apart. Of the
/// first input it is the number itself. 0: no packet.
using PacketRef = std::uint64_t;

/// A capture of 16 TiB with packets of 16 octets has no more.
inline constexpr unsigned kPacketNumberBits = 40;
/// Inputs that can be told apart.
inline constexpr std::uint32_t kMaxInputs = 1U << (64 - kPacketNumberBits);

constexpr PacketRef packetRef(std::uint32_t input, std::uint64_t number) {
    return (static_cast<std::uint64_t>(input) << kPacketNumberBits) | number;
}
constexpr std::uint32_t inputOf(PacketRef packet) {
    return static_cast<std::uint32_t>(packet >> kPacketNumberBits);
}
constexpr std::uint64_t numberOf(PacketRef packet) {
    return packet & ((std::uint64_t{1} << kPacketNumberBits) - 1);
}

} // namespace gatescope
