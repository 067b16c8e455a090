// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/profile.h"

#include <string>
#include <string_view>
#include <vector>

namespace gatescope::trust {

/// One certificate of a CA, of all that exist for the same name and key: a row of one of the two tables.
struct CaIssue {
    const PublicIntermediate* certified = nullptr; ///< by another CA
    const PublicRoot* root = nullptr;              ///< by itself
    TimeNs notAfter = kNoTime;
    /// `under CN=DigiCert Global Root G2,... until 2026-08-25`, `as a root of Mozilla and Apple until 2038-01-15`
    std::string text;
};

/// What the tables know of a CA. An empty key id fits every key. The longest first.
std::vector<CaIssue> issuesOf(std::string_view name, std::string_view keyId);

/// `Mozilla, Microsoft and Apple`; `no programme`.
std::string programmesText(std::uint8_t programmes);

} // namespace gatescope::trust
