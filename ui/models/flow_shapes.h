// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/flow_answer.h"
#include "ui/models/cell_table_model.h"
#include "ui/widgets/sankey_layout.h"
#include "ui/widgets/stacked_series.h"
#include "ui/widgets/time_strip.h"

namespace gatescope::ui {

/// What the series of the token flow counts.
enum class SeriesUnit { Tokens, Requests };

/// Totals and series as the widgets and tables take them. All of it may run in any thread.
SankeyData sankeyOf(const FlowAnswer& answer);
SeriesData flowSeries(const TimeBuckets& time, SeriesUnit unit, bool severalDays);
StripData stripOf(const TimeBuckets& time, bool tokens, bool severalDays);

std::vector<TableColumn> linkColumns(const FlowAnswer& answer);
/// One row for each link, in their order; with a single layer one for each node.
std::vector<CellTableModel::Row> linkRows(const FlowAnswer& answer);
std::vector<TableColumn> timeColumns();
std::vector<CellTableModel::Row> timeRows(const TimeBuckets& time, bool severalDays);

/// Input that is not from a cache. Absent when no input is known.
std::optional<std::int64_t> uncachedInput(const analysis::Totals& totals);

} // namespace gatescope::ui
