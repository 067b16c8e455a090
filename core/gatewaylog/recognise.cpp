// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/csv.h"
#include "core/gatewaylog/csv_columns.h"
#include "core/gatewaylog/json_records.h"
#include "core/gatewaylog/log_reader.h"
#include "core/gatewaylog/log_text.h"
#include "core/gatewaylog/record_format.h"
#include "core/llm/json_text.h"

#include <algorithm>

namespace gatescope::gatewaylog {

namespace {

/// A few records are enough: the first ones may be damaged, or of a category that is not read.
constexpr std::size_t kMaxRecords = 16;
constexpr std::size_t kMaxLines = 16;

/// Text has no control characters but blanks and the escape of coloured output.
bool isText(std::string_view head) {
    return std::ranges::none_of(head, [](char c) {
        const auto octet = static_cast<unsigned char>(c);
        return octet < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b;
    });
}

/// The first records of a head; the last one may be cut.
struct FirstRecords final : JsonRecordSink {
    std::vector<std::string> records;
    void onBegin(std::uint64_t) override { records.emplace_back(); }
    void onText(std::string_view part) override { records.back().append(part); }
    void onEnd() override {}
    void onEnvelope() override { records.pop_back(); }
    void onStray(std::uint64_t) override {}
};

class Recogniser {
public:
    explicit Recogniser(const ColumnNames& renamed) : m_renamed(renamed) {}

    std::optional<LogShape> json(std::string_view head) {
        FirstRecords first;
        JsonRecordScanner scanner;
        scanner.feed(head, first);
        const std::size_t count = std::min(first.records.size(), kMaxRecords);
        for (std::size_t i = 0; i < count; ++i) {
            const bool cut = i + 1 == first.records.size() && scanner.inRecord();
            if (const RecordFormat* format = formatOfText(cut ? closedJson(first.records[i]) : first.records[i]))
                return LogShape{Container::JsonValues, {}, format->title};
        }
        return {};
    }

    std::optional<LogShape> csv(std::string_view head, bool whole) {
        CsvRow row;
        std::size_t next = 0;
        const std::size_t end = CsvRowScanner(csvDelimiter(head.substr(0, head.find('\n')))).rowEnd(head, 0);
        if (end == std::string_view::npos && !whole) return {};
        CsvColumns columns(head.substr(0, end));
        if (columns.size() < 2) return {};
        readCsvRow(head, std::min(end, head.size()), columns.delimiter(), row, next);
        if (row.damaged || row.cells.size() != columns.size()) row.cells.assign(columns.size(), {});
        columns.fill(row, m_fields);
        restoreNames(m_fields, m_renamed);
        const RecordFormat* format = formatOf(m_fields);
        if (!format) return {};
        return LogShape{Container::Csv, {}, format->title};
    }

private:
    const RecordFormat* formatOfText(std::string_view record) {
        m_text.assign(record);
        if (!m_json.read(m_text.view(), m_fields)) return nullptr;
        restoreNames(m_fields, m_renamed);
        return formatOf(m_fields);
    }

    const ColumnNames& m_renamed;
    llm::PaddedBuffer m_text;
    JsonFields m_json;
    LogFields m_fields;
};

std::optional<LogShape> linesOf(std::string_view head, bool whole) {
    const auto formats = lineFormats();
    for (std::size_t count = 0; count < kMaxLines && !head.empty(); ++count) {
        const std::size_t end = head.find('\n');
        if (end == std::string_view::npos && !whole) break; // it may be cut
        std::string_view line = head.substr(0, end);
        head.remove_prefix(std::min(head.size(), line.size() + 1));
        if (line.ends_with('\r')) line.remove_suffix(1);
        for (const LineFormat& format : formats)
            if (!line.empty() && format.recognise(line)) return LogShape{Container::Lines, format.name, format.title};
    }
    return {};
}

std::optional<LogShape> documentOf(std::string_view head, bool whole) {
    for (const DocumentFormat& format : documentFormats())
        if (format.recognise(head, whole)) return LogShape{Container::Document, format.name, format.title};
    return {};
}

} // namespace

std::optional<LogShape> recognise(Bytes head, bool whole, const ColumnNames& renamed) {
    std::string_view text = withoutMark(asText(head));
    if (!isText(text)) return {};
    const std::size_t begin = llm::skipBlanks(text, 0);
    if (begin == text.size()) return {};
    Recogniser recogniser(renamed);
    std::optional<LogShape> shape;
    if (text[begin] == '{' || text[begin] == '[') shape = recogniser.json(text);
    if (!shape) shape = linesOf(text, whole);
    if (!shape) shape = recogniser.csv(text, whole);
    return shape ? shape : documentOf(text, whole);
}

} // namespace gatescope::gatewaylog
