// SPDX-License-Identifier: Apache-2.0
#include "ui/models/flow_shapes.h"

#include "ui/bridge/price_source.h"
#include "ui/bridge/text.h"
#include "ui/bridge/totals_text.h"

#include <algorithm>

namespace gatescope::ui {
using namespace analysis;
namespace {

constexpr std::int64_t kMinute = 60'000'000'000;

QString percent(std::uint64_t part, std::uint64_t whole) {
    const double share = whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    return QStringLiteral("%1 %").arg(share, 0, 'f', share < 10 ? 1 : 0);
}

/// The size of a node in words; what is not known is said, never 0.
QString sizeText(const FlowAnswer& answer, std::size_t node) {
    const auto& totals = answer.flow.nodes[node].totals;
    switch (answer.measure) {
    case FlowMeasure::Tokens:
        if (!totals.knows(TokenSum::Total)) return totals.withoutUsage > 0 ? QStringLiteral("unknown") : QString();
        return (totals.estimatedTokens > 0 ? QStringLiteral("~") : QString()) + shortCount(totals.totalTokens);
    case FlowMeasure::Exchanges:
        return shortCount(static_cast<std::int64_t>(totals.exchanges));
    case FlowMeasure::Weight:
        break;
    }
    const auto* costs = node < answer.nodeCosts.size() ? &answer.nodeCosts[node] : nullptr;
    if (costs && costs->hasAmount()) return amountText(costs->amount.toDouble(), answer.currency);
    return totals.calls > 0 ? QStringLiteral("unpriced") : QString();
}

/// A line on costs for a tool tip; empty without a price table.
QString costWords(const FlowAnswer& answer, const std::vector<cost::CostTotals>& all, std::size_t place) {
    if (place >= all.size()) return {};
    const auto& costs = all[place];
    QStringList parts;
    if (costs.hasAmount()) {
        parts << QStringLiteral("cost %1 %2").arg(toText(costs.amount.toString()), answer.currency);
    }
    if (costs.unpriced > 0) parts << counted(costs.unpriced, "call", "calls") + QStringLiteral(" unpriced");
    if (costs.unknown > 0) parts << counted(costs.unknown, "call", "calls") + QStringLiteral(" of unknown cost");
    return parts.isEmpty() ? QString() : QChar('\n') + parts.join(QStringLiteral(", "));
}

/// `812 requests, 1.2M tokens (in 1.0M, cached 0.4M, out 0.2M), 3 % 429`
QString briefText(const Totals& totals) {
    QStringList parts{counted(totals.exchanges, "request", "requests")};
    if (totals.knows(TokenSum::Total)) {
        QStringList inside;
        const auto add = [&](TokenSum sum, const char* name, std::int64_t count) {
            if (totals.knows(sum)) inside << QStringLiteral("%1 %2").arg(QLatin1String(name), wholeText(count));
        };
        add(TokenSum::Input, "in", totals.inputTokens);
        add(TokenSum::Cached, "cached", totals.cachedTokens);
        add(TokenSum::Output, "out", totals.outputTokens);
        parts << wholeText(totals.totalTokens) + QStringLiteral(" tokens (%1)").arg(inside.join(QStringLiteral(", ")));
    } else if (totals.withoutUsage > 0) {
        parts << QStringLiteral("tokens unknown");
    }
    if (totals.throttled > 0) parts << percent(totals.throttled, totals.exchanges) + QStringLiteral(" 429");
    if (totals.errors > totals.throttled) {
        parts << counted(totals.errors - totals.throttled, "other error", "other errors");
    }
    return parts.join(QStringLiteral(", "));
}

double sizeOf(double size) {
    return size > 0 ? size : 0; // also what is not a number
}

TableCell share(const FlowAnswer& answer, double size) {
    double whole = 0;
    for (const auto& node : answer.flow.nodes) whole += node.layer == 0 ? sizeOf(node.size) : 0;
    if (whole <= 0) return TableCell::missing();
    const double part = 100.0 * sizeOf(size) / whole;
    return {part, QStringLiteral("%1 %").arg(part, 0, 'f', 1), Tone::Text};
}

void addCostCells(CellTableModel::Row& row, const cost::CostTotals& costs) {
    auto amount = TableCell::missing();
    if (costs.hasAmount()) {
        const double value = costs.amount.toDouble();
        amount = {value, QString::number(value, 'f', value < 1 ? 6 : 2), Tone::Text};
    }
    row.push_back(std::move(amount));
    row.push_back(TableCell::warning(costs.unpriced + costs.unknown));
}

CellTableModel::Row numbers(const FlowAnswer& answer, const Totals& totals, double size,
                            const cost::CostTotals* costs) {
    const auto uncached = uncachedInput(totals);
    CellTableModel::Row row{TableCell::count(totals.exchanges),
                            TableCell::sum(totals.totalTokens, totals.knows(TokenSum::Total)), share(answer, size),
                            TableCell::warning(totals.throttled)};
    if (costs) addCostCells(row, *costs);
    const CellTableModel::Row rest{TableCell::sum(uncached.value_or(0), uncached.has_value()),
                                   TableCell::sum(totals.cachedTokens, totals.knows(TokenSum::Cached)),
                                   TableCell::sum(totals.outputTokens, totals.knows(TokenSum::Output)),
                                   TableCell::sum(totals.reasoningTokens, totals.knows(TokenSum::Reasoning)),
                                   TableCell::warning(totals.errors),
                                   TableCell::duration(totals.ttftP50),
                                   TableCell::decimal(totals.outputRateP50, 1),
                                   TableCell::warning(totals.withoutUsage)};
    row.insert(row.end(), rest.begin(), rest.end());
    return row;
}

TableCell nameCell(const FlowAnswer& answer, std::size_t node) {
    auto cell = TableCell::of(nodeName(answer.flow.nodes[node], answer.fields));
    if (!answer.flow.nodes[node].name) cell.tone = Tone::Muted;
    return cell;
}

std::vector<double> stack(const Totals& totals, SeriesUnit unit, std::int64_t interval) {
    const auto rate = [&](auto count) { return perMinute(static_cast<double>(count), interval); };
    if (unit == SeriesUnit::Requests) {
        const auto failed = totals.errors - std::min(totals.throttled, totals.errors);
        return {rate(totals.exchanges - std::min(totals.exchanges, std::max(totals.errors, totals.throttled))),
                rate(failed), rate(totals.throttled)};
    }
    const auto input = uncachedInput(totals).value_or(0);
    const auto reasoning =
        std::clamp<std::int64_t>(totals.reasoningTokens, 0, std::max<std::int64_t>(totals.outputTokens, 0));
    return {rate(std::max<std::int64_t>(input, 0)), rate(std::max<std::int64_t>(totals.cachedTokens, 0)),
            rate(std::max<std::int64_t>(totals.outputTokens - reasoning, 0)), rate(reasoning)};
}

std::vector<SeriesLayer> layersOf(SeriesUnit unit) {
    if (unit == SeriesUnit::Requests) {
        return {{QStringLiteral("answered"), Tone::TokensInput, Qt::SolidPattern},
                {QStringLiteral("failed"), Tone::TokensOutput, Qt::DiagCrossPattern},
                {QStringLiteral("429"), Tone::TokensReasoning, Qt::BDiagPattern}};
    }
    return {{QStringLiteral("input, not cached"), Tone::TokensInput, Qt::SolidPattern},
            {QStringLiteral("cached"), Tone::TokensCached, Qt::BDiagPattern},
            {QStringLiteral("output"), Tone::TokensOutput, Qt::Dense5Pattern},
            {QStringLiteral("reasoning"), Tone::TokensReasoning, Qt::DiagCrossPattern}};
}

TableColumn requestsColumn() {
    return {QStringLiteral("Requests"), QStringLiteral("HTTP exchanges"), QStringLiteral("exchanges")};
}

TableColumn tokensColumn() {
    return {QStringLiteral("Tokens"), QStringLiteral("Total tokens, as far as known"), QStringLiteral("total_tokens")};
}

TableColumn errorsColumn() {
    return {QStringLiteral("Errors"), QStringLiteral("Status 400 and over, or no response seen"),
            QStringLiteral("errors")};
}

TableColumn throttledColumn() {
    return {QStringLiteral("429"), QStringLiteral("Throttled: status 429"), QStringLiteral("throttled")};
}

void addTokenParts(std::vector<TableColumn>& columns) {
    columns.push_back({QStringLiteral("Input"), QStringLiteral("Input tokens that were not cached"),
                       QStringLiteral("uncached_input_tokens")});
    columns.push_back(
        {QStringLiteral("Cached"), QStringLiteral("Input tokens read from a cache"), QStringLiteral("cached_tokens")});
    columns.push_back({QStringLiteral("Output"), QStringLiteral("Output tokens, reasoning included"),
                       QStringLiteral("output_tokens")});
    columns.push_back({QStringLiteral("Reasoning"), QStringLiteral("Output tokens spent on reasoning"),
                       QStringLiteral("reasoning_tokens")});
}

/// What a sliding window of a minute holds at the end of each bucket.
std::vector<SeriesSum> lastMinutes(const TimeBuckets& time) {
    std::vector<SeriesSum> sums;
    if (time.interval >= kMinute) return sums;
    std::size_t first = 0;
    double sum = 0;
    for (const auto& bucket : time.buckets) {
        sum += static_cast<double>(bucket.totals.totalTokens);
        const TimeNs end = bucket.time + time.interval;
        for (; time.buckets[first].time < end - kMinute; ++first) {
            sum -= static_cast<double>(time.buckets[first].totals.totalTokens);
        }
        sums.push_back({end, std::max(sum, 0.0)});
    }
    return sums;
}

} // namespace

std::optional<std::int64_t> uncachedInput(const Totals& totals) {
    if (!totals.knows(TokenSum::Input)) return std::nullopt;
    return std::max<std::int64_t>(totals.inputTokens - totals.cachedTokens, 0);
}

SankeyData sankeyOf(const FlowAnswer& answer) {
    SankeyData data;
    const auto& flow = answer.flow;
    for (const auto& field : answer.fields) data.layers << fieldTitle(field);
    std::vector<std::size_t> placeInLayer(answer.fields.size(), 0);
    for (std::size_t i = 0; i < flow.nodes.size(); ++i) {
        const auto& node = flow.nodes[i];
        const bool nameless = !node.name;
        const auto place = placeInLayer[node.layer];
        placeInLayer[node.layer] += nameless ? 0 : 1;
        const QString name = nodeName(node, answer.fields);
        const QString refused = node.totals.throttled == 0
                                    ? QString()
                                    : percent(node.totals.throttled, node.totals.exchanges) + QStringLiteral(" 429");
        data.nodes.push_back(
            {.layer = node.layer,
             .size = sizeOf(node.size),
             .name = name,
             .note = sizeText(answer, i),
             .warning = refused,
             .words = name + QChar('\n') + totalsText(node.totals) + costWords(answer, answer.nodeCosts, i),
             .brief = name + QStringLiteral(":  ") + briefText(node.totals),
             .tone = nameless ? Tone::CategoryOther : categoryTone(place),
             .nameless = nameless});
    }
    for (std::size_t i = 0; i < flow.links.size(); ++i) {
        const auto& link = flow.links[i];
        const QString path = data.nodes[link.from].name + QStringLiteral(" › ") + data.nodes[link.to].name;
        data.links.push_back(
            {.from = link.from,
             .to = link.to,
             .size = sizeOf(link.size),
             .words = path + QChar('\n') + totalsText(link.totals) + costWords(answer, answer.linkCosts, i),
             .brief = path + QStringLiteral(":  ") + briefText(link.totals)});
    }
    return data;
}

SeriesData flowSeries(const TimeBuckets& time, SeriesUnit unit, bool severalDays) {
    SeriesData data{.span = time.span,
                    .interval = time.interval,
                    .severalDays = severalDays,
                    .unit = rateUnit(unit == SeriesUnit::Tokens ? QStringLiteral("tokens") : QStringLiteral("requests"),
                                     time.interval),
                    .layers = layersOf(unit),
                    .buckets = {},
                    .lastMinute = {},
                    .nothing = QStringLiteral("Nothing with a time is in what is shown.")};
    if (!time.span) return data;
    for (const auto& bucket : time.buckets) {
        data.buckets.push_back({.time = bucket.time,
                                .values = stack(bucket.totals, unit, time.interval),
                                .marked = bucket.totals.throttled,
                                .words = totalsText(bucket.totals)});
    }
    if (unit == SeriesUnit::Tokens) data.lastMinute = lastMinutes(time);
    return data;
}

StripData stripOf(const TimeBuckets& time, bool tokens, bool severalDays) {
    StripData strip{.span = time.span,
                    .interval = time.interval,
                    .severalDays = severalDays,
                    .bars = {},
                    .scale = {},
                    .nothing = QStringLiteral("No request with a time")};
    if (!time.span) return strip;
    double highest = 0;
    for (const auto& bucket : time.buckets) {
        const auto& totals = bucket.totals;
        const auto count =
            tokens ? std::max<std::int64_t>(totals.totalTokens, 0) : static_cast<std::int64_t>(totals.exchanges);
        const double height = static_cast<double>(count);
        // Tokens of failed requests are not known, so only requests can be marked.
        strip.bars.push_back(
            {bucket.time, height, tokens ? 0 : static_cast<double>(totals.errors), totalsText(totals)});
        highest = std::max(highest, height);
    }
    strip.scale = QStringLiteral("most: %1 in %2")
                      .arg(shortCount(static_cast<std::int64_t>(highest)), durationText(time.interval));
    return strip;
}

std::vector<TableColumn> linkColumns(const FlowAnswer& answer) {
    std::vector<TableColumn> columns{
        {QStringLiteral("From"), QStringLiteral("Where it comes from"), QStringLiteral("from"), false}};
    if (answer.fields.size() > 1) {
        columns.push_back({QStringLiteral("To"), QStringLiteral("Where it goes"), QStringLiteral("to"), false});
    }
    columns.push_back(requestsColumn());
    columns.push_back(tokensColumn());
    columns.push_back({QStringLiteral("Share"), QStringLiteral("Of the whole, by the measure chosen above"),
                       QStringLiteral("share_percent")});
    columns.push_back(throttledColumn());
    if (!answer.currency.isEmpty()) {
        columns.push_back({QStringLiteral("Cost (%1)").arg(answer.currency),
                           QStringLiteral("Sum of the calls that have a price"), QStringLiteral("cost")});
        columns.push_back({QStringLiteral("Unpriced"),
                           QStringLiteral("Calls without a price, or whose usage is not known"),
                           QStringLiteral("unpriced")});
    }
    addTokenParts(columns);
    columns.push_back(errorsColumn());
    columns.push_back({QStringLiteral("First token"), QStringLiteral("Median time to the first token"),
                       QStringLiteral("ttft_p50_ms")});
    columns.push_back({QStringLiteral("Output/s"),
                       QStringLiteral("Median of output tokens per second after the first token"),
                       QStringLiteral("output_tokens_per_second_p50")});
    columns.push_back({QStringLiteral("No usage"), QStringLiteral("Calls of a model without a token count"),
                       QStringLiteral("without_usage")});
    return columns;
}

std::vector<CellTableModel::Row> linkRows(const FlowAnswer& answer) {
    std::vector<CellTableModel::Row> rows;
    const auto add = [&](std::vector<TableCell> names, const auto& part, const std::vector<cost::CostTotals>& costs,
                         std::size_t place) {
        auto rest = numbers(answer, part.totals, part.size, place < costs.size() ? &costs[place] : nullptr);
        names.insert(names.end(), rest.begin(), rest.end());
        rows.push_back(std::move(names));
    };
    const auto& flow = answer.flow;
    if (answer.fields.size() == 1) {
        for (std::size_t i = 0; i < flow.nodes.size(); ++i) {
            add({nameCell(answer, i)}, flow.nodes[i], answer.nodeCosts, i);
        }
    }
    for (std::size_t i = 0; i < flow.links.size(); ++i) {
        const auto& link = flow.links[i];
        add({nameCell(answer, link.from), nameCell(answer, link.to)}, link, answer.linkCosts, i);
    }
    return rows;
}

std::vector<TableColumn> timeColumns() {
    std::vector<TableColumn> columns{
        {QStringLiteral("Begin (UTC)"), QStringLiteral("Begin of the bucket"), QStringLiteral("time"), false},
        requestsColumn(),
        tokensColumn(),
    };
    addTokenParts(columns);
    columns.push_back(
        {QStringLiteral("Tokens/min"), QStringLiteral("Total tokens as a rate"), QStringLiteral("tokens_per_minute")});
    columns.push_back(
        {QStringLiteral("Requests/min"), QStringLiteral("Requests as a rate"), QStringLiteral("requests_per_minute")});
    columns.push_back(errorsColumn());
    columns.push_back(throttledColumn());
    return columns;
}

std::vector<CellTableModel::Row> timeRows(const TimeBuckets& time, bool severalDays) {
    std::vector<CellTableModel::Row> rows;
    for (const auto& bucket : time.buckets) {
        const auto& totals = bucket.totals;
        const auto uncached = uncachedInput(totals);
        const bool known = totals.knows(TokenSum::Total);
        const auto tokens = perMinute(static_cast<double>(totals.totalTokens), time.interval);
        rows.push_back({TableCell{toText(formatTime(bucket.time)), tickText(bucket.time, time.interval, severalDays)},
                        TableCell::count(totals.exchanges), TableCell::sum(totals.totalTokens, known),
                        TableCell::sum(uncached.value_or(0), uncached.has_value()),
                        TableCell::sum(totals.cachedTokens, totals.knows(TokenSum::Cached)),
                        TableCell::sum(totals.outputTokens, totals.knows(TokenSum::Output)),
                        TableCell::sum(totals.reasoningTokens, totals.knows(TokenSum::Reasoning)),
                        TableCell::decimal(known ? std::optional(tokens) : std::nullopt, 0),
                        TableCell::decimal(perMinute(static_cast<double>(totals.exchanges), time.interval), 1),
                        TableCell::warning(totals.errors), TableCell::warning(totals.throttled)});
    }
    return rows;
}

} // namespace gatescope::ui
