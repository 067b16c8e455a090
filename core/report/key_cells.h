// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/grouping.h"
#include "core/report/selected_row.h"

#include <optional>
#include <string>
#include <vector>

namespace gatescope::report {

/// The columns of group keys. Keys arrive as text; numbers and booleans become what they are again.
std::vector<Column> keyColumns(const std::vector<analysis::Field>& fields);
/// The cells of one key; a group's key is its own.
void addKeys(const std::vector<std::optional<std::string>>& key, const std::vector<analysis::Field>& fields,
             SelectedRow& row);
void addKeys(const analysis::Group& group, const std::vector<analysis::Field>& fields, SelectedRow& row);

} // namespace gatescope::report
