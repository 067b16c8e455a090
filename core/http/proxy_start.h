// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/exchange_listener.h"
#include "core/http/proxy_header.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace gatescope::http {

/// Looks for a PROXY header at the front of a connection, in both directions, and takes it off. Octets are kept only as
/// long as they may be one.
class ProxyStart {
public:
    /// What became of a piece.
    struct Taken {
        std::optional<ProxyHeader> header; ///< it is whole now
        std::string before;                ///< kept octets that are no header after all: they come before the rest
        PiecePlace place;                  ///< of the first of them, or of the header
        std::size_t octets = 0;            ///< of the piece that are done with: kept, or of the header
    };

    Taken feed(unsigned direction, Bytes bytes, const PiecePlace& place);
    /// Nothing that belongs to a header follows: a gap, or the end. What was kept is in `before`.
    Taken giveUp(unsigned direction);
    /// Nothing more is looked for.
    bool isOver() const { return m_isOver[0] && m_isOver[1]; }

private:
    std::array<bool, 2> m_isOver{};
    std::array<std::string, 2> m_kept;
    std::array<PiecePlace, 2> m_places;
};

} // namespace gatescope::http
