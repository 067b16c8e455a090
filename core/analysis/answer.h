// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

namespace gatescope::analysis {

/// No response was seen where one would have been: in packets. A log or a dump of headers that states no status says
/// nothing of the answer. An answer in a session of messages has a size, but no status.
inline bool isUnanswered(const Snapshot& snapshot, Row row) {
    return snapshot.number(FieldId::Status, row) == kNoNumber && snapshot.number(FieldId::Complete, row) != kNoNumber &&
           snapshot.number(FieldId::ResponseBytes, row) == kNoNumber;
}

/// The answer says that the call failed: by its status, or, where a session has none, by the code of an error.
inline bool isFailed(const Snapshot& snapshot, Row row) {
    const std::int64_t status = snapshot.number(FieldId::Status, row);
    if (status != kNoNumber) return status >= 400;
    return snapshot.number(FieldId::Complete, row) != kNoNumber &&
           snapshot.code(FieldId::ErrorCode, row) != StringPool::kNone;
}

} // namespace gatescope::analysis
