// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/analysis/header_inventory.h"
#include "core/report/numbering.h"
#include "core/report/row_writer.h"

#include <cstddef>
#include <functional>
#include <vector>

/// The rows of the contract, one function a kind. Each has its columns in the contract's order; a selection (indexes
/// into them, in the order wanted) says which are written, and the writer must have been made with the same selection.
namespace gatescope::report {

using Selection = std::vector<std::size_t>;

/// All columns, in their order.
Selection everything(const std::vector<Column>& columns);
std::vector<Column> chosen(const std::vector<Column>& columns, const Selection& selection);

std::vector<Column> exchangeColumns(const std::vector<analysis::Field>& fields);
/// Secrets are masked unless `reveal`. Stops early when the writer's sink refuses. `more`, if given, writes the cells
/// of columns behind those of `fields`. Without a numbering the numbers are those of the snapshot; here and below.
void writeExchanges(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows,
                    const std::vector<analysis::Field>& fields, bool reveal, RowWriter& writer,
                    const std::function<void(analysis::Row)>& more = {}, Numbering* numbering = nullptr);

/// Examples arrive masked from `headerInventory`.
std::vector<Column> headerColumns();
void writeHeaders(const std::vector<analysis::HeaderUse>& headers, const Selection& selection, RowWriter& writer);

/// Findings hold no secrets by their own contract.
std::vector<Column> findingColumns();
void writeFindings(const analysis::Snapshot& snapshot, const std::vector<analysis::PlacedFinding>& findings,
                   const Selection& selection, RowWriter& writer, Numbering* numbering = nullptr);

/// What `gscope fields` lists.
std::vector<Column> fieldColumns();
void writeFields(const Selection& selection, RowWriter& writer);

} // namespace gatescope::report
