// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cost/money.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatescope::cost {

/// What is counted and has a price of its own.
enum class Meter : std::uint8_t {
    Input, ///< not cached, of no other kind
    CachedInput,
    CacheWrite, ///< where the table does not tell the lifetimes apart
    CacheWrite5m,
    CacheWrite1h,
    Output,
    Reasoning,
    AudioInput,
    AudioOutput,
    ImageInput,
    ImageOutput,
    WebSearch,
    Request
};
inline constexpr std::size_t kMeterCount = 13;

/// `input tokens`, ...: for bills.
std::string_view meterName(Meter meter);
/// The key in the price table: `cacheRead`, `webSearchPer1000`, ...
std::string_view rateKey(Meter meter);
/// All but web searches and requests.
bool countsTokens(Meter meter);

/// Prices in 10^-15 of the currency's unit for one piece (one token, one search, one request). Absent: not stated,
/// which is not 0.
struct Rates {
    std::array<std::optional<std::int64_t>, kMeterCount> perPiece{};

    const std::optional<std::int64_t>& of(Meter meter) const { return perPiece[static_cast<std::size_t>(meter)]; }
    std::optional<std::int64_t>& of(Meter meter) { return perPiece[static_cast<std::size_t>(meter)]; }
};

/// Counts of one call, normalised as in llm::Usage: input includes cached and cache writes, output includes reasoning.
struct TokenCounts {
    std::optional<std::int64_t> input{}, output{}, total{};
    std::optional<std::int64_t> cached{}, cacheWrite{}, cacheWrite1h{}, reasoning{};
    std::optional<std::int64_t> audioInput{}, audioOutput{}, imageInput{}, imageOutput{}, webSearches{};
};

/// How much of a call's cost the counts can show.
enum class Coverage : std::uint8_t {
    Complete,
    WithoutCacheWrites, ///< the table has a price for them, and the call does not say how many there were
    Estimated           ///< the counts, or how they split, are estimates
};
/// `complete`, `without-cache-writes`, `estimated`.
std::string_view toString(Coverage coverage);

/// Pieces for each meter.
struct Quantities {
    std::array<std::int64_t, kMeterCount> pieces{};
    Coverage coverage = Coverage::Complete;

    std::int64_t of(Meter meter) const { return pieces[static_cast<std::size_t>(meter)]; }
};

/// Splits a call's counts into pieces that are priced apart under `rates` (nullptr: no prices known). Each token is in
/// exactly one meter. Nothing when input or output is unknown, or the parts contradict the whole. `hasOutput` false: an
/// API without output tokens (embeddings).
std::optional<Quantities> split(const TokenCounts& counts, const Rates* rates, bool hasOutput = true);

/// The price of all pieces. Nothing when a piece has no price; `missing`, if given, then says which.
std::optional<Money> priceOf(const Quantities& quantities, const Rates& rates, Meter* missing = nullptr);

} // namespace gatescope::cost
