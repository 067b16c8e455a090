// SPDX-License-Identifier: Apache-2.0
// The answer of a query to Log Analytics or Application Insights: `{"tables": [{"name", "columns": [{"name", "type"}],
// "rows": [[...]]}]}`. Each row is read as a record of the table that its columns are of.
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/json_records.h"
#include "core/gatewaylog/json_walk.h"
#include "core/gatewaylog/log_findings.h"
#include "core/llm/json_text.h"

#include <algorithm>
#include <string>
#include <vector>

namespace gatescope::gatewaylog {

namespace {

constexpr std::string_view kTables = "tables";
constexpr std::string_view kColumns = "columns";
constexpr std::string_view kRows = "rows";

bool recognise(std::string_view head, bool) {
    if (!head.starts_with('{')) return false;
    // The tables come first, and columns before rows; what is in the rows does not matter here.
    llm::PaddedBuffer text;
    text.assign(closedJson(head.substr(0, head.find("\"rows\""))));
    JsonFields json;
    LogFields fields;
    if (!json.read(text.view(), fields)) return false;
    const LogFields::Index tables = fields.find(kTables);
    if (tables == LogFields::kNone || fields[tables].kind != LogFields::Kind::List) return false;
    const LogFields::Index first = fields[tables].first;
    return first != LogFields::kNone && fields.find(kColumns, first) != LogFields::kNone;
}

class Document {
public:
    Document(std::string_view text, ReadContext& context, LogSink& sink)
        : m_text(text), m_context(context), m_sink(sink) {}

    void read() {
        JsonWalk members(m_text, llm::skipBlanks(m_text, 0));
        while (const auto member = members.next()) {
            if (member->name != kTables) continue;
            JsonWalk tables(m_text, member->at);
            while (const auto table = tables.next()) readTable(table->at);
        }
        // A value that is cut is no member any more: what it holds is read all the same.
        if (members.damaged()) readCut();
    }

private:
    void readTable(std::size_t at) {
        JsonWalk members(m_text, at);
        m_names.clear();
        while (const auto member = members.next()) {
            if (member->name == kColumns) readColumns(member->at, member->end);
            if (member->name == kRows) readRows(member->at);
        }
    }

    /// The text ends inside a table: its rows are found by going in where the walk over the members stopped.
    void readCut() {
        const std::size_t columns = valueOf(kColumns, 0);
        if (m_readRows || columns == std::string_view::npos) return find(kCutRecord, lineAt(m_text.size()));
        const std::size_t end = jsonValueEnd(m_text, columns);
        if (end == std::string_view::npos) return find(kCutRecord, lineAt(m_text.size()));
        readColumns(columns, end);
        if (const std::size_t rows = valueOf(kRows, end); rows != std::string_view::npos) readRows(rows);
        if (!m_foundCut) find(kCutRecord, lineAt(m_text.size()));
    }
    /// Place of the list behind `"name":`, from `from` on.
    std::size_t valueOf(std::string_view name, std::size_t from) const {
        std::string quoted = "\"";
        quoted += name;
        quoted += '"';
        std::size_t at = m_text.find(quoted, from);
        if (at == std::string_view::npos) return at;
        at = llm::skipBlanks(m_text, at + quoted.size());
        if (at >= m_text.size() || m_text[at] != ':') return std::string_view::npos;
        at = llm::skipBlanks(m_text, at + 1);
        return at < m_text.size() && m_text[at] == '[' ? at : std::string_view::npos;
    }

    void readColumns(std::size_t at, std::size_t end) {
        m_names.clear();
        LogFields columns;
        if (!m_context.json.read(m_text.substr(at, end - at), columns)) return;
        columns.forEach(LogFields::kRoot, [&](LogFields::Index column) {
            m_names.emplace_back(columns.text(columns.find("name", column)).value_or(std::string_view()));
        });
    }

    void readRows(std::size_t at) {
        m_readRows = true;
        JsonWalk rows(m_text, at);
        while (const auto row = rows.next()) readRow(row->at, row->end);
        if (!rows.damaged()) return;
        m_foundCut = true;
        find(kCutRecord, lineAt(m_text.size()));
    }

    void readRow(std::size_t at, std::size_t end) {
        const std::uint64_t line = lineAt(at);
        if (!m_context.json.read(m_text.substr(at, end - at), m_fields)) return find(kDamagedRecord, line);
        if (m_fields[LogFields::kRoot].kind != LogFields::Kind::List) return find(kDamagedRecord, line);
        m_fields.edit(LogFields::kRoot).kind = LogFields::Kind::Object;
        std::size_t column = 0;
        m_fields.forEach(LogFields::kRoot, [&](LogFields::Index cell) {
            if (column < m_names.size()) m_fields.rename(cell, m_names[column]);
            ++column;
        });
        if (column != m_names.size()) return find(kDamagedRecord, line);
        m_context.records.read(m_fields, line, m_context, m_sink);
    }

    void find(const FindingKind& kind, std::uint64_t line) {
        Finding finding;
        finding.kind = &kind;
        finding.packet = line;
        m_sink.onFinding(std::move(finding));
    }
    /// Asked for in the order of the text.
    std::uint64_t lineAt(std::size_t at) {
        if (at > m_counted)
            m_line += static_cast<std::uint64_t>(std::ranges::count(m_text.substr(m_counted, at - m_counted), '\n'));
        m_counted = std::max(m_counted, at);
        return m_line;
    }

    std::string_view m_text;
    ReadContext& m_context;
    LogSink& m_sink;
    LogFields m_fields;
    std::vector<std::string> m_names;
    std::size_t m_counted = 0;
    std::uint64_t m_line = 1;
    bool m_readRows = false;
    bool m_foundCut = false;
};

void read(const llm::PaddedBuffer& text, ReadContext& context, LogSink& sink) {
    Document(text.view(), context, sink).read();
}

} // namespace

DocumentFormat logAnalyticsAnswer() {
    return {"log-analytics", "answer of a Log Analytics query", recognise, read};
}

} // namespace gatescope::gatewaylog
