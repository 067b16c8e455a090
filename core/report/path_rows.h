// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/path_graph.h"
#include "core/report/result_rows.h"

#include <string>

/// Source paths as rows and as text for people. Evidence holds no secrets by its own contract.
namespace gatescope::report {

/// One row a path, the hops as a list of objects.
std::vector<Column> pathColumns();
void writePaths(const analysis::Snapshot& snapshot, const analysis::PathGraph& graph, const Selection& selection,
                RowWriter& writer);

/// One row a hop; what belongs to the path stands in each of its rows.
std::vector<Column> hopColumns();
void writeHops(const analysis::Snapshot& snapshot, const analysis::PathGraph& graph, const Selection& selection,
               RowWriter& writer);

/// Each path under a headline with its totals, then the findings and what could be trusted.
void writePathReport(const analysis::Snapshot& snapshot, const analysis::PathGraph& graph, const WriterOptions& options,
                     ByteSink& sink);

/// The hops of one path as a list of JSON objects: `address`, `port`, `class`, `range`, `role`, `lane`, `name`,
/// `subnet`, `standing`, `trusted`, `gap_before`, `evidence`.
std::string hopsAsJson(const path::SourcePath& path);

} // namespace gatescope::report
