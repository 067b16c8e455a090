// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace gatescope::path {

/// What a subnet of a topology can be for; `platform` is one that is not the user's, such as Microsoft-managed compute.
inline constexpr std::array<std::string_view, 7> kSubnetRoles{"agent-subnet", "private-endpoint", "gateway", "firewall",
                                                              "backend",      "customer",         "platform"};

// A topology is written by hand or exported; these leave room for the networks of a large company.
inline constexpr std::size_t kMaxTopologyBytes = 1024 * 1024;
inline constexpr std::size_t kMaxSubnets = 4096;
inline constexpr std::size_t kMaxTopologyText = 256; ///< octets of a name
inline constexpr unsigned kMaxTrustedHops = 64;      ///< as many as a list of hops keeps

} // namespace gatescope::path
