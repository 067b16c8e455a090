// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/chain.h"

#include <cstdint>
#include <map>
#include <span>
#include <tuple>
#include <vector>

namespace gatescope::trust {

/// The path that clients of a profile would take, as far as it is at hand.
struct PathVerdict {
    CandidatePath path;
    Problems problems;                      ///< of the path, the dates' included
    const PublicRoot* rootByName = nullptr; ///< that could have issued the last of the path; null: none, or at hand
    /// The table's, between the last of the path and `rootByName`: not at hand. Null: none is needed.
    const PublicIntermediate* gap = nullptr;
    bool needsRepair = false;  ///< a certificate between leaf and root was not sent
    bool limitReached = false; ///< other paths were not tried
    bool isAnchored() const { return path.anchored || rootByName != nullptr; }
    bool isRefused() const; ///< by everybody
};

/// Finds and judges the paths of one chain; each path is verified once for all profiles and times. Lives no longer than
/// what it was made with.
class PathChoice {
public:
    /// Estimated microseconds for all paths together; one path of each profile is always checked.
    static constexpr std::uint64_t kMaxCost = 60'000;
    static constexpr std::size_t kMaxByName = 16; ///< beginnings of paths that are tried with roots known by name

    /// `question.at` is the time at which lists of revocations count.
    PathChoice(CertificatePtr leaf, std::span<const CertificatePtr> sent, std::vector<const CertificateSet*> pools,
               PathQuestion question);

    /// Null: nobody is trusted.
    PathVerdict choose(const TrustProfile* profile, TimeNs at);

private:
    using Key = std::tuple<std::vector<const Certificate*>, bool>;

    CandidatePaths pathsOf(const TrustProfile* profile);
    /// Null: the cost is used up.
    const Problems* timelessProblems(const CandidatePath& path, bool always);
    void addByName(const TrustProfile& profile, TimeNs at, const CandidatePaths& paths,
                   std::vector<PathVerdict>& found);

    CertificatePtr m_leaf;
    std::span<const CertificatePtr> m_sent;
    std::vector<const CertificateSet*> m_pools;
    PathQuestion m_question;
    IssuerMemory m_memory;
    std::map<Key, Problems> m_problems; ///< apart from dates
    std::uint64_t m_cost = 0;
};

/// Not sent although the path needs it: neither leaf nor root.
bool needsRepair(const CandidatePath& path);

} // namespace gatescope::trust
