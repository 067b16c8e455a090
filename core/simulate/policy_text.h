// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/simulate/limit_simulation.h"

#include <expected>
#include <string>
#include <vector>

namespace gatescope::simulate {

/// Texts to paste into Azure API Management and Azure Monitor. All give an error with words for a field that a gateway
/// cannot know when a request comes (`status`, `output_tokens`, ...).
///
/// A policy fragment with one llm-token-limit: well-formed XML, quotes in expressions escaped.
std::expected<std::string, Error> limitPolicyXml(const LimitPolicy& policy);
/// A policy fragment with one llm-emit-token-metric.
std::expected<std::string, Error> metricPolicyXml(const std::vector<analysis::Field>& dimensions);
/// Tokens a minute for each key from the gateway's logs, against the limit.
std::expected<std::string, Error> limitKql(const LimitPolicy& policy);

} // namespace gatescope::simulate
