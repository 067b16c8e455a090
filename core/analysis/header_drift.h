// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/analysis/header_inventory.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::analysis {

/// Shape of a value without its letters and digits: `guid`, `hex32`, `jwt`, `address:port`, `integer`, `word/word`,
/// ... Two values of one program have one shape; a masked value (`X`) has the shape of what it stands for.
std::string valuePattern(std::string_view value);

enum class DriftKind : std::uint8_t {
    New,            ///< only in the newer set
    Gone,           ///< only in the older set
    PatternChanged, ///< values of a shape that the older set did not have
    ValueChanged,   ///< one constant value before, another now
    ShareChanged,   ///< carried by clearly more or fewer of the messages: over 10 points
    Same
};
/// `new`, `gone`, `pattern`, `value`, `share`, `same`.
std::string_view toString(DriftKind kind);

/// One header name in one direction, in two sets of exchanges.
struct HeaderChange {
    DriftKind kind = DriftKind::Same;
    std::optional<HeaderUse> before, now;
    std::vector<std::string> patternsBefore, patternsNow; ///< most frequent first, at most 5
};

/// Changes first, by weight (identity and security headers before infrastructure), then by name.
std::vector<HeaderChange> headerDrift(const Snapshot& before, const std::vector<Row>& rowsBefore, const Snapshot& now,
                                      const std::vector<Row>& rowsNow, bool reveal = false);

} // namespace gatescope::analysis
