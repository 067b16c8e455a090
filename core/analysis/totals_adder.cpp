// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/totals_adder.h"

#include "core/analysis/attempts.h"
#include "core/base/saturating.h"

#include <algorithm>
#include <array>

namespace gatescope::analysis {

namespace {

/// Rows whose cells are fetched together.
constexpr std::size_t kBlockRows = 1024;
constexpr double kNsPerSecond = 1e9;

/// Nearest rank: the smallest value that at least `percent` of all do not exceed. `values` is reordered, so that a
/// higher percentile may be asked for afterwards.
template <typename T>
std::optional<T> percentile(std::vector<T>& values, std::size_t percent) {
    if (values.empty()) return std::nullopt;
    const std::size_t rank = std::max<std::size_t>(1, (values.size() * percent + 99) / 100);
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank - 1);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}


} // namespace

/// Cells of a block of rows, and the values over all blocks that percentiles need.
struct TotalsAdder::Cells {
    using Column = std::array<std::int64_t, kBlockRows>;
    Column status, input, output, total, cached, cacheWrite, reasoning, duration, ttft;
    std::array<StringPool::Code, kBlockRows> api, source;
    std::vector<std::int64_t> durations, ttfts;
    std::vector<double> rates; ///< output tokens per second

    void fetch(const Snapshot& snapshot, std::span<const Row> rows) {
        snapshot.numbers(FieldId::Status, rows, status.data());
        snapshot.numbers(FieldId::InputTokens, rows, input.data());
        snapshot.numbers(FieldId::OutputTokens, rows, output.data());
        snapshot.numbers(FieldId::TotalTokens, rows, total.data());
        snapshot.numbers(FieldId::CachedTokens, rows, cached.data());
        snapshot.numbers(FieldId::CacheWriteTokens, rows, cacheWrite.data());
        snapshot.numbers(FieldId::ReasoningTokens, rows, reasoning.data());
        snapshot.numbers(FieldId::Duration, rows, duration.data());
        snapshot.numbers(FieldId::Ttft, rows, ttft.data());
        snapshot.codes(FieldId::Api, StringPool::kNone, rows, api.data());
        snapshot.codes(FieldId::TokenSource, StringPool::kNone, rows, source.data());
    }

    void keepTimes(std::size_t i) {
        if (duration[i] != kNoNumber) durations.push_back(duration[i]);
        if (ttft[i] == kNoNumber) return;
        ttfts.push_back(ttft[i]);
        // What came after the first token took the rest of the time; of an answer in one piece nothing can be said.
        if (output[i] != kNoNumber && output[i] > 0 && duration[i] != kNoNumber && duration[i] > ttft[i])
            rates.push_back(static_cast<double>(output[i]) * kNsPerSecond / static_cast<double>(duration[i] - ttft[i]));
    }
};

TotalsAdder::TotalsAdder(const Snapshot& snapshot)
    : m_snapshot(snapshot), m_attempts(snapshot.attempts()), m_estimated(snapshot.textCode("estimated")),
      m_cells(std::make_unique<Cells>()) {}
TotalsAdder::~TotalsAdder() = default;

void TotalsAdder::addTokens(Totals& totals, std::size_t i) const {
    const std::int64_t input = m_cells->input[i];
    const std::int64_t output = m_cells->output[i];
    const std::int64_t total = m_cells->total[i];
    const bool counted = input != kNoNumber || output != kNoNumber || total != kNoNumber;
    if (counted)
        ++totals.withUsage;
    else if (m_cells->api[i] != StringPool::kNone)
        ++totals.withoutUsage;
    const auto sum = [&totals](TokenSum which, std::int64_t& into, std::int64_t value) {
        if (value == kNoNumber) return;
        into = saturatingAdd(into, value);
        totals.known |= static_cast<std::uint8_t>(which);
    };
    sum(TokenSum::Input, totals.inputTokens, input);
    sum(TokenSum::Output, totals.outputTokens, output);
    sum(TokenSum::Total, totals.totalTokens, total);
    sum(TokenSum::Cached, totals.cachedTokens, m_cells->cached[i]);
    sum(TokenSum::CacheWrite, totals.cacheWriteTokens, m_cells->cacheWrite[i]);
    sum(TokenSum::Reasoning, totals.reasoningTokens, m_cells->reasoning[i]);
    if (m_estimated != StringPool::kNone && m_cells->source[i] == m_estimated && total != kNoNumber)
        totals.estimatedTokens = saturatingAdd(totals.estimatedTokens, total);
}

void TotalsAdder::add(Totals& totals, std::span<const Row> block) {
    m_cells->fetch(m_snapshot, block);
    for (std::size_t i = 0; i < block.size(); ++i) {
        const std::int64_t status = m_cells->status[i];
        if (status == kNoNumber || status >= 400) ++totals.errors;
        if (status == 429) ++totals.throttled;
        if (m_cells->api[i] != StringPool::kNone) {
            ++totals.calls;
            if (m_attempts.isRepeat(block[i])) ++totals.retries;
        }
        addTokens(totals, i);
        m_cells->keepTimes(i);
        const TimeNs time = m_snapshot.startTime(block[i]);
        if (time == kNoTime) continue;
        if (totals.firstTime == kNoTime || time < totals.firstTime) totals.firstTime = time;
        totals.lastTime = std::max(totals.lastTime, time); // kNoTime is lower than any time
    }
}

Totals TotalsAdder::totals(std::span<const Row> rows) {
    Totals totals;
    totals.exchanges = rows.size();
    Cells& cells = *m_cells;
    cells.durations.clear();
    cells.ttfts.clear();
    cells.rates.clear();
    for (std::size_t first = 0; first < rows.size(); first += kBlockRows)
        add(totals, rows.subspan(first, std::min(kBlockRows, rows.size() - first)));
    totals.durationP50 = percentile(cells.durations, 50);
    totals.durationP95 = percentile(cells.durations, 95);
    totals.ttftP50 = percentile(cells.ttfts, 50);
    totals.ttftP95 = percentile(cells.ttfts, 95);
    totals.outputRateP50 = percentile(cells.rates, 50);
    return totals;
}

} // namespace gatescope::analysis
