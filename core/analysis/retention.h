// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"

#include <cstddef>

namespace gatescope::analysis {

/// How much a dataset that never ends remembers. What is over the limit by a quarter is forgotten, oldest first, so
/// that memory stays flat and forgetting is rare. 0: no limit.
struct Retention {
    std::size_t exchanges = 200'000; ///< some 400 MB with the headers of agents
    TimeNs age = 0;                  ///< since their end, by packet time
    std::size_t others = 200'000;    ///< of connections, TLS sessions and findings each
};

} // namespace gatescope::analysis
