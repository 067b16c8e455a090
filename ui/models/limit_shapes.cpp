// SPDX-License-Identifier: Apache-2.0
#include "ui/models/limit_shapes.h"

#include "ui/bridge/text.h"
#include "ui/bridge/time_buckets.h"

#include <QStringList>

#include <algorithm>

namespace gatescope::ui {
using namespace analysis;
using namespace simulate;
namespace {

TableCell time(TimeNs at, bool severalDays) {
    if (at == kNoTime) return TableCell::missing();
    return {toText(formatTime(at)), clockText(at, severalDays), Tone::Text};
}

TableCell percent(double share) {
    return {100 * share, QStringLiteral("%1 %").arg(100 * share, 0, 'f', 1), Tone::Text};
}

QString line(const char* name, std::uint64_t count) {
    return QStringLiteral("%1: %2").arg(QLatin1String(name), countText(count));
}

QString words(const LimitBucket& bucket, bool predicted) {
    QStringList lines;
    const auto add = [&](const char* name, std::uint64_t count) {
        if (count > 0) lines << line(name, count);
    };
    if (predicted) {
        add("let through", bucket.admitted);
        add("refused with 429", bucket.refused429);
        add("refused with 403", bucket.refused403);
    } else {
        add("answered", bucket.answered);
        add("429", bucket.observed429);
        add("failed", bucket.failed);
        add("no answer seen", bucket.unanswered);
    }
    return lines.join(QChar('\n'));
}

QString gradeText(KeyGrade grade) {
    return toText(toString(grade));
}

} // namespace

SeriesData limitSeries(const LimitView& view, bool predicted, bool severalDays) {
    SeriesData series{.span = view.span,
                      .interval = view.interval,
                      .severalDays = severalDays,
                      .unit = rateUnit(predicted ? QStringLiteral("Under this policy, calls")
                                                 : QStringLiteral("What happened, calls"),
                                       view.interval),
                      .layers = {},
                      .buckets = {},
                      .lastMinute = {},
                      .nothing = QStringLiteral("No call of a model is in what is shown.")};
    if (predicted) {
        series.layers = {{QStringLiteral("let through"), Tone::TokensInput, Qt::SolidPattern},
                         {QStringLiteral("429"), Tone::TokensReasoning, Qt::BDiagPattern},
                         {QStringLiteral("403"), Tone::TokensOutput, Qt::DiagCrossPattern}};
    } else {
        series.layers = {{QStringLiteral("answered"), Tone::TokensInput, Qt::SolidPattern},
                         {QStringLiteral("429"), Tone::TokensReasoning, Qt::BDiagPattern},
                         {QStringLiteral("failed"), Tone::TokensOutput, Qt::DiagCrossPattern},
                         {QStringLiteral("no answer"), Tone::CategoryOther, Qt::Dense5Pattern}};
    }
    for (const auto& bucket : view.buckets) {
        const auto rate = [&](std::uint64_t count) { return perMinute(static_cast<double>(count), view.interval); };
        SeriesBucket shown{.time = bucket.time, .values = {}, .marked = 0, .words = words(bucket, predicted)};
        if (predicted)
            shown.values = {rate(bucket.admitted), rate(bucket.refused429), rate(bucket.refused403)};
        else
            shown.values = {rate(bucket.answered), rate(bucket.observed429), rate(bucket.failed),
                            rate(bucket.unanswered)};
        series.buckets.push_back(std::move(shown));
    }
    return series;
}

std::vector<TableColumn> counterColumns() {
    const auto column = [](const char* title, const char* meaning, const char* csv) {
        return TableColumn{QLatin1String(title), QLatin1String(meaning), QLatin1String(csv), true};
    };
    return {{QStringLiteral("Counter"), QStringLiteral("Value of the counter key"), QStringLiteral("key"), false},
            column("Calls", "Calls of a model", "exchanges"),
            column("Let through", "By this policy", "admitted"),
            column("429", "Refused by tokens per minute", "refused_429"),
            column("403", "Refused by the quota", "refused_403"),
            column("Really 429", "Answers 429 that were seen", "observed_429"),
            column("Booked", "Tokens that the limiter would count for what it lets through", "booked_tokens"),
            column("Billed", "Tokens that the answers really reported", "billed_tokens"),
            {QStringLiteral("First refused"), QStringLiteral("When the policy would first have refused a call"),
             QStringLiteral("first_refused"), false},
            column("Starved min", "Minutes with calls of which none would be let through", "starved_minutes"),
            column("Longest wait", "Greatest Retry-After", "longest_wait_s"),
            column("Callers", "Distinct callers that share this counter", "payers")};
}

std::vector<CellTableModel::Row> counterRows(const LimitResult& result, const std::vector<Field>& fields,
                                             bool severalDays) {
    std::vector<CellTableModel::Row> rows;
    for (const auto& key : result.keys) {
        if (rows.size() == CellTableModel::kMaxRows) break;
        TableCell wait = TableCell::missing();
        if (key.longestWait > 0)
            wait = {static_cast<qlonglong>(key.longestWait), QStringLiteral("%1 s").arg(key.longestWait)};
        rows.push_back({TableCell::of(counterName(key.key, fields)), TableCell::count(key.exchanges),
                        TableCell::count(key.admitted), TableCell::warning(key.refused429),
                        TableCell::warning(key.refused403), TableCell::warning(key.observed429),
                        TableCell::sum(key.bookedTokens, key.bookedCalls > 0),
                        TableCell::sum(key.billedTokens, key.withUsage > 0), time(key.firstRefused, severalDays),
                        TableCell::warning(key.starvedMinutes), std::move(wait), TableCell::count(key.payers)});
    }
    return rows;
}

std::vector<TableColumn> adviceColumns() {
    return {
        {QStringLiteral("Key"), QStringLiteral("Fields of the counter key"), QStringLiteral("key"), false},
        {QStringLiteral("Grade"), QStringLiteral("How well it serves as counter key"), QStringLiteral("grade"), false},
        {QStringLiteral("Coverage"), QStringLiteral("Calls that have a value"), QStringLiteral("coverage_percent")},
        {QStringLiteral("Values"), QStringLiteral("Distinct values"), QStringLiteral("distinct")},
        {QStringLiteral("Gini"), QStringLiteral("Of the tokens by value: 0 all alike, near 1 one value has all"),
         QStringLiteral("gini")},
        {QStringLiteral("Refused"), QStringLiteral("Calls that this policy would refuse with this key"),
         QStringLiteral("throttled")},
        {QStringLiteral("Set by"), QStringLiteral("Who can choose the value"), QStringLiteral("set_by"), false},
        {QStringLiteral("Why"), QStringLiteral("Why it has this grade"), QStringLiteral("reason"), false}};
}

std::vector<CellTableModel::Row> adviceRows(const std::vector<KeyAdvice>& advice) {
    std::vector<CellTableModel::Row> rows;
    for (const auto& each : advice) {
        QStringList names;
        for (const auto& field : each.fields) names << toText(field.name());
        auto grade = TableCell::of(gradeText(each.grade));
        grade.tone = each.grade == KeyGrade::Good   ? Tone::Good
                     : each.grade == KeyGrade::Poor ? Tone::Warning
                                                    : Tone::Text;
        rows.push_back({TableCell::of(names.join(QStringLiteral(" + "))), std::move(grade), percent(each.coverage),
                        TableCell::count(each.distinct), TableCell::decimal(each.gini, 2),
                        each.throttled ? TableCell::warning(*each.throttled) : TableCell::missing(),
                        TableCell::of(each.callerSets ? QStringLiteral("the caller") : QStringLiteral("the platform")),
                        TableCell::of(toText(each.reason))});
    }
    return rows;
}

std::vector<TableColumn> findingColumns() {
    return {{QStringLiteral("Severity"), QStringLiteral("How much it matters"), QStringLiteral("severity"), false},
            {QStringLiteral("What"), QStringLiteral("What was found"), QStringLiteral("title"), false},
            {QStringLiteral("Evidence"), QStringLiteral("Where and how much"), QStringLiteral("evidence"), false},
            {QStringLiteral("What to do"), QStringLiteral("What can be done about it"), QStringLiteral("fix"), false}};
}

std::vector<CellTableModel::Row> findingRows(const std::vector<Finding>& findings) {
    std::vector<CellTableModel::Row> rows;
    for (const auto& finding : findings) {
        if (!finding.kind) continue;
        QStringList evidence;
        for (const auto& each : finding.evidence) evidence << toText(each);
        rows.push_back({TableCell::of(toText(toString(finding.kind->severity))),
                        TableCell::of(toText(finding.kind->title)), TableCell::of(evidence.join(QStringLiteral("; "))),
                        TableCell::of(toText(finding.kind->fix))});
    }
    return rows;
}

std::vector<TableColumn> limitTimeColumns() {
    return {
        {QStringLiteral("Begin (UTC)"), QStringLiteral("Begin of the bucket"), QStringLiteral("time"), false},
        {QStringLiteral("Let through"), QStringLiteral("By this policy"), QStringLiteral("admitted")},
        {QStringLiteral("429"), QStringLiteral("Refused by tokens per minute"), QStringLiteral("refused_429")},
        {QStringLiteral("403"), QStringLiteral("Refused by the quota"), QStringLiteral("refused_403")},
        {QStringLiteral("Answered"), QStringLiteral("What happened"), QStringLiteral("answered")},
        {QStringLiteral("Really 429"), QStringLiteral("What happened"), QStringLiteral("observed_429")},
        {QStringLiteral("Failed"), QStringLiteral("Other answers of status 400 and over"), QStringLiteral("failed")},
        {QStringLiteral("No answer"), QStringLiteral("No answer was seen"), QStringLiteral("unanswered")}};
}

std::vector<CellTableModel::Row> limitTimeRows(const LimitView& view, bool severalDays) {
    std::vector<CellTableModel::Row> rows;
    for (const auto& bucket : view.buckets) {
        rows.push_back({TableCell{toText(formatTime(bucket.time)), tickText(bucket.time, view.interval, severalDays)},
                        TableCell::count(bucket.admitted), TableCell::warning(bucket.refused429),
                        TableCell::warning(bucket.refused403), TableCell::count(bucket.answered),
                        TableCell::warning(bucket.observed429), TableCell::warning(bucket.failed),
                        TableCell::warning(bucket.unanswered)});
    }
    return rows;
}

} // namespace gatescope::ui
