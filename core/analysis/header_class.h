// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/masking.h"

#include <string_view>

namespace gatescope::analysis {

/// What a header is for, in one word: `secret`, `identity` (who calls), `trace` (ids that tie records), `network`
/// (which way), `limit`, `infrastructure` (set on the way), `message` (content and negotiation); `other` when the
/// catalogue does not know it. From resources/header-catalogue.json: its sensitivity, who sets the header, and its
/// name.
std::string_view headerClass(std::string_view lowerName, const HeaderKnowledge* knowledge, Sensitivity sensitivity);

} // namespace gatescope::analysis
