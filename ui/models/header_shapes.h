// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/header_drift.h"
#include "ui/models/cell_table_model.h"

#include <QString>

namespace gatescope::ui {

/// `exists(header:x-forwarded-for)`; empty for a name that the filter language cannot say.
QString headerCondition(const analysis::HeaderUse& use);

std::vector<TableColumn> inventoryColumns();
std::vector<CellTableModel::Row> inventoryRows(const std::vector<analysis::HeaderUse>& inventory, bool severalDays);
std::vector<TableColumn> driftColumns();
std::vector<CellTableModel::Row> driftRows(const std::vector<analysis::HeaderChange>& changes);

} // namespace gatescope::ui
