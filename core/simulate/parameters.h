// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/simulate/quota_window.h"
#include "core/simulate/token_count.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::simulate {

/// Prepaid capacity of one model. Source: resources/ptu-and-quota.json, which has its date.
struct PtuModel {
    std::string model;
    double inputTpmPerPtu = 0;          ///< above 0
    double outputToInputRatio = 1;      ///< above 0: what one output token weighs in input tokens
    std::int64_t minimum = 1, step = 1; ///< of global and data zone deployments
    std::optional<std::int64_t> regionalMinimum, regionalStep; ///< absent: not offered
    bool longContext = true;                                   ///< false: prompts over kLongContextTokens get 400
};

inline constexpr std::int64_t kLongContextTokens = 128'000;

/// Numbers of the platform that change: compiled in with their date, and the user may override them.
struct Parameters {
    std::string ptuAsOf, quotaAsOf; ///< `2026-05-21`
    std::vector<PtuModel> ptu;
    std::vector<std::int64_t> rpmSliceSeconds{1, 10};
    double bucketCapacityFactor = 1.0;
    std::int64_t ptuBucketDepthSeconds = 60; ///< not documented
    std::int64_t assumedMaxTokens = 1000;    ///< where a request states none
    Weekday weekStart = Weekday::Monday;

    /// By name, in any case; nullptr when there is none.
    const PtuModel* find(std::string_view model) const;
};

/// As shipped.
Parameters shippedParameters();
/// A file of the same form as resources/ptu-and-quota.json. What it leaves out stays as shipped; a model that it names
/// replaces the shipped one. At most 1 MiB and 10,000 models.
std::expected<Parameters, Error> parseParameters(std::string_view json);

} // namespace gatescope::simulate
