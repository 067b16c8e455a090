// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/path_builder.h"
#include "core/trust/problem.h"

#include <optional>
#include <string>
#include <vector>

namespace gatescope::trust {

/// Certificate revocation lists in DER that the user gave.
struct RevocationLists {
    static constexpr std::size_t kMaxLists = 256;
    static constexpr std::size_t kMaxBytes = 64U << 20;
    std::vector<std::string> der;
};

struct PathQuestion {
    std::string host; ///< DNS name or address that the client asked for; empty: names are not checked
    TimeNs at = kNoTime;
    const RevocationLists* revocations = nullptr; ///< null: revocation is not looked at
    /// 1: what most clients accept (OpenSSL's level 1: 80 bits). 2: 112 bits (Debian's and Python's OpenSSL).
    int securityLevel = 1;
    bool clientPurpose = false; ///< check for client authentication instead of server authentication
};

/// Everything that X509_verify_cert finds wrong with this one path, each problem once for each certificate: the last
/// certificate is the anchor (of an incomplete path nothing is, and that is a problem, too). Never throws, never stops
/// at the first.
Problems checkPath(const CandidatePath& path, const PathQuestion& question);

} // namespace gatescope::trust
