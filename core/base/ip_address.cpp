// SPDX-License-Identifier: Apache-2.0
#include "core/base/ip_address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <fmt/format.h>

namespace gatescope {

namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

template <typename T>
std::optional<T> parseNumber(std::string_view text, T maximum) {
    T value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > maximum) return std::nullopt;
    return value;
}

} // namespace

IpAddress IpAddress::fromV4(const std::uint8_t* fourBytes) {
    IpAddress address;
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.m_bytes.begin());
    std::memcpy(address.m_bytes.data() + 12, fourBytes, 4);
    return address;
}

IpAddress IpAddress::fromV6(const std::uint8_t* sixteenBytes) {
    IpAddress address;
    std::memcpy(address.m_bytes.data(), sixteenBytes, 16);
    return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    // inet_pton wants a terminated string; the longest textual address is 45 characters (INET6_ADDRSTRLEN - 1).
    char buffer[INET6_ADDRSTRLEN];
    if (text.empty() || text.size() >= sizeof buffer || text.find('\0') != std::string_view::npos) return std::nullopt;
    std::memcpy(buffer, text.data(), text.size());
    buffer[text.size()] = '\0';
    std::uint8_t raw[16];
    if (inet_pton(AF_INET, buffer, raw) == 1) return fromV4(raw);
    if (inet_pton(AF_INET6, buffer, raw) == 1) return fromV6(raw);
    return std::nullopt;
}

bool IpAddress::isV4() const {
    return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), m_bytes.begin());
}

std::string IpAddress::toString() const {
    char buffer[INET6_ADDRSTRLEN];
    if (isV4())
        inet_ntop(AF_INET, m_bytes.data() + 12, buffer, sizeof buffer);
    else
        inet_ntop(AF_INET6, m_bytes.data(), buffer, sizeof buffer);
    return buffer;
}

std::string Endpoint::toString() const {
    return address.isV4() ? fmt::format("{}:{}", address.toString(), port)
                          : fmt::format("[{}]:{}", address.toString(), port);
}

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
    std::string_view host = text;
    std::string_view port;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return std::nullopt;
        host = text.substr(1, close - 1);
        std::string_view rest = text.substr(close + 1);
        if (!rest.empty() && (rest[0] != ':' || rest.size() < 2)) return std::nullopt;
        if (!rest.empty()) port = rest.substr(1);
    } else if (std::count(text.begin(), text.end(), ':') == 1) {
        const auto colon = text.find(':');
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
        if (port.empty()) return std::nullopt;
    }
    const auto address = IpAddress::parse(host);
    if (!address) return std::nullopt;
    Endpoint endpoint{*address, 0};
    if (!port.empty()) {
        const auto number = parseNumber<unsigned>(port, 65535);
        if (!number) return std::nullopt;
        endpoint.port = static_cast<std::uint16_t>(*number);
    }
    return endpoint;
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto base = IpAddress::parse(text.substr(0, slash));
    if (!base) return std::nullopt;
    Cidr range;
    range.m_base = *base;
    if (slash != std::string_view::npos) {
        // A mapped IPv4 address in colon form would count its prefix in 128 bits.
        const bool dotted = text.find(':') == std::string_view::npos;
        const auto bits = parseNumber<unsigned>(text.substr(slash + 1), dotted ? 32U : 128U);
        if (!bits) return std::nullopt;
        range.m_prefixBits = *bits + (dotted ? 96U : 0U);
    }
    return range;
}

bool Cidr::contains(const IpAddress& address) const {
    const auto& a = address.bytes();
    const auto& b = m_base.bytes();
    const unsigned whole = m_prefixBits / 8;
    if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
    const unsigned rest = m_prefixBits % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
    return (a[whole] & mask) == (b[whole] & mask);
}

} // namespace gatescope
