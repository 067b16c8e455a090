// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope {

/// An IPv4 or IPv6 address. IPv4 is kept in the last four bytes of the mapped form (::ffff:a.b.c.d), so that the 16
/// bytes alone identify the address; a mapped IPv6 address on the wire is therefore the same address.
class IpAddress {
public:
    constexpr IpAddress() = default;
    static IpAddress fromV4(const std::uint8_t* fourBytes);
    static IpAddress fromV6(const std::uint8_t* sixteenBytes);
    /// Dotted quad or RFC 4291 text without brackets or zone.
    static std::optional<IpAddress> parse(std::string_view text);

    bool isV4() const;
    const std::array<std::uint8_t, 16>& bytes() const { return m_bytes; }
    /// `10.0.9.213` or RFC 5952 (`2001:db8::1`).
    std::string toString() const;

    std::strong_ordering operator<=>(const IpAddress&) const = default;
    /// Two words instead of a call of memcmp: every packet compares addresses.
    bool operator==(const IpAddress& other) const {
        std::uint64_t a[2], b[2];
        std::memcpy(a, m_bytes.data(), sizeof a);
        std::memcpy(b, other.m_bytes.data(), sizeof b);
        return ((a[0] ^ b[0]) | (a[1] ^ b[1])) == 0;
    }

private:
    std::array<std::uint8_t, 16> m_bytes{};
};

/// `10.0.9.213:10095`, `[2001:db8::1]:443`.
struct Endpoint {
    IpAddress address;
    std::uint16_t port = 0;

    std::string toString() const;
    /// Address with an optional port, brackets accepted; no port gives 0.
    static std::optional<Endpoint> parse(std::string_view text);
    std::strong_ordering operator<=>(const Endpoint&) const = default;
    bool operator==(const Endpoint& other) const { return port == other.port && address == other.address; }
};

/// An address range in CIDR form. A single address is its own range.
class Cidr {
public:
    static std::optional<Cidr> parse(std::string_view text);
    bool contains(const IpAddress& address) const;

private:
    IpAddress m_base;
    unsigned m_prefixBits = 128; ///< counted in the 128-bit mapped form
};

} // namespace gatescope
