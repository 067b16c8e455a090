// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/path_totals.h"

#include "core/base/saturating.h"

#include <algorithm>

namespace gatescope::analysis {

PathSums::PathSums(const Snapshot& snapshot, std::span<const Row> rows, std::span<const std::uint32_t> indexes,
                   std::size_t count)
    : m_totals(indexedTotals(snapshot, rows, indexes, count, TotalsKind::SumsOnly)), m_begins(count + 1) {
    std::vector<std::int64_t> durations(rows.size());
    snapshot.numbers(FieldId::Duration, rows, durations.data());
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (durations[i] != kNoNumber) ++m_begins[indexes[i] + 1];
    for (std::size_t i = 1; i <= count; ++i) m_begins[i] += m_begins[i - 1];
    m_durations.resize(m_begins.back());
    std::vector<std::size_t> ends(m_begins.begin(), m_begins.end() - 1);
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (durations[i] != kNoNumber) m_durations[ends[indexes[i]]++] = durations[i];
}

PathTotals PathSums::of(std::span<const std::uint32_t> paths) {
    PathTotals sum;
    m_scratch.clear();
    for (const std::uint32_t path : paths) {
        const Totals& totals = m_totals[path];
        sum.exchanges += totals.exchanges;
        sum.errors += totals.errors;
        sum.throttled += totals.throttled;
        if (totals.knows(TokenSum::Total))
            sum.totalTokens = saturatingAdd(sum.totalTokens.value_or(0), totals.totalTokens);
        if (totals.firstTime != kNoTime && (sum.firstTime == kNoTime || totals.firstTime < sum.firstTime))
            sum.firstTime = totals.firstTime;
        sum.lastTime = std::max(sum.lastTime, totals.lastTime); // kNoTime is lower than any time
        if (paths.size() > 1)
            m_scratch.insert(m_scratch.end(), m_durations.begin() + static_cast<std::ptrdiff_t>(m_begins[path]),
                             m_durations.begin() + static_cast<std::ptrdiff_t>(m_begins[path + 1]));
    }
    if (paths.size() == 1) {
        const std::size_t begin = m_begins[paths.front()];
        sum.durationP95 = m_picker.pick(std::span(m_durations).subspan(begin, m_begins[paths.front() + 1] - begin)).p95;
    } else if (!paths.empty()) {
        sum.durationP95 = m_picker.pick(m_scratch).p95;
    }
    return sum;
}

} // namespace gatescope::analysis
