// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/joining.h"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace gatescope::analysis {

/// Which rows show the calls that several records tell of. Made once, when all records are there.
struct JoinIndex {
    JoinResult result;
    std::vector<bool> hidden;                      ///< by row: it is shown by another one; rows beyond it are not
    std::unordered_map<Row, Row> shownBy;          ///< of hidden rows
    std::unordered_map<Row, std::uint32_t> callOf; ///< joined row: index into result.calls

    bool isHidden(Row row) const { return row < hidden.size() && hidden[row]; }
};

} // namespace gatescope::analysis
