// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <cstddef>

namespace gatescope::bench {

/// A dataset of model calls as a busy gateway sees them in a day: 20 projects, 200 agents, 8 models, 2 % refused and
/// tried again, 3 % without usage. The same count gives the same calls.
analysis::Snapshot callDataset(std::size_t calls);

} // namespace gatescope::bench
