// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/gscope/exit_status.h"
#include "core/pipeline/trust_sources.h"

#include <expected>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace gatescope::cli {

/// Files of certificates, as typed.
struct CertificateOptions {
    std::vector<std::string> roots, onlyRoots, intermediates, revocations;
    std::vector<std::string> refresh; ///< `ID=FILE`
};

/// --root, --only-root, --intermediates, --crl, --refresh-profile.
void addCertificateOptions(CLI::App& command, CertificateOptions& options);

/// Wrong use: a refresh that is no `ID=FILE`; not opened: a file that cannot be used. What was left out of files is
/// said unless `isQuiet`.
std::expected<pipeline::TrustSources, Failure> trustSourcesOf(const CertificateOptions& options, bool isQuiet);

} // namespace gatescope::cli
