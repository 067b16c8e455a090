// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

namespace gatescope::tls {

/// The data of CRYPTO frames of one end (RFC 9000, 7.5 and 19.6), put in order. Frames may come in any order, several
/// times, and overlap: of octets that were sent twice one copy counts (honest ends send the same).
class QuicCryptoStream {
public:
    /// Chrome cuts a hello into a few dozen pieces and shuffles them; more than these are let go.
    static constexpr std::size_t kMaxPieces = 512;

    /// Octets from `limit` on are let go.
    explicit QuicCryptoStream(std::uint64_t limit) : m_limit(limit) {}

    /// Calls `take` with what is in order now, if anything, piece by piece.
    void add(std::uint64_t offset, Bytes data, const std::function<void(Bytes)>& take);
    /// Frees what waits.
    void clear() { m_waiting.clear(); }

private:
    void keep(std::uint64_t offset, Bytes data);

    std::uint64_t m_limit;
    std::uint64_t m_next = 0;                                     ///< all before was taken
    std::map<std::uint64_t, std::vector<std::uint8_t>> m_waiting; ///< by offset; they do not overlap
};

} // namespace gatescope::tls
