// SPDX-License-Identifier: Apache-2.0
#include "core/report/row_writer.h"

#include "core/report/cell_text.h"
#include "core/report/escape.h"
#include "core/report/row_layout.h"

#include <array>
#include <utility>

namespace gatescope::report {

std::optional<Format> parseFormat(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, Format>, 5> kFormats{{{"table", Format::Table},
                                                                           {"json", Format::Json},
                                                                           {"jsonl", Format::Jsonl},
                                                                           {"csv", Format::Csv},
                                                                           {"tsv", Format::Tsv}}};
    for (const auto& [name, format] : kFormats)
        if (name == text) return format;
    return std::nullopt;
}

RowWriter::Layout::Layout(std::vector<Column> columns, ByteSink& sink) : m_columns(std::move(columns)), m_sink(sink) {}

void RowWriter::Layout::flush(std::string& buffer) {
    if (!m_refused && !buffer.empty()) m_refused = !m_sink.write(buffer);
    buffer.clear();
}

namespace {

/// One flush of the buffer; large enough that the system call does not count.
constexpr std::size_t kFlushBytes = 64 * 1024;

/// Cells that are no text look the same in every format but for JSON's quotes around times.
void appendNumber(std::string& out, ColumnType type, std::int64_t value) {
    switch (type) {
    case ColumnType::Boolean:
        out += value != 0 ? "true" : "false";
        break;
    case ColumnType::Duration:
        appendDuration(out, value);
        break;
    case ColumnType::Time:
        appendTime(out, value);
        break;
    default:
        appendInteger(out, value);
    }
}

class JsonLayout : public RowWriter::Layout {
public:
    JsonLayout(std::vector<Column> columns, ByteSink& sink, bool isArray)
        : Layout(std::move(columns), sink), m_isArray(isArray) {
        m_keys.resize(m_columns.size());
        for (std::size_t i = 0; i < m_columns.size(); ++i) {
            appendJsonString(m_keys[i], m_columns[i].name);
            m_keys[i] += ':';
        }
        if (m_isArray) m_buffer += '[';
    }

    void missing() override { ++m_next; }
    void number(std::int64_t value) override {
        key();
        const ColumnType type = m_columns[m_next++].type;
        if (type == ColumnType::Time) m_buffer += '"';
        appendNumber(m_buffer, type, value);
        if (type == ColumnType::Time) m_buffer += '"';
    }
    void decimal(double value) override {
        key();
        ++m_next;
        appendDecimal(m_buffer, value);
    }
    void text(std::string_view value) override {
        key();
        const ColumnType type = m_columns[m_next++].type;
        if (type == ColumnType::Amount || type == ColumnType::Json)
            m_buffer += value;
        else
            appendJsonString(m_buffer, value);
    }
    void list(const std::vector<std::string_view>& values) override {
        key();
        ++m_next;
        char before = '[';
        for (const std::string_view value : values) {
            m_buffer += std::exchange(before, ',');
            appendJsonString(m_buffer, value);
        }
        m_buffer += values.empty() ? "[]" : "]";
    }
    void endRow() override {
        if (!m_inRow) openRow();
        m_buffer += m_isArray ? "}" : "}\n";
        m_inRow = false;
        m_next = 0;
        if (m_buffer.size() >= kFlushBytes) flush(m_buffer);
    }
    void pause() override { flush(m_buffer); }
    void finish() override {
        if (m_isArray) m_buffer += m_hasRows ? "\n]\n" : "]\n";
        flush(m_buffer);
    }

private:
    void openRow() {
        if (m_isArray) m_buffer += m_hasRows ? ",\n" : "\n";
        m_buffer += '{';
        m_hasRows = true;
        m_inRow = true;
    }
    void key() {
        if (m_inRow)
            m_buffer += ',';
        else
            openRow();
        m_buffer += m_keys[m_next];
    }

    std::vector<std::string> m_keys;
    std::string m_buffer;
    bool m_isArray;
    bool m_hasRows = false;
    bool m_inRow = false;
};

/// CSV and TSV: a heading line, then one line a row.
class SeparatedLayout : public RowWriter::Layout {
public:
    SeparatedLayout(std::vector<Column> columns, ByteSink& sink, bool isCsv)
        : Layout(std::move(columns), sink), m_isCsv(isCsv) {
        for (const Column& column : m_columns) text(column.name);
        endRow();
    }

    void missing() override { separate(); }
    void number(std::int64_t value) override {
        const ColumnType type = m_columns[m_next].type;
        separate();
        appendNumber(m_buffer, type, value);
    }
    void decimal(double value) override {
        separate();
        appendDecimal(m_buffer, value);
    }
    void text(std::string_view value) override {
        separate();
        m_isCsv ? appendCsvText(m_buffer, value) : appendTsvText(m_buffer, value);
    }
    void list(const std::vector<std::string_view>& values) override {
        if (values.empty()) return missing();
        text(joined(values));
    }
    void endRow() override {
        m_buffer += m_isCsv ? "\r\n" : "\n";
        m_next = 0;
        if (m_buffer.size() >= kFlushBytes) flush(m_buffer);
    }
    void pause() override { flush(m_buffer); }
    void finish() override { flush(m_buffer); }

private:
    void separate() {
        if (m_next++ != 0) m_buffer += m_isCsv ? ',' : '\t';
    }

    std::string m_buffer;
    bool m_isCsv;
};

std::unique_ptr<RowWriter::Layout> makeLayout(const WriterOptions& options, std::vector<Column> columns,
                                              ByteSink& sink) {
    switch (options.format) {
    case Format::Table:
        return makeTableLayout(std::move(columns), sink, options.terminalWidth);
    case Format::Json:
    case Format::Jsonl:
        return std::make_unique<JsonLayout>(std::move(columns), sink, options.format == Format::Json);
    default:
        return std::make_unique<SeparatedLayout>(std::move(columns), sink, options.format == Format::Csv);
    }
}

} // namespace

std::string joined(const std::vector<std::string_view>& values) {
    std::string all;
    for (const std::string_view value : values) {
        if (!all.empty()) all += ';';
        all += value;
    }
    return all;
}

RowWriter::RowWriter(const WriterOptions& options, std::vector<Column> columns, ByteSink& sink)
    : m_layout(makeLayout(options, std::move(columns), sink)) {}
RowWriter::RowWriter(std::unique_ptr<Layout> layout) : m_layout(std::move(layout)) {}
RowWriter::~RowWriter() = default;

const std::vector<Column>& RowWriter::columns() const {
    return m_layout->columns();
}

void RowWriter::cell(const Cell& value) {
    struct Visitor {
        Layout& layout;
        void operator()(std::monostate) const { layout.missing(); }
        void operator()(std::int64_t number) const { layout.number(number); }
        void operator()(double number) const { layout.decimal(number); }
        void operator()(std::string_view text) const { layout.text(text); }
        void operator()(const std::vector<std::string_view>& list) const { layout.list(list); }
    };
    std::visit(Visitor{*m_layout}, value);
}

void RowWriter::text(std::string_view value) {
    m_layout->text(value);
}
void RowWriter::missing() {
    m_layout->missing();
}
void RowWriter::endRow() {
    m_layout->endRow();
}
void RowWriter::pause() {
    m_layout->pause();
}
bool RowWriter::finish() {
    m_layout->finish();
    return !refused();
}
bool RowWriter::refused() const {
    return m_layout->refused();
}

} // namespace gatescope::report
