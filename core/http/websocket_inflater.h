// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace gatescope::http {

/// Messages of one direction of permessage-deflate (RFC 7692, 7.2.2), in pieces. The window is always the largest,
/// which reads smaller ones too. Where messages were lost, the next ones are read only if they do not need them: a
/// reference to octets that are not there is an error, never a guess.
class WebSocketInflater {
public:
    enum class Status : std::uint8_t {
        Ok,
        Damaged, ///< not DEFLATE, or it refers to what was lost
        TooLarge ///< kMaxRatio was passed
    };
    /// Of output beyond the message's limit: text is compressed to a twentieth at best, a bomb to a thousandth.
    static constexpr std::uint64_t kMaxRatio = 200;

    /// `takesOver`: the context of a message is kept for the next.
    explicit WebSocketInflater(bool takesOver);
    ~WebSocketInflater();
    WebSocketInflater(WebSocketInflater&&) noexcept;
    WebSocketInflater& operator=(WebSocketInflater&&) noexcept;

    void beginMessage();
    /// Appends to `output` while it is shorter than `limit`; what is longer is inflated, for the context, and dropped.
    Status add(Bytes piece, std::string& output, std::size_t limit);
    /// The message's end: its last block ends with octets that are not sent.
    Status endMessage(std::string& output, std::size_t limit);
    /// Octets inflated of this message.
    std::uint64_t produced() const { return m_produced; }
    /// Forgets the context.
    void reset();

private:
    struct Stream;

    std::unique_ptr<Stream> m_stream; ///< made with the first message
    std::uint64_t m_consumed = 0;
    std::uint64_t m_produced = 0;
    Status m_status = Status::Ok;
    bool m_takesOver;
};

} // namespace gatescope::http
