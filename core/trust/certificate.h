// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/base/time.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::trust {

enum class KeyKind : std::uint8_t { Rsa, RsaPss, Ec, Ed25519, Ed448, Dsa, Other };

/// An entry of the subject alternative name (RFC 5280, 4.2.1.6).
struct AlternativeName {
    enum class Kind : std::uint8_t { Dns, Ip, Email, Uri, Directory, Other };
    Kind kind = Kind::Other;
    /// Dns, Email, Uri: as written, unprintable octets as `\xNN`. Ip: in text, or `not an address` when its length is
    /// neither 4 nor 16. Directory: RFC 4514. Other: its object identifier.
    std::string text;
    std::string octets; ///< the raw content, for comparisons
};

/// An X.509 certificate (RFC 5280), parsed once and shared; never changes. Fields that could not be read are empty and
/// named in `unreadable`.
struct Certificate {
    /// Larger ones are refused: the largest in public use have some 60 KiB of names.
    static constexpr std::size_t kMaxBytes = 256U << 10;
    static constexpr std::size_t kMaxNames = 2'048; ///< alternative names that are kept; then `namesCut`

    struct Extension {
        std::string oid;
        bool critical = false;
    };
    // Bits of `keyUsage` as in RFC 5280, 4.2.1.3: bit 0 is digitalSignature.
    static constexpr std::uint16_t kDigitalSignature = 1U << 0, kKeyEncipherment = 1U << 2, kKeyAgreement = 1U << 4,
                                   kKeyCertSign = 1U << 5, kCrlSign = 1U << 6;

    std::string der;
    std::array<std::uint8_t, 32> sha256{}; ///< of `der`
    int version = 3;                       ///< 1 to 3
    std::string subject, issuer;           ///< RFC 4514, most specific part first: `CN=gw.example,O=Contoso,C=FI`
    std::string subjectKey, issuerKey;     ///< the names in their canonical encoding, for comparisons
    std::string commonName;                ///< the subject's most specific CN; empty: none
    std::string issuerCommonName;
    std::string serial;           ///< hexadecimal, lower case, `-` in front of a negative one
    std::size_t serialOctets = 0; ///< as encoded
    TimeNs notBefore = kNoTime, notAfter = kNoTime;
    KeyKind key = KeyKind::Other;
    unsigned keyBits = 0;        ///< RSA, DSA: of the modulus; EC: of the field; 0: not known
    std::string keyText;         ///< `RSA 2048`, `EC P-256`, `Ed25519`
    std::string publicKeySha1;   ///< 20 octets: of the key's bit string (RFC 5280, 4.2.1.2, method 1)
    std::string signature;       ///< `sha256WithRSAEncryption`, OpenSSL's long name, else the object identifier
    std::string signatureDigest; ///< `SHA256`, `SHA1`, `MD5`; empty: none of its own (Ed25519) or not known
    std::optional<std::string> subjectKeyId, authorityKeyId; ///< raw octets
    bool hasAlternativeName = false;
    bool namesCut = false;
    std::vector<AlternativeName> names;
    bool hasBasicConstraints = false, isCa = false;
    std::optional<std::uint64_t> pathLength;
    std::optional<std::uint16_t> keyUsage;
    std::optional<std::vector<std::string>> extendedKeyUsage; ///< object identifiers
    bool hasNameConstraints = false;
    std::vector<std::string> caIssuers; ///< addresses where the issuer's certificate lies (RFC 5280, 4.2.2.1)
    std::vector<std::string> ocsp, crl; ///< addresses
    bool mustStaple = false;            ///< RFC 7633
    bool hasSctList = false;            ///< RFC 6962
    std::vector<Extension> extensions;
    bool selfIssued = false;             ///< subject and issuer are the same name
    bool selfSigned = false;             ///< and its own key verifies its signature
    std::vector<std::string> unreadable; ///< what could not be parsed, in words

    /// OpenSSL's object, for code of this room only; never null.
    std::shared_ptr<void> x509;

    bool allowsKeyUsage(std::uint16_t bit) const { return !keyUsage || (*keyUsage & bit) != 0; }
    std::string sha256Text() const; ///< 64 hexadecimal digits
};

using CertificatePtr = std::shared_ptr<const Certificate>;

/// One DER certificate and nothing behind it. LimitReached: longer than kMaxBytes; Malformed: no certificate.
std::expected<CertificatePtr, DecodeError> readCertificate(std::string_view der);

/// PEM with one line above it that names the subject.
std::string toPem(const Certificate& certificate);

/// `issuer` has the name that `certificate` names, the key ids do not contradict it, and its key verifies the
/// signature. Costs one public-key operation.
bool isIssuedBy(const Certificate& certificate, const Certificate& issuer);
/// The first two without the third: names and, where both have one, key ids.
bool couldBeIssuedBy(const Certificate& certificate, const Certificate& issuer);

} // namespace gatescope::trust
