// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/base/error.h"
#include "core/base/ip_address.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

namespace gatescope::http {

/// What a proxy of the fourth layer says before the first octet of a connection (haproxy's proxy-protocol.txt, versions
/// 1 and 2): for whom it opened it. Nobody but the proxy vouches for that.
struct ProxyHeader {
    /// Of version 1, with its line end (2.1).
    static constexpr std::size_t kMaxLine = 107;
    /// Of version 2: its length field has 16 bits.
    static constexpr std::size_t kMaxBytes = 16 + 0xffff;

    unsigned version = 0;
    bool isLocal = false;                ///< the proxy speaks for itself: a health check (LOCAL)
    std::optional<Endpoint> source;      ///< nothing: not said (UNKNOWN), or no address of IP
    std::optional<Endpoint> destination; ///< whom the client wanted
    // Of version 2, where they are there (2.2): raw octets.
    std::string alpn;
    std::string authority; ///< a server name, as SNI
    std::string uniqueId;
    std::optional<std::uint32_t> azureLinkId; ///< Azure Private Link: of the private endpoint
    std::size_t size = 0;                     ///< octets of the header; what follows is the connection's own
};

/// Truncated: it may be one, and there are more octets to come. Malformed: it is none. A checksum (PP2_TYPE_CRC32C) is
/// not looked at; damaged fields behind the addresses are left out.
std::expected<ProxyHeader, DecodeError> parseProxyHeader(Bytes bytes);

} // namespace gatescope::http
