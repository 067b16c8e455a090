// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/simulate/limit_simulation.h"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace gatescope::simulate {

/// How well a field serves as counter-key.
enum class KeyGrade : std::uint8_t { Good, Partial, Poor };
std::string_view toString(KeyGrade grade);

struct KeyAdvice {
    std::vector<analysis::Field> fields;
    KeyGrade grade = KeyGrade::Poor;
    std::string reason;         ///< one sentence for a person
    double coverage = 0;        ///< share of the calls that have a value in all fields
    std::uint64_t distinct = 0; ///< values; calls without one not counted
    std::optional<double> gini; ///< of the tokens by value: 0 all alike, near 1 one has all; absent below two values
    std::optional<std::uint64_t> throttled; ///< calls that would get 429 or 403; absent when the policy has no limit
    bool callerSets = false;                ///< a plain request header: the caller can choose its own bucket
};

/// Fields worth asking about: identity, where calls come from, and request headers that the catalogue knows as
/// identifying and that these calls have. At most 24.
std::vector<std::vector<analysis::Field>> candidateKeys(const analysis::Snapshot& snapshot,
                                                        const std::vector<analysis::Row>& rows);

/// Best first: by grade, then fields that say who called before others, then by coverage, then by fairness.
/// `policy.key` is ignored. A stop gives what was worked out before it.
std::vector<KeyAdvice> adviseKeys(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows,
                                  const std::vector<std::vector<analysis::Field>>& candidates,
                                  const LimitPolicy& policy, const std::stop_token& stop = {});

/// Gini coefficient; absent for fewer than two values or a sum of 0. Values are not negative.
std::optional<double> gini(std::vector<std::int64_t> values);

} // namespace gatescope::simulate
