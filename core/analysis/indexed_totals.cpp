// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/indexed_totals.h"

#include "core/analysis/answer.h"
#include "core/analysis/attempts.h"
#include "core/analysis/model_calls.h"
#include "core/analysis/percentiles.h"
#include "core/base/saturating.h"

#include <algorithm>
#include <array>
#include <bit>
#include <future>
#include <memory>

namespace gatescope::analysis {

namespace {

/// Rows whose cells are fetched together.
constexpr std::size_t kBlockRows = 1024;
/// Below this a thread costs more than it saves.
constexpr std::size_t kRowsWorthAThread = 50'000;
constexpr double kNsPerSecond = 1e9;

using Rows = std::span<const Row>;
using Indexes = std::span<const std::uint32_t>;
using Column = std::array<std::int64_t, kBlockRows>;
using CodeColumn = std::array<StringPool::Code, kBlockRows>;

template <typename Take>
void forEachBlock(Rows rows, Indexes indexes, Take&& take) {
    for (std::size_t first = 0; first < rows.size(); first += kBlockRows) {
        const std::size_t size = std::min(kBlockRows, rows.size() - first);
        take(rows.subspan(first, size), indexes.subspan(first, size));
    }
}

/// Counts and sums.
class Sums {
public:
    Sums(const Snapshot& snapshot, std::vector<Totals>& totals)
        : m_snapshot(snapshot), m_attempts(snapshot.attempts()), m_modelCalls(snapshot),
          m_estimated(snapshot.textCode("estimated")), m_totals(totals) {}

    void add(Rows rows, Indexes indexes) {
        fetch(rows);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            Totals& totals = m_totals[indexes[i]];
            ++totals.exchanges;
            addAnswer(totals, rows[i], i);
            addTokens(totals, i);
            addStart(totals, m_time[i] != kNoNumber ? m_time[i] : m_snapshot.startTime(rows[i]));
        }
    }

private:
    void fetch(Rows rows) {
        m_snapshot.numbers(FieldId::Status, rows, m_status.data());
        m_snapshot.numbers(FieldId::InputTokens, rows, m_input.data());
        m_snapshot.numbers(FieldId::OutputTokens, rows, m_output.data());
        m_snapshot.numbers(FieldId::TotalTokens, rows, m_total.data());
        m_snapshot.numbers(FieldId::CachedTokens, rows, m_cached.data());
        m_snapshot.numbers(FieldId::CacheWriteTokens, rows, m_cacheWrite.data());
        m_snapshot.numbers(FieldId::ReasoningTokens, rows, m_reasoning.data());
        m_snapshot.numbers(FieldId::Time, rows, m_time.data());
        m_snapshot.codes(FieldId::Api, StringPool::kNone, rows, m_api.data());
        m_snapshot.codes(FieldId::TokenSource, StringPool::kNone, rows, m_source.data());
    }

    void addAnswer(Totals& totals, Row row, std::size_t i) const {
        const bool isMissing = m_status[i] == kNoNumber;
        if (isMissing ? isUnanswered(m_snapshot, row) || isFailed(m_snapshot, row) : m_status[i] >= 400)
            ++totals.errors;
        if (m_status[i] == 429) ++totals.throttled;
        if (!m_modelCalls.isCall(m_api[i])) return;
        ++totals.calls;
        if (m_attempts.isRepeat(row)) ++totals.retries;
    }

    void addTokens(Totals& totals, std::size_t i) const {
        const auto sum = [&totals](TokenSum which, std::int64_t& into, std::int64_t value) {
            if (value == kNoNumber) return;
            into = saturatingAdd(into, value);
            totals.known |= static_cast<std::uint8_t>(which);
        };
        if (m_input[i] != kNoNumber || m_output[i] != kNoNumber || m_total[i] != kNoNumber)
            ++totals.withUsage;
        else if (m_modelCalls.isCall(m_api[i]))
            ++totals.withoutUsage;
        sum(TokenSum::Input, totals.inputTokens, m_input[i]);
        sum(TokenSum::Output, totals.outputTokens, m_output[i]);
        sum(TokenSum::Total, totals.totalTokens, m_total[i]);
        sum(TokenSum::Cached, totals.cachedTokens, m_cached[i]);
        sum(TokenSum::CacheWrite, totals.cacheWriteTokens, m_cacheWrite[i]);
        sum(TokenSum::Reasoning, totals.reasoningTokens, m_reasoning[i]);
        if (m_estimated != StringPool::kNone && m_source[i] == m_estimated && m_total[i] != kNoNumber)
            totals.estimatedTokens = saturatingAdd(totals.estimatedTokens, m_total[i]);
    }

    static void addStart(Totals& totals, TimeNs time) {
        if (time == kNoTime) return;
        if (totals.firstTime == kNoTime || time < totals.firstTime) totals.firstTime = time;
        totals.lastTime = std::max(totals.lastTime, time); // kNoTime is lower than any time
    }

    const Snapshot& m_snapshot;
    const Attempts& m_attempts;
    ModelCalls m_modelCalls;
    StringPool::Code m_estimated;
    std::vector<Totals>& m_totals;
    Column m_status, m_input, m_output, m_total, m_cached, m_cacheWrite, m_reasoning, m_time;
    CodeColumn m_api, m_source;
};

/// Where each set's values begin when all stand side by side; a last entry says where the last ones end.
std::vector<std::size_t> roomFor(Indexes indexes, std::size_t count) {
    std::vector<std::size_t> begins(count + 1);
    for (const std::uint32_t index : indexes) ++begins[index + 1];
    for (std::size_t i = 1; i <= count; ++i) begins[i] += begins[i - 1];
    return begins;
}

/// The percentiles of each set. `fetch` writes one value for each row of a block, kNoNumber where there is none.
template <typename Fetch>
std::vector<PercentilePair> percentilesOf(Rows rows, Indexes indexes, const std::vector<std::size_t>& begins,
                                          Fetch&& fetch) {
    std::vector<std::size_t> ends(begins.begin(), begins.end() - 1);
    const auto values = std::make_unique_for_overwrite<std::int64_t[]>(rows.size());
    Column column;
    forEachBlock(rows, indexes, [&](Rows block, Indexes sets) {
        fetch(block, column.data());
        for (std::size_t i = 0; i < block.size(); ++i)
            if (column[i] != kNoNumber) values[ends[sets[i]]++] = column[i];
    });
    std::vector<PercentilePair> pairs(ends.size());
    PercentilePicker picker;
    for (std::size_t set = 0; set < pairs.size(); ++set)
        pairs[set] = picker.pick({values.get() + begins[set], ends[set] - begins[set]});
    return pairs;
}

/// Output tokens per second as the bits of a positive number, which have the order of the numbers. What came after the
/// first token took the rest of the time; of an answer in one piece nothing can be said.
void fetchRates(const Snapshot& snapshot, Rows rows, std::int64_t* out) {
    Column duration;
    Column ttft;
    snapshot.numbers(FieldId::Duration, rows, duration.data());
    snapshot.numbers(FieldId::Ttft, rows, ttft.data());
    snapshot.numbers(FieldId::OutputTokens, rows, out);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const bool known = out[i] > 0 && ttft[i] != kNoNumber && duration[i] > ttft[i];
        out[i] = known ? std::bit_cast<std::int64_t>(static_cast<double>(out[i]) * kNsPerSecond /
                                                     static_cast<double>(duration[i] - ttft[i]))
                       : kNoNumber;
    }
}

std::vector<Totals> sumsOf(const Snapshot& snapshot, Rows rows, Indexes indexes, std::size_t count) {
    std::vector<Totals> totals(count);
    const auto sums = std::make_unique<Sums>(snapshot, totals);
    forEachBlock(rows, indexes, [&](Rows block, Indexes sets) { sums->add(block, sets); });
    return totals;
}

} // namespace

std::vector<Totals> indexedTotals(const Snapshot& snapshot, Rows rows, Indexes indexes, std::size_t count,
                                  TotalsKind kind) {
    if (kind == TotalsKind::SumsOnly) return sumsOf(snapshot, rows, indexes, count);
    const std::vector<std::size_t> begins = roomFor(indexes, count);
    const auto percentiles = [&](FieldId field) {
        return percentilesOf(rows, indexes, begins,
                             [&](Rows block, std::int64_t* out) { snapshot.numbers(field, block, out); });
    };
    // Sums and percentiles are independent, so a large result is worked out by two threads.
    const auto policy = rows.size() < kRowsWorthAThread ? std::launch::deferred : std::launch::async;
    auto times =
        std::async(policy, [&] { return std::pair(percentiles(FieldId::Duration), percentiles(FieldId::Ttft)); });
    std::vector<Totals> totals = sumsOf(snapshot, rows, indexes, count);
    const auto rates =
        percentilesOf(rows, indexes, begins, [&](Rows block, std::int64_t* out) { fetchRates(snapshot, block, out); });
    const auto [durations, ttfts] = times.get();
    for (std::size_t i = 0; i < count; ++i) {
        totals[i].durationP50 = durations[i].p50;
        totals[i].durationP95 = durations[i].p95;
        totals[i].ttftP50 = ttfts[i].p50;
        totals[i].ttftP95 = ttfts[i].p95;
        if (rates[i].p50) totals[i].outputRateP50 = std::bit_cast<double>(*rates[i].p50);
    }
    return totals;
}

} // namespace gatescope::analysis
