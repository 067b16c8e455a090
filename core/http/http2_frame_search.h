// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/exchange_listener.h"

#include <cstddef>
#include <string>
#include <vector>

namespace gatescope::http {

/// Looks for the beginning of a frame (RFC 9113, 4.1) in octets whose beginning was not captured, and holds them while
/// it is not sure. A frame is found where plausible headers lead from one to the next: kRun of them, or fewer that end
/// exactly with a piece (packets and records mostly end with a frame). So at most kRun - 1 frames of the size that
/// every receiver takes are held, and the piece that came last.
class Http2FrameSearch {
public:
    static constexpr unsigned kRun = 3;

    struct Piece {
        Bytes octets;
        PiecePlace place;
    };

    void add(Bytes octets, const PiecePlace& place);
    /// True: a frame, or the client's preface, begins with the next octet. `nothingFollows`: two plausible headers are
    /// enough, and no octets are kept when it is false.
    bool find(bool nothingFollows);
    /// What comes next, up to the end of the piece that it came in. Valid until octets are added or cleared.
    Piece front() const;
    void take(std::size_t octets);
    bool empty() const { return m_at == m_octets.size(); }
    void clear();

private:
    enum class Answer : std::uint8_t { No, Wait, Found };
    static Answer look(Bytes octets, bool nothingFollows);
    bool findInLastPiece();
    void dropTaken();

    struct Begin {
        std::size_t at; ///< in m_octets
        PiecePlace place;
    };
    std::string m_octets;
    std::vector<Begin> m_pieces;
    std::size_t m_at = 0;    ///< octets before are done with
    std::size_t m_piece = 0; ///< the one that m_at is in
};

} // namespace gatescope::http
