// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/gscope/certificate_options.h"
#include "app/gscope/exit_status.h"
#include "core/analysis/trust_answer.h"
#include "core/analysis/trust_simulation.h"

#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace gatescope::cli {

/// What `gscope trust` was asked, understood.
struct TrustRequest {
    analysis::TrustSettings settings;
    analysis::TrustSettings changed; ///< what clients would trust after the change
    analysis::ChainChange change;
    bool simulates = false; ///< there is a change to hold against
    TimeNs at = kNoTime;    ///< when files are judged
};

/// Options of `gscope trust`, as typed.
struct TrustRequestOptions {
    std::vector<std::string> pem;
    std::string host, at, now;
    std::vector<std::string> profiles;
    CertificateOptions certificates;
    std::vector<std::string> addIntermediates, addRoots;
    std::string replaceChain;
};

void addTrustRequestOptions(CLI::App& command, TrustRequestOptions& options);

/// Reads all files that are named. Wrong use: a time or profile that is none; not opened: a file that cannot be read.
std::expected<TrustRequest, Failure> trustRequestOf(const TrustRequestOptions& options, bool isQuiet);

} // namespace gatescope::cli
