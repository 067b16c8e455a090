// SPDX-License-Identifier: Apache-2.0
#include "core/http/websocket_direction.h"

#include "core/http/websocket_findings.h"

#include <algorithm>
#include <utility>

namespace gatescope::http {

namespace {
constexpr std::size_t kMaxMessageBytes = WebSocketConnection::kMaxMessageBytes;
/// Payload that is unmasked at a time when it only has to be added to a message.
constexpr std::size_t kUnmaskBytes = 64U << 10;
} // namespace

WebSocketDirection::WebSocketDirection(Events& events, bool fromClient, const WebSocketExtensions& extensions,
                                       bool middle)
    : m_events(events), m_fromClient(fromClient), m_deflate(extensions.deflate),
      m_knowsExtension(extensions.unknown.empty()), m_state(middle ? State::Searching : State::Header),
      m_search(fromClient, extensions.deflate),
      m_inflater(fromClient ? extensions.clientTakesOver : extensions.serverTakesOver), m_sawAll(!middle) {}

void WebSocketDirection::feed(Bytes bytes, const PiecePlace& place) {
    m_place = place;
    std::string joined;
    m_fromHeld = m_held.size();
    if (!m_held.empty()) {
        joined = std::exchange(m_held, {});
        joined += asText(bytes);
        bytes = asBytes(joined);
    }
    const std::size_t taken = readPiece(bytes);
    if (taken == bytes.size() || m_state == State::Closed) return;
    if (taken >= m_fromHeld) m_heldPlace = place;
    m_held = asText(bytes.subspan(taken));
}

std::size_t WebSocketDirection::readPiece(Bytes bytes) {
    std::size_t at = 0;
    while (at < bytes.size() && m_state != State::Closed) {
        if (m_state == State::Payload) {
            at += readPayload(bytes.subspan(at));
            continue;
        }
        if (m_state == State::Searching) {
            auto verdict = WebSocketSearch::Verdict::No;
            at += m_search.find(bytes.subspan(at), verdict);
            if (verdict != WebSocketSearch::Verdict::Yes) return at;
            m_search.restart();
            m_state = State::Header;
        }
        const std::size_t header = readHeader(bytes, at);
        if (header == 0) return at;
        at += header;
    }
    return at;
}

/// Octets taken: the header, or one where it is none.
std::size_t WebSocketDirection::readHeader(Bytes bytes, std::size_t at) {
    const std::size_t size = readFrame(bytes.subspan(at), m_frame);
    if (size == 0) return 0;
    m_headerPlace = at < m_fromHeld ? m_heldPlace : m_place;
    m_payloadRead = 0;
    if (!frameBegan()) {
        loseStep();
        return 1;
    }
    m_state = State::Payload;
    if (m_frame.length == 0) frameEnded();
    return size;
}

bool WebSocketDirection::frameBegan() {
    const auto allowed = static_cast<std::uint8_t>(!m_knowsExtension ? 7 : m_deflate ? WebSocketFrame::kReserved1 : 0);
    std::string_view violation = violationOf(m_frame, allowed);
    // RFC 7692, 6: only the first fragment is marked.
    if (violation.empty() && m_knowsExtension && m_frame.opcode == WebSocketFrame::Continuation &&
        m_frame.reserved != 0)
        violation = "reserved bit on a continuation";
    if (!violation.empty()) {
        odd(kWebSocketMalformed, violation);
        return false;
    }
    m_events.onFrame(m_fromClient, m_frame);
    if (m_frame.isMasked != m_fromClient) odd(kWebSocketMasking, m_fromClient ? "not masked" : "masked");
    if (!m_frame.isShortest) odd(kWebSocketMalformed, "length not in its shortest form");
    m_hasControlGap = false;
    if (m_frame.isControl())
        m_control.clear();
    else
        dataFrameBegan();
    return true;
}

void WebSocketDirection::dataFrameBegan() {
    if (m_frame.opcode == WebSocketFrame::Continuation) {
        // Behind a loss it continues a message whose beginning is not there.
        if (!m_message.isOpen && m_sawAll) odd(kWebSocketFragments, "continues no message");
        return;
    }
    if (m_message.isOpen) {
        odd(kWebSocketFragments, "a message inside another");
        if (!breakOff()) m_events.onMessagesLost(m_fromClient, m_place);
    }
    m_message = {};
    m_message.isOpen = true;
    m_message.isText = m_frame.opcode == WebSocketFrame::Text;
    m_message.isUnreadable = !m_knowsExtension && m_frame.reserved != 0;
    m_message.isCompressed = m_frame.reserved != 0 && !m_message.isUnreadable;
    m_message.first = m_headerPlace;
    m_data.clear();
    if (m_message.isCompressed) m_inflater.beginMessage();
}

std::size_t WebSocketDirection::readPayload(Bytes bytes) {
    const auto rest = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), m_frame.length - m_payloadRead));
    Bytes payload = bytes.subspan(0, rest);
    if (!isIgnored()) {
        const bool whole = rest == m_frame.length;
        while (!payload.empty()) {
            Bytes part = payload.subspan(0, whole ? rest : std::min(kUnmaskBytes, payload.size()));
            payload = payload.subspan(part.size());
            if (m_frame.isMasked) {
                if (m_unmasked.size() < part.size()) m_unmasked.resize(part.size());
                unmask(part, m_frame.key, m_payloadRead, m_unmasked.data());
                part = Bytes(m_unmasked.data(), part.size());
            }
            m_payloadRead += part.size();
            addPayload(part);
        }
    } else {
        m_payloadRead += rest;
    }
    if (m_payloadRead == m_frame.length) frameEnded();
    return rest;
}

void WebSocketDirection::addPayload(Bytes payload) {
    if (m_frame.isControl()) {
        m_control += asText(payload);
        return;
    }
    m_message.wireBytes += payload.size();
    if (m_message.isUnreadable || m_message.isCut) return;
    if (m_message.isCompressed) {
        noteInflated(m_inflater.add(payload, m_data, kMaxMessageBytes));
        return;
    }
    // The usual message is one frame in one piece, and told where it stands.
    if (m_frame.isFinal && m_data.empty() && m_message.wireBytes == m_frame.length &&
        payload.size() == m_frame.length && payload.size() <= kMaxMessageBytes) {
        tell(asText(payload), false);
        return;
    }
    if (m_data.size() + payload.size() > kMaxMessageBytes) {
        payload = payload.subspan(0, kMaxMessageBytes - m_data.size());
        m_message.isCut = m_message.isTooLong = true;
    }
    m_data += asText(payload);
}

void WebSocketDirection::frameEnded() {
    m_state = State::Header;
    if (m_frame.opcode == WebSocketFrame::Close)
        closeFrameEnded();
    else if (!m_frame.isControl() && m_frame.isFinal && m_message.isOpen)
        messageEnded();
}

void WebSocketDirection::messageEnded() {
    if (m_message.isUnreadable) {
        m_message.isOpen = false;
        m_events.onMessagesLost(m_fromClient, m_place);
        return;
    }
    if (m_message.isCompressed && !m_message.isCut) {
        noteInflated(m_inflater.endMessage(m_data, kMaxMessageBytes));
        if (m_inflater.produced() > kMaxMessageBytes) m_message.isCut = m_message.isTooLong = true;
    }
    if (!m_message.isCut)
        tell(m_data, false);
    else if (!tellCut())
        m_events.onMessagesLost(m_fromClient, m_place);
}

void WebSocketDirection::noteInflated(WebSocketInflater::Status status) {
    if (status == WebSocketInflater::Status::Ok) return;
    m_message.isCut = true;
    if (status == WebSocketInflater::Status::TooLarge)
        m_message.isTooLong = true;
    else
        odd(kWebSocketInflate, m_fromClient ? "from the client" : "from the server");
}

bool WebSocketDirection::tellCut() {
    m_message.isOpen = false;
    if (m_message.isTooLong) odd(kWebSocketTooLarge, std::to_string(kMaxMessageBytes) + " octets are read");
    if (m_data.empty()) return false;
    tell(m_data, true);
    return true;
}

bool WebSocketDirection::breakOff() {
    if (!m_message.isOpen) return false;
    if (m_message.isCompressed) m_inflater.reset();
    return tellCut();
}

void WebSocketDirection::loseStep() {
    breakOff();
    m_inflater.reset();
    m_state = State::Searching;
    m_sawAll = false;
    m_events.onMessagesLost(m_fromClient, m_place);
}

void WebSocketDirection::gap(std::uint64_t length, const PiecePlace& place) {
    m_place = place;
    if (m_state == State::Closed) return;
    odd(kWebSocketLost, std::to_string(length) + " octets");
    const bool held = !m_held.empty();
    m_held.clear();
    if (m_state == State::Searching) return;
    if (held || m_state != State::Payload || length > m_frame.length - m_payloadRead) {
        loseStep();
        return;
    }
    m_payloadRead += length;
    if (m_frame.isControl()) {
        m_hasControlGap = true;
    } else if (m_message.isOpen) {
        m_message.isCut = true;
        m_message.wireBytes += length;
        if (m_message.isCompressed) m_inflater.reset();
    }
    if (m_payloadRead == m_frame.length) frameEnded();
}

void WebSocketDirection::finish() {
    breakOff();
    m_state = State::Closed;
}

void WebSocketDirection::closeFrameEnded() {
    breakOff();
    m_state = State::Closed;
    if (m_hasControlGap) return;
    std::uint16_t code = 0;
    std::string_view reason;
    if (m_control.size() == 1) odd(kWebSocketMalformed, "close frame of one octet");
    if (m_control.size() >= 2) {
        code = loadBigEndian<std::uint16_t>(asBytes(m_control).data());
        reason = std::string_view(m_control).substr(2);
    }
    m_events.onClosing(m_fromClient, code, reason, m_place);
}

void WebSocketDirection::odd(const FindingKind& kind, std::string_view evidence) {
    m_events.onOdd(m_fromClient, kind, evidence, m_place);
}

void WebSocketDirection::tell(std::string_view data, bool cut) {
    m_message.isOpen = false;
    WebSocketMessage message;
    message.fromClient = m_fromClient;
    message.isText = m_message.isText;
    message.cut = cut;
    message.data = data;
    message.wireBytes = m_message.wireBytes;
    message.first = m_message.first;
    message.last = m_place;
    m_events.onMessage(message);
    m_data.clear();
    if (m_data.capacity() > WebSocketConnection::kMaxKeptBytes) m_data.shrink_to_fit();
    if (m_unmasked.size() > WebSocketConnection::kMaxKeptBytes) m_unmasked = {};
}

} // namespace gatescope::http
