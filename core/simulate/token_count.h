// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace gatescope::simulate {

/// No model takes or gives this much in one call; what the network claims beyond it counts as this. With it, the sum of
/// as many calls as a dataset can hold stays far below the end of a 64-bit number.
inline constexpr std::int64_t kMaxCount = 1'000'000'000;

/// A count that may be unknown, in four octets: a million calls are held at once. Unknown is not 0.
class Count {
public:
    Count() = default;
    /// Negative counts are nobody's: they are unknown. Greater ones than kMaxCount become kMaxCount.
    explicit Count(std::int64_t value)
        : m_value(value < 0 ? kUnknown : static_cast<std::int32_t>(std::min(value, kMaxCount))) {}

    bool known() const { return m_value != kUnknown; }
    /// 0 when unknown: ask `known` first where that matters.
    std::int64_t orZero() const { return known() ? m_value : 0; }
    std::optional<std::int64_t> value() const { return known() ? std::optional<std::int64_t>(m_value) : std::nullopt; }
    bool operator==(const Count&) const = default;

private:
    static constexpr std::int32_t kUnknown = -1;
    std::int32_t m_value = kUnknown;
};

} // namespace gatescope::simulate
