// SPDX-License-Identifier: Apache-2.0
#include "core/report/cell_text.h"
#include "core/report/escape.h"
#include "core/report/row_layout.h"
#include "core/report/utf8.h"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>

namespace gatescope::report {

namespace {

constexpr std::string_view kMissing = "-";
constexpr std::string_view kCutMark = "\xe2\x80\xa6"; // …
constexpr std::size_t kGap = 2;
/// A text column is not cut below this, because nothing could be told apart any more.
constexpr std::size_t kSmallestCut = 8;

bool isRightAligned(ColumnType type) {
    return type == ColumnType::Integer || type == ColumnType::Decimal || type == ColumnType::Duration ||
           type == ColumnType::Amount;
}

/// The longest beginning of `text` that takes at most `columns` terminal columns, with the columns that it takes.
std::pair<std::string_view, std::size_t> beginning(std::string_view text, std::size_t columns) {
    std::size_t used = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const Scalar scalar = scalarAt(text, at);
        const std::size_t more = columnsOf(scalar.value);
        if (used + more > columns) break;
        used += more;
        at += scalar.length;
    }
    return {text.substr(0, at), used};
}

class TableLayout : public RowWriter::Layout {
public:
    TableLayout(std::vector<Column> columns, ByteSink& sink, std::size_t width)
        : Layout(std::move(columns), sink), m_width(width), m_widths(m_columns.size(), 0) {
        for (const Column& column : m_columns) text(column.name);
        endRow();
    }

    void missing() override {
        add([&] { m_text += kMissing; });
    }
    void number(std::int64_t value) override {
        add([&] {
            switch (m_columns[m_next].type) {
            case ColumnType::Boolean:
                m_text += value != 0 ? "yes" : "no";
                break;
            case ColumnType::Duration:
                appendDuration(m_text, value);
                break;
            case ColumnType::Time:
                appendTime(m_text, value);
                break;
            default:
                appendInteger(m_text, value);
            }
        });
    }
    void decimal(double value) override {
        add([&] { appendDecimal(m_text, value); });
    }
    void text(std::string_view value) override {
        add([&] { appendTerminalText(m_text, value); });
    }
    void list(const std::vector<std::string_view>& values) override {
        values.empty() ? missing() : text(joined(values));
    }
    void endRow() override { m_next = 0; }

    void pause() override {
        if (!m_widthsAreFixed) leaveRoom();
        finish();
        m_widthsAreFixed = true;
        m_text.clear();
        m_ends.clear();
    }

    void finish() override {
        if (!m_widthsAreFixed) fitWidths();
        std::string buffer, line;
        std::size_t start = 0;
        for (std::size_t i = 0; i < m_ends.size() && !refused(); ++i) {
            const std::size_t column = i % m_columns.size();
            appendCell(line, column, std::string_view(m_text).substr(start, m_ends[i] - start));
            start = m_ends[i];
            if (column + 1 != m_columns.size()) continue;
            buffer += m_width == 0 ? line : beginning(line, m_width).first;
            buffer += '\n';
            line.clear();
            if (buffer.size() >= kFlushBytes) flush(buffer);
        }
        flush(buffer);
    }

private:
    static constexpr std::size_t kFlushBytes = 64 * 1024;

    template <typename Append>
    void add(Append&& append) {
        const std::size_t start = m_text.size();
        append();
        m_ends.push_back(m_text.size());
        if (!m_widthsAreFixed)
            m_widths[m_next] = std::max(m_widths[m_next], columnsOf(std::string_view(m_text).substr(start)));
        ++m_next;
    }

    /// Nobody knows how wide the cells of later rows will be.
    void leaveRoom() {
        for (std::size_t i = 0; i < m_columns.size(); ++i)
            m_widths[i] = std::max(m_widths[i], usualWidth(m_columns[i].type));
    }

    static std::size_t usualWidth(ColumnType type) {
        switch (type) {
        case ColumnType::Time:
            return 30;
        case ColumnType::Duration:
            return 10;
        case ColumnType::Text:
        case ColumnType::TextList:
        case ColumnType::Json:
            return 20;
        default:
            return 6;
        }
    }

    /// Takes columns away from the widest text column until the row fits, or until nothing more can be cut.
    void fitWidths() {
        if (m_width == 0 || m_columns.empty()) return;
        std::size_t total = kGap * (m_columns.size() - 1);
        for (const std::size_t width : m_widths) total += width;
        while (total > m_width) {
            std::size_t widest = m_columns.size();
            std::size_t next = 0; // width of the second widest
            for (std::size_t i = 0; i < m_columns.size(); ++i) {
                if (isRightAligned(m_columns[i].type)) continue;
                if (widest == m_columns.size() || m_widths[i] > m_widths[widest]) {
                    next = widest == m_columns.size() ? 0 : m_widths[widest];
                    widest = i;
                } else {
                    next = std::max(next, m_widths[i]);
                }
            }
            if (widest == m_columns.size() || m_widths[widest] <= kSmallestCut) return;
            const std::size_t floor = std::max({kSmallestCut, next == m_widths[widest] ? next - 1 : next});
            const std::size_t less = std::min(m_widths[widest] - floor, total - m_width);
            m_widths[widest] -= less;
            total -= less;
        }
    }

    void appendCell(std::string& out, std::size_t column, std::string_view cell) const {
        const bool isLast = column + 1 == m_columns.size();
        const std::size_t width = m_widths[column];
        std::size_t used = columnsOf(cell);
        const bool isCut = used > width;
        if (isCut) std::tie(cell, used) = beginning(cell, width - 1);
        if (isCut) ++used;
        const std::size_t padding = width - used;
        if (isRightAligned(m_columns[column].type)) out.append(padding, ' ');
        out += cell;
        if (isCut) out += kCutMark;
        if (isLast) return;
        if (!isRightAligned(m_columns[column].type)) out.append(padding, ' ');
        out.append(kGap, ' ');
    }

    std::size_t m_width;
    std::vector<std::size_t> m_widths;
    bool m_widthsAreFixed = false;   ///< rows have left
    std::string m_text;              ///< all cells, one after the other, ready for the terminal
    std::vector<std::size_t> m_ends; ///< where each cell ends in it
};

} // namespace

std::unique_ptr<RowWriter::Layout> makeTableLayout(std::vector<Column> columns, ByteSink& sink, std::size_t width) {
    return std::make_unique<TableLayout>(std::move(columns), sink, width);
}

} // namespace gatescope::report
