// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/ip_address.h"

#include <optional>
#include <string_view>

namespace gatescope::path {

/// An address range that knows its ends. Prefixes are counted in the 128-bit mapped form, so that IPv4 and IPv6 compare
/// alike: an IPv4 /24 has 120 bits.
class NetworkRange {
public:
    /// CIDR form or a single address (RFC 4632, RFC 4291).
    static std::optional<NetworkRange> parse(std::string_view text);
    /// The network of `address` with that many bits of the 128 kept.
    static NetworkRange around(const IpAddress& address, unsigned prefixBits);

    bool contains(const IpAddress& address) const;
    bool contains(const NetworkRange& other) const;
    bool overlaps(const NetworkRange& other) const;
    unsigned prefixBits() const { return m_prefixBits; }
    const IpAddress& first() const { return m_first; } ///< host bits cleared
    bool isV4() const { return m_prefixBits >= 96 && m_first.isV4(); }
    /// `10.0.9.0/24`.
    std::string toString() const;

    bool operator==(const NetworkRange&) const = default;

private:
    IpAddress m_first;
    unsigned m_prefixBits = 128;
};

} // namespace gatescope::path
