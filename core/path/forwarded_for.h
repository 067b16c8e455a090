// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/path/hop_node.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace gatescope::path {

/// How the entries of a list are parted. On the wire by commas; semicolons show that a tool took the list apart and
/// put it together again, as API Management's policy expressions do.
enum class Separator : std::uint8_t { None, Comma, Semicolon, Mixed };
/// `comma`, `semicolon`, `mixed`; empty for a list of one.
std::string_view toString(Separator separator);

/// X-Forwarded-For, the furthest hop first. No specification; the grammar is that of Application Gateway, App Service,
/// Front Door and Envoy together. The views refer to the text given.
struct ForwardedFor {
    /// Longer lists lose their first entries, which say the least: lists come from the network.
    static constexpr std::size_t kMaxEntries = 64;

    std::vector<HopNode> entries;
    std::size_t emptyEntries = 0;   ///< between two separators, or behind the last one
    std::size_t droppedEntries = 0; ///< by the limit
    Separator separator = Separator::None;
};

/// Never fails: what is no address is a token.
ForwardedFor readForwardedFor(std::string_view text);

} // namespace gatescope::path
