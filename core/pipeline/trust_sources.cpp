// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/trust_sources.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <system_error>
#include <utility>

namespace gatescope::pipeline {

namespace {

namespace fs = std::filesystem;
using trust::CertificateFile;

Error troubleWith(const fs::path& path, ErrorKind kind, std::string_view what) {
    return {kind, fmt::format("{}: {}", path.string(), what)};
}

std::string dateOf(const fs::path& path) {
    std::error_code error;
    const auto changed = fs::last_write_time(path, error);
    if (error) return {};
    const auto day = std::chrono::floor<std::chrono::days>(std::chrono::file_clock::to_sys(changed));
    const std::chrono::year_month_day date(day);
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()));
}

std::expected<std::string, Error> contentOf(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) return std::unexpected(troubleWith(path, ErrorKind::CannotOpen, std::strerror(errno)));
    std::string content;
    std::string piece(1U << 20, '\0');
    while (stream.read(piece.data(), static_cast<std::streamsize>(piece.size())) || stream.gcount() > 0) {
        content.append(piece, 0, static_cast<std::size_t>(stream.gcount()));
        if (content.size() > CertificateFile::kMaxFileBytes)
            return std::unexpected(troubleWith(path, ErrorKind::UnknownFormat, "too large for a file of certificates"));
    }
    return content;
}

std::expected<CertificateFile, Error> readFile(const fs::path& path) {
    const auto content = contentOf(path);
    if (!content) return std::unexpected(content.error());
    auto file = trust::readCertificateFile(*content);
    if (!file) return std::unexpected(troubleWith(path, file.error().kind, file.error().message));
    return file;
}

template <typename T>
void append(std::vector<T>& list, std::vector<T>&& more) {
    list.insert(list.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::expected<CertificateFile, Error> readFolder(const fs::path& folder) {
    CertificateFile all;
    all.format = "folder";
    std::vector<fs::path> paths;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        std::error_code ignored;
        if (entry->is_regular_file(ignored)) paths.push_back(entry->path());
        if (paths.size() >= CertificatesRead::kMaxFolderFiles) break;
    }
    if (error) return std::unexpected(troubleWith(folder, ErrorKind::CannotOpen, error.message()));
    std::ranges::sort(paths); // so that results do not depend on the file system
    for (const fs::path& path : paths) {
        auto file = readFile(path);
        if (!file) continue;
        append(all.certificates, std::move(file->certificates));
        append(all.revocationLists, std::move(file->revocationLists));
    }
    if (all.certificates.empty() && all.revocationLists.empty())
        return std::unexpected(troubleWith(folder, ErrorKind::UnknownFormat, "no certificates in this folder"));
    return all;
}

/// Reads into a set; what was left out of a file is remarked.
class Collector {
public:
    explicit Collector(std::vector<std::string>& remarks) : m_remarks(remarks) {}

    std::expected<CertificatesRead, Error> read(const std::string& path) {
        auto read = readCertificates(path);
        if (read)
            for (const std::string& remark : read->content.remarks)
                m_remarks.push_back(fmt::format("{}: {}", path, remark));
        return read;
    }
    std::expected<void, Error> readInto(const std::vector<std::string>& paths, trust::CertificateSet& set,
                                        trust::CertificateSet& atHand) {
        for (const std::string& path : paths) {
            const auto read = this->read(path);
            if (!read) return std::unexpected(read.error());
            for (const auto& certificate : read->content.certificates) {
                atHand.add(certificate, trust::Origin::User);
                if (!set.add(certificate, trust::Origin::User))
                    return std::unexpected(troubleWith(path, ErrorKind::Usage, "more certificates than are kept"));
            }
        }
        return {};
    }

private:
    std::vector<std::string>& m_remarks;
};

void readSystem(trust::ProfileSources& sources) {
    for (const std::string& path : systemStorePaths()) {
        const auto read = readCertificates(path);
        if (!read) continue; // a machine without a store, or without the right to read it, has no profile of that name
        for (const auto& certificate : read->content.certificates) {
            sources.system.add(certificate, trust::Origin::System);
            sources.atHand.add(certificate, trust::Origin::System);
        }
    }
}

std::expected<std::shared_ptr<const trust::RevocationLists>, Error>
readRevocations(const std::vector<std::string>& paths, Collector& collector) {
    if (paths.empty()) return std::shared_ptr<const trust::RevocationLists>();
    auto lists = std::make_shared<trust::RevocationLists>();
    std::size_t octets = 0;
    for (const std::string& path : paths) {
        auto read = collector.read(path);
        if (!read) return std::unexpected(read.error());
        if (read->content.revocationLists.empty())
            return std::unexpected(troubleWith(path, ErrorKind::UnknownFormat, "no revocation list in it"));
        for (std::string& list : read->content.revocationLists) {
            octets += list.size();
            if (lists->der.size() >= trust::RevocationLists::kMaxLists || octets > trust::RevocationLists::kMaxBytes)
                return std::unexpected(troubleWith(path, ErrorKind::Usage, "more revocation lists than are kept"));
            lists->der.push_back(std::move(list));
        }
    }
    return lists;
}

} // namespace

std::vector<std::string> systemStorePaths() {
    std::vector<std::string> paths;
    for (const char* name : {"SSL_CERT_FILE", "SSL_CERT_DIR"})
        if (const char* value = std::getenv(name); value != nullptr && *value != '\0') paths.emplace_back(value);
    if (!paths.empty()) return paths;
    constexpr const char* kUsual[] = {"/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Arch, Gentoo
                                      "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora, RHEL
                                      "/etc/pki/tls/certs/ca-bundle.crt",                  // older RHEL
                                      "/etc/ssl/ca-bundle.pem",                            // SUSE
                                      "/etc/ssl/cert.pem",                                 // Alpine, the BSDs, macOS
                                      "/etc/ssl/certs"};
    std::error_code error;
    for (const char* path : kUsual)
        if (fs::exists(path, error)) return {path};
    return paths;
}

std::expected<CertificatesRead, Error> readCertificates(const std::string& path) {
    std::error_code error;
    auto content = fs::is_directory(path, error) ? readFolder(path) : readFile(path);
    if (!content) return std::unexpected(content.error());
    return CertificatesRead{*std::move(content), dateOf(path)};
}

std::expected<TrustSources, Error> readTrustSources(const TrustFiles& files) {
    TrustSources result;
    Collector collector(result.remarks);
    trust::ProfileSources sources;
    sources.customAdds = files.rootUse == TrustFiles::RootUse::Added;
    sources.customOnly = files.rootUse == TrustFiles::RootUse::Only;
    if (files.withSystem) readSystem(sources);
    if (auto read = collector.readInto(files.roots, sources.custom, sources.atHand); !read)
        return std::unexpected(read.error());
    auto pool = std::make_shared<trust::CertificateSet>();
    if (auto read = collector.readInto(files.intermediates, *pool, sources.atHand); !read)
        return std::unexpected(read.error());
    for (const auto& entry : sources.system.entries()) pool->add(entry.certificate, entry.origin);
    auto revocations = readRevocations(files.revocations, collector);
    if (!revocations) return std::unexpected(revocations.error());
    result.revocations = *std::move(revocations);

    std::vector<trust::ProfilePtr> refreshed;
    for (const auto& [id, path] : files.refresh) {
        const auto read = collector.read(path);
        if (!read) return std::unexpected(read.error());
        auto profile =
            trust::refreshedProfile(id, read->content, sources, {fs::path(path).filename().string(), read->date});
        if (!profile) return std::unexpected(troubleWith(path, profile.error().kind, profile.error().message));
        refreshed.push_back(*std::move(profile));
    }
    result.profiles = trust::makeProfiles(sources, refreshed);
    result.pool = std::move(pool);
    return result;
}

} // namespace gatescope::pipeline
