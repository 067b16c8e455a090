// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/trust_answer.h"

#include <stop_token>
#include <vector>

namespace gatescope::analysis {

/// Puts the sessions of one client and one name together, weighs each against the others and against its chain, and
/// judges the whole. The chains have been judged before.
void judgeGroups(const Snapshot& snapshot, TrustAnswer& answer, const std::stop_token& stop);

} // namespace gatescope::analysis
