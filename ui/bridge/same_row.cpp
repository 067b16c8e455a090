// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/same_row.h"

namespace gatescope::ui {

std::optional<analysis::Row> sameRow(const analysis::Snapshot& before, analysis::Row row,
                                     const analysis::Snapshot& after) {
    if (row >= before.size()) return std::nullopt;
    const bool steady = !before.isOpen(row) && before.renumberings() == after.renumberings();
    if (steady) return row < after.size() ? std::optional(row) : std::nullopt;
    return after.find(before.flowStart(row), before.indexInFlow(row));
}

} // namespace gatescope::ui
