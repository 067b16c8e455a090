// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::analysis {

/// Percentiles take as long as all sums together.
enum class TotalsKind : std::uint8_t { SumsOnly, WithPercentiles };

/// The token sums of Totals, as bits of `Totals::known`.
enum class TokenSum : std::uint8_t { Input = 1, Output = 2, Total = 4, Cached = 8, CacheWrite = 16, Reasoning = 32 };

/// Totals over a set of exchanges. Sums add what is known; `withoutUsage` says how much is not, and a sum to which
/// no exchange had anything to add is unknown, not 0.
struct Totals {
    std::uint64_t exchanges = 0;
    std::uint64_t errors = 0;    ///< status >= 400 or no answer
    std::uint64_t throttled = 0; ///< 429
    std::uint64_t calls = 0;     ///< of a model (api known)
    std::uint64_t retries = 0;   ///< of those, further attempts of a call that failed before; see `Attempts`
    std::int64_t inputTokens = 0;
    std::int64_t outputTokens = 0;
    std::int64_t totalTokens = 0;
    std::int64_t cachedTokens = 0;
    std::int64_t cacheWriteTokens = 0;
    std::int64_t reasoningTokens = 0;
    std::int64_t estimatedTokens = 0;
    std::uint64_t withoutUsage = 0; ///< calls of a model (api known) without a token count
    std::uint64_t withUsage = 0;    ///< exchanges with a token count
    std::uint8_t known = 0;         ///< sums to which some exchange added
    std::optional<std::int64_t> durationP50, durationP95, ttftP50, ttftP95; ///< ns; nearest rank
    std::optional<double> outputRateP50; ///< output tokens per second after the first one, of streamed answers
    TimeNs firstTime = kNoTime;
    TimeNs lastTime = kNoTime;

    bool knows(TokenSum sum) const { return (known & static_cast<std::uint8_t>(sum)) != 0; }
};

struct Group {
    std::vector<std::optional<std::string>> key; ///< one per field; absent when the exchange has no value
    Totals totals;
    std::vector<Row> rows; ///< in the order given
};

/// Groups `rows` by `fields`: most tokens first, then by key. Text keys are masked like any other output unless
/// `reveal`; two different secrets stay two groups.
std::vector<Group> groupBy(const Snapshot& snapshot, const std::vector<Row>& rows, const std::vector<Field>& fields,
                           bool reveal = false);

/// The same, and for each of `rows` which group it is in.
struct IndexedGroups {
    std::vector<Group> groups;
    std::vector<std::uint32_t> indexes;
};
IndexedGroups indexedGroups(const Snapshot& snapshot, const std::vector<Row>& rows, const std::vector<Field>& fields,
                            bool reveal = false, TotalsKind kind = TotalsKind::WithPercentiles);

Totals totalsOf(const Snapshot& snapshot, const std::vector<Row>& rows);

} // namespace gatescope::analysis
