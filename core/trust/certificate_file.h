// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/trust/certificate.h"

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::trust {

/// What a file of certificates held. Recognised by content, never by name.
struct CertificateFile {
    static constexpr std::size_t kMaxFileBytes = 256U << 20; ///< CCADB's list of all PEMs has some 30 MB
    static constexpr std::size_t kMaxCertificates = 20'000;

    std::string format; ///< `PEM`, `DER`, `PKCS#7`, `Java key store`, `PKCS#12`, `CCADB CSV`, `certificate trust list`
    std::vector<CertificatePtr> certificates; ///< in the order of the file, private keys passed over
    std::vector<std::string> revocationLists; ///< DER of CRLs found in it
    /// A certificate trust list (authroot.stl) names roots by SHA-1 of the certificate, without the certificates.
    std::vector<std::array<std::uint8_t, 20>> sha1Digests;
    std::string asOf;                 ///< the date that the file itself tells; empty: none
    std::vector<std::string> remarks; ///< `certificate 3 cannot be read: ...`, `1 private key passed over`
};

/// UnknownFormat: nothing of this kind in it. Usage: a PKCS#12 or key store whose password is not the usual one.
std::expected<CertificateFile, Error> readCertificateFile(std::string_view content);

} // namespace gatescope::trust
