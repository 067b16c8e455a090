// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/llm_messages.h"

#include "core/gatewaylog/json_records.h"
#include "core/gatewaylog/json_walk.h"
#include "core/llm/json_text.h"

#include <algorithm>

namespace gatescope::gatewaylog {

namespace {

/// The gateway writes so many octets of a direction at most.
constexpr std::size_t kDirectionCap = 2U << 20;

bool beginsJson(std::string_view text) {
    return text.starts_with('[') || text.starts_with('{');
}

/// True when every number between `first` and `last`, which are in the list, is in it as well.
bool followEachOther(std::span<const std::int64_t> numbers, std::int64_t first, std::int64_t last) {
    const auto from = std::ranges::lower_bound(numbers, first);
    const auto to = std::ranges::lower_bound(numbers, last);
    // Differences of any two numbers fit when they are taken without a sign.
    return static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) ==
           static_cast<std::uint64_t>(to - from);
}

bool isWholeJson(std::string_view text) {
    if (text.size() >= kDirectionCap || !beginsJson(text)) return false;
    const std::size_t end = jsonValueEnd(text, 0);
    return end != std::string_view::npos && llm::skipBlanks(text, end) == text.size();
}

/// A request body that holds these messages.
std::string requestBody(std::string_view messages) {
    if (messages.starts_with('{')) return std::string(messages);
    return "{\"messages\":" + std::string(messages) + "}";
}

/// An answer that holds these messages, each as a choice.
std::string responseBody(std::string_view messages) {
    if (messages.starts_with('{')) return "{\"choices\":[{\"message\":" + std::string(messages) + "}]}";
    std::string body = "{\"choices\":[";
    JsonWalk walk(messages, 0);
    while (const auto message = walk.next()) {
        if (body.back() != '[') body += ',';
        body += "{\"message\":";
        body += messages.substr(message->at, message->end - message->at);
        body += '}';
    }
    return body + "]}";
}

} // namespace

bool MessageText::add(std::int64_t number, std::string&& text) {
    const auto at = std::ranges::lower_bound(m_pieces, number, {}, &std::pair<std::int64_t, std::string>::first);
    if (at != m_pieces.end() && at->first == number) {
        m_disagrees = m_disagrees || at->second != text;
        return false;
    }
    m_pieces.emplace(at, number, std::move(text));
    return true;
}

MessageText::Joined MessageText::joined(std::span<const std::int64_t> numbers) const {
    Joined joined;
    if (m_pieces.empty()) return joined;
    joined.isCut = m_disagrees;
    // The numbers begin at 0 or 1. A text that does not begin like JSON has lost its beginning.
    const bool fromBeginning =
        numbers.front() <= 1 && followEachOther(numbers, numbers.front(), m_pieces.front().first);
    if (!fromBeginning && !beginsJson(m_pieces.front().second)) return {{}, true};
    for (std::size_t i = 0; i < m_pieces.size(); ++i) {
        if (i != 0 && !followEachOther(numbers, m_pieces[i - 1].first, m_pieces[i].first)) {
            joined.isCut = true;
            return joined;
        }
        joined.text += m_pieces[i].second;
    }
    joined.isCut = joined.isCut || !isWholeJson(joined.text);
    return joined;
}

MessageFacts LlmMessages::read(const MessageText& request, const MessageText& response,
                               std::span<const std::int64_t> numbers) {
    MessageFacts facts;
    facts.hasRequest = !request.empty();
    facts.hasResponse = !response.empty();
    const auto asked = request.joined(numbers);
    const auto answered = response.joined(numbers);
    facts.requestIsCut = asked.isCut;
    facts.responseIsCut = answered.isCut;
    // Only what is whole is measured, as a chat: whatever the API was, the log writes messages with roles.
    LogRecord chat;
    chat.http.request.method = "POST";
    chat.http.request.target = "/v1/chat/completions";
    chat.http.response.status = 200;
    const bool readsRequest = facts.hasRequest && !asked.isCut;
    const bool readsResponse = facts.hasResponse && !answered.isCut;
    if (!readsRequest && !readsResponse) return facts;
    chat.http.requestTrace.seen = chat.http.responseTrace.seen = true;
    const std::string requestText = readsRequest ? requestBody(asked.text) : std::string();
    const std::string responseText = readsResponse ? responseBody(answered.text) : std::string();
    m_calls.read(chat, {requestText, responseText});
    facts.promptBytes = chat.call.promptBytes;
    facts.images = chat.call.images;
    facts.contentBytes = chat.call.contentBytes;
    facts.toolCalls = chat.call.toolCalls;
    facts.tools = std::move(chat.call.tools);
    return facts;
}

} // namespace gatescope::gatewaylog
