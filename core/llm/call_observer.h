// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/message.h"
#include "core/llm/call_facts.h"
#include "core/llm/estimate.h"

#include <cstddef>
#include <memory>
#include <string_view>

namespace gatescope::llm {

struct Route;

struct CallLimits {
    /// A body is kept whole up to here while its message is under way, because simdjson wants whole documents.
    std::size_t maxWholeBody = 256 * 1024;
    /// Of a longer one only this much of each end is kept: the keys that matter stand at the ends.
    std::size_t headBytes = 32 * 1024;
    std::size_t tailBytes = 32 * 1024;
    /// A longer line or event of a stream is skipped, with a finding.
    std::size_t maxEventBytes = 1024 * 1024;
    /// Content decoding stops there (a bomb), with a finding.
    std::uint64_t maxDecodedBytes = 256ULL << 20;
};

/// What the observers of one worker share, because only one of them works at a time: parser, buffers, and the claims of
/// the last bearer tokens. Not thread-safe.
class CallWorkspace {
public:
    CallWorkspace();
    ~CallWorkspace();
    CallWorkspace(const CallWorkspace&) = delete;
    CallWorkspace& operator=(const CallWorkspace&) = delete;

private:
    friend class CallObserver;
    struct State;
    std::unique_ptr<State> m_state;
};

/// Reads one exchange as a call of a model, while it passes. One object serves many exchanges in turn:
/// `begin`, request head, body pieces, response head, body pieces, `take`. A response may begin before the request
/// has ended. Body pieces are as transferred (chunking removed, content coding still on); any split gives the same
/// facts. Keeps no body beyond `take`. Not thread-safe; one worker owns it.
class CallObserver {
public:
    /// Without a workspace it makes one of its own; a worker with many connections hands in one for all. With
    /// `estimate` on, every event is parsed and every text counted; without it, neither.
    explicit CallObserver(CallLimits limits = {}, std::shared_ptr<CallWorkspace> workspace = {},
                          std::shared_ptr<const EstimateOptions> estimate = {});
    ~CallObserver();
    CallObserver(CallObserver&&) noexcept;
    CallObserver& operator=(CallObserver&&) noexcept;

    /// Forgets the exchange before.
    void begin();
    void onRequestHead(const http::RequestHead& head);
    void onRequestBody(Bytes piece);
    /// Bytes of the body were never captured. What depends on them is left unknown.
    void onRequestGap();
    void onRequestEnd(bool complete);
    /// Only for the final response, never for 1xx.
    void onResponseHead(const http::ResponseHead& head);
    void onResponseBody(Bytes piece, TimeNs time);
    void onResponseGap();
    void onResponseEnd(bool complete);
    /// Instead of both heads: the call is one answer of a session of messages, such as a WebSocket's. Who called is in
    /// the head of the handshake, what it is in `route`. Then come the request's body, if it has one, messages, and
    /// ends.
    void beginInSession(const http::RequestHead& handshake, const Route& route);
    /// One whole message of the answer; it counts as an event.
    void onMessage(std::string_view data, TimeNs time);
    /// What is known by now of a call that is under way, without ending it. Of a stream whose usage has not come, the
    /// output is estimated from its text (octets over four), and says so.
    CallFacts soFar() const;
    /// What was learned. Valid in any state, also of a half exchange.
    CallFacts take();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace gatescope::llm
