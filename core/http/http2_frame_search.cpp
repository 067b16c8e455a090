// SPDX-License-Identifier: Apache-2.0
#include "core/http/http2_frame_search.h"

#include "core/http/http2_frame.h"

#include <limits>

namespace gatescope::http {

namespace {
/// Octets that are done with are dropped when there are so many, so that dropping costs little for each of them.
constexpr std::size_t kDropBytes = 64 * 1024;
} // namespace

void Http2FrameSearch::add(Bytes octets, const PiecePlace& place) {
    dropTaken();
    m_pieces.push_back({m_octets.size(), place});
    m_octets.append(asText(octets));
}

bool Http2FrameSearch::find(bool nothingFollows) {
    const Bytes all = asBytes(m_octets);
    for (; m_at < all.size(); ++m_at) {
        // A plausible frame is shorter than 64 KiB, so that its header begins with 0.
        if (all[m_at] != 0 && all[m_at] != static_cast<std::uint8_t>(kHttp2Preface[0])) continue;
        const Answer answer = look(all.subspan(m_at), nothingFollows);
        if (answer == Answer::Found) return true;
        if (answer == Answer::Wait) return findInLastPiece();
    }
    clear();
    return false;
}

Http2FrameSearch::Answer Http2FrameSearch::look(Bytes octets, bool nothingFollows) {
    const std::string_view text = asText(octets);
    if (text.starts_with(kHttp2Preface)) return Answer::Found;
    if (text[0] == kHttp2Preface[0])
        return kHttp2Preface.starts_with(text) && !nothingFollows ? Answer::Wait : Answer::No;
    const Http2Run run = followHttp2Frames(octets, kRun);
    if (run.broken) return Answer::No;
    if (run.exact || run.headers >= kRun) return Answer::Found;
    if (!nothingFollows) return Answer::Wait;
    return run.headers >= 2 ? Answer::Found : Answer::No;
}

bool Http2FrameSearch::findInLastPiece() {
    // What is waited for may be octets of a body; a piece that is frames from its first octet to its last decides.
    const std::size_t begin = m_pieces.back().at;
    if (begin <= m_at) return false;
    const Http2Run run = followHttp2Frames(asBytes(m_octets).subspan(begin), std::numeric_limits<unsigned>::max());
    if (run.broken || !run.exact) return false;
    m_at = begin;
    return true;
}

Http2FrameSearch::Piece Http2FrameSearch::front() const {
    std::size_t piece = m_piece;
    while (piece + 1 < m_pieces.size() && m_pieces[piece + 1].at <= m_at) ++piece;
    const std::size_t end = piece + 1 < m_pieces.size() ? m_pieces[piece + 1].at : m_octets.size();
    return {asBytes(m_octets).subspan(m_at, end - m_at), m_pieces[piece].place};
}

void Http2FrameSearch::take(std::size_t octets) {
    m_at += octets;
    while (m_piece + 1 < m_pieces.size() && m_pieces[m_piece + 1].at <= m_at) ++m_piece;
}

void Http2FrameSearch::clear() {
    m_octets = {}; // with their memory: a connection may live long after its loss
    m_pieces = {};
    m_at = 0;
    m_piece = 0;
}

void Http2FrameSearch::dropTaken() {
    if (empty()) clear();
    if (m_at < kDropBytes) return;
    take(0);
    m_octets.erase(0, m_at);
    m_pieces.erase(m_pieces.begin(), m_pieces.begin() + static_cast<std::ptrdiff_t>(m_piece));
    for (Begin& piece : m_pieces) piece.at = piece.at < m_at ? 0 : piece.at - m_at;
    m_at = 0;
    m_piece = 0;
}

} // namespace gatescope::http
