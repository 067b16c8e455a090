// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/percentiles.h"

#include <algorithm>
#include <bit>

namespace gatescope::analysis {

namespace {

/// Fewer values than this are ordered directly.
constexpr std::size_t kFew = 128;

std::size_t rankOf(std::size_t count, std::size_t percent) {
    return std::max<std::size_t>(1, (count * percent + 99) / 100) - 1;
}

} // namespace

std::int64_t PercentilePicker::valueAt(std::span<const std::int64_t> values, std::size_t rank) {
    std::size_t range = 0;
    while (rank >= m_counts[range]) rank -= m_counts[range++];
    m_range.clear();
    for (const std::int64_t value : values)
        if ((static_cast<std::uint64_t>(value) - m_lowest) >> m_shift == range) m_range.push_back(value);
    const auto at = m_range.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(m_range.begin(), at, m_range.end());
    return *at;
}

PercentilePair PercentilePicker::pick(std::span<const std::int64_t> values) {
    if (values.empty()) return {};
    const std::size_t middle = rankOf(values.size(), 50);
    const std::size_t high = rankOf(values.size(), 95);
    if (values.size() < kFew) {
        m_range.assign(values.begin(), values.end());
        std::sort(m_range.begin(), m_range.end());
        return {m_range[middle], m_range[high]};
    }
    const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
    // Differences as unsigned numbers cannot overflow.
    m_lowest = static_cast<std::uint64_t>(*lowest);
    const std::uint64_t span = static_cast<std::uint64_t>(*highest) - m_lowest;
    constexpr unsigned kRangeBits = std::bit_width(kRanges) - 1;
    const auto bits = static_cast<unsigned>(std::bit_width(span));
    m_shift = bits > kRangeBits ? bits - kRangeBits : 0;
    m_counts.fill(0);
    for (const std::int64_t value : values) ++m_counts[(static_cast<std::uint64_t>(value) - m_lowest) >> m_shift];
    return {valueAt(values, middle), valueAt(values, high)};
}

} // namespace gatescope::analysis
