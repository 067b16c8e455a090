// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace gatescope::live {

/// Where the network header begins, behind VLAN tags, and its EtherType. Nothing: the packet ends before it, or the
/// link type is not one of Ethernet, Linux cooked, raw IP and BSD null.
struct NetworkStart {
    std::size_t offset = 0;
    std::uint16_t etherType = 0;
};
std::optional<NetworkStart> findNetwork(std::uint16_t linkType, std::span<const std::uint8_t> packet);

/// How much of a packet may be kept when bodies must not reach the disk: headers up to TCP's or UDP's, the head of an
/// HTTP/1 message that begins here, and records of TLS that are no application data. Heads and handshake records that
/// go on in the next segment of their connection are kept there too. Of anything else not an octet of payload.
/// Any bytes may come.
class HeaderTrimmer {
public:
    static constexpr std::size_t kPlaces = 4096;           ///< directions of connections whose head goes on
    static constexpr std::uint32_t kMaxHeadBytes = 65'536; ///< of an HTTP head, over all its segments

    explicit HeaderTrimmer(bool isUsed) : m_places(isUsed ? kPlaces : 0) {}
    /// Never more than the packet has.
    std::size_t keptBytes(std::uint16_t linkType, std::span<const std::uint8_t> packet);

private:
    /// A head or record that the last segment did not end.
    struct Unfinished {
        std::uint64_t direction = 0;
        std::uint32_t nextSequence = 0;
        std::uint32_t octets = 0; ///< of a record: still to come; of a head: so far
        bool isHead = false;
        std::uint8_t lineEnds = 0; ///< octets of \r\n\r\n that the last segment ended with
    };
    std::size_t ofStream(Unfinished& state, std::span<const std::uint8_t> payload);
    std::size_t ofHead(Unfinished& state, std::span<const std::uint8_t> payload);
    std::size_t ofRecords(Unfinished& state, std::span<const std::uint8_t> payload);

    std::vector<Unfinished> m_places;
};

} // namespace gatescope::live
