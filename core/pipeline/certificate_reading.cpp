// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/certificate_reading.h"

#include "core/base/time.h"
#include "core/pipeline/folder_inputs.h"
#include "core/pipeline/secret_file.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

namespace gatescope::pipeline {

namespace {

using trust::CertificateFile;

/// Into wiped memory, because private keys lie in such files, too.
std::expected<SecretText, Error> contentOf(const std::string& path, std::size_t limit) {
    auto file = SecretFile::open(path);
    if (!file) return std::unexpected(file.error());
    constexpr std::size_t kPiece = 1U << 20;
    SecretText content;
    content.reserve(std::min<std::size_t>(file->state().size, limit) + kPiece);
    for (;;) {
        const auto more = file->read(content, kPiece);
        if (!more) return std::unexpected(more.error());
        if (content.size() > limit)
            return std::unexpected(
                Error{ErrorKind::UnknownFormat, fmt::format("{}: longer than {} MiB", path, limit >> 20)});
        if (!*more) return content;
    }
}

std::expected<CertificateFile, Error> readFile(const std::string& path, std::size_t limit, std::size_t& octets) {
    const auto content = contentOf(path, limit);
    if (!content) return std::unexpected(content.error());
    octets = content->size();
    auto file = trust::readCertificateFile(asText(*content));
    if (!file) file.error().message = fmt::format("{}: {}", path, file.error().message);
    return file;
}

/// In the order of their names. Not all: `cut`.
std::vector<std::string> filesIn(const std::string& folder, bool& cut, std::error_code& failed) {
    std::vector<std::string> paths;
    for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        std::error_code ignored;
        if (entry->path().filename().string().starts_with('.') || !entry->is_regular_file(ignored)) continue;
        paths.push_back(entry->path().string());
    }
    std::ranges::sort(paths);
    cut = paths.size() > kMaxCertificateFiles;
    if (cut) paths.resize(kMaxCertificateFiles);
    return paths;
}

void append(CertificateFile&& from, CertificateFile& to) {
    std::ranges::move(from.certificates, std::back_inserter(to.certificates));
    std::ranges::move(from.revocationLists, std::back_inserter(to.revocationLists));
    std::ranges::move(from.listed, std::back_inserter(to.listed));
    to.asOf = std::max(to.asOf, from.asOf);
}

std::expected<CertificateFile, Error> readFolder(const std::string& folder) {
    CertificateFile all;
    all.format = "folder";
    std::size_t left = CertificateFile::kMaxFileBytes, others = 0;
    std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
    bool cut = false;
    std::error_code failed;
    const std::vector<std::string> paths = filesIn(folder, cut, failed);
    if (failed) return std::unexpected(Error{ErrorKind::CannotOpen, fmt::format("{}: {}", folder, failed.message())});
    for (const std::string& path : paths) {
        const FileState state = fileState(path);
        if (!seen.emplace(state.device, state.inode).second) continue;
        std::size_t octets = 0;
        auto file = readFile(path, left, octets);
        left -= std::min(octets, left);
        if (!file)
            ++others;
        else
            append(*std::move(file), all);
        if (all.certificates.size() > CertificateFile::kMaxCertificates) {
            all.certificates.resize(CertificateFile::kMaxCertificates);
            cut = true;
            break;
        }
    }
    if (all.certificates.empty() && all.revocationLists.empty() && all.listed.empty())
        return std::unexpected(
            Error{ErrorKind::UnknownFormat, fmt::format("{}: no certificate in any file of this folder", folder)});
    if (others != 0) all.remarks.push_back(fmt::format("{} files without certificates left out", others));
    if (cut) all.remarks.push_back("the folder has more than is read from one");
    return all;
}

} // namespace

std::expected<CertificateFile, Error> readCertificates(const std::string& path) {
    if (isFolder(path)) return readFolder(path);
    std::size_t octets = 0;
    return readFile(path, CertificateFile::kMaxFileBytes, octets);
}

std::string dateOfFile(const std::string& path) {
    const FileState state = fileState(path);
    constexpr std::size_t kDate = 10;
    return state.isRegular ? formatTime(state.changedNs).substr(0, kDate) : std::string();
}

} // namespace gatescope::pipeline
