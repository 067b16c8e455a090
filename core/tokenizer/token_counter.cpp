// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/token_counter.h"

#include "core/tokenizer/splitter.h"

#include <algorithm>
#include <utility>

namespace gatescope::tokenizer {
namespace {

bool isContinuation(char octet) {
    return (static_cast<unsigned char>(octet) & 0xc0) == 0x80;
}

/// What one piece may look at: at most `limit`, and whole characters.
std::string_view windowOf(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text;
    std::size_t size = limit;
    while (isContinuation(text[size])) --size;
    return text.substr(0, size);
}

} // namespace

void TokenCounter::feed(std::string_view part) {
    while (!part.empty()) {
        const std::string_view some = part.substr(0, kMaxPieceBytes);
        part.remove_prefix(some.size());
        m_repair.feed(some, m_text);
        if (m_text.size() >= m_scanAt) scan(false);
    }
}

std::int64_t TokenCounter::finish() {
    m_repair.finish(m_text);
    scan(true);
    m_text.clear();
    m_scanAt = scanBytes();
    return std::exchange(m_tokens, 0);
}

void TokenCounter::scan(bool last) {
    std::string_view rest = m_text;
    while (!rest.empty()) {
        const std::string_view window = windowOf(rest, m_maxPieceBytes);
        const bool cut = window.size() < rest.size();
        Piece piece = nextPiece(window, m_vocabulary->encoding());
        if (piece.open && cut) piece.bytes = window.size();
        if (piece.open && !cut && !last) break;
        m_tokens += m_merge.count(rest.substr(0, piece.bytes), *m_vocabulary);
        rest.remove_prefix(piece.bytes);
    }
    const std::size_t left = rest.size();
    m_text.erase(0, m_text.size() - left);
    // A long piece that is still open is looked at again only when it has doubled, so the looks add up to its length.
    m_scanAt = std::max(scanBytes(), 2 * left);
}

} // namespace gatescope::tokenizer
