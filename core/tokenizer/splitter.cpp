// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/splitter.h"

#include "core/tokenizer/character_class.h"

#include <array>
#include <cstdint>
#include <optional>

namespace gatescope::tokenizer {
namespace {

using enum CharacterClass;

constexpr unsigned bit(CharacterClass kind) {
    return 1U << static_cast<unsigned>(kind);
}

constexpr unsigned kLetters = bit(Upper) | bit(Lower) | bit(Letter);
constexpr unsigned kBlanks = bit(Space) | bit(LineEnd);
constexpr unsigned kSymbols = bit(Other) | bit(Mark); ///< [^\s L N]
constexpr unsigned kPrefix = bit(Other) | bit(Mark) | bit(Space);
constexpr unsigned kEitherCase = bit(Letter) | bit(Mark);
constexpr unsigned kUpperRun = bit(Upper) | kEitherCase;
constexpr unsigned kLowerRun = bit(Lower) | kEitherCase;

constexpr auto kAscii = [] {
    std::array<CharacterClass, 128> table{};
    for (unsigned code = 0; code < table.size(); ++code) {
        CharacterClass& kind = table[code];
        if (code >= 'A' && code <= 'Z')
            kind = Upper;
        else if (code >= 'a' && code <= 'z')
            kind = Lower;
        else if (code >= '0' && code <= '9')
            kind = Number;
        else if (code == '\r' || code == '\n')
            kind = LineEnd;
        else if (code == ' ' || code == '\t' || code == '\v' || code == '\f')
            kind = Space;
        else
            kind = Other;
    }
    return table;
}();

struct Character {
    CharacterClass kind = End;
    std::uint32_t octets = 0;

    bool isIn(unsigned kinds) const { return (bit(kind) & kinds) != 0; }
};

/// One attempt at a piece. Every look at the end of the text is remembered, because more text could change the answer
/// there.
class Attempt {
public:
    explicit Attempt(std::string_view text) : m_text(text) {}

    bool sawEnd() const { return m_sawEnd; }

    Character at(std::size_t place) {
        if (place >= m_text.size()) {
            m_sawEnd = true;
            return {};
        }
        const auto lead = static_cast<unsigned char>(m_text[place]);
        if (lead < 0x80) return {kAscii[lead], 1};
        if (lead < 0xe0) return {classOf((lead & 0x1fU) << 6 | low(place + 1)), 2};
        if (lead < 0xf0) return {classOf((lead & 0x0fU) << 12 | low(place + 1) << 6 | low(place + 2)), 3};
        return {classOf((lead & 0x07U) << 18 | low(place + 1) << 12 | low(place + 2) << 6 | low(place + 3)), 4};
    }

    bool isOctet(std::size_t place, char octet) {
        if (place < m_text.size()) return m_text[place] == octet;
        m_sawEnd = true;
        return false;
    }

    /// End of the run of such characters that begins at `place`.
    std::size_t runEnd(std::size_t place, unsigned kinds) {
        for (;;) {
            const Character next = at(place);
            if (!next.isIn(kinds)) return place;
            place += next.octets;
        }
    }

    /// `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll`, `'d` in any case of ASCII: its length, 0 when there is none.
    std::size_t contraction(std::size_t place) {
        if (!isOctet(place, '\'')) return 0;
        const char first = lowerCaseAt(place + 1);
        if (first == 's' || first == 't' || first == 'm' || first == 'd') return 2;
        if (first == 'r' || first == 'v') return lowerCaseAt(place + 2) == 'e' ? 3 : 0;
        if (first == 'l') return lowerCaseAt(place + 2) == 'l' ? 3 : 0;
        return 0;
    }

    /// The patterns' last three branches, at a blank: up to the last line end of the run; else the run without its last
    /// character, which goes with the text behind it, unless nothing is behind it or the run is one character.
    std::size_t blanks() {
        std::size_t end = 0, lastBegin = 0, afterLineEnd = 0;
        for (;;) {
            const Character next = at(end);
            if (!next.isIn(kBlanks)) {
                if (afterLineEnd != 0) return afterLineEnd;
                return next.kind == End || lastBegin == 0 ? end : lastBegin;
            }
            lastBegin = end;
            end += next.octets;
            if (next.kind == LineEnd) afterLineEnd = end;
        }
    }

    /// ` ?[^\s L N]+[\r\n]*`, with slashes among the line ends where the encoding has them; 0: no match.
    std::size_t symbols(bool withSlashes) {
        const std::size_t begin = isOctet(0, ' ') ? 1 : 0;
        std::size_t end = runEnd(begin, kSymbols);
        if (end == begin) return 0;
        while (isOctet(end, '\r') || isOctet(end, '\n') || (withSlashes && isOctet(end, '/'))) ++end;
        return end;
    }

    std::size_t number() {
        std::size_t end = 0;
        for (unsigned digits = 0; digits < 3; ++digits) {
            const Character next = at(end);
            if (next.kind != Number) break;
            end += next.octets;
        }
        return end;
    }

    /// `[Lu Lt Lm Lo M]*[Ll Lm Lo M]+` from `begin`. Without a lower-case letter after the first run, that run is given
    /// back up to its last character that passes for lower case, as a backtracking matcher does.
    std::optional<std::size_t> lowerWord(std::size_t begin) {
        std::size_t end = begin;
        std::optional<std::size_t> afterEitherCase;
        for (;;) {
            const Character next = at(end);
            if (next.kind == Lower) return runEnd(end, kLowerRun);
            if (!next.isIn(kUpperRun)) return afterEitherCase;
            end += next.octets;
            if (next.isIn(kEitherCase)) afterEitherCase = end;
        }
    }

    /// `[Lu Lt Lm Lo M]+[Ll Lm Lo M]*` from `begin`.
    std::optional<std::size_t> upperWord(std::size_t begin) {
        const std::size_t end = runEnd(begin, kUpperRun);
        if (end == begin) return std::nullopt;
        return runEnd(end, kLowerRun);
    }

private:
    std::uint32_t low(std::size_t place) const { return static_cast<unsigned char>(m_text[place]) & 0x3fU; }

    char lowerCaseAt(std::size_t place) {
        if (place >= m_text.size()) {
            m_sawEnd = true;
            return 0;
        }
        return static_cast<char>(m_text[place] | 0x20); // of no other octet this makes one of the letters asked for
    }

    std::string_view m_text;
    bool m_sawEnd = false;
};

std::size_t cl100kPiece(Attempt& attempt) {
    if (const std::size_t length = attempt.contraction(0)) return length;
    const Character first = attempt.at(0);
    if (first.isIn(kLetters)) return attempt.runEnd(0, kLetters);
    if (first.kind == Number) return attempt.number();
    if (first.isIn(kPrefix)) {
        const std::size_t end = attempt.runEnd(first.octets, kLetters);
        if (end != first.octets) return end;
        if (const std::size_t length = attempt.symbols(false)) return length;
    }
    return attempt.blanks();
}

/// A word of o200k: the four ways in the order of the pattern, with a character before the letters or without.
std::optional<std::size_t> o200kWord(Attempt& attempt, const Character& first) {
    const bool mayPrefix = first.isIn(kPrefix);
    const bool mayBegin = first.isIn(kLetters | bit(Mark));
    std::optional<std::size_t> end;
    if (mayPrefix) end = attempt.lowerWord(first.octets);
    if (!end && mayBegin) end = attempt.lowerWord(0);
    if (!end && mayPrefix) end = attempt.upperWord(first.octets);
    if (!end && mayBegin) end = attempt.upperWord(0);
    if (end) *end += attempt.contraction(*end);
    return end;
}

std::size_t o200kPiece(Attempt& attempt) {
    const Character first = attempt.at(0);
    if (const auto end = o200kWord(attempt, first)) return *end;
    if (first.kind == Number) return attempt.number();
    if (const std::size_t length = attempt.symbols(true)) return length;
    return attempt.blanks();
}

} // namespace

Piece nextPiece(std::string_view text, Encoding encoding) {
    Attempt attempt(text);
    Piece piece;
    piece.bytes = encoding == Encoding::O200k ? o200kPiece(attempt) : cl100kPiece(attempt);
    piece.open = attempt.sawEnd();
    return piece;
}

} // namespace gatescope::tokenizer
