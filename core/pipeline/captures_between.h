// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/capture/capture_set.h"

#include <string>
#include <vector>

namespace gatescope::pipeline {

/// The captures that may hold packets from `first` to `last`, times of the analysis, with its clocks; those that are
/// still being read as well. `paths`: where the inputs are, in their order. Empty until the captures were opened.
std::vector<capture::SetMember> capturesBetween(const analysis::Snapshot& snapshot,
                                                const std::vector<std::string>& paths, TimeNs first, TimeNs last);

} // namespace gatescope::pipeline
