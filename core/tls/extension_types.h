// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace gatescope::tls::extension {

// IANA, TLS ExtensionType Values: those that are looked into.
inline constexpr std::uint16_t kServerName = 0;
inline constexpr std::uint16_t kStatusRequest = 5;
inline constexpr std::uint16_t kSupportedGroups = 10;
inline constexpr std::uint16_t kPointFormats = 11;
inline constexpr std::uint16_t kSignatureAlgorithms = 13;
inline constexpr std::uint16_t kAlpn = 16;
inline constexpr std::uint16_t kEncryptThenMac = 22;
inline constexpr std::uint16_t kExtendedMasterSecret = 23;
inline constexpr std::uint16_t kCompressCertificate = 27;
inline constexpr std::uint16_t kSessionTicket = 35;
inline constexpr std::uint16_t kDraftKeyShare = 40; ///< until draft 22 of TLS 1.3
inline constexpr std::uint16_t kPreSharedKey = 41;
inline constexpr std::uint16_t kEarlyData = 42;
inline constexpr std::uint16_t kSupportedVersions = 43;
inline constexpr std::uint16_t kPostHandshakeAuth = 49;
inline constexpr std::uint16_t kKeyShare = 51;
inline constexpr std::uint16_t kEncryptedClientHello = 0xfe0d;
inline constexpr std::uint16_t kRenegotiationInfo = 0xff01;

} // namespace gatescope::tls::extension
