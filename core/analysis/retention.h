// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"

#include <cstddef>

namespace gatescope::analysis {

/// How much a dataset that never ends remembers. What is beyond a limit by a tenth is forgotten, oldest first, so that
/// memory stays flat and forgetting is rare. 0: no limit.
struct Retention {
    std::size_t exchanges = 100'000; ///< some 200 MB with the headers of agents, and once more while some are forgotten
    TimeNs age = 0;                  ///< since they ended, by packet time
    std::size_t others = 100'000;    ///< connections, and TLS sessions
};

} // namespace gatescope::analysis
