// SPDX-License-Identifier: Apache-2.0
#include "core/live/ring_feed.h"

#include "core/live/live_findings.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

namespace gatescope::live {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        reset();
        m_descriptor = other.release();
    }
    return *this;
}
int Descriptor::release() {
    return std::exchange(m_descriptor, -1);
}
void Descriptor::reset() {
    if (m_descriptor >= 0) ::close(m_descriptor);
    m_descriptor = -1;
}

struct RingFeed::File {
    std::string path;
    std::shared_ptr<Descriptor> descriptor; ///< let go when the file is removed, so that the disk gets its place back
    std::uint64_t bytes = 0, read = 0;
    bool isComplete = false, isRemoved = false, isGiven = false;
};

struct RingFeed::Files {
    std::mutex lock;
    std::condition_variable_any changed;
    std::deque<std::shared_ptr<File>> all; ///< that are there; the last one grows
    std::vector<Finding> findings;
    bool hasEnded = false;
};

/// Reads one file as far as it was flushed.
class RingFeed::Source final : public capture::ByteSource {
public:
    Source(std::shared_ptr<Files> files, std::shared_ptr<File> file)
        : m_files(std::move(files)), m_file(std::move(file)) {}

    std::size_t read(std::uint8_t* to, std::size_t count) override {
        m_isIdle = false;
        std::shared_ptr<Descriptor> descriptor;
        {
            std::unique_lock held(m_files->lock);
            const auto hasNews = [&] {
                return m_file->isRemoved || m_file->isComplete || m_file->read < m_file->bytes;
            };
            m_isIdle = !m_files->changed.wait_for(held, capture::CaptureFeed::kPatience, hasNews);
            if (m_isIdle || m_error || m_file->isRemoved) return 0;
            count = static_cast<std::size_t>(std::min<std::uint64_t>(count, m_file->bytes - m_file->read));
            descriptor = m_file->descriptor;
        }
        return count == 0 ? 0 : readFile(descriptor->get(), to, count);
    }
    const std::optional<Error>& error() const override { return m_error; }
    bool idle() const override { return m_isIdle; }
    std::uint64_t bytesTaken() const override { return m_taken; }
    std::uint64_t totalBytes() const override { return 0; }

private:
    std::size_t readFile(int descriptor, std::uint8_t* to, std::size_t count) {
        ssize_t got = 0;
        do got = ::pread(descriptor, to, count, static_cast<off_t>(m_taken));
        while (got < 0 && errno == EINTR);
        if (got <= 0) {
            m_error = Error{ErrorKind::Damaged,
                            fmt::format("{}: {}", m_file->path, got == 0 ? "somebody cut it" : std::strerror(errno))};
            return 0;
        }
        m_taken += static_cast<std::uint64_t>(got);
        const std::lock_guard held(m_files->lock);
        m_file->read = m_taken;
        return static_cast<std::size_t>(got);
    }

    std::shared_ptr<Files> m_files;
    std::shared_ptr<File> m_file;
    std::uint64_t m_taken = 0;
    std::optional<Error> m_error;
    bool m_isIdle = false;
};

RingFeed::RingFeed() : m_files(std::make_shared<Files>()) {}
RingFeed::~RingFeed() = default;

void RingFeed::begin(std::string path, std::shared_ptr<Descriptor> descriptor) {
    const std::lock_guard held(m_files->lock);
    m_files->all.push_back(std::make_shared<File>());
    m_files->all.back()->path = std::move(path);
    m_files->all.back()->descriptor = std::move(descriptor);
    m_files->changed.notify_all();
}

void RingFeed::grow(std::uint64_t bytes) {
    const std::lock_guard held(m_files->lock);
    m_files->all.back()->bytes = bytes;
    m_files->changed.notify_all();
}

void RingFeed::complete() {
    const std::lock_guard held(m_files->lock);
    m_files->all.back()->isComplete = true;
    m_files->changed.notify_all();
}

void RingFeed::removeOldest() {
    const std::lock_guard held(m_files->lock);
    File& file = *m_files->all.front();
    file.isRemoved = true;
    file.descriptor.reset();
    if (file.read < file.bytes) {
        const std::string_view name = std::string_view(file.path).substr(file.path.rfind('/') + 1);
        m_files->findings.emplace_back().kind = &kRingOvertookReading;
        m_files->findings.back().evidence.push_back(
            fmt::format("{}: {} of {} octets were not read", name, file.bytes - file.read, file.bytes));
    }
    m_files->all.pop_front();
    m_files->changed.notify_all();
}

void RingFeed::add(const FindingKind& kind, std::string evidence) {
    const std::lock_guard held(m_files->lock);
    m_files->findings.emplace_back().kind = &kind;
    m_files->findings.back().evidence.push_back(std::move(evidence));
}

void RingFeed::end() {
    const std::lock_guard held(m_files->lock);
    m_files->hasEnded = true;
    m_files->changed.notify_all();
}

std::expected<std::optional<capture::FedCapture>, Error> RingFeed::next(const std::stop_token& stop) {
    std::unique_lock held(m_files->lock);
    std::shared_ptr<File> file;
    const auto isThere = [&] {
        const auto found = std::ranges::find_if(m_files->all, [](const auto& one) { return !one->isGiven; });
        if (found != m_files->all.end()) file = *found;
        return file != nullptr || m_files->hasEnded;
    };
    if (!m_files->changed.wait(held, stop, isThere) || !file) return std::nullopt;
    file->isGiven = true;
    capture::FedCapture fed;
    fed.path = file->path;
    fed.name = file->path.substr(file->path.rfind('/') + 1);
    fed.bytes = std::make_unique<Source>(m_files, std::move(file));
    return fed;
}

std::vector<Finding> RingFeed::takeFindings() {
    const std::lock_guard held(m_files->lock);
    return std::exchange(m_files->findings, {});
}

std::uint64_t RingFeed::behindBytes() const {
    const std::lock_guard held(m_files->lock);
    std::uint64_t behind = 0;
    for (const auto& file : m_files->all) behind += file->bytes - file->read;
    return behind;
}

} // namespace gatescope::live
