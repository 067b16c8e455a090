// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/tls/types.h"

#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::tls {

/// What a ClientHello offers (RFC 8446, 4.1.2; RFC 5246, 7.4.1.2). Numbers as on the wire, in their order, GREASE
/// included.
struct ClientHello {
    std::uint16_t legacyVersion = 0;
    Random random{};
    std::string sessionId; ///< at most 32 octets
    std::vector<std::uint16_t> cipherSuites;
    std::vector<std::uint16_t> extensions; ///< their types
    bool hasExtensions = false;            ///< the block is there, though it may be empty
    std::optional<std::string> serverName; ///< RFC 6066, 3; as sent, control octets escaped
    std::vector<std::string> alpn;         ///< RFC 7301; raw octets
    std::vector<std::uint16_t> versions;   ///< supported_versions; empty: legacyVersion counts
    std::vector<std::uint16_t> groups;
    std::vector<std::uint8_t> pointFormats;
    std::vector<std::uint16_t> keyShares; ///< their groups
    std::vector<std::uint16_t> signatureSchemes;
    std::vector<std::uint16_t> certificateCompressions; ///< RFC 8879
    bool hasTicketExtension = false;
    std::string ticket;         ///< RFC 5077; empty: none
    unsigned pskIdentities = 0; ///< pre_shared_key
    bool offersEarlyData = false;
    bool asksForStatus = false; ///< status_request
    bool extendedMasterSecret = false;
    bool encryptThenMac = false;
    bool postHandshakeAuthentication = false;
    bool encryptedClientHello = false; ///< extension 0xfe0d, also when only GREASE
    bool renegotiates = false;         ///< renegotiation_info is not empty
};

/// RFC 8446, 4.1.3; RFC 5246, 7.4.1.3.
struct ServerHello {
    std::uint16_t legacyVersion = 0;
    Random random{};
    std::string sessionId;
    std::uint16_t cipherSuite = 0;
    std::uint8_t compression = 0;
    std::vector<std::uint16_t> extensions;
    std::uint16_t version = 0;             ///< agreed: supported_versions, else legacyVersion
    std::optional<std::string> alpn;       ///< TLS 1.2; in 1.3 it is in EncryptedExtensions
    std::optional<std::uint16_t> keyShare; ///< its group; of a HelloRetryRequest the group that is asked for
    std::optional<std::uint16_t> psk;      ///< the chosen identity
    bool extendedMasterSecret = false;
    bool encryptThenMac = false;
    bool willSendTicket = false; ///< empty session_ticket extension
    bool isRetryRequest = false; ///< the random of RFC 8446, 4.1.3
};

/// `body` is the message behind its four-octet header. Trailing octets are Malformed. What breaks a rule but does no
/// harm is read on: of repeated extensions the first counts, and of one whose content is damaged as much as can be
/// read.
std::expected<ClientHello, DecodeError> parseClientHello(Bytes body);
std::expected<ServerHello, DecodeError> parseServerHello(Bytes body);

} // namespace gatescope::tls
