// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::test {

/// A cell of a CSV file; nothing when it is empty and without quotes.
using CsvCell = std::optional<std::string>;
using CsvRows = std::vector<std::vector<CsvCell>>;

/// RFC 4180 to the letter: lines end with CR LF, a cell with a quote, a comma or a line break is quoted, quotes inside
/// are doubled, nothing follows a closing quote. Nothing when the text breaks a rule or rows differ in length.
inline std::optional<CsvRows> readCsv(std::string_view text) {
    CsvRows rows;
    while (!text.empty()) {
        std::vector<CsvCell> row;
        for (;;) {
            CsvCell cell;
            if (text.starts_with('"')) {
                cell.emplace();
                text.remove_prefix(1);
                for (;;) {
                    const std::size_t quote = text.find('"');
                    if (quote == std::string_view::npos) return std::nullopt;
                    cell->append(text.substr(0, quote));
                    text.remove_prefix(quote + 1);
                    if (!text.starts_with('"')) break;
                    *cell += '"';
                    text.remove_prefix(1);
                }
            } else {
                const std::size_t end = text.find_first_of(",\r\n\"");
                if (end == std::string_view::npos) return std::nullopt;
                if (end != 0) cell.emplace(text.substr(0, end));
                text.remove_prefix(end);
            }
            row.push_back(std::move(cell));
            if (!text.starts_with(',')) break;
            text.remove_prefix(1);
        }
        if (!text.starts_with("\r\n")) return std::nullopt;
        text.remove_prefix(2);
        if (!rows.empty() && rows.front().size() != row.size()) return std::nullopt;
        rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace gatescope::test
