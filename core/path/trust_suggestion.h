// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/path/source_path.h"

#include <optional>
#include <string>

namespace gatescope::path {

/// A network that the user may want to trust, and what would follow. Never applied by itself: who can send a request
/// can write these headers.
struct TrustSuggestion {
    std::string cidr;  ///< the proxy's network, in the size that is recommended for the subnet of agents
    IpAddress proxy;   ///< its address in there
    IpAddress client;  ///< would be the effective client
    std::string words; ///< two sentences
};

/// For a path that ends trust at the data proxy's own address, while an agent's container stands before it and the
/// marks of the data proxy are there.
std::optional<TrustSuggestion> suggestTrust(const SourcePath& path);

} // namespace gatescope::path
