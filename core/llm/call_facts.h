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
    TokenSource source = TokenSource::Missing;
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
    bool stream = false;            ///< the response came as events
    std::uint32_t streamEvents = 0; ///< events seen, `[DONE]` counted
    TimeNs firstToken = kNoTime;    ///< packet time of the first event with content
    Usage usage;
    std::string finishReason;
    std::string errorCode;
    std::vector<Finding> findings;
};

} // namespace gatescope::llm
