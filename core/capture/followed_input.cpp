// SPDX-License-Identifier: Apache-2.0
#include "core/capture/followed_input.h"

#include "core/capture/folder.h"
#include "core/capture/growing_file.h"
#include "core/capture/growing_folder.h"
#include "core/capture/stream_input.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gatescope::capture {

namespace {

std::uint64_t sizeOf(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::uint64_t unread(const std::string& path, const GrowthNote& note) {
    const std::uint64_t size = sizeOf(path);
    return size - std::min(size, note.taken.load(std::memory_order_relaxed));
}

class FileFeed final : public CaptureFeed {
public:
    explicit FileFeed(std::string path) : m_path(std::move(path)) {}

    std::expected<std::optional<FedCapture>, Error> next(const std::stop_token& stop) override {
        if (std::exchange(m_isGiven, true) || stop.stop_requested()) return std::nullopt;
        auto file = GrowingFile::open(m_path, stop, m_note);
        if (!file) return std::unexpected(std::move(file).error());
        return FedCapture{m_path, m_path, *std::move(file)};
    }
    std::uint64_t behindBytes() const override {
        return m_isGiven && !m_note->isDone.load(std::memory_order_relaxed) ? unread(m_path, *m_note) : 0;
    }

private:
    std::string m_path;
    std::shared_ptr<GrowthNote> m_note = std::make_shared<GrowthNote>();
    bool m_isGiven = false;
};

class FolderFeed final : public CaptureFeed {
public:
    explicit FolderFeed(GrowingFolder folder) : m_folder(std::make_shared<GrowingFolder>(std::move(folder))) {}

    std::expected<std::optional<FedCapture>, Error> next(const std::stop_token& stop) override {
        while (!stop.stop_requested()) {
            m_folder->noteTaken(m_note->taken.load(std::memory_order_relaxed));
            auto path = m_folder->next();
            if (path) return open(*std::move(path), stop);
            pauseUnlessStopped(stop, kPatience);
        }
        return std::nullopt;
    }
    std::uint64_t behindBytes() const override {
        const bool isReading = !m_path.empty() && !m_note->isDone.load(std::memory_order_relaxed);
        return m_folder->waitingBytes() + (isReading ? unread(m_path, *m_note) : 0);
    }

private:
    std::expected<std::optional<FedCapture>, Error> open(std::string path, const std::stop_token& stop) {
        m_path = std::move(path);
        m_note = std::make_shared<GrowthNote>();
        const auto isComplete = [folder = m_folder, note = m_note] {
            folder->noteTaken(note->taken.load(std::memory_order_relaxed));
            return folder->hasNext();
        };
        auto file = GrowingFile::open(m_path, stop, m_note, isComplete);
        if (!file) return std::unexpected(Error{file.error().kind, fmt::format("{} {}", m_path, file.error().message)});
        return FedCapture{m_path, m_path, *std::move(file)};
    }

    std::shared_ptr<GrowingFolder> m_folder; ///< shared with the source that is read
    std::string m_path;                      ///< given last
    std::shared_ptr<GrowthNote> m_note = std::make_shared<GrowthNote>();
};

/// Pipe, socket or standard input.
class StreamFeed final : public CaptureFeed {
public:
    /// Without a descriptor: standard input.
    StreamFeed(std::string name, OwnedDescriptor descriptor)
        : m_name(std::move(name)), m_descriptor(std::move(descriptor)) {}

    std::expected<std::optional<FedCapture>, Error> next(const std::stop_token& stop) override {
        if (std::exchange(m_isGiven, true) || stop.stop_requested()) return std::nullopt;
        auto source = m_descriptor.get() < 0 ? openStandardInput(stop) : openStream(std::move(m_descriptor), stop);
        return FedCapture{{}, m_name, std::move(source)};
    }

private:
    std::string m_name;
    OwnedDescriptor m_descriptor;
    bool m_isGiven = false;
};

std::expected<std::unique_ptr<CaptureFeed>, Error> followFile(const std::string& path) {
    // A pipe without a writer must not hold us; its reading waits for one.
    OwnedDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status{};
    if (descriptor.get() < 0 || ::fstat(descriptor.get(), &status) != 0)
        return std::unexpected(
            Error{ErrorKind::CannotOpen, fmt::format("cannot be opened: {}", std::generic_category().message(errno))});
    if (S_ISREG(status.st_mode)) return std::make_unique<FileFeed>(path);
    return std::make_unique<StreamFeed>(path, std::move(descriptor));
}

} // namespace

std::expected<std::unique_ptr<CaptureFeed>, Error> followInput(const std::string& input) {
    if (input == "-") return std::make_unique<StreamFeed>(input, OwnedDescriptor());
    if (isStreamAddress(input)) {
        const auto address = StreamAddress::parse(input);
        if (!address) return std::unexpected(address.error());
        auto socket = connectTo(*address);
        if (!socket) return std::unexpected(std::move(socket).error());
        return std::make_unique<StreamFeed>(input, *std::move(socket));
    }
    if (!isFolder(input)) return followFile(input);
    auto folder = GrowingFolder::open(input);
    if (!folder) return std::unexpected(std::move(folder).error());
    return std::make_unique<FolderFeed>(*std::move(folder));
}

bool isStreamAddress(const std::string& input) {
    return input.starts_with("tcp://");
}

} // namespace gatescope::capture
