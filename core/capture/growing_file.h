// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/capture/byte_source.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace gatescope::capture {

/// What is known of a growing file outside of the source that reads it.
struct GrowthNote {
    std::atomic<std::uint64_t> taken{0};
    std::atomic<bool> isDone{false}; ///< nobody reads it any more
};

/// A regular file that another program still writes. Looked at every 10 ms by reading on, because notifications do not
/// come from network file systems.
class GrowingFile final : public ByteSource {
public:
    /// True: the writer has gone on to another file, so that the end of this one is its end. Asked at most every
    /// CaptureFeed::kPatience, only while nothing comes.
    using IsComplete = std::function<bool()>;

    /// Null `isComplete`: only a stop ends it, with an error of kind Stopped. Cut, replaced or removed: all that was
    /// written before, then an error of kind Damaged. Error: CannotOpen, also for what is no regular file.
    static std::expected<std::unique_ptr<GrowingFile>, Error>
    open(const std::string& path, std::stop_token stop, std::shared_ptr<GrowthNote> note, IsComplete isComplete = {});
    ~GrowingFile() override;

    std::size_t read(std::uint8_t* to, std::size_t count) override;
    const std::optional<Error>& error() const override { return m_error; }
    bool idle() const override { return m_idle; }
    std::uint64_t bytesTaken() const override { return m_taken; }
    /// As large as it is now.
    std::uint64_t totalBytes() const override;

private:
    GrowingFile(int descriptor, std::string path, std::stop_token stop, std::shared_ptr<GrowthNote> note,
                IsComplete isComplete);
    std::size_t readNow(std::uint8_t* to, std::size_t count);
    std::size_t sayIdle();
    std::size_t stopped();
    void fail(ErrorKind kind, std::string message);
    std::string whatHappened() const;

    int m_descriptor;
    std::string m_path;
    std::stop_token m_stop;
    std::shared_ptr<GrowthNote> m_note;
    IsComplete m_isComplete;
    std::uint64_t m_taken = 0;
    bool m_idle = false;
    bool m_ended = false;
    std::optional<Error> m_error;
};

/// Waits so long, or until `stop`.
void pauseUnlessStopped(const std::stop_token& stop, std::chrono::milliseconds duration);

} // namespace gatescope::capture
