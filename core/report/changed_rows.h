// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/row_writer.h"

#include <cstdint>
#include <memory>
#include <unordered_set>
#include <vector>

namespace gatescope::report {

/// Rows that are written again and again, whole each time, because what they say changes: only those that were not
/// there the last time, just so, go on. One thread.
class ChangedRows {
public:
    ChangedRows(const WriterOptions& options, ByteSink& sink) : m_options(options), m_sink(sink) {}

    /// For one more writing of all rows, with the same columns each time. Its `finish` hands everything to the sink.
    RowWriter writer(std::vector<Column> columns);
    /// After the last writing. False: the sink refused.
    bool finish();
    bool refused() const { return m_out && m_out->refused(); }

private:
    class Layout;

    WriterOptions m_options;
    ByteSink& m_sink;
    std::unique_ptr<RowWriter> m_out; ///< made with the first columns
    std::unordered_set<std::uint64_t> m_before, m_now;
};

} // namespace gatescope::report
