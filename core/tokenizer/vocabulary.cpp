// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/vocabulary.h"

#include "core/base/hash.h"
#include "core/tokenizer/token_counter.h"
#include "core/tokenizer/vocabulary_file.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace gatescope::tokenizer {
namespace {

constexpr std::size_t pairIndex(std::string_view pair) {
    return static_cast<std::size_t>(static_cast<unsigned char>(pair[0])) << 8 | static_cast<unsigned char>(pair[1]);
}

std::unexpected<Error> refused(std::string_view why) {
    return std::unexpected(Error{ErrorKind::UnknownFormat, "vocabulary: " + std::string(why)});
}

} // namespace

std::expected<Vocabulary, Error> Vocabulary::fromTokens(std::span<const std::string_view> tokens, Encoding encoding) {
    if (tokens.empty()) return refused("no tokens");
    if (tokens.size() > kMaxTokens) return refused("more tokens than any vocabulary has");
    Vocabulary made;
    made.m_encoding = encoding;
    made.m_ends.reserve(tokens.size());
    made.m_slots.resize(std::bit_ceil(tokens.size() * 2)); // at most half full, so that a look-up is short
    made.m_octetPairs.assign(std::size_t{1} << 16, kNoRank);
    for (const std::string_view token : tokens) {
        if (token.empty() || token.size() > kMaxTokenBytes) return refused("a token is empty or too long");
        const auto rank = static_cast<Rank>(made.m_ends.size());
        const std::uint64_t hash = hashBytes(token);
        Slot& slot = made.m_slots[made.slotOf(token, hash)];
        if (slot.rank != kNoRank) return refused("a token is there twice");
        slot = {static_cast<std::uint32_t>(hash >> 32), rank};
        made.m_octets.append(token);
        made.m_ends.push_back(static_cast<std::uint32_t>(made.m_octets.size()));
        made.m_longest = std::max(made.m_longest, token.size());
        if (token.size() == 2) made.m_octetPairs[pairIndex(token)] = rank;
    }
    return made;
}

std::expected<Vocabulary, Error> Vocabulary::load(Bytes file) {
    auto read = readVocabularyFile(file);
    if (!read) return std::unexpected(std::move(read.error()));
    return fromTokens(read->tokens, read->encoding);
}

std::string_view Vocabulary::token(Rank rank) const {
    const std::uint32_t begin = rank == 0 ? 0 : m_ends[rank - 1];
    return std::string_view(m_octets).substr(begin, m_ends[rank] - begin);
}

std::size_t Vocabulary::slotOf(std::string_view token, std::uint64_t hash) const {
    const std::size_t mask = m_slots.size() - 1;
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    std::size_t place = hash & mask;
    while (m_slots[place].rank != kNoRank) {
        if (m_slots[place].hash == tag && this->token(m_slots[place].rank) == token) break;
        place = (place + 1) & mask;
    }
    return place;
}

Rank Vocabulary::rankOf(std::string_view token) const {
    if (token.size() == 2) return m_octetPairs[pairIndex(token)];
    if (token.empty() || token.size() > m_longest) return kNoRank;
    return m_slots[slotOf(token, hashBytes(token))].rank;
}

std::int64_t Vocabulary::countTokens(std::string_view utf8) const {
    TokenCounter counter(*this);
    counter.feed(utf8);
    return counter.finish();
}

} // namespace gatescope::tokenizer
