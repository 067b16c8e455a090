// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace gatescope::live {

/// A network interface of this machine, as anybody may see it.
struct Interface {
    std::string name;
    std::string description; ///< empty: there is none
    std::vector<std::string> addresses;
    bool isUp = false;
    bool isRunning = false; ///< has a carrier
    bool isLoopback = false;
    bool isAny = false;                                 ///< stands for all of them
    std::uint64_t receivedPackets = 0, sentPackets = 0; ///< since it exists
    std::uint64_t receivedBytes = 0, sentBytes = 0;
};

/// All that can be captured on, the most useful first: those with traffic, loopback, the rest. Needs no rights.
std::expected<std::vector<Interface>, Error> interfaces();

} // namespace gatescope::live
