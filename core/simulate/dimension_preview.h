// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"
#include "core/simulate/calls.h"

#include <cstdint>
#include <vector>

namespace gatescope::simulate {

/// Custom dimensions of one llm-emit-token-metric policy. Source: Azure API Management, llm-emit-token-metric.
inline constexpr std::size_t kMaxDimensions = 5;
/// Active time series of one region and subscription within 12 hours. Source: Azure Monitor, custom metrics.
inline constexpr std::uint64_t kMaxSeries = 50'000;
/// More values of one dimension were reported to be dropped without a word.
inline constexpr std::uint64_t kManyValues = 100;

struct Dimension {
    analysis::Field field;
    std::uint64_t distinct = 0; ///< values seen; calls without one are one value more at the gateway
    std::uint64_t without = 0;  ///< calls without a value
    double coverage = 0;        ///< 0 to 1
    bool tooMany = false;       ///< over kManyValues
};

struct DimensionPreview {
    std::vector<Dimension> dimensions;
    std::uint64_t exchanges = 0;
    std::uint64_t seriesPossible = 0;    ///< product of the distinct values; saturates
    std::uint64_t seriesSeen = 0;        ///< combinations that really occurred
    std::uint64_t withoutDeployment = 0; ///< calls whose path names no deployment (the v1 API)
    std::vector<Finding> findings;
};

/// Only calls of models count. More than kMaxDimensions fields are taken as they are; callers refuse them before.
DimensionPreview previewDimensions(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows,
                                   const std::vector<analysis::Field>& fields);

} // namespace gatescope::simulate
