// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/llm/call_facts.h"
#include "core/llm/route.h"

#include <cstdint>
#include <optional>

namespace gatescope::llm {

/// Counts as the provider wrote them, under the names of resources/token-usage-fields.json.
struct RawUsage {
    std::optional<std::int64_t> input{};  ///< `prompt_tokens`, `input_tokens`, `promptTokenCount`, ...
    std::optional<std::int64_t> output{}; ///< `completion_tokens`, `output_tokens`, `candidatesTokenCount`, ...
    std::optional<std::int64_t> total{};
    std::optional<std::int64_t> cached{};
    std::optional<std::int64_t> cacheWrite{};   ///< as one number
    std::optional<std::int64_t> cacheWrite5m{}; ///< and its two parts, where the provider tells them apart
    std::optional<std::int64_t> cacheWrite1h{};
    std::optional<std::int64_t> reasoning{};
    std::optional<std::int64_t> toolPrompt{}; ///< Gemini: input that comes on top
    std::optional<std::int64_t> audioInput{}, audioOutput{}, imageInput{}, imageOutput{};
    std::optional<std::int64_t> webSearches{};

    /// Takes over what `later` knows: counts in a stream are cumulative and are never added up.
    void replaceWith(const RawUsage& later);
    /// Adds what `later` knows, for realtime sessions, where every answer is billed by itself. A sum that overflows is
    /// no count at all.
    void add(const RawUsage& later);
    bool empty() const;
};

/// Makes the families comparable: input includes cached, output includes reasoning (token-usage-fields.json,
/// `inclusive`). A count that is missing stays unknown. An empty `raw` gives TokenSource::Missing.
Usage normalised(WireFormat format, const RawUsage& raw);

/// True when a part is larger than its whole, or the total is not the sum of its parts.
bool partsExceedTotal(const Usage& usage);

/// True when two counts of the same tokens differ by more than a fifth of `reported`.
bool differMuch(std::int64_t booked, std::int64_t reported);

} // namespace gatescope::llm
