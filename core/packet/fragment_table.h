// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/base/ip_address.h"
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

    /// Datagrams given up: too old, too many, or contradictory.
    std::uint64_t abandoned() const { return m_abandoned; }
    /// Datagrams that still wait for a piece.
    std::size_t pending() const { return m_pending.size(); }

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
        std::list<FragmentKey>::iterator age;
    };
    using Table = std::map<FragmentKey, Pending>;

    /// A datagram that is whole; what comes for it soon after is a copy, seen on a second interface.
    struct Completed {
        FragmentKey key;
        TimeNs time = kNoTime;
    };
    static constexpr std::size_t kCompletedKept = 64;
    static constexpr TimeNs kLateCopies = 1'000'000'000; ///< less than any sender needs to use an identification again

    bool isLateCopy(const FragmentKey& key, TimeNs time) const;
    void insert(Pending& pending, const Fragment& fragment);
    void drop(Table::iterator at);
    void makeRoom(TimeNs now);

    FragmentLimits m_limits;
    Table m_pending;
    std::list<FragmentKey> m_byAge;
    std::array<Completed, kCompletedKept> m_completed; ///< a ring
    std::size_t m_nextCompleted = 0;
    std::size_t m_heldBytes = 0;
    std::uint64_t m_abandoned = 0;
};

} // namespace gatescope::packet
