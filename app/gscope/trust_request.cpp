// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/trust_request.h"

#include "app/gscope/nearest.h"
#include "core/analysis/filter_values.h"
#include "core/pipeline/certificate_reading.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <fmt/format.h>
#include <utility>

namespace gatescope::cli {

namespace {

TimeNs today() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// A time, or a day alone.
std::expected<TimeNs, Failure> timeOf(std::string_view option, const std::string& typed) {
    auto time = analysis::parseTime(typed);
    if (!time) time = analysis::parseTime(typed + "T00:00:00Z");
    if (!time)
        return std::unexpected(wrongUse(
            fmt::format("{} wants a time such as 2026-08-25 or 2026-08-25T12:00:00Z, not '{}'", option, typed)));
    return *time;
}

std::expected<std::vector<trust::CertificatePtr>, Failure> certificatesOf(const std::string& path, bool isQuiet) {
    auto read = pipeline::readCertificates(path);
    if (!read) return std::unexpected(failureOf(read.error()));
    if (read->certificates.empty())
        return std::unexpected(Failure{ExitStatus::NotOpened, path + ": no certificate in it"});
    if (!isQuiet)
        for (const std::string& remark : read->remarks) say(fmt::format("{}: {}", path, remark));
    return std::move(read->certificates);
}

std::expected<std::vector<trust::CertificatePtr>, Failure> certificatesOf(const std::vector<std::string>& paths,
                                                                          bool isQuiet) {
    std::vector<trust::CertificatePtr> all;
    for (const std::string& path : paths) {
        auto some = certificatesOf(path, isQuiet);
        if (!some) return some;
        all.insert(all.end(), some->begin(), some->end());
    }
    return all;
}

/// All of them, or those named, in the order in which they were named.
std::expected<std::vector<trust::ProfilePtr>, Failure> chosen(const std::vector<trust::ProfilePtr>& profiles,
                                                              const std::vector<std::string>& ids) {
    if (ids.empty()) return profiles;
    std::vector<trust::ProfilePtr> result;
    for (const std::string& id : ids) {
        auto profile = trust::findProfile(profiles, id);
        if (!profile) {
            std::vector<std::string> known;
            for (const auto& one : profiles) known.push_back(one->id);
            return std::unexpected(wrongUse(fmt::format("unknown profile '{}'{}", id, suggestionOf(id, known))));
        }
        result.push_back(std::move(profile));
    }
    return result;
}

} // namespace

void addTrustRequestOptions(CLI::App& command, TrustRequestOptions& options) {
    auto* const pem =
        command
            .add_option("--pem", options.pem,
                        "A chain from a file (PEM, DER, PKCS#7, key store); with INPUT it is held against "
                        "sessions that nobody can read")
            ->type_name("FILE")
            ->allow_extra_args(false);
    command.add_option("--host", options.host, "Name or address that the client asks for")
        ->type_name("NAME")
        ->allow_extra_args(false)
        ->needs(pem);
    command.add_option("--at", options.at, "Judge at this time instead of that of the handshake, or now")
        ->type_name("TIME");
    command.add_option("--now", options.now, "The day of the second verdict, instead of today")->type_name("TIME");
    command.add_option("--profile", options.profiles, "Only this kind of client ('gscope profiles' lists them)")
        ->type_name("NAME")
        ->allow_extra_args(false);
    addCertificateOptions(command, options.certificates);
    auto* const add = command
                          .add_option("--add-intermediate", options.addIntermediates,
                                      "Also judge as if the server sent these certificates as well")
                          ->type_name("FILE")
                          ->allow_extra_args(false);
    command.add_option("--add-root", options.addRoots, "Also judge as if every client had these roots installed")
        ->type_name("FILE")
        ->allow_extra_args(false);
    command.add_option("--replace-chain", options.replaceChain, "Also judge as if the server sent this chain instead")
        ->type_name("FILE")
        ->allow_extra_args(false)
        ->excludes(add);
}

std::expected<TrustRequest, Failure> trustRequestOf(const TrustRequestOptions& options, bool isQuiet) {
    TrustRequest request;
    request.settings.now = today();
    if (!options.now.empty()) {
        const auto now = timeOf("--now", options.now);
        if (!now) return std::unexpected(now.error());
        request.settings.now = *now;
    }
    request.at = request.settings.now;
    if (!options.at.empty()) {
        const auto at = timeOf("--at", options.at);
        if (!at) return std::unexpected(at.error());
        request.at = *at;
        request.settings.at = *at;
    }
    const auto sources = trustSourcesOf(options.certificates, isQuiet);
    if (!sources) return std::unexpected(sources.error());
    auto profiles = chosen(sources->profiles, options.profiles);
    if (!profiles) return std::unexpected(profiles.error());
    request.settings.profiles = *std::move(profiles);
    request.settings.pool = sources->pool;
    request.settings.revocations = sources->revocations;
    for (const std::string& path : options.pem) {
        auto chain = certificatesOf(path, isQuiet);
        if (!chain) return std::unexpected(chain.error());
        request.settings.knownChains.push_back(*std::move(chain));
    }

    request.changed = request.settings;
    request.simulates = !options.addIntermediates.empty() || !options.addRoots.empty() || !options.replaceChain.empty();
    auto added = certificatesOf(options.addIntermediates, isQuiet);
    if (!added) return std::unexpected(added.error());
    request.change.add = *std::move(added);
    if (!options.replaceChain.empty()) {
        auto replaced = certificatesOf(options.replaceChain, isQuiet);
        if (!replaced) return std::unexpected(replaced.error());
        request.change.replace = *std::move(replaced);
    }
    auto roots = certificatesOf(options.addRoots, isQuiet);
    if (!roots) return std::unexpected(roots.error());
    if (!roots->empty()) analysis::installRoots(request.changed, *roots);
    return request;
}

} // namespace gatescope::cli
