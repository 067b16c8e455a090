// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/base/ip_address.h"
#include "core/base/packet_ref.h"
#include "core/base/time.h"

#include <array>
#include <compare>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace gatescope::packet {

struct FragmentLimits {
    std::size_t maxDatagrams = 1024;     ///< under way at a time; the oldest is dropped
    std::size_t maxHeldBytes = 8U << 20; ///< over all of them; the oldest is dropped
    std::size_t maxPieces = 8192;        ///< of one datagram: 65,535 octets in the smallest pieces
    TimeNs timeout = 60'000'000'000;     ///< RFC 8200, 4.5: reassembly is given up after 60 seconds
};

/// What belongs together: RFC 791 and RFC 8200, 4.5.
struct FragmentKey {
    IpAddress source;
    IpAddress destination;
    std::uint32_t identification = 0;
    std::uint8_t protocol = 0;
    auto operator<=>(const FragmentKey&) const = default;
};

struct Fragment {
    std::uint32_t offset = 0; ///< octets into the datagram's payload
    bool last = false;
    Bytes data;
    TimeNs time = kNoTime;
    PacketRef packet = 0;
};

/// Puts IP fragments together. First copy wins where pieces overlap.
class FragmentTable {
public:
    explicit FragmentTable(FragmentLimits limits) : m_limits(limits) {}

    struct Datagram {
        std::unique_ptr<std::uint8_t[]> bytes;
        std::size_t size = 0;
    };
    /// The whole payload, when this piece was the one that was missing.
    std::optional<Datagram> add(const FragmentKey& key, const Fragment& fragment);

    /// Nothing more of this datagram is wanted; what was held of it is let go and does not count as lost.
    void settle(const FragmentKey& key, TimeNs time);
    /// Whether it was whole or settled a short time ago.
    bool isSettled(const FragmentKey& key, TimeNs time) const;

    struct Lost {
        std::uint64_t datagrams = 0;
        PacketRef firstPacket = 0;
    };
    /// Datagrams given up (too old, too many, or contradictory) or still waiting for a piece, whose first piece came
    /// with this input.
    Lost lost(std::uint32_t input) const;

private:
    struct Piece {
        std::uint32_t offset;
        std::vector<std::uint8_t> data;
    };
    struct Pending {
        std::vector<Piece> pieces; ///< by offset, not overlapping
        std::optional<std::uint32_t> totalSize;
        std::size_t heldBytes = 0;
        TimeNs firstTime = kNoTime;
        PacketRef firstPacket = 0;
        std::list<FragmentKey>::iterator age;
    };
    using Table = std::map<FragmentKey, Pending>;

    /// A datagram of which nothing more is wanted; when it was whole, what comes for it soon after is a copy, seen on a
    /// second interface.
    struct Settled {
        FragmentKey key;
        TimeNs time = kNoTime;
    };
    static constexpr std::size_t kSettledKept = 64;
    static constexpr TimeNs kLateCopies = 1'000'000'000; ///< less than any sender needs to use an identification again

    void insert(Pending& pending, const Fragment& fragment);
    void drop(Table::iterator at);
    void abandon(PacketRef firstPacket);
    void makeRoom(TimeNs now);

    FragmentLimits m_limits;
    Table m_pending;
    std::list<FragmentKey> m_byAge;
    std::array<Settled, kSettledKept> m_settled; ///< a ring
    std::size_t m_nextSettled = 0;
    std::size_t m_heldBytes = 0;
    std::vector<Lost> m_abandoned; ///< by input
};

} // namespace gatescope::packet
