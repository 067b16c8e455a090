// SPDX-License-Identifier: Apache-2.0
#include "core/llm/answer_stream.h"

#include "core/llm/base64.h"
#include "core/llm/json_text.h"

namespace gatescope::llm {

namespace {

/// The text of the member `bytes`, in which InvokeModelWithResponseStream puts the model's own event; base64 has no
/// escapes.
std::string_view bytesIn(std::string_view payload) {
    constexpr std::string_view kName = "\"bytes\"";
    std::size_t at = payload.find(kName);
    if (at == std::string_view::npos) return {};
    at = skipBlanks(payload, at + kName.size());
    if (at >= payload.size() || payload[at] != ':') return {};
    at = skipBlanks(payload, at + 1);
    if (at >= payload.size() || payload[at] != '"') return {};
    const std::size_t end = payload.find('"', at + 1);
    return end == std::string_view::npos ? std::string_view{} : payload.substr(at + 1, end - at - 1);
}

} // namespace

void AnswerStream::reset() {
    m_framing = Framing::None;
    m_events.reset();
    m_frames.reset();
    m_list.reset();
    m_inner.release();
    m_damaged = 0;
}

void AnswerStream::gap() {
    if (m_framing == Framing::Events) m_events.gap();
    if (m_framing == Framing::AwsFrames) m_frames.gap();
    if (m_framing == Framing::JsonList) m_list.gap();
}

bool AnswerStream::unwrap(const http::AwsFrame& frame, AnswerEvent& event) {
    if (frame.messageType == "exception" || frame.messageType == "error") {
        event = {{{}, frame.payload}, frame.eventType.empty() ? frame.messageType : frame.eventType};
        return true;
    }
    if (frame.eventType != "chunk") {
        event = {{frame.eventType, frame.payload}, {}};
        return true;
    }
    const std::string_view inner = bytesIn(frame.payload);
    if (inner.empty() || !decodeBase64(inner, m_inner)) {
        ++m_damaged;
        return false;
    }
    event = {{{}, m_inner.view()}, {}};
    return true;
}

} // namespace gatescope::llm
