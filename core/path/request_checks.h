// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"
#include "core/path/request_facts.h"

#include <vector>

namespace gatescope::path {

/// What one request alone shows: `path.*`, `id.*` and `sec.*` of path_findings.h. Evidence never holds a secret: of a
/// URL's credentials only the names of their parameters.
std::vector<Finding> checkRequest(const RequestFacts& facts);

/// The names of the secret parameters in the query of a URL, in their order, joined with `, `; empty: none.
std::string secretParameters(std::string_view url);

} // namespace gatescope::path
