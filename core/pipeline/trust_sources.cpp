// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/trust_sources.h"

#include "core/pipeline/certificate_reading.h"
#include "core/pipeline/secret_file.h"
#include "core/trust/system_places.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <optional>
#include <string_view>
#include <utility>

namespace gatescope::pipeline {

namespace {

using trust::CertificateFile;
using trust::CertificatePtr;
using trust::CertificateSet;
using trust::Origin;

/// Set and not empty.
std::optional<std::string> variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

class SourceReader {
public:
    std::expected<TrustSources, Error> read(const TrustFiles& files) && {
        if (files.system) readSystem();
        const auto everyOf = [&](const std::vector<std::string>& paths, auto take) -> std::expected<void, Error> {
            for (const std::string& path : paths) {
                const auto file = readNamed(path);
                if (!file) return std::unexpected(file.error());
                if (auto taken = (this->*take)(path, *file); !taken) return taken;
            }
            return {};
        };
        std::expected<void, Error> done = everyOf(files.besideRoots, &SourceReader::addRoots);
        if (done) done = everyOf(files.roots, &SourceReader::addRoots);
        if (done) done = everyOf(files.onlyRoots, &SourceReader::addRoots);
        if (done) done = everyOf(files.intermediates, &SourceReader::addIntermediates);
        if (done) done = everyOf(files.revocationLists, &SourceReader::addRevocationLists);
        m_profiles.customAdds = !files.roots.empty();
        m_profiles.customOnly = !files.onlyRoots.empty();
        if (done) done = refresh(files.refreshed);
        if (!done) return std::unexpected(done.error());

        m_result.profiles = trust::makeProfiles(m_profiles, m_refreshed);
        m_result.pool = std::make_shared<const CertificateSet>(std::move(m_profiles.atHand));
        if (!m_revocations.der.empty())
            m_result.revocations = std::make_shared<const trust::RevocationLists>(std::move(m_revocations));
        return std::move(m_result);
    }

private:
    std::expected<CertificateFile, Error> readNamed(const std::string& path) {
        auto file = readCertificates(path);
        if (file)
            for (const std::string& remark : file->remarks) say(path, remark);
        return file;
    }
    void say(const std::string& path, std::string_view remark) {
        m_result.remarks.push_back(fmt::format("{}: {}", path, remark));
    }

    // --- The system

    /// True: there was a certificate in it.
    bool takeSystem(const std::string& path) {
        const auto file = readCertificates(path);
        if (!file || file->certificates.empty()) return false;
        for (const CertificatePtr& certificate : file->certificates) {
            m_profiles.system.add(certificate, Origin::System);
            m_profiles.atHand.add(certificate, Origin::System);
        }
        m_result.systemStore += (m_result.systemStore.empty() ? "" : ", ") + path;
        return true;
    }

    /// The bundle in a folder has what its single files have, and is read much faster.
    bool takeSystemFolder(const std::string& folder) {
        for (const char* bundle : {"ca-certificates.crt", "ca-bundle.crt"})
            if (const std::string path = folder + '/' + bundle; fileState(path).isRegular) return takeSystem(path);
        return takeSystem(folder);
    }

    void readSystem() {
        const trust::SystemPlaces places = trust::systemPlaces();
        const auto file = variable(places.fileVariable);
        const auto folders = variable(places.folderVariable);
        bool found = takeSystem(file.value_or(places.file));
        std::string rest = folders.value_or(places.folder);
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(':'), rest.size());
            if (end != 0) found |= takeSystemFolder(rest.substr(0, end));
            rest.erase(0, end + 1);
        }
        if (file || folders) return; // whoever names others means these
        for (const std::string& bundle : places.bundles) found = found || takeSystem(bundle);
    }

    // --- The user

    static std::unexpected<Error> nothing(const std::string& path, std::string_view what) {
        return std::unexpected(Error{ErrorKind::UnknownFormat, fmt::format("{}: no {} in it", path, what)});
    }

    std::expected<void, Error> addRoots(const std::string& path, const CertificateFile& file) {
        std::size_t others = 0;
        for (const CertificatePtr& certificate : file.certificates) {
            m_profiles.atHand.add(certificate, Origin::User);
            // A server's own certificate may be trusted as it is; one that others issued is a part of a chain.
            const bool isAnchor = certificate->isCa || certificate->selfIssued;
            if (isAnchor)
                m_profiles.custom.add(certificate, Origin::User);
            else
                ++others;
        }
        if (others != 0) say(path, fmt::format("{} certificates that are no CA's are not taken as roots", others));
        if (others == file.certificates.size()) return nothing(path, "root");
        return {};
    }

    std::expected<void, Error> addIntermediates(const std::string& path, const CertificateFile& file) {
        for (const CertificatePtr& certificate : file.certificates) m_profiles.atHand.add(certificate, Origin::User);
        if (file.certificates.empty()) return nothing(path, "certificate");
        return {};
    }

    std::expected<void, Error> addRevocationLists(const std::string& path, const CertificateFile& file) {
        using trust::RevocationLists;
        if (file.revocationLists.empty()) return nothing(path, "revocation list");
        for (const std::string& list : file.revocationLists) {
            m_revocationBytes += list.size();
            if (m_revocations.der.size() >= RevocationLists::kMaxLists ||
                m_revocationBytes > RevocationLists::kMaxBytes) {
                say(path, "more revocation lists than are looked at");
                break;
            }
            m_revocations.der.push_back(list);
        }
        return {};
    }

    std::expected<void, Error> refresh(const std::vector<TrustFiles::Refresh>& refreshed) {
        std::vector<CertificateFile> files;
        for (const auto& [profile, path] : refreshed) {
            auto file = readNamed(path);
            if (!file) return std::unexpected(file.error());
            for (const CertificatePtr& certificate : file->certificates)
                m_profiles.atHand.add(certificate, Origin::User);
            files.push_back(*std::move(file));
        }
        // When all are read, a list without certificates finds those of the others.
        for (std::size_t at = 0; at < files.size(); ++at) {
            const auto& [profile, path] = refreshed[at];
            auto newer =
                trust::refreshedProfile(profile, files[at], m_profiles, {.name = path, .fileDate = dateOfFile(path)});
            if (!newer)
                return std::unexpected(Error{newer.error().kind, fmt::format("{}: {}", path, newer.error().message)});
            m_refreshed.push_back(*std::move(newer));
        }
        return {};
    }

    trust::ProfileSources m_profiles;
    std::vector<trust::ProfilePtr> m_refreshed;
    trust::RevocationLists m_revocations;
    std::size_t m_revocationBytes = 0;
    TrustSources m_result;
};

} // namespace

std::expected<TrustSources, Error> readTrustSources(const TrustFiles& files) {
    return SourceReader().read(files);
}

} // namespace gatescope::pipeline
