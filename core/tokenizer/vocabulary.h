// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/base/error.h"
#include "core/tokenizer/encoding.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::tokenizer {

/// Place of a token in its vocabulary: the lower, the earlier it is merged.
using Rank = std::uint32_t;
inline constexpr Rank kNoRank = std::numeric_limits<Rank>::max();

/// The tokens of one encoding and their ranks. Immutable once made, so any number of threads may share one; holds its
/// own copy of the tokens (about 7 MB for o200k).
///
/// Special tokens (`<|endoftext|>`) are not in it: text that spells one is ordinary text.
class Vocabulary {
public:
    static constexpr std::size_t kMaxTokens = 1U << 20; ///< five times the largest published vocabulary
    static constexpr std::size_t kMaxTokenBytes = 255;  ///< its length is one octet in the file; the longest is 128

    /// From tokens in the order of their ranks. UnknownFormat when there are none or too many, or when a token is
    /// empty, too long or there twice.
    static std::expected<Vocabulary, Error> fromTokens(std::span<const std::string_view> tokens, Encoding encoding);
    /// From the octets of a vocabulary file (see vocabulary_file.h). UnknownFormat when it is none, Damaged when it is
    /// cut or changed. The bytes are copied.
    static std::expected<Vocabulary, Error> load(Bytes file);

    Encoding encoding() const { return m_encoding; }
    std::size_t size() const { return m_ends.size(); }
    /// Length of the longest token.
    std::size_t longestToken() const { return m_longest; }

    /// Rank of exactly these octets, else kNoRank.
    Rank rankOf(std::string_view token) const;
    /// The octets of a token; `rank` is below size().
    std::string_view token(Rank rank) const;

    /// Number of tokens of a text, as js-tiktoken's `encode(text, [], [])` would give. Any octets are accepted: what is
    /// not UTF-8 counts as U+FFFD, in the way of the WHATWG decoder. Differs from the reference only in a piece longer
    /// than TokenCounter::kMaxPieceBytes, which is cut.
    std::int64_t countTokens(std::string_view utf8) const;

private:
    struct Slot {
        std::uint32_t hash = 0;
        Rank rank = kNoRank;
    };

    Vocabulary() = default;
    /// The slot of these octets, or the free one where they belong.
    std::size_t slotOf(std::string_view token, std::uint64_t hash) const;

    Encoding m_encoding = Encoding::Cl100k;
    std::size_t m_longest = 0;
    std::string m_octets; ///< all tokens, one after the other
    std::vector<std::uint32_t> m_ends;
    std::vector<Slot> m_slots;      ///< open addressing; its size is a power of two
    std::vector<Rank> m_octetPairs; ///< by first and second octet: every merge begins with pairs of octets
};

} // namespace gatescope::tokenizer
