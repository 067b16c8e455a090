// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace gatescope::trust {

/// Where programs on this system look for the roots they trust. Nothing is opened.
struct SystemPlaces {
    std::string fileVariable,
        folderVariable;               ///< environment variables that name others: `SSL_CERT_FILE`, `SSL_CERT_DIR`
    std::string file, folder;         ///< OpenSSL's own
    std::vector<std::string> bundles; ///< of the distributions, the first that is there counts
};
SystemPlaces systemPlaces();

} // namespace gatescope::trust
