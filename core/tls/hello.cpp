// SPDX-License-Identifier: Apache-2.0
#include "core/tls/hello.h"

#include "core/tls/extension_types.h"
#include "core/tls/vectors.h"
#include "core/tls/visible_text.h"

#include <algorithm>

namespace gatescope::tls {

namespace {

constexpr std::size_t kMaxSessionId = 32;

// RFC 8446, 4.1.3: SHA-256 of "HelloRetryRequest".
constexpr Random kRetryRandom = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
                                 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
                                 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

/// Until draft 21 of TLS 1.3 a ServerHello had neither session id nor compression, and named the version itself.
constexpr bool isEarlyDraft(std::uint16_t version) {
    return version >= 0x7f00 && version <= 0x7f15;
}

Random takeRandom(ByteReader& reader) {
    Random random{};
    std::ranges::copy(reader.take(random.size()), random.begin());
    return random;
}

/// RFC 6066, 3: the first name of type host_name.
std::optional<std::string> hostName(Bytes content) {
    ByteReader reader(content);
    ByteReader list(takeVector16(reader));
    while (list.remaining() != 0) {
        const std::uint8_t type = list.u8();
        const Bytes name = takeVector16(list);
        if (list.failed()) break;
        if (type == 0) return visibleText(asText(name));
    }
    return std::nullopt;
}

std::vector<std::string> protocolNames(Bytes content) {
    std::vector<std::string> names;
    ByteReader reader(content);
    ByteReader list(takeVector16(reader));
    while (list.remaining() != 0) {
        const Bytes name = takeVector8(list);
        if (list.failed()) break;
        names.emplace_back(asText(name));
    }
    return names;
}

/// Groups of KeyShareClientHello (RFC 8446, 4.2.8).
std::vector<std::uint16_t> shareGroups(Bytes content) {
    std::vector<std::uint16_t> groups;
    ByteReader reader(content);
    ByteReader list(takeVector16(reader));
    while (list.remaining() != 0) {
        const std::uint16_t group = list.u16();
        takeVector16(list);
        if (list.failed()) break;
        groups.push_back(group);
    }
    return groups;
}

/// Identities of OfferedPsks (RFC 8446, 4.2.11).
unsigned identityCount(Bytes content) {
    unsigned count = 0;
    ByteReader reader(content);
    ByteReader list(takeVector16(reader));
    while (list.remaining() != 0) {
        takeVector16(list);
        list.skip(4); // obfuscated_ticket_age
        if (list.failed()) break;
        ++count;
    }
    return count;
}

std::vector<std::uint16_t> list8(Bytes content) {
    ByteReader reader(content);
    return numbers16(takeVector8(reader));
}
std::vector<std::uint16_t> list16(Bytes content) {
    ByteReader reader(content);
    return numbers16(takeVector16(reader));
}

std::vector<std::uint8_t> octets8(Bytes content) {
    ByteReader reader(content);
    const Bytes list = takeVector8(reader);
    return {list.begin(), list.end()};
}

/// RFC 5746, 3.2.
bool isRenegotiation(Bytes content) {
    ByteReader reader(content);
    return !takeVector8(reader).empty();
}

void readExtension(ClientHello& hello, std::uint16_t type, Bytes content) {
    switch (type) {
    case extension::kServerName:
        hello.serverName = hostName(content);
        break;
    case extension::kStatusRequest:
        hello.asksForStatus = true;
        break;
    case extension::kSupportedGroups:
        hello.groups = list16(content);
        break;
    case extension::kPointFormats:
        hello.pointFormats = octets8(content);
        break;
    case extension::kSignatureAlgorithms:
        hello.signatureSchemes = list16(content);
        break;
    case extension::kAlpn:
        hello.alpn = protocolNames(content);
        break;
    case extension::kEncryptThenMac:
        hello.encryptThenMac = true;
        break;
    case extension::kExtendedMasterSecret:
        hello.extendedMasterSecret = true;
        break;
    case extension::kCompressCertificate:
        hello.certificateCompressions = list8(content);
        break;
    case extension::kSessionTicket:
        hello.hasTicketExtension = true;
        hello.ticket = asText(content);
        break;
    case extension::kPreSharedKey:
        hello.pskIdentities = identityCount(content);
        break;
    case extension::kEarlyData:
        hello.offersEarlyData = true;
        break;
    case extension::kSupportedVersions:
        hello.versions = list8(content);
        break;
    case extension::kPostHandshakeAuth:
        hello.postHandshakeAuthentication = true;
        break;
    case extension::kDraftKeyShare:
    case extension::kKeyShare:
        hello.keyShares = shareGroups(content);
        break;
    case extension::kEncryptedClientHello:
        hello.encryptedClientHello = true;
        break;
    case extension::kRenegotiationInfo:
        hello.renegotiates = isRenegotiation(content);
        break;
    default:
        break;
    }
}

/// The group of a ServerHello's share, or of what a HelloRetryRequest asks for (RFC 8446, 4.2.8).
std::optional<std::uint16_t> shareGroup(Bytes content) {
    if (content.size() < 2) return std::nullopt;
    return loadBigEndian<std::uint16_t>(content.data());
}

void readExtension(ServerHello& hello, std::uint16_t type, Bytes content) {
    switch (type) {
    case extension::kAlpn:
        if (std::string name = firstProtocol(content); !name.empty()) hello.alpn = std::move(name);
        break;
    case extension::kEncryptThenMac:
        hello.encryptThenMac = true;
        break;
    case extension::kExtendedMasterSecret:
        hello.extendedMasterSecret = true;
        break;
    case extension::kSessionTicket:
        hello.willSendTicket = true;
        break;
    case extension::kPreSharedKey:
        if (content.size() == 2) hello.psk = loadBigEndian<std::uint16_t>(content.data());
        break;
    case extension::kSupportedVersions:
        if (content.size() == 2) hello.version = loadBigEndian<std::uint16_t>(content.data());
        break;
    case extension::kDraftKeyShare:
    case extension::kKeyShare:
        hello.keyShare = shareGroup(content);
        break;
    default:
        break;
    }
}

/// The block of extensions, which ends the message, into `hello`. Of repeated ones the first counts.
template <typename Hello>
std::expected<void, DecodeError> readExtensions(ByteReader& reader, Hello& hello) {
    const Bytes block = takeVector16(reader);
    if (reader.failed()) return std::unexpected(DecodeError::Truncated);
    if (reader.remaining() != 0) return std::unexpected(DecodeError::Malformed);
    std::vector<bool> seen;
    const bool whole = forEachExtension(block, [&](std::uint16_t type, Bytes content) {
        hello.extensions.push_back(type);
        if (seen.size() <= type) seen.resize(type + 1U);
        if (!seen[type]) readExtension(hello, type, content);
        seen[type] = true;
    });
    if (!whole) return std::unexpected(DecodeError::Malformed);
    return {};
}

} // namespace

std::expected<ClientHello, DecodeError> parseClientHello(Bytes body) {
    ByteReader reader(body);
    ClientHello hello;
    hello.legacyVersion = reader.u16();
    hello.random = takeRandom(reader);
    hello.sessionId = asText(takeVector8(reader));
    const Bytes suites = takeVector16(reader);
    takeVector8(reader); // compression methods
    if (reader.failed()) return std::unexpected(DecodeError::Truncated);
    if (hello.sessionId.size() > kMaxSessionId || suites.size() % 2 != 0)
        return std::unexpected(DecodeError::Malformed);
    hello.cipherSuites = numbers16(suites);
    if (reader.remaining() == 0) return hello;

    hello.hasExtensions = true;
    if (const auto read = readExtensions(reader, hello); !read) return std::unexpected(read.error());
    return hello;
}

std::expected<ServerHello, DecodeError> parseServerHello(Bytes body) {
    ByteReader reader(body);
    ServerHello hello;
    hello.legacyVersion = reader.u16();
    hello.version = hello.legacyVersion;
    hello.random = takeRandom(reader);
    const bool isShort = isEarlyDraft(hello.legacyVersion);
    if (!isShort) hello.sessionId = asText(takeVector8(reader));
    hello.cipherSuite = reader.u16();
    if (!isShort) hello.compression = reader.u8();
    if (reader.failed()) return std::unexpected(DecodeError::Truncated);
    if (hello.sessionId.size() > kMaxSessionId) return std::unexpected(DecodeError::Malformed);
    hello.isRetryRequest = hello.random == kRetryRandom;
    if (reader.remaining() == 0) return hello;

    if (const auto read = readExtensions(reader, hello); !read) return std::unexpected(read.error());
    return hello;
}

} // namespace gatescope::tls
