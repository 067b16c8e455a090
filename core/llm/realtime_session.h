// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/message.h"
#include "core/http/websocket_connection.h"
#include "core/llm/call_facts.h"
#include "core/llm/call_observer.h"

#include <memory>
#include <string>
#include <vector>

namespace gatescope::llm {

/// One response of a session, as an exchange of its own.
struct RealtimeCall {
    /// Method, target and request fields are those of the handshake; there is no status; the traces are those of the
    /// messages: from the client's `response.create` (or, where the server answers by itself, from what it answers:
    /// the sound that it took as a turn, else the client's last message) to `response.done`. Sizes are those of the
    /// messages, as transferred. The response is complete when it was seen from `response.created` to its end, and
    /// nothing in between was lost. Its index is the handshake's and one for each call before.
    http::Exchange exchange;
    CallFacts facts;
};

/// The calls inside one WebSocket of the realtime API, or of the responses API: one for each response that the model
/// gives, with the usage of its last message; one for each `response.create` that was refused or never answered; one
/// for each piece of the caller's speech that another model wrote down (`openai.transcription`), because that is billed
/// by itself. Sessions of other kinds give none. Keeps facts only, never messages. Not thread-safe; no exception.
/// Source: OpenAI and Azure OpenAI realtime references (server events), OpenAI guide to WebSocket mode.
class RealtimeSession {
public:
    /// Responses under way at a time; the API allows one, and one out of band for each item. The oldest is given up,
    /// with a finding.
    static constexpr std::size_t kMaxOpen = 64;

    /// Null: the handshake was not seen; messages tell whether it is a session. Options are those of CallObserver.
    explicit RealtimeSession(std::shared_ptr<const http::Exchange> handshake,
                             std::shared_ptr<CallWorkspace> workspace = {},
                             std::shared_ptr<const EstimateOptions> estimate = {}, CallLimits limits = {});
    ~RealtimeSession();
    RealtimeSession(const RealtimeSession&) = delete;
    RealtimeSession& operator=(const RealtimeSession&) = delete;

    void onMessage(const http::WebSocketMessage& message);
    /// Messages of one end were lost.
    void onLost(bool fromClient);
    /// What is under way is handed over as it is.
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
