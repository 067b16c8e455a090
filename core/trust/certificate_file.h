// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/trust/certificate.h"

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::trust {

/// A root that a certificate trust list (authroot.stl) names without its certificate.
struct ListedRoot {
    std::array<std::uint8_t, 20> sha1{};
    std::optional<std::array<std::uint8_t, 32>> sha256; ///< newer lists have both
};

/// What a file of certificates held. Recognised by content, never by name.
struct CertificateFile {
    static constexpr std::size_t kMaxFileBytes = 256U << 20; ///< CCADB's list of all PEMs has some 30 MB
    /// Of a PKCS#7, PKCS#12 or trust list: what is parsed takes many times its size. The largest in use have 1 MB.
    static constexpr std::size_t kMaxContainerBytes = 8U << 20;
    static constexpr std::size_t kMaxCertificates = 20'000;
    static constexpr std::size_t kMaxRevocationLists = 256;
    static constexpr std::size_t kMaxListed = 20'000;
    static constexpr std::size_t kMaxRemarks = 20; ///< then one more says how many there were
    /// All rounds of key derivation that a PKCS#12 may cost; usual are 2,048 to 600,000.
    static constexpr std::uint64_t kMaxRounds = 3'000'000;

    std::string format; ///< `PEM`, `DER`, `PKCS#7`, `Java key store`, `PKCS#12`, `CCADB CSV`, `certificate trust list`
    std::vector<CertificatePtr> certificates; ///< in the order of the file, private keys passed over
    std::vector<std::string> revocationLists; ///< DER of CRLs found in it
    std::vector<ListedRoot> listed;           ///< those for servers
    std::string asOf;                         ///< `2026-07-19`, the date that the file itself tells; empty: none
    std::vector<std::string> remarks;         ///< `certificate 3 cannot be read`, `1 private key passed over`
};

/// PEM (text around it, OpenSSL's trusted certificates), DER, PKCS#7 and PKCS#12 in either, JKS and JCEKS key stores,
/// CCADB's reports with PEM, authroot.stl. Where a list tells purposes, what is not for servers is left out and counted
/// in the remarks. Passwords tried: none, the empty one, `changeit`. Neither integrity nor signatures of containers are
/// checked. UnknownFormat: nothing of this kind in it. Usage: a PKCS#12 with another password.
std::expected<CertificateFile, Error> readCertificateFile(std::string_view content);

} // namespace gatescope::trust
