// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/types.h"

#include <string>
#include <string_view>

namespace gatescope::tls {

// The names of IANA's registries (TLS Parameters), and of a few values that browsers use without. Any other value gives
// its number: `0x1a2b`, `0x1a`. So does GREASE (RFC 8701).

/// `TLS_AES_128_GCM_SHA256`
std::string cipherSuiteName(std::uint16_t suite);
/// `unknown_ca`
std::string alertName(std::uint8_t description);
/// `client_hello`; of HandshakeType::Encrypted `encrypted handshake message`
std::string handshakeTypeName(HandshakeType type);
/// `handshake`, `application_data`, ...
std::string recordTypeName(std::uint8_t type);
/// `x25519`
std::string groupName(std::uint16_t group);
/// `ecdsa_secp256r1_sha256`
std::string signatureSchemeName(std::uint16_t scheme);
/// `server_name`
std::string extensionName(std::uint16_t extension);
/// `1.0` to `1.3`, `ssl 3.0`; drafts of 1.3 `1.3-draft28`.
std::string versionName(std::uint16_t version);

} // namespace gatescope::tls
