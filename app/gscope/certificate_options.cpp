// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/certificate_options.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <utility>

namespace gatescope::cli {

void addCertificateOptions(CLI::App& command, CertificateOptions& options) {
    auto* const added = command
                            .add_option("--root", options.roots,
                                        "Roots of yours, as the profile 'custom' (PEM, DER, PKCS#7, key store, folder)")
                            ->type_name("FILE")
                            ->allow_extra_args(false);
    command.add_option("--only-root", options.onlyRoots, "These roots, and nobody trusts anything else")
        ->type_name("FILE")
        ->allow_extra_args(false)
        ->excludes(added);
    command.add_option("--intermediates", options.intermediates, "Certificates to build chains with")
        ->type_name("FILE")
        ->allow_extra_args(false);
    command.add_option("--crl", options.revocations, "Revocation lists")->type_name("FILE")->allow_extra_args(false);
    command
        .add_option("--refresh-profile", options.refresh,
                    "A newer list for a profile: PEM, CCADB's CSV, authroot.stl or a key store")
        ->type_name("ID=FILE")
        ->allow_extra_args(false);
}

std::expected<pipeline::TrustSources, Failure> trustSourcesOf(const CertificateOptions& options, bool isQuiet) {
    pipeline::TrustFiles files;
    files.roots = options.onlyRoots.empty() ? options.roots : options.onlyRoots;
    if (!options.onlyRoots.empty()) files.rootUse = pipeline::TrustFiles::RootUse::Only;
    files.intermediates = options.intermediates;
    files.revocations = options.revocations;
    for (const std::string& typed : options.refresh) {
        const std::size_t equals = typed.find('=');
        if (equals == typed.npos || equals == 0 || equals + 1 == typed.size())
            return std::unexpected(
                Failure{ExitStatus::WrongUse, fmt::format("--refresh-profile wants ID=FILE, not '{}'", typed)});
        files.refresh.emplace_back(typed.substr(0, equals), typed.substr(equals + 1));
    }
    auto sources = pipeline::readTrustSources(files);
    if (!sources) return std::unexpected(failureOf(sources.error()));
    if (!isQuiet)
        for (const std::string& remark : sources->remarks) say(remark);
    return *std::move(sources);
}

} // namespace gatescope::cli
