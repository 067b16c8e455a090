// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/csv_columns.h"

#include "core/gatewaylog/log_text.h"
#include "core/http/message.h"

namespace gatescope::gatewaylog {

namespace {

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

} // namespace

CsvColumns::CsvColumns(std::string_view header) {
    header = withoutMark(header);
    m_delimiter = csvDelimiter(header);
    CsvRow row;
    std::size_t next = 0;
    readCsvRow(header, 0, m_delimiter, row, next);
    if (row.damaged) return;
    for (const std::string_view cell : row.cells) {
        std::string_view name = trimmed(cell);
        const std::size_t bracket = name.rfind(" [");
        if (bracket != std::string_view::npos && name.ends_with(']')) {
            m_timesAreUtc = m_timesAreUtc || http::equalsIgnoreCase(name.substr(bracket), " [UTC]");
            name = trimmed(name.substr(0, bracket));
        }
        m_names.emplace_back(name);
    }
}

void CsvColumns::fill(const CsvRow& row, LogFields& fields) const {
    fields.clear();
    LogFields::Index last = LogFields::kNone;
    for (std::size_t i = 0; i < m_names.size(); ++i) {
        LogFields::Member member;
        member.name = m_names[i];
        if (!row.cells[i].empty()) {
            member.kind = LogFields::Kind::Text;
            member.text = row.cells[i];
        }
        last = fields.add(LogFields::kRoot, last, member);
    }
}

} // namespace gatescope::gatewaylog
