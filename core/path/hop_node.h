// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/ip_address.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatescope::path {

/// How a list of hops names one of them (RFC 7239, 6; resources/header-catalogue.json, x-forwarded-for).
struct HopNode {
    enum class Kind : std::uint8_t {
        Address,
        Unknown,    ///< `unknown`
        Obfuscated, ///< `_hidden`
        Token       ///< a host name, or no address at all
    };
    Kind kind = Kind::Token;
    std::optional<IpAddress> address; ///< NAT64 and mapped addresses unwrapped
    std::uint16_t port = 0;           ///< 0: none is given
    std::string_view text;            ///< as written, without blanks around it
};

/// `192.0.2.43`, `192.0.2.43:4711`, `[2001:db8::1]:4711`, `2001:db8::1`, `unknown`, `_hidden`; any other text is a
/// token. A port that is no number from 1 to 65535 makes the whole a token, but an obfuscated port (`_p`) only means
/// that none is given.
HopNode readHopNode(std::string_view text);

} // namespace gatescope::path
