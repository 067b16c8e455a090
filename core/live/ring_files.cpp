// SPDX-License-Identifier: Apache-2.0
#include "core/live/ring_files.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatescope::live {

namespace {

constexpr mode_t kOnlyMine = 0600;

Error trouble(const std::string& path) {
    return Error{ErrorKind::CannotOpen, fmt::format("cannot write {}: {}", path, std::strerror(errno))};
}

std::uint64_t sizeOf(const Descriptor& file) {
    struct stat about{};
    return ::fstat(file.get(), &about) == 0 ? static_cast<std::uint64_t>(about.st_size) : 0;
}

std::string nowInName() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                       parts.tm_hour, parts.tm_min, parts.tm_sec);
}

} // namespace

RingFiles::RingFiles(RingOptions options) : m_options(std::move(options)) {
    const std::size_t name = m_options.path.rfind('/') + 1;
    const std::size_t dot = m_options.path.rfind('.');
    const bool hasEnding = dot != std::string::npos && dot > name;
    m_stem = hasEnding ? m_options.path.substr(0, dot) : m_options.path;
    m_ending = hasEnding ? m_options.path.substr(dot) : ".pcapng";
}

std::expected<std::unique_ptr<RingFiles>, Error> RingFiles::create(RingOptions options) {
    std::optional<OwnFolder> own;
    if (options.path.empty()) {
        auto folder = OwnFolder::create();
        if (!folder) return std::unexpected(folder.error());
        own.emplace(*std::move(folder));
        options.path = own->path() + "/capture.pcapng";
        if (options.files == 0) options.files = RingOptions::kOwnFiles;
    }
    std::unique_ptr<RingFiles> files(new RingFiles(std::move(options)));
    if (own) files->m_ownFolder.emplace(*std::move(own));
    return files;
}

RingFiles::~RingFiles() {
    if (m_spare) ::unlink(spareName().c_str());
}

bool RingFiles::rotates() const {
    return m_options.fileBytes != 0 || m_options.fileTime != 0 || m_options.filePackets != 0;
}

std::string RingFiles::spareName() const {
    return m_stem + ".next";
}

std::string RingFiles::nameOfNext() const {
    return rotates() ? fmt::format("{}_{:05}_{}{}", m_stem, m_begun + 1, nowInName(), m_ending) : m_options.path;
}

/// Somebody else's file of that name goes, as with other capture programs; what is no plain file is let alone.
std::expected<std::shared_ptr<Descriptor>, Error> RingFiles::open(const std::string& path) const {
    auto descriptor =
        std::make_shared<Descriptor>(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, kOnlyMine));
    if (descriptor->get() < 0) return std::unexpected(trouble(path));
    struct stat about{};
    if (::fstat(descriptor->get(), &about) != 0) return std::unexpected(trouble(path));
    if (!S_ISREG(about.st_mode))
        return std::unexpected(Error{ErrorKind::CannotOpen, fmt::format("cannot write {}: it is no plain file", path)});
    if (::ftruncate(descriptor->get(), 0) != 0) return std::unexpected(trouble(path));
    return descriptor;
}

std::expected<int, Error> RingFiles::openFirst() {
    const std::string path = nameOfNext();
    auto descriptor = open(path);
    if (!descriptor) return std::unexpected(descriptor.error());
    m_files.push_back({path, *descriptor});
    ++m_begun;
    return (*descriptor)->get();
}

std::expected<int, Error> RingFiles::openSpare() {
    auto descriptor = open(spareName());
    if (!descriptor) return std::unexpected(descriptor.error());
    m_spare = *descriptor;
    return m_spare->get();
}

std::expected<void, Error> RingFiles::beginSpare() {
    const std::string path = nameOfNext();
    m_files.push_back({path, std::move(m_spare)});
    m_spare.reset();
    ++m_begun;
    if (::rename(spareName().c_str(), path.c_str()) != 0) return std::unexpected(trouble(path));
    return {};
}

bool RingFiles::removeOne() {
    if (m_options.files == 0 || m_files.size() <= m_options.files) return false;
    ::unlink(m_files.front().path.c_str());
    m_files.pop_front();
    ++m_removed;
    return true;
}

std::uint64_t RingFiles::currentBytes() const {
    return m_files.empty() ? 0 : sizeOf(*m_files.back().descriptor);
}

std::uint64_t RingFiles::completeBytes() const {
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i + 1 < m_files.size(); ++i) bytes += sizeOf(*m_files[i].descriptor);
    return bytes;
}

void RingFiles::finish(std::uint64_t knownWhole) {
    if (m_spare) ::unlink(spareName().c_str());
    m_spare.reset();
    if (m_files.empty()) return;
    const int last = m_files.back().descriptor->get();
    const std::uint64_t whole = endOfWholeBlocks(last, knownWhole);
    if (whole < currentBytes() && ::ftruncate(last, static_cast<off_t>(whole)) != 0) return; // it stays as it is
}

std::uint64_t endOfWholeBlocks(int descriptor, std::uint64_t from) {
    constexpr std::uint32_t kLeast = 12;
    struct stat about{};
    if (::fstat(descriptor, &about) != 0) return from;
    const auto size = static_cast<std::uint64_t>(about.st_size);
    while (from + kLeast <= size) {
        std::array<std::uint32_t, 2> head{};
        std::uint32_t again = 0;
        if (::pread(descriptor, head.data(), sizeof head, static_cast<off_t>(from)) != sizeof head) break;
        const std::uint32_t length = head[1];
        if (length < kLeast || length % 4 != 0 || length > size - from) break;
        const auto last = static_cast<off_t>(from + length - sizeof again);
        if (::pread(descriptor, &again, sizeof again, last) != sizeof again || again != length) break;
        from += length;
    }
    return from;
}

} // namespace gatescope::live
