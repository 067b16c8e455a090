// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/capture_feed.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

namespace gatescope::live {

/// A descriptor of its own.
class Descriptor {
public:
    explicit Descriptor(int descriptor = -1) : m_descriptor(descriptor) {}
    Descriptor(Descriptor&& other) noexcept : m_descriptor(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor() { reset(); }
    int get() const { return m_descriptor; }
    int release();
    void reset();

private:
    int m_descriptor;
};

/// Files of a capture, from the session that has them written to the engine that reads them. The session's calls come
/// from one thread, the engine's from another.
class RingFeed final : public capture::CaptureFeed {
public:
    RingFeed();
    ~RingFeed() override;

    // The session's side.
    void begin(std::string path, std::shared_ptr<Descriptor> descriptor);
    /// The newest file has so many octets that may be read.
    void grow(std::uint64_t bytes);
    /// The newest file is complete.
    void complete();
    /// The oldest file is no more. What was not read of it is lost, which is a finding.
    void removeOldest();
    /// A finding of the capture.
    void add(const FindingKind& kind, std::string evidence);
    /// Nothing will come any more.
    void end();

    // The engine's side.
    std::expected<std::optional<capture::FedCapture>, Error> next(const std::stop_token& stop) override;
    std::vector<Finding> takeFindings() override;
    std::uint64_t behindBytes() const override;

private:
    struct Files;
    struct File;
    class Source;
    std::shared_ptr<Files> m_files; ///< sources may live longer than the feed
};

} // namespace gatescope::live
