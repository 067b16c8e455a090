// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/profile.h"

#include <string>
#include <string_view>
#include <vector>

namespace gatescope::trust {

/// A way from a CA to a public root by the names and key ids of the two tables. No signature was checked.
struct NamedPath {
    static constexpr std::size_t kMaxDepth = 6, kMaxPaths = 64;
    const PublicRoot* root = nullptr;
    /// The first on the way that is a public root itself: `root`, or one that `root` certified across.
    const PublicRoot* nearest = nullptr;
    TimeNs from = kNoTime;  ///< the latest begin on it
    TimeNs until = kNoTime; ///< the earliest end, the begin of that day
    bool isValidAt(TimeNs at) const;
};

/// Subjects of the tables that are this name, however it is written (see dn_text.h), in the tables' spelling.
std::vector<std::string_view> publicNamesLike(std::string_view name);
/// Every way from a CA of this subject, spelled as in the tables, upwards; a root is a way of its own.
std::vector<NamedPath> namedPaths(std::string_view subject);
/// A CA of the tables has this organisation (`O`).
bool isPublicOrganisation(std::string_view organisation);

} // namespace gatescope::trust
