// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/join_groups.h"

#include <vector>

namespace gatescope::analysis {

/// Ties a record of a log to an exchange of a capture when method, path, status, size and time fit that one and no
/// second one on either side.
void tieByMatch(const Snapshot& raw, const std::vector<JoinRecord>& records, JoinGroups& groups,
                const std::vector<ClockOffset>& offsets);

} // namespace gatescope::analysis
