// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"
#include "core/simulate/limit_simulation.h"

#include <string>
#include <vector>

namespace gatescope::simulate {

/// `project_id=455cbebf, agent=(none)`: one key for a person.
std::string keyText(const std::vector<analysis::Field>& fields, const KeyParts& key);

/// A value that a policy puts in place of a missing one, or that means nothing: absent, empty, `none`, `null`, ...
bool isPlaceholder(const std::optional<std::string>& part);

/// True when the field's values end in an agent's version.
bool holdsAgentVersion(const analysis::Field& field);

/// What is odd about the key itself, whatever the limit: counters that payers share by accident, and counters that the
/// agent's version splits. Evidence names at most five.
std::vector<Finding> keyFindings(const KeyedCalls& calls);

/// What is odd about the result: calls larger than the limit, debt. Adds to `result.findings`.
void addLimitFindings(const LimitPolicy& policy, LimitResult& result);

} // namespace gatescope::simulate
