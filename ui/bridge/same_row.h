// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <optional>

namespace gatescope::ui {

/// The row of that exchange in a newer snapshot of the same dataset: rows of calls under way change with each
/// snapshot, and all others when old ones were forgotten. Nothing: it is forgotten.
std::optional<analysis::Row> sameRow(const analysis::Snapshot& before, analysis::Row row,
                                     const analysis::Snapshot& after);

} // namespace gatescope::ui
