// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/llm/body_facts.h"
#include "core/llm/response_headers.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatescope::llm {

/// Who refused a call, told from status, headers and body by the marks that each leaves. Empty: nobody did, or the
/// marks fit no one: a guess would send people to the wrong place. A refusal by a content filter is no limit.
///
/// | origin | who |
/// |---|---|
/// | `apim-token-rate`, `apim-token-too-large`, `apim-token-quota` | API Management, llm-token-limit |
/// | `apim-rate`, `apim-quota` | API Management, rate-limit and quota |
/// | `apim-backend-unavailable` | API Management: breaker open, pool empty |
/// | `aoai-standard`, `aoai-capacity`, `ptu` | Azure OpenAI: pay-as-you-go limit, no capacity, provisioned units full |
/// | `foundry-model-quota` | Foundry, models of partners |
/// | `openai-rate`, `openai-quota` | OpenAI |
/// | `anthropic-rate`, `anthropic-overloaded` | Anthropic |
/// | `gemini-quota`, `gemini-overloaded` | Google |
/// | `bedrock-rate` | Bedrock |
/// | `litellm`, `litellm-budget` | LiteLLM itself |
/// | `envoy-ratelimit`, `envoy-overload` | Envoy |
///
/// `text` is the body when it is not JSON. Constants.
std::string_view limitOrigin(int status, const LimitHeaders& headers, const ErrorFacts& error, std::string_view text);

/// True for a status that a limit gives: 429, 403, 503, 529, and 400 (LiteLLM's budgets).
bool mayBeRefusal(int status);

/// The wait that a refusal asks for, by the order of the vendors' SDKs: retry-after-ms, Retry-After in seconds, as a
/// date, then the text of the body.
std::optional<std::int64_t> waitAsked(const LimitHeaders& headers, const ErrorFacts& error, std::string_view text);

} // namespace gatescope::llm
