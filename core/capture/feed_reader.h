// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/capture_feed.h"
#include "core/capture/capture_file.h"
#include "core/capture/capture_set.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace gatescope::capture {

/// The captures of a feed read as one, one after the other. In the packets, `number` holds the input and
/// `interfaceIndex` is unique over all. Comments, secrets and drops of all of them, within the limits of one reader.
/// One thread.
class FeedReader {
public:
    enum class Step : std::uint8_t { Packets, Idle, End };
    /// A capture begins; gives the number of its input.
    using Begin = std::function<std::uint32_t(const FedCapture&)>;
    /// A capture is over, or as much of it as could be read.
    using End = std::function<void(std::uint32_t input, const SetMemberResult&)>;

    FeedReader(CaptureFeed& feed, Begin begin, End end, std::stop_token stop, ReaderLimits limits = {});
    ~FeedReader();

    /// Packets: `block` has some. Idle: nothing came within CaptureFeed::kPatience; look at the clock and ask again.
    Step read(PacketBlock& block);
    const SourceInfo& info() const;
    /// With their inputs.
    std::vector<Finding> takeFindings();
    /// Of the capture that is being read, so far; null: none.
    const SetMemberResult* current() const;
    std::uint32_t input() const;
    std::uint64_t bytesRead() const; ///< over all captures

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace gatescope::capture
