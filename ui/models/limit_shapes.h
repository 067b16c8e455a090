// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/simulate/key_advisor.h"
#include "ui/bridge/limit_answer.h"
#include "ui/models/cell_table_model.h"
#include "ui/widgets/stacked_series.h"

namespace gatescope::ui {

/// What the policy would have done, or what really happened, along the time.
SeriesData limitSeries(const LimitView& view, bool predicted, bool severalDays);

std::vector<TableColumn> counterColumns();
/// In the order of LimitResult::keys; at most CellTableModel::kMaxRows.
std::vector<CellTableModel::Row> counterRows(const simulate::LimitResult& result,
                                             const std::vector<analysis::Field>& fields, bool severalDays);

std::vector<TableColumn> adviceColumns();
std::vector<CellTableModel::Row> adviceRows(const std::vector<simulate::KeyAdvice>& advice);

std::vector<TableColumn> findingColumns();
std::vector<CellTableModel::Row> findingRows(const std::vector<Finding>& findings);

std::vector<TableColumn> limitTimeColumns();
std::vector<CellTableModel::Row> limitTimeRows(const LimitView& view, bool severalDays);

} // namespace gatescope::ui
