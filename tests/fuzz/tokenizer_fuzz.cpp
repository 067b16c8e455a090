// SPDX-License-Identifier: Apache-2.0
// Input: one octet of settings (bit 0: encoding, bit 1: read the rest as a vocabulary file, bit 2: repeat the text),
// one that the lengths of the parts come from, then the text.
#include "core/tokenizer/splitter.h"
#include "core/tokenizer/token_counter.h"
#include "tests/unit/tokenizer/small_vocabulary.h"

#include <cstdlib>

using namespace gatescope;
using namespace gatescope::tokenizer;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

/// The whole text at once, without a counter: repaired, split, merged.
std::int64_t countAtOnce(std::string_view octets, const Vocabulary& vocabulary) {
    std::string text;
    Utf8Repair repair;
    repair.feed(octets, text);
    repair.finish(text);
    PairMerge merge;
    std::int64_t tokens = 0;
    for (std::string_view rest = text; !rest.empty();) {
        const Piece piece = nextPiece(rest, vocabulary.encoding());
        require(piece.bytes > 0 && piece.bytes <= rest.size());
        const std::int64_t count = merge.count(rest.substr(0, piece.bytes), vocabulary);
        require(count > 0 && count <= static_cast<std::int64_t>(piece.bytes));
        tokens += count;
        rest.remove_prefix(piece.bytes);
    }
    return tokens;
}

void countInParts(std::string_view text, unsigned seed, std::size_t maxPiece, const Vocabulary& vocabulary) {
    TokenCounter counter(vocabulary, maxPiece);
    counter.feed(text);
    const std::int64_t whole = counter.finish();
    for (std::size_t at = 0; at < text.size();) {
        seed = seed * 1103515245U + 12345U;
        const std::size_t step = 1 + (seed >> 16) % (1 + (seed & 0xff) * 16);
        counter.feed(text.substr(at, step));
        require(counter.held() <= TokenCounter::kMaxHeldBytes);
        at += step;
    }
    require(counter.finish() == whole);
    // Each octet may become three; below the limit of a piece nothing is ever cut.
    if (text.size() * 3 <= maxPiece) require(whole == countAtOnce(text, vocabulary));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    static const Vocabulary vocabularies[] = {tests::smallVocabulary(Encoding::Cl100k),
                                              tests::smallVocabulary(Encoding::O200k)};
    const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
    const std::size_t maxPiece = data[0] < 4 ? TokenCounter::kMaxPieceBytes : 4 + (data[0] >> 2) * 8U;
    if ((data[0] & 2) == 0)
        countInParts(text, data[1], maxPiece, vocabularies[data[0] & 1]);
    else if (const auto loaded = Vocabulary::load(asBytes(text)))
        countInParts(text, data[1], maxPiece, *loaded);
    return 0;
}
