// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/message.h"
#include "core/http/websocket_connection.h"
#include "core/llm/call_facts.h"

#include <memory>
#include <string>
#include <vector>

namespace gatescope::llm {

/// One response of a realtime session, as an exchange of its own.
struct RealtimeCall {
    /// Method, target and request fields are those of the handshake; there is no status; the traces are those of the
    /// messages: from the client's `response.create` (or, where the server answers by itself, from what it answers)
    /// to `response.done`.
    http::Exchange exchange;
    CallFacts facts;
};

/// The calls inside one WebSocket of the realtime API: one for each response that the model gives, with the usage of
/// its `response.done`. Sessions of other kinds give none. Not thread-safe. Source: OpenAI and Azure OpenAI realtime
/// references (server events).
class RealtimeSession {
public:
    /// Responses under way at a time; the API allows one, and one out of band for each item.
    static constexpr std::size_t kMaxOpen = 64;

    /// Null: the handshake was not seen.
    explicit RealtimeSession(std::shared_ptr<const http::Exchange> handshake);
    ~RealtimeSession();
    RealtimeSession(const RealtimeSession&) = delete;
    RealtimeSession& operator=(const RealtimeSession&) = delete;

    void onMessage(const http::WebSocketMessage& message);
    /// Messages of one end were lost.
    void onLost(bool fromClient);
    void onEnded();

    /// Calls that are over and were not taken yet, in the order of their end.
    std::vector<RealtimeCall> takeDone();
    /// `sess_...` of `session.created`; empty until then.
    const std::string& sessionId() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace gatescope::llm
