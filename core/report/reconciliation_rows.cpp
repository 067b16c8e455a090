// SPDX-License-Identifier: Apache-2.0
#include "core/report/reconciliation_rows.h"

#include "core/analysis/reconciliation.h"
#include "core/report/key_cells.h"

namespace gatescope::report {

using analysis::FieldId;
using analysis::kNoNumber;

std::vector<Column> accountColumns(const std::vector<analysis::Field>& fields) {
    std::vector<Column> columns = keyColumns(fields);
    for (const char* name :
         {"reported_tokens", "reported_calls", "gateway_tokens", "gateway_calls", "log_tokens", "log_calls",
          "estimated_tokens", "estimated_calls", "unknown_calls", "compared_calls", "difference"})
        columns.push_back({name, ColumnType::Integer});
    return columns;
}

void writeAccounts(const analysis::Snapshot& snapshot, const std::vector<analysis::Group>& groups,
                   const std::vector<analysis::Field>& fields, const Selection& selection, RowWriter& writer) {
    SelectedRow row(selection, writer);
    const auto add = [&row](std::int64_t tokens, std::uint64_t calls) {
        row.addIf(calls != 0, tokens).addCount(calls);
    };
    for (const analysis::Group& group : groups) {
        const analysis::TokenAccounts accounts = analysis::reconcile(snapshot, group.rows);
        addKeys(group, fields, row);
        add(accounts.reported, accounts.reportedCalls);
        add(accounts.gateway, accounts.gatewayCalls);
        add(accounts.log, accounts.logCalls);
        add(accounts.estimated, accounts.estimatedCalls);
        row.addCount(accounts.unknownCalls).addCount(accounts.bothCalls);
        row.addIf(accounts.bothCalls != 0, accounts.difference).end();
        if (writer.refused()) return;
    }
}

std::vector<Column> callAccountColumns() {
    return {{"id", ColumnType::Integer},
            {"time", ColumnType::Time},
            {"reported_tokens", ColumnType::Integer},
            {"gateway_tokens", ColumnType::Integer},
            {"log_tokens", ColumnType::Integer},
            {"estimated_tokens", ColumnType::Integer},
            {"difference", ColumnType::Integer}};
}

void writeCallAccounts(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows,
                       const Selection& selection, RowWriter& writer) {
    SelectedRow row(selection, writer);
    for (const analysis::Row call : rows) {
        const std::int64_t total = snapshot.number(FieldId::TotalTokens, call);
        const std::int64_t gateway = snapshot.number(FieldId::GatewayTokens, call);
        const auto source = snapshot.text(snapshot.code(FieldId::TokenSource, call));
        if (total == kNoNumber && gateway == kNoNumber) continue;
        const auto from = [&](std::string_view wanted) { return total != kNoNumber && source == wanted; };
        const bool isReported = from("reported");
        row.add(snapshot.id(call)).addTime(snapshot.startTime(call));
        row.addIf(isReported, total).addIf(gateway != kNoNumber, gateway);
        row.addIf(from("log"), total).addIf(from("estimated"), total);
        const bool both = isReported && gateway != kNoNumber;
        row.addIf(both, both ? gateway - total : 0).end();
        if (writer.refused()) return;
    }
}

} // namespace gatescope::report
