// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/header_answer.h"

#include "core/analysis/filter.h"

#include <algorithm>

namespace gatescope::ui {
using namespace analysis;
namespace {

std::optional<TimeSpan> wholeSpan(const Snapshot& snapshot, const std::vector<Row>& rows) {
    std::optional<TimeSpan> span;
    for (const Row row : rows) {
        const TimeNs time = snapshot.startTime(row);
        if (time == kNoTime) continue;
        if (!span) span = TimeSpan{time, time};
        span->from = std::min(span->from, time);
        span->to = std::max(span->to, time);
    }
    return span;
}

/// Calls without a time are in neither half.
void compareHalves(const HeaderQuestion& question, HeaderAnswer& answer) {
    const auto& snapshot = question.snapshot;
    const auto span = question.span ? question.span : wholeSpan(snapshot, *question.rows);
    std::vector<Row> before, now;
    if (span) {
        answer.middle = span->from + (span->to - span->from) / 2;
        for (const Row row : *question.rows) {
            const TimeNs time = snapshot.startTime(row);
            if (time != kNoTime) (time < *answer.middle ? before : now).push_back(row);
        }
    }
    answer.rowsBefore = before.size();
    answer.rowsNow = now.size();
    answer.changes = headerDrift(snapshot, before, snapshot, now);
}

/// Rows of the other input that the same filter and group let through.
std::vector<Row> otherRows(const HeaderQuestion& question, std::stop_token stop) {
    auto rows = question.other->order();
    for (const auto& text : {question.filterText, question.groupText}) {
        const auto filter = Filter::parse(text);
        if (filter && !filter->matchesEverything()) rows = filter->apply(*question.other, rows, stop);
    }
    return rows;
}

void compareOther(const HeaderQuestion& question, HeaderAnswer& answer, std::stop_token stop) {
    const auto others = otherRows(question, stop);
    if (stop.stop_requested()) return;
    answer.rowsBefore = others.size();
    answer.rowsNow = question.rows->size();
    if (question.otherIsNewer) {
        std::swap(answer.rowsBefore, answer.rowsNow);
        answer.changes = headerDrift(question.snapshot, *question.rows, *question.other, others);
    } else {
        answer.changes = headerDrift(*question.other, others, question.snapshot, *question.rows);
    }
}

} // namespace

std::optional<HeaderAnswer> answerHeaders(const HeaderQuestion& question, std::stop_token stop) {
    HeaderAnswer answer;
    answer.inventory = headerInventory(question.snapshot, *question.rows);
    if (stop.stop_requested()) return std::nullopt;
    if (question.against == HeaderQuestion::Against::FirstHalf) {
        answer.compared = true;
        compareHalves(question, answer);
    } else if (question.against == HeaderQuestion::Against::Other && question.other) {
        answer.compared = true;
        compareOther(question, answer, stop);
    }
    if (stop.stop_requested()) return std::nullopt;
    return answer;
}

std::size_t changedCount(const std::vector<HeaderChange>& changes) {
    return static_cast<std::size_t>(std::count_if(
        changes.begin(), changes.end(), [](const HeaderChange& change) { return change.kind != DriftKind::Same; }));
}

} // namespace gatescope::ui
