// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/field.h"

#include "core/analysis/header_names.h"
#include "core/base/edit_distance.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace gatescope::analysis {

namespace {

using enum FieldType;

constexpr std::array kFields = std::to_array<FieldInfo>({
    {FieldId::Id, "id", Integer, "Number in this result, from 1, in the order of time"},
    {FieldId::Input, "input", Text, "Input that it came from, as named by the user"},
    {FieldId::Source, "source", Text, "packets, or the format of the log"},
    {FieldId::Flow, "flow", Integer, "Number of the connection"},
    {FieldId::Packet, "packet", Integer, "Number of the packet with the first byte of the request"},
    {FieldId::Time, "time", Time, "First byte of the request"},
    {FieldId::Duration, "duration_ms", Duration, "First byte of the request to last byte of the response"},
    {FieldId::Ttfb, "ttfb_ms", Duration, "First byte of the request to first byte of the response"},
    {FieldId::Ttft, "ttft_ms", Duration, "First byte of the request to the first event with content"},
    {FieldId::Client, "client", Text, "Address and port of the client"},
    {FieldId::Server, "server", Text, "Address and port of the server"},
    {FieldId::Protocol, "protocol", Text, "http/1.0, http/1.1, h2, h2c, websocket or h3"},
    {FieldId::Tls, "tls", Text, "none, or the TLS version"},
    {FieldId::Method, "method", Text, "Request method"},
    {FieldId::Scheme, "scheme", Text, "http or https"},
    {FieldId::Host, "host", Text, "Host that the request names"},
    {FieldId::Path, "path", Text, "Path of the request target, as sent"},
    {FieldId::Query, "query", Text, "Query of the request target, secrets masked"},
    {FieldId::Status, "status", Integer, "Status code; none when no response was seen"},
    {FieldId::RequestBytes, "request_bytes", Integer, "Request body, content coding still on"},
    {FieldId::ResponseBytes, "response_bytes", Integer, "Response body, content coding still on"},
    {FieldId::Complete, "complete", Boolean, "Both messages were seen whole"},
    {FieldId::Project, "project", Text, "Project by the header openai-project"},
    {FieldId::ProjectId, "project_id", Text, "Project by the header x-ms-foundry-project-id"},
    {FieldId::Agent, "agent", Text, "Agent by the header x-ms-foundry-agent-id, before the last colon"},
    {FieldId::AgentVersion, "agent_version", Text, "What stands after that colon"},
    {FieldId::Model, "model", Text, "Model: by header, else deployment, else the body, else the one that answered"},
    {FieldId::Connection, "connection", Text, "Connection by the header x-ms-foundry-model-id, before the last slash"},
    {FieldId::Deployment, "deployment", Text, "Deployment in the path"},
    {FieldId::RequestedModel, "requested_model", Text, "Model that the request body asks for"},
    {FieldId::ServedModel, "served_model", Text, "Model that answered"},
    {FieldId::Api, "api", Text,
     "Kind of model call: openai.chat, openai.responses, ...; or what is none: openai.files, mcp, ..."},
    {FieldId::Caller, "caller", Text, "Application in the bearer token, not verified"},
    {FieldId::Stream, "stream", Boolean, "The answer came as events"},
    {FieldId::InputTokens, "input_tokens", Integer, "Tokens of the input, cached ones included"},
    {FieldId::OutputTokens, "output_tokens", Integer, "Tokens of the output"},
    {FieldId::TotalTokens, "total_tokens", Integer, "Tokens of input and output"},
    {FieldId::CachedTokens, "cached_tokens", Integer, "Input tokens read from the cache"},
    {FieldId::CacheWriteTokens, "cache_write_tokens", Integer, "Input tokens written to the cache"},
    {FieldId::ReasoningTokens, "reasoning_tokens", Integer, "Output tokens spent on reasoning"},
    {FieldId::TokenSource, "token_source", Text, "reported, gateway, log or estimated"},
    {FieldId::FinishReason, "finish_reason", Text, "Why the model stopped"},
    {FieldId::ErrorCode, "error_code", Text, "Code of the error in the answer"},
    {FieldId::LimitOrigin, "limit_origin", Text, "Who refused the call for a limit"},
    {FieldId::ForwardedFor, "forwarded_for", TextList, "Hops of X-Forwarded-For, left to right"},
    {FieldId::EffectiveClient, "effective_client", Text, "Client after trusted hops"},
    {FieldId::Ja4, "ja4", Text, "JA4 fingerprint of the client hello"},
    {FieldId::Traceparent, "traceparent", Text, "Trace context of the request"},
    {FieldId::RequestId, "request_id", Text, "x-request-id of the request, else of the response"},
    {FieldId::StreamEvents, "stream_events", Integer, "Events of the answer, the closing one counted"},
    {FieldId::ContentEvents, "content_events", Integer, "Events of the answer that carried content"},
    {FieldId::ContentBytes, "content_bytes", Integer, "Octets of text that the answer delivered"},
    {FieldId::UsageEvent, "usage_event", Integer, "Number of the event that carried the token counts, from 1"},
    {FieldId::ClosedBy, "closed_by", Text,
     "Who ended the connection under the answer: client-fin, client-rst, server-fin, server-rst"},
    {FieldId::MaxTokens, "max_tokens", Integer, "Most output tokens that the request allows"},
    {FieldId::PromptBytes, "prompt_bytes", Integer, "Octets of text in the prompt: messages, instructions, tools"},
    {FieldId::Images, "images", Integer, "Images in the prompt"},
    {FieldId::ToolCalls, "tool_calls", Integer, "Calls of tools in the answer"},
    {FieldId::Tools, "tools", TextList, "Names of the tools called, in order"},
    {FieldId::ContentFilter, "content_filter", TextList,
     "What the content filter said, such as prompt:jailbreak:detected"},
    {FieldId::AudioInputTokens, "audio_input_tokens", Integer, "Input tokens that were audio"},
    {FieldId::AudioOutputTokens, "audio_output_tokens", Integer, "Output tokens that were audio"},
    {FieldId::ImageInputTokens, "image_input_tokens", Integer, "Input tokens that were images"},
    {FieldId::ImageOutputTokens, "image_output_tokens", Integer, "Output tokens that were images"},
    {FieldId::CacheWrite1hTokens, "cache_write_1h_tokens", Integer,
     "Of the tokens written to the cache, those kept for an hour"},
    {FieldId::WebSearches, "web_searches", Integer, "Searches that the provider made for this answer"},
    {FieldId::SessionId, "session_id", Text, "Realtime session that the call was made in: sess_..."},
    {FieldId::StreamId, "stream_id", Integer, "Number of the HTTP/2 stream in its connection"},
    {FieldId::ServiceTier, "service_tier", Text, "Service tier that answered"},
    {FieldId::GatewayTokens, "gateway_tokens", Integer, "Tokens that the gateway counted, by its header"},
    {FieldId::LimitTokens, "limit_tokens", Integer, "Token limit that the answer states"},
    {FieldId::RemainingTokens, "remaining_tokens", Integer, "Tokens left under the limit, as the answer states"},
    {FieldId::RetryAfter, "retry_after_ms", Duration, "How long the answer asks to wait"},
    {FieldId::EstimatedInputTokens, "estimated_input_tokens", Integer,
     "Our own estimate of the input; only with --estimate"},
    {FieldId::EstimatedOutputTokens, "estimated_output_tokens", Integer,
     "Our own estimate of the output; only with --estimate"},
    {FieldId::EstimateMethod, "estimate_method", Text, "How it was estimated: bytes, o200k or cl100k"},
    {FieldId::Line, "line", Integer, "Line of the log where the record begins"},
    {FieldId::CorrelationId, "correlation_id", Text, "Id that API Management gave the request"},
    {FieldId::ResponseId, "response_id", Text, "Id that the model gave its answer"},
    {FieldId::TransactionId, "transaction_id", Text, "Id that Application Gateway gave the request"},
    {FieldId::TraceId, "trace_id", Text, "Trace id, where a log states it"},
    {FieldId::Backend, "backend", Text, "Where the gateway sent the call"},
    {FieldId::BackendTime, "backend_ms", Duration, "Time that the backend took"},
    {FieldId::ClientClass, "client_class", Text, "Range of the effective client: cgnat, private, public, ..."},
    {FieldId::JoinedBy, "joined_by", Text, "Rule that tied records of the same call together"},
    {FieldId::JoinCertainty, "join_certainty", Text, "sure or likely"},
    {FieldId::JoinedWith, "joined_with", TextList, "Sources of the records tied to this one"},
    {FieldId::LogicalCall, "logical_call", Integer, "Id of the first attempt of this call"},
    {FieldId::Attempt, "attempt", Integer, "Which attempt of that call this is, from 1"},
    {FieldId::State, "state", Text, "While a live call is under way: waiting, answering or streaming"},
    {FieldId::Findings, "findings", TextList, "Ids of what is odd about this exchange"},
});

static_assert(kFields.size() == static_cast<std::size_t>(FieldId::RequestHeader));

constexpr std::string_view kRequestPrefix = "header:";
constexpr std::string_view kResponsePrefix = "response-header:";
constexpr std::size_t kLongestSuggested = 64; ///< longer words are no slip of the finger

bool isTokenChar(char c) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~:";
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
}

std::expected<Field, Error> parseHeader(FieldId id, std::string_view whole, std::string_view name) {
    if (name.empty() || !std::all_of(name.begin(), name.end(), isTokenChar))
        return std::unexpected(Error{ErrorKind::Usage, fmt::format("\"{}\" is no header field: a header name must "
                                                                   "follow the colon",
                                                                   whole)});
    return Field{id, Text, toLower(name)};
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

} // namespace

std::span<const FieldInfo> fields() {
    return kFields;
}

std::string_view nearestFieldName(std::string_view name) {
    if (name.empty() || name.size() > kLongestSuggested) return {};
    const std::string lower = toLower(name);
    std::string_view best;
    std::size_t bestDistance = std::max<std::size_t>(2, lower.size() / 3) + 1;
    for (const FieldInfo& field : kFields) {
        // `duration` and `token` are not far from a name that only has more to it.
        const bool part = lower.size() >= 3 && field.name.find(lower) != std::string_view::npos;
        const std::size_t distance = part ? 1 : editDistance(lower, field.name);
        if (distance >= bestDistance) continue;
        best = field.name;
        bestDistance = distance;
    }
    return best;
}

std::string Field::name() const {
    if (id == FieldId::RequestHeader) return fmt::format("{}{}", kRequestPrefix, header);
    if (id == FieldId::ResponseHeader) return fmt::format("{}{}", kResponsePrefix, header);
    return std::string(kFields[static_cast<std::size_t>(id)].name);
}

std::expected<Field, Error> Field::parse(std::string_view name) {
    if (name.starts_with(kRequestPrefix))
        return parseHeader(FieldId::RequestHeader, name, name.substr(kRequestPrefix.size()));
    if (name.starts_with(kResponsePrefix))
        return parseHeader(FieldId::ResponseHeader, name, name.substr(kResponsePrefix.size()));
    for (const FieldInfo& field : kFields)
        if (field.name == name) return Field{field.id, field.type, {}};
    std::string message = fmt::format("unknown field \"{}\"", name);
    if (const auto near = nearestFieldName(name); !near.empty()) message += fmt::format("; did you mean {}?", near);
    return std::unexpected(Error{ErrorKind::Usage, std::move(message)});
}

std::expected<std::vector<Field>, Error> parseFields(std::string_view list) {
    std::vector<Field> result;
    for (std::size_t from = 0; from <= list.size();) {
        const std::size_t comma = std::min(list.find(',', from), list.size());
        auto field = Field::parse(trimmed(list.substr(from, comma - from)));
        if (!field) return std::unexpected(std::move(field.error()));
        result.push_back(std::move(*field));
        from = comma + 1;
    }
    return result;
}

} // namespace gatescope::analysis
