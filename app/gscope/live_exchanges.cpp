// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/live_exchanges.h"

#include "core/report/result_rows.h"

#include <algorithm>

namespace gatescope::cli {

namespace {

/// As one of the constants, which live on.
std::string_view stateOf(const analysis::Snapshot& snapshot, analysis::Row row) {
    const StringPool::Code code = snapshot.code(analysis::FieldId::State, row);
    if (code == StringPool::kNone) return {};
    const std::string_view text = snapshot.text(code);
    for (const std::string_view state : {analysis::kWaiting, analysis::kAnswering, analysis::kStreaming})
        if (text == state) return state;
    return {};
}

/// What changes with each event.
std::pair<std::int64_t, std::int64_t> progressOf(const analysis::Snapshot& snapshot, analysis::Row row) {
    return {snapshot.number(analysis::FieldId::ResponseBytes, row),
            snapshot.number(analysis::FieldId::OutputTokens, row)};
}

} // namespace

LiveExchanges::LiveExchanges(LiveCalls calls, const report::WriterOptions& options, report::ByteSink& sink,
                             std::function<Clock::time_point()> now)
    : m_calls(std::move(calls)), m_out(options, report::exchangeColumns(m_calls.fields), sink), m_now(std::move(now)) {
    m_out.pause(); // the heading, so that a reader knows that we run
}

std::expected<void, Failure> LiveExchanges::show(const LiveView& view) {
    show(view.snapshot, view.isLast);
    return {};
}

void LiveExchanges::show(const analysis::Snapshot& snapshot, bool isLast) {
    m_numbers.note(snapshot);
    findPlace(snapshot);
    const Clock::time_point now = m_now();
    std::vector<analysis::Row> due;
    analysis::Row next = m_next;
    for (const analysis::Row row : snapshot.order()) {
        if (snapshot.isOpen(row)) {
            if (isDue(snapshot, row, now)) due.push_back(row);
        } else if (row >= m_next) {
            if (!wasTold(snapshot, row)) due.push_back(row);
            if (row + 1 > next) m_last = LiveNumbers::keyOf(snapshot, row);
            next = std::max(next, row + 1);
        }
    }
    m_next = next;
    const std::vector<analysis::Row> rows =
        m_calls.filter.matchesEverything() ? std::move(due) : m_calls.filter.apply(snapshot, due);
    report::writeExchanges(snapshot, rows, m_calls.fields, m_calls.reveal, m_out, {}, &m_numbers);
    remember(snapshot, rows, now);
    isLast ? static_cast<void>(m_out.finish()) : m_out.pause();
}

/// Old rows were forgotten and the others have new numbers: where were we?
void LiveExchanges::findPlace(const analysis::Snapshot& snapshot) {
    if (snapshot.renumberings() == m_renumberings) return;
    m_renumberings = snapshot.renumberings();
    if (m_next == 0) return;
    const auto row = snapshot.find(m_last.first, m_last.second);
    m_next = row && !snapshot.isOpen(*row) ? *row + 1 : 0;
}

/// A row that stands for records which were tied together at the end, when they had rows of their own before.
bool LiveExchanges::wasTold(const analysis::Snapshot& snapshot, analysis::Row row) const {
    return std::ranges::any_of(snapshot.parts(row), [&](analysis::Row part) { return part < m_next; });
}

bool LiveExchanges::isDue(const analysis::Snapshot& snapshot, analysis::Row row, Clock::time_point now) const {
    if (m_calls.endedOnly) return false;
    const auto told = m_open.find(LiveNumbers::keyOf(snapshot, row));
    if (told == m_open.end()) return true;
    const std::string_view state = stateOf(snapshot, row);
    if (state != told->second.state) return true;
    return state == analysis::kStreaming && now - told->second.when >= kAgainAfter &&
           progressOf(snapshot, row) != told->second.progress;
}

void LiveExchanges::remember(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& written,
                             Clock::time_point now) {
    for (const analysis::Row row : written)
        if (snapshot.isOpen(row))
            m_open[LiveNumbers::keyOf(snapshot, row)] = {stateOf(snapshot, row), progressOf(snapshot, row), now};
    if (m_open.empty()) return;
    std::map<LiveNumbers::Key, Told> open;
    for (const analysis::Row row : snapshot.order())
        if (snapshot.isOpen(row))
            if (const auto at = m_open.find(LiveNumbers::keyOf(snapshot, row)); at != m_open.end()) open.insert(*at);
    m_open = std::move(open);
}

} // namespace gatescope::cli
