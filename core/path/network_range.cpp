// SPDX-License-Identifier: Apache-2.0
#include "core/path/network_range.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

namespace gatescope::path {

namespace {

constexpr unsigned kAllBits = 128;
constexpr unsigned kMappedBits = 96;

IpAddress masked(const IpAddress& address, unsigned bits) {
    std::array<std::uint8_t, 16> bytes = address.bytes();
    for (unsigned i = 0; i < bytes.size(); ++i) {
        const unsigned kept = bits <= i * 8 ? 0 : std::min(8U, bits - i * 8);
        bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xff00 >> kept));
    }
    return IpAddress::fromV6(bytes.data());
}

} // namespace

std::optional<NetworkRange> NetworkRange::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    if (slash == std::string_view::npos) return around(*address, kAllBits);
    // As in Cidr: a mapped IPv4 address in colon form counts its prefix in 128 bits.
    const bool dotted = text.find(':') == std::string_view::npos;
    const std::string_view digits = text.substr(slash + 1);
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc() || end != digits.data() + digits.size() || bits > (dotted ? 32U : kAllBits))
        return std::nullopt;
    return around(*address, bits + (dotted ? kMappedBits : 0));
}

NetworkRange NetworkRange::around(const IpAddress& address, unsigned prefixBits) {
    NetworkRange range;
    range.m_prefixBits = std::min(prefixBits, kAllBits);
    range.m_first = masked(address, range.m_prefixBits);
    return range;
}

bool NetworkRange::contains(const IpAddress& address) const {
    return masked(address, m_prefixBits) == m_first;
}

bool NetworkRange::contains(const NetworkRange& other) const {
    return m_prefixBits <= other.m_prefixBits && contains(other.m_first);
}

bool NetworkRange::overlaps(const NetworkRange& other) const {
    return contains(other) || other.contains(*this);
}

std::string NetworkRange::toString() const {
    return fmt::format("{}/{}", m_first.toString(), isV4() ? m_prefixBits - kMappedBits : m_prefixBits);
}

} // namespace gatescope::path
