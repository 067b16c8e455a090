// SPDX-License-Identifier: Apache-2.0
#include "core/report/key_cells.h"

#include <charconv>

namespace gatescope::report {

using analysis::FieldType;

namespace {

ColumnType keyType(FieldType type) {
    if (type == FieldType::Integer) return ColumnType::Integer;
    return type == FieldType::Boolean ? ColumnType::Boolean : ColumnType::Text;
}

Cell keyCell(FieldType type, std::string_view key) {
    if (type == FieldType::Boolean) return std::int64_t{key == "true"};
    if (type != FieldType::Integer) return key;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
    return error == std::errc() && end == key.data() + key.size() ? Cell(number) : Cell();
}

} // namespace

std::vector<Column> keyColumns(const std::vector<analysis::Field>& fields) {
    std::vector<Column> columns;
    for (const analysis::Field& field : fields) columns.push_back({field.name(), keyType(field.type)});
    return columns;
}

void addKeys(const std::vector<std::optional<std::string>>& key, const std::vector<analysis::Field>& fields,
             SelectedRow& row) {
    for (std::size_t i = 0; i < fields.size(); ++i)
        row.add(i < key.size() && key[i] ? keyCell(fields[i].type, *key[i]) : Cell());
}

void addKeys(const analysis::Group& group, const std::vector<analysis::Field>& fields, SelectedRow& row) {
    addKeys(group.key, fields, row);
}

} // namespace gatescope::report
