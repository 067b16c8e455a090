// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/cost/rates.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gatescope::cost {

/// The cells of a block of rows that prices depend on. Internal to the room.
class CallColumns {
public:
    static constexpr std::size_t kBlock = 1024;

    /// Texts that say what a call is. The last three are headers of the response.
    enum Text : std::uint8_t {
        Api,
        Deployment,
        Model,
        RequestedModel,
        ServedModel,
        ServiceTier,
        Host,
        Path,
        Query,
        Region,
        ApimRequestId,
        AnsweredDeployment
    };
    static constexpr std::size_t kTexts = 12;

    explicit CallColumns(const analysis::Snapshot& snapshot);

    /// At most kBlock rows.
    void fetch(std::span<const analysis::Row> rows);
    StringPool::Code text(Text which, std::size_t at) const { return m_texts[which][at]; }
    /// Days since 1970-01-01 in UTC; nothing when the call has no time.
    std::optional<std::int32_t> day(std::size_t at) const;

    struct Counts {
        TokenCounts tokens;
        bool areEstimates = false;
    };
    /// Reported counts, else our own estimates, else nothing at all.
    Counts counts(std::size_t at) const;

private:
    static constexpr std::size_t kNumbers = 14;
    std::optional<std::int64_t> number(std::size_t which, std::size_t at) const;

    const analysis::Snapshot& m_snapshot;
    std::array<StringPool::Code, kTexts> m_headerNames{};
    StringPool::Code m_estimated = StringPool::kNone, m_gateway = StringPool::kNone; ///< of token_source
    std::span<const analysis::Row> m_rows;
    std::array<std::array<StringPool::Code, kBlock>, kTexts> m_texts;
    std::array<StringPool::Code, kBlock> m_source;
    std::array<std::array<std::int64_t, kBlock>, kNumbers> m_numbers;
    std::array<std::int64_t, kBlock> m_time;
};

} // namespace gatescope::cost
