// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/vocabulary.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gatescope::tokenizer {

/// Byte-pair encoding of one piece: begin with single octets and, as long as two neighbours together are a token, merge
/// the pair with the lowest rank, the leftmost of equals. Keeps its working memory between calls; one thread.
class PairMerge {
public:
    /// Number of tokens of a piece; 0 for an empty one. n log n in its length. Pieces are below 4 GiB.
    std::int64_t count(std::string_view piece, const Vocabulary& vocabulary);

private:
    struct Part {
        std::uint32_t start;
        Rank withNext; ///< rank of this part and the next together
    };
    struct Node {
        std::uint32_t previous, next; ///< first octets of the neighbours
        Rank withNext;
    };

    std::int64_t countShort(std::string_view piece, const Vocabulary& vocabulary);
    std::int64_t countLong(std::string_view piece, const Vocabulary& vocabulary);
    void rate(std::uint32_t at, std::string_view piece, const Vocabulary& vocabulary);

    std::vector<Part> m_parts;
    std::vector<Node> m_nodes;
    std::vector<std::uint64_t>
        m_heap; ///< rank and place of a pair, lowest first; entries overtaken by a merge are skipped
};

} // namespace gatescope::tokenizer
