// SPDX-License-Identifier: Apache-2.0
#include "core/report/header_rows.h"

#include "core/analysis/header_class.h"
#include "core/report/selected_row.h"

#include <string_view>

namespace gatescope::report {

using analysis::HeaderChange;
using analysis::HeaderUse;

namespace {

/// What a header is; `addCounts` writes the cells that say how often it was there.
template <typename AddCounts>
void addMeaning(const HeaderUse& header, SelectedRow& row, AddCounts&& addCounts) {
    row.addText(header.name);
    row.addText(header.direction == analysis::Direction::Request ? "request" : "response");
    addCounts();
    row.addText(analysis::toString(header.sensitivity));
    row.addText(analysis::headerClass(header.name, header.knowledge, header.sensitivity));
    row.addText(header.knowledge != nullptr ? header.knowledge->setBy : std::string_view());
    row.add(std::int64_t{header.forgeable});
}

void addUse(const HeaderUse& header, SelectedRow& row) {
    addMeaning(header, row, [&] { row.addCount(header.exchanges).add(header.share).addCount(header.distinct); });
    row.addTime(header.firstTime).add(std::string_view(header.example));
}

std::vector<std::string_view> views(const std::vector<std::string>& texts) {
    return {texts.begin(), texts.end()};
}

} // namespace

std::vector<Column> headerColumns() {
    return {{"name", ColumnType::Text},       {"direction", ColumnType::Text},   {"exchanges", ColumnType::Integer},
            {"share", ColumnType::Decimal},   {"distinct", ColumnType::Integer}, {"sensitivity", ColumnType::Text},
            {"class", ColumnType::Text},      {"set_by", ColumnType::Text},      {"forgeable", ColumnType::Boolean},
            {"first_time", ColumnType::Time}, {"example", ColumnType::Text}};
}

void writeHeaders(const std::vector<HeaderUse>& headers, const Selection& selection, RowWriter& writer) {
    SelectedRow row(selection, writer);
    for (const HeaderUse& header : headers) {
        addUse(header, row);
        row.end();
        if (writer.refused()) return;
    }
}

std::vector<Column> driftColumns() {
    std::vector<Column> columns{{"change", ColumnType::Text}};
    for (const Column& column : headerColumns()) columns.push_back(column);
    columns.push_back({"patterns", ColumnType::TextList});
    columns.push_back({"exchanges_before", ColumnType::Integer});
    columns.push_back({"share_before", ColumnType::Decimal});
    columns.push_back({"distinct_before", ColumnType::Integer});
    columns.push_back({"example_before", ColumnType::Text});
    columns.push_back({"patterns_before", ColumnType::TextList});
    return columns;
}

void writeDrift(const std::vector<HeaderChange>& changes, const Selection& selection, RowWriter& writer) {
    SelectedRow row(selection, writer);
    for (const HeaderChange& change : changes) {
        const bool isNew = change.now.has_value();
        const bool wasThere = change.before.has_value();
        if (!isNew && !wasThere) continue;
        row.addIf(change.kind != analysis::DriftKind::Same, toString(change.kind));
        if (isNew) {
            addUse(*change.now, row);
        } else { // of a header that is gone only what it is, not how often it was
            addMeaning(*change.before, row, [&row] { row.addCount(0).add(0.0).addCount(0); });
            row.add({}).add({});
        }
        row.addIf(isNew, views(change.patternsNow));
        row.addIf(wasThere, wasThere ? static_cast<std::int64_t>(change.before->exchanges) : 0);
        row.addIf(wasThere, wasThere ? change.before->share : 0.0);
        row.addIf(wasThere, wasThere ? static_cast<std::int64_t>(change.before->distinct) : 0);
        row.addIf(wasThere, wasThere ? std::string_view(change.before->example) : std::string_view());
        row.addIf(wasThere, views(change.patternsBefore));
        row.end();
        if (writer.refused()) return;
    }
}

} // namespace gatescope::report
