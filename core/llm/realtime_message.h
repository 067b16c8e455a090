// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope::llm {

/// What one JSON message of a session says of the session itself; what it says of an answer is BodyReader's matter.
/// Texts over 256 octets are not taken.
struct RealtimeMessage {
    std::string type;
    std::string eventId;            ///< of a client's message, chosen by the client
    std::string responseId;         ///< `response_id`, `response.id`
    std::string object;             ///< `response.object`, `session.object`: `realtime.response`, ...
    std::string sessionId;          ///< `session.id`
    std::string sessionModel;       ///< `session.model`
    std::string transcriptionModel; ///< the model that writes down what the caller says
    std::string errorEventId;       ///< `error.event_id`: the client's message that was refused
    std::optional<std::int64_t> maxTokens;
    std::optional<std::int64_t> limitTokens, remainingTokens; ///< of `rate_limits`, the entry `tokens`
};

/// Not thread-safe. Source: OpenAI realtime reference, client and server events, of the preview and the final form.
class RealtimeMessageReader {
public:
    RealtimeMessageReader();
    ~RealtimeMessageReader();
    RealtimeMessageReader(const RealtimeMessageReader&) = delete;
    RealtimeMessageReader& operator=(const RealtimeMessageReader&) = delete;

    /// Null when it is not one JSON object with a `type`. Valid until the next call.
    const RealtimeMessage* read(std::string_view text);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace gatescope::llm
