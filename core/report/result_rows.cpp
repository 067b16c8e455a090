// SPDX-License-Identifier: Apache-2.0
#include "core/report/result_rows.h"

#include "core/analysis/masking.h"
#include "core/report/selected_row.h"

#include <numeric>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace gatescope::report {

using analysis::Field;
using analysis::FieldId;
using analysis::FieldType;
using analysis::Snapshot;

namespace {

ColumnType columnType(FieldType type) {
    switch (type) {
    case FieldType::Integer:
        return ColumnType::Integer;
    case FieldType::Duration:
        return ColumnType::Duration;
    case FieldType::Time:
        return ColumnType::Time;
    case FieldType::Boolean:
        return ColumnType::Boolean;
    case FieldType::TextList:
        return ColumnType::TextList;
    case FieldType::Text:
        break;
    }
    return ColumnType::Text;
}

/// Masks the values of one field. Header values repeat, and masking costs more than writing, so what was masked last
/// for a field is remembered up to a limit.
class FieldMask {
public:
    explicit FieldMask(const Field& field) : m_field(field) {}

    std::string_view operator()(std::string_view value) {
        if (value.empty()) return value;
        // Interned text: the address and the length are the value's identity while the snapshot lives.
        const auto [at, isNew] = m_known.try_emplace(std::pair(value.data(), value.size()));
        if (isNew) at->second = analysis::maskField(m_field, value);
        if (m_known.size() <= kMaxKnown) return at->second;
        m_spare = std::move(at->second);
        m_known.clear();
        return m_spare;
    }

private:
    static constexpr std::size_t kMaxKnown = 4096;
    struct Hash {
        std::size_t operator()(const std::pair<const char*, std::size_t>& key) const {
            return std::hash<const char*>()(key.first) ^ (key.second << 1);
        }
    };
    const Field& m_field;
    std::unordered_map<std::pair<const char*, std::size_t>, std::string, Hash> m_known;
    std::string m_spare;
};

void writeMasked(const analysis::Value& value, FieldMask& mask, RowWriter& writer) {
    if (const auto* text = std::get_if<std::string_view>(&value)) return writer.text(mask(*text));
    if (const auto* list = std::get_if<std::vector<std::string_view>>(&value)) {
        std::vector<std::string> kept;
        kept.reserve(list->size());
        for (const std::string_view entry : *list) kept.emplace_back(mask(entry));
        return writer.cell(std::vector<std::string_view>(kept.begin(), kept.end()));
    }
    if (const auto* number = std::get_if<std::int64_t>(&value)) return writer.cell(*number);
    writer.missing();
}

/// A cell of an exchange; fields that name exchanges or connections as they are numbered.
analysis::Value valueOf(const Snapshot& snapshot, const Field& field, analysis::Row row, Numbering* numbering) {
    if (numbering == nullptr) return snapshot.value(field, row);
    switch (field.id) {
    case FieldId::Id:
        return numbering->exchange(snapshot, row);
    case FieldId::Flow: {
        const PacketRef start = snapshot.flowStart(row);
        const auto flow = start != 0 ? numbering->flow(snapshot, start) : std::nullopt;
        return flow ? analysis::Value(static_cast<std::int64_t>(*flow)) : analysis::Value();
    }
    case FieldId::LogicalCall: {
        const analysis::Value first = snapshot.value(field, row);
        const auto* id = std::get_if<std::int64_t>(&first);
        const auto firstRow = id ? snapshot.rowOfId(*id) : std::nullopt;
        return firstRow ? analysis::Value(numbering->exchange(snapshot, *firstRow)) : analysis::Value();
    }
    default:
        return snapshot.value(field, row);
    }
}

} // namespace

Selection everything(const std::vector<Column>& columns) {
    Selection all(columns.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

std::vector<Column> chosen(const std::vector<Column>& columns, const Selection& selection) {
    std::vector<Column> some;
    some.reserve(selection.size());
    for (const std::size_t index : selection) some.push_back(columns[index]);
    return some;
}

std::vector<Column> exchangeColumns(const std::vector<Field>& fields) {
    std::vector<Column> columns;
    columns.reserve(fields.size());
    for (const Field& field : fields) columns.push_back({field.name(), columnType(field.type)});
    return columns;
}

void writeExchanges(const Snapshot& snapshot, const std::vector<analysis::Row>& rows, const std::vector<Field>& fields,
                    bool reveal, RowWriter& writer, const std::function<void(analysis::Row)>& more,
                    Numbering* numbering) {
    std::vector<FieldMask> masks;
    masks.reserve(fields.size());
    for (const Field& field : fields) masks.emplace_back(field);
    for (const analysis::Row row : rows) {
        for (std::size_t i = 0; i < fields.size(); ++i) {
            const analysis::Value value = valueOf(snapshot, fields[i], row, numbering);
            if (!reveal)
                writeMasked(value, masks[i], writer);
            else
                std::visit([&](const auto& cell) { writer.cell(cell); }, value);
        }
        if (more) more(row);
        writer.endRow();
        if (writer.refused()) return;
    }
}

std::vector<Column> findingColumns() {
    return {{"id", ColumnType::Text},      {"severity", ColumnType::Text},    {"title", ColumnType::Text},
            {"explain", ColumnType::Text}, {"fix", ColumnType::Text},         {"evidence", ColumnType::TextList},
            {"input", ColumnType::Text},   {"packet", ColumnType::Integer},   {"line", ColumnType::Integer},
            {"flow", ColumnType::Integer}, {"exchange", ColumnType::Integer}, {"session", ColumnType::Integer}};
}

namespace {

/// The TLS session on the connection that a finding is about.
std::optional<std::uint64_t> sessionNumberOf(const Snapshot& snapshot, const Finding& finding, Numbering& numbering) {
    const analysis::TlsSession* session = finding.flowStart ? snapshot.tlsSessionOf(*finding.flowStart) : nullptr;
    return session ? std::optional(numbering.session(*session)) : std::nullopt;
}

} // namespace

void writeFindings(const Snapshot& snapshot, const std::vector<analysis::PlacedFinding>& findings,
                   const Selection& selection, RowWriter& writer, Numbering* numbering) {
    Numbering ofSnapshot;
    Numbering& numbers = numbering ? *numbering : ofSnapshot;
    SelectedRow row(selection, writer);
    for (const analysis::PlacedFinding& placed : findings) {
        const Finding& finding = placed.finding;
        const FindingKind& kind = *finding.kind;
        row.add(kind.id).add(toString(kind.severity)).add(kind.title).add(kind.explain).add(kind.fix);
        row.add(std::vector<std::string_view>(finding.evidence.begin(), finding.evidence.end()));
        const bool hasInput = finding.input && *finding.input < snapshot.inputs().size();
        row.addText(hasInput ? std::string_view(snapshot.inputs()[*finding.input]) : std::string_view());
        row.addOptional(finding.packet)
            .addOptional(finding.line)
            .addOptional(finding.flowStart ? numbers.flow(snapshot, *finding.flowStart) : std::nullopt);
        row.addOptional(placed.row ? std::optional(numbers.exchange(snapshot, *placed.row)) : std::nullopt);
        row.addOptional(sessionNumberOf(snapshot, finding, numbers)).end();
        if (writer.refused()) return;
    }
}

std::vector<Column> fieldColumns() {
    return {{"name", ColumnType::Text}, {"type", ColumnType::Text}, {"meaning", ColumnType::Text}};
}

void writeFields(const Selection& selection, RowWriter& writer) {
    const auto typeName = [](FieldType type) -> std::string_view {
        switch (type) {
        case FieldType::Integer:
            return "integer";
        case FieldType::Duration:
            return "milliseconds";
        case FieldType::Time:
            return "time";
        case FieldType::Boolean:
            return "boolean";
        case FieldType::Text:
            return "text";
        case FieldType::TextList:
            return "list of texts";
        }
        return {};
    };
    SelectedRow row(selection, writer);
    for (const analysis::FieldInfo& field : analysis::fields())
        row.add(field.name).add(typeName(field.type)).addText(field.meaning).end();
    row.add("header:NAME").add("text").add("request header of that name, in any case").end();
    row.add("response-header:NAME").add("text").add("response header of that name, in any case").end();
}

} // namespace gatescope::report
