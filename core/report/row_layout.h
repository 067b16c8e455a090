// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/row_writer.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::report {

class RowWriter::Layout {
public:
    Layout(std::vector<Column> columns, ByteSink& sink);
    virtual ~Layout() = default;
    virtual void missing() = 0;
    virtual void number(std::int64_t value) = 0;
    virtual void decimal(double value) = 0;
    virtual void text(std::string_view value) = 0;
    virtual void list(const std::vector<std::string_view>& values) = 0;
    virtual void endRow() = 0;
    virtual void pause() = 0;
    virtual void finish() = 0;
    const std::vector<Column>& columns() const { return m_columns; }
    virtual bool refused() const { return m_refused; }

protected:
    /// Hands the buffer to the sink and empties it.
    void flush(std::string& buffer);

    std::vector<Column> m_columns;
    std::size_t m_next = 0; ///< column of the next cell

private:
    ByteSink& m_sink;
    bool m_refused = false;
};

/// Aligned columns for people; numbers to the right. With a width the widest text columns are cut first.
std::unique_ptr<RowWriter::Layout> makeTableLayout(std::vector<Column> columns, ByteSink& sink, std::size_t width);

std::string joined(const std::vector<std::string_view>& values);

} // namespace gatescope::report
