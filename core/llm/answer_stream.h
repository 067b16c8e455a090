// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/aws_event_stream.h"
#include "core/http/event_stream.h"
#include "core/llm/json_list.h"
#include "core/llm/padded_buffer.h"

#include <cstdint>
#include <string_view>

namespace gatescope::llm {

/// How an answer's body holds its events.
enum class Framing : std::uint8_t {
    None,      ///< it is one document
    Events,    ///< server-sent events
    AwsFrames, ///< Amazon's event stream
    JsonList   ///< Google's, without server-sent events
};

/// One event, whatever it came in. Views are valid during the call only.
struct AnswerEvent {
    http::ServerSentEvent event;
    std::string_view failure; ///< the frame's type says that the call failed: `throttlingException`
};

/// Cuts the body of a streamed answer into events. Pieces may have any size.
class AnswerStream {
public:
    explicit AnswerStream(std::size_t maxEventBytes)
        : m_events(maxEventBytes), m_frames(maxEventBytes), m_list(maxEventBytes) {}

    void begin(Framing framing) { m_framing = framing; }
    void reset();
    /// Octets of the body are lost.
    void gap();
    /// `sink(const AnswerEvent&)`.
    template <typename Sink>
    void feed(Bytes piece, Sink&& sink);
    /// Events that were too long to be read.
    std::uint64_t oversized() const {
        return m_events.oversizedEvents() + m_frames.oversizedFrames() + m_list.oversized();
    }
    /// Frames that cannot be read.
    std::uint64_t damaged() const { return m_frames.damagedFrames() + m_damaged; }

private:
    /// False: the frame holds no event.
    bool unwrap(const http::AwsFrame& frame, AnswerEvent& event);

    Framing m_framing = Framing::None;
    http::EventStreamDecoder m_events;
    http::AwsEventStreamDecoder m_frames;
    JsonListSplitter m_list;
    PaddedBuffer m_inner; ///< what a frame holds in base64
    std::uint64_t m_damaged = 0;
};

template <typename Sink>
void AnswerStream::feed(Bytes piece, Sink&& sink) {
    switch (m_framing) {
    case Framing::None:
        break;
    case Framing::Events:
        m_events.feed(piece, [&sink](const http::ServerSentEvent& event) { sink(AnswerEvent{event, {}}); });
        break;
    case Framing::AwsFrames:
        while (const auto frame = m_frames.take(piece))
            if (AnswerEvent event; unwrap(*frame, event)) sink(event);
        break;
    case Framing::JsonList:
        while (const auto object = m_list.take(piece)) sink(AnswerEvent{{{}, *object}, {}});
    }
}

} // namespace gatescope::llm
