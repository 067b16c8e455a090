// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gatescope::test {

/// What a made certificate says. Times are seconds since 1970.
struct CertificateRecipe {
    std::string subject =
        "CN=made";                 ///< `CN=gw.example,O=Contoso`, written into the name in this order; `\,` for a comma
    std::string key = "ec256";     ///< `ec256`, `ec384`, `ed25519`, `rsa1024`, `rsa2048`, ...
    std::string digest = "SHA256"; ///< of the signature; ignored for ed25519
    std::int64_t notBefore = 1'704'067'200; ///< 2024-01-01
    std::int64_t notAfter = 1'893'456'000;  ///< 2030-01-01
    std::string serial = "01";              ///< hexadecimal
    long version = 3;
    bool ca = false;    ///< adds basicConstraints CA:TRUE and keyCertSign, unless `extensions` has its own
    bool plain = false; ///< no extension but those named here; else the key ids are added, too
    /// OpenSSL's configuration syntax: {"subjectAltName", "DNS:gw.example,IP:10.0.0.1"}, {"extendedKeyUsage",
    /// "serverAuth"},
    /// {"basicConstraints", "critical,CA:TRUE,pathlen:0"}, {"1.2.3.4", "critical,DER:0500"}.
    std::vector<std::pair<std::string, std::string>> extensions{};
    bool breakSignature = false;
};

/// A certificate made by OpenSSL, with its key, so that it can issue others.
struct MadeCertificate {
    std::string der;
    std::shared_ptr<void> key;  ///< EVP_PKEY
    std::shared_ptr<void> x509; ///< X509
    std::string pem() const;
};

/// Makes one; `issuer` null: self-signed. `key`: reuse the key of another (cross-signs). Throws std::runtime_error with
/// OpenSSL's words when the recipe cannot be followed.
MadeCertificate makeCertificate(const CertificateRecipe& recipe, const MadeCertificate* issuer = nullptr,
                                const MadeCertificate* key = nullptr);

/// DER of a CRL of `issuer` that revokes `serials` (hexadecimal), valid from 2024 to 2030.
std::string makeRevocationList(const MadeCertificate& issuer, const std::vector<std::string>& serials);

/// Seconds since 1970 as a TimeNs.
constexpr TimeNs atSecond(std::int64_t seconds) {
    return seconds * 1'000'000'000;
}

} // namespace gatescope::test
