// SPDX-License-Identifier: Apache-2.0
#include "core/http/http1_connection.h"

#include "core/http/http1_direction.h"
#include "core/http/http1_start.h"
#include "core/http/http2_start.h"
#include "core/http/http_findings.h"
#include "core/http/websocket_start.h"

#include <utility>

namespace gatescope::http {

Http1Connection::Http1Connection(ExchangeListener& listener, bool startSeen, std::uint32_t firstIndex)
    : m_listener(listener), m_startSeen(startSeen),
      m_directions{std::make_unique<Direction>(*this), std::make_unique<Direction>(*this)}, m_opened(firstIndex) {}

Http1Connection::~Http1Connection() = default;

std::size_t Http1Connection::feed(unsigned index, Bytes bytes, const PiecePlace& place) {
    if (m_done) return 0;
    Direction& direction = *m_directions[index];
    if (direction.state == Direction::State::Held) {
        hold(direction, bytes, place);
        return bytes.size();
    }
    switch (direction.state) {
    case Direction::State::Messages:
    case Direction::State::Searching:
        return advance(direction, bytes, place);
    case Direction::State::Undecided:
        return decide(direction, bytes, place);
    case Direction::State::Held:
    case Direction::State::Alone:
        break;
    }
    return bytes.size();
}

unsigned Http1Connection::indexOf(const Direction& direction) const {
    return &direction == m_directions[0].get() ? 0 : 1;
}

std::size_t Http1Connection::decide(Direction& direction, Bytes bytes, const PiecePlace& place) {
    std::string_view text = asText(bytes);
    std::string joined;
    if (!direction.start.empty()) {
        joined = direction.start + std::string(text.substr(0, kMaxStartLine));
        text = joined;
    }
    const bool middle = !m_startSeen || direction.lostStep;
    switch (const StartKind kind = classifyStart(text, !middle); kind) {
    case StartKind::Undecided:
        if (direction.start.empty()) direction.startPlace = place;
        direction.start = text;
        return bytes.size();
    case StartKind::Request:
    case StartKind::Response: {
        // One end asks, the other answers: the second to speak cannot be in the same part.
        const bool fromClient = kind == StartKind::Request;
        if (m_client && fromClient != (indexOf(direction) == *m_client)) break;
        const std::string begun = std::move(direction.start);
        direction.start.clear();
        begin(direction, fromClient);
        if (!begun.empty()) advance(direction, asBytes(begun), direction.startPlace);
        return advance(direction, bytes, place);
    }
    case StartKind::Tls:
        handOverTo({NextProtocol::Tls, "tls", {}, {}}, middle);
        return 0;
    case StartKind::Http2Preface:
        m_client = indexOf(direction);
        handOverTo({NextProtocol::Http2, "h2c", {}, {}}, false);
        return 0;
    case StartKind::Other:
        break;
    }
    return decideOther(direction, text, bytes, place);
}

std::size_t Http1Connection::decideOther(Direction& direction, std::string_view text, Bytes bytes,
                                         const PiecePlace& place) {
    const auto wait = [&] {
        if (direction.start.empty()) direction.startPlace = place;
        direction.start = text;
        return bytes.size();
    };
    if (!m_client) {
        bool undecided = false;
        if (isServerPreface(text, undecided)) {
            m_client = 1 - indexOf(direction);
            handOverTo({NextProtocol::Http2, "h2c", {}, {}}, false);
            return 0;
        }
        if (undecided && text.size() < kStartBytes) return wait();
    }
    if (m_startSeen && !direction.lostStep && !m_client) {
        const StartKind claim = classifyClaim(text);
        if (claim == StartKind::Undecided) return wait();
        if (claim == StartKind::Other) {
            handOverTo({}, false);
            return 0;
        }
    }
    // What was taken for the beginning of a start line is searched like the rest.
    const std::string begun = std::exchange(direction.start, {});
    direction.state = Direction::State::Searching;
    direction.lostStep = true;
    if (!begun.empty()) advance(direction, asBytes(begun), direction.startPlace);
    return advance(direction, bytes, place);
}

bool Http1Connection::isOtherFromMiddle(const Direction& direction, Bytes bytes) {
    if (m_client || (m_startSeen && !direction.lostStep)) return false;
    if (looksLikeHttp2(asText(bytes))) {
        handOverTo({NextProtocol::Http2, "h2c", {}, {}}, true);
        return true;
    }
    bool fromClient = false;
    if (!looksLikeWebSocket(bytes, fromClient)) return false;
    m_client = fromClient ? indexOf(direction) : 1 - indexOf(direction);
    handOverTo({NextProtocol::WebSocket, "websocket", {}, {}}, true);
    return true;
}

void Http1Connection::handOverTo(Next next, bool middle) {
    m_done = true;
    if (!next.name.empty()) m_protocol = next.name;
    m_handover.emplace();
    m_handover->next = next.protocol;
    m_handover->name = std::move(next.name);
    m_handover->middle = middle;
    m_handover->exchange = std::move(next.exchange);
    m_handover->handshake = std::move(next.handshake);
    for (auto& direction : m_directions) {
        if (direction->state == Direction::State::Messages) cutMessage(*direction);
        if (direction->state == Direction::State::Searching) direction->start.clear();
        direction->state = Direction::State::Alone;
        Handover::Begun& begun = m_handover->begun[indexOf(*direction)];
        begun.octets = std::exchange(direction->start, {});
        begun.place = direction->heldPieces.empty() ? direction->startPlace : direction->heldPieces.front().place;
        direction->heldPieces.clear();
    }
    while (!m_waiting.empty()) handOverFront();
}

std::optional<Handover> Http1Connection::takeHandover() {
    return std::exchange(m_handover, std::nullopt);
}

void Http1Connection::begin(Direction& direction, bool asRequest) {
    direction.isRequest = asRequest;
    direction.state = Direction::State::Messages;
    direction.searched = 0;
    direction.parser.start(asRequest ? Http1Parser::Kind::Request : Http1Parser::Kind::Response, direction);
    if (!m_client) m_client = asRequest ? indexOf(direction) : 1 - indexOf(direction);
}

std::size_t Http1Connection::advance(Direction& direction, Bytes bytes, const PiecePlace& place) {
    const std::size_t size = bytes.size();
    direction.place = place;
    while (!bytes.empty()) {
        if (direction.state == Direction::State::Searching && bytes.size() == size &&
            isOtherFromMiddle(direction, bytes))
            return 0;
        if (direction.state == Direction::State::Searching) bytes = search(direction, bytes, place);
        if (direction.state == Direction::State::Held) {
            hold(direction, bytes, place);
            return size;
        }
        if (direction.state != Direction::State::Messages) return m_done ? size - bytes.size() : size;
        std::size_t consumed = 0;
        const auto result = direction.parser.feed(bytes, consumed);
        if (result == Http1Parser::Result::Consumed) return size;
        bytes = bytes.subspan(consumed);
        if (result == Http1Parser::Result::Upgraded) {
            upgraded(direction);
        } else {
            failed(direction);
            // The octet that failed may have been the last of a start line that was taken wrongly: look behind it.
            if (!bytes.empty()) bytes = bytes.subspan(1);
        }
    }
    return size;
}

void Http1Connection::hold(Direction& direction, Bytes bytes, const PiecePlace& place) {
    if (direction.heldPieces.size() >= kMaxHeldPieces || direction.start.size() + bytes.size() > kMaxHeldBytes)
        m_asking = nullptr;
    direction.start += asText(bytes);
    direction.heldPieces.push_back({direction.start.size(), place});
    if (m_asking == nullptr && !m_switching) release(direction);
}

void Http1Connection::release(Direction& direction) {
    if (direction.state != Direction::State::Held) return;
    direction.state = Direction::State::Messages;
    const std::string octets = std::exchange(direction.start, {});
    const auto pieces = std::exchange(direction.heldPieces, {});
    std::size_t at = 0;
    for (const Direction::HeldPiece& piece : pieces) {
        feed(indexOf(direction), asBytes(std::string_view(octets).substr(at, piece.end - at)), piece.place);
        at = piece.end;
    }
}

void Http1Connection::releaseUnlessAsking() {
    if (m_asking == nullptr && !m_switching && m_client) release(*m_directions[*m_client]);
}

Bytes Http1Connection::search(Direction& direction, Bytes bytes, const PiecePlace& place) {
    const bool requests = !m_client || *m_client == indexOf(direction);
    const bool responses = !m_client || *m_client != indexOf(direction);
    // A start line may have begun in the piece before.
    const std::string before = std::exchange(direction.start, {});
    std::string joined;
    std::string_view text = asText(bytes);
    if (!before.empty()) {
        joined = before;
        joined += text;
        text = joined;
    }
    if (const auto found = findStart(text, requests, responses, before.size())) {
        begin(direction, found->kind == StartKind::Request);
        if (found->offset >= before.size()) return bytes.subspan(found->offset - before.size());
        advance(direction, asBytes(std::string_view(before).substr(found->offset)), direction.startPlace);
        direction.place = place;
        return bytes;
    }
    direction.searched += bytes.size();
    if (!m_client && direction.searched > kMaxSearchBytes) {
        direction.state = Direction::State::Alone;
        return {};
    }
    const std::size_t kept = findUnfinishedStart(text, requests, responses);
    if (kept >= before.size()) direction.startPlace = place;
    direction.start = text.substr(kept);
    return {};
}

void Http1Connection::failed(Direction& direction) {
    if (direction.current != nullptr) note(*direction.current, kMalformed, direction.parser.failure());
    cutMessage(direction);
    direction.state = Direction::State::Searching;
    direction.lostStep = true;
}

void Http1Connection::upgraded(Direction& direction) {
    if (!direction.isRequest) {
        const bool clientLost = m_directions[1 - indexOf(direction)]->state == Direction::State::Searching;
        handOverTo(std::exchange(m_next, {}), clientLost);
        return;
    }
    // Until the server agrees the old protocol goes on, but what comes now may be the new one already.
    if (m_asking != nullptr) direction.state = Direction::State::Held;
}

void Http1Connection::gap(unsigned index, std::uint64_t length, const PiecePlace& place) {
    if (m_done) return;
    Direction& direction = *m_directions[index];
    if (direction.state == Direction::State::Held) {
        m_asking = nullptr;
        release(direction);
    }
    direction.place = place;
    switch (direction.state) {
    case Direction::State::Held:
    case Direction::State::Alone:
        return;
    case Direction::State::Undecided:
        direction.start.clear();
        direction.lostStep = true;
        return;
    case Direction::State::Searching:
        direction.start.clear();
        return;
    case Direction::State::Messages:
        break;
    }
    if (direction.current != nullptr) {
        if (!direction.trace().gap) note(*direction.current, kBodyGap, std::to_string(length) + " octets");
        direction.trace().gap = true;
        if (direction.trace().seen) {
            if (direction.isRequest)
                m_listener.onRequestGap(*direction.current);
            else
                m_listener.onResponseGap(*direction.current);
        }
        if (direction.parser.gap(length)) return;
    }
    cutMessage(direction);
    direction.state = Direction::State::Searching;
    direction.lostStep = true;
}

void Http1Connection::fin(unsigned index, const PiecePlace& place) {
    Direction& direction = *m_directions[index];
    if (direction.state != Direction::State::Messages) return;
    if (place.time > direction.place.time && direction.current != nullptr && !direction.isRequest)
        direction.place = place;
    if (!direction.parser.finish()) cutMessage(direction);
}

void Http1Connection::close() {
    if (m_handover && m_handover->exchange) m_listener.onDone(std::move(m_handover->exchange));
    m_asking = nullptr;
    releaseUnlessAsking();
    for (auto& direction : m_directions)
        if (direction->state == Direction::State::Messages) cutMessage(*direction);
    while (!m_waiting.empty()) handOverFront();
}

} // namespace gatescope::http
