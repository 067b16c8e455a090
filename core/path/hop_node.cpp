// SPDX-License-Identifier: Apache-2.0
#include "core/path/hop_node.h"

#include "core/http/message.h"
#include "core/path/address_class.h"
#include "core/path/text_scan.h"

#include <algorithm>

namespace gatescope::path {

namespace {

struct Parts {
    std::string_view address, port;
    bool hasPort = false;
};

/// One colon behind a dotted quad is a port; two or more without brackets are an IPv6 address.
std::optional<Parts> partsOf(std::string_view text) {
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return std::nullopt;
        const std::string_view rest = text.substr(close + 1);
        if (!rest.empty() && rest.front() != ':') return std::nullopt;
        const std::string_view inside = text.substr(1, close - 1);
        if (inside.find(':') == std::string_view::npos) return std::nullopt; // brackets hold IPv6 only
        return Parts{inside, rest.empty() ? rest : rest.substr(1), !rest.empty()};
    }
    if (std::ranges::count(text, ':') != 1) return Parts{text, {}, false};
    const auto [address, port] = split(text, ':');
    return Parts{address, port, true};
}

} // namespace

HopNode readHopNode(std::string_view text) {
    HopNode node;
    node.text = trimmed(text);
    if (http::equalsIgnoreCase(node.text, "unknown")) node.kind = HopNode::Kind::Unknown;
    if (node.text.starts_with('_') && node.text.size() > 1) node.kind = HopNode::Kind::Obfuscated;
    if (node.kind != HopNode::Kind::Token) return node;
    const auto parts = partsOf(node.text);
    if (!parts) return node;
    if (parts->hasPort && !parts->port.starts_with('_')) {
        const auto port = wholeNumber<std::uint16_t>(parts->port);
        if (!port || *port == 0) return node;
        node.port = *port;
    }
    const auto address = IpAddress::parse(parts->address);
    if (!address) {
        node.port = 0;
        return node;
    }
    node.kind = HopNode::Kind::Address;
    node.address = unwrapped(*address);
    return node;
}

} // namespace gatescope::path
