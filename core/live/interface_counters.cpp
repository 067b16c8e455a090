// SPDX-License-Identifier: Apache-2.0
#include "core/live/interface_counters.h"

#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <string_view>

namespace gatescope::live {

namespace {

constexpr std::string_view kFolder = "/sys/class/net";

std::optional<std::uint64_t> readNumber(const std::string& interface, std::string_view counter) {
    std::ifstream file(fmt::format("{}/{}/statistics/{}", kFolder, interface, counter));
    std::uint64_t value = 0;
    if (!(file >> value)) return std::nullopt;
    return value;
}

/// Of one interface; those that it does not count are 0.
std::optional<InterfaceCounters> readOne(const std::string& name) {
    if (name.empty() || name.find('/') != std::string::npos || name == "." || name == "..") return std::nullopt;
    const auto received = readNumber(name, "rx_packets");
    if (!received) return std::nullopt;
    return InterfaceCounters{*received, readNumber(name, "tx_packets").value_or(0),
                             readNumber(name, "rx_bytes").value_or(0), readNumber(name, "tx_bytes").value_or(0),
                             readNumber(name, "rx_missed_errors").value_or(0) +
                                 readNumber(name, "rx_fifo_errors").value_or(0)};
}

} // namespace

std::optional<InterfaceCounters> readInterfaceCounters(const std::string& name) {
    if (name != "any") return readOne(name);
    std::ifstream list("/proc/net/dev");
    InterfaceCounters all;
    std::string line;
    bool isAnyThere = false;
    while (std::getline(list, line)) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos) continue;
        const std::size_t begin = line.find_first_not_of(' ');
        const auto one = readOne(line.substr(begin, colon - begin));
        if (!one) continue;
        isAnyThere = true;
        all.receivedPackets += one->receivedPackets;
        all.sentPackets += one->sentPackets;
        all.receivedBytes += one->receivedBytes;
        all.sentBytes += one->sentBytes;
        all.dropped += one->dropped;
    }
    return isAnyThere ? std::optional(all) : std::nullopt;
}

} // namespace gatescope::live
