// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatescope::http {

/// One dispatched event of a `text/event-stream` (WHATWG HTML, 9.2.6). Views are valid during the call only.
struct ServerSentEvent {
    std::string_view name; ///< the `event` field; empty for the default
    std::string_view data; ///< `data` lines joined with LF
};

/// Push decoder for server-sent events. Lines end with LF, CRLF or CR; a leading byte order mark is dropped; lines that
/// begin with `:` are comments; a blank line dispatches; an event without data is not dispatched; what follows the last
/// blank line is incomplete and is dropped by `finish`. An event that lies whole in one piece is passed without a copy.
///
/// SINK is called as `sink(const ServerSentEvent&)`.
class EventStreamDecoder {
  public:
    explicit EventStreamDecoder(std::size_t maxEventBytes = 1024 * 1024) : m_maxEventBytes(maxEventBytes) {}

    void reset();
    template <typename Sink>
    void feed(Bytes piece, Sink&& sink);
    /// True when bytes of an event that was never dispatched are left over.
    bool hasPartialEvent() const { return !m_line.empty() || m_hasData || !m_name.empty(); }
    /// Events that were longer than the limit and were dropped.
    std::uint64_t oversizedEvents() const { return m_oversized; }

  private:
    template <typename Sink>
    void line(std::string_view text, Sink& sink);
    void field(std::string_view text);

    std::size_t m_maxEventBytes;
    std::string m_line; ///< an unfinished line
    std::string m_name;
    std::string m_data;             ///< data lines already joined, when there is more than one or the piece ended
    bool m_hasData = false;
    bool m_sawCr = false;    ///< the last octet was CR: a following LF belongs to it
    bool m_atStart = true;
    bool m_dropping = false; ///< the event under way is over the limit
    std::uint64_t m_oversized = 0;
};

} // namespace gatescope::http
