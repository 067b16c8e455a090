// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/indexed_totals.h"

#include "core/analysis/attempts.h"
#include "core/base/saturating.h"

#include <algorithm>
#include <array>
#include <memory>

namespace gatescope::analysis {

namespace {

/// Rows whose cells are fetched together.
constexpr std::size_t kBlockRows = 1024;
constexpr double kNsPerSecond = 1e9;

/// Cells of a block of rows.
struct Cells {
    using Column = std::array<std::int64_t, kBlockRows>;
    Column status, input, output, total, cached, cacheWrite, reasoning, duration, ttft, time;
    std::array<StringPool::Code, kBlockRows> api, source;

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
        snapshot.numbers(FieldId::Time, rows, time.data());
        snapshot.codes(FieldId::Api, StringPool::kNone, rows, api.data());
        snapshot.codes(FieldId::TokenSource, StringPool::kNone, rows, source.data());
    }
};

/// Known values of all sets in one array, each set's side by side.
template <typename T>
class Values {
public:
    /// `begins`: where each set's room begins; a last entry says where the last one ends.
    explicit Values(const std::vector<std::size_t>& begins) : m_ends(begins), m_values(begins.back()) {}

    void add(std::uint32_t set, T value) { m_values[m_ends[set]++] = value; }

    /// Nearest rank: the smallest value that at least that share of all do not exceed. `from` counts up from one call
    /// of a set to the next, with rising percents: what lies below is not looked at again.
    std::optional<T> percentile(std::size_t begin, std::uint32_t set, std::size_t percent, std::size_t& from) {
        const std::size_t count = m_ends[set] - begin;
        if (count == 0) return std::nullopt;
        const std::size_t rank = std::max<std::size_t>(1, (count * percent + 99) / 100) - 1;
        const auto at = [&](std::size_t place) {
            return m_values.begin() + static_cast<std::ptrdiff_t>(begin + place);
        };
        std::nth_element(at(from), at(rank), at(count));
        from = rank;
        return *at(rank);
    }

private:
    std::vector<std::size_t> m_ends; ///< by set, behind its last value
    std::vector<T> m_values;
};

std::vector<std::size_t> roomFor(std::span<const std::uint32_t> indexes, std::size_t count) {
    std::vector<std::size_t> begins(count + 1);
    for (const std::uint32_t index : indexes) ++begins[index + 1];
    for (std::size_t i = 1; i <= count; ++i) begins[i] += begins[i - 1];
    return begins;
}

class Adder {
public:
    Adder(const Snapshot& snapshot, std::span<const std::uint32_t> indexes, std::size_t count)
        : m_snapshot(snapshot), m_attempts(snapshot.attempts()), m_estimated(snapshot.textCode("estimated")),
          m_totals(count), m_begins(roomFor(indexes, count)), m_durations(m_begins), m_ttfts(m_begins),
          m_rates(m_begins) {}

    void add(std::span<const Row> rows, std::span<const std::uint32_t> indexes) {
        m_cells->fetch(m_snapshot, rows);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            Totals& totals = m_totals[indexes[i]];
            ++totals.exchanges;
            addAnswer(totals, rows[i], i);
            addTokens(totals, i);
            addTimes(indexes[i], i);
            addStart(totals, m_cells->time[i] != kNoNumber ? m_cells->time[i] : m_snapshot.startTime(rows[i]));
        }
    }

    std::vector<Totals> finish() {
        for (std::uint32_t set = 0; set < m_totals.size(); ++set) {
            Totals& totals = m_totals[set];
            const std::size_t begin = m_begins[set];
            std::size_t from = 0;
            totals.durationP50 = m_durations.percentile(begin, set, 50, from);
            totals.durationP95 = m_durations.percentile(begin, set, 95, from);
            from = 0;
            totals.ttftP50 = m_ttfts.percentile(begin, set, 50, from);
            totals.ttftP95 = m_ttfts.percentile(begin, set, 95, from);
            from = 0;
            totals.outputRateP50 = m_rates.percentile(begin, set, 50, from);
        }
        return std::move(m_totals);
    }

private:
    void addAnswer(Totals& totals, Row row, std::size_t i) const {
        const std::int64_t status = m_cells->status[i];
        if (status == kNoNumber || status >= 400) ++totals.errors;
        if (status == 429) ++totals.throttled;
        if (m_cells->api[i] == StringPool::kNone) return;
        ++totals.calls;
        if (m_attempts.isRepeat(row)) ++totals.retries;
    }

    void addTokens(Totals& totals, std::size_t i) const {
        const auto sum = [&totals](TokenSum which, std::int64_t& into, std::int64_t value) {
            if (value == kNoNumber) return;
            into = saturatingAdd(into, value);
            totals.known |= static_cast<std::uint8_t>(which);
        };
        const std::int64_t input = m_cells->input[i];
        const std::int64_t output = m_cells->output[i];
        const std::int64_t total = m_cells->total[i];
        if (input != kNoNumber || output != kNoNumber || total != kNoNumber)
            ++totals.withUsage;
        else if (m_cells->api[i] != StringPool::kNone)
            ++totals.withoutUsage;
        sum(TokenSum::Input, totals.inputTokens, input);
        sum(TokenSum::Output, totals.outputTokens, output);
        sum(TokenSum::Total, totals.totalTokens, total);
        sum(TokenSum::Cached, totals.cachedTokens, m_cells->cached[i]);
        sum(TokenSum::CacheWrite, totals.cacheWriteTokens, m_cells->cacheWrite[i]);
        sum(TokenSum::Reasoning, totals.reasoningTokens, m_cells->reasoning[i]);
        if (m_estimated != StringPool::kNone && m_cells->source[i] == m_estimated && total != kNoNumber)
            totals.estimatedTokens = saturatingAdd(totals.estimatedTokens, total);
    }

    void addTimes(std::uint32_t set, std::size_t i) {
        const std::int64_t duration = m_cells->duration[i];
        const std::int64_t ttft = m_cells->ttft[i];
        const std::int64_t output = m_cells->output[i];
        if (duration != kNoNumber) m_durations.add(set, duration);
        if (ttft == kNoNumber) return;
        m_ttfts.add(set, ttft);
        // What came after the first token took the rest of the time; of an answer in one piece nothing can be said.
        if (output != kNoNumber && output > 0 && duration != kNoNumber && duration > ttft)
            m_rates.add(set, static_cast<double>(output) * kNsPerSecond / static_cast<double>(duration - ttft));
    }

    static void addStart(Totals& totals, TimeNs time) {
        if (time == kNoTime) return;
        if (totals.firstTime == kNoTime || time < totals.firstTime) totals.firstTime = time;
        totals.lastTime = std::max(totals.lastTime, time); // kNoTime is lower than any time
    }

    const Snapshot& m_snapshot;
    const Attempts& m_attempts;
    StringPool::Code m_estimated;
    std::unique_ptr<Cells> m_cells = std::make_unique<Cells>();
    std::vector<Totals> m_totals;
    std::vector<std::size_t> m_begins;
    Values<std::int64_t> m_durations, m_ttfts;
    Values<double> m_rates;
};

} // namespace

std::vector<Totals> indexedTotals(const Snapshot& snapshot, std::span<const Row> rows,
                                  std::span<const std::uint32_t> indexes, std::size_t count) {
    Adder adder(snapshot, indexes, count);
    for (std::size_t first = 0; first < rows.size(); first += kBlockRows) {
        const std::size_t size = std::min(kBlockRows, rows.size() - first);
        adder.add(rows.subspan(first, size), indexes.subspan(first, size));
    }
    return adder.finish();
}

} // namespace gatescope::analysis
