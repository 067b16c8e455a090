// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace gatescope::analysis {

/// How the attempts of one call are told from new calls.
struct AttemptLimits {
    /// A retry begins at most this long after the wait that was asked for is over: SDKs back off up to 8 s between two
    /// tries, gateways and agents somewhat longer.
    std::int64_t slackNs = 30'000'000'000;
    /// A longer wait is not followed: SDKs give up at 120 s (openai-python), token buckets in debt ask for minutes.
    std::int64_t maxWaitNs = 600'000'000'000;
};

/// Which exchanges are further attempts of a call that failed before: the same caller (identity headers, token and
/// address without port) sends the same body again, or the same trace, after an answer that invites a retry (408, 409,
/// 429, 5xx or none), when that answer is over and within the wait. A call that is under way while the other one runs
/// is another hop or a parallel call, never an attempt. Source: the retry rules of the OpenAI and Anthropic SDKs.
class Attempts {
public:
    struct Place {
        Row first;            ///< of the first attempt
        std::uint32_t number; ///< from 1
    };

    Attempts() = default;
    /// `order`: all rows by time.
    Attempts(const Snapshot& snapshot, const std::vector<Row>& order, const AttemptLimits& limits = {});

    /// Where a row stands among the attempts of its call. A row that was never repeated is its own first.
    Place of(Row row) const;
    /// Rows with a number over 1, in time order.
    const std::vector<Row>& repeats() const { return m_repeats; }
    bool isRepeat(Row row) const;

private:
    std::unordered_map<Row, Place> m_places; ///< of repeated calls only
    std::vector<Row> m_repeats;
};

} // namespace gatescope::analysis
