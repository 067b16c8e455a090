// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/path/hop_node.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::path {

/// One element of Forwarded (RFC 7239, 4): what one proxy says. Empty: not said.
struct ForwardedElement {
    std::string forText, byText; ///< without quotes
    std::string host, proto;

    HopNode forNode() const { return readHopNode(forText); }
    HopNode byNode() const { return readHopNode(byText); }
};

struct Forwarded {
    /// As for X-Forwarded-For: the first elements of longer lists are dropped.
    static constexpr std::size_t kMaxElements = 64;

    std::vector<ForwardedElement> elements; ///< the furthest hop first
    std::size_t malformed = 0;              ///< pairs and elements that the grammar does not allow
    std::size_t droppedElements = 0;
};

/// Never fails: pairs that are malformed are left out and counted, pairs with other names are left out. Semicolons part
/// the pairs of an element, never elements.
Forwarded readForwarded(std::string_view text);

} // namespace gatescope::path
