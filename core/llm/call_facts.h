// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"
#include "core/base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::llm {

enum class TokenSource : std::uint8_t { Missing, Reported, Gateway, Log, Estimated };
/// `reported`, ...; Missing gives an empty text, because the contract leaves the field out.
std::string_view toString(TokenSource source);

/// Token counts, normalised: input includes cached. An absent value is unknown, which is not 0.
/// Source: the provider documents named in resources/token-usage-fields.json.
struct Usage {
    std::optional<std::int64_t> input;
    std::optional<std::int64_t> output;
    std::optional<std::int64_t> total; ///< as reported, else the sum where both parts are known
    std::optional<std::int64_t> cached;
    std::optional<std::int64_t> cacheWrite;
    std::optional<std::int64_t> reasoning;
    std::optional<std::int64_t> cacheWrite1h;                                     ///< part of `cacheWrite`
    std::optional<std::int64_t> audioInput, audioOutput, imageInput, imageOutput; ///< parts of input and output
    std::optional<std::int64_t> webSearches; ///< billed by the piece, not in tokens
    TokenSource source = TokenSource::Missing;
};

/// Our own count, made only when asked for. It never mixes with what was reported.
struct Estimate {
    std::optional<std::int64_t> input;
    std::optional<std::int64_t> output;
    std::string_view method; ///< `bytes`, `o200k`, `cl100k`; empty: none was made
};

/// What gateway and provider say of limits: in headers, and in the body of a refusal.
struct LimitFacts {
    std::string_view origin;                   ///< who refused: `apim-token-rate`, `aoai-standard`, ...; empty: nobody
    std::optional<std::int64_t> retryAfterNs;  ///< wait that the answer asks for
    std::optional<std::int64_t> gatewayTokens; ///< what the gateway's limiter booked for this call
    std::optional<std::int64_t> limitTokens;   ///< of the model's service, for a minute
    /// Left in the minute: by the gateway's limiter where it says so, else by the model's service.
    std::optional<std::int64_t> remainingTokens;
};

/// Who called: what the request says of itself. All of it can be forged by the caller.
struct Identity {
    std::string project;      ///< `openai-project`
    std::string projectId;    ///< `x-ms-foundry-project-id`
    std::string agent;        ///< `x-ms-foundry-agent-id` before its last `:`
    std::string agentVersion; ///< after it
    std::string connection;   ///< `x-ms-foundry-model-id` before its last `/`
    std::string headerModel;  ///< after it
    std::string caller;       ///< `appid` or `azp` of the bearer token, decoded and never verified
};

/// What one exchange says as a call of a model. Empty text is "no value".
struct CallFacts {
    std::string api; ///< `openai.chat`, `openai.responses`, `anthropic.messages`, ...; empty: not a model call
    Identity identity;
    std::string deployment;     ///< from the path
    std::string requestedModel; ///< from the request body
    std::string servedModel;    ///< `x-ms-served-model`, else from the response body
    std::string model;          ///< the best of them, by the rule in the contract
    bool streamRequested = false;
    bool stream = false;             ///< the response came as events
    std::uint32_t streamEvents = 0;  ///< events seen, `[DONE]` counted
    TimeNs firstToken = kNoTime;     ///< packet time of the first event with content
    std::uint32_t contentEvents = 0; ///< of those, the ones with content, reasoning or a piece of a tool call
    /// Octets of text delivered, in UTF-8 and without JSON's escapes: text, reasoning, refusals, and the arguments of
    /// tool calls (as JSON text where they are an object); not the names of tools, not sound or images. What an event
    /// repeats of earlier ones does not count. Absent when a part was lost, and for answers that are no text.
    std::optional<std::int64_t> contentBytes;
    std::uint32_t usageEvent = 0; ///< number of the event that carried the last token counts; 0: none
    Usage usage;
    Estimate estimate;
    LimitFacts limit;
    std::string sessionId;  ///< of a realtime session: `sess_...`
    std::string responseId; ///< `id` of the answer: `chatcmpl-...`, `resp_...`, `msg_...`
    std::string finishReason;
    std::string errorCode;
    std::string serviceTier;
    std::optional<std::int64_t> maxTokens; ///< output allowed by the request
    /// Octets of text in the prompt, in UTF-8 and without JSON's escapes: instructions, messages with the names and
    /// arguments of their tool calls and the results (as JSON text where they are an object), and the definitions of
    /// tools as their JSON text. Not images, sound, files, roles or ids. Absent when the body was not read whole, or
    /// names a prompt that is not in it, or holds numbers of tokens.
    std::optional<std::int64_t> promptBytes;
    std::uint32_t images = 0;    ///< in the prompt
    std::uint32_t toolCalls = 0; ///< in the answer
    std::string tools;           ///< their names in order, joined with commas: ToolCalls
    std::string contentFilter;   ///< `prompt:jailbreak:detected`, ... joined with commas: FilterVerdicts
    /// Of the request body as transferred, for finding repeated calls; never 0 for a body that was seen whole.
    std::uint64_t requestDigest = 0;
    std::vector<Finding> findings;
};

} // namespace gatescope::llm
