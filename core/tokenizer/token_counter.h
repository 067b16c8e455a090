// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/pair_merge.h"
#include "core/tokenizer/utf8_repair.h"
#include "core/tokenizer/vocabulary.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatescope::tokenizer {

/// Counts the tokens of a text that arrives in parts, as in a stream of events. Any division into parts gives the count
/// of the whole text, also in the middle of a character.
///
/// Holds a few KiB of ordinary text, and never more than kMaxHeldBytes. The time is linear in the text but for a
/// logarithm of the length of a piece. One thread; the vocabulary must outlive it.
class TokenCounter {
public:
    /// A piece is what the pattern of the encoding takes in one match: in practice a word, a number, a run of blanks. A
    /// run of letters or blanks without end would have to be held whole, so it is cut here, at the last whole
    /// character, and counting goes on as if text began there. The count is off by about one token in each 64 KiB then.
    static constexpr std::size_t kMaxPieceBytes = 64 * 1024;
    /// An open piece waits until it has doubled, and what is then taken in may be octets that each become U+FFFD.
    static constexpr std::size_t kMaxHeldBytes = (2 + 3) * kMaxPieceBytes + 16;

    /// `maxPieceBytes` is for tests of the cut: 4 (the longest character) to kMaxPieceBytes.
    explicit TokenCounter(const Vocabulary& vocabulary, std::size_t maxPieceBytes = kMaxPieceBytes)
        : m_vocabulary(&vocabulary), m_maxPieceBytes(maxPieceBytes), m_scanAt(scanBytes()) {}

    void feed(std::string_view part);
    /// The count of everything fed since the last finish(); the counter is then as new.
    std::int64_t finish();
    /// Octets of text that wait for their end.
    std::size_t held() const { return m_text.size(); }

private:
    /// Text waits until this much is there: stream events of a few octets are not looked at one by one.
    static constexpr std::size_t kScanBytes = 4096;

    std::size_t scanBytes() const { return std::min(kScanBytes, m_maxPieceBytes); }
    /// Takes every piece whose end is certain; with `last`, everything.
    void scan(bool last);

    const Vocabulary* m_vocabulary;
    std::size_t m_maxPieceBytes;
    Utf8Repair m_repair;
    PairMerge m_merge;
    std::string m_text; ///< well-formed UTF-8 that is not counted yet
    std::size_t m_scanAt;
    std::int64_t m_tokens = 0;
};

} // namespace gatescope::tokenizer
