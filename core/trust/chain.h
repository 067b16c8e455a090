// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/path_check.h"
#include "core/trust/problem.h"
#include "core/trust/profile.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gatescope::trust {

/// A chain as a server sent it, or as a file has it, and what to hold it against.
struct ChainQuestion {
    static constexpr std::size_t kMaxSent = 64;
    std::vector<CertificatePtr> sent;     ///< leaf first as a rule
    std::string host;                     ///< that the client asked for; empty: not known, names are not judged
    TimeNs at = kNoTime;                  ///< of the handshake, or what the user says
    TimeNs now = kNoTime;                 ///< the second verdict; kNoTime: none
    const CertificateSet* pool = nullptr; ///< others to build with; null: none
    std::vector<ProfilePtr> profiles;
    const RevocationLists* revocations = nullptr;
    std::string ocspResponse; ///< stapled; empty: none
};

enum class Verdict : std::uint8_t { Trusted, Untrusted, Undecided };
std::string_view toString(Verdict verdict); ///< `trusted`, `untrusted`, `undecided`

/// What the clients of one profile say.
struct ProfileVerdict {
    ProfilePtr profile;
    Verdict verdict = Verdict::Undecided;
    std::string root;    ///< subject of the root found; empty: none
    bool byName = false; ///< the root is known by name and key id, its signature over the chain was not checked
    /// The path that was judged, leaf first; a root known by name only is not in it.
    std::vector<CertificateSet::Entry> path;
    /// A certificate of the path was not sent: clients that do not fetch or remember it refuse.
    bool needsRepair = false;
    bool strictRefuse = false;  ///< trusted, but not at security level 2
    std::string reason;         ///< id of the worst problem, or `private-ca`; empty: trusted
    std::string reasonText;     ///< one sentence for people
    Problems problems;          ///< of the path for this profile
    std::optional<Verdict> now; ///< at `ChainQuestion::now`, where that differs
};

/// A certificate that a complete chain needs and that was not sent.
struct MissingIssuer {
    std::string name;                          ///< RFC 4514
    std::string keyId;                         ///< raw octets; empty: not known
    std::vector<std::string> addresses;        ///< where the certificate says it can be fetched
    CertificatePtr certificate;                ///< at hand; null: no
    Origin origin = Origin::System;            ///< of `certificate`
    const PublicIntermediate* known = nullptr; ///< of the table
    bool isRoot = false;                       ///< clients have it themselves; nothing needs to be sent
};

struct ChainAnswer {
    std::vector<CertificatePtr> sent;
    std::vector<ProfileVerdict> verdicts; ///< in the order of the profiles asked
    Problems problems;                    ///< of the chain and of its best path, worst first; each once
    std::vector<MissingIssuer> missing;
    std::vector<CertificateSet::Entry> bestPath; ///< leaf first; what the tree on screen shows
    bool complete = false;                       ///< the best path ends in a self-signed certificate or an anchor
    bool privateCa = false;                      ///< chains to something in no public programme
    std::string topName;                         ///< subject of the top of the best path, or the issuer it lacks
    std::string headline;                        ///< the answer in one sentence
    bool namesOnly = false;                      ///< judged from names in a header: nothing was verified
};

/// Never throws; more than kMaxSent certificates are left out. Takes bounded time: what costs too much is not tried,
/// and the answer says so (kTooManyPaths).
ChainAnswer judgeChain(const ChainQuestion& question);

/// The server's own certificate: the first, unless that is a CA which issued another and a server certificate follows.
/// Null: none was sent.
CertificatePtr leafOf(std::span<const CertificatePtr> sent);

/// A certificate known by two names, from a header such as x-arr-ssl: subject and issuer as written there.
struct NamedCertificate {
    std::string subject, issuer; ///< any order and separators; see dn_text.h
    unsigned keyBits = 0;        ///< 0: not told
    std::string source;          ///< `x-arr-ssl`
};
/// What the tables say of such names. Everything is `by name`; a name of no table gives `Undecided`, or `Untrusted`
/// where no public programme has an issuer of that name.
ChainAnswer judgeNames(const NamedCertificate& names, const std::string& host, TimeNs at,
                       std::span<const ProfilePtr> profiles);

/// The chain that the server should send: leaf, then each intermediate in order, no root, no extras. Unsupported: an
/// intermediate is not at hand (it is named in `missing`). An issuer of which nothing is known is taken for the root.
std::expected<std::vector<CertificatePtr>, DecodeError> servedChain(const ChainAnswer& answer);

} // namespace gatescope::trust
