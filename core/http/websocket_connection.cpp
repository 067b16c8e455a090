// SPDX-License-Identifier: Apache-2.0
#include "core/http/websocket_connection.h"

#include "core/http/websocket_direction.h"
#include "core/http/websocket_findings.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace gatescope::http {

namespace {

WebSocketExtensions agreedIn(const WebSocketOptions& options) {
    if (options.handshake) return readExtensions(options.handshake->response.headers);
    WebSocketExtensions unseen; // whatever is compressed shows it by its first bit
    unseen.deflate = true;
    return unseen;
}

/// Codes that need no attention: done, going away, none given (RFC 6455, 7.4.1).
bool isOrdinaryClose(std::uint16_t code) {
    return code == 0 || code == 1000 || code == 1001;
}

/// Codes that may stand in a frame (RFC 6455, 7.4.2, and IANA's registry).
bool mayBeSent(std::uint16_t code) {
    return code >= 1000 && code < 5000 && code != 1004 && code != 1005 && code != 1006 && code != 1015;
}

} // namespace

struct WebSocketConnection::State final : WebSocketDirection::Events {
    State(WebSocketListener& whom, WebSocketOptions given)
        : listener(whom), options(std::move(given)), agreed(agreedIn(options)), directions{direction(0), direction(1)} {
    }

    WebSocketDirection direction(unsigned index) {
        return {*this, index == options.client, agreed, options.middle || !options.handshake};
    }

    void onFrame(bool, const WebSocketFrame&) override {}
    void onMessage(const WebSocketMessage& message) override { listener.onMessage(message); }
    void onMessagesLost(bool fromClient, const PiecePlace& place) override {
        listener.onMessagesLost(fromClient, place);
    }
    void onClosing(bool fromClient, std::uint16_t code, std::string_view reason, const PiecePlace& place) override {
        if (code != 0 && !mayBeSent(code))
            onOdd(fromClient, kWebSocketMalformed, "close code " + std::to_string(code), place);
        if (!isOrdinaryClose(code)) {
            std::string evidence = (fromClient ? "client: " : "server: ") + std::to_string(code);
            if (const std::string_view name = closeCodeName(code); !name.empty()) evidence.append(" ").append(name);
            onOdd(fromClient, kWebSocketClosed, evidence, place);
        }
        listener.onClosing(fromClient, code, reason, place);
    }
    void onOdd(bool, const FindingKind& kind, std::string_view evidence, const PiecePlace& place) override {
        if (std::ranges::find(said, &kind) != said.end()) return;
        said.push_back(&kind);
        Finding finding;
        finding.kind = &kind;
        if (!evidence.empty()) finding.evidence.emplace_back(evidence);
        if (place.packet != 0) finding.packet = place.packet;
        listener.onFinding(std::move(finding));
    }

    WebSocketListener& listener;
    WebSocketOptions options;
    WebSocketExtensions agreed;
    std::array<WebSocketDirection, 2> directions;
    std::vector<const FindingKind*> said;
    std::string protocol = "websocket";
    bool started = false;
    bool ended = false;
};

WebSocketConnection::WebSocketConnection(WebSocketListener& listener, WebSocketOptions options)
    : m_state(std::make_unique<State>(listener, std::move(options))) {}

WebSocketConnection::~WebSocketConnection() = default;

std::size_t WebSocketConnection::feed(unsigned direction, Bytes bytes, const PiecePlace& place) {
    State& state = *m_state;
    if (!state.started) {
        state.started = true;
        if (!state.agreed.unknown.empty()) state.onOdd(false, kWebSocketExtension, state.agreed.unknown, place);
    }
    state.directions[direction].feed(bytes, place);
    return bytes.size();
}

void WebSocketConnection::gap(unsigned direction, std::uint64_t length, const PiecePlace& place) {
    m_state->directions[direction].gap(length, place);
}

void WebSocketConnection::fin(unsigned, const PiecePlace& place) {
    State& state = *m_state;
    const auto& directions = state.directions;
    // Out of step, a close frame may have been missed.
    const bool missedNothing = directions[0].isInStep() && directions[1].isInStep();
    if (missedNothing && !directions[0].isClosed() && !directions[1].isClosed() && !state.ended)
        state.onOdd(false, kWebSocketNotClosed, {}, place);
}

void WebSocketConnection::close() {
    State& state = *m_state;
    if (std::exchange(state.ended, true)) return;
    for (WebSocketDirection& direction : state.directions) direction.finish();
    state.listener.onEnded();
}

std::optional<unsigned> WebSocketConnection::clientDirection() const {
    return m_state->options.client;
}

const std::string& WebSocketConnection::protocol() const {
    return m_state->protocol;
}

std::uint32_t WebSocketConnection::opened() const {
    return m_state->options.opened;
}

} // namespace gatescope::http
