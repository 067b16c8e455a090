// SPDX-License-Identifier: Apache-2.0
#include "core/report/group_rows.h"

#include "core/report/key_cells.h"

#include <fmt/format.h>

namespace gatescope::report {

using analysis::Field;
using analysis::TokenSum;
using analysis::Totals;

namespace {

constexpr double kNsPerMinute = 60e9;

void addColumns(std::vector<Column>& columns, const std::vector<Column>& more) {
    columns.insert(columns.end(), more.begin(), more.end());
}

void addTotals(const Totals& totals, SelectedRow& row) {
    row.addCount(totals.exchanges).addCount(totals.errors).addCount(totals.throttled);
    row.addIf(totals.knows(TokenSum::Input), totals.inputTokens);
    row.addIf(totals.knows(TokenSum::Output), totals.outputTokens);
    row.addIf(totals.knows(TokenSum::Total), totals.totalTokens);
    row.addIf(totals.knows(TokenSum::Cached), totals.cachedTokens);
    row.addIf(totals.knows(TokenSum::Reasoning), totals.reasoningTokens);
    row.addIf(totals.withUsage != 0, totals.estimatedTokens);
    row.addCount(totals.withoutUsage);
    row.addOptional(totals.durationP50).addOptional(totals.durationP95).addOptional(totals.ttftP50);
    row.addTime(totals.firstTime).addTime(totals.lastTime);
    row.addCount(totals.calls).addCount(totals.retries);
    row.addIf(totals.knows(TokenSum::CacheWrite), totals.cacheWriteTokens);
    row.addOptional(totals.ttftP95);
    row.addIf(totals.outputRateP50.has_value(), totals.outputRateP50.value_or(0));
}

/// Adds the cost of rows, when there are prices.
class CostAdder {
public:
    explicit CostAdder(cost::Pricer* pricer) : m_pricer(pricer) {}

    /// The cells refer to this object until the row is written.
    void add(const std::vector<analysis::Row>& rows, SelectedRow& row) {
        if (m_pricer == nullptr) return;
        for (Cell& cell : costCells(m_pricer->totals(rows), m_pricer->table().currency(), m_amount))
            row.add(std::move(cell));
    }

private:
    cost::Pricer* m_pricer;
    std::string m_amount;
};

void addNode(const analysis::FlowNode& node, const std::vector<Field>& fields, std::vector<std::string>& names,
             SelectedRow& row) {
    names.push_back(fields[node.layer].name());
    row.add(std::string_view(names.back()));
    names.push_back(nodeName(node));
    row.addText(names.back());
}

} // namespace

std::vector<Column> totalsColumns(bool withCost) {
    std::vector<Column> columns;
    for (const char* name : {"exchanges", "errors", "throttled", "input_tokens", "output_tokens", "total_tokens",
                             "cached_tokens", "reasoning_tokens", "estimated_tokens", "without_usage"})
        columns.push_back({name, ColumnType::Integer});
    for (const char* name : {"duration_ms_p50", "duration_ms_p95", "ttft_ms_p50"})
        columns.push_back({name, ColumnType::Duration});
    for (const char* name : {"first_time", "last_time"}) columns.push_back({name, ColumnType::Time});
    for (const char* name : {"calls", "retries", "cache_write_tokens"}) columns.push_back({name, ColumnType::Integer});
    columns.push_back({"ttft_ms_p95", ColumnType::Duration});
    columns.push_back({"output_tokens_per_s_p50", ColumnType::Decimal});
    if (withCost) addColumns(columns, costColumns());
    return columns;
}

std::vector<Column> costColumns() {
    return {{"cost", ColumnType::Amount}, {"currency", ColumnType::Text}, {"unpriced", ColumnType::Integer}};
}

std::vector<Cell> costCells(const cost::CostTotals& totals, std::string_view currency, std::string& amountText) {
    amountText = totals.hasAmount() ? totals.amount.toString() : std::string();
    const auto ifPriced = [&](std::string_view text) { return totals.hasAmount() ? Cell(text) : Cell(); };
    return {ifPriced(amountText), ifPriced(currency), static_cast<std::int64_t>(totals.unpriced)};
}

std::vector<Column> groupColumns(const std::vector<Field>& fields, bool withCost) {
    std::vector<Column> columns = keyColumns(fields);
    addColumns(columns, totalsColumns(withCost));
    return columns;
}

void writeGroups(const std::vector<analysis::Group>& groups, const std::vector<Field>& fields,
                 const Selection& selection, RowWriter& writer, cost::Pricer* pricer) {
    SelectedRow row(selection, writer);
    CostAdder costs(pricer);
    for (const analysis::Group& group : groups) {
        addKeys(group, fields, row);
        addTotals(group.totals, row);
        costs.add(group.rows, row);
        row.end();
        if (writer.refused()) return;
    }
}

std::string nodeName(const analysis::FlowNode& node) {
    return node.merged != 0 ? fmt::format("other ({})", node.merged) : node.name.value_or(std::string());
}

std::vector<Column> flowColumns(bool withCost) {
    std::vector<Column> columns;
    for (const char* name : {"from_field", "from", "to_field", "to"}) columns.push_back({name, ColumnType::Text});
    addColumns(columns, totalsColumns(withCost));
    return columns;
}

void writeFlow(const analysis::TokenFlow& flow, const std::vector<Field>& fields, const Selection& selection,
               RowWriter& writer, cost::Pricer* pricer) {
    SelectedRow row(selection, writer);
    CostAdder costs(pricer);
    std::vector<std::string> names;
    const auto begin = [&names] {
        names.clear();
        names.reserve(4); // cells point into it
    };
    if (fields.size() == 1)
        for (const analysis::FlowNode& node : flow.nodes) {
            begin();
            addNode(node, fields, names, row);
            row.add({}).add({});
            addTotals(node.totals, row);
            costs.add(node.rows, row);
            row.end();
            if (writer.refused()) return;
        }
    for (const analysis::FlowLink& link : flow.links) {
        begin();
        addNode(flow.nodes[link.from], fields, names, row);
        addNode(flow.nodes[link.to], fields, names, row);
        addTotals(link.totals, row);
        costs.add(link.rows, row);
        row.end();
        if (writer.refused()) return;
    }
}

std::vector<Column> seriesColumns(const std::vector<Field>& fields, const RateLimits& limits, bool withCost) {
    std::vector<Column> columns{{"time", ColumnType::Time}};
    addColumns(columns, keyColumns(fields));
    addColumns(columns, totalsColumns(withCost));
    columns.push_back({"tokens_per_minute", ColumnType::Decimal});
    columns.push_back({"calls_per_minute", ColumnType::Decimal});
    if (limits.tokensPerMinute) columns.push_back({"over_tpm", ColumnType::Boolean});
    if (limits.callsPerMinute) columns.push_back({"over_rpm", ColumnType::Boolean});
    return columns;
}

void writeSeries(const analysis::TimeSeries& series, const std::vector<Field>& fields, const RateLimits& limits,
                 const Selection& selection, RowWriter& writer, cost::Pricer* pricer) {
    SelectedRow row(selection, writer);
    CostAdder costs(pricer);
    const double minutes = static_cast<double>(series.interval) / kNsPerMinute;
    const auto over = [&row](bool known, double rate, const std::optional<std::int64_t>& limit) {
        if (limit) row.addIf(known, std::int64_t{rate > static_cast<double>(*limit)});
    };
    for (const analysis::SeriesPoint& point : series.points) {
        const Totals& totals = point.totals;
        row.addTime(point.time);
        addKeys(series.groups[point.group], fields, row);
        addTotals(totals, row);
        costs.add(point.rows, row);
        const bool hasTokens = totals.knows(TokenSum::Total);
        const double tokens = static_cast<double>(totals.totalTokens) / minutes;
        const double calls = static_cast<double>(totals.calls) / minutes;
        row.addIf(hasTokens, tokens).add(calls);
        over(hasTokens, tokens, limits.tokensPerMinute);
        over(true, calls, limits.callsPerMinute);
        row.end();
        if (writer.refused()) return;
    }
}

} // namespace gatescope::report
