// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/format.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gatescope::report {

enum class ColumnType : std::uint8_t { Integer, Decimal, Duration, Time, Boolean, Text, TextList, Amount, Json };

struct Column {
    std::string name; ///< as in the contract
    ColumnType type = ColumnType::Text;
};

/// One cell: nothing, a number (Integer; Boolean as 0 or 1; Duration and Time in nanoseconds), a share (Decimal), a
/// text, or a list of texts. Which of them, says the column. Text is written as it is: whoever calls has masked it. An
/// Amount is a decimal number that comes as text, because it has more digits than a double: `0.000346`. A Json cell
/// is JSON text, which the JSON formats take as it is and all others as text.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string_view, std::vector<std::string_view>>;

struct WriterOptions {
    Format format = Format::Jsonl;
    std::size_t terminalWidth = 0; ///< table only: columns of the terminal; 0: never cut
};

/// Writes rows of cells in any of the formats. One writer for all row kinds, so that they all look the same:
/// times RFC 3339 with nine digits, durations in milliseconds with three decimals, a missing value left out (JSON),
/// empty (CSV, TSV) or `-` (table). JSON Lines, CSV and TSV leave in pieces as rows come; a table needs all rows first.
/// In CSV, TSV and tables the entries of a list are joined with `;`.
class RowWriter {
public:
    /// The way a format writes cells. Internal to the room.
    class Layout;

    RowWriter(const WriterOptions& options, std::vector<Column> columns, ByteSink& sink);
    explicit RowWriter(std::unique_ptr<Layout> layout);
    ~RowWriter();
    RowWriter(const RowWriter&) = delete;
    RowWriter& operator=(const RowWriter&) = delete;

    const std::vector<Column>& columns() const;
    /// The next cell of the row under way. Each row has exactly as many cells as there are columns.
    void cell(const Cell& value);
    /// A text cell without the detour over a variant, for loops over many rows.
    void text(std::string_view value);
    void missing();
    void endRow();
    /// Writes all rows so far, because it may take a while until more come. A table's columns then have the widths that
    /// they will keep.
    void pause();
    /// Writes what is left. Call once, last. False: the sink refused.
    bool finish();
    /// The sink refused; further rows are pointless.
    bool refused() const;

private:
    std::unique_ptr<Layout> m_layout;
};

} // namespace gatescope::report
