// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope::http {

/// One frame of `application/vnd.amazon.eventstream`. Views are valid until the decoder is called again.
struct AwsFrame {
    std::string_view messageType; ///< `:message-type`: `event`, `exception`, `error`
    std::string_view eventType;   ///< `:event-type`, `:exception-type` or `:error-code`
    std::string_view payload;
};

/// Push decoder for Amazon's event stream encoding. A frame is: its length and that of its headers (32 bits each, big
/// endian), a CRC-32 of these eight octets, headers, payload, and a CRC-32 of all before. Frames whose check sum or
/// headers are wrong are dropped. After a loss, or a prelude that is none, the next one is looked for: eight octets
/// with the right check sum behind them. Any split gives the same frames. A frame that lies whole in one piece is not
/// copied.
/// Source: AWS, "Amazon Transcribe: event stream encoding" and smithy's specification of the same.
class AwsEventStreamDecoder {
public:
    /// Longer frames are skipped.
    explicit AwsEventStreamDecoder(std::size_t maxFrameBytes = 1024 * 1024) : m_maxFrameBytes(maxFrameBytes) {}

    /// The next frame in `rest`, whose octets are taken from its front; nothing when all were taken.
    std::optional<AwsFrame> take(Bytes& rest);
    /// Octets were never captured: the frame under way is given up.
    void gap();
    /// Begins a new stream.
    void reset();

    /// Frames over the limit.
    std::uint64_t oversizedFrames() const { return m_oversized; }
    /// Frames that were dropped, and places where the stream was out of step.
    std::uint64_t damagedFrames() const { return m_damaged; }
    bool hasPartialFrame() const { return !m_buffer.empty() || m_skip != 0; }

private:
    std::optional<std::string_view> takeFrame(Bytes& rest);
    bool fill(Bytes& rest, std::size_t size);
    bool beginsFrame(std::string_view text);

    static constexpr std::size_t kKeptCapacity = 64 * 1024;

    std::size_t m_maxFrameBytes;
    std::string m_buffer;     ///< of a frame that lies in several pieces
    std::string m_told;       ///< the last frame of that kind
    std::uint64_t m_skip = 0; ///< octets of a frame that is passed over
    bool m_searching = false; ///< out of step
    std::uint64_t m_oversized = 0;
    std::uint64_t m_damaged = 0;
};

} // namespace gatescope::http
