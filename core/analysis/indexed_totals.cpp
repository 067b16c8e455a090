// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/indexed_totals.h"

#include "core/analysis/attempts.h"
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
        : m_snapshot(snapshot), m_attempts(snapshot.attempts()), m_estimated(snapshot.textCode("estimated")),
          m_totals(totals) {}

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
        if (m_status[i] == kNoNumber || m_status[i] >= 400) ++totals.errors;
        if (m_status[i] == 429) ++totals.throttled;
        if (m_api[i] == StringPool::kNone) return;
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
        else if (m_api[i] != StringPool::kNone)
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
    StringPool::Code m_estimated;
    std::vector<Totals>& m_totals;
    Column m_status, m_input, m_output, m_total, m_cached, m_cacheWrite, m_reasoning, m_time;
    CodeColumn m_api, m_source;
};

/// Known values of all sets in one array, each set's side by side.
class Values {
public:
    /// `begins`: where each set's room begins; a last entry says where the last one ends.
    explicit Values(const std::vector<std::size_t>& begins)
        : m_ends(begins), m_values(std::make_unique_for_overwrite<std::int64_t[]>(begins.back())) {}

    void add(std::uint32_t set, std::int64_t value) { m_values[m_ends[set]++] = value; }
    std::span<const std::int64_t> of(std::uint32_t set, std::size_t begin) const {
        return {m_values.get() + begin, m_ends[set] - begin};
    }

private:
    std::vector<std::size_t> m_ends; ///< by set, behind its last value
    std::unique_ptr<std::int64_t[]> m_values;
};

std::vector<std::size_t> roomFor(std::span<const std::uint32_t> indexes, std::size_t count) {
    std::vector<std::size_t> begins(count + 1);
    for (const std::uint32_t index : indexes) ++begins[index + 1];
    for (std::size_t i = 1; i <= count; ++i) begins[i] += begins[i - 1];
    return begins;
}

/// Medians and the like.
class Percentiles {
public:
    struct Result {
        PercentilePair duration, ttft;
        std::optional<double> outputRateP50;
    };

    Percentiles(const Snapshot& snapshot, Indexes indexes, std::size_t count)
        : m_snapshot(snapshot), m_begins(roomFor(indexes, count)), m_durations(m_begins), m_ttfts(m_begins),
          m_rates(m_begins) {}

    void add(Rows rows, Indexes indexes) {
        m_snapshot.numbers(FieldId::Duration, rows, m_duration.data());
        m_snapshot.numbers(FieldId::Ttft, rows, m_ttft.data());
        m_snapshot.numbers(FieldId::OutputTokens, rows, m_output.data());
        for (std::size_t i = 0; i < rows.size(); ++i) addRow(indexes[i], m_duration[i], m_ttft[i], m_output[i]);
    }

    std::vector<Result> finish() {
        std::vector<Result> results(m_begins.size() - 1);
        for (std::uint32_t set = 0; set < results.size(); ++set) {
            const std::size_t begin = m_begins[set];
            results[set].duration = m_picker.pick(m_durations.of(set, begin));
            results[set].ttft = m_picker.pick(m_ttfts.of(set, begin));
            if (const auto rate = m_picker.pick(m_rates.of(set, begin)).p50)
                results[set].outputRateP50 = std::bit_cast<double>(*rate);
        }
        return results;
    }

private:
    void addRow(std::uint32_t set, std::int64_t duration, std::int64_t ttft, std::int64_t output) {
        if (duration != kNoNumber) m_durations.add(set, duration);
        if (ttft == kNoNumber) return;
        m_ttfts.add(set, ttft);
        // What came after the first token took the rest of the time; of an answer in one piece nothing can be said.
        if (output != kNoNumber && output > 0 && duration != kNoNumber && duration > ttft)
            m_rates.add(set, std::bit_cast<std::int64_t>(static_cast<double>(output) * kNsPerSecond /
                                                         static_cast<double>(duration - ttft)));
    }

    const Snapshot& m_snapshot;
    std::vector<std::size_t> m_begins;
    Values m_durations, m_ttfts;
    Values m_rates; ///< as bits: those of positive numbers have the order of the numbers
    PercentilePicker m_picker;
    Column m_duration, m_ttft, m_output;
};

std::vector<Percentiles::Result> percentilesOf(const Snapshot& snapshot, Rows rows, Indexes indexes,
                                               std::size_t count) {
    const auto percentiles = std::make_unique<Percentiles>(snapshot, indexes, count);
    forEachBlock(rows, indexes, [&](Rows block, Indexes sets) { percentiles->add(block, sets); });
    return percentiles->finish();
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
    // Sums and percentiles need different columns, so a large result is worked out by two threads.
    const auto policy = rows.size() < kRowsWorthAThread ? std::launch::deferred : std::launch::async;
    auto pending = std::async(policy, [&] { return percentilesOf(snapshot, rows, indexes, count); });
    std::vector<Totals> totals = sumsOf(snapshot, rows, indexes, count);
    const auto percentiles = pending.get();
    for (std::size_t i = 0; i < count; ++i) {
        totals[i].durationP50 = percentiles[i].duration.p50;
        totals[i].durationP95 = percentiles[i].duration.p95;
        totals[i].ttftP50 = percentiles[i].ttft.p50;
        totals[i].ttftP95 = percentiles[i].ttft.p95;
        totals[i].outputRateP50 = percentiles[i].outputRateP50;
    }
    return totals;
}

} // namespace gatescope::analysis
