// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/path_builder.h"
#include "core/trust/problem.h"

#include <memory>
#include <string>
#include <vector>

namespace gatescope::trust {

/// Certificate revocation lists in DER that the user gave.
struct RevocationLists {
    static constexpr std::size_t kMaxLists = 256;
    static constexpr std::size_t kMaxBytes = 64U << 20;
    std::vector<std::string> der;
};

/// The lists as OpenSSL keeps them, read once for many paths. What cannot be read is left out.
class ParsedRevocationLists;
std::shared_ptr<const ParsedRevocationLists> parseRevocationLists(const RevocationLists& lists);

struct PathQuestion {
    std::string host; ///< DNS name or address that the client asked for; empty: names are not checked
    TimeNs at = kNoTime;
    std::shared_ptr<const ParsedRevocationLists> revocations; ///< null: revocation is not looked at
    std::vector<CertificatePtr> listSigners; ///< that may have signed `revocations`, beside the path's certificates
    /// 1: what most clients accept (OpenSSL's level 1: 80 bits). 2: 112 bits (Debian's and Python's OpenSSL).
    int securityLevel = 1;
    /// The formal rules of RFC 5280 too, as Python 3.13 and newer do (X509_V_FLAG_X509_STRICT).
    bool strict = false;
    /// False: leave them out, because a call before has verified them on the same path.
    bool verifySignatures = true;
    bool clientPurpose = false; ///< check for client authentication instead of server authentication
};

/// Everything that X509_verify_cert finds wrong with this one path, and the dates and the topmost signature, which it
/// does not look at: each problem once for each certificate. The last certificate of an anchored path is the anchor; of
/// another path nothing is, and that is a problem, too. Never throws, never stops at the first. A certificate is valid
/// up to and with the second of notAfter (RFC 5280, 4.1.2.5).
Problems checkPath(const CandidatePath& path, const PathQuestion& question);

/// What everybody finds (level 1), and after it what only stricter clients find: level 2 and the formal rules of
/// RFC 5280, as Weight::StricterStacks with the clients named. `question.securityLevel` and `strict` do not count.
Problems checkPathForAll(const CandidatePath& path, const PathQuestion& question);

/// Those of the problems that depend on the time: expired or not yet valid. kNoTime: none.
Problems checkDates(const CandidatePath& path, TimeNs at);

/// Estimated microseconds that checkPathForAll takes at most.
std::uint64_t checkCost(const CandidatePath& path);

} // namespace gatescope::trust
