// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/result_rows.h"
#include "core/simulate/dimension_preview.h"
#include "core/simulate/key_advisor.h"
#include "core/simulate/limit_simulation.h"
#include "core/simulate/ptu_simulation.h"

#include <string_view>
#include <vector>

/// Rows of simulations. Keys arrive masked. What is not known is left out, never 0.
namespace gatescope::report {

/// One row a key.
std::vector<Column> limitKeyColumns(const std::vector<analysis::Field>& key);
void writeLimitKeys(const simulate::LimitResult& result, const std::vector<analysis::Field>& key,
                    const Selection& selection, RowWriter& writer);

/// One row a call, by time.
std::vector<Column> limitCallColumns();
void writeLimitCalls(const analysis::Snapshot& snapshot, const simulate::LimitResult& result,
                     const Selection& selection, RowWriter& writer);

/// How far the prediction is from what headers stated: one row a header field that any call has.
std::vector<Column> deviationColumns();
void writeDeviations(const simulate::LimitResult& result, const Selection& selection, RowWriter& writer);

std::vector<Column> adviceColumns();
void writeAdvice(const std::vector<simulate::KeyAdvice>& advice, const Selection& selection, RowWriter& writer);

/// One row a bucket of time, then one row of totals, which has no `time`.
std::vector<Column> ptuColumns();
void writePtu(const simulate::PtuResult& result, const simulate::PtuPolicy& policy, const Selection& selection,
              RowWriter& writer);

/// One row a dimension, then one row for all of them together, which has no `dimension`.
std::vector<Column> dimensionColumns();
void writeDimensions(const simulate::DimensionPreview& preview, const Selection& selection, RowWriter& writer);

} // namespace gatescope::report
