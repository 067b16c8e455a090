// SPDX-License-Identifier: Apache-2.0
#include "core/live/interface_list.h"

#include "core/live/interface_counters.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <memory>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <tuple>

namespace gatescope::live {

namespace {

std::string textOf(const sockaddr* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address == nullptr) return {};
    if (address->sa_family == AF_INET)
        ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text.data(), text.size());
    if (address->sa_family == AF_INET6)
        ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text.data(), text.size());
    return text.data();
}

/// libpcap also lists what has no packets of a network: netfilter's logs, USB, D-Bus.
bool isNetwork(const std::string& name, bool isAny) {
    return isAny || readInterfaceCounters(name).has_value();
}

Interface describe(const pcap_if_t& device) {
    Interface interface;
    interface.name = device.name;
    if (device.description != nullptr) interface.description = device.description;
    for (const pcap_addr_t* one = device.addresses; one != nullptr; one = one->next)
        if (std::string text = textOf(one->addr); !text.empty()) interface.addresses.push_back(std::move(text));
    interface.isAny = interface.name == "any";
    interface.isUp = interface.isAny || (device.flags & PCAP_IF_UP) != 0;
    interface.isRunning = interface.isAny || (device.flags & PCAP_IF_RUNNING) != 0;
    interface.isLoopback = (device.flags & PCAP_IF_LOOPBACK) != 0;
    if (const auto counters = readInterfaceCounters(interface.name)) {
        interface.receivedPackets = counters->receivedPackets;
        interface.sentPackets = counters->sentPackets;
        interface.receivedBytes = counters->receivedBytes;
        interface.sentBytes = counters->sentBytes;
    }
    return interface;
}

auto usefulness(const Interface& one) {
    const std::uint64_t packets = one.receivedPackets + one.sentPackets;
    const bool isBusy = one.isUp && packets != 0;
    const int group = one.isAny ? 2 : one.isLoopback ? 1 : isBusy ? 0 : 3;
    return std::tuple(group, ~packets, std::string_view(one.name));
}

} // namespace

std::expected<std::vector<Interface>, Error> interfaces() {
    pcap_if_t* found = nullptr;
    std::array<char, PCAP_ERRBUF_SIZE> text{};
    if (pcap_findalldevs(&found, text.data()) != 0) return std::unexpected(Error{ErrorKind::CannotOpen, text.data()});
    const std::unique_ptr<pcap_if_t, void (*)(pcap_if_t*)> owned(found, pcap_freealldevs);
    std::vector<Interface> all;
    for (const pcap_if_t* one = found; one != nullptr; one = one->next)
        if (isNetwork(one->name, std::string_view(one->name) == "any")) all.push_back(describe(*one));
    std::ranges::sort(all, [](const Interface& a, const Interface& b) { return usefulness(a) < usefulness(b); });
    return all;
}

} // namespace gatescope::live
