// SPDX-License-Identifier: Apache-2.0
#include "core/report/simulation_rows.h"

#include "core/report/key_cells.h"
#include "core/report/selected_row.h"

#include <algorithm>
#include <limits>
#include <string>

namespace gatescope::report {

using analysis::Field;
using analysis::Snapshot;
using simulate::Count;

namespace {

void addKnown(SelectedRow& row, Count count) {
    row.addOptional(count.value());
}

Cell decimal(const std::optional<double>& value) {
    return value ? Cell(*value) : Cell();
}

/// A count that saturated, or is larger than a cell can hold.
std::int64_t clipped(std::uint64_t count) {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return static_cast<std::int64_t>(std::min(count, kMost));
}

void addColumns(std::vector<Column>& columns, ColumnType type, std::initializer_list<const char*> names) {
    for (const char* name : names) columns.push_back({name, type});
}

} // namespace

std::vector<Column> limitKeyColumns(const std::vector<Field>& key) {
    std::vector<Column> columns = keyColumns(key);
    addColumns(columns, ColumnType::Integer,
               {"exchanges", "admitted", "refused_429", "refused_403", "booked_tokens", "billed_tokens"});
    addColumns(columns, ColumnType::Time, {"first_refused_time"});
    addColumns(columns, ColumnType::Integer, {"observed_429"});
    addColumns(columns, ColumnType::Time, {"first_starved_minute"});
    addColumns(columns, ColumnType::Integer,
               {"starved_minutes", "longest_wait_s", "payers", "booked_by_estimate", "without_tokens",
                "without_estimate", "unsatisfiable"});
    return columns;
}

void writeLimitKeys(const simulate::LimitResult& result, const std::vector<Field>& key, const Selection& selection,
                    RowWriter& writer) {
    SelectedRow row(selection, writer);
    for (const simulate::KeyOutcome& outcome : result.keys) {
        addKeys(outcome.key, key, row);
        row.addCount(outcome.exchanges).addCount(outcome.admitted);
        row.addCount(outcome.refused429).addCount(outcome.refused403);
        row.addIf(outcome.bookedCalls != 0 || outcome.admitted == 0, outcome.bookedTokens);
        row.addIf(outcome.withUsage != 0, outcome.billedTokens);
        row.addTime(outcome.firstRefused).addCount(outcome.observed429);
        row.addTime(outcome.firstStarved).addCount(outcome.starvedMinutes);
        row.addIf(outcome.longestWait != 0, outcome.longestWait);
        row.addIf(outcome.payers != 0, clipped(outcome.payers));
        row.addCount(outcome.bookedByEstimate).addCount(outcome.withoutTokens);
        row.addCount(outcome.withoutEstimate).addCount(outcome.unsatisfiable).end();
        if (writer.refused()) return;
    }
}

std::vector<Column> limitCallColumns() {
    std::vector<Column> columns{{"id", ColumnType::Integer}, {"time", ColumnType::Time}};
    addColumns(columns, ColumnType::Integer,
               {"predicted_status", "retry_after_s", "remaining", "observed_status", "booked_tokens"});
    return columns;
}

void writeLimitCalls(const Snapshot& snapshot, const simulate::LimitResult& result, const Selection& selection,
                     RowWriter& writer) {
    SelectedRow row(selection, writer);
    for (const simulate::CallOutcome& call : result.calls) {
        row.add(snapshot.id(call.row)).addTime(call.time).add(std::int64_t{call.predictedStatus});
        addKnown(row, call.retryAfter);
        addKnown(row, call.remaining);
        row.addIf(call.observedStatus != 0, std::int64_t{call.observedStatus});
        addKnown(row, call.booked);
        row.end();
        if (writer.refused()) return;
    }
}

std::vector<Column> deviationColumns() {
    return {{"field", ColumnType::Text},
            {"compared", ColumnType::Integer},
            {"mean_difference", ColumnType::Decimal},
            {"max_difference", ColumnType::Integer},
            {"other_limit", ColumnType::Integer}};
}

void writeDeviations(const simulate::LimitResult& result, const Selection& selection, RowWriter& writer) {
    SelectedRow row(selection, writer);
    const auto write = [&](std::string_view field, const simulate::Deviation& deviation, std::uint64_t otherLimit) {
        const bool isCompared = deviation.compared != 0;
        row.add(field).addCount(deviation.compared).addIf(isCompared, deviation.meanAbsolute);
        row.addIf(isCompared, deviation.maxAbsolute).addCount(otherLimit).end();
    };
    write("gateway_tokens", result.consumed, 0);
    write("remaining_tokens", result.remaining, result.otherLimit);
}

std::vector<Column> adviceColumns() {
    return {{"key", ColumnType::Text},          {"grade", ColumnType::Text},   {"coverage", ColumnType::Decimal},
            {"distinct", ColumnType::Integer},  {"gini", ColumnType::Decimal}, {"throttled", ColumnType::Integer},
            {"forgeable", ColumnType::Boolean}, {"reason", ColumnType::Text}};
}

void writeAdvice(const std::vector<simulate::KeyAdvice>& advice, const Selection& selection, RowWriter& writer) {
    SelectedRow row(selection, writer);
    for (const simulate::KeyAdvice& each : advice) {
        std::string key;
        for (const Field& field : each.fields) key += (key.empty() ? "" : ",") + field.name();
        row.add(std::string_view(key)).add(toString(each.grade)).add(each.coverage).addCount(each.distinct);
        row.add(decimal(each.gini)).addOptional(each.throttled).add(std::int64_t{each.callerSets});
        row.add(std::string_view(each.reason)).end();
        if (writer.refused()) return;
    }
}

std::vector<Column> ptuColumns() {
    std::vector<Column> columns{{"time", ColumnType::Time},
                                {"model", ColumnType::Text},
                                {"exchanges", ColumnType::Integer},
                                {"utilisation", ColumnType::Decimal},
                                {"spilled_exchanges", ColumnType::Integer},
                                {"spilled_tokens", ColumnType::Integer},
                                {"refused", ColumnType::Integer},
                                {"tokens", ColumnType::Integer},
                                {"mean_utilisation", ColumnType::Decimal}};
    addColumns(columns, ColumnType::Integer,
               {"ptu", "ptu_without_spill", "ptu_by_formula", "normalised_tpm", "long_context", "without_usage",
                "without_estimate"});
    addColumns(columns, ColumnType::Integer,
               {"breaker_refused", "breaker_spilled_exchanges", "breaker_spilled_tokens"});
    addColumns(columns, ColumnType::Decimal, {"billed_hours", "cost_standard", "cost_with_ptu", "cost_without_spill"});
    addColumns(columns, ColumnType::Text, {"currency"});
    return columns;
}

namespace {

void writeInterval(const simulate::PtuInterval& interval, const simulate::PtuPolicy& policy, SelectedRow& row) {
    row.addTime(interval.time).add(std::string_view(policy.model.model)).addCount(interval.exchanges);
    row.addIf(policy.ptu > 0, interval.utilisation).addCount(interval.spilledExchanges);
    row.addIf(interval.spilledExchanges == 0 || interval.spilledWithUsage != 0, interval.spilledTokens);
    row.addCount(interval.refused);
    constexpr std::size_t kOfTotals = 17;
    for (std::size_t i = 0; i < kOfTotals; ++i) row.add({});
    row.end();
}

} // namespace

void writePtu(const simulate::PtuResult& result, const simulate::PtuPolicy& policy, const Selection& selection,
              RowWriter& writer) {
    SelectedRow row(selection, writer);
    for (const simulate::PtuInterval& interval : result.intervals) {
        writeInterval(interval, policy, row);
        if (writer.refused()) return;
    }
    const bool isPrepaid = policy.ptu > 0;
    const bool hasTokens = result.withUsage != 0;
    row.add({}).add(std::string_view(policy.model.model)).addCount(result.exchanges);
    row.addIf(isPrepaid, result.peakUtilisation).addCount(result.spilledExchanges);
    row.addIf(hasTokens, result.spilledTokens).addCount(result.refused).addIf(hasTokens, result.tokens);
    row.addIf(isPrepaid, result.meanUtilisation).add(policy.ptu).addOptional(result.ptuWithoutSpill);
    const auto& size = result.sizeByFormula;
    row.addIf(size.has_value(), size ? size->ptu : 0);
    constexpr double kMost = 9e18; // what an integer cell holds
    row.addIf(size.has_value(), size ? static_cast<std::int64_t>(std::min(size->normalisedTpm + 0.5, kMost)) : 0);
    row.addCount(result.longContext).addCount(result.withoutUsage).addCount(result.withoutEstimate);
    const simulate::BreakerPool pool = result.breaker.value_or(simulate::BreakerPool{});
    const bool hasPool = result.breaker.has_value();
    row.addIf(hasPool, clipped(pool.trips)).addIf(hasPool, clipped(pool.spilledExchanges));
    row.addIf(hasPool && hasTokens, pool.spilledTokens);
    row.addIf(result.exchanges != 0, result.billedHours);
    row.add(decimal(result.costStandardOnly)).add(decimal(result.costWithPtu)).add(decimal(result.costWithoutSpill));
    row.addText(policy.rates.currency).end();
}

std::vector<Column> dimensionColumns() {
    return {{"dimension", ColumnType::Text},          {"exchanges", ColumnType::Integer},
            {"coverage", ColumnType::Decimal},        {"without", ColumnType::Integer},
            {"distinct", ColumnType::Integer},        {"too_many", ColumnType::Boolean},
            {"series_possible", ColumnType::Integer}, {"series_seen", ColumnType::Integer},
            {"series_limit", ColumnType::Integer}};
}

void writeDimensions(const simulate::DimensionPreview& preview, const Selection& selection, RowWriter& writer) {
    SelectedRow row(selection, writer);
    for (const simulate::Dimension& dimension : preview.dimensions) {
        const std::string name = dimension.field.name();
        row.add(std::string_view(name)).addCount(preview.exchanges).add(dimension.coverage).addCount(dimension.without);
        row.addCount(dimension.distinct).add(std::int64_t{dimension.tooMany}).add({}).add({}).add({}).end();
        if (writer.refused()) return;
    }
    row.add({}).addCount(preview.exchanges).add({}).add({}).add({});
    row.add(std::int64_t{preview.seriesPossible > simulate::kMaxSeries}).add(clipped(preview.seriesPossible));
    row.add(clipped(preview.seriesSeen)).addCount(simulate::kMaxSeries).end();
}

} // namespace gatescope::report
