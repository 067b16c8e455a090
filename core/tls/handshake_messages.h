// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/tls/types.h"

#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::tls {

// Bodies of messages, behind their four-octet header.

/// RFC 8446, 4.3.1.
struct EncryptedExtensions {
    std::vector<std::uint16_t> extensions;
    std::optional<std::string> alpn;
    bool acceptsEarlyData = false;
};
std::expected<EncryptedExtensions, DecodeError> parseEncryptedExtensions(Bytes body);

/// Certificates as sent, the sender's own first, usually.
struct CertificateMessage {
    static constexpr std::size_t kMaxCertificates = 64;       ///< real chains have two to five
    static constexpr std::size_t kMaxBytes = 1U << 20;        ///< of all together, also once decompressed
    static constexpr std::size_t kMaxStatusBytes = 64U << 10; ///< of a stapled OCSP response
    std::vector<std::string> der;
    std::string ocspResponse; ///< stapled to the first certificate (TLS 1.3); empty: none
    bool cut = false;         ///< there were more, or more octets, than the limits allow
};
/// `isTls13`: with request context and extensions (RFC 8446, 4.4.2); else RFC 5246, 7.4.2.
std::expected<CertificateMessage, DecodeError> parseCertificate(Bytes body, bool isTls13);
/// RFC 8879: zlib, brotli, zstd. Unsupported: another algorithm. LimitReached: it would be longer than kMaxBytes.
std::expected<CertificateMessage, DecodeError> parseCompressedCertificate(Bytes body);

/// RFC 6066, 8: the OCSP response of a CertificateStatus message (TLS 1.2).
std::expected<std::string, DecodeError> parseCertificateStatus(Bytes body);

/// RFC 5246, 7.4.3 with RFC 8422: what a ServerKeyExchange says of the group and the signature.
struct KeyExchangeFacts {
    std::optional<std::uint16_t> group;           ///< of ECDHE
    std::optional<std::uint16_t> signatureScheme; ///< TLS 1.2
};
/// `suite` decides the form; a form that is not known gives nothing.
std::expected<KeyExchangeFacts, DecodeError> parseServerKeyExchange(Bytes body, std::uint16_t suite,
                                                                    std::uint16_t version);
/// Signature scheme of a CertificateVerify of TLS 1.2 and 1.3.
std::expected<std::uint16_t, DecodeError> parseCertificateVerify(Bytes body);
/// The ticket of a NewSessionTicket (RFC 5077, 3.3; RFC 8446, 4.6.1).
std::expected<std::string, DecodeError> parseNewSessionTicket(Bytes body, bool isTls13);

/// Subject and issuer of a certificate as RFC 4514 writes them: `CN=gw.example,O=Contoso,C=FI`.
struct CertificateNames {
    std::string subject;
    std::string issuer;
};
std::optional<CertificateNames> certificateNames(std::string_view der);

} // namespace gatescope::tls
