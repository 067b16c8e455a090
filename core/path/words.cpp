// SPDX-License-Identifier: Apache-2.0
#include "core/path/source_path.h"

#include <array>

namespace gatescope::path {

namespace {
template <typename Word, std::size_t Count>
std::string_view wordOf(Word word, const std::array<std::string_view, Count>& words) {
    const auto index = static_cast<std::size_t>(word);
    return index < Count ? words[index] : std::string_view();
}
} // namespace

std::string_view toString(AddressKind kind) {
    static constexpr std::array<std::string_view, 8> kWords{"public",         "cgnat",    "private",       "link-local",
                                                            "azure-platform", "loopback", "documentation", "reserved"};
    return wordOf(kind, kWords);
}

std::string_view toString(Standing standing) {
    static constexpr std::array<std::string_view, 4> kWords{"seen", "proven", "claimed", "inferred"};
    return wordOf(standing, kWords);
}

std::string_view toString(Lane lane) {
    static constexpr std::array<std::string_view, 8> kWords{"managed-compute",  "client-network", "delegated-subnet",
                                                            "private-endpoint", "edge",           "gateway",
                                                            "backend",          "model"};
    return wordOf(lane, kWords);
}

std::string_view title(Lane lane) {
    static constexpr std::array<std::string_view, 8> kTitles{"Microsoft-managed compute",
                                                             "Client network",
                                                             "Delegated subnet",
                                                             "Private endpoint",
                                                             "Edge",
                                                             "Gateway",
                                                             "Backend",
                                                             "Model"};
    return wordOf(lane, kTitles);
}

std::string_view toString(Role role) {
    static constexpr std::array<std::string_view, 13> kWords{
        "agent",       "client",    "app-ingress", "data-proxy", "proxy", "private-endpoint", "front-door",
        "app-gateway", "front-end", "gateway",     "backend",    "model", "firewall"};
    return wordOf(role, kWords);
}

} // namespace gatescope::path
