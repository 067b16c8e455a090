// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/join_groups.h"
#include "core/analysis/join_records.h"

#include <vector>

namespace gatescope::analysis {

/// True when some connection was captured on both sides of an address translation.
bool hasTranslated(const Snapshot& raw);

/// Ties the exchanges of connections that are one, captured before and behind a network address translation (CGNAT, a
/// load balancer that rewrites addresses): both sides carry the same initial sequence numbers of both ends, 64 bits
/// that agree by chance for nobody, at the same time and with another address. Exchanges are paired in their order;
/// where one side lacks some, by method and path.
void tieTranslated(const Snapshot& raw, const std::vector<JoinRecord>& records, JoinGroups& groups);

} // namespace gatescope::analysis
