// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

namespace gatescope::analysis {

/// No response was seen where one would have been: in packets. A log or a dump of headers that states no status says
/// nothing of the answer.
inline bool isUnanswered(const Snapshot& snapshot, Row row) {
    return snapshot.number(FieldId::Status, row) == kNoNumber && snapshot.number(FieldId::Complete, row) != kNoNumber;
}

} // namespace gatescope::analysis
