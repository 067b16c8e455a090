// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/trust/chain.h"
#include "core/trust/inference.h"
#include "core/trust/judgement.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace gatescope::analysis {

/// What captures are held against.
struct TrustSettings {
    std::vector<trust::ProfilePtr> profiles; ///< the first one is that of the question "would the agent trust this?"
    std::shared_ptr<const trust::CertificateSet> pool; ///< the user's and the system's certificates; may be null
    std::shared_ptr<const trust::RevocationLists> revocations; ///< may be null
    /// Chains that the user gave, to be held against sessions that nobody can read, by lengths.
    std::vector<std::vector<trust::CertificatePtr>> knownChains;
    TimeNs now = kNoTime;       ///< kNoTime: no second verdict
    std::optional<TimeNs> at{}; ///< instead of the time of the handshake
};

/// One chain and everything that showed it.
struct TrustChain {
    std::uint64_t number = 0; ///< from 1, in the order of first sight
    std::string host;         ///< the name that was asked for; empty: none
    std::string source;       ///< `handshake`, `header x-arr-ssl`, `file`, `by length`
    TimeNs at = kNoTime;
    std::string ocspResponse; ///< stapled; empty: none
    trust::ChainAnswer answer;
    std::vector<std::size_t> sessions; ///< indices into `TrustAnswer::sessions`
    std::vector<Row> rows;             ///< exchanges whose header names it
};

/// One session, judged.
struct TrustSession {
    std::size_t session = 0; ///< index into Snapshot::tlsSessions()
    trust::SessionVerdict verdict;
    std::optional<std::size_t> chain; ///< index into `TrustAnswer::chains`: sent, or known for this name
    bool chainIsKnownOnly = false; ///< not read in this session: another session of the name sent it, or a length fits
};

/// Sessions of one client and one name.
struct TrustGroup {
    std::string client, name;
    trust::GroupJudgement judgement;
    std::vector<std::size_t> sessions; ///< indices into `TrustAnswer::sessions`, by time
    std::optional<std::size_t> chain;
};

struct TrustAnswer {
    std::vector<TrustSession> sessions; ///< by number of the session
    std::vector<TrustChain> chains;
    std::vector<TrustGroup> groups; ///< rejected first, then by number of sessions
};

/// Public CAs as the compiled-in tables know them, and nothing of this machine or of today: the same answer everywhere.
TrustSettings publicTrust();

/// Works through all sessions and headers of a snapshot. Empty when stopped.
std::optional<TrustAnswer> trustAnswer(const Snapshot& snapshot, const TrustSettings& settings, std::stop_token stop);

/// The same as findings, each with its session's flow: what clients rejected, and what is wrong with the chains.
std::vector<PlacedFinding> trustFindings(const Snapshot& snapshot, const TrustAnswer& answer);

} // namespace gatescope::analysis
