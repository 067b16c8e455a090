// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/path_answer.h"
#include "ui/models/cell_table_model.h"
#include "ui/widgets/hop_graph_layout.h"

#include <QString>

namespace gatescope::ui {

/// What the width of an edge stands for.
enum class PathMeasure { Calls, Tokens };

QString roleTitle(path::Role role); ///< `Data proxy`
Glyph roleGlyph(path::Role role);
QString rangeBadge(path::AddressKind kind); ///< `CGNAT`, `private`, `public`
Tone rangeTone(path::AddressKind kind);
HopLine lineOf(path::Standing standing);
QString standingText(path::Standing standing); ///< `claimed by a header`
Glyph severityGlyph(Severity severity);
Tone severityTone(Severity severity);
/// `3 % errors`, `3 % 429`; empty without errors.
QString errorText(const analysis::PathTotals& totals);

HopGraphData hopGraphOf(const analysis::PathGraph& graph, PathMeasure measure);

/// What there is to say of a node or an edge, as rich text with nothing in it that was not escaped.
QString nodePage(const analysis::PathNode& node);
QString edgePage(const analysis::PathGraph& graph, const analysis::PathEdge& edge);
QString pathPage(const analysis::PathGraph& graph, const analysis::PathSummary& path);

std::vector<TableColumn> pathColumns();
std::vector<CellTableModel::Row> pathRows(const analysis::PathGraph& graph, bool severalDays);
std::vector<TableColumn> hopColumns();
std::vector<CellTableModel::Row> hopRows(const analysis::PathGraph& graph, bool severalDays);
std::vector<TableColumn> hopLinkColumns();
std::vector<CellTableModel::Row> hopLinkRows(const analysis::PathGraph& graph);
std::vector<TableColumn> pathFindingColumns();
std::vector<CellTableModel::Row> pathFindingRows(const std::vector<PathFinding>& findings);

} // namespace gatescope::ui
