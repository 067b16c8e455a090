// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/join_groups.h"

#include <vector>

namespace gatescope::analysis {

/// Ties records that carry the same id: correlation id, traceparent, response id, transaction id, in this order. Where
/// several calls of one side carry it (attempts of a call, two hops in one capture), those are told apart by status,
/// by who sent them and by their order in time; what stays unclear is not tied.
void tieByIds(const Snapshot& raw, const std::vector<JoinRecord>& records, JoinGroups& groups);

/// How the clocks of logs differ from those of captures, by the pairs that are tied so far.
std::vector<ClockOffset> clockOffsets(const std::vector<JoinRecord>& records, const JoinGroups& groups);

} // namespace gatescope::analysis
