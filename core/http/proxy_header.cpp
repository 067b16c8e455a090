// SPDX-License-Identifier: Apache-2.0
#include "core/http/proxy_header.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace gatescope::http {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view kLineStart = "PROXY ";
constexpr std::string_view kSignature = "\r\n\r\n\0\r\nQUIT\n"sv;

/// Whether one is the beginning of the other.
bool agree(std::string_view a, std::string_view b) {
    const std::size_t length = std::min(a.size(), b.size());
    return a.substr(0, length) == b.substr(0, length);
}

auto malformed() {
    return std::unexpected(DecodeError::Malformed);
}

/// 0 to 65535 without leading zeros (2.1).
std::optional<std::uint16_t> portOf(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    return port;
}

std::optional<Endpoint> endpointOf(std::string_view address, std::string_view port, bool isV4) {
    const auto parsed = IpAddress::parse(address);
    const auto number = portOf(port);
    if (!parsed || !number || (isV4 && !parsed->isV4())) return std::nullopt;
    return Endpoint{*parsed, *number};
}

// 2.1.
std::expected<ProxyHeader, DecodeError> parseLine(std::string_view text) {
    const std::size_t end = text.substr(0, ProxyHeader::kMaxLine).find("\r\n");
    if (end == std::string_view::npos) {
        if (text.size() >= ProxyHeader::kMaxLine) return malformed();
        return std::unexpected(DecodeError::Truncated);
    }
    ProxyHeader header;
    header.version = 1;
    header.size = end + 2;
    std::string_view rest = text.substr(kLineStart.size(), end - kLineStart.size());
    const auto word = [&] {
        const std::size_t space = rest.find(' ');
        const std::string_view taken = rest.substr(0, space);
        rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
        return taken;
    };
    const std::string_view family = word();
    if (family == "UNKNOWN") return header; // whatever follows is not to be read
    if (family != "TCP4" && family != "TCP6") return malformed();
    std::array<std::string_view, 4> words; // source, destination, their ports
    for (std::string_view& one : words) one = word();
    header.source = endpointOf(words[0], words[2], family == "TCP4");
    header.destination = endpointOf(words[1], words[3], family == "TCP4");
    if (!header.source || !header.destination || !rest.empty()) return malformed();
    return header;
}

// 2.2.1 and the register of vendors' types in 2.2.8; Azure's: learn.microsoft.com, Private Link service, TCP proxy.
void takeFields(Bytes fields, ProxyHeader& header) {
    constexpr std::uint8_t kAlpn = 0x01;
    constexpr std::uint8_t kAuthority = 0x02;
    constexpr std::uint8_t kUniqueId = 0x05;
    constexpr std::uint8_t kAzure = 0xee;
    constexpr std::uint8_t kAzureLinkId = 0x01;
    ByteReader reader(fields);
    while (reader.remaining() != 0) {
        const std::uint8_t type = reader.u8();
        const std::size_t length = reader.u16();
        const Bytes value = reader.take(length);
        if (reader.failed()) return;
        if (type == kAlpn) header.alpn = asText(value);
        if (type == kAuthority) header.authority = asText(value);
        if (type == kUniqueId) header.uniqueId = asText(value);
        if (type == kAzure && value.size() == 5 && value[0] == kAzureLinkId)
            header.azureLinkId = loadLittleEndian<std::uint32_t>(value.data() + 1);
    }
}

// 2.2.
std::expected<ProxyHeader, DecodeError> parseBinary(Bytes bytes) {
    constexpr std::uint8_t kLocal = 0x20;
    constexpr std::uint8_t kProxy = 0x21;
    ByteReader reader(bytes);
    reader.skip(kSignature.size());
    const std::uint8_t command = reader.u8();
    const std::uint8_t family = reader.u8();
    const std::size_t length = reader.u16();
    if (reader.position() > kSignature.size() && command != kLocal && command != kProxy) return malformed();
    ByteReader rest(reader.take(length));
    if (reader.failed()) return std::unexpected(DecodeError::Truncated);
    ProxyHeader header;
    header.version = 2;
    header.isLocal = command == kLocal;
    header.size = reader.position();
    const auto ends = [&](std::size_t octets, IpAddress (*make)(const std::uint8_t*)) {
        const Bytes source = rest.take(octets);
        const Bytes destination = rest.take(octets);
        const std::uint16_t sourcePort = rest.u16();
        const std::uint16_t destinationPort = rest.u16();
        if (rest.failed()) return false;
        header.source = Endpoint{make(source.data()), sourcePort};
        header.destination = Endpoint{make(destination.data()), destinationPort};
        return true;
    };
    bool isWhole = true;
    constexpr std::size_t kUnixAddresses = 216;
    switch (family >> 4) {
    case 1:
        isWhole = ends(4, IpAddress::fromV4);
        break;
    case 2:
        isWhole = ends(16, IpAddress::fromV6);
        break;
    case 3:
        rest.skip(kUnixAddresses);
        isWhole = !rest.failed();
        break;
    default: // AF_UNSPEC: what follows is not to be read
        return header;
    }
    if (!isWhole) return header.isLocal ? std::expected<ProxyHeader, DecodeError>(header) : malformed();
    if (header.isLocal) header.source = header.destination = std::nullopt; // to be ignored
    takeFields(rest.take(rest.remaining()), header);
    return header;
}

} // namespace

std::expected<ProxyHeader, DecodeError> parseProxyHeader(Bytes bytes) {
    const std::string_view text = asText(bytes);
    const bool isLine = agree(text, kLineStart);
    const bool isBinary = agree(text, kSignature);
    if (!isLine && !isBinary) return malformed();
    if (isLine && text.size() >= kLineStart.size()) return parseLine(text);
    if (isBinary && text.size() >= kSignature.size()) return parseBinary(bytes);
    return std::unexpected(DecodeError::Truncated);
}

} // namespace gatescope::http
