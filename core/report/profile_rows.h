// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/result_rows.h"
#include "core/trust/profile.h"

#include <vector>

namespace gatescope::report {

/// One row a trust profile: `id`, `title`, `as_of`, `roots`, `at_hand`, `origin`, `licence`, `outdated`, `note`.
std::vector<Column> profileColumns();
void writeProfiles(const std::vector<trust::ProfilePtr>& profiles, TimeNs now, const Selection& selection,
                   RowWriter& writer);

/// One row a root: `subject`, `key_id`, `sha256`, `not_before`, `not_after`, `at_hand`; by subject.
std::vector<Column> profileRootColumns();
void writeProfileRoots(const trust::TrustProfile& profile, const Selection& selection, RowWriter& writer);

} // namespace gatescope::report
