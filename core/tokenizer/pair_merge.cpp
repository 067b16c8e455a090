// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/pair_merge.h"

#include <algorithm>
#include <cstddef>
#include <functional>

namespace gatescope::tokenizer {
namespace {

/// Up to here looking at all pairs for each merge is faster than keeping a heap.
constexpr std::size_t kShortPiece = 64;

Rank rankOfSlice(std::string_view piece, std::size_t begin, std::size_t end, const Vocabulary& vocabulary) {
    return vocabulary.rankOf(piece.substr(begin, end - begin));
}

} // namespace

std::int64_t PairMerge::count(std::string_view piece, const Vocabulary& vocabulary) {
    if (piece.size() < 2) return static_cast<std::int64_t>(piece.size());
    if (vocabulary.rankOf(piece) != kNoRank) return 1;
    return piece.size() <= kShortPiece ? countShort(piece, vocabulary) : countLong(piece, vocabulary);
}

std::int64_t PairMerge::countShort(std::string_view piece, const Vocabulary& vocabulary) {
    m_parts.clear();
    for (std::size_t at = 0; at + 1 < piece.size(); ++at)
        m_parts.push_back({static_cast<std::uint32_t>(at), rankOfSlice(piece, at, at + 2, vocabulary)});
    m_parts.push_back({static_cast<std::uint32_t>(piece.size() - 1), kNoRank});

    const auto rate = [&](std::size_t index) {
        if (index + 1 >= m_parts.size()) return kNoRank;
        const std::size_t end = index + 2 < m_parts.size() ? m_parts[index + 2].start : piece.size();
        return rankOfSlice(piece, m_parts[index].start, end, vocabulary);
    };
    for (;;) {
        const auto best = std::ranges::min_element(m_parts, {}, &Part::withNext); // the first of equals
        if (best->withNext == kNoRank) return static_cast<std::int64_t>(m_parts.size());
        const auto index = static_cast<std::size_t>(best - m_parts.begin());
        m_parts.erase(best + 1);
        m_parts[index].withNext = rate(index);
        if (index > 0) m_parts[index - 1].withNext = rate(index - 1);
    }
}

void PairMerge::rate(std::uint32_t at, std::string_view piece, const Vocabulary& vocabulary) {
    Node& node = m_nodes[at];
    node.withNext = kNoRank;
    if (node.next >= piece.size()) return;
    node.withNext = rankOfSlice(piece, at, m_nodes[node.next].next, vocabulary);
    if (node.withNext == kNoRank) return;
    m_heap.push_back(static_cast<std::uint64_t>(node.withNext) << 32 | at);
    std::ranges::push_heap(m_heap, std::greater{});
}

std::int64_t PairMerge::countLong(std::string_view piece, const Vocabulary& vocabulary) {
    const auto size = static_cast<std::uint32_t>(piece.size());
    m_heap.clear();
    m_nodes.clear();
    for (std::uint32_t at = 0; at < size; ++at) m_nodes.push_back({at - 1, at + 1, kNoRank});
    for (std::uint32_t at = 0; at < size; ++at) rate(at, piece, vocabulary);

    std::int64_t parts = size;
    while (!m_heap.empty()) {
        std::ranges::pop_heap(m_heap, std::greater{});
        const auto at = static_cast<std::uint32_t>(m_heap.back());
        const auto rank = static_cast<Rank>(m_heap.back() >> 32);
        m_heap.pop_back();
        // A pair that was merged or whose neighbour grew has another rank by now, or none.
        if (m_nodes[at].withNext != rank) continue;
        const std::uint32_t merged = m_nodes[at].next;
        const std::uint32_t next = m_nodes[merged].next;
        m_nodes[at].next = next;
        m_nodes[merged].withNext = kNoRank;
        if (next < size) m_nodes[next].previous = at;
        --parts;
        rate(at, piece, vocabulary);
        if (at != 0) rate(m_nodes[at].previous, piece, vocabulary);
    }
    return parts;
}

} // namespace gatescope::tokenizer
