// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::gatewaylog {

/// Which octet separates the cells: the one of comma, semicolon and tab that the line of column names has most of.
char csvDelimiter(std::string_view header);

/// Follows the quotes of comma-separated values (RFC 4180) through any split and finds the ends of rows. Behind a quote
/// that nothing may follow the row is damaged and ends with its line.
class CsvRowScanner {
public:
    explicit CsvRowScanner(char delimiter = ',') : m_delimiter(delimiter) {}

    /// Place behind the line feed that ends the row under way; npos: it does not end in this text.
    std::size_t rowEnd(std::string_view text, std::size_t from);
    /// Inside a quoted cell: the row is not whole, whatever follows.
    bool inQuotes() const { return m_state == State::Quoted; }

private:
    enum class State : std::uint8_t { CellStart, Plain, Quoted, QuoteInQuoted };
    char m_delimiter;
    State m_state = State::CellStart;
};

/// One row, taken apart.
struct CsvRow {
    std::vector<std::string_view> cells; ///< quotes undone; views into the text or into `unquoted`
    std::string unquoted;
    bool damaged = false;
    std::uint64_t lines = 1; ///< that it takes
};

/// The row that begins at `from`; `next` is set behind its end. `row`'s views live until it is used again.
void readCsvRow(std::string_view text, std::size_t from, char delimiter, CsvRow& row, std::size_t& next);

} // namespace gatescope::gatewaylog
