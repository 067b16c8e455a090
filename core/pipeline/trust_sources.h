// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/trust/certificate_file.h"
#include "core/trust/path_check.h"
#include "core/trust/profile.h"

#include <expected>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gatescope::pipeline {

/// Files and folders of certificates that the user names, by path.
struct TrustFiles {
    enum class RootUse : std::uint8_t {
        Beside, ///< `roots` make the profile `custom`
        Added,  ///< and are installed in every client, too
        Only    ///< nobody trusts anything else
    };
    std::vector<std::string> roots;
    RootUse rootUse = RootUse::Beside;
    std::vector<std::string> intermediates; ///< to build chains with
    std::vector<std::string> revocations;
    std::vector<std::pair<std::string, std::string>> refresh; ///< id of a profile, file with its newer list
    bool withSystem = true;
};

/// What became of them.
struct TrustSources {
    std::vector<trust::ProfilePtr> profiles;                   ///< the default first
    std::shared_ptr<const trust::CertificateSet> pool;         ///< never null
    std::shared_ptr<const trust::RevocationLists> revocations; ///< null: none were named
    std::vector<std::string> remarks;                          ///< `ca.pem: 1 private key passed over`
};

/// Reads all of them and the system's store. The first file that cannot be used is the error, with its name.
std::expected<TrustSources, Error> readTrustSources(const TrustFiles& files);

/// A file of certificates, or a folder of such files (those that are none are passed over).
struct CertificatesRead {
    static constexpr std::size_t kMaxFolderFiles = 4'096;
    trust::CertificateFile content;
    std::string date; ///< when the file was last changed: `2026-07-19`
};
std::expected<CertificatesRead, Error> readCertificates(const std::string& path);

/// Where this system keeps the roots that its programs trust: SSL_CERT_FILE and SSL_CERT_DIR where they are set, else
/// the first of the usual places that exists. Empty: none does.
std::vector<std::string> systemStorePaths();

} // namespace gatescope::pipeline
