// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/csv_columns.h"
#include "core/gatewaylog/json_records.h"
#include "core/gatewaylog/log_findings.h"
#include "core/gatewaylog/log_reader.h"
#include "core/gatewaylog/record_format.h"
#include "core/llm/json_text.h"

#include <algorithm>
#include <fmt/format.h>
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

/// Hands on what a piece gives, and of its findings only the first ones: a piece of damaged text could have one for
/// every octet.
class LimitedSink final : public LogSink {
public:
    explicit LimitedSink(LogSink& sink) : m_sink(sink) {}
    ~LimitedSink() override {
        if (m_last.kind == nullptr) return;
        m_last.evidence.push_back(fmt::format("one of {} more in this part of the log", m_leftOut));
        m_sink.onFinding(std::move(m_last));
    }
    void onRecord(LogRecord&& record) override { m_sink.onRecord(std::move(record)); }
    void onLlmPart(LlmPart&& part) override { m_sink.onLlmPart(std::move(part)); }
    void onFlow(LogFlow&& flow) override { m_sink.onFlow(std::move(flow)); }
    void onMetric(LogMetric&& metric) override { m_sink.onMetric(std::move(metric)); }
    void onFinding(Finding&& finding) override {
        if (m_told < kMaxFindings) {
            ++m_told;
            m_sink.onFinding(std::move(finding));
            return;
        }
        if (m_last.kind == nullptr) m_last = std::move(finding);
        ++m_leftOut;
    }

private:
    static constexpr std::uint64_t kMaxFindings = 1000; ///< of one piece
    LogSink& m_sink;
    Finding m_last; ///< stands for all that were left out
    std::uint64_t m_told = 0;
    std::uint64_t m_leftOut = 0;
};

template <typename Format>
const Format* formatNamed(std::span<const Format> formats, std::string_view name) {
    const auto found = std::ranges::find(formats, name, &Format::name);
    return found == formats.end() ? nullptr : &*found;
}

} // namespace

struct PieceReader::State {
    class Values;

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

/// Reads the records in a text that is not one JSON value, as they are found.
class PieceReader::State::Values final : public JsonRecordSink {
public:
    Values(State& state, std::uint64_t firstLine, LogSink& sink) : m_state(state), m_first(firstLine), m_sink(sink) {}

    void onBegin(std::uint64_t line) override {
        m_line = line;
        m_state.copy.clear();
    }
    void onText(std::string_view part) override { m_state.copy.append(part); }
    void onEnd() override {
        any = true;
        if (!m_state.readJsonValue(m_state.copy.view(), m_first + m_line - 1, m_sink)) find(kDamagedRecord, m_line);
    }
    void onEnvelope() override {}
    void onStray(std::uint64_t line) override {
        any = true;
        find(kDamagedRecord, line);
    }
    void find(const FindingKind& kind, std::uint64_t line) { m_sink.onFinding(findingAt(kind, m_first + line - 1)); }
    /// The text ended inside a record, or held nothing at all.
    void findEnd(const FindingKind& kind) { find(kind, m_line); }
    bool any = false; ///< something was read or found

private:
    State& m_state;
    std::uint64_t m_first;
    LogSink& m_sink;
    std::uint64_t m_line = 1; ///< of the record under way, in the text
};

void PieceReader::State::readJsonText(std::string_view text, std::uint64_t line, bool cut, LogSink& sink) {
    if (readJsonValue(text, line, sink)) return;
    // Perhaps several values, or one with a comma behind it.
    Values values(*this, line, sink);
    JsonRecordScanner scanner;
    scanner.feed(text, values);
    if (scanner.inRecord() || !values.any) values.findEnd(cut ? kCutRecord : kDamagedRecord);
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

void PieceReader::read(const LogPiece& piece, LogSink& given) {
    LimitedSink sink(given);
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
