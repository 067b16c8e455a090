// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/trust/certificate_set.h"
#include "core/trust/path_check.h"
#include "core/trust/profile.h"

#include <expected>
#include <memory>
#include <string>
#include <vector>

namespace gatescope::pipeline {

/// What the user named to judge certificates with; files or folders, as the command line and the desktop have them.
struct TrustFiles {
    struct Refresh {
        std::string profile; ///< id, or another name of it
        std::string path;
    };
    std::vector<std::string> besideRoots;   ///< trusted by the profile `custom` alone
    std::vector<std::string> roots;         ///< trusted beside what every profile has
    std::vector<std::string> onlyRoots;     ///< trusted instead of all profiles
    std::vector<std::string> intermediates; ///< to build chains with
    std::vector<std::string> revocationLists;
    std::vector<Refresh> refreshed; ///< newer lists of single profiles
    bool system = true;             ///< read the system's store
};

/// What all of that gave. Never changes; shared by whoever judges.
struct TrustSources {
    std::vector<trust::ProfilePtr> profiles; ///< the default first, see trust::makeProfiles
    /// The user's and the system's certificates; never null.
    std::shared_ptr<const trust::CertificateSet> pool;
    std::shared_ptr<const trust::RevocationLists> revocations; ///< null: none given
    std::string systemStore;                                   ///< path read for `system`; empty: none was found
    std::vector<std::string> remarks;                          ///< `extra.pem: 1 private key passed over`
};

/// Reads everything now, on this thread: the system's store takes some 0.1 s. The first file of the user that cannot be
/// read is the error, in words with its path; a system without a store is none. Environment variables that OpenSSL
/// knows (SSL_CERT_FILE, SSL_CERT_DIR) are followed.
std::expected<TrustSources, Error> readTrustSources(const TrustFiles& files);

} // namespace gatescope::pipeline
