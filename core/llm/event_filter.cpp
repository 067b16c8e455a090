// SPDX-License-Identifier: Apache-2.0
#include "core/llm/event_filter.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gatescope::llm {

namespace {

constexpr bool isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Eight octets as a number, so that names are compared without a call.
std::uint64_t eightOf(const char* text) {
    std::uint64_t word = 0;
    std::memcpy(&word, text, 8);
    return word;
}

/// Length of the name of interest, quotes included, that stands at the beginning of `rest`; 0: none does. What is
/// shorter than a name with a value behind it holds nothing.
std::size_t nameLength(std::string_view rest) {
    if (rest.size() < 9) return 0;
    const char* const at = rest.data();
    const std::uint64_t word = eightOf(at);
    if (word == eightOf("\"usage\":") || word == eightOf("\"error\":")) return 7;
    if (word == eightOf("\"finish_")) return rest.size() > 15 && eightOf(at + 7) == eightOf("_reason\"") ? 15 : 0;
    for (const std::string_view rare : {"\"usage\"", "\"error\"", "\"usageMetadata\"", "\"finishReason\""})
        if (at[1] == rare[1] && at[6] == rare[6] && rest.starts_with(rare)) return rare.size();
    return 0;
}

/// True when a name of interest stands at `at` and its value is neither null nor an empty text.
bool outcomeAt(std::string_view data, std::size_t at) {
    const std::string_view rest = data.substr(at);
    std::size_t i = nameLength(rest);
    if (i == 0) return false;
    while (i < rest.size() && isBlank(rest[i])) ++i;
    if (i == rest.size() || rest[i] != ':') return false;
    ++i;
    while (i < rest.size() && isBlank(rest[i])) ++i;
    if (i == rest.size() || rest[i] == 'n') return false;
    return rest[i] != '"' || (i + 1 < rest.size() && rest[i + 1] != '"');
}

constexpr bool isFirstLetter(char c) {
    return c == 'u' || c == 'f' || c == 'e';
}

bool scanBytes(std::string_view data, std::size_t from) {
    for (std::size_t i = from; i + 1 < data.size(); ++i)
        if (data[i] == '"' && isFirstLetter(data[i + 1]) && outcomeAt(data, i)) return true;
    return false;
}

bool isSettledResponse(std::string_view name) {
    return name == "response.completed" || name == "response.incomplete" || name == "response.failed";
}

} // namespace

bool mentionsOutcome(std::string_view data) {
    std::size_t i = 0;
#if defined(__SSE2__)
    // Quote and letter are compared in whole vectors: a stream is mostly content, and this loop sees all of it.
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i letterU = _mm_set1_epi8('u');
    const __m128i letterF = _mm_set1_epi8('f');
    const __m128i letterE = _mm_set1_epi8('e');
    for (; i + 17 <= data.size(); i += 16) {
        const __m128i here = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data.data() + i));
        const __m128i next = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data.data() + i + 1));
        const __m128i letters = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(next, letterU), _mm_cmpeq_epi8(next, letterF)),
                                             _mm_cmpeq_epi8(next, letterE));
        auto hits = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(here, quote), letters)));
        while (hits != 0) {
            if (outcomeAt(data, i + static_cast<std::size_t>(std::countr_zero(hits)))) return true;
            hits &= hits - 1;
        }
    }
#endif
    return scanBytes(data, i);
}

bool mayHoldOutcome(WireFormat format, const http::ServerSentEvent& event) {
    const std::string_view name = event.name;
    if (format == WireFormat::OpenAiResponses && name.starts_with("response.")) return isSettledResponse(name);
    if (format == WireFormat::Anthropic) {
        if (name == "content_block_delta" || name == "ping") return false;
        if (name == "message_start" || name == "message_delta") return true;
    }
    return mentionsOutcome(event.data);
}

} // namespace gatescope::llm
