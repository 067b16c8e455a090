// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/cutter.h"

#include "core/gatewaylog/csv_columns.h"
#include "core/gatewaylog/log_findings.h"
#include "core/llm/json_text.h"

#include <algorithm>
#include <utility>

namespace gatescope::gatewaylog {

namespace {

std::uint64_t linesIn(std::string_view text) {
    // Counted in octets, which the compiler turns into whole vectors: up to as many as an octet can count.
    constexpr std::size_t kStep = 255;
    std::uint64_t lines = 0;
    for (std::size_t at = 0; at < text.size(); at += kStep) {
        std::uint8_t count = 0;
        for (const char c : text.substr(at, kStep)) count = static_cast<std::uint8_t>(count + (c == '\n' ? 1 : 0));
        lines += count;
    }
    return lines;
}

/// The first `size` octets of `text` as a piece; `text` keeps the rest.
LogPiece pieceOf(llm::PaddedBuffer& text, std::size_t size, std::uint64_t& line) {
    LogPiece piece;
    piece.text = std::exchange(text, {});
    text.append(piece.text.view().substr(size));
    piece.text.resize(size);
    piece.firstLine = line;
    line += linesIn(piece.text.view());
    return piece;
}

std::string_view trimmedLine(std::string_view line) {
    line.remove_prefix(llm::skipBlanks(line, 0));
    while (!line.empty() && llm::isJsonBlank(line.back())) line.remove_suffix(1);
    return line;
}

} // namespace

void Cutter::find(const FindingKind& kind, std::uint64_t line) {
    Finding finding;
    finding.kind = &kind;
    finding.packet = line;
    findings.push_back(std::move(finding));
}

// --- one record a line

void LineCutter::feed(std::string_view text, std::vector<LogPiece>& pieces) {
    // In slices, so that a line over the limit is seen however the text comes.
    for (; !text.empty(); text.remove_prefix(std::min(text.size(), m_limits.pieceBytes)))
        feedSlice(text.substr(0, m_limits.pieceBytes), pieces);
}

void LineCutter::feedSlice(std::string_view slice, std::vector<LogPiece>& pieces) {
    const std::size_t end = slice.find('\n');
    if (!m_dropping && m_text.size() - m_lineAt + std::min(end, slice.size()) > m_limits.maxRecordBytes) {
        m_text.resize(m_lineAt);
        if (m_lineAt != 0) give(m_lineAt, pieces);
        find(kRecordTooLong, m_line);
        m_dropping = true;
    }
    if (m_dropping) {
        if (end == std::string_view::npos) return;
        slice.remove_prefix(end + 1);
        m_dropping = false;
        ++m_line;
    }
    const std::size_t last = slice.rfind('\n');
    if (last != std::string_view::npos) m_lineAt = m_text.size() + last + 1;
    m_text.append(slice);
    if (m_text.size() >= m_limits.pieceBytes && m_lineAt != 0) give(m_lineAt, pieces);
}

void LineCutter::give(std::size_t size, std::vector<LogPiece>& pieces) {
    pieces.push_back(pieceOf(m_text, size, m_line));
    m_lineAt = 0;
}

void LineCutter::finish(std::vector<LogPiece>& pieces) {
    if (m_text.empty()) return;
    const std::string_view last = trimmedLine(m_text.view().substr(m_lineAt));
    const bool cut = m_isJson && !last.empty() && jsonValueEnd(last, 0) == std::string_view::npos;
    give(m_text.size(), pieces);
    pieces.back().cut = cut;
}

// --- JSON in any layout

void JsonCutter::feed(std::string_view text, std::vector<LogPiece>& pieces) {
    m_pieces = &pieces;
    m_scanner.feed(text, *this);
}

void JsonCutter::onBegin(std::uint64_t line) {
    if (m_piece.text.size() >= m_limits.pieceBytes) give();
    m_place = {m_piece.text.size(), 0, line};
    m_dropping = false;
}

void JsonCutter::onText(std::string_view part) {
    if (m_dropping) return;
    if (m_piece.text.size() - m_place.at + part.size() > m_limits.maxRecordBytes) {
        find(kRecordTooLong, m_place.line);
        m_piece.text.resize(m_place.at);
        m_dropping = true;
        return;
    }
    m_piece.text.append(part);
}

void JsonCutter::onEnd() {
    if (m_dropping) return;
    if (m_piece.records.empty()) m_piece.firstLine = m_place.line;
    m_place.length = m_piece.text.size() - m_place.at;
    m_piece.records.push_back(m_place);
}

void JsonCutter::onEnvelope() {
    m_piece.text.resize(m_place.at);
}

void JsonCutter::onStray(std::uint64_t line) {
    find(kDamagedRecord, line);
}

void JsonCutter::give() {
    if (!m_piece.records.empty()) m_pieces->push_back(std::move(m_piece));
    m_piece = {};
}

void JsonCutter::finish(std::vector<LogPiece>& pieces) {
    m_pieces = &pieces;
    if (m_scanner.inRecord() && !m_dropping) {
        onEnd();
        m_piece.cut = true;
    } else if (m_scanner.inEnvelope()) {
        find(kCutRecord, m_scanner.line());
    }
    give();
}

// --- JSON whose layout shows in its first lines

namespace {

constexpr std::size_t kLinesToDecide = 4;

/// Enough of a log to tell: some lines, or as much as a piece holds.
bool canDecide(std::string_view head, const LogLimits& limits) {
    if (head.size() >= limits.pieceBytes) return true;
    std::size_t lines = 0;
    for (std::size_t at = 0; lines < kLinesToDecide; ++lines) {
        at = llm::skipBlanks(head, at);
        at = head.find('\n', at);
        if (at == std::string_view::npos) return false;
    }
    return true;
}

/// True when one of the first lines is a whole object or list that begins at the margin, and none before it opens one
/// that goes on. A line that ends inside a string is only damaged.
bool hasOneRecordALine(std::string_view head) {
    for (std::size_t lines = 0; lines < kLinesToDecide && !head.empty(); ++lines) {
        head.remove_prefix(std::min(head.find_first_not_of("\r\n"), head.size()));
        const std::string_view line = head.substr(0, head.find('\n'));
        const std::string_view value = trimmedLine(line);
        if (value.starts_with('{') || value.starts_with('[')) {
            bool inString = false;
            const std::size_t end = jsonValueEnd(value, 0, &inString);
            if (line.data() == value.data() && value.size() > 2 && end == value.size()) return true;
            if (end == std::string_view::npos && !inString) return false;
        }
        head.remove_prefix(line.size());
    }
    return false;
}

} // namespace

void AnyJsonCutter::feed(std::string_view text, std::vector<LogPiece>& pieces) {
    if (m_cutter) {
        m_cutter->feed(text, pieces);
        takeFindings();
        return;
    }
    // Only as much as the decision may look at, so that it is the same for any split.
    const std::size_t wanted =
        std::min(text.size(), m_limits.pieceBytes - std::min(m_head.size(), m_limits.pieceBytes));
    m_head.append(text.substr(0, wanted));
    if (!canDecide(m_head, m_limits)) return;
    decide(pieces);
    m_cutter->feed(text.substr(wanted), pieces);
    takeFindings();
}

void AnyJsonCutter::decide(std::vector<LogPiece>& pieces) {
    if (hasOneRecordALine(m_head))
        m_cutter = std::make_unique<LineCutter>(m_limits, true);
    else
        m_cutter = std::make_unique<JsonCutter>(m_limits);
    m_cutter->feed(m_head, pieces);
    m_head = {};
}

void AnyJsonCutter::takeFindings() {
    for (Finding& finding : m_cutter->findings) findings.push_back(std::move(finding));
    m_cutter->findings.clear();
}

void AnyJsonCutter::finish(std::vector<LogPiece>& pieces) {
    if (!m_cutter) decide(pieces);
    m_cutter->finish(pieces);
    takeFindings();
}

// --- comma-separated values

bool CsvCutter::takeHeader() {
    const std::string_view text = m_text.view();
    const std::size_t firstLine = text.find('\n');
    if (firstLine == std::string_view::npos) return false;
    CsvRowScanner scanner(csvDelimiter(text.substr(0, firstLine)));
    const std::size_t end = scanner.rowEnd(text, 0);
    if (end == std::string_view::npos) return false;
    m_header = std::make_shared<const std::string>(text.substr(0, end));
    m_line += linesIn(*m_header);
    m_scanner = scanner;
    m_text.dropFront(end);
    return true;
}

void CsvCutter::feed(std::string_view text, std::vector<LogPiece>& pieces) {
    for (; !text.empty() && !m_noHeader; text.remove_prefix(std::min(text.size(), m_limits.pieceBytes))) {
        m_text.append(text.substr(0, m_limits.pieceBytes));
        if (m_header || takeHeader()) {
            takeRows(pieces);
        } else if (m_text.size() > m_limits.maxRecordBytes) {
            find(kRecordTooLong, m_line);
            m_text.release();
            m_noHeader = true;
        }
    }
}

void CsvCutter::takeRows(std::vector<LogPiece>& pieces) {
    while (m_scanned < m_text.size()) {
        const std::size_t end = m_scanner.rowEnd(m_text.view(), m_scanned);
        m_scanned = std::min(end, m_text.size());
        if (!m_dropping && m_scanned - m_rowAt > m_limits.maxRecordBytes) beginDropping(pieces);
        if (m_dropping) {
            discard(m_scanned);
            m_dropping = end == std::string_view::npos;
        } else if (end != std::string_view::npos) {
            m_rowAt = end;
        }
    }
    if (m_text.size() >= m_limits.pieceBytes && m_rowAt != 0) give(m_rowAt, pieces);
}

void CsvCutter::beginDropping(std::vector<LogPiece>& pieces) {
    const std::size_t scanned = m_scanned - m_rowAt;
    if (m_rowAt != 0) give(m_rowAt, pieces);
    m_scanned = scanned;
    find(kRecordTooLong, m_line);
    m_dropping = true;
}

void CsvCutter::discard(std::size_t size) {
    m_line += linesIn(m_text.view().substr(0, size));
    m_text.dropFront(size);
    m_rowAt = m_scanned = 0;
}

void CsvCutter::give(std::size_t size, std::vector<LogPiece>& pieces) {
    pieces.push_back(pieceOf(m_text, size, m_line));
    pieces.back().header = m_header;
    m_scanned -= size;
    m_rowAt = 0;
}

bool CsvCutter::endsInsideRow() const {
    if (m_rowAt == m_text.size()) return false;
    CsvRow row;
    std::size_t next = 0;
    const CsvColumns columns(*m_header);
    readCsvRow(m_text.view(), m_rowAt, columns.delimiter(), row, next);
    return m_scanner.inQuotes() || row.cells.size() < columns.size();
}

void CsvCutter::finish(std::vector<LogPiece>& pieces) {
    if (!m_header || m_text.empty() || m_dropping) return;
    const bool cut = endsInsideRow();
    give(m_text.size(), pieces);
    pieces.back().cut = cut;
}

// --- one text

void DocumentCutter::feed(std::string_view text, std::vector<LogPiece>&) {
    if (m_dropping) return;
    if (m_text.size() + text.size() > m_limits.maxDocumentBytes) {
        find(kDocumentTooLong, 1);
        m_text.release();
        m_dropping = true;
        return;
    }
    m_text.append(text);
}

void DocumentCutter::finish(std::vector<LogPiece>& pieces) {
    if (m_text.empty()) return;
    LogPiece piece;
    piece.text = std::exchange(m_text, {});
    pieces.push_back(std::move(piece));
}

} // namespace gatescope::gatewaylog
