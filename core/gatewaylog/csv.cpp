// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/csv.h"

#include <algorithm>
#include <cstring>

namespace gatescope::gatewaylog {

namespace {

/// A row with more is no row of a log, and each cell costs memory.
constexpr std::size_t kMaxCells = 1U << 16;

/// Text of a quoted cell whose inside is `quoted`, with each doubled quote as one.
std::string_view undoubled(std::string_view quoted, std::string& storage) {
    if (quoted.find('"') == std::string_view::npos) return quoted;
    const std::size_t from = storage.size();
    for (std::size_t i = 0; i < quoted.size(); ++i) {
        storage += quoted[i];
        if (quoted[i] == '"') ++i;
    }
    return std::string_view(storage).substr(from);
}

/// Place of the quote that closes the cell whose inside begins at `from`; npos: there is none.
std::size_t closingCsvQuote(std::string_view text, std::size_t from) {
    for (std::size_t at = text.find('"', from); at != std::string_view::npos; at = text.find('"', at + 2))
        if (at + 1 == text.size() || text[at + 1] != '"') return at;
    return std::string_view::npos;
}

} // namespace

char csvDelimiter(std::string_view header) {
    char best = ',';
    for (const char c : {';', '\t'})
        if (std::ranges::count(header, c) > std::ranges::count(header, best)) best = c;
    return best;
}

std::size_t CsvRowScanner::rowEnd(std::string_view text, std::size_t from) {
    for (std::size_t at = from; at < text.size(); ++at) {
        const char c = text[at];
        switch (m_state) {
        case State::Quoted: {
            const void* quote = std::memchr(text.data() + at, '"', text.size() - at);
            if (!quote) return std::string_view::npos;
            at = static_cast<std::size_t>(static_cast<const char*>(quote) - text.data());
            m_state = State::QuoteInQuoted;
            break;
        }
        case State::QuoteInQuoted:
            if (c == '"') {
                m_state = State::Quoted;
                break;
            }
            [[fallthrough]];
        case State::CellStart:
        case State::Plain:
            if (c == '\n') {
                m_state = State::CellStart;
                return at + 1;
            }
            if (c == m_delimiter)
                m_state = State::CellStart;
            else
                m_state = c == '"' && m_state == State::CellStart ? State::Quoted : State::Plain;
            break;
        }
    }
    return std::string_view::npos;
}

void readCsvRow(std::string_view text, std::size_t from, char delimiter, CsvRow& row, std::size_t& next) {
    CsvRowScanner scanner(delimiter);
    const std::size_t end = scanner.rowEnd(text, from);
    next = end == std::string_view::npos ? text.size() : end;
    std::string_view line = text.substr(from, next - from);
    row.lines = static_cast<std::uint64_t>(std::ranges::count(line, '\n'));
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    row.cells.clear();
    row.unquoted.clear();
    row.unquoted.reserve(line.size()); // views into it must stay
    row.damaged = false;
    for (std::size_t at = 0; at <= line.size();) {
        if (row.cells.size() == kMaxCells) {
            row.damaged = true;
            return;
        }
        if (at < line.size() && line[at] == '"') {
            const std::size_t quote = closingCsvQuote(line, at + 1);
            if (quote == std::string_view::npos || (quote + 1 < line.size() && line[quote + 1] != delimiter)) {
                row.damaged = true;
                return;
            }
            row.cells.push_back(undoubled(line.substr(at + 1, quote - at - 1), row.unquoted));
            at = quote + 2;
        } else {
            const std::size_t stop = std::min(line.find(delimiter, at), line.size());
            row.cells.push_back(line.substr(at, stop - at));
            at = stop + 1;
        }
    }
}

} // namespace gatescope::gatewaylog
