// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/csv_columns.h"
#include "core/gatewaylog/json_records.h"
#include "core/gatewaylog/log_findings.h"
#include "core/gatewaylog/log_reader.h"
#include "core/gatewaylog/record_format.h"
#include "core/llm/json_text.h"

#include <algorithm>
#include <simdjson.h>
#include <utility>

namespace gatescope::gatewaylog {

namespace {

Finding findingAt(const FindingKind& kind, std::uint64_t line) {
    Finding finding;
    finding.kind = &kind;
    finding.packet = line;
    return finding;
}

/// Records in a text that is not one JSON value.
struct TextRecords final : JsonRecordSink {
    struct Record {
        std::string text;
        std::uint64_t line;
    };
    std::vector<Record> records;
    bool hasStray = false;
    void onBegin(std::uint64_t line) override { records.push_back({{}, line}); }
    void onText(std::string_view part) override { records.back().text.append(part); }
    void onEnd() override {}
    void onEnvelope() override { records.pop_back(); }
    void onStray(std::uint64_t) override { hasStray = true; }
};

template <typename Format>
const Format* formatNamed(std::span<const Format> formats, std::string_view name) {
    const auto found = std::ranges::find(formats, name, &Format::name);
    return found == formats.end() ? nullptr : &*found;
}

} // namespace

struct PieceReader::State {
    LogShape shape;
    ReadContext context;
    LogFields fields;
    std::shared_ptr<const std::string> header;
    CsvColumns columns;
    CsvRow row;
    llm::PaddedBuffer copy;

    void readJson(const LogPiece& piece, LogSink& sink);
    void readJsonText(std::string_view text, std::uint64_t line, bool cut, LogSink& sink);
    bool readJsonValue(std::string_view text, std::uint64_t line, LogSink& sink);
    void readRows(const LogPiece& piece, LogSink& sink);
    void readRow(std::uint64_t line, bool cut, LogSink& sink);
    void readLines(const LogPiece& piece, LogSink& sink);
    void readDocument(const LogPiece& piece, LogSink& sink);
    template <typename Read>
    static void forEachLine(const LogPiece& piece, Read&& read);
};

/// Calls `read(line, number, isLast)` for each line that is not empty.
template <typename Read>
void PieceReader::State::forEachLine(const LogPiece& piece, Read&& read) {
    std::string_view rest = piece.text.view();
    for (std::uint64_t number = piece.firstLine; !rest.empty(); ++number) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (llm::skipBlanks(line, 0) != line.size()) read(line, number, rest.empty());
    }
}

bool PieceReader::State::readJsonValue(std::string_view text, std::uint64_t line, LogSink& sink) {
    return context.json.readRecords(text, fields, [&] { context.records.read(fields, line, context, sink); });
}

void PieceReader::State::readJsonText(std::string_view text, std::uint64_t line, bool cut, LogSink& sink) {
    if (readJsonValue(text, line, sink)) return;
    // Not one value: perhaps several, or one with a comma behind it.
    TextRecords found;
    JsonRecordScanner scanner;
    scanner.feed(text, found);
    const bool hasOne = found.records.size() == 1 && found.records.front().text.size() == text.size();
    // Where text stands that is no JSON, what looks like a record may be the middle of a damaged one.
    if (found.records.empty() || hasOne || found.hasStray) {
        sink.onFinding(findingAt(cut ? kCutRecord : kDamagedRecord, line));
        return;
    }
    for (const auto& [record, number] : found.records) {
        copy.assign(record);
        const bool isCut = cut && scanner.inRecord() && &record == &found.records.back().text;
        if (!readJsonValue(copy.view(), line + number - 1, sink))
            sink.onFinding(findingAt(isCut ? kCutRecord : kDamagedRecord, line + number - 1));
    }
}

void PieceReader::State::readJson(const LogPiece& piece, LogSink& sink) {
    const std::string_view text = piece.text.view();
    for (const LogPiece::Place& place : piece.records) {
        const bool isLast = &place == &piece.records.back();
        readJsonText(text.substr(place.at, place.length), place.line, piece.cut && isLast, sink);
    }
    if (!piece.records.empty()) return;
    forEachLine(piece, [&](std::string_view line, std::uint64_t number, bool isLast) {
        readJsonText(line, number, piece.cut && isLast, sink);
    });
}

void PieceReader::State::readRow(std::uint64_t line, bool cut, LogSink& sink) {
    if (row.cells.size() == 1 && row.cells.front().empty()) return; // an empty line
    if (row.damaged || row.cells.size() != columns.size()) {
        sink.onFinding(findingAt(cut ? kCutRecord : kDamagedRecord, line));
        return;
    }
    columns.fill(row, fields);
    context.json.beginRecord();
    context.records.read(fields, line, context, sink);
}

void PieceReader::State::readRows(const LogPiece& piece, LogSink& sink) {
    if (!piece.header) return;
    if (header != piece.header) {
        header = piece.header;
        columns = CsvColumns(*header);
        context.timesAreUtc = columns.timesAreUtc();
    }
    const std::string_view text = piece.text.view();
    std::uint64_t line = piece.firstLine;
    for (std::size_t at = 0, next = 0; at < text.size(); at = next) {
        readCsvRow(text, at, columns.delimiter(), row, next);
        row.damaged = row.damaged || !simdjson::validate_utf8(text.data() + at, next - at);
        readRow(line, piece.cut && next == text.size(), sink);
        line += row.lines;
    }
}

void PieceReader::State::readLines(const LogPiece& piece, LogSink& sink) {
    const LineFormat* format = formatNamed(lineFormats(), shape.format);
    if (!format) return;
    forEachLine(piece, [&](std::string_view line, std::uint64_t number, bool) {
        if (!simdjson::validate_utf8(line.data(), line.size()) || !format->read(line, number, context, sink))
            sink.onFinding(findingAt(kDamagedRecord, number));
    });
}

void PieceReader::State::readDocument(const LogPiece& piece, LogSink& sink) {
    const DocumentFormat* format = formatNamed(documentFormats(), shape.format);
    if (format) format->read(piece.text, context, sink);
}

PieceReader::PieceReader(const LogShape& shape, std::shared_ptr<const ColumnNames> renamed)
    : m_state(std::make_unique<State>()) {
    m_state->shape = shape;
    m_state->context.records = RecordDispatch(std::move(renamed));
}
PieceReader::~PieceReader() = default;
PieceReader::PieceReader(PieceReader&&) noexcept = default;
PieceReader& PieceReader::operator=(PieceReader&&) noexcept = default;

void PieceReader::read(const LogPiece& piece, LogSink& sink) {
    switch (m_state->shape.container) {
    case Container::JsonValues:
        return m_state->readJson(piece, sink);
    case Container::Csv:
        return m_state->readRows(piece, sink);
    case Container::Lines:
        return m_state->readLines(piece, sink);
    case Container::Document:
        return m_state->readDocument(piece, sink);
    }
}

} // namespace gatescope::gatewaylog
