// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/analysis/masking.h"

#include <string>
#include <vector>

namespace gatescope::analysis {

/// One header name in one direction, over a set of exchanges.
struct HeaderUse {
    std::string name; ///< lower case
    Direction direction = Direction::Request;
    std::uint64_t exchanges = 0; ///< that carry it
    double share = 0;            ///< of those whose message of that direction was seen
    std::uint64_t distinct = 0;  ///< values
    const HeaderKnowledge* knowledge = nullptr;
    Sensitivity sensitivity = Sensitivity::None;
    bool forgeable =
        true; ///< a caller who reaches the gateway can send it: every trust but front-end, gateway, upstream
    TimeNs firstTime = kNoTime;
    Row firstRow = 0;
    std::string example; ///< masked unless revealed
};

/// By direction (requests first), then by share (most first), then by name.
std::vector<HeaderUse> headerInventory(const Snapshot& snapshot, const std::vector<Row>& rows, bool reveal = false);

} // namespace gatescope::analysis
