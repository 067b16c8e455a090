// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
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
/// blank line is incomplete and is dropped by `reset`. An event that lies whole in one piece, with one line of data, is
/// passed without a copy and without an allocation.
///
/// SINK is called as `sink(const ServerSentEvent&)`.
class EventStreamDecoder {
public:
    explicit EventStreamDecoder(std::size_t maxEventBytes = 1024 * 1024) : m_maxEventBytes(maxEventBytes) {}
    EventStreamDecoder(const EventStreamDecoder&) = delete;
    EventStreamDecoder& operator=(const EventStreamDecoder&) = delete;

    /// Begins a new stream. Buffers are kept, unless a very long event made them large.
    void reset();
    /// Bytes of the stream are lost: the event under way is given up and the next one begins after a blank line.
    void gap();
    template <typename Sink>
    void feed(Bytes piece, Sink&& sink);
    /// True when bytes of an event that was never dispatched are left over.
    bool hasPartialEvent() const { return !m_line.empty() || m_lineTooLong || m_dropping || m_hasData || m_hasName; }
    /// Events that had a line, or data, longer than the limit and were dropped.
    std::uint64_t oversizedEvents() const { return m_oversized; }

private:
    /// Where the next LF and the next CR are; each octet is looked at once for either.
    struct LineEnds {
        const char* lf;
        const char* cr;
        const char* end;
        static const char* next(const char* from, const char* end, int octet) {
            const void* at = std::memchr(from, octet, static_cast<std::size_t>(end - from));
            return at ? static_cast<const char*>(at) : end;
        }
        LineEnds(const char* from, const char* to) : lf(next(from, to, '\n')), cr(next(from, to, '\r')), end(to) {}
        const char* from(const char* at) {
            if (lf < at) lf = next(at, end, '\n');
            if (cr < at) cr = next(at, end, '\r');
            return lf < cr ? lf : cr;
        }
    };

    template <typename Sink>
    void line(std::string_view text, bool ownText, Sink& sink);
    void field(std::string_view text, bool ownText);
    void data(std::string_view value, bool ownText);
    void extendLine(std::string_view part);
    void drop();
    void keepViews();
    void clearEvent() {
        m_nameView = {};
        m_dataView = {};
        m_hasName = m_hasData = m_dropping = false;
    }

    static constexpr std::size_t kKeptCapacity = 64 * 1024;

    std::size_t m_maxEventBytes;
    std::string m_line;          ///< an unfinished line
    std::string m_name;          ///< when the piece ended before the event did
    std::string m_data;          ///< likewise, or when there is more than one line of data
    std::string_view m_nameView; ///< into the piece, or `m_name`
    std::string_view m_dataView; ///< into the piece, or `m_data`
    bool m_hasName = false;
    bool m_hasData = false;
    bool m_sawCr = false; ///< the last octet was CR: a following LF belongs to it
    bool m_atStart = true;
    bool m_lineTooLong = false; ///< the rest of the unfinished line is skipped
    bool m_dropping = false;    ///< the event under way is skipped
    std::uint64_t m_oversized = 0;
};

template <typename Sink>
void EventStreamDecoder::feed(Bytes piece, Sink&& sink) {
    if (piece.empty()) return;
    const std::string_view text = asText(piece);
    const char* at = text.data();
    const char* const end = at + text.size();
    if (m_sawCr && *at == '\n') ++at;
    m_sawCr = false;
    LineEnds ends(at, end);
    while (at != end) {
        const char* const stop = ends.from(at);
        const std::string_view part(at, static_cast<std::size_t>(stop - at));
        if (stop == end) {
            extendLine(part);
            break;
        }
        if (m_line.empty() && !m_lineTooLong) {
            line(part, false, sink);
        } else {
            extendLine(part);
            line(m_line, true, sink);
            m_line.clear();
            m_lineTooLong = false;
        }
        at = stop + 1;
        if (*stop != '\r') continue;
        if (at == end)
            m_sawCr = true;
        else if (*at == '\n')
            ++at;
    }
    keepViews();
}

template <typename Sink>
void EventStreamDecoder::line(std::string_view text, bool ownText, Sink& sink) {
    const bool tooLong = text.size() > m_maxEventBytes; // with the mark, as an unfinished line is counted
    if (m_atStart) {
        m_atStart = false;
        if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    }
    if (text.empty() && !m_lineTooLong) {
        if (m_hasData && !m_dropping) sink(ServerSentEvent{m_nameView, m_dataView});
        clearEvent();
    } else if (tooLong) {
        drop();
    } else if (m_dropping) {
        return;
    } else if (!ownText && !m_hasData && text.size() > 4 && std::memcmp(text.data(), "data:", 5) == 0) {
        // By far the most frequent line. A view is enough until the piece ends.
        text.remove_prefix(text.size() > 5 && text[5] == ' ' ? 6 : 5);
        m_hasData = true;
        m_dataView = text;
    } else {
        field(text, ownText);
    }
}

} // namespace gatescope::http
