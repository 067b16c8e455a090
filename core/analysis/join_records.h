// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gatescope::analysis {

/// What the joining of records looks at, of one row.
struct JoinRecord {
    Row row = 0;
    std::uint32_t input = 0;
    bool isPackets = false;
    StringPool::Code source = StringPool::kNone;
    StringPool::Code server = StringPool::kNone; ///< of packets: which hop it is
    Endpoint peer;                               ///< who sent it; port 0: not known
    TimeNs start = kNoTime;
    TimeNs end = kNoTime;
    StringPool::Code method = StringPool::kNone;
    StringPool::Code path = StringPool::kNone;
    std::int64_t status = kNoNumber;
    std::int64_t order = 0; ///< packet or line: what tells equal times apart
};

std::vector<JoinRecord> joinRecordsOf(const Snapshot& snapshot);

/// Trace id in a traceparent header (W3C Trace Context, 3.2); empty when the text is none or the id is all zeros.
std::string_view traceIdOf(std::string_view traceparent);
std::string_view spanIdOf(std::string_view traceparent);

} // namespace gatescope::analysis
