// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/gscope/options.h"
#include "core/llm/estimate.h"

#include <expected>
#include <memory>

namespace gatescope::cli {

/// --estimate, with the vocabularies it needs: from `vocabularies` beside this program, else from
/// `../share/gatescope/vocabularies`. When one is missing or damaged, says once that the estimate is by bytes instead
/// (unless --quiet) and goes on.
std::expected<std::shared_ptr<const llm::EstimateOptions>, Failure> estimateOptionsOf(const Options& options);

} // namespace gatescope::cli
