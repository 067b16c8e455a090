// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace gatescope::live {

/// What the system counts of an interface since it exists. Needs no rights.
struct InterfaceCounters {
    std::uint64_t receivedPackets = 0, sentPackets = 0;
    std::uint64_t receivedBytes = 0, sentBytes = 0;
    std::uint64_t dropped = 0; ///< by the device or its driver: no room, or the queue was full
};

/// Nothing: there is no such interface, or the system does not tell. `any`: all of them together.
std::optional<InterfaceCounters> readInterfaceCounters(const std::string& name);

} // namespace gatescope::live
