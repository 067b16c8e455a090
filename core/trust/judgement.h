// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"
#include "core/trust/inference.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace gatescope::trust {

/// One session as its group sees it.
struct GroupMember {
    const tls::SessionFacts* facts = nullptr;
    SessionVerdict verdict;
    std::uint32_t exchanges = 0;
};

/// Sessions of one client address and one name (SNI, else server address), judged together.
struct GroupJudgement {
    TrustOutcome outcome = TrustOutcome::Undecided;
    Signature signature = Signature::None; ///< the most frequent of those with `outcome`
    double confidence = 0;
    std::size_t sessions = 0, accepted = 0, rejected = 0, undecided = 0, withRequests = 0;
    TimeNs medianGap = kNoTime;
    std::string sentence; ///< `37 of 37 handshakes from 10.0.9.213 to apim.example ended S4 within 25 ms; none carried
                          ///< a request; ...`
    std::vector<std::string> because, wouldSettle;
};

/// What the times and fates of sessions of one group say about each of them: fills the sibling part of a context for
/// each (siblings, fixedPeriod, growingGaps). Sessions in the order of time. Linear: a client may have a million.
std::vector<SessionContext> siblingContexts(std::span<const GroupMember> group);

/// `chainSentence` ends the sentence: what the default profile says of the chain; may be empty.
GroupJudgement judgeGroup(std::span<const GroupMember> group, std::string_view client, std::string_view name,
                          std::string_view chainSentence);

} // namespace gatescope::trust
